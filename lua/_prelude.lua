-- Shared by every script: the text of this file stands in front of each of them when it is embedded.
--
-- ARGV[1] of every script is the time in ms; '' (always in production) means the clock of Redis, so that one
-- clock rules. Scripts that change players continue with [2] ms to the first repetition from the outbox,
-- [3] ms a queue lease lasts, [4] ms a finished match is kept.
--
-- The reply of a script about players is flat: status, two values of the script's own ('' when unused), then
-- for every player the 14 values of `values` below, player id first. A status that is not the wish of the caller
-- changed nothing, unless the script says otherwise.

local LOBBY_MS = 86400000    -- how long a player in the lobby is remembered
local QUEUE_LOG_MAX = 100000 -- changes kept for the matchmakers' mirrors

local now = tonumber(ARGV[1])
if ARGV[1] == '' then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua's own conversion keeps 14 digits only. Whole numbers only: the rest is cut off.
local function whole(number) return string.format('%d', number) end

-- An integer argument 0 .. 2^53 - 1 as a number; nil for anything else.
local function integer(text)
    local number = string.find(text or '', '^%d+$') and tonumber(text)
    return number and number <= 9007199254740991 and number or nil
end

-- Hybrid clock: grows with every use, and also when a failover lost the last uses.
local now_text = whole(now)
local function after(old)
    if old and #old == #now_text and old < now_text then return now_text end -- digits of one length: so are the numbers
    local next = (tonumber(old) or 0) + 1
    return next <= now and now_text or whole(next)
end

-- HMGET. A key of ours that is no hash can be read by nobody: it is removed and counts as absent.
local function read(key, ...)
    local values = redis.pcall('HMGET', key, ...)
    if not values.err then return values end
    redis.call('DEL', key)
    values = {}
    for i = 1, select('#', ...) do values[i] = false end
    return values
end

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

-- What the mirrors need to know of a waiter; the device is last because it is free text.
local function log_waiter(log, player)
    redis.call('XADD', log, 'MAXLEN', '~', QUEUE_LOG_MAX, '*', '+', table.concat({player.id, player.q,
        player.ver, player.mmr or '0', player.sh or '', player.pod or '', player.opp or '',
        player.mate or '', player.device or ''}, ' '))
end

local function log_gone(log, id) redis.call('XADD', log, 'MAXLEN', '~', QUEUE_LOG_MAX, '*', '-', id) end

-- To the lobby; `...` are further fields. What only a waiter or fighter needs is dropped.
local function to_lobby(player, outbox, why, ...)
    change(player, outbox, 'st', 'lobby', 'why', why, 'card', '', 'ready', '', ...)
    redis.call('HDEL', player.key, 'snapshot', 'who', 'mate')
    player.mate = nil
    redis.call('PEXPIRE', player.key, LOBBY_MS)
end

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

-- The members of a match; `players` is a comma list, KEYS[first] and on are their metadata.
local function members(players, first)
    local list = {}
    for id in string.gmatch(players, '[^,]+') do list[#list + 1] = load(KEYS[first + #list], id) end
    return list
end

-- A match ends without a result: who of its members waits again, by id? Those that `fits` says it of (the others
-- are absent), unless their mate does not: a party waits together or not at all.
local function waiters_again(all, match, fits)
    local fit, again = {}, {}
    for _, member in ipairs(all) do
        if member.mid == match and fits(member) then fit[member.id] = member end
    end
    for id, member in pairs(fit) do
        local mate = fit[member.mate or '']
        again[id] = not member.mate or mate ~= nil and mate.mate == id
    end
    return again
end

-- The end of a match, whatever it is; `...` are further fields.
local function close_match(match, deadlines, id, status, ...)
    redis.call('HSET', match, 'status', status, ...)
    redis.call('PEXPIRE', match, ARGV[4])
    redis.call('ZREM', deadlines, id)
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

-- Seasons. A player carries the season his ratings belong to. When a new one has begun they fall back towards
-- the base, once for every season that began since, at his first use; nothing happens to him at the switch.
local SEASONS_CAUGHT_UP = 32 -- after so many a rating stands at the base

local function season_of(key)
    local v = read(key, 'number', 'base', 'keep_permille')
    return integer(v[1]) or 1, integer(v[2]) or 0, integer(v[3]) or 1000
end

local function enter_season(player_key, season_key)
    local season, base, keep = season_of(season_key)
    local p = read(player_key, 'name', 'season', 'rating_normal', 'rating_ranked', 'rating_party')
    local behind = season - (integer(p[2]) or 1)
    if not p[1] or behind <= 0 then return season end
    for i = 3, 5 do
        local distance = (integer(p[i]) or base) - base
        local sign = distance < 0 and -1 or 1
        distance = distance * sign
        for _ = 1, math.min(behind, SEASONS_CAUGHT_UP) do distance = math.floor(distance * keep / 1000) end
        p[i] = whole(base + sign * distance)
    end
    redis.call('HSET', player_key, 'season', whole(season), 'rating_normal', p[3], 'rating_ranked', p[4],
        'rating_party', p[5])
    return season
end

-- What game_server knows of a player: 16 values.
local function profile_of(player_key)
    local p = read(player_key, 'name', 'level', 'rating_normal', 'rating_ranked', 'rating_party', 'wins', 'losses',
        'draws', 'loadout', 'collection', 'games_normal', 'games_ranked', 'games_party', 'experience', 'stages',
        'season')
    for i = 11, 14 do p[i] = p[i] or '0' end
    p[15], p[16] = p[15] or '', p[16] or '1'
    return p
end

-- Forgets what waits in an inbox, either results against stages or those against players.
local function forget_results(inbox, of_stages)
    local waiting = redis.call('HGETALL', inbox)
    for i = 1, #waiting, 2 do
        if (string.sub(waiting[i + 1], 1, 4) == 'pve ') == of_stages then redis.call('HDEL', inbox, waiting[i]) end
    end
end

-- Sanctions. A violation adds VIOLATION to the score of its player and of his device; the score halves every
-- half-life, exactly at the end of each and on a straight line in between:
--
--     h = floor(age / half-life)    s = floor(score / 2^h)    s - floor(s * (age mod half-life) / (2 * half-life))
--
-- The step of a sanction is the score in violations, rounded: a single one is forgiven after a half-life. The
-- score stays within the steps, so that forgiving begins at once.
local VIOLATION = 1000

local function decayed(score, at, half_life)
    local age = math.max(now - at, 0)
    score = math.floor(score / 2 ^ math.floor(age / half_life))
    return score - math.floor(score * (age % half_life) / (2 * half_life))
end

local function step_of(score) return math.floor(score / VIOLATION + 0.5) end

-- "0,60,300" as numbers.
local function numbers(text)
    local list = {}
    for number in string.gmatch(text, '%d+') do list[#list + 1] = tonumber(number) end
    return list
end

-- Keeps a record for one half-life longer than it weighs, and not less than its sanction lasts.
local function keep_penalty(key, index, name, score, until_ms, half_life, ...)
    local weight, kept_ms = score, half_life
    while step_of(weight) > 0 do weight, kept_ms = weight / 2, kept_ms + half_life end
    kept_ms = math.max(kept_ms, until_ms - now)
    redis.call('HSET', key, 'score', whole(score), 'at_ms', now_text, 'until_ms', whole(until_ms), ...)
    redis.call('PEXPIRE', key, whole(kept_ms))
    redis.call('ZREMRANGEBYSCORE', index, '-inf', now_text)
    redis.call('ZADD', index, whole(now + kept_ms), name)
end

-- One more violation on one record; `steps` in seconds. Returns the seconds of its sanction.
local function violate(key, index, name, half_life, steps)
    local v = read(key, 'score', 'at_ms', 'until_ms', 'count')
    local score = decayed(integer(v[1]) or 0, integer(v[2]) or now, half_life) + VIOLATION
    score = math.min(score, #steps * VIOLATION)
    local seconds = steps[step_of(score)]
    local until_ms = math.max(integer(v[3]) or 0, now + seconds * 1000)
    keep_penalty(key, index, name, score, until_ms, half_life, 'count', whole((integer(v[4]) or 0) + 1))
    return seconds
end

-- Records a violation of a player and, unless it is '-', of his device. Returns the sanction as the client is
-- told of it; what the two records say is in force side by side, and the longer one counts.
local function punish(player_key, device_key, index, id, device, half_life, steps)
    local list = numbers(steps)
    local seconds = violate(player_key, index, 'player:' .. id, half_life, list)
    if device ~= '-' then
        seconds = math.max(seconds, violate(device_key, index, 'device:' .. device, half_life, list))
    end
    if seconds == 0 then return 'warning' end
    if seconds % 3600 == 0 then return whole(seconds / 3600) .. ' h' end
    if seconds % 60 == 0 then return whole(seconds / 60) .. ' min' end
    return whole(seconds) .. ' s'
end

-- Remembers what a player played, newest first; `entry` is a history_entry of the contract as JSON. A key of ours
-- that is no list can be read by nobody: it is removed.
local HISTORY_MAX, HISTORY_MS = 50, 2592000000
local function note_history(key, entry)
    local length = redis.pcall('LPUSH', key, entry)
    if type(length) == 'table' then
        redis.call('DEL', key)
        length = redis.call('LPUSH', key, entry)
    end
    if length > HISTORY_MAX then redis.call('LTRIM', key, 0, HISTORY_MAX - 1) end
    redis.call('PEXPIRE', key, HISTORY_MS)
end
