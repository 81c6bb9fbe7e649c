-- Begins a new season. Players are not touched: each enters it at his first use (_season.lua).
--
-- Keys       1 season  2... leaderboard:<number before>:<mode> of every rated mode
-- Arguments  1 now  2 number of the season that ends  3 permille of a rating's distance from the base that stays
--            4 base  5 ms that the leaderboards of the season that ends are kept
-- Reply      {OK, number, started at ms} | {STALE, number, started at ms or 0} another season runs: no change
-- Errors     none
-- Cost       3 commands and one a leaderboard
-- Needs      season

local number = season_of(KEYS[1])
if whole(number) ~= ARGV[2] then
    return {'STALE', whole(number), read(KEYS[1], 'started_at_ms')[1] or '0'}
end
redis.call('HSET', KEYS[1], 'number', whole(number + 1), 'started_at_ms', now_text, 'keep_permille', ARGV[3], 'base',
    ARGV[4])
for i = 2, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
return {'OK', whole(number + 1), now_text}
