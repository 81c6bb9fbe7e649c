"""login, player_set, profile, result_store, result_apply, queue_place: the scripts of game_server."""
import json

import calls
from harness import DAY, NOW

LOADOUT, COLLECTION = '{"cards":[1]}', '{"cards":[2]}'
MATCH = '01890000-0000-7000-8000-%012d'


def login(realm, player='ann', pod='pod-a', session='s1', device=''):
    keys = realm.keys(f'player={player}', f'session={player}', f'inbox={player}', 'season')
    return realm.run('login', keys, ['', pod, session, player, 1, 1200, LOADOUT, COLLECTION, device])


def player_set(realm, epoch, field, value):
    return realm.run('player_set', realm.keys('player=ann', 'session=ann'), ['', epoch, field, value])


def apply(realm, match, outcome, mode='', before=0, games=0, after=0, half=0, quarter=0, at=NOW, opponents='ben',
          entry=None, season=1, player='ann'):
    keys = realm.keys(f'player={player}', f'inbox={player}', f'history={player}')
    if mode:
        keys += realm.keys(f'opponents={player}', 'season') + [realm.key('leaderboard', f'{season}:{mode}')]
    entry = json.dumps({'match_id': match}) if entry is None else entry
    return realm.run('result_apply', keys, ['', match, outcome, mode, before, games, after, half, quarter, at,
                                            opponents, entry, season, player])


class Ranked:
    """Ann plays ranked matches, each a minute after the last; won ones are worth 20, 10 or 5 points."""

    def __init__(self, realm):
        self.realm, self.rating, self.games, self.at = realm, 1200, 0, NOW
        login(realm)

    def play(self, opponents, mode='ranked', sign=1):
        """Plays one and returns by how much the rating changed."""
        values = [self.rating + sign * points for points in (20, 10, 5)]
        self.games, self.at = self.games + 1, self.at + 60_000
        reply = apply(self.realm, MATCH % self.games, 'win' if sign > 0 else 'loss', mode, self.rating,
                      self.games - 1, *values, at=self.at, opponents=opponents)
        assert reply[0] == 'NEW', reply
        before, self.rating = self.rating, int(reply[1].split()[2])
        return self.rating - before


def test_the_first_login_creates_the_player(realm):
    reply = login(realm)
    assert reply == [str(NOW), '', 1, 'ann', '1', '1200', '1200', '1200', '0', '0', '0', LOADOUT, COLLECTION, '0', '0', '0', '0', '', '1',
                     [], '', '']
    assert realm.state()['session:{ann}'] == {'epoch': str(NOW), 'pod': 'pod-a', 'session': 's1', 'device': ''}
    assert realm.ttl('player', 'ann') == -1


def test_a_later_login_keeps_the_player_and_raises_the_epoch(realm):
    login(realm)
    player_set(realm, NOW, 'name', 'Ann K')
    reply = login(realm, pod='pod-b', session='s2', device='d-9')
    assert reply[:4] == [str(NOW + 1), 'pod-a', 0, 'Ann K']
    assert realm.state()['session:{ann}'] == {'epoch': str(NOW + 1), 'pod': 'pod-b', 'session': 's2', 'device': 'd-9'}


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
    assert (player['wins_ranked'], player['peak_ranked'], player['last_ranked']) == ('1', '1220', str(NOW))
    assert (player['rd_ranked'], player['vol_ranked']) == ('350', '0.06')
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


def test_the_same_opponent_changes_a_rating_less_and_less(realm):
    ann = Ranked(realm)
    assert [ann.play('ben') for _ in range(6)] == [20, 20, 10, 5, 0, 0]
    assert ann.play('cid') == 20, 'another opponent counts in full'
    assert [ann.play('ben', sign=-1), ann.play('cid', sign=-1), ann.play('cid', sign=-1)] == [0, -20, -10]
    player = realm.state()['player:{ann}']
    assert (player['wins_ranked'], player['losses_ranked'], player['games_ranked']) == ('7', '3', '10')
    assert (player['wins'], player['losses'], player['peak_ranked']) == ('7', '3', '1275')


def test_a_day_after_a_meeting_it_does_not_count_any_more(realm):
    ann = Ranked(realm)
    start = ann.at
    assert [ann.play('ben') for _ in range(5)] == [20, 20, 10, 5, 0]
    ann.at = start + DAY  # and a minute: the first of the last four, at two minutes, still counts
    assert ann.play('ben') == 0
    ann.at = start + DAY + 300_000  # all of the first five have passed, the sixth has not
    assert ann.play('ben') == 20
    ann.at += 2 * DAY
    assert ann.play('cid') == 20
    assert realm.state()['opponents:{ann}'] == {'ranked:cid:1': ann.at}
    assert 0 < realm.ttl('opponents', 'ann') <= DAY


def test_a_team_met_again_counts_by_its_newest_member(realm):
    ann = Ranked(realm)
    assert [ann.play('ben,cid', 'party') for _ in range(3)] == [20, 20, 10]
    assert ann.play('ben,dan', 'party') == 20
    assert ann.play('dan,cid', 'party') == 20, 'dan for the second time'
    assert ann.play('dan,ben', 'party') == 10
    assert len(realm.state()['opponents:{ann}']) == 4 + 4 + 3


def test_modes_are_counted_by_themselves_and_unrated_ones_not_at_all(realm):
    ann = Ranked(realm)
    assert [ann.play('ben') for _ in range(3)] == [20, 20, 10]
    before = realm.state()['opponents:{ann}']
    apply(realm, MATCH % 90, 'win', opponents='ben')
    assert realm.state()['opponents:{ann}'] == before
    assert apply(realm, MATCH % 91, 'win', 'party', 1200, 0, 1220, 1210, 1205) == ['NEW', 'win 1200 1220']


def test_an_opponents_key_that_is_no_set_is_replaced(realm):
    login(realm)
    realm.r.set(realm.key('opponents', 'ann'), 'garbage')
    realm.r.set(realm.key('history', 'ann'), 'garbage')
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1200, 0, 1220) == ['NEW', 'win 1200 1220']
    assert realm.state()['opponents:{ann}'] == {'ranked:ben:1': NOW}
    assert len(realm.state()['history:{ann}']) == 1


def test_a_refused_or_repeated_result_is_no_meeting_and_no_history(realm):
    login(realm)
    apply(realm, MATCH % 1, 'win', 'ranked', 1200, 0, 1220)
    before = realm.state()
    for _ in range(3):
        assert apply(realm, MATCH % 1, 'win', 'ranked', 1220, 1, 1240)[0] == 'KNOWN'
        assert apply(realm, MATCH % 2, 'win', 'ranked', 1200, 1, 1220)[0] == 'STALE'
    realm.r.hdel(realm.key('inbox', 'ann'), MATCH % 1)
    assert apply(realm, MATCH % 1, 'win', 'ranked', 1220, 1, 1240)[0] == 'DONE'
    del before['inbox:{ann}']
    assert realm.state() == before


def test_the_history_tells_the_newest_fifty_with_what_happened_to_the_rating(realm):
    login(realm)
    apply(realm, MATCH % 0, 'loss', 'ranked', 1200, 0, 1180, entry='{"match_id":"first","opponents":[{"name":"B"}]}')
    apply(realm, MATCH % 1, 'win', entry='{"match_id":"second"}')
    assert realm.state()['history:{ann}'] == [
        '{"match_id":"second"}',
        '{"match_id":"first","opponents":[{"name":"B"}],"rating":{"before":1200,"after":1180,"delta":-20}}']
    assert 29 * DAY < realm.ttl('history', 'ann') <= 30 * DAY
    for number in range(2, 60):
        apply(realm, MATCH % number, 'win')
    kept = [json.loads(entry)['match_id'] for entry in realm.state()['history:{ann}']]
    assert kept == [MATCH % number for number in range(59, 9, -1)]
