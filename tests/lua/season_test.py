"""Seasons and leaderboards: season_start, how players enter a season, leaderboard, leaderboard_names."""
from harness import NOW
from player_test import MATCH, apply, login

TTL = 90 * 86_400_000


def start(realm, ending=1, keep=500, base=1200):
    keys = realm.keys('season', f'leaderboard={ending}:ranked', f'leaderboard={ending}:party')
    return realm.run('season_start', keys, ['', ending, keep, base, TTL])


def profile(realm, player='ann'):
    return realm.run('profile', realm.keys(f'player={player}', 'season'), [''])


def rate(realm, player, rating, match=1, before=None, games=0, mode='ranked', season=1):
    """Gives a player a rating by a rated result."""
    key = realm.key('player', player)
    before = before or realm.r.hget(key, f'rating_{mode}')
    assert apply(realm, MATCH % match, 'win', mode, before, games, rating, opponents='', season=season, player=player)[0] == 'NEW'


def board(realm, player='', around=0, places=10, mode='ranked', season=1):
    return realm.run('leaderboard', realm.keys(f'leaderboard={season}:{mode}'), ['', player, around, places])


def players(realm, **ratings):
    for player, rating in ratings.items():
        login(realm, player)
        rate(realm, player, rating)
        realm.now += 100


def test_a_season_begins_once(realm):
    assert start(realm) == ['OK', '2', str(NOW)]
    realm.now += 5
    before = realm.state()
    assert start(realm) == ['STALE', '2', str(NOW)]
    assert start(realm, ending=3) == ['STALE', '2', str(NOW)]
    assert realm.state() == before
    assert before == {'season': {'number': '2', 'started_at_ms': str(NOW), 'keep_permille': '500', 'base': '1200'}}


def test_another_season_than_the_first_is_refused_before_any_began(realm):
    assert start(realm, ending=2) == ['STALE', '1', '0']
    assert realm.state() == {}


def test_ratings_fall_back_once_at_the_first_use(realm):
    login(realm)
    realm.r.hset(realm.key('player', 'ann'), mapping={'rating_ranked': 1501, 'rating_party': 999})
    start(realm)
    assert realm.state()['player:{ann}']['rating_ranked'] == '1501', 'nothing happens at the switch'
    for read in (lambda: login(realm)[5:8] + login(realm)[18:19], lambda: profile(realm)[2:5] + profile(realm)[15:]):
        assert read() == ['1200', '1350', '1100', '2'], 'towards the base, by whole points'
        realm.r.hset(realm.key('player', 'ann'), mapping={'rating_ranked': 1501, 'rating_party': 999, 'season': 1})


def test_missed_seasons_count_one_by_one_and_end_at_the_base(realm):
    login(realm)
    realm.r.hset(realm.key('player', 'ann'), mapping={'rating_ranked': 2000, 'rating_party': 400})
    for season in range(1, 4):
        start(realm, season)
    assert profile(realm)[2:5] == ['1200', '1300', '1100']
    realm.r.hset(realm.key('season'), 'number', 1000000)
    assert profile(realm)[2:5] == ['1200', '1200', '1200']


def test_a_player_made_in_a_season_belongs_to_it(realm):
    start(realm)
    assert login(realm)[18] == '2'
    assert profile(realm)[2:5] == ['1200', '1200', '1200']


def test_a_player_is_never_taken_back_to_an_older_season(realm):
    start(realm)
    login(realm)
    realm.r.hset(realm.key('player', 'ann'), 'rating_ranked', 1500)
    realm.r.delete(realm.key('season'))  # lost by a failover
    assert profile(realm)[3] == '1500' and profile(realm)[15] == '2'


def test_nobody_is_made_by_reading(realm):
    start(realm)
    before = realm.state()
    assert profile(realm) == []
    assert realm.state() == before


def test_a_match_in_flight_counts_in_the_season_that_has_begun(realm):
    login(realm)
    realm.r.hset(realm.key('player', 'ann'), 'rating_ranked', 1400)
    start(realm)
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1400, 0, 1420) == ['STALE', '1300', '0', '2']
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1300, 0, 1320) == ['STALE', '1300', '0', '2'], 'the old board'
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1300, 0, 1320, season=2) == ['NEW', 'win 1300 1320']
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1300, 0, 1320, season=2)[0] == 'KNOWN'
    assert board(realm)[0] == '0' and board(realm, season=2)[4:] == ['ann', '1320']


def test_a_result_moves_its_player_on_the_leaderboard(realm):
    players(realm, ann=1240, ben=1260)
    assert board(realm, 'ann') == ['2', '2', '1240', '1', 'ben', '1260', 'ann', '1240']
    rate(realm, 'ann', 1300, 2, games=1)
    assert board(realm, 'ann') == ['2', '1', '1300', '1', 'ann', '1300', 'ben', '1260']
    assert board(realm, 'ann', mode='party') == ['0', '0', '0', '1']


def test_unrated_results_touch_no_leaderboard(realm):
    login(realm)
    apply(realm, MATCH % 1, 'win')
    assert not [key for key in realm.state() if key.startswith('leaderboard')]


def test_of_equal_ratings_the_earlier_stands_higher(realm):
    players(realm, ann=1240, ben=1240, cid=1240)
    assert board(realm)[4::2] == ['ann', 'ben', 'cid']
    realm.now += 1000
    rate(realm, 'ann', 1240, 2, games=1)
    assert board(realm)[4::2] == ['ann', 'ben', 'cid'], 'a draw that moves no rating keeps the place'
    rate(realm, 'ann', 1250, 3, games=2)
    rate(realm, 'ann', 1240, 4, games=3)
    assert board(realm)[4::2] == ['ben', 'cid', 'ann']


def test_the_highest_rating_is_exact(realm):
    players(realm, ann=100000, ben=99999)
    assert board(realm)[4:] == ['ann', '100000', 'ben', '99999']


def test_places_around_a_player(realm):
    players(realm, **{f'p{n}': 2000 - n for n in range(10)})
    around = {player: board(realm, player, 1, 4) for player in ('p0', 'p5', 'p9', 'nobody')}
    assert around['p5'] == ['10', '6', '1995', '4', 'p3', '1997', 'p4', '1996', 'p5', '1995', 'p6', '1994']
    assert (around['p0'][3], around['p0'][4::2]) == ('1', ['p0', 'p1', 'p2', 'p3'])
    assert (around['p9'][3], around['p9'][4::2]) == ('7', ['p6', 'p7', 'p8', 'p9'])
    assert around['nobody'][:4] == ['10', '0', '0', '1'] and around['nobody'][4] == 'p0'
    assert board(realm, 'p3', 0, 0) == ['10', '4', '1997', '1']
    assert board(realm, 'p3', 1, 100)[3:] == ['1'] + board(realm, '', 0, 100)[4:]


def test_old_leaderboards_are_kept_for_a_while(realm):
    players(realm, ann=1240)
    start(realm)
    assert 0 < realm.ttl('leaderboard', '1:ranked') <= TTL
    assert board(realm)[4:] == ['ann', '1240']


def test_a_leaderboard_that_is_none_is_empty(realm):
    realm.r.set(realm.key('leaderboard', '1:ranked'), 'garbage')
    assert board(realm, 'ann', 1) == ['0', '0', '0', '1']


def test_names_in_the_order_of_the_players(realm):
    for player in ('ann', 'ben'):
        login(realm, player)
    realm.r.set(realm.key('player', 'cid'), 'garbage')
    keys = realm.keys('player=ben', 'player=nobody', 'player=ann', 'player=cid')
    assert realm.run('leaderboard_names', keys, ['']) == ['ben', '', 'ann', '']
