-- drain: ends the queue leases of waiters whose pod is dead; the reaper takes them out as it does with any other.
-- Keys      1 queue:leases  2 pods, then metadata:<player> of each player
-- Arguments 1 time  2 pod, '' any  3 and on: the players
-- Reply     OK, how many leases were ended, ''
-- Errors    none; who waits on a pod that lives, or does not wait, is left alone
-- Cost      2 or 3 commands a player, O(log waiters)

local ended = 0
for i = 3, #ARGV do
    local at = read(KEYS[i], 'st', 'pod')
    local pod = at[2] or ''
    if at[1] == 'queued' and (ARGV[2] == '' or ARGV[2] == pod) then
        local alive = redis.call('ZSCORE', KEYS[2], 'game:' .. pod)
        if not alive or tonumber(alive) <= now then
            ended = ended + redis.call('ZADD', KEYS[1], 'XX', 'CH', now_text, ARGV[i])
        end
    end
end
return {'OK', ended, ''}
