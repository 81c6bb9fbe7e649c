-- queue_mark: how many wait at which entry of the log, as one instant.
-- Keys      1 queue:<mode>  2 queue:log:<mode>
-- Arguments 1 time
-- Reply     OK, waiters, id of the last entry of the log ("0-0" when it is empty)
-- Errors    none
-- Cost      2 commands

local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
return {'OK', redis.call('ZCARD', KEYS[1]), last and last[1] or '0-0'}
