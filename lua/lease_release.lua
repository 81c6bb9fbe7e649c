-- lease_release: gives the lease back when it is still exactly ours.
-- Keys      1 lock:matchmaker:<mode>
-- Arguments 1 time  2 value of the lock
-- Reply     OK, '', '' | STALE, value of the lock or '', '': nothing changes
-- Errors    none
-- Cost      2 commands

local value = redis.call('GET', KEYS[1])
if value ~= ARGV[2] then return {'STALE', value or '', ''} end
redis.call('DEL', KEYS[1])
return {'OK', '', ''}
