-- Shared by every script: stands in front of each of them when it is embedded. The other files of this folder that
-- begin with _ are one subject each; a script says in the last line of its opening comment which of them it needs,
-- and they stand between this file and the script in that order (tools/script.sh).
--
-- ARGV[1] of every script is the time in ms; '' (always in production) means the clock of Redis, so that one
-- clock rules.

local now = tonumber(ARGV[1])
if ARGV[1] == '' then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua's own conversion keeps 14 digits only. Whole numbers only: the rest is cut off.
local function whole(number) return string.format('%d', number) end

-- An integer argument 0 .. 2^53 - 1 as a number; nil for anything else.
local function integer(text)
    local number = string.find(text or '', '^%d+$') and tonumber(text)
    return number and number <= 9007199254740991 and number or nil
end

-- Hybrid clock: grows with every use, and also when a failover lost the last uses.
local now_text = whole(now)
local function after(old)
    if old and #old == #now_text and old < now_text then return now_text end -- digits of one length: so are the numbers
    local next = (tonumber(old) or 0) + 1
    return next <= now and now_text or whole(next)
end

-- HMGET. A key of ours that is no hash can be read by nobody: it is removed and counts as absent.
local function read(key, ...)
    local values = redis.pcall('HMGET', key, ...)
    if not values.err then return values end
    redis.call('DEL', key)
    values = {}
    for i = 1, select('#', ...) do values[i] = false end
    return values
end
