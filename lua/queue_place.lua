-- Where a waiting player stands. Reads only.
--
-- Keys       1 queue:<mode>
-- Arguments  1 now  2 player
-- Reply      {place from 0, or nil when not in the queue; how many wait; time}
-- Errors     none
-- Cost       2 commands, O(log waiters)

return {redis.call('ZRANK', KEYS[1], ARGV[2]), redis.call('ZCARD', KEYS[1]), now_text}
