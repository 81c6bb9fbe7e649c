-- A login: takes the player's session over and returns what the player owns. Creates the player at the first.
--
-- Keys       1 player:{<id>}  2 session:{<id>}  3 inbox:{<id>}
-- Arguments  1 now  2 pod  3 session id  4 default name  5 level  6 rating  7 loadout (JSON)  8 collection (JSON)
--             9 device, '' none
-- Reply      {connection epoch, pod of the session before or '', created 0 or 1, name, level, rating normal,
--             ranked, party, wins, losses, draws, loadout, collection, rated games normal, ranked, party,
--             {match, summary, ...} not acknowledged, party or '', what he is invited to or ''}
-- Errors     none: a key that is no hash is replaced, and its loss is told as created
-- Cost       5 commands, 8 at the first login

local created = redis.call('EXISTS', KEYS[1]) == 0
local first = read(KEYS[1], 'name')[1]
if not first then
    created = true
    redis.call('HSET', KEYS[1], 'name', ARGV[4], 'level', ARGV[5], 'rating_normal', ARGV[6],
        'rating_ranked', ARGV[6], 'rating_party', ARGV[6], 'wins', '0', 'losses', '0', 'draws', '0',
        'loadout', ARGV[7], 'collection', ARGV[8], 'created_at_ms', whole(now))
end

local before = read(KEYS[2], 'epoch', 'pod')
local epoch = after(before[1])
redis.call('HSET', KEYS[2], 'epoch', epoch, 'pod', ARGV[2], 'session', ARGV[3], 'device', ARGV[9])
redis.call('PEXPIRE', KEYS[2], 604800000)

local p = read(KEYS[1], 'name', 'level', 'rating_normal', 'rating_ranked', 'rating_party', 'wins', 'losses',
    'draws', 'loadout', 'collection', 'games_normal', 'games_ranked', 'games_party', 'party', 'invites')
read(KEYS[3], 'any')
return {epoch, before[2] or '', created and 1 or 0, p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10],
    p[11] or '0', p[12] or '0', p[13] or '0', redis.call('HGETALL', KEYS[3]),
    p[14] or '', p[15] or ''}
