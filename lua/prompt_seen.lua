-- prompt_seen: the client of a member has answered after the match was told to it: it knows of the match.
-- Keys      1 metadata:<player>  2 match:<match>
-- Arguments 1-4 common  5 player  6 ce  7 match id  8 pod  9 id of the pod's process
-- Reply     OK, '', ''
-- Errors    FENCED, NO (no such match, not a member, not loading), INVALID: nothing changes
-- Cost      3 commands
-- Needs     player

local player = load(KEYS[1], ARGV[5])
local ce = integer(ARGV[6])
if not ce or ARGV[8] == '' or ARGV[9] == '' then return {'INVALID', '', ''} end
if ce < (tonumber(player.ce) or 0) then return {'FENCED', '', ''} end
if player.st ~= 'loading' or player.mid ~= ARGV[7] or read(KEYS[2], 'status')[1] ~= 'loading' then
    return {'NO', '', ''}
end
redis.call('HSET', KEYS[2], 'p:' .. player.id, ARGV[8] .. ':' .. ARGV[9])
return {'OK', '', ''}
