-- Reads a player; his ratings are those of the season.
--
-- Keys       1 player:{<id>}  2 season
-- Arguments  1 now
-- Reply      {name, level, rating normal, ranked, party, wins, losses, draws, loadout, collection, rated games
--             normal, ranked, party, experience, stages, season}
-- Errors     {} there is no such player
-- Cost       3 commands, 4 at the first use in a season
-- Needs      season record

enter_season(KEYS[1], KEYS[2])
local profile = profile_of(KEYS[1])
return profile[1] and profile or {}
