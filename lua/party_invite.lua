-- party_invite: the leader invites somebody, wherever he is; a repetition begins the time anew.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts  7 whom  8 ms the invitation lasts  9 members at most  10 invitations at most,
--           of a party and of a player  11 invitations that one player may send in a minute
-- Reply     OK and what all party scripts say
-- Errors    NONE (in no party), LEADER (is not), MEMBER (is one already), NOBODY (no such player), FULL,
--           MANY with the ms until there is room, AGAIN, FENCED: nothing changes
-- Cost      2 commands a person, 7 and 2 a member
-- Needs     party

local MINUTE_MS = 60000

local again = load_own_party()
if again then return again end
if not party then return {'NONE', ''} end
if party.leader ~= acting.id then return {'LEADER', ''} end
local guest = people[ARGV[7]]
if position(party.members, guest.id) then return {'MEMBER', ''} end
if not guest.name then return {'NOBODY', ''} end
if #party.members >= tonumber(ARGV[9]) then return {'FULL', ''} end

-- Only the answer with the earliest end can be waited for.
local function too_many(list)
    if #list < tonumber(ARGV[10]) then return end
    local first = tonumber(list[1].ends)
    for i = 2, #list do first = math.min(first, tonumber(list[i].ends)) end
    return {'MANY', whole(first - now)}
end

local since, sent = string.match(read(acting.session, 'invites')[1] or '', '^(%d+) (%d+)$')
if not since or now - since >= MINUTE_MS or now < tonumber(since) then since, sent = now_text, 0 end
if tonumber(sent) >= tonumber(ARGV[11]) then return {'MANY', whole(since + MINUTE_MS - now)} end

local others = {} -- what else the guest is invited to
for _, one in ipairs(invitations_of(guest)) do
    if one.id ~= party.id then others[#others + 1] = one end
end
local at = position(party.invited, guest.id)
if at then table.remove(party.invited, at) end
local refused = too_many(party.invited) or too_many(others)
if refused then return refused end

local ends = whole(now + ARGV[8])
redis.call('HSET', acting.session, 'invites', since .. ' ' .. whole(sent + 1))
party.invited[#party.invited + 1] = {id = guest.id, ends = ends}
others[#others + 1] = {ends = ends, id = party.id, by = acting.id, name = string.gsub(acting.name or acting.id, '%c', ' ')}
write_invitations(guest, others)
change_party(guest)
return done()
