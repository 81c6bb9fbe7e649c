-- Applies a result to a player exactly once, and keeps it until the client has seen it.
--
-- The last 32 matches applied are remembered with the player: a player is in one match at a time, so a repetition
-- of an older one cannot be on its way any more. A rating is computed by the caller from the rating and number of
-- games it knows; when those are old, nothing happens and it is told the right ones.
--
-- Keys       1 player:{<id>}  2 inbox:{<id>}
-- Arguments  1 now  2 match  3 outcome: win, loss or draw  4 rated mode, '' for none  5 rating before  6 games
--            before  7 rating after
-- Reply      {NEW, summary} applied now | {KNOWN, summary} applied before, not acknowledged
--            {DONE, ''} applied and acknowledged before
--            a summary is the outcome, and in rated modes rating before and after, with spaces between
-- Errors     {NONE, ''} there is no such player | {STALE, rating, games} the caller's are old
-- Cost       2 commands, 5 when new

local COUNTERS = {win = 'wins', loss = 'losses', draw = 'draws'}
local match, outcome, mode = ARGV[2], ARGV[3], ARGV[4]
local stored = read(KEYS[2], match)[1]
if stored then return {'KNOWN', stored} end
local player = read(KEYS[1], 'name', 'applied', 'rating_' .. mode, 'games_' .. mode)
if not player[1] then return {'NONE', ''} end
local applied = player[2] or ''
if string.find(applied, match, 1, true) then return {'DONE', ''} end

local summary = outcome
local changes = {'applied', string.sub(match .. ' ' .. applied, 1, 32 * 37)}
if mode ~= '' then
    local rating, games = player[3] or ARGV[5], player[4] or '0'
    if rating ~= ARGV[5] or games ~= ARGV[6] then return {'STALE', rating, games} end
    summary = outcome .. ' ' .. rating .. ' ' .. ARGV[7]
    changes[3], changes[4] = 'rating_' .. mode, ARGV[7]
    changes[5], changes[6] = 'games_' .. mode, whole(games + 1)
end
redis.call('HSET', KEYS[1], unpack(changes))
redis.call('HINCRBY', KEYS[1], COUNTERS[outcome], 1)
redis.call('HSET', KEYS[2], match, summary)
return {'NEW', summary}
