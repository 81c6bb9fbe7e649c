-- Reads places of a leaderboard: from the top, or around a player.
--
-- Keys       1 leaderboard:<season>:<mode>
-- Arguments  1 now  2 player  3 around: 1, or 0 for the top  4 places wanted, may be 0
-- Reply      {players, rank of the player or 0, his rating or 0, rank of the first, player, rating, player, ...}
-- Errors     none: a key that is no sorted set is removed and counts as empty
-- Cost       4 commands, O(log players + places)

local SCALE = 68719476736 -- as in result_apply
local key, id, places = KEYS[1], ARGV[2], tonumber(ARGV[4])
local kind = redis.call('TYPE', key).ok
if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', key) end

local function rating(score) return whole(math.floor(score / SCALE)) end

local players = redis.call('ZCARD', key)
local rank = redis.call('ZREVRANK', key, id)
local first = 0
if ARGV[3] == '1' and rank then
    first = math.max(0, math.min(rank - math.floor(places / 2), players - places))
end
local reply = {whole(players), rank and whole(rank + 1) or '0', rank and rating(redis.call('ZSCORE', key, id)) or '0',
    whole(first + 1)}
if places == 0 then return reply end
local found = redis.call('ZREVRANGE', key, first, first + places - 1, 'WITHSCORES')
for i = 1, #found, 2 do
    reply[#reply + 1] = found[i]
    reply[#reply + 1] = rating(found[i + 1])
end
return reply
