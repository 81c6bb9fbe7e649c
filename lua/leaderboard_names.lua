-- Reads display names.
--
-- Keys       player:{<id>} of each
-- Arguments  1 now
-- Reply      {name, ...}, '' for one who has none
-- Errors     none
-- Cost       1 command a player

local names = {}
for i = 1, #KEYS do names[i] = read(KEYS[i], 'name')[1] or '' end
return names
