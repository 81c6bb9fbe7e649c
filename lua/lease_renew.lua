-- lease_renew: prolongs the lease when it is still exactly ours.
-- Keys      1 lock:matchmaker:<mode>
-- Arguments 1 time  2 value of the lock  3 ms the lease lasts from now
-- Reply     OK, '', '' | STALE, value of the lock or '', '': nothing changes
-- Errors    none
-- Cost      2 commands

local value = redis.call('GET', KEYS[1])
if value ~= ARGV[2] then return {'STALE', value or '', ''} end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'OK', '', ''}
