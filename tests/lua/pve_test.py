"""pve_apply: what a battle against a stage brings, once."""
import player_test
from harness import NOW
from player_test import MATCH

BEGINS = '0,100,200,300,400,500,600,700,800,900'


def pve(realm, match, stars=3, stage='meadow', worth=90, epoch=NOW, outcome=None, begins=BEGINS):
    outcome = outcome or ('win' if stars else 'loss')
    return realm.run('pve_apply', realm.keys('player=ann', 'session=ann', 'inbox=ann', 'history=ann'),
                     ['', epoch, match, stage, outcome, stars, worth, begins])


def stored(realm):
    player = realm.state()['player:{ann}']
    return player.get('experience'), player['level'], player.get('stages')


def test_a_stage_is_applied_exactly_once(realm):
    player_test.login(realm)
    summary = 'pve meadow win 2 60 60 1 1 0'
    assert pve(realm, MATCH % 1, 2) == ['NEW', MATCH % 1, summary]
    after = realm.state()
    assert stored(realm) == ('60', '1', 'meadow=2')
    assert after['inbox:{ann}'] == {MATCH % 1: summary}
    assert pve(realm, MATCH % 1, 2) == ['KNOWN', MATCH % 1, summary]
    assert realm.state() == after
    realm.r.hdel(realm.key('inbox', 'ann'), MATCH % 1)
    assert pve(realm, MATCH % 1, 2) == ['DONE', MATCH % 1, '']
    assert stored(realm) == ('60', '1', 'meadow=2')


def test_a_win_is_no_win_against_a_player(realm):
    player_test.login(realm)
    pve(realm, MATCH % 1)
    player = realm.state()['player:{ann}']
    assert (player['wins'], player['losses'], player['rating_ranked']) == ('0', '0', '1200')


def test_only_new_stars_are_worth_their_share(realm):
    player_test.login(realm)
    gains = []
    for number, stars in enumerate((0, 1, 1, 3, 2, 3)):
        gains.append(pve(realm, MATCH % number, stars, worth=100)[2].split()[4])
    assert gains == ['0', '33', '10', '67', '10', '10']
    assert stored(realm)[2] == 'meadow=3'


def test_stages_are_kept_apart(realm):
    player_test.login(realm)
    pve(realm, MATCH % 1, 1, 'old_mill')
    pve(realm, MATCH % 2, 3, 'mill')
    pve(realm, MATCH % 3, 2, 'old_mill')
    assert stored(realm)[2] == 'mill=3,old_mill=2'


def test_experience_raises_levels_also_several_and_never_lowers_one(realm):
    player_test.login(realm)
    assert pve(realm, MATCH % 1, worth=250)[2] == 'pve meadow win 3 250 250 1 3 0'
    assert stored(realm)[:2] == ('250', '3')
    assert pve(realm, MATCH % 2, stage='mill', worth=99999)[2].split()[6:8] == ['3', '10']
    realm.r.hset(realm.key('player', 'ann'), 'experience', 0)
    assert pve(realm, MATCH % 3, 0)[2].split()[6:8] == ['10', '10']


def test_an_older_login_has_no_effect(realm):
    player_test.login(realm)
    player_test.login(realm, pod='pod-b')
    before = realm.state()
    assert pve(realm, MATCH % 1) == ['FENCED', MATCH % 1, '']
    assert realm.state() == before


def test_nothing_for_a_player_who_does_not_exist(realm):
    realm.r.hset(realm.key('session', 'ann'), 'epoch', NOW)
    before = realm.state()
    assert pve(realm, MATCH % 1) == ['NONE', MATCH % 1, '']
    assert realm.state() == before


def test_one_result_of_a_kind_waits(realm):
    player_test.login(realm)
    player_test.apply(realm, MATCH % 1, 'win')
    pve(realm, MATCH % 2)
    pve(realm, MATCH % 3, 1)
    assert sorted(realm.state()['inbox:{ann}']) == [MATCH % 1, MATCH % 3]
    player_test.apply(realm, MATCH % 4, 'loss')
    assert sorted(realm.state()['inbox:{ann}']) == [MATCH % 3, MATCH % 4]
    waiting = player_test.login(realm)[19]
    assert dict(zip(waiting[::2], waiting[1::2]))[MATCH % 3].startswith('pve meadow win 1 ')


def test_garbage_in_the_fields_counts_as_nothing(realm):
    player_test.login(realm)
    realm.r.hset(realm.key('player', 'ann'), mapping={'experience': 'x', 'level': '-', 'stages': '=,meadow,a=9'})
    assert pve(realm, MATCH % 1, 1)[2] == 'pve meadow win 1 30 30 1 1 0'
    assert stored(realm) == ('30', '1', 'a=9,meadow=1')
