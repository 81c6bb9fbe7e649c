-- Gives a player what a battle against a stage brought, exactly once, and keeps it until the client has seen it.
--
-- This is the instant at which the battle took place: a pod that dies before has fought for nobody. Battles of a
-- player follow each other, and an older login is refused, so only the last one can be repeated. What it is worth:
-- every star that was not won before is a third of the stage's experience; winning without a new one is a tenth.
--
-- Keys       1 player:{<id>}  2 session:{<id>}  3 inbox:{<id>}  4 history:{<id>}
-- Arguments  1 now  2 connection epoch  3 match  4 stage  5 outcome: win, loss or draw  6 stars  7 experience of the
--            stage  8 experience at which each level begins, as a comma list
-- Reply      {NEW, match, summary} applied now | {KNOWN, match, summary} applied before, not acknowledged
--            {DONE, match, ''} applied and acknowledged before
--            a summary is pve, stage, outcome, stars, experience gained, experience now, level before, level now,
--            stars before, with spaces between
-- Errors     {FENCED, match, ''} a newer login took over | {NONE, match, ''} there is no such player
-- Cost       3 commands, 8 when new
-- Needs      record

local match, stage, stars, worth = ARGV[3], ARGV[4], integer(ARGV[6]), integer(ARGV[7])
if read(KEYS[2], 'epoch')[1] ~= ARGV[2] then return {'FENCED', match, ''} end
local stored = read(KEYS[3], match)[1]
if stored then return {'KNOWN', match, stored} end
local player = read(KEYS[1], 'name', 'pve', 'level', 'experience', 'stages')
if not player[1] then return {'NONE', match, ''} end
if player[2] == match then return {'DONE', match, ''} end

-- "meadow=3,old_mill=1": the stars of one stage, and the text without it.
local stages, others, best = player[5] or '', {}, 0
for id, count in string.gmatch(stages, '([^,=]+)=(%d)') do
    if id == stage then best = tonumber(count) else others[#others + 1] = id .. '=' .. count end
end
local gained = 0
if stars > best then
    gained = math.floor(worth * stars / 3) - math.floor(worth * best / 3)
    others[#others + 1] = stage .. '=' .. stars
    stages = table.concat(others, ',')
elseif stars > 0 then
    gained = math.floor(worth / 10)
end
local before, experience = integer(player[3]) or 1, (integer(player[4]) or 0) + gained
local level, reached = before, 0
for begins in string.gmatch(ARGV[8], '%d+') do
    reached = reached + 1
    if experience >= tonumber(begins) then level = math.max(level, reached) end
end

local summary = table.concat({'pve', stage, ARGV[5], stars, whole(gained), whole(experience), before, level, best},
    ' ')
redis.call('HSET', KEYS[1], 'pve', match, 'level', level, 'experience', whole(experience), 'stages', stages)
forget_results(KEYS[3], true)
redis.call('HSET', KEYS[3], match, summary)
note_history(KEYS[4], '{"match_id":"' .. match .. '","mode":"pve","at_ms":' .. now_text .. ',"outcome":"' .. ARGV[5]
    .. '","stage":' .. cjson.encode(stage) .. ',"stars":' .. stars .. '}')
return {'NEW', match, summary}
