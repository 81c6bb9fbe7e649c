-- lease_acquire: takes the lease of a queue when it is free, or ours from before.
-- Keys      1 lock:matchmaker:<mode>
-- Arguments 1 time  2 owner (no colon)  3 ms the lease lasts  4 highest epoch the owner has seen, '' none
-- Reply     OK, value of the lock: "<owner>:<epoch>", '' | HELD, value of the lock, ms it still lasts
-- Errors    none
-- Cost      2 commands

local value = redis.call('GET', KEYS[1])
local owner, epoch = string.match(value or '', '^(.*):(%d+)$')
if value and owner ~= ARGV[2] then return {'HELD', value, redis.call('PTTL', KEYS[1])} end

local seen = math.max(tonumber(epoch) or 0, tonumber(ARGV[4]) or 0)
value = ARGV[2] .. ':' .. after(whole(seen))
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
return {'OK', value, ''}
