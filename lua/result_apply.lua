-- Applies a result to a player exactly once, and keeps it until the client has seen it.
--
-- The last 32 matches applied are remembered with the player: a player is in one match at a time, so a repetition
-- of an older one cannot be on its way any more. A rating is computed by the caller from the rating, the number of
-- games and the season it knows; when those are old, it is told the right ones and no more happens. So a match that
-- is in flight when a season begins counts in the new one, from the rating that the player begins it with. What
-- still stands in the inbox was acknowledged, or there would be no new result: the word to forget it was lost, so it
-- is forgotten now. A result against a stage may stay.
--
-- The same opponents again within a day of match time change a rating less and less: twice in full, then by half, by
-- a quarter, not at all. The caller computes the rating for each and the count decides; of a team, the opponent met
-- least counts. The last four meetings with each opponent of a mode are remembered.
--
-- The leaderboard orders by rating, and equal ratings by the time they were reached: the score is the rating times
-- 2^36, plus what is left of 2^36 tenths of a second since 1970.
--
-- Keys       1 player:{<id>}  2 inbox:{<id>}  3 history:{<id>}; in rated modes also  4 opponents:{<id>}  5 season
--            6 leaderboard:<season>:<mode>
-- Arguments  1 now  2 match  3 outcome: win, loss or draw  4 rated mode, '' for none  5 rating before  6 games
--            before  7 rating after  8 by half  9 by a quarter  10 when the match was made  11 opponents, as a comma
--            list  12 history entry without the rating (JSON)  13 season of key 6  14 player
-- Reply      {NEW, summary} applied now | {KNOWN, summary} applied before, not acknowledged
--            {DONE, ''} applied and acknowledged before
--            a summary is the outcome, and in rated modes rating before and after, with spaces between
-- Errors     {NONE, ''} there is no such player | {STALE, rating, games, season} the caller's are old
-- Cost       2 commands; 8 when new, in rated modes 16 and one an opponent, O(log players of the leaderboard)
-- Needs      season record

local SCALE = 68719476736
local DAY_MS, MEETINGS = 86400000, 4
local RATING_DEVIATION, VOLATILITY = '350', '0.06' -- where Glicko-2 would start from
local COUNTERS = {win = 'wins', loss = 'losses', draw = 'draws'}
local match, outcome, mode, at = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[10])

local stored = read(KEYS[2], match)[1]
if stored then return {'KNOWN', stored} end
local season = mode ~= '' and whole(enter_season(KEYS[1], KEYS[5]))
local player = read(KEYS[1], 'name', 'applied', 'rating_' .. mode, 'games_' .. mode, 'peak_' .. mode)
if not player[1] then return {'NONE', ''} end
local applied = player[2] or ''
if string.find(applied, match, 1, true) then return {'DONE', ''} end

-- How often this opponent was met within a day; and the place to remember this meeting in: the oldest of the four.
local function meetings(opponent)
    local places = {}
    for i = 1, MEETINGS do places[i] = mode .. ':' .. opponent .. ':' .. i end
    local times = redis.pcall('ZMSCORE', KEYS[4], unpack(places))
    if times.err then
        redis.call('DEL', KEYS[4])
        times = {}
    end
    local count, oldest, oldest_at = 0, 1, math.huge
    for i = 1, MEETINGS do
        local met_at = tonumber(times[i] or '') or -math.huge
        if met_at > at - DAY_MS then count = count + 1 end
        if met_at < oldest_at then oldest, oldest_at = i, met_at end
    end
    return count, places[oldest]
end

-- The rating after the match, by how often the opponents were met before.
local function rating_after()
    local least, places = MEETINGS, {}
    for opponent in string.gmatch(ARGV[11], '[^,]+') do
        local count, place = meetings(opponent)
        least = math.min(least, count)
        places[#places + 1], places[#places + 2] = whole(at), place
    end
    if #places == 0 then return ARGV[7] end
    redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', whole(at - DAY_MS))
    redis.call('ZADD', KEYS[4], unpack(places))
    redis.call('PEXPIRE', KEYS[4], DAY_MS)
    return ({[0] = ARGV[7], ARGV[7], ARGV[8], ARGV[9]})[least] or ARGV[5]
end

local summary, entry = outcome, ARGV[12]
local changes = {'applied', string.sub(match .. ' ' .. applied, 1, 32 * 37)}
local function note(field, value) changes[#changes + 1], changes[#changes + 2] = field .. mode, value end

if mode ~= '' then
    local rating, games = player[3] or ARGV[5], player[4] or '0'
    if rating ~= ARGV[5] or games ~= ARGV[6] or season ~= ARGV[13] then
        return {'STALE', rating, games, season}
    end
    local after = rating_after()
    note('rating_', after)
    note('games_', whole(games + 1))
    note('last_', whole(at))
    if tonumber(after) > (tonumber(player[5]) or 0) then note('peak_', after) end
    if games == '0' then
        note('rd_', RATING_DEVIATION)
        note('vol_', VOLATILITY)
    end
    summary = outcome .. ' ' .. rating .. ' ' .. after
    entry = string.sub(entry, 1, -2) .. ',"rating":{"before":' .. rating .. ',"after":' .. after .. ',"delta":'
        .. whole(after - rating) .. '}}'
    redis.call('HINCRBY', KEYS[1], COUNTERS[outcome] .. '_' .. mode, 1)
    local place = redis.call('ZSCORE', KEYS[6], ARGV[14])
    if not place or math.floor(place / SCALE) ~= tonumber(after) then
        redis.call('ZADD', KEYS[6], whole(after * SCALE + SCALE - 1 - math.floor(now / 100)), ARGV[14])
    end
end
redis.call('HSET', KEYS[1], unpack(changes))
redis.call('HINCRBY', KEYS[1], COUNTERS[outcome], 1)
note_history(KEYS[3], entry)
forget_results(KEYS[2], false)
redis.call('HSET', KEYS[2], match, summary)
return {'NEW', summary}
