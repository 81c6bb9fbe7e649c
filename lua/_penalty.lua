-- Sanctions. A violation adds VIOLATION to the score of its player and of his device; the score halves every
-- half-life, exactly at the end of each and on a straight line in between:
--
--     h = floor(age / half-life)    s = floor(score / 2^h)    s - floor(s * (age mod half-life) / (2 * half-life))
--
-- The step of a sanction is the score in violations, rounded: a single one is forgiven after a half-life. The
-- score stays within the steps, so that forgiving begins at once.

local VIOLATION = 1000

local function decayed(score, at, half_life)
    local age = math.max(now - at, 0)
    score = math.floor(score / 2 ^ math.floor(age / half_life))
    return score - math.floor(score * (age % half_life) / (2 * half_life))
end

local function step_of(score) return math.floor(score / VIOLATION + 0.5) end

-- "0,60,300" as numbers.
local function numbers(text)
    local list = {}
    for number in string.gmatch(text, '%d+') do list[#list + 1] = tonumber(number) end
    return list
end

-- Keeps a record for one half-life longer than it weighs, and not less than its sanction lasts.
local function keep_penalty(key, index, name, score, until_ms, half_life, ...)
    local weight, kept_ms = score, half_life
    while step_of(weight) > 0 do weight, kept_ms = weight / 2, kept_ms + half_life end
    kept_ms = math.max(kept_ms, until_ms - now)
    redis.call('HSET', key, 'score', whole(score), 'at_ms', now_text, 'until_ms', whole(until_ms), ...)
    redis.call('PEXPIRE', key, whole(kept_ms))
    redis.call('ZREMRANGEBYSCORE', index, '-inf', now_text)
    redis.call('ZADD', index, whole(now + kept_ms), name)
end

-- One more violation on one record; `steps` in seconds. Returns the seconds of its sanction.
local function violate(key, index, name, half_life, steps)
    local v = read(key, 'score', 'at_ms', 'until_ms', 'count')
    local score = decayed(integer(v[1]) or 0, integer(v[2]) or now, half_life) + VIOLATION
    score = math.min(score, #steps * VIOLATION)
    local seconds = steps[step_of(score)]
    local until_ms = math.max(integer(v[3]) or 0, now + seconds * 1000)
    keep_penalty(key, index, name, score, until_ms, half_life, 'count', whole((integer(v[4]) or 0) + 1))
    return seconds
end

-- Records a violation of a player and, unless it is '-', of his device. Returns the sanction as the client is
-- told of it; what the two records say is in force side by side, and the longer one counts.
local function punish(player_key, device_key, index, id, device, half_life, steps)
    local list = numbers(steps)
    local seconds = violate(player_key, index, 'player:' .. id, half_life, list)
    if device ~= '-' then
        seconds = math.max(seconds, violate(device_key, index, 'device:' .. device, half_life, list))
    end
    if seconds == 0 then return 'warning' end
    if seconds % 3600 == 0 then return whole(seconds / 3600) .. ' h' end
    if seconds % 60 == 0 then return whole(seconds / 60) .. ' min' end
    return whole(seconds) .. ' s'
end
