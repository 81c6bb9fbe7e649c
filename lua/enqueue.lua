-- enqueue: lobby -> queued, once per request.
-- Keys      1 metadata:<player>  2 queue:<mode>  3 queue:log:<mode>  4 queue:leases  5 outbox
--           6 maintenance:flag  7 penalty:player:<player>  8 penalty:device:<device>
-- Arguments 1-4 common  5 player  6 ce  7 rq  8 pod  9 mode  10 name  11 level  12 mmr  13 device
--           14 snapshot  15 its SHA-256 (64 hex)  16 SHA-256 of the device, '-' none
-- Reply     status, place in the queue (1 is next), waiters, snapshot; both '' when not in this queue
--           BANNED, ms until the sanction of the player or his device ends, '', snapshot: nothing changes
-- Errors    FENCED, DUP, MAINTENANCE, BUSY (not in the lobby), INVALID: nothing changes
-- Cost      10 commands, O(log waiters)

local player = load(KEYS[1], ARGV[5])
local mode = ARGV[9]
local status = refusal(player)

local function place(code)
    if player.st ~= 'queued' or player.mode ~= mode then return answer(code, '', '', {player}) end
    local rank = redis.call('ZRANK', KEYS[2], player.id)
    return answer(code, rank and rank + 1 or '', redis.call('ZCARD', KEYS[2]), {player})
end

if status then return place(status) end
if mode == '' or not integer(ARGV[11]) or not integer(ARGV[12]) or #ARGV[15] ~= 64
    or not string.find(ARGV[14], '^{.*}$') then
    return place('INVALID')
end
if redis.call('EXISTS', KEYS[6]) == 1 then return place('MAINTENANCE') end
if player.st and player.st ~= 'lobby' then return place('BUSY') end
local banned_ms = (integer(read(KEYS[7], 'until_ms')[1]) or 0) - now
if ARGV[16] ~= '-' then
    banned_ms = math.max(banned_ms, (integer(read(KEYS[8], 'until_ms')[1]) or 0) - now)
end
if banned_ms > 0 then return answer('BANNED', whole(banned_ms), '', {player}) end

-- The contestant as the opponents' match card shows it, made once here instead of at every commit.
local who = '{"player_id":' .. cjson.encode(player.id) .. ',"name":' .. cjson.encode(ARGV[10]) ..
    ',"level":' .. ARGV[11] .. ',"rating":' .. ARGV[12] .. '}'
player.mmr, player.sh, player.device = ARGV[12], ARGV[15], ARGV[13]
change(player, KEYS[5], 'st', 'queued', 'mode', mode, 'q', now_text, 'mid', '', 'why', '', 'ready', '',
    'card', '', 'who', who, 'mmr', ARGV[12], 'device', ARGV[13], 'dh', ARGV[16], 'snapshot', ARGV[14],
    'length', #ARGV[14], 'sh', ARGV[15], 'pen', '', route())
redis.call('PERSIST', player.key)
redis.call('ZADD', KEYS[2], player.q, player.id)
redis.call('ZADD', KEYS[4], whole(now + ARGV[3]), player.id)
log_waiter(KEYS[3], player)
return place('OK')
