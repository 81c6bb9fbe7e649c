"""enqueue, dequeue, resume, expire."""
import calls
from calls import dequeue, enqueue, expire, resume, snapshot_of, sha256
from harness import DAY, LEASE, NOW, RETRY, snapshots



def waiting(player, **other):
    """metadata of a player that has just queued, as stored."""
    text = snapshot_of(player)
    fields = {'st': 'queued', 'ver': str(NOW), 'ce': '1', 'rq': '1', 'pod': 'pod-a', 'mode': 'normal',
              'q': str(NOW), 'mid': '', 'why': '', 'ready': '', 'card': '', 'mmr': '1000', 'device': '', 'dh': '-', 'pen': '',
              'mate': '',
              'snapshot': text, 'length': str(len(text)), 'sh': sha256(text),
              'who': '{"player_id":"%s","name":"%s","level":3,"rating":1000}' % (player, player.upper())}
    return {**fields, **other}


def log_line(player, q=NOW, ver=NOW, mmr=1000, pod='pod-a', opp='', mate='', device=''):
    return ['+', f'{player} {q} {ver} {mmr} {sha256(snapshot_of(player))} {pod} {opp} {mate} {device}']


def unchanged(realm, act):
    """The reply of `act`, which must leave everything as it is."""
    before = realm.state()
    reply = act()
    assert realm.state() == before, (before, realm.state())
    return reply


def test_enqueue_stores_everything_and_tells_the_place(realm):
    reply = enqueue(realm, 'ann', device='my phone')
    assert reply[:3] == ['OK', 1, 1]
    assert snapshots(reply) == [{'player': 'ann', 'pod': 'pod-a', 'ver': str(NOW), 'st': 'queued', 'ce': '1',
                                 'rq': '1', 'mode': 'normal', 'q': str(NOW), 'mid': '', 'why': '', 'ready': '',
                                 'card': '', 'pen': '', 'mate': ''}]
    assert realm.state() == {'metadata:ann': waiting('ann', device='my phone', dh=sha256('my phone')), 'queue:normal': {'ann': NOW},
                             'queue:leases': {'ann': NOW + LEASE}, 'outbox': {'ann': NOW + RETRY},
                             'queue:log:normal': [log_line('ann', device='my phone')]}
    assert realm.ttl('metadata', 'ann') == -1


def test_places_follow_the_time_of_enqueue(realm):
    for place, player in enumerate(['ann', 'ben', 'cy'], 1):
        assert enqueue(realm, player)[:3] == ['OK', place, place]
        realm.now += 1


def test_enqueue_uses_the_clock_of_redis_without_an_argument(realm):
    realm.now = ''
    enqueue(realm, 'ann')
    seconds, micros = realm.r.time()
    assert abs(seconds * 1000 + micros // 1000 - int(realm.player('ann')['q'])) < 5000
    assert realm.player('ann')['q'] == realm.player('ann')['ver']


def test_a_repeated_enqueue_has_no_effect_and_tells_the_state(realm):
    enqueue(realm, 'ann')
    realm.now += 50
    reply = unchanged(realm, lambda: enqueue(realm, 'ann', mmr=2000, pod='pod-b'))
    assert reply[:3] == ['DUP', 1, 1] and snapshots(reply)[0]['st'] == 'queued'
    assert unchanged(realm, lambda: enqueue(realm, 'ann', rq=0))[0] == 'DUP'


def test_an_older_login_is_fenced_whatever_it_asks(realm):
    enqueue(realm, 'ann', ce=5, rq=1)
    for act in (enqueue, dequeue, resume):
        assert unchanged(realm, lambda: act(realm, 'ann', ce=4, rq=9))[0] == 'FENCED'
    assert unchanged(realm, lambda: calls.result_ack(realm, 'ann', ce=4, rq=9))[0] == 'FENCED'


def test_double_enqueue_is_refused_without_effect(realm):
    enqueue(realm, 'ann')
    reply = unchanged(realm, lambda: enqueue(realm, 'ann', rq=2))
    assert reply[:3] == ['BUSY', 1, 1] and snapshots(reply)[0]['rq'] == '1'
    assert unchanged(realm, lambda: enqueue(realm, 'ann', rq=2, mode='ranked'))[:3] == ['BUSY', '', '']
    assert unchanged(realm, lambda: enqueue(realm, 'ann', ce=2, rq=1, pod='pod-b'))[0] == 'BUSY'


def test_maintenance_refuses_new_waiters_only(realm):
    enqueue(realm, 'ann')
    realm.r.set(realm.key('maintenance'), '1')
    reply = unchanged(realm, lambda: enqueue(realm, 'ben'))
    assert reply[:3] == ['MAINTENANCE', '', ''] and snapshots(reply)[0]['st'] == ''
    assert unchanged(realm, lambda: enqueue(realm, 'ann'))[0] == 'DUP'
    assert dequeue(realm, 'ann')[0] == 'OK'


def test_invalid_arguments_are_refused_without_effect(realm):
    for wrong in ({'ce': 'x'}, {'ce': '-1'}, {'rq': ''}, {'rq': '1.5'}, {'rq': '99999999999999999'}, {'pod': ''},
                  {'mode': ''}, {'level': 'two'}, {'mmr': '1e3'}, {'snapshot': ''}, {'snapshot': '[]'},
                  {'snapshot': '{"a":1'}, {'sh': 'short'}):
        assert unchanged(realm, lambda: enqueue(realm, 'ann', **wrong))[0] == 'INVALID', wrong
    enqueue(realm, 'ann')
    assert unchanged(realm, lambda: dequeue(realm, 'ann', reason=''))[0] == 'INVALID'
    assert unchanged(realm, lambda: dequeue(realm, 'ann', rq='x'))[0] == 'INVALID'
    assert unchanged(realm, lambda: resume(realm, 'ann', ce='x'))[0] == 'INVALID'


def test_names_that_json_must_escape_stay_one_value(realm):
    import json
    enqueue(realm, 'ann', name='a"\\b\t\u00e9')
    assert json.loads(realm.player('ann')['who'])['name'] == 'a"\\b\t\u00e9'


def test_numbers_above_32_bits_stay_exact(realm):
    big = 2 ** 53 - 1
    reply = enqueue(realm, 'ann', ce=big, rq=big - 1)
    assert (snapshots(reply)[0]['ce'], snapshots(reply)[0]['rq']) == (str(big), str(big - 1))
    assert enqueue(realm, 'ann', ce=big, rq=big - 1)[0] == 'DUP'
    assert dequeue(realm, 'ann', ce=big - 1, rq=big)[0] == 'FENCED'
    assert dequeue(realm, 'ann', ce=big, rq=big)[0] == 'OK'


def test_versions_grow_when_the_clock_runs_backwards(realm):
    enqueue(realm, 'ann')
    realm.now -= 60_000
    assert int(snapshots(dequeue(realm, 'ann'))[0]['ver']) == NOW + 1
    assert int(snapshots(enqueue(realm, 'ann', rq=3))[0]['ver']) == NOW + 2


def test_versions_grow_whatever_their_length_and_from_anything_that_is_no_number(realm):
    """Texts of digits are compared as texts only when they are of one length."""
    for stored, next_version in (('999', NOW), (str(NOW - 1), NOW), (str(NOW), NOW + 1), (str(NOW + 5), NOW + 6),
                                 ('10000000000000', 10_000_000_000_001), ('0' + str(NOW), NOW + 1), ('x', NOW),
                                 ('', NOW), ('9' * 12 + 'x', NOW)):
        realm.r.flushall()
        realm.r.hset(realm.key('metadata', 'ann'), mapping={'st': 'lobby', 'ver': stored})
        assert snapshots(enqueue(realm, 'ann'))[0]['ver'] == str(next_version), stored


def test_dequeue_leaves_no_trace_but_the_lobby(realm):
    enqueue(realm, 'ann')
    realm.now += 10
    reply = dequeue(realm, 'ann')
    assert reply[:3] == ['OK', '', '']
    assert snapshots(reply)[0]['st'] == 'lobby' and snapshots(reply)[0]['why'] == 'requested'
    expected = waiting('ann', st='lobby', ver=str(NOW + 10), rq='2', why='requested')
    for field in ('snapshot', 'who', 'mate'):
        del expected[field]
    assert realm.state() == {'metadata:ann': expected, 'outbox': {'ann': NOW + 10 + RETRY},
                             'queue:log:normal': [log_line('ann'), ['-', 'ann']]}
    assert DAY - 1000 < realm.ttl('metadata', 'ann') <= DAY


def test_dequeue_when_not_queued_is_late(realm):
    reply = unchanged(realm, lambda: dequeue(realm, 'ann'))
    assert reply[0] == 'LATE' and snapshots(reply)[0] == {**dict.fromkeys(snapshots(reply)[0], ''), 'player': 'ann'}
    calls.pair(realm)
    reply = unchanged(realm, lambda: dequeue(realm, 'ann'))
    assert reply[0] == 'LATE' and snapshots(reply)[0]['st'] == 'loading'


def test_a_repeated_dequeue_has_no_effect(realm):
    enqueue(realm, 'ann')
    dequeue(realm, 'ann')
    assert unchanged(realm, lambda: dequeue(realm, 'ann'))[0] == 'DUP'


def test_a_mode_that_nobody_serves_any_more_can_be_left(realm):
    enqueue(realm, 'ann', mode='gone')
    assert dequeue(realm, 'ann')[0] == 'OK'
    assert realm.player('ann')['st'] == 'lobby' and 'queue:leases' not in realm.state()


def test_resume_changes_only_the_route(realm):
    enqueue(realm, 'ann')
    realm.now += 100
    reply = resume(realm, 'ann')
    assert reply[:3] == ['OK', '', ''] and snapshots(reply)[0]['pod'] == 'pod-b'
    assert realm.player('ann') == waiting('ann', ver=str(NOW + 100), ce='2', pod='pod-b')
    state = realm.state()
    assert state['queue:normal'] == {'ann': NOW} and state['queue:leases'] == {'ann': NOW + 100 + LEASE}
    assert state['queue:log:normal'][1] == log_line('ann', ver=NOW + 100, pod='pod-b')
    assert unchanged(realm, lambda: resume(realm, 'ann'))[0] == 'DUP'


def test_resume_of_an_unknown_player_fences_the_login_before(realm):
    reply = resume(realm, 'ann', ce=7, rq=3)
    assert reply[:3] == ['OK', '', '']
    assert snapshots(reply) == [{'player': 'ann', 'pod': 'pod-b', 'ver': str(NOW), 'st': 'lobby', 'ce': '7', 'rq': '3',
                                 'mode': '', 'q': '', 'mid': '', 'why': '', 'ready': '', 'card': '', 'pen': '',
                                 'mate': ''}]
    assert unchanged(realm, lambda: enqueue(realm, 'ann', ce=6, rq=9))[0] == 'FENCED'
    assert realm.ttl('metadata', 'ann') > DAY - 1000
    assert enqueue(realm, 'ann', ce=7, rq=4)[0] == 'OK'


def test_resume_in_the_lobby_prolongs_its_memory(realm):
    enqueue(realm, 'ann')
    dequeue(realm, 'ann')
    realm.r.pexpire(realm.key('metadata', 'ann'), 1000)
    assert resume(realm, 'ann')[0] == 'OK'
    assert realm.ttl('metadata', 'ann') > DAY - 1000
    assert enqueue(realm, 'ann', ce=2, rq=2)[0] == 'OK' and realm.ttl('metadata', 'ann') == -1


def test_expire_takes_only_waiters_whose_lease_is_over(realm):
    for player in ('ann', 'ben'):
        enqueue(realm, player)
        realm.now += 1000
    realm.now = NOW + LEASE
    reply = expire(realm, ['ann', 'ben'])
    assert reply[:3] == ['OK', 1, ''] and [s['player'] for s in snapshots(reply)] == ['ann']
    assert realm.player('ann')['st'] == 'lobby' and realm.player('ann')['why'] == 'expired'
    state = realm.state()
    assert state['queue:normal'] == {'ben': NOW + 1000} and state['queue:leases'] == {'ben': NOW + 1000 + LEASE}
    assert state['queue:log:normal'][-1] == ['-', 'ann']
    assert unchanged(realm, lambda: expire(realm, ['ann', 'ben']))[1] == 0


def test_expire_clears_a_lease_without_a_waiter(realm):
    enqueue(realm, 'ann')
    realm.r.delete(realm.key('metadata', 'ann'))
    realm.now += LEASE
    assert expire(realm, ['ann'])[:3] == ['OK', 0, '']
    state = realm.state()
    assert 'queue:leases' not in state and 'queue:normal' not in state
    assert state['queue:log:normal'][-1] == ['-', 'ann']


def test_a_key_of_the_wrong_type_counts_as_absent(realm):
    realm.r.set(realm.key('metadata', 'ann'), 'garbage')
    assert enqueue(realm, 'ann')[0] == 'OK'
    assert realm.player('ann') == waiting('ann')
