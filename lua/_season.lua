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
