"""login, player_set, profile, result_store, result_apply, queue_place: the scripts of game_server."""
import calls
from harness import NOW

LOADOUT, COLLECTION = '{"cards":[1]}', '{"cards":[2]}'
MATCH = '01890000-0000-7000-8000-%012d'


def login(realm, player='ann', pod='pod-a', session='s1'):
    keys = realm.keys(f'player={player}', f'session={player}', f'inbox={player}', 'season')
    return realm.run('login', keys, ['', pod, session, player, 1, 1200, LOADOUT, COLLECTION])


def player_set(realm, epoch, field, value):
    return realm.run('player_set', realm.keys('player=ann', 'session=ann'), ['', epoch, field, value])


def apply(realm, match, outcome, mode='', before=0, games=0, after=0, season=1, player='ann'):
    keys = realm.keys(f'player={player}', f'inbox={player}')
    if mode:
        keys += [realm.key('season'), realm.key('leaderboard', f'{season}:{mode}')]
    return realm.run('result_apply', keys, ['', match, outcome, mode, before, games, after, season, player])


def test_the_first_login_creates_the_player(realm):
    reply = login(realm)
    assert reply == [str(NOW), '', 1, 'ann', '1', '1200', '1200', '1200', '0', '0', '0', LOADOUT, COLLECTION, '0', '0', '0', '0', '', '1',
                     []]
    assert realm.state()['session:{ann}'] == {'epoch': str(NOW), 'pod': 'pod-a', 'session': 's1'}
    assert realm.ttl('player', 'ann') == -1


def test_a_later_login_keeps_the_player_and_raises_the_epoch(realm):
    login(realm)
    player_set(realm, NOW, 'name', 'Ann K')
    reply = login(realm, pod='pod-b', session='s2')
    assert reply[:4] == [str(NOW + 1), 'pod-a', 0, 'Ann K']
    assert realm.state()['session:{ann}'] == {'epoch': str(NOW + 1), 'pod': 'pod-b', 'session': 's2'}


def test_a_login_lists_what_was_not_acknowledged(realm):
    login(realm)
    apply(realm, MATCH % 1, 'win')
    assert login(realm)[19] == [MATCH % 1, 'win']


def test_a_login_replaces_keys_that_are_no_hash(realm):
    for name in ('player', 'session', 'inbox'):
        realm.r.set(realm.key(name, 'ann'), 'garbage')
    assert login(realm)[2] == 1
    assert realm.state()['player:{ann}']['name'] == 'ann'


def test_only_the_newest_login_may_change_the_player(realm):
    login(realm)
    assert player_set(realm, NOW, 'name', 'Ann') == ['OK']
    login(realm, pod='pod-b')
    assert player_set(realm, NOW, 'name', 'Old') == ['FENCED']
    assert realm.state()['player:{ann}']['name'] == 'Ann'


def test_nothing_is_set_for_a_player_who_does_not_exist(realm):
    realm.r.hset(realm.key('session', 'ann'), 'epoch', '5')
    assert player_set(realm, 5, 'name', 'Ghost') == ['NONE']
    assert 'player:{ann}' not in realm.state()


def test_a_result_is_kept_for_its_lifetime(realm):
    keys = realm.keys(f'result={MATCH % 1}')
    for _ in range(2):
        assert realm.run('result_store', keys, ['', 5000, 'winner', 1, 'digest', 'abc']) == ['OK']
    assert realm.state() == {f'result:{MATCH % 1}': {'winner': '1', 'digest': 'abc'}}
    assert 0 < realm.ttl('result', MATCH % 1) <= 5000


def test_a_result_is_applied_exactly_once(realm):
    login(realm)
    assert apply(realm, MATCH % 1, 'win') == ['NEW', 'win']
    assert apply(realm, MATCH % 1, 'win') == ['KNOWN', 'win']
    realm.r.hdel(realm.key('inbox', 'ann'), MATCH % 1)
    assert apply(realm, MATCH % 1, 'win') == ['DONE', '']
    player = realm.state()['player:{ann}']
    assert (player['wins'], player['losses'], player['draws']) == ('1', '0', '0')


def test_a_rating_changes_with_the_result(realm):
    login(realm)
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1200, 0, 1220) == ['NEW', 'win 1200 1220']
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1220, 1, 1240) == ['KNOWN', 'win 1200 1220']
    player = realm.state()['player:{ann}']
    assert (player['rating_ranked'], player['games_ranked'], player['rating_normal']) == ('1220', '1', '1200')
    assert login(realm)[13:16] == ['0', '1', '0']


def test_a_rating_computed_from_old_figures_is_refused_with_the_right_ones(realm):
    login(realm)
    apply(realm, MATCH % 1, 'win', 'ranked', 1200, 0, 1220)
    before = realm.state()
    assert apply(realm, MATCH % 2, 'loss', 'ranked', 1200, 1, 1180) == ['STALE', '1220', '1', '1']
    assert apply(realm, MATCH % 2, 'loss', 'ranked', 1220, 0, 1200) == ['STALE', '1220', '1', '1']
    assert realm.state() == before


def test_a_new_result_takes_the_place_of_a_forgotten_one(realm):
    login(realm)
    apply(realm, MATCH % 1, 'win')
    apply(realm, MATCH % 2, 'loss')
    assert list(realm.state()['inbox:{ann}']) == [MATCH % 2], 'the HDEL of the first was lost'


def test_the_last_32_results_are_remembered(realm):
    login(realm)
    for number in range(40):
        assert apply(realm, MATCH % number, 'loss')[0] == 'NEW'
        realm.r.hdel(realm.key('inbox', 'ann'), MATCH % number)
    assert apply(realm, MATCH % 8, 'loss')[0] == 'DONE'
    assert realm.state()['player:{ann}']['losses'] == '40'
    assert len(realm.state()['player:{ann}']['applied']) == 32 * 37


def test_no_result_for_a_player_who_does_not_exist(realm):
    assert apply(realm, MATCH % 1, 'draw') == ['NONE', '']
    assert realm.state() == {}


def test_a_place_in_the_queue_is_read_without_a_trace(realm):
    calls.enqueue(realm, 'ann')
    realm.now += 1
    calls.enqueue(realm, 'ben')
    before = realm.state()
    assert realm.run('queue_place', realm.keys('queue=normal'), ['', 'ben']) == [1, 2, str(realm.now)]
    assert realm.run('queue_place', realm.keys('queue=normal'), ['', 'eve']) == [None, 2, str(realm.now)]
    assert realm.state() == before
