-- loading_cancel: a member refuses the match: to the lobby; his mate too; the others go back to
-- their places in the queue.
-- Keys      1 metadata:<player>  2 match:<match>  3 match:deadlines  4 outbox  5 queue:leases  6 queue:<mode>
--           7 queue:log:<mode>  8 penalty:player:<player>  9 penalty:device:<device>  10 penalties, then
--           metadata:<member> of each member
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 match id  10 members, as a comma list  11 mode
--           12 ms of a half-life  13 steps of the sanctions in s  14 SHA-256 of the player's device, '-' none
-- Reply     OK, '1', '', all members; who cancels is told his sanction, recorded here once
-- Errors    FENCED, DUP, INVALID, NO (no such match, not a member, not loading), with the player's snapshot:
--           nothing changes
-- Cost      15 commands and 6 a member, O(log waiters)
-- Needs     player queue match penalty

local player = load(KEYS[1], ARGV[5])
local status = refusal(player)
if status then return answer(status, '', '', {player}) end

local id = ARGV[9]
local match = read(KEYS[2], 'status', 'players', 'mode')
if match[1] ~= 'loading' or match[2] ~= ARGV[10] or match[3] ~= ARGV[11] or player.mid ~= id
    or player.st ~= 'loading' then
    return answer('NO', '', '', {player})
end

close_match(KEYS[2], KEYS[3], id, 'cancelled', 'why', player.id)
local sanction = punish(KEYS[8], KEYS[9], KEYS[10], player.id, ARGV[14], tonumber(ARGV[12]), ARGV[13])
local all = members(ARGV[10], 11)
local again = waiters_again(all, id, function(member) return member.id ~= player.id end)
for _, member in ipairs(all) do
    if member.id == player.id then
        to_lobby(member, KEYS[4], 'you_cancelled', 'pen', sanction, route())
    elseif again[member.id] == false then
        to_lobby(member, KEYS[4], 'opponent_cancelled')
    elseif again[member.id] then
        requeue(member, KEYS[6], KEYS[7], KEYS[5], KEYS[4], 'opponent_cancelled')
    end
end
return answer('OK', '1', '', all)
