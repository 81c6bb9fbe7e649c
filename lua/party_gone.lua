-- party_gone: a member's connection is lost; the others see him go offline until his next login.
-- Keys      as all party scripts
-- Arguments 1-6 as all party scripts
-- Reply     OK and what all party scripts say
-- Errors    NONE (in no party), AGAIN, FENCED: nothing changes
-- Cost      2 commands a person, 4 and 2 a member
-- Needs     party

local again = load_own_party()
if again then return again end
if not party then return {'NONE', ''} end
acting.gone = acting.epoch
redis.call('HSET', acting.session, 'gone', acting.epoch)
change_party()
return done()
