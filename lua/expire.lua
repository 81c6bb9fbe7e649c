-- expire: waiters whose lease nobody renews any more: queued -> lobby.
-- Keys      1 queue:leases  2 outbox, then queue:<mode>  queue:log:<mode> of each mode, then
--           metadata:<player> of each player
-- Arguments 1-4 common  5 modes, as a comma list  6 reason  7 and on: the players
-- Reply     OK, how many left a queue, '', their snapshots
-- Errors    none; who is not due is left alone
-- Cost      2 to 9 commands a player, O(log waiters)

local modes, first = ARGV[5], behind_modes(ARGV[5], 3)
local left = {}

for i = 7, #ARGV do
    local id = ARGV[i]
    local due = redis.call('ZSCORE', KEYS[1], id)
    if due and tonumber(due) <= now then
        local player = load(KEYS[first + i - 7], id)
        if player.st == 'queued' then
            local queue, log = queue_of(player.mode, modes, 3)
            leave_queue(player, queue, log, KEYS[1], KEYS[2], ARGV[6])
            left[#left + 1] = player
        else
            redis.call('ZREM', KEYS[1], id)
            forget(id, modes, 3)
        end
    end
end
return answer('OK', #left, '', left)
