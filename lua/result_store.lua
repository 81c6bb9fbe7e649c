-- Keeps the result of a battle. A second host stores the same bytes: a battle is a function of its inputs.
--
-- Keys       1 result:<match>
-- Arguments  1 now  2 lifetime in ms  3... field, value, ...
-- Reply      {OK}
-- Errors     none
-- Cost       2 commands

redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'OK'}
