-- party_leave: a member goes, or the leader sends one away or takes an invitation back. Who leaves as the leader
-- leaves the lead to the next one; without members the party is gone.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts  7 who goes
-- Reply     OK and what all party scripts say
-- Errors    NONE (in no party), LEADER (is not), NOBODY (neither a member nor invited), AGAIN, FENCED: nothing
--           changes
-- Cost      2 commands a person, 6 and 2 a member
-- Needs     party

local again = load_own_party()
if again then return again end
if not party then return {'NONE', ''} end
local who = people[ARGV[7]]
if who ~= acting and party.leader ~= acting.id then return {'LEADER', ''} end
local at = position(party.members, who.id)
if not at and not uninvite(who) then return {'NOBODY', ''} end
if at then
    table.remove(party.members, at)
    redis.call('HDEL', who.key, 'party')
    if party.leader == who.id and party.members[1] then party.leader = party.members[1].id end
end
change_party(who)
if who == acting then party = nil end
return done()
