"""maintenance: closing and opening the queues. drain: ending the leases of waiters on dead pods."""
import json

import calls
from calls import enqueue, heartbeat, pair
from harness import LEASE, NOW

FLAG_MS = 300_000


def begin(realm, who='operator', ms='', reason='', retry=10_000):
    return realm.run('maintenance', realm.keys('maintenance', 'maintenance_pauses'),
                     ['', 'begin', who, ms, json.dumps(reason), retry])


def end(realm, who='operator'):
    return realm.run('maintenance', realm.keys('maintenance', 'maintenance_pauses'), ['', 'end', who])


def drain(realm, players, pod=''):
    keys = realm.keys('queue_leases', 'pods') + calls.metadata_keys(realm, players)
    return realm.run('drain', keys, ['', pod, *players])


def flag(realm):
    text = realm.r.get(realm.key('maintenance'))
    return text and json.loads(text)


def pauses(realm):
    return realm.r.lrange(realm.key('maintenance_pauses'), 0, -1)


def test_an_operators_flag_stays_until_it_is_ended(realm):
    reply = begin(realm, reason='We move "house" \\ é.', retry=60_000)
    assert reply[0] == 'OK' and json.loads(reply[1]) == flag(realm) == {
        'by': 'operator', 'since_ms': NOW, 'retry_after_ms': 60_000, 'reason': 'We move "house" \\ é.'}
    assert realm.ttl('maintenance') == -1
    assert enqueue(realm, 'ann')[0] == 'MAINTENANCE'
    realm.now += 5000
    assert end(realm) == ['OK', '', ''] and flag(realm) is None
    assert pauses(realm) == [f'{NOW}:{NOW + 5000}'] and 0 < realm.ttl('maintenance_pauses') <= 86_400_000
    assert enqueue(realm, 'ann')[0] == 'OK'
    assert end(realm) == ['NONE', '', '']


def test_a_detectors_flag_ends_by_itself_unless_renewed(realm):
    begin(realm, 'detector', FLAG_MS)
    assert flag(realm)['by'] == 'detector' and 0 < realm.ttl('maintenance') <= FLAG_MS
    realm.now += 1000
    begin(realm, 'detector', 2 * FLAG_MS)
    assert flag(realm)['since_ms'] == NOW and realm.ttl('maintenance') > FLAG_MS
    assert end(realm, 'detector')[0] == 'OK' and pauses(realm) == [f'{NOW}:{NOW + 1000}']


def test_the_detector_never_touches_an_operators_flag(realm):
    begin(realm)
    held = realm.state()
    assert begin(realm, 'detector', FLAG_MS)[0] == 'HELD' and end(realm, 'detector')[0] == 'HELD'
    assert realm.state() == held


def test_an_operator_takes_over_and_the_time_of_the_begin_stays(realm):
    begin(realm, 'detector', FLAG_MS)
    realm.now += 1000
    begin(realm, reason='By hand.')
    assert flag(realm)['by'] == 'operator' and flag(realm)['since_ms'] == NOW and realm.ttl('maintenance') == -1
    assert end(realm, 'detector')[0] == 'HELD'
    assert end(realm)[0] == 'OK' and pauses(realm) == [f'{NOW}:{NOW + 1000}']


def test_a_flag_set_by_hand_is_the_operators(realm):
    for strange in ('1', '', '[]', '{"by":', '{"since_ms":"x"}'):
        realm.r.set(realm.key('maintenance'), strange)
        assert begin(realm, 'detector', FLAG_MS)[0] == 'HELD', strange
        assert end(realm)[0] == 'OK' and flag(realm) is None and pauses(realm) == [], strange
    realm.r.set(realm.key('maintenance'), '1')
    begin(realm)
    assert flag(realm)['since_ms'] == NOW
    end(realm)
    realm.r.rpush(realm.key('maintenance'), 'no text')
    assert begin(realm, 'detector', FLAG_MS)[0] == 'HELD'
    assert begin(realm)[0] == 'OK' and flag(realm)['by'] == 'operator'


def test_sixteen_pauses_are_remembered(realm):
    for number in range(20):
        begin(realm)
        realm.now += 10
        end(realm)
    assert pauses(realm) == [f'{NOW + 10 * number}:{NOW + 10 * number + 10}' for number in range(4, 20)]


def test_only_waiters_of_dead_pods_lose_their_lease(realm):
    enqueue(realm, 'ann', pod='pod-a')
    enqueue(realm, 'ben', pod='pod-b')
    enqueue(realm, 'cid', pod='pod-c')
    heartbeat(realm, pod='pod-a')
    heartbeat(realm, pod='pod-b', ttl=100)
    realm.now += 100
    assert drain(realm, ['ann', 'ben', 'cid']) == ['OK', 2, '']
    leases = realm.state()['queue:leases']
    assert leases == {'ann': NOW + LEASE, 'ben': NOW + 100, 'cid': NOW + 100}
    assert drain(realm, ['ann', 'ben', 'cid'])[1] == 0
    left = calls.expire(realm, ['ann', 'ben', 'cid'])
    assert left[:2] == ['OK', 2] and realm.player('ann')['st'] == 'queued' and realm.player('ben')['st'] == 'lobby'


def test_a_drain_may_be_of_one_pod(realm):
    enqueue(realm, 'ann', pod='pod-a')
    enqueue(realm, 'ben', pod='pod-b')
    assert drain(realm, ['ann', 'ben'], 'pod-b')[1] == 1
    assert realm.state()['queue:leases'] == {'ann': NOW + LEASE, 'ben': NOW}


def test_who_does_not_wait_is_not_drained(realm):
    pair(realm)
    enqueue(realm, 'cid')
    realm.r.zrem(realm.key('queue_leases'), 'cid')
    before = realm.state()
    assert drain(realm, ['ann', 'ben', 'cid', 'nobody'])[1] == 0
    assert realm.state() == before
