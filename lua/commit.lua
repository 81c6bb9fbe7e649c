-- commit: a batch of matches, each all-or-nothing: every member is queued in this mode at the version the
-- matchmaker saw, or the match does not happen. One member's trouble never touches another match.
-- Keys      1 lock:matchmaker:<mode>  2 queue:<mode>  3 queue:log:<mode>  4 queue:leases  5 match:deadlines
--           6 outbox, then for every match: match:<match>, metadata:<member> of each member
-- Arguments 1-4 common  5 value of the lock  6 mode  7 members of a match, the first half against the second
--           8 first phase: loading or battling
--           9 ms the phase lasts  10 ms a match without a host waits, then for every match: match id, seed
--           (16 hex), seed commitment (64 hex), host ('' none), then player and version of each member
-- Reply     'OK' and one flat array a match: status, a, b, snapshots
--             OK        a host, b hosts asked before (0); the members
--             CONFLICT  a the member that changed, or whose mate is not on his side; no match
--             POISONED  a the member that cannot be read; no match. He is out of the queue, and in the lobby
--                       with why=removed where there is a state to keep (then his snapshot follows), and so is
--                       a member whose mate he is
-- Errors    'STALE' alone: the lock is not ours, nothing changes
-- Cost      5 commands a match of two and 5 a batch, O(log waiters) each; at most 2,000 members

if redis.call('GET', KEYS[1]) ~= ARGV[5] then return {'STALE'} end

local mode, size, loads = ARGV[6], tonumber(ARGV[7]), ARGV[8] == 'loading'
local phase_end, hostless_end = whole(now + ARGV[9]), whole(now + ARGV[10])
local card_middle = '","mode":' .. cjson.encode(mode) .. ',"players":['
local card_end = loads and '],"loading_deadline_ms":' .. phase_end .. ',"seed_commitment":"'
    or '],"seed_commitment":"'
local taken = {}                     -- members of the matches of this batch, still in the queue until the end
local gone_log = {}                  -- of XADD: '-', player
local gone, due, news = {}, {}, {}   -- of ZREM; of ZADD match:deadlines; of ZADD outbox
local news_at = whole(now + ARGV[2])

local OPEN_BRACE, CLOSE_BRACE = 123, 125

-- nil: the member may play. Unreadable comes before changed, or a damaged version would never be found out.
local function trouble(player, version)
    if player.st ~= 'queued' or player.mode ~= mode then
        return redis.call('ZSCORE', KEYS[2], player.id) and 'POISONED' or 'CONFLICT'
    end
    local snapshot = player.snapshot or ''
    if not (player.who and player.pod and tonumber(player.q)) or #snapshot ~= tonumber(player.length)
        or string.byte(snapshot, 1) ~= OPEN_BRACE or string.byte(snapshot, -1) ~= CLOSE_BRACE then
        return 'POISONED'
    end
    if player.ver == version then return nil end
    local readable = integer(player.ver) and tonumber(player.ver) ~= tonumber(version)
    return readable and 'CONFLICT' or 'POISONED'
end

-- Whoever plays a match keeps it; anybody else whose state does not fit the queue starts anew in the lobby,
-- unless nothing is known of him: then his pod's heartbeat finds out.
local IN_MATCH = {loading = true, battling = true, result = true}

local function remove_one(player)
    player.q = integer(player.q) and player.q
    if not IN_MATCH[player.st] and (player.st or player.ver) then
        leave_queue(player, KEYS[2], KEYS[3], KEYS[4], KEYS[6], 'removed', 'mode', mode)
        return {player}
    end
    redis.call('ZREM', KEYS[2], player.id)
    redis.call('ZREM', KEYS[4], player.id)
    log_gone(KEYS[3], player.id)
    return {}
end

-- Whoever names him as mate cannot wait for him any more.
local function remove(player, key, at)
    local gone_now = {}
    for i = 0, size - 1 do
        local id = ARGV[at + 2 * i]
        local mate = id ~= player.id and not taken[id] and load(KEYS[key + i], id)
        if mate and mate.mate == player.id and mate.st == 'queued' and mate.mode == mode then
            leave_queue(mate, KEYS[2], KEYS[3], KEYS[4], KEYS[6], 'removed')
            gone_now[1] = mate
        end
    end
    for _, one in ipairs(remove_one(player)) do gone_now[#gone_now + 1] = one end
    return gone_now
end

local function has_mate_beside(list, i)
    local half = size / 2
    for j, mate in ipairs(list) do
        local same_side = (i <= half) == (j <= half)
        if same_side and mate.id == list[i].mate and mate.mate == list[i].id then return true end
    end
end

-- The first member whose mate is not on his side; nil: no party is parted.
local function parted(list)
    for i = 1, size do
        if list[i].mate and not has_mate_beside(list, i) then return list[i] end
    end
end

-- The members from KEYS[key] and ARGV[at] on, or nil and why there is no match.
local function gather(key, at)
    local list, seen = {}, {}
    for i = 0, size - 1 do
        local id = ARGV[at + 2 * i]
        if taken[id] or seen[id] then return nil, {'CONFLICT', id, ''} end
        seen[id] = true
        local v = read(KEYS[key + i], 'st', 'ver', 'mode', 'pod', 'q', 'ce', 'rq', 'who', 'snapshot',
            'length', 'dh', 'mate')
        local player = {key = KEYS[key + i], id = id, st = v[1], ver = v[2], mode = v[3], pod = v[4],
            q = v[5], ce = v[6], rq = v[7], who = v[8], snapshot = v[9], length = v[10], dh = v[11],
            mate = mate_of(id, v[12])}
        local why = trouble(player, ARGV[at + 2 * i + 1])
        if why == 'POISONED' then return nil, answer(why, id, '', remove(player, key, at)) end
        if why then return nil, {why, id, ''} end
        list[i + 1] = player
    end
    local alone = parted(list)
    if alone then return nil, {'CONFLICT', alone.id, ''} end
    return list
end

-- The match_card of the contract.
local function card_of(id, commitment, list)
    local who = {}
    for i, player in ipairs(list) do who[i] = player.who end
    return '{"match_id":"' .. id .. card_middle .. table.concat(who, ',') .. card_end .. commitment .. '"}'
end

local function store(key, seed, host, card, status, list)
    local players, pods, since, devices, frozen = {}, {}, {}, {}, {}
    for i, player in ipairs(list) do
        players[i], pods[i], since[i], devices[i] = player.id, player.pod, player.q, player.dh or '-'
        frozen[2 * i - 1], frozen[2 * i] = 's:' .. player.id, player.snapshot
    end
    redis.call('HSET', key, 'status', status, 'mode', mode, 'players', table.concat(players, ','),
        'seed', seed, 'card', card, 'pods', table.concat(pods, ','), 'q', table.concat(since, ','),
        'devices', table.concat(devices, ','), unpack(frozen))
    if host ~= '' then redis.call('HSET', key, 'host', host) end
end

local function move(player, id, st, card)
    player.ver, player.st, player.mid, player.why = after(player.ver), st, id, ''
    player.card, player.ready = card, ''
    redis.call('HSET', player.key, 'ver', player.ver, 'st', st, 'mid', id, 'why', '', 'card', card)
    taken[player.id] = true
    gone[#gone + 1] = player.id
    gone_log[#gone_log + 1], gone_log[#gone_log + 2] = '-', player.id
    news[#news + 1], news[#news + 2] = news_at, player.id
end

local function make(key, at)
    local id, host = ARGV[at], ARGV[at + 3]
    local list, refused = gather(key + 1, at + 4)
    if not list then return refused end
    local st = loads and 'loading' or 'battling'
    local status = st == 'battling' and host == '' and 'ready' or st
    local card = card_of(id, ARGV[at + 2], list)
    store(KEYS[key], ARGV[at + 1], host, card, status, list)
    for _, player in ipairs(list) do move(player, id, st, card) end
    due[#due + 1], due[#due + 2] = status == 'ready' and hostless_end or phase_end, id
    return answer('OK', host, '0', list)
end

local reply = {'OK'}
local key = 7
for at = 11, #ARGV, 4 + 2 * size do
    reply[#reply + 1] = make(key, at)
    key = key + 1 + size
end
if #gone > 0 then
    redis.call('ZREM', KEYS[2], unpack(gone))
    redis.call('ZREM', KEYS[4], unpack(gone))
    redis.call('ZADD', KEYS[5], unpack(due))
    redis.call('ZADD', KEYS[6], unpack(news))
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', QUEUE_LOG_MAX, '*', unpack(gone_log))
end
return reply
