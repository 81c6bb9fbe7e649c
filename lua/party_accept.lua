-- party_accept: who is invited becomes a member.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts, the party being the one of the invitation  7 members at most
-- Reply     OK and what all party scripts say
-- Errors    NONE (no such party, or not invited to it any more), BUSY (in a party already), FULL, AGAIN, FENCED:
--           nothing changes
-- Cost      2 commands a person, 6 and 2 a member
-- Needs     party

local again = load_party()
if again then return again end
if party and position(party.members, acting.id) then return {'BUSY', ''} end
if not party or not position(party.invited, acting.id) then return {'NONE', ''} end
if acting.party ~= '' then return {'BUSY', ''} end
if #party.members >= tonumber(ARGV[7]) then return {'FULL', ''} end
uninvite(acting)
acting.party = party.id
redis.call('HSET', acting.key, 'party', party.id)
party.members[#party.members + 1] = acting
change_party()
return done()
