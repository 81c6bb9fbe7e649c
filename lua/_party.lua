-- Shared by the party scripts.
--
-- A party is party:{<party>} (leader; members, a comma list in the order they came; invited, player:end in ms of
-- each; ver) and the field `party` of every member. A member is who both name, so half of a change that a failover
-- took back makes nobody one. `invites` of a player are lines: end in ms, party, who invites, his name.
--
-- Keys      1 party:{<party>}  2 pods, then player:{<id>}  session:{<id>} of each of the people
-- Arguments 1 time  2 connection epoch of who acts  3 party, '' none  4 ms it is kept after its last use  5 pod
--           6 people, as a comma list: who acts, whom it is about, the members
-- Reply     status, detail; when OK also version, party ('' none), leader, and four flat lists: members (id, name,
--           level, rating, online 0 or 1, pod, epoch, device), invited ids, who has to look again (id, pod),
--           invitations of who acts (party, who invites, his name, end in ms)
--           AGAIN, members, party: the caller knew too little; nothing changes, call again with these
--           FENCED: a newer login took over; nothing changes

local people, acting = {}, nil
do
    local key = 3
    for id in string.gmatch(ARGV[6], '[^,]+') do
        local p = read(KEYS[key], 'name', 'level', 'rating_party', 'party', 'invites')
        local s = read(KEYS[key + 1], 'epoch', 'pod', 'device', 'gone', 'party_ver')
        people[id] = {id = id, key = KEYS[key], session = KEYS[key + 1], name = p[1], level = p[2], rating = p[3],
            party = p[4] or '', invites = p[5] or '', epoch = s[1], pod = s[2], device = s[3], gone = s[4], ver = s[5]}
        acting = acting or people[id]
        key = key + 2
    end
end
if acting.epoch ~= ARGV[2] then return {'FENCED', ''} end

local party    -- the one that it is about
local news = {}

local function position(list, id)
    for i = 1, #list do
        if list[i].id == id then return i end
    end
end

-- Reads the party of KEYS[1], if there is one. Returns the reply when people are missing.
local function load_party()
    if ARGV[3] == '' then return end
    local v = read(KEYS[1], 'ver', 'leader', 'members', 'invited')
    local found = {key = KEYS[1], id = ARGV[3], ver = v[1], leader = v[2], members = {}, invited = {}}
    for id in string.gmatch(v[3] or '', '[^,]+') do
        if not people[id] then return {'AGAIN', v[3], ARGV[3]} end
        if people[id].party == ARGV[3] then found.members[#found.members + 1] = people[id] end
    end
    if #found.members == 0 then return end
    for id, ends in string.gmatch(v[4] or '', '([^,:]+):(%d+)') do
        if tonumber(ends) > now then found.invited[#found.invited + 1] = {id = id, ends = ends} end
    end
    if not position(found.members, found.leader) then found.leader = found.members[1].id end
    party = found
end

-- The same for who acts: `party` is then his, or nil; a party that does not know him is forgotten.
local function load_own_party()
    if acting.party ~= ARGV[3] then return {'AGAIN', '', acting.party} end
    local again = load_party()
    if again then return again end
    if party and not position(party.members, acting.id) then party = nil end
    if not party and acting.party ~= '' then
        redis.call('HDEL', acting.key, 'party')
        acting.party = ''
    end
end

-- Stores the party and keeps it for another while; without members it is gone.
local function write_party()
    local members, invited = {}, {}
    for i, member in ipairs(party.members) do members[i] = member.id end
    for i, guest in ipairs(party.invited) do invited[i] = guest.id .. ':' .. guest.ends end
    if #members == 0 then
        redis.call('DEL', party.key)
        return
    end
    redis.call('HSET', party.key, 'ver', party.ver or '0', 'leader', party.leader, 'members',
        table.concat(members, ','), 'invited', table.concat(invited, ','))
    redis.call('PEXPIRE', party.key, ARGV[4])
end

-- Stores the party under a new version, which tells the members and `other` to look again.
local function change_party(other)
    local concerned, newest = {other}, tonumber(party.ver) or 0
    for _, member in ipairs(party.members) do
        if member ~= other then concerned[#concerned + 1] = member end
    end
    for _, person in ipairs(concerned) do newest = math.max(newest, tonumber(person.ver) or 0) end
    party.ver = after(whole(newest))
    write_party()
    for _, person in ipairs(concerned) do
        if person.epoch then
            person.ver = party.ver
            redis.call('HSET', person.session, 'party_ver', person.ver)
        end
        if person.epoch and person ~= acting then
            news[#news + 1], news[#news + 2] = person.id, person.pod or ''
        end
    end
end

-- What `person` is invited to, as a list of tables.
local function invitations_of(person)
    local list = {}
    for ends, id, by, name in string.gmatch(person.invites, '(%d+) (%S+) (%S+) ([^\n]*)') do
        if tonumber(ends) > now then list[#list + 1] = {ends = ends, id = id, by = by, name = name} end
    end
    return list
end

local function write_invitations(person, list)
    local lines = {}
    for i, one in ipairs(list) do lines[i] = table.concat({one.ends, one.id, one.by, one.name}, ' ') end
    local text = table.concat(lines, '\n')
    if text == person.invites then return end
    person.invites = text
    if text == '' then redis.call('HDEL', person.key, 'invites')
    else redis.call('HSET', person.key, 'invites', text) end
end

-- Takes the invitation of `person` to the party away on both sides; false when there is none.
local function uninvite(person)
    local at = position(party.invited, person.id)
    if not at then return false end
    table.remove(party.invited, at)
    local list = invitations_of(person)
    at = position(list, party.id)
    if at then table.remove(list, at) end
    write_invitations(person, list)
    return true
end

local function lives(pod)
    local deadline = redis.call('ZSCORE', KEYS[2], 'game:' .. (pod or ''))
    return deadline and tonumber(deadline) > now
end

-- When not even the own pod lives, nobody counts heartbeats, and nothing is known of the others. Who has just come
-- (his epoch is the time of his login) may be on a pod that has just started.
local JUST_COME_MS = 5000
local function is_here(member, counted)
    if not member.epoch or member.gone == member.epoch then return false end
    return not counted or now - member.epoch < JUST_COME_MS or lives(member.pod)
end

local function done()
    local members, invited, invitations, n = {}, {}, {}, 0
    local counted = lives(ARGV[5])
    for i, m in ipairs(party and party.members or {}) do
        for k, value in ipairs({m.id, m.name or m.id, m.level or '1', m.rating or '0',
            is_here(m, counted) and '1' or '0', m.pod or '', m.epoch or '0', m.device or ''}) do
            members[8 * (i - 1) + k] = value
        end
    end
    for i, guest in ipairs(party and party.invited or {}) do invited[i] = guest.id end
    for _, one in ipairs(invitations_of(acting)) do
        invitations[n + 1], invitations[n + 2], invitations[n + 3], invitations[n + 4] = one.id, one.by, one.name, one.ends
        n = n + 4
    end
    return {'OK', '', acting.ver or '0', party and party.id or '', party and party.leader or '', members, invited,
        news, invitations}
end
