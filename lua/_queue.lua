-- The queues and the log that the matchmakers' mirrors follow. Stands behind _player.lua.

local QUEUE_LOG_MAX = 100000 -- changes kept for the matchmakers' mirrors

-- What the mirrors need to know of a waiter; the device is last because it is free text.
local function log_waiter(log, player)
    redis.call('XADD', log, 'MAXLEN', '~', QUEUE_LOG_MAX, '*', '+', table.concat({player.id, player.q,
        player.ver, player.mmr or '0', player.sh or '', player.pod or '', player.opp or '',
        player.mate or '', player.device or ''}, ' '))
end

local function log_gone(log, id) redis.call('XADD', log, 'MAXLEN', '~', QUEUE_LOG_MAX, '*', '-', id) end

-- Back into the queue at the original place.
local function requeue(player, queue, log, leases, outbox, why)
    change(player, outbox, 'st', 'queued', 'why', why, 'card', '', 'ready', '')
    redis.call('ZADD', queue, player.q, player.id)
    redis.call('ZADD', leases, whole(now + ARGV[3]), player.id)
    log_waiter(log, player)
end

-- Out of the queue and to the lobby; queue nil: one that nobody serves any more.
local function leave_queue(player, queue, log, leases, outbox, why, ...)
    if queue then
        redis.call('ZREM', queue, player.id)
        log_gone(log, player.id)
    end
    redis.call('ZREM', leases, player.id)
    to_lobby(player, outbox, why, ...)
end

-- The two of a party wait as one: at the same place of the same queue, and whoever takes one of them out takes
-- both. A script cannot know a mate before it has read the player: one that was not given the mate's key changes
-- nothing and answers who he is, and is called again with the key. Only damage parts them; then each is on his
-- own.
local function wait_together(player, mate)
    return player.st == 'queued' and mate.st == 'queued' and player.mate == mate.id and mate.mate == player.id
        and mate.mode == player.mode and mate.q == player.q
end

-- Queue and log of a mode. `modes` is a comma list; KEYS[first] and on are queue:<mode>, queue:log:<mode> of
-- each.
local function queue_of(mode, modes, first)
    for name in string.gmatch(modes, '[^,]+') do
        if name == mode then return KEYS[first], KEYS[first + 1] end
        first = first + 2
    end
end

-- The first key behind those.
local function behind_modes(modes, first)
    for _ in string.gmatch(modes, '[^,]+') do first = first + 2 end
    return first
end

-- Out of every queue, for a player of whom nothing says which one; keys as above.
local function forget(id, modes, first)
    for i = first, behind_modes(modes, first) - 1, 2 do
        if redis.call('ZREM', KEYS[i], id) == 1 then log_gone(KEYS[i + 1], id) end
    end
end
