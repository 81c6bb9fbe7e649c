-- A login: takes the player's session over and returns what the player owns. Creates the player at the first.
--
-- Keys       1 player:{<id>}  2 session:{<id>}  3 inbox:{<id>}  4 season
-- Arguments  1 now  2 pod  3 session id  4 default name  5 level  6 rating  7 loadout (JSON)  8 collection (JSON)
--             9 device, '' none
-- Reply      {connection epoch, pod of the session before or '', created 0 or 1, name, level, rating normal,
--             ranked, party, wins, losses, draws, loadout, collection, rated games normal, ranked, party,
--             experience, stages, season, {match, summary, ...} not acknowledged, party or '', what he is
--             invited to or ''}
-- Errors     none: a key that is no hash is replaced, and its loss is told as created
-- Cost       7 commands, 10 at the first login
-- Needs      season record

local created = redis.call('EXISTS', KEYS[1]) == 0
local first = read(KEYS[1], 'name')[1]
if not first then
    created = true
    redis.call('HSET', KEYS[1], 'name', ARGV[4], 'level', ARGV[5], 'rating_normal', ARGV[6],
        'rating_ranked', ARGV[6], 'rating_party', ARGV[6], 'wins', '0', 'losses', '0', 'draws', '0',
        'loadout', ARGV[7], 'collection', ARGV[8], 'created_at_ms', whole(now), 'season', whole(season_of(KEYS[4])))
end
enter_season(KEYS[1], KEYS[4])

local before = read(KEYS[2], 'epoch', 'pod')
local epoch = after(before[1])
redis.call('HSET', KEYS[2], 'epoch', epoch, 'pod', ARGV[2], 'session', ARGV[3], 'device', ARGV[9])
redis.call('PEXPIRE', KEYS[2], 604800000)

read(KEYS[3], 'any')
local reply = {epoch, before[2] or '', created and 1 or 0, unpack(profile_of(KEYS[1]))}
reply[20] = redis.call('HGETALL', KEYS[3])
local party = read(KEYS[1], 'party', 'invites')
reply[21], reply[22] = party[1] or '', party[2] or ''
return reply
