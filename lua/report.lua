-- report: the result of a battle, accepted once per match.
-- Keys      1 match:<match>  2 match:deadlines  3 outbox  4 queue:leases  5 queue:<mode>  6 queue:log:<mode>,
--           then metadata:<member> of each member
-- Arguments 1-4 common  5 match id  6 members, as a comma list  7 mode  8 digest of the timeline, '' when the
--           host failed  9 winning side  10 member with an unreadable snapshot, '' none  11 pod that computed
-- Reply     OK, '', '', all members in state result
--           POISONED, '', '', all members: that one and his mate in the lobby, the others back in the queue
--           FAILED: the match is due at once, so that the reaper asks the next host
-- Errors    DUP (it has its result), STALE (no such match, not ready, ended otherwise): nothing changes
-- Cost      4 commands and 3 to 6 a member, O(log waiters)
-- Needs     player queue match

local id, poisoned = ARGV[5], ARGV[10]
local match = read(KEYS[1], 'status', 'players', 'mode')
if match[1] == 'finished' then return {'DUP', '', ''} end
if (match[1] ~= 'ready' and match[1] ~= 'battling') or match[2] ~= ARGV[6] or match[3] ~= ARGV[7] then
    return {'STALE', '', ''}
end

local all = members(ARGV[6], 7)
if poisoned ~= '' then
    close_match(KEYS[1], KEYS[2], id, 'cancelled', 'why', poisoned)
    local again = waiters_again(all, id, function(member) return member.id ~= poisoned end)
    for _, member in ipairs(all) do
        if member.mid == id and member.id == poisoned then
            to_lobby(member, KEYS[3], 'removed')
        elseif again[member.id] == false then
            to_lobby(member, KEYS[3], 'server')
        elseif again[member.id] then
            requeue(member, KEYS[5], KEYS[6], KEYS[4], KEYS[3], 'server')
        end
    end
    return answer('POISONED', '', '', all)
end
if ARGV[8] == '' then
    redis.call('ZADD', KEYS[2], whole(now), id)
    return {'FAILED', '', ''}
end

-- The other half, as a comma list.
local function opponents(i)
    local list, half = {}, #all / 2
    for j, member in ipairs(all) do
        if (i <= half) ~= (j <= half) then list[#list + 1] = member.id end
    end
    return table.concat(list, ',')
end

close_match(KEYS[1], KEYS[2], id, 'finished', 'digest', ARGV[8], 'winner', ARGV[9], 'by', ARGV[11])
for i, member in ipairs(all) do
    if member.mid == id then change(member, KEYS[3], 'st', 'result', 'why', '', 'opp', opponents(i)) end
end
return answer('OK', '', '', all)
