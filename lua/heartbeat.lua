-- heartbeat: a process lives; its waiters keep their places, and it learns which players it knows wrongly.
-- Keys      1 pods  2 queue:leases  3 outbox, then queue:<mode>  queue:log:<mode> of each mode, then
--           metadata:<player> of each player
-- Arguments 1-4 common  5 kind: game or match  6 pod  7 ms until it counts as dead  8 modes, as a comma list
--           9 id of the process, '' untold  10 and on: player, version the pod knows
-- Reply     OK, time of Redis in ms, '', a snapshot for every player of this pod with another version. A pod
--           is ahead of Redis only when Redis lost data: then the state gets a version above the pod's, and
--           a player without any state is put into the lobby
-- Errors    none; players of other pods are left alone
-- Cost      4 commands and 1 or 2 a player, O(log waiters)
-- Needs     player queue

local pod, modes = ARGV[6], ARGV[8]
local first = behind_modes(modes, 4)
local lease = whole(now + ARGV[3])
local renewed, different = {}, {}

local function catch_up(player, known)
    player.ver = whole(known)
    if player.st then
        change(player, KEYS[3])
    else
        forget(player.id, modes, 4)
        redis.call('ZREM', KEYS[2], player.id)
        to_lobby(player, KEYS[3], 'expired', 'pod', pod, 'ce', '0', 'rq', '0')
    end
    local _, log = queue_of(player.mode, modes, 4)
    if player.st == 'queued' and log then log_waiter(log, player) end
end

redis.call('ZADD', KEYS[1], whole(now + ARGV[7]), ARGV[5] .. ':' .. pod)
if ARGV[9] ~= '' then -- a witness (reap): half as long, for a dead one must not testify
    redis.call('ZADD', KEYS[1], whole(now + ARGV[7] / 2), 'process:' .. pod .. ':' .. ARGV[9])
end
for i = 10, #ARGV, 2 do
    local key, id, known = KEYS[first + (i - 10) / 2], ARGV[i], integer(ARGV[i + 1]) or 0
    local at = read(key, 'st', 'ver', 'pod')
    local st, stored = at[1], tonumber(at[2]) or 0
    if at[3] == pod or not at[3] or not st then
        if st == 'queued' then renewed[#renewed + 1], renewed[#renewed + 2] = lease, id end
        if known ~= stored or not st and known > 0 then
            local player = load(key, id)
            player.pod = player.pod or pod
            if known > stored or not st then catch_up(player, math.max(known, stored)) end
            different[#different + 1] = player
        end
    end
end
if #renewed > 0 then redis.call('ZADD', KEYS[2], unpack(renewed)) end
return answer('OK', now_text, '', different)
