-- reap: moves one overdue match on, so that none hangs.
-- Keys      1 match:<match>  2 match:deadlines  3 outbox  4 queue:leases  5 queue:<mode>  6 queue:log:<mode>,
--           then metadata:<member> of each member
-- Arguments 1-4 common  5 match id  6 members, as a comma list  7 mode  8 next host, '' none
--           9 ms a battle may take  10 ms a match without a host waits  11 hosts asked at most
-- Reply     TIMED_OUT, '', '', all members: who had loaded is queued again, who had not is in the lobby
--           READY, host, hosts asked before: ask this host now
--           CANCELLED, '', '', all members, queued again: nobody could compute the battle
-- Errors    EARLY (not due, or moved on by another), NO (not active, forgotten now): nothing else changes
-- Cost      5 commands and 6 a member, O(log waiters)

local id, host = ARGV[5], ARGV[8]
local deadline = redis.call('ZSCORE', KEYS[2], id)
if not deadline or tonumber(deadline) > now then return {'EARLY', '', ''} end
local match = read(KEYS[1], 'status', 'players', 'mode', 'attempts')
local status = match[1]
if status ~= 'loading' and status ~= 'ready' and status ~= 'battling' then
    redis.call('ZREM', KEYS[2], id)
    return {'NO', '', ''}
end
if match[2] ~= ARGV[6] or match[3] ~= ARGV[7] then return {'EARLY', '', ''} end

local function again(member, why) requeue(member, KEYS[5], KEYS[6], KEYS[4], KEYS[3], why) end

if status == 'loading' then
    close_match(KEYS[1], KEYS[2], id, 'timed_out')
    local all = members(ARGV[6], 7)
    for _, member in ipairs(all) do
        if member.mid == id and redis.call('HEXISTS', KEYS[1], 'r:' .. member.id) == 1 then
            again(member, 'opponent_timed_out')
        elseif member.mid == id then
            to_lobby(member, KEYS[3], 'you_timed_out')
        end
    end
    return answer('TIMED_OUT', '', '', all)
end

local attempts = (tonumber(match[4]) or 0) + 1
if attempts >= tonumber(ARGV[11]) then
    close_match(KEYS[1], KEYS[2], id, 'cancelled', 'why', 'server')
    local all = members(ARGV[6], 7)
    for _, member in ipairs(all) do
        if member.mid == id then again(member, 'server') end
    end
    return answer('CANCELLED', '', '', all)
end

local phase_ms = host == '' and ARGV[10] or ARGV[9]
redis.call('HSET', KEYS[1], 'status', host == '' and 'ready' or 'battling', 'host', host, 'attempts',
    whole(attempts))
redis.call('ZADD', KEYS[2], whole(now + phase_ms), id)
return {'READY', host, whole(attempts)}
