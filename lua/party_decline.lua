-- party_decline: who is invited does not want to; his own party, if he has one, stays as it is.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts, the party being the one of the invitation
-- Reply     OK and what all party scripts say, of no party
-- Errors    NONE (no such party, or not invited to it any more), AGAIN, FENCED: nothing changes
-- Cost      2 commands a person, 5 and 1 a member
-- Needs     party

local again = load_party()
if again then return again end
if not party or not uninvite(acting) then return {'NONE', ''} end
change_party(acting)
party = nil
return done()
