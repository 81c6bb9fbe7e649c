-- maintenance: closes and opens the queues.
-- Keys      1 maintenance:flag  2 maintenance:pauses
-- Arguments 1 time  2 begin or end  3 who: operator or detector  4 ms until the flag ends by itself, '' never
--           5 reason, as JSON text  6 ms after which clients may try again
-- Reply     OK, flag as it is now ('' when it is gone), ''
--           NONE: there is nothing to end
--           HELD, flag, '': it is the operator's, and the detector may not change it
-- Errors    none; a flag that cannot be read counts as the operator's. What begins while it is on keeps the time at
--           which it began; only an end is noted among the pauses
-- Cost      4 commands

local PAUSES_MAX = 16 -- as many as a matcher remembers
local PAUSES_MS = 86400000

local value = redis.pcall('GET', KEYS[1])
if type(value) == 'table' then value = '' end -- no text at all
local by, since = string.match(value or '', '^{"by":"(%a+)","since_ms":(%d+),')
if value and ARGV[3] ~= 'operator' and by ~= ARGV[3] then return {'HELD', value, ''} end

if ARGV[2] == 'begin' then
    local flag = '{"by":"' .. ARGV[3] .. '","since_ms":' .. (since or now_text) .. ',"retry_after_ms":' .. ARGV[6] ..
        ',"reason":' .. ARGV[5] .. '}'
    redis.call('SET', KEYS[1], flag)
    if ARGV[4] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
    return {'OK', flag, ''}
end

if not value then return {'NONE', '', ''} end
redis.call('DEL', KEYS[1])
if since and tonumber(since) < now then
    redis.call('RPUSH', KEYS[2], since .. ':' .. now_text)
    redis.call('LTRIM', KEYS[2], -PAUSES_MAX, -1)
    redis.call('PEXPIRE', KEYS[2], PAUSES_MS)
end
return {'OK', '', ''}
