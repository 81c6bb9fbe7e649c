-- dequeue: queued -> lobby, once per request.
-- Keys      1 metadata:<player>  2 queue:leases  3 outbox, then queue:<mode>  queue:log:<mode> of each mode
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 modes, as a comma list  10 reason
-- Reply     status, '', '', snapshot
-- Errors    FENCED, DUP, LATE (not queued), INVALID: nothing changes
-- Cost      8 commands, O(log waiters)

local player = load(KEYS[1], ARGV[5])
local status = refusal(player)
if not status and ARGV[10] == '' then status = 'INVALID' end
if not status and player.st ~= 'queued' then status = 'LATE' end
if status then return answer(status, '', '', {player}) end

local queue, log = queue_of(player.mode, ARGV[9], 4)
leave_queue(player, queue, log, KEYS[2], KEYS[3], ARGV[10], route())
return answer('OK', '', '', {player})
