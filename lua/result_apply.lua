-- Applies a result to a player exactly once, and keeps it until the client has seen it.
--
-- The last 32 matches applied are remembered with the player: a player is in one match at a time, so a repetition
-- of an older one cannot be on its way any more. What still stands in the inbox was acknowledged, or there would be
-- no new result: the word to forget it was lost, so it is forgotten now.
--
-- Keys       1 player:{<id>}  2 inbox:{<id>}
-- Arguments  1 now  2 match  3 outcome: win, loss or draw  4 summary (JSON) for a delivery after a reconnect
-- Reply      {NEW, summary} applied now | {KNOWN, summary} applied before, not acknowledged
--            {DONE, ''} applied and acknowledged before
-- Errors     {NONE, ''} there is no such player
-- Cost       2 commands, 6 when new

local COUNTERS = {win = 'wins', loss = 'losses', draw = 'draws'}
local stored = read(KEYS[2], ARGV[2])[1]
if stored then return {'KNOWN', stored} end
local player = read(KEYS[1], 'name', 'applied')
if not player[1] then return {'NONE', ''} end
local applied = player[2] or ''
if string.find(applied, ARGV[2], 1, true) then return {'DONE', ''} end
redis.call('HSET', KEYS[1], 'applied', string.sub(ARGV[2] .. ' ' .. applied, 1, 32 * 37))
redis.call('HINCRBY', KEYS[1], COUNTERS[ARGV[3]], 1)
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return {'NEW', ARGV[4]}
