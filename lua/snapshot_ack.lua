-- snapshot_ack: a pod has applied these versions; who is up to date leaves the outbox.
-- Keys      1 outbox, then metadata:<player> of each player
-- Arguments 1-4 common  5 and on: player, version applied
-- Reply     OK, how many left the outbox, ''
-- Errors    none; an old version is left alone
-- Cost      1 command a player and 1

local done = {}
for i = 5, #ARGV, 2 do
    if read(KEYS[2 + (i - 5) / 2], 'ver')[1] == ARGV[i + 1] then done[#done + 1] = ARGV[i] end
end
if #done == 0 then return {'OK', 0, ''} end
return {'OK', redis.call('ZREM', KEYS[1], unpack(done)), ''}
