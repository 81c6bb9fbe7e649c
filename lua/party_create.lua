-- party_create: a party of one, who leads it.
-- Keys      as all party scripts, then party:{<new party>}
-- Arguments 1-6 as all party scripts  7 the new party
-- Reply     OK and what all party scripts say
-- Errors    BUSY (in a party already), AGAIN, FENCED: nothing changes
-- Cost      2 commands a person and 6
-- Needs     party

local again = load_own_party()
if again then return again end
if party then return {'BUSY', ''} end
acting.party = ARGV[7]
party = {key = KEYS[#KEYS], id = ARGV[7], leader = acting.id, members = {acting}, invited = {}}
redis.call('HSET', acting.key, 'party', party.id)
change_party()
return done()
