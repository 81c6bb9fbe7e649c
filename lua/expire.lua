-- expire: waiters whose lease nobody renews any more, with their mates, and waiters whose mate does not wait with
-- them: queued -> lobby.
-- Keys      1 queue:leases  2 outbox, then queue:<mode>  queue:log:<mode> of each mode, then for each player
--           metadata:<player>  metadata:<mate>, the player's again where no mate is named
-- Arguments 1-4 common  5 modes, as a comma list  6 reason  7 and on: player, mate ('' none or not known)
-- Reply     OK, how many left a queue, who has to be named as mate of whom: "player,mate,player,mate", the
--           snapshots of those that left; reason "removed" for who is not overdue but alone
-- Errors    none; who is neither due nor alone is left alone, and who has another mate than the one named
-- Cost      2 to 18 commands a player, O(log waiters)
-- Needs     player queue

local modes, first = ARGV[5], behind_modes(ARGV[5], 3)
local left, unnamed = {}, {}

local function leave(player, why)
    local queue, log = queue_of(player.mode, modes, 3)
    leave_queue(player, queue, log, KEYS[1], KEYS[2], why)
    left[#left + 1] = player
end

local function look_at_party(player, mate, overdue)
    local together = wait_together(player, mate)
    if overdue then
        leave(player, ARGV[6])
        if together then leave(mate, ARGV[6]) end
    elseif not together then
        leave(player, 'removed')
    end
end

local function look(id, named, key)
    local due = redis.call('ZSCORE', KEYS[1], id)
    local overdue = due and tonumber(due) <= now
    if not due or not overdue and named == '' then return end
    local player = load(KEYS[key], id)
    if player.st ~= 'queued' then
        if not overdue then return end
        redis.call('ZREM', KEYS[1], id)
        forget(id, modes, 3)
    elseif player.mate and player.mate == named then
        look_at_party(player, load(KEYS[key + 1], named), overdue)
    elseif overdue and player.mate then
        unnamed[#unnamed + 1], unnamed[#unnamed + 2] = id, player.mate
    elseif overdue then
        leave(player, ARGV[6])
    end
end

for i = 7, #ARGV, 2 do look(ARGV[i], ARGV[i + 1], first + i - 7) end
return answer('OK', #left, table.concat(unnamed, ','), left)
