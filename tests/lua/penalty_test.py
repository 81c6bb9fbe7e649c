"""Sanctions: how they grow, fade, are kept apart, forgiven, and given once."""
from calls import (HALF_LIFE, LATE, LOADING, commit, device_hash, enqueue, heartbeat, loading_cancel, loading_complete,
                   pair, penalty_lift, penalty_list, prompt_seen, reap, resume)
from harness import NOW, snapshots
from queue_test import unchanged

NAMES = ['warning', '1 min', '5 min', '30 min', '24 h']
SECONDS = [0, 60, 300, 1800, 86400]


def forgive_bans(realm):
    """The bans end at once, the scores stay."""
    for key in realm.r.keys(realm.prefix + 'penalty:*'):
        realm.r.hset(key, 'until_ms', 0)


def free(realm, *players):
    """Back in the lobby without a trace of the match, so that the next one begins alike."""
    names = ('queue=normal', 'queue_log=normal', 'queue_leases', 'outbox', 'match_deadlines', 'match=m1')
    realm.r.delete(*realm.keys(*names, *[f'metadata={player}' for player in players]))


def dodge(realm, player='ann', device=''):
    """A match that the player cancels; what he is told."""
    forgive_bans(realm)
    free(realm, player, 'ben')
    assert enqueue(realm, player, device=device)[0] == 'OK'
    pair_with(realm, player)
    reply = loading_cancel(realm, player, players=(player, 'ben'), device=device)
    assert reply[:2] == ['OK', '1'], reply
    told = {one['player']: one['pen'] for one in snapshots(reply)}
    assert told['ben'] == ''
    return told[player]


def pair_with(realm, player):
    assert enqueue(realm, 'ben')[0] == 'OK'
    assert commit(realm, [('m1', [(player, None), ('ben', None)])])[1][0] == 'OK'


def record(realm, player=None, device=None):
    if player:
        return realm.r.hgetall(realm.key('penalty_player', player))
    return realm.r.hgetall(realm.key('penalty_device', device_hash(device)))


# ---- how they grow and fade ----------------------------------------------------------------------------


def test_sanctions_grow_by_steps_and_stay_at_the_last(realm):
    for count, name in enumerate(NAMES + NAMES[-1:], 1):
        assert dodge(realm) == name
        stored = record(realm, 'ann')
        assert stored == {'score': str(min(count, 5) * 1000), 'at_ms': str(NOW), 'count': str(count),
                          'until_ms': str(NOW + SECONDS[min(count, 5) - 1] * 1000)}
    assert 0 < realm.ttl('penalty_player', 'ann') <= HALF_LIFE * 5
    assert realm.state()['penalties'] == {'player:ann': NOW + HALF_LIFE * 5}


def test_a_second_soon_after_the_first_is_a_second(realm):
    dodge(realm)
    realm.now += 90_000
    assert dodge(realm) == '1 min'


def test_the_score_halves_every_half_life_and_a_lone_violation_is_forgiven_after_one(realm):
    dodge(realm)
    listed = lambda: int(penalty_list(realm, 'player:ann')[2])
    for age, score in ((0, 1000), (HALF_LIFE // 4, 875), (HALF_LIFE // 2, 750), (HALF_LIFE, 500),
                       (HALF_LIFE + 1, 500), (HALF_LIFE * 3 // 2, 375), (2 * HALF_LIFE, 250), (60 * HALF_LIFE, 0)):
        realm.now = NOW + age
        assert listed() == score, (age, listed())
    realm.now = NOW + HALF_LIFE
    assert dodge(realm) == '1 min'
    realm.r.flushall()
    realm.now = NOW
    dodge(realm)
    realm.now = NOW + HALF_LIFE + HALF_LIFE // 100
    assert dodge(realm) == 'warning'


def test_a_clock_that_runs_backwards_forgives_nothing(realm):
    dodge(realm)
    realm.now -= 10 * HALF_LIFE
    assert dodge(realm) == '1 min'


def test_a_record_that_cannot_be_read_is_a_clean_one(realm):
    for damage in (lambda key: realm.r.set(key, 'x'), lambda key: realm.r.hset(key, mapping={
            'score': 'x', 'at_ms': '-1', 'until_ms': 'soon', 'count': '1e9'})):
        realm.r.flushall()
        damage(realm.key('penalty_player', 'ann'))
        assert enqueue(realm, 'ann')[0] == 'OK'
        free(realm, 'ann')
        damage(realm.key('penalty_player', 'ann'))
        pair(realm)
        assert snapshots(loading_cancel(realm, 'ann'))[0]['pen'] == 'warning'


# ---- banned --------------------------------------------------------------------------------------------


def test_a_warning_bans_nobody_and_the_next_does_until_its_end(realm):
    assert dodge(realm) == 'warning'
    assert enqueue(realm, 'ann', rq=9)[0] == 'OK'
    assert dodge(realm) == '1 min'
    realm.now += 15_000
    assert unchanged(realm, lambda: enqueue(realm, 'ann', rq=9))[:3] == ['BANNED', '45000', '']
    realm.now = NOW + 59_999
    assert unchanged(realm, lambda: enqueue(realm, 'ann', rq=9))[:2] == ['BANNED', '1']
    realm.now += 1
    assert enqueue(realm, 'ann', rq=9)[0] == 'OK'


def test_another_login_pod_or_device_does_not_help(realm):
    dodge(realm, device='phone')
    dodge(realm, device='phone')
    assert resume(realm, 'ann', ce=7, pod='pod-b')[0] == 'OK'
    for device in ('', 'phone', 'new phone'):
        assert unchanged(realm, lambda: enqueue(realm, 'ann', ce=7, rq=5, pod='pod-b', device=device))[0] == 'BANNED'


def test_another_player_of_the_same_device_is_banned_too(realm):
    dodge(realm, device='phone')
    assert dodge(realm, 'cy', device='phone') == '1 min'
    assert record(realm, device='phone')['count'] == '2' and record(realm, 'cy')['count'] == '1'
    assert unchanged(realm, lambda: enqueue(realm, 'dee', device='phone'))[:2] == ['BANNED', '60000']
    assert enqueue(realm, 'dee', device='pad')[0] == 'OK'
    assert unchanged(realm, lambda: enqueue(realm, 'cy', rq=9, device='phone'))[0] == 'BANNED'
    assert enqueue(realm, 'cy', rq=9, device='pad')[0] == 'OK'  # his own record holds a warning only


def test_the_longer_of_the_two_bans_counts(realm):
    for _ in range(3):
        dodge(realm, device='phone')
    realm.r.hset(realm.key('penalty_player', 'ann'), 'until_ms', NOW + 10)
    assert enqueue(realm, 'ann', rq=9, device='phone')[:2] == ['BANNED', '300000']
    realm.r.hset(realm.key('penalty_player', 'ann'), 'until_ms', NOW + 400_000)
    assert enqueue(realm, 'ann', rq=9, device='phone')[:2] == ['BANNED', '400000']


def test_no_device_has_no_record(realm):
    dodge(realm)
    assert [key for key in realm.state() if key.startswith('penalty:')] == ['penalty:player:ann']


def test_the_sanction_told_is_gone_with_the_next_match(realm):
    dodge(realm)
    assert realm.player('ann')['pen'] == 'warning'
    assert snapshots(enqueue(realm, 'ann', rq=9))[0]['pen'] == ''


# ---- time-out: only with proof -------------------------------------------------------------------------


def beat(realm, process='p1', pod='pod-a', ttl=3000):
    heartbeat(realm, pod=pod, process=process, ttl=2 * ttl)


def time_out(realm, late=0, devices=None):
    """The sanctions of ann and ben at the deadline; their pod's process p1 lives."""
    beat(realm, ttl=LOADING + 1)
    realm.now = NOW + LOADING + late
    reply = reap(realm, devices=devices)
    assert reply[0] == 'TIMED_OUT', reply
    told = [one['pen'] for one in snapshots(reply)]
    assert reply[2] == len([pen for pen in told if pen])
    return told


def test_who_saw_the_match_and_did_not_load_is_sanctioned_once(realm):
    pair(realm)
    loading_complete(realm, 'ben')
    assert prompt_seen(realm, 'ann') == ['OK', '', ''] and prompt_seen(realm, 'ben') == ['OK', '', '']
    assert time_out(realm) == ['warning', '']
    assert unchanged(realm, lambda: reap(realm))[0] == 'EARLY'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', rq=5))[0] == 'NO'
    assert record(realm, 'ann')['count'] == '1' and record(realm, 'ben') == {}


def test_both_absent_are_each_sanctioned_with_their_devices(realm):
    enqueue(realm, 'ann', device='phone')
    pair_with(realm, 'ann')
    prompt_seen(realm, 'ann')
    prompt_seen(realm, 'ben')
    assert realm.match('m1')['devices'] == device_hash('phone') + ',-'
    assert time_out(realm, devices=['phone', '']) == ['warning', 'warning']
    assert record(realm, device='phone')['count'] == '1'
    assert len([key for key in realm.state() if key.startswith('penalty:')]) == 3


def test_a_match_that_never_reached_the_client_costs_nothing(realm):
    pair(realm)
    prompt_seen(realm, 'ann')
    assert time_out(realm) == ['warning', '']
    assert sorted(key for key in realm.state() if key.startswith('penal')) == ['penalties', 'penalty:player:ann']


def test_a_pod_that_died_or_was_restarted_costs_nothing(realm):
    pair(realm)
    prompt_seen(realm, 'ann', process='p0')  # an earlier process of the pod
    prompt_seen(realm, 'ben')
    beat(realm, 'p0', ttl=LOADING - 1)
    assert time_out(realm) == ['', 'warning']


def test_a_player_who_moved_to_another_pod_must_have_seen_it_there(realm):
    pair(realm)
    prompt_seen(realm, 'ann')
    prompt_seen(realm, 'ben')
    resume(realm, 'ann', ce=2, pod='pod-b')
    beat(realm, 'p2', 'pod-b', LOADING + 1)
    assert prompt_seen(realm, 'ann', ce=1, pod='pod-b', process='p2')[0] == 'FENCED'
    assert time_out(realm) == ['', 'warning']


def test_a_time_out_that_comes_late_is_the_servers_fault(realm):
    for late, told in ((LATE, 'warning'), (LATE + 1, '')):
        realm.r.flushall()
        realm.now = NOW
        pair(realm)
        prompt_seen(realm, 'ann')
        beat(realm, ttl=LOADING + 2 * LATE)
        realm.now = NOW + LOADING + late
        assert snapshots(reap(realm))[0]['pen'] == told


def test_a_prompt_is_seen_only_in_the_match_and_while_it_loads(realm):
    pair(realm)
    enqueue(realm, 'cy')
    for wrong in ({'match': 'm2'}, {'player': 'cy'}):
        arguments = {'player': 'ann', **wrong}
        assert unchanged(realm, lambda: prompt_seen(realm, **arguments))[0] == 'NO'
    assert unchanged(realm, lambda: prompt_seen(realm, 'ann', ce='x'))[0] == 'INVALID'
    assert unchanged(realm, lambda: prompt_seen(realm, 'ann', process=''))[0] == 'INVALID'
    loading_cancel(realm, 'ann')
    assert unchanged(realm, lambda: prompt_seen(realm, 'ann'))[0] == 'NO'


def test_cancel_and_time_out_and_their_repetitions_sanction_once(realm):
    pair(realm)
    prompt_seen(realm, 'ann')
    beat(realm, ttl=LOADING + 1)
    realm.now = NOW + LOADING
    assert loading_cancel(realm, 'ann')[0] == 'OK'
    assert unchanged(realm, lambda: reap(realm))[0] == 'EARLY'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann'))[0] == 'DUP'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', rq=3))[0] == 'NO'
    assert record(realm, 'ann')['count'] == '1'


def test_a_refused_cancel_sanctions_nobody(realm):
    pair(realm)
    for reply in (loading_cancel(realm, 'ann', match='m2'), loading_cancel(realm, 'ann', ce=0)):
        assert reply[0] in ('NO', 'FENCED') and reply[1] == ''
    assert 'penalties' not in realm.state()


# ---- relief and the list -------------------------------------------------------------------------------


def test_an_operator_forgives_wholly(realm):
    for _ in range(3):
        dodge(realm, device='phone')
    assert penalty_lift(realm, 'ann') == ['OK', '0', '0']
    assert record(realm, 'ann') == {} and list(realm.state()['penalties']) == ['device:' + device_hash('phone')]
    assert enqueue(realm, 'ann', rq=9, device='phone')[0] == 'BANNED'
    assert penalty_lift(realm, device='phone') == ['OK', '0', '0']
    assert enqueue(realm, 'ann', rq=9, device='phone')[0] == 'OK'
    assert unchanged(realm, lambda: penalty_lift(realm, 'ann'))[0] == 'NONE'


def test_an_operator_forgives_step_by_step(realm):
    for _ in range(5):
        dodge(realm)
    for score, seconds in ((4000, 1800), (3000, 300), (2000, 60)):
        assert penalty_lift(realm, 'ann', relief='step') == ['OK', str(score), str(NOW + seconds * 1000)]
        assert enqueue(realm, 'ann', rq=9)[:2] == ['BANNED', str(seconds * 1000)]
    assert penalty_lift(realm, 'ann', relief='step') == ['OK', '1000', str(NOW)]
    assert record(realm, 'ann')['count'] == '5'
    assert enqueue(realm, 'ann', rq=9)[0] == 'OK'
    assert penalty_lift(realm, 'ann', relief='step') == ['OK', '0', '0'] and record(realm, 'ann') == {}


def test_relief_never_lengthens_a_ban(realm):
    for _ in range(3):
        dodge(realm)
    realm.now += 299_000
    assert penalty_lift(realm, 'ann', relief='step')[2] == str(NOW + 300_000)


def test_the_list_shows_what_is_left(realm):
    dodge(realm, device='phone')
    dodge(realm, device='phone')
    realm.now += HALF_LIFE
    device = 'device:' + device_hash('phone')
    assert unchanged(realm, lambda: penalty_list(realm, 'player:ann', 'player:zoe', device)) == [
        'OK', 'player:ann', '1000', '2', str(NOW), str(NOW + 60_000),
        device, '1000', '2', str(NOW), str(NOW + 60_000)]


def test_the_index_forgets_whom_redis_forgot(realm):
    dodge(realm)
    assert realm.state()['penalties'] == {'player:ann': NOW + 3 * HALF_LIFE}
    realm.now += 3 * HALF_LIFE
    dodge(realm, 'cy')
    assert list(realm.state()['penalties']) == ['player:cy']
