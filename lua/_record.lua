-- What a player has and did: player:{<id>}, inbox:{<id>}, history:{<id>}.

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
