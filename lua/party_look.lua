-- party_look: what a player's party is now, and what he is invited to; both are kept for another while.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts  7 'login' when he has just come, else ''
-- Reply     OK and what all party scripts say
-- Errors    AGAIN, FENCED
-- Cost      2 commands a person, 3 and 1 a member; at a login 1 more a member
-- Needs     party

local again = load_own_party()
if again then return again end
write_invitations(acting, invitations_of(acting))
if party and ARGV[7] == 'login' then change_party() elseif party then write_party() end
return done()
