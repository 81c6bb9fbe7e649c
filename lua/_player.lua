-- A player's matchmaking state: metadata:<player>, and what a reply says of it.
--
-- Scripts that change players take ARGV[2] ms to the first repetition from the outbox, [3] ms a queue lease lasts,
-- [4] ms a finished match is kept. The reply of a script about players is flat: status, two values of the script's
-- own ('' when unused), then for every player the 14 values of `values` below, player id first. A status that is not
-- the wish of the caller changed nothing, unless the script says otherwise.

local LOBBY_MS = 86400000    -- how long a player in the lobby is remembered

-- The mate of a player as stored; what can be no mate is none.
local function mate_of(id, text)
    return text and text ~= '' and text ~= id and #text <= 64 and string.find(text, '^[%w_-]+$') and text or nil
end

-- A player's matchmaking state as a table; what is not stored is absent (st: nil means lobby).
local function load(key, id, ...)
    local v = read(key, 'pod', 'ver', 'st', 'ce', 'rq', 'mode', 'q', 'mid', 'why', 'ready', 'card',
        'mmr', 'sh', 'opp', 'device', 'pen', 'mate', ...)
    return {key = key, id = id, pod = v[1], ver = v[2], st = v[3], ce = v[4], rq = v[5], mode = v[6],
        q = integer(v[7]) and v[7], mid = v[8], why = v[9], ready = v[10], card = v[11], mmr = v[12], sh = v[13], opp = v[14],
        device = v[15], pen = v[16], mate = mate_of(id, v[17]), more = v}
end

-- Stores fields under a new version; the outbox repeats the news until it is acknowledged.
local function change(player, outbox, ...)
    player.ver = after(player.ver)
    for i = 1, select('#', ...), 2 do
        local field, value = select(i, ...)
        player[field] = value
    end
    redis.call('HSET', player.key, 'ver', player.ver, ...)
    redis.call('ZADD', outbox, whole(now + ARGV[2]), player.id)
end

-- A request is of player ARGV[5] with metadata KEYS[1], of login [6], has number [7], and comes from pod [8].
-- Returns why it has no effect, or nil.
local function refusal(player)
    local ce, rq = integer(ARGV[6]), integer(ARGV[7])
    if not ce or not rq or ARGV[5] == '' or ARGV[8] == '' then return 'INVALID' end
    local stored = tonumber(player.ce) or 0
    if ce < stored then return 'FENCED' end
    if ce == stored and rq <= (tonumber(player.rq) or 0) then return 'DUP' end
end

-- The fields by which a request that takes effect is remembered and its player routed.
local function route() return 'ce', ARGV[6], 'rq', ARGV[7], 'pod', ARGV[8] end

-- To the lobby; `...` are further fields. What only a waiter or fighter needs is dropped.
local function to_lobby(player, outbox, why, ...)
    change(player, outbox, 'st', 'lobby', 'why', why, 'card', '', 'ready', '', ...)
    redis.call('HDEL', player.key, 'snapshot', 'who', 'mate')
    player.mate = nil
    redis.call('PEXPIRE', player.key, LOBBY_MS)
end

-- What a reply says of a player, and what follows it. A reply made at once costs half of one that grows.
local function values(player, ...)
    return player.id, player.pod or '', player.ver or '', player.st or '', player.ce or '', player.rq or '',
        player.mode or '', player.q or '', player.mid or '', player.why or '', player.ready or '',
        player.card or '', player.pen or '', player.mate or '', ...
end

local function answer(status, first, second, players)
    local one, two = players[1], players[2]
    if #players == 1 then return {status, first, second, values(one)} end
    if #players == 2 then return {status, first, second, values(one, values(two))} end
    local reply, n = {status, first, second}, 3
    for i = 1, #players do
        for _, value in ipairs({values(players[i])}) do n = n + 1; reply[n] = value end
    end
    return reply
end
