-- Applies a result to a player exactly once, and keeps it until the client has seen it.
--
-- The last 32 matches applied are remembered with the player: a player is in one match at a time, so a repetition
-- of an older one cannot be on its way any more. A rating is computed by the caller from the rating, the number of
-- games and the season it knows; when those are old, it is told the right ones and no more happens. So a match that
-- is in flight when a season begins counts in the new one, from the rating that the player begins it with. What
-- still stands in the inbox was acknowledged, or there would be no new result: the word to forget it was lost, so it
-- is forgotten now. A result against a stage may stay.
--
-- The leaderboard orders by rating, and equal ratings by the time they were reached: the score is the rating times
-- 2^36, plus what is left of 2^36 tenths of a second since 1970.
--
-- Keys       1 player:{<id>}  2 inbox:{<id>}; in rated modes also  3 season  4 leaderboard:<season>:<mode>
-- Arguments  1 now  2 match  3 outcome: win, loss or draw  4 rated mode, '' for none  5 rating before  6 games
--            before  7 rating after  8 season of key 4  9 player
-- Reply      {NEW, summary} applied now | {KNOWN, summary} applied before, not acknowledged
--            {DONE, ''} applied and acknowledged before
--            a summary is the outcome, and in rated modes rating before and after, with spaces between
-- Errors     {NONE, ''} there is no such player | {STALE, rating, games, season} the caller's are old
-- Cost       2 commands, 7 when new, 11 in rated modes, O(log players of the leaderboard)

local SCALE = 68719476736
local COUNTERS = {win = 'wins', loss = 'losses', draw = 'draws'}
local match, outcome, mode = ARGV[2], ARGV[3], ARGV[4]
local stored = read(KEYS[2], match)[1]
if stored then return {'KNOWN', stored} end
local season = mode ~= '' and whole(enter_season(KEYS[1], KEYS[3]))
local player = read(KEYS[1], 'name', 'applied', 'rating_' .. mode, 'games_' .. mode)
if not player[1] then return {'NONE', ''} end
local applied = player[2] or ''
if string.find(applied, match, 1, true) then return {'DONE', ''} end

local summary = outcome
local changes = {'applied', string.sub(match .. ' ' .. applied, 1, 32 * 37)}
if mode ~= '' then
    local rating, games = player[3] or ARGV[5], player[4] or '0'
    if rating ~= ARGV[5] or games ~= ARGV[6] or season ~= ARGV[8] then return {'STALE', rating, games, season} end
    summary = outcome .. ' ' .. rating .. ' ' .. ARGV[7]
    changes[3], changes[4] = 'rating_' .. mode, ARGV[7]
    changes[5], changes[6] = 'games_' .. mode, whole(games + 1)
    local place = redis.call('ZSCORE', KEYS[4], ARGV[9])
    if not place or math.floor(place / SCALE) ~= tonumber(ARGV[7]) then
        redis.call('ZADD', KEYS[4], whole(ARGV[7] * SCALE + SCALE - 1 - math.floor(now / 100)), ARGV[9])
    end
end
redis.call('HSET', KEYS[1], unpack(changes))
redis.call('HINCRBY', KEYS[1], COUNTERS[outcome], 1)
forget_results(KEYS[2], false)
redis.call('HSET', KEYS[2], match, summary)
return {'NEW', summary}
