-- The members of a match, and its end. Stands behind _player.lua.

-- The members of a match; `players` is a comma list, KEYS[first] and on are their metadata.
local function members(players, first)
    local list = {}
    for id in string.gmatch(players, '[^,]+') do list[#list + 1] = load(KEYS[first + #list], id) end
    return list
end

-- A match ends without a result: who of its members waits again, by id? Those that `fits` says it of (the others
-- are absent), unless their mate does not: a party waits together or not at all.
local function waiters_again(all, match, fits)
    local fit, again = {}, {}
    for _, member in ipairs(all) do
        if member.mid == match and fits(member) then fit[member.id] = member end
    end
    for id, member in pairs(fit) do
        local mate = fit[member.mate or '']
        again[id] = not member.mate or mate ~= nil and mate.mate == id
    end
    return again
end

-- The end of a match, whatever it is; `...` are further fields.
local function close_match(match, deadlines, id, status, ...)
    redis.call('HSET', match, 'status', status, ...)
    redis.call('PEXPIRE', match, ARGV[4])
    redis.call('ZREM', deadlines, id)
end
