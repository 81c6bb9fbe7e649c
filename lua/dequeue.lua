-- dequeue: queued -> lobby, once per request; the mate of a party too.
-- Keys      1 metadata:<player>  2 queue:leases  3 outbox, then queue:<mode>  queue:log:<mode> of each
--           mode, then metadata:<mate> if one is named
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 modes, as a comma list  10 reason  11 mate,
--           '' none or not known
-- Reply     status, '', '', snapshots of those that left; of the player when nobody did
--           MATE, who has to be named: call again with him; nothing changes
-- Errors    FENCED, DUP, LATE (not queued), INVALID: nothing changes
-- Cost      8 commands a player, O(log waiters)
-- Needs     player queue

local player = load(KEYS[1], ARGV[5])
local status = refusal(player)
if not status and ARGV[10] == '' then status = 'INVALID' end
if not status and player.st ~= 'queued' then status = 'LATE' end
if status then return answer(status, '', '', {player}) end

if player.mate and player.mate ~= ARGV[11] then return {'MATE', player.mate, ''} end

local queue, log = queue_of(player.mode, ARGV[9], 4)
local left = {player}
local mate = player.mate and load(KEYS[behind_modes(ARGV[9], 4)], player.mate)
if mate and wait_together(player, mate) then
    leave_queue(mate, queue, log, KEYS[2], KEYS[3], ARGV[10])
    left[2] = mate
end
leave_queue(player, queue, log, KEYS[2], KEYS[3], ARGV[10], route())
return answer('OK', '', '', left)
