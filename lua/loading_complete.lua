-- loading_complete: marks one member as loaded; the last mark starts the battle, exactly once.
-- Keys      1 metadata:<player>  2 match:<match>  3 match:deadlines  4 outbox, then metadata:<member> of each
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 match id  10 members, as a comma list
--           11 ms a battle may take  12 ms a match without a host waits  13 host for the battle, '' none
-- Reply     OK, '', '', all members | READY, host, hosts asked before (0), all members: ask the host now
-- Errors    FENCED, DUP, INVALID, NO (no such match, not a member, not loading, too late), with the player's
--           snapshot: nothing changes
-- Cost      5 commands and 3 a member, O(log players)
-- Needs     player match

local all = members(ARGV[10], 5)
local player
for _, member in ipairs(all) do
    if member.id == ARGV[5] then player = member end
end
player = player or load(KEYS[1], ARGV[5])
local status = refusal(player)
if status then return answer(status, '', '', {player}) end

local id, host = ARGV[9], ARGV[13]
local match = read(KEYS[2], 'status', 'players')
local deadline = redis.call('ZSCORE', KEYS[3], id)
if match[1] ~= 'loading' or match[2] ~= ARGV[10] or player.mid ~= id or player.st ~= 'loading'
    or not deadline or tonumber(deadline) <= now then
    return answer('NO', '', '', {player})
end

redis.call('HSET', KEYS[2], 'r:' .. player.id, '1')
local marks, ready = {}, {}
for i, member in ipairs(all) do marks[i] = 'r:' .. member.id end
marks = redis.call('HMGET', KEYS[2], unpack(marks))
for i, member in ipairs(all) do
    if marks[i] then ready[#ready + 1] = member.id end
end

local last = #ready == #all
local st = last and 'battling' or 'loading'
ready = table.concat(ready, ',')
for _, member in ipairs(all) do
    if member == player then
        change(member, KEYS[4], 'st', st, 'ready', ready, route())
    elseif member.mid == id then
        change(member, KEYS[4], 'st', st, 'ready', ready)
    end
end
if not last then return answer('OK', '', '', all) end

local phase_ms = host == '' and ARGV[12] or ARGV[11]
redis.call('HSET', KEYS[2], 'status', host == '' and 'ready' or 'battling', 'host', host)
redis.call('ZADD', KEYS[3], whole(now + phase_ms), id)
return answer('READY', host, '0', all)
