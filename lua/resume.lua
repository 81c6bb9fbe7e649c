-- resume: a newer login takes its player over; only the route changes. Of whom nothing is stored it is noted too:
-- whatever the login before still has on its way must come too late.
-- Keys      1 metadata:<player>  2 queue:leases  3 outbox, then queue:<mode>  queue:log:<mode> of each mode
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 modes, as a comma list
-- Reply     status, '', '', snapshot
-- Errors    FENCED, DUP, INVALID: nothing changes
-- Cost      5 commands, O(log waiters)
-- Needs     player queue

local player = load(KEYS[1], ARGV[5])
local status = refusal(player)
if status then return answer(status, '', '', {player}) end

change(player, KEYS[3], 'st', player.st or 'lobby', route())
if player.st == 'lobby' then redis.call('PEXPIRE', player.key, LOBBY_MS) end
if player.st == 'queued' then
    redis.call('ZADD', KEYS[2], whole(now + ARGV[3]), player.id)
    local _, log = queue_of(player.mode, ARGV[9], 4)
    if log then log_waiter(log, player) end
end
return answer('OK', '', '', {player})
