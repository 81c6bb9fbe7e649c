-- result_ack: the player has seen the result: result -> lobby.
-- Keys      1 metadata:<player>  2 outbox
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 match id
-- Reply     OK, '', '', snapshot
-- Errors    FENCED, DUP, INVALID, NO (no result of this match waits): nothing changes
-- Cost      5 commands, O(log players)
-- Needs     player

local player = load(KEYS[1], ARGV[5])
local status = refusal(player)
if not status and (player.st ~= 'result' or player.mid ~= ARGV[9]) then status = 'NO' end
if status then return answer(status, '', '', {player}) end

to_lobby(player, KEYS[2], 'done', route())
return answer('OK', '', '', {player})
