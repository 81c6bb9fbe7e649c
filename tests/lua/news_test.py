"""heartbeat, snapshot_ack, outbox, the lease; and that the net of this test catches an undeclared key."""
import redis

import calls
from calls import acquire, enqueue, heartbeat, outbox, snapshot_ack
from harness import COMMON, DAY, LEASE, NOW, RETRY, snapshots
from queue_test import log_line, unchanged, waiting


def test_a_heartbeat_renews_places_and_names_differences(realm):
    for player in ('ann', 'ben', 'cy'):
        enqueue(realm, player, pod='pod-b' if player == 'cy' else 'pod-a')
    realm.now += 1000
    reply = heartbeat(realm, [('ann', NOW), ('ben', 5), ('cy', 5), ('dee', 0)])
    assert reply[:3] == ['OK', str(NOW + 1000), '']
    assert [(s['player'], s['ver']) for s in snapshots(reply)] == [('ben', str(NOW))]
    state = realm.state()
    assert state['pods'] == {'game:pod-a': NOW + 4000}
    assert state['queue:leases'] == {'ann': NOW + 1000 + LEASE, 'ben': NOW + 1000 + LEASE, 'cy': NOW + LEASE}
    assert state['metadata:ann'] == waiting('ann') and 'metadata:dee' not in state


def test_a_heartbeat_without_players_only_says_that_a_process_lives(realm):
    assert heartbeat(realm, kind='match', ttl=700) == ['OK', str(NOW), '']
    assert realm.state() == {'pods': {'match:pod-a': NOW + 700}}


def test_a_pod_ahead_of_redis_is_brought_back(realm):
    enqueue(realm, 'ann')
    ahead = NOW + 99_999
    reply = heartbeat(realm, [('ann', ahead)])
    assert [(s['st'], s['ver']) for s in snapshots(reply)] == [('queued', str(ahead + 1))]
    assert realm.player('ann') == waiting('ann', ver=str(ahead + 1))
    assert realm.state()['queue:log:normal'][-1] == log_line('ann', ver=ahead + 1)


def test_a_player_whose_state_is_lost_is_in_the_lobby(realm):
    realm.r.rpush(realm.key('metadata', 'ben'), 'wrong type')
    reply = heartbeat(realm, [('ann', NOW + 5), ('ben', 7)])
    assert [(s['player'], s['st'], s['why'], s['ver'], s['pod']) for s in snapshots(reply)] == \
        [('ann', 'lobby', 'expired', str(NOW + 6), 'pod-a'), ('ben', 'lobby', 'expired', str(NOW), 'pod-a')]
    assert DAY - 1000 < realm.ttl('metadata', 'ann') <= DAY
    assert enqueue(realm, 'ann')[0] == 'OK'


def test_a_player_whose_state_is_lost_leaves_every_queue(realm):
    for player, mode in (('ann', 'normal'), ('ben', 'ranked'), ('cy', 'ranked')):
        enqueue(realm, player, mode=mode)
        realm.r.delete(realm.key('metadata', player))
    heartbeat(realm, [('ann', NOW), ('ben', NOW)])
    state = realm.state()
    assert 'queue:normal' not in state and state['queue:ranked'] == {'cy': NOW} == \
        {'cy': state['queue:leases']['cy'] - LEASE} and len(state['queue:leases']) == 1
    assert state['queue:log:normal'][-1] == ['-', 'ann'] and state['queue:log:ranked'][-1] == ['-', 'ben']


def test_garbage_as_a_version_is_a_difference_and_nothing_more(realm):
    enqueue(realm, 'ann')
    before = realm.player('ann')
    assert len(snapshots(heartbeat(realm, [('ann', 'garbage'), ('ben', '-5')]))) == 1
    assert realm.player('ann') == before and realm.player('ben') == {}


def test_an_acknowledged_snapshot_leaves_the_outbox(realm):
    for player in ('ann', 'ben', 'cy'):
        enqueue(realm, player)
    assert snapshot_ack(realm, [('ann', NOW), ('ben', NOW - 1), ('dee', 1)]) == ['OK', 1, '']
    assert realm.state()['outbox'] == {'ben': NOW + RETRY, 'cy': NOW + RETRY}
    assert unchanged(realm, lambda: snapshot_ack(realm, [('ann', NOW)])) == ['OK', 0, '']
    assert unchanged(realm, lambda: snapshot_ack(realm, [])) == ['OK', 0, '']


def test_unacknowledged_news_are_told_again_later_and_later_and_then_no_more(realm):
    enqueue(realm, 'ann')
    pauses = []
    for _ in range(16):
        at = realm.state()['outbox']['ann']
        realm.now = at - 1
        assert unchanged(realm, lambda: outbox(realm, ['ann'])) == ['OK', 0, '']
        realm.now = at
        reply = outbox(realm, ['ann'])
        assert reply[:3] == ['OK', 0, ''] and snapshots(reply)[0]['st'] == 'queued'
        pauses.append(realm.state()['outbox']['ann'] - at)
    assert pauses == [600, 1200, 2400] + [3200] * 13
    realm.now += 3200
    assert outbox(realm, ['ann']) == ['OK', 1, ''] and 'outbox' not in realm.state()


def test_a_change_starts_the_repetitions_anew(realm):
    enqueue(realm, 'ann')
    for _ in range(4):
        realm.now += 10_000
        outbox(realm, ['ann'])
    calls.dequeue(realm, 'ann')
    assert realm.state()['outbox'] == {'ann': realm.now + RETRY}
    realm.now += RETRY
    outbox(realm, ['ann'])
    assert realm.state()['outbox'] == {'ann': realm.now + 2 * RETRY}


def test_who_has_no_state_leaves_the_outbox(realm):
    realm.r.zadd(realm.key('outbox'), {'ann': 1, 'ben': 1})
    realm.r.set(realm.key('metadata', 'ben'), 'garbage')
    assert outbox(realm, ['ann', 'ben', 'cy']) == ['OK', 2, ''] and realm.state() == {}


def test_a_mark_counts_the_waiters_at_the_last_entry(realm):
    assert calls.queue_mark(realm) == ['OK', 0, '0-0']
    for player in ('ann', 'ben'):
        enqueue(realm, player)
    last = realm.r.xrange(realm.key('queue_log', 'normal'))[-1][0]
    assert unchanged(realm, lambda: calls.queue_mark(realm)) == ['OK', 2, last]


def test_one_owner_at_a_time_and_epochs_that_only_grow(realm):
    assert acquire(realm, 'one') == ['OK', f'one:{NOW}', '']
    status, value, left = acquire(realm, 'two')
    assert (status, value) == ('HELD', f'one:{NOW}') and 30_000 < left <= 60_000
    assert acquire(realm, 'one') == ['OK', f'one:{NOW + 1}', '']
    realm.r.delete(realm.key('matchmaker_lock', 'normal'))
    realm.now -= 5000
    assert acquire(realm, 'two', seen=NOW + 1) == ['OK', f'two:{NOW + 2}', '']


def test_only_the_exact_owner_renews_and_releases(realm):
    value = acquire(realm, 'one')[1]
    key = realm.keys('matchmaker_lock=normal')
    for other in ('one:1', value + '0', 'two:' + str(NOW), ''):
        assert unchanged(realm, lambda: realm.run('lease_renew', key, ['', other, 5000])) == ['STALE', value, '']
        assert unchanged(realm, lambda: realm.run('lease_release', key, ['', other])) == ['STALE', value, '']
    assert realm.run('lease_renew', key, ['', value, 5000]) == ['OK', '', '']
    assert 4000 < realm.ttl('matchmaker_lock', 'normal') <= 5000
    assert realm.run('lease_release', key, ['', value]) == ['OK', '', '']
    assert realm.run('lease_renew', key, ['', value, 5000]) == ['STALE', '', ''] and realm.state() == {}


def test_a_lease_ends_by_itself(realm):
    acquire(realm, 'one', lease=1)
    realm.server.wait(lambda: acquire(realm, 'two')[0] == 'OK')


def test_a_key_that_was_not_declared_cannot_be_touched(realm):
    try:
        realm.run('snapshot_ack', realm.keys('outbox', 'metadata=ann'), [*COMMON, 'ann', 1])
        realm.run('lease_acquire', realm.keys('matchmaker_lock=normal'), ['', 'me', 1, ''])
        realm.shas['canary'] = realm.r.script_load("#!lua\nreturn redis.call('GET', '" + realm.key('outbox') + "')")
        realm.run('canary', realm.keys('pods'), [''])
        raise AssertionError('the canary lives')
    except redis.exceptions.RedisError as refused:
        assert "can't access" in str(refused), refused
