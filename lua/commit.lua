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
-- Needs     player queue

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

-- A member as HMGET answers him, with his id and key behind that; tables with names cost several times as much.
local ST, VER, MODE, POD, Q, CE, RQ, WHO, SNAPSHOT, LENGTH, DEVICE, MATE, ID, KEY = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    12, 13, 14
local OPEN_BRACE, CLOSE_BRACE = 123, 125

-- nil: the member may play. Unreadable comes before changed, or a damaged version would never be found out.
local function trouble(member, version)
    if member[ST] ~= 'queued' or member[MODE] ~= mode then
        return redis.call('ZSCORE', KEYS[2], member[ID]) and 'POISONED' or 'CONFLICT'
    end
    local snapshot = member[SNAPSHOT] or ''
    if not (member[WHO] and member[POD] and tonumber(member[Q])) or #snapshot ~= tonumber(member[LENGTH])
        or string.byte(snapshot, 1) ~= OPEN_BRACE or string.byte(snapshot, -1) ~= CLOSE_BRACE then
        return 'POISONED'
    end
    if member[VER] == version then return nil end
    local readable = integer(member[VER]) and tonumber(member[VER]) ~= tonumber(version)
    return readable and 'CONFLICT' or 'POISONED'
end

-- Whoever plays a match keeps it; anybody else whose state does not fit the queue starts anew in the lobby,
-- unless nothing is known of him: then his pod's heartbeat finds out.
local IN_MATCH = {loading = true, battling = true, result = true}

local function remove_one(member)
    local player = {key = member[KEY], id = member[ID], st = member[ST], ver = member[VER], mode = member[MODE],
        pod = member[POD], q = integer(member[Q]) and member[Q], ce = member[CE], rq = member[RQ], mate = member[MATE]}
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
local function remove(member, key, at)
    local gone_now = {}
    for i = 0, size - 1 do
        local id = ARGV[at + 2 * i]
        local mate = id ~= member[ID] and not taken[id] and load(KEYS[key + i], id)
        if mate and mate.mate == member[ID] and mate.st == 'queued' and mate.mode == mode then
            leave_queue(mate, KEYS[2], KEYS[3], KEYS[4], KEYS[6], 'removed')
            gone_now[1] = mate
        end
    end
    for _, one in ipairs(remove_one(member)) do gone_now[#gone_now + 1] = one end
    return gone_now
end

local function has_mate_beside(list, i)
    local half = size / 2
    for j, mate in ipairs(list) do
        local same_side = (i <= half) == (j <= half)
        if same_side and mate[ID] == list[i][MATE] and mate[MATE] == list[i][ID] then return true end
    end
end

-- The first member whose mate is not on his side; nil: no party is parted.
local function parted(list)
    for i = 1, size do
        if list[i][MATE] and not has_mate_beside(list, i) then return list[i] end
    end
end

local function is_in(list, id)
    for i = 1, #list do
        if list[i][ID] == id then return true end
    end
end

-- The members from KEYS[key] and ARGV[at] on, or nil and why there is no match.
local function gather(key, at)
    local list = {}
    for i = 0, size - 1 do
        local id = ARGV[at + 2 * i]
        if taken[id] or is_in(list, id) then return nil, {'CONFLICT', id, ''} end
        local member = read(KEYS[key + i], 'st', 'ver', 'mode', 'pod', 'q', 'ce', 'rq', 'who', 'snapshot', 'length',
            'dh', 'mate')
        member[ID], member[KEY], member[MATE] = id, KEYS[key + i], mate_of(id, member[MATE])
        local why = trouble(member, ARGV[at + 2 * i + 1])
        if why == 'POISONED' then return nil, answer(why, id, '', remove(member, key, at)) end
        if why then return nil, {why, id, ''} end
        list[i + 1] = member
    end
    local alone = parted(list)
    if alone then return nil, {'CONFLICT', alone[ID], ''} end
    return list
end

-- One thing of every member, as a comma list.
local function each(list, what)
    local text = list[1][what] or '-'
    for i = 2, size do text = text .. ',' .. (list[i][what] or '-') end
    return text
end

-- The snapshots of the members from the i-th on, as fields of the match.
local function frozen(list, i)
    local member = list[i]
    if i == size then return 's:' .. member[ID], member[SNAPSHOT] end
    return 's:' .. member[ID], member[SNAPSHOT], frozen(list, i + 1)
end

local function move(member, id, st, card)
    local player, version = member[ID], after(member[VER])
    member[VER] = version
    redis.call('HSET', member[KEY], 'ver', version, 'st', st, 'mid', id, 'why', '', 'card', card)
    taken[player] = true
    gone[#gone + 1] = player
    gone_log[#gone_log + 1], gone_log[#gone_log + 2] = '-', player
    news[#news + 1], news[#news + 2] = news_at, player
end

-- What the reply says of the members from the i-th on: the order is that of `values`.
local function told(list, i, id, st, card)
    local member = list[i]
    if not member then return end
    return member[ID], member[POD], member[VER], st, member[CE] or '', member[RQ] or '', mode, member[Q], id, '', '', card,
        '', member[MATE] or '', told(list, i + 1, id, st, card)
end

local function make(key, at)
    local id, host = ARGV[at], ARGV[at + 3]
    local list, refused = gather(key + 1, at + 4)
    if not list then return refused end
    local st = loads and 'loading' or 'battling'
    local status = st == 'battling' and host == '' and 'ready' or st
    -- The match_card of the contract.
    local card = '{"match_id":"' .. id .. card_middle .. each(list, WHO) .. card_end .. ARGV[at + 2] .. '"}'
    redis.call('HSET', KEYS[key], 'status', status, 'mode', mode, 'players', each(list, ID), 'seed', ARGV[at + 1],
        'card', card, 'pods', each(list, POD), 'q', each(list, Q), 'devices', each(list, DEVICE), frozen(list, 1))
    if host ~= '' then redis.call('HSET', KEYS[key], 'host', host) end
    for i = 1, size do move(list[i], id, st, card) end
    due[#due + 1], due[#due + 2] = status == 'ready' and hostless_end or phase_end, id
    return {'OK', host, '0', told(list, 1, id, st, card)}
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
