-- penalty_list: what the records of violations say now. Reads only.
-- Keys      penalty:player:<id> or penalty:device:<hash> of each
-- Arguments 1 time  2 ms of a half-life  3 and on: their names
-- Reply     OK, then for every record there is: name, score now, violations counted, last one in ms, end of
--           the sanction in ms
-- Errors    none
-- Cost      1 command a record
-- Needs     penalty

local reply = {'OK'}
for i = 3, #ARGV do
    local v = read(KEYS[i - 2], 'score', 'at_ms', 'until_ms', 'count')
    if v[1] then
        local n, at = #reply, integer(v[2]) or now
        reply[n + 1], reply[n + 2] = ARGV[i], whole(decayed(integer(v[1]) or 0, at, tonumber(ARGV[2])))
        reply[n + 3], reply[n + 4], reply[n + 5] = v[4] or '0', whole(at), v[3] or '0'
    end
end
return reply
