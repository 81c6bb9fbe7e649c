-- outbox: players whose news nobody acknowledged: tell them again, later and later.
-- Keys      1 outbox, then metadata:<player> of each player
-- Arguments 1-4 common  5 and on: the players
-- Reply     OK, how many were given up, '', the snapshots to publish
-- Errors    none. Who is not due (another match_server was here) is left alone; who has no state or was told
--           ATTEMPTS_MAX times leaves the outbox: heartbeats and the next login tell him
-- Cost      4 commands a player, O(log players)
-- Needs     player

local ATTEMPTS_MAX = 16 -- about 40 s
local PAUSE_MAX_MS = 3200

local due, given_up = {}, 0
for i = 5, #ARGV do
    local id = ARGV[i]
    local at = redis.call('ZSCORE', KEYS[1], id)
    if at and tonumber(at) <= now then
        local player = load(KEYS[i - 3], id, 'oa')
        local version, told = string.match(player.more[18] or '', '^(%d+):(%d+)$') -- of that version
        local attempts = (version == player.ver and tonumber(told) or 0) + 1
        if player.st and attempts <= ATTEMPTS_MAX then
            redis.call('HSET', player.key, 'oa', player.ver .. ':' .. attempts)
            redis.call('ZADD', KEYS[1], whole(now + math.min(ARGV[2] * 2 ^ attempts, PAUSE_MAX_MS)), id)
            due[#due + 1] = player
        else
            redis.call('ZREM', KEYS[1], id)
            given_up = given_up + 1
        end
    end
end
return answer('OK', given_up, '', due)
