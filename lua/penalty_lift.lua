-- penalty_lift: an operator forgives a player or a device, wholly or by one step.
-- Keys      1 penalty:player:<id> or penalty:device:<hash>  2 penalties
-- Arguments 1 time  2 ms of a half-life  3 steps of the sanctions in s  4 name in penalties  5 full or step
-- Reply     OK, score left, when its sanction ends in ms (0: no record is left). A step takes one violation
--           off the score, and what is in force ends no later than the lesser sanction would, begun now
-- Errors    NONE: there is no record
-- Cost      6 commands
-- Needs     penalty

local v = read(KEYS[1], 'score', 'at_ms', 'until_ms')
if not v[1] then
    redis.call('ZREM', KEYS[2], ARGV[4])
    return {'NONE', '0', '0'}
end
local half_life, steps = tonumber(ARGV[2]), numbers(ARGV[3])
local score = decayed(integer(v[1]) or 0, integer(v[2]) or now, half_life) - VIOLATION
local step = math.min(step_of(score), #steps)
if ARGV[5] == 'full' or step <= 0 then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[4])
    return {'OK', '0', '0'}
end
local until_ms = math.min(integer(v[3]) or 0, now + steps[step] * 1000)
keep_penalty(KEYS[1], KEYS[2], ARGV[4], score, until_ms, half_life)
return {'OK', whole(score), whole(until_ms)}
