-- enqueue: lobby -> queued, once per request; a player, or both of a party or none.
-- Keys      1 metadata:<player>  2 queue:<mode>  3 queue:log:<mode>  4 queue:leases  5 outbox
--           6 maintenance:flag  7 penalty:player:<player>  8 penalty:device:<device>, with a mate also
--           9 metadata:<mate>  10 penalty:player:<mate>  11 penalty:device:<device of the mate>
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 mode  10 name  11 level  12 mmr  13 device
--           14 snapshot  15 its SHA-256 (64 hex)  16 SHA-256 of the device, '-' none, with a mate also
--           17 mate  18 his ce  19 his pod  20-26 what 10-16 are of the player
-- Reply     status, place in the queue (1 is next), waiters, snapshot; both '' when not in this queue. OK: also
--           the snapshot of the mate, whose number of the last request stays as it is for a login already known
--           BANNED, ms until the sanction of the player or his device ends, '', snapshot: nothing changes
--           MATE_FENCED (he has a newer login), MATE_BUSY (his state, not the lobby), MATE_BANNED (ms), each with
--           the mate as third value and the player's snapshot: nothing changes
-- Errors    FENCED, DUP, MAINTENANCE, BUSY (not in the lobby), INVALID: nothing changes
-- Cost      10 commands a player, O(log waiters)
-- Needs     player queue

local player = load(KEYS[1], ARGV[5])
local mate = ARGV[17] and load(KEYS[9], ARGV[17])
local mode = ARGV[9]
local status = refusal(player)

local function place(code)
    if player.st ~= 'queued' or player.mode ~= mode then return answer(code, '', '', {player}) end
    local rank = redis.call('ZRANK', KEYS[2], player.id)
    local told = code == 'OK' and {player, mate} or {player}
    return answer(code, rank and rank + 1 or '', redis.call('ZCARD', KEYS[2]), told)
end

-- Name, level, mmr, device, snapshot and both hashes are ARGV[at] and on.
local function is_valid(at)
    return integer(ARGV[at + 1]) and integer(ARGV[at + 2]) and #ARGV[at + 5] == 64
        and string.find(ARGV[at + 4], '^{.*}$')
end

local function is_valid_mate()
    return integer(ARGV[18]) and ARGV[19] ~= '' and mate_of(player.id, mate.id) and is_valid(20)
end

-- KEYS[key] and the next are the records of a player and his device.
local function banned_ms(key, device)
    local until_ms = integer(read(KEYS[key], 'until_ms')[1]) or 0
    if device ~= '-' then until_ms = math.max(until_ms, integer(read(KEYS[key + 1], 'until_ms')[1]) or 0) end
    return until_ms - now
end

-- Why the mate cannot queue, and the value that says more; or nil.
local function mate_refusal()
    if integer(ARGV[18]) < (tonumber(mate.ce) or 0) then return 'MATE_FENCED', '' end
    if mate.st and mate.st ~= 'lobby' then return 'MATE_BUSY', mate.st end
    local ms = banned_ms(10, ARGV[26])
    if ms > 0 then return 'MATE_BANNED', whole(ms) end
end

local function wait(who, other, at, ...)
    -- The contestant as the opponents' match card shows it, made once here instead of at every commit.
    local card = '{"player_id":' .. cjson.encode(who.id) .. ',"name":' .. cjson.encode(ARGV[at]) ..
        ',"level":' .. ARGV[at + 1] .. ',"rating":' .. ARGV[at + 2] .. '}'
    who.mmr, who.device, who.sh = ARGV[at + 2], ARGV[at + 3], ARGV[at + 5]
    change(who, KEYS[5], 'st', 'queued', 'mode', mode, 'q', now_text, 'mid', '', 'why', '', 'ready', '',
        'card', '', 'who', card, 'mmr', who.mmr, 'device', who.device, 'dh', ARGV[at + 6], 'snapshot',
        ARGV[at + 4], 'length', #ARGV[at + 4], 'sh', who.sh, 'pen', '', 'mate', other and other.id or '', ...)
    redis.call('PERSIST', who.key)
    redis.call('ZADD', KEYS[2], who.q, who.id)
    redis.call('ZADD', KEYS[4], whole(now + ARGV[3]), who.id)
    log_waiter(KEYS[3], who)
end

if status then return place(status) end
if mode == '' or not is_valid(10) or mate and not is_valid_mate() then return place('INVALID') end
if redis.call('EXISTS', KEYS[6]) == 1 then return place('MAINTENANCE') end
if player.st and player.st ~= 'lobby' then return place('BUSY') end
local own_ms = banned_ms(7, ARGV[16])
if own_ms > 0 then return answer('BANNED', whole(own_ms), '', {player}) end
if mate then
    local why, more = mate_refusal()
    if why then return answer(why, more, mate.id, {player}) end
    local rq = ARGV[18] == mate.ce and mate.rq or '0'
    wait(mate, player, 20, 'ce', ARGV[18], 'rq', rq, 'pod', ARGV[19])
end
wait(player, mate, 10, route())
return place('OK')
