-- Changes one field of a player on behalf of the newest login.
--
-- Keys       1 player:{<id>}  2 session:{<id>}
-- Arguments  1 now  2 connection epoch  3 field  4 value
-- Reply      {OK} | {FENCED} a newer login took over | {NONE} there is no such player
-- Errors     none
-- Cost       3 commands

if read(KEYS[2], 'epoch')[1] ~= ARGV[2] then return {'FENCED'} end
if not read(KEYS[1], 'name')[1] then return {'NONE'} end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
return {'OK'}
