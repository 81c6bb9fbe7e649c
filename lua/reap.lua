-- reap: moves one overdue match on, so that none hangs.
-- Keys      1 match:<match>  2 match:deadlines  3 outbox  4 queue:leases  5 queue:<mode>  6 queue:log:<mode>
--           7 pods  8 penalties, then metadata:<member> of each member, then of each member
--           penalty:player:<member>  penalty:device:<device>
-- Arguments 1-4 common  5 match id  6 members, as a comma list  7 mode  8 next host, '' none
--           9 ms a battle may take  10 ms a match without a host waits  11 hosts asked at most
--           12 ms of a half-life  13 steps of the sanctions in s  14 SHA-256 of the members' devices, as a comma
--           list, '-' none  15 ms by which a time-out may be late and still be somebody's fault
-- Reply     TIMED_OUT, '', how many were sanctioned, all members: who had loaded is queued again, or in the
--           lobby when his mate had not; who had not is in the lobby, with a sanction if the match had reached
--           him (prompt_seen) at a process that still lives and still has him
--           READY, host, hosts asked before: ask this host now
--           CANCELLED, '', '', all members, queued again: nobody could compute the battle
-- Errors    EARLY (not due, or moved on by another), NO (not active, forgotten now): nothing else changes
-- Cost      5 commands and 6 a member, 12 more for a sanction, O(log waiters)
-- Needs     player queue match penalty

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

local sanctioned, devices = 0, {}
for device in string.gmatch(ARGV[14], '[^,]+') do devices[#devices + 1] = device end

-- Nobody is to blame when the servers slept, when the match never reached the client, or when the process that
-- had the client is gone: then ''. KEYS[first] and on are the records of the members.
local function sanction_of(member, i, first)
    if now - deadline > tonumber(ARGV[15]) then return '' end
    local seen = redis.call('HGET', KEYS[1], 'p:' .. member.id)
    local here = (member.pod or '') .. ':'
    if not seen or string.sub(seen, 1, #here) ~= here then return '' end
    local alive = redis.call('ZSCORE', KEYS[7], 'process:' .. seen)
    if not alive or tonumber(alive) <= now then return '' end
    sanctioned = sanctioned + 1
    return punish(KEYS[first + 2 * i - 2], KEYS[first + 2 * i - 1], KEYS[8], member.id, devices[i] or '-',
        tonumber(ARGV[12]), ARGV[13])
end

-- Back to their places, and to the lobby who cannot wait again without his mate.
local function queue_again(all, again, why)
    for _, member in ipairs(all) do
        if again[member.id] then
            requeue(member, KEYS[5], KEYS[6], KEYS[4], KEYS[3], why)
        elseif again[member.id] == false then
            to_lobby(member, KEYS[3], why)
        end
    end
end

if status == 'loading' then
    close_match(KEYS[1], KEYS[2], id, 'timed_out')
    local all = members(ARGV[6], 9)
    local function loaded(member) return redis.call('HEXISTS', KEYS[1], 'r:' .. member.id) == 1 end
    local again = waiters_again(all, id, loaded)
    for i, member in ipairs(all) do
        if member.mid == id and again[member.id] == nil then
            to_lobby(member, KEYS[3], 'you_timed_out', 'pen', sanction_of(member, i, 9 + #all))
        end
    end
    queue_again(all, again, 'opponent_timed_out')
    return answer('TIMED_OUT', '', sanctioned, all)
end

local attempts = (tonumber(match[4]) or 0) + 1
if attempts >= tonumber(ARGV[11]) then
    close_match(KEYS[1], KEYS[2], id, 'cancelled', 'why', 'server')
    local all = members(ARGV[6], 9)
    queue_again(all, waiters_again(all, id, function() return true end), 'server')
    return answer('CANCELLED', '', '', all)
end

local phase_ms = host == '' and ARGV[10] or ARGV[9]
redis.call('HSET', KEYS[1], 'status', host == '' and 'ready' or 'battling', 'host', host, 'attempts',
    whole(attempts))
redis.call('ZADD', KEYS[2], whole(now + phase_ms), id)
return {'READY', host, whole(attempts)}
