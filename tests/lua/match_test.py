"""commit, loading_complete, loading_cancel, reap, report, result_ack."""
import json

import calls
from calls import (BATTLE, COMMITMENT, LOADING, READY, SEED, acquire, commit, enqueue, loading_cancel,
                   loading_complete, pair, reap, report, result_ack, snapshot_of)
from harness import DAY, LEASE, NOW, RETENTION, RETRY, snapshots
from queue_test import log_line, unchanged, waiting

CARD = {'match_id': 'm1', 'mode': 'normal', 'players': [
    {'player_id': 'ann', 'name': 'ANN', 'level': 3, 'rating': 1000},
    {'player_id': 'ben', 'name': 'BEN', 'level': 3, 'rating': 1000}],
    'loading_deadline_ms': NOW + LOADING, 'seed_commitment': COMMITMENT}


def states(realm, *players):
    return [realm.player(player)['st'] for player in players]


def whys(realm, *players):
    return [realm.player(player)['why'] for player in players]


# ---- commit ------------------------------------------------------------------------------------------


def test_commit_moves_both_or_nobody_and_freezes_everything(realm):
    reply = pair(realm)
    assert reply[1][:3] == ['OK', '', '0'] and len(reply) == 2
    told = snapshots(reply[1])
    assert [s['player'] for s in told] == ['ann', 'ben']
    for one in told:
        assert (one['st'], one['mid'], one['ver'], one['ready'], one['q']) == ('loading', 'm1', str(NOW + 1), '',
                                                                             str(NOW))
        assert json.loads(one['card']) == CARD
    state = realm.state()
    assert state.pop('metadata:ann') == waiting('ann', st='loading', mid='m1', ver=str(NOW + 1), card=told[0]['card'])
    assert state.pop('metadata:ben') == waiting('ben', st='loading', mid='m1', ver=str(NOW + 1), card=told[0]['card'])
    assert state.pop('lock:matchmaker:normal') == f'me:{NOW}'
    assert state == {
        'match:m1': {'status': 'loading', 'mode': 'normal', 'players': 'ann,ben', 'seed': SEED,
                     'card': told[0]['card'], 'pods': 'pod-a,pod-a', 'q': f'{NOW},{NOW}', 'devices': '-,-',
                     's:ann': snapshot_of('ann'), 's:ben': snapshot_of('ben')},
        'match:deadlines': {'m1': NOW + LOADING}, 'outbox': {'ann': NOW + RETRY, 'ben': NOW + RETRY},
        'queue:log:normal': [log_line('ann'), log_line('ben'), ['-', 'ann', '-', 'ben']]}


def test_a_mode_without_loading_goes_straight_to_the_host(realm):
    reply = pair(realm, phase='battling', host=['pod-b'])
    assert reply[1][:3] == ['OK', 'pod-b', '0']
    assert states(realm, 'ann', 'ben') == ['battling', 'battling']
    assert 'loading_deadline_ms' not in json.loads(realm.player('ann')['card'])
    assert (realm.match('m1')['status'], realm.match('m1')['host']) == ('battling', 'pod-b')
    assert realm.state()['match:deadlines'] == {'m1': NOW + BATTLE}


def test_without_any_host_the_match_waits_ready(realm):
    pair(realm, phase='battling')
    assert realm.match('m1')['status'] == 'ready' and 'host' not in realm.match('m1')
    assert states(realm, 'ann', 'ben') == ['battling', 'battling']
    assert realm.state()['match:deadlines'] == {'m1': NOW + READY}


def test_four_make_a_match_too(realm):
    pair(realm, players=('ann', 'ben', 'cy', 'dee'))
    assert states(realm, 'ann', 'ben', 'cy', 'dee') == ['loading'] * 4
    assert realm.match('m1')['players'] == 'ann,ben,cy,dee' and realm.match('m1')['s:dee'] == snapshot_of('dee')


def test_commit_without_the_lease_changes_nothing(realm):
    for player in ('ann', 'ben'):
        enqueue(realm, player)
    members = [('m1', [('ann', None), ('ben', None)])]
    value = acquire(realm)[1]
    for lock in ('other:1', value + '0', value[:-1], ''):
        assert unchanged(realm, lambda: commit(realm, members, lock=lock)) == ['STALE']
    realm.r.delete(realm.key('matchmaker_lock', 'normal'))
    assert unchanged(realm, lambda: commit(realm, members, lock=value)) == ['STALE']


def test_a_changed_member_is_named_and_the_match_does_not_happen(realm):
    for player in ('ann', 'ben', 'cy', 'dee'):
        enqueue(realm, player)
    acquire(realm)
    old = str(NOW - 1)
    assert unchanged(realm, lambda: commit(realm, [('m1', [('ann', None), ('ben', old)])])) == \
        ['OK', ['CONFLICT', 'ben', '']]
    calls.dequeue(realm, 'ben')
    assert unchanged(realm, lambda: commit(realm, [('m1', [('ann', None), ('ben', None)])])) == \
        ['OK', ['CONFLICT', 'ben', '']]
    reply = commit(realm, [('m1', [('ben', '1'), ('ann', None)]), ('m2', [('cy', None), ('dee', None)])])
    assert [one[0] for one in reply[1:]] == ['CONFLICT', 'OK']
    assert states(realm, 'ann', 'ben', 'cy', 'dee') == ['queued', 'lobby', 'loading', 'loading']


def test_nobody_is_in_two_matches_of_a_batch(realm):
    for player in ('ann', 'ben', 'cy'):
        enqueue(realm, player)
    reply = commit(realm, [('m1', [('ann', None), ('ben', None)]), ('m2', [('ann', None), ('cy', None)]),
                           ('m3', [('cy', None), ('cy', None)])])
    assert [one[0] for one in reply[1:]] == ['OK', 'CONFLICT', 'CONFLICT']
    assert states(realm, 'ann', 'ben', 'cy') == ['loading', 'loading', 'queued']
    assert realm.player('ann')['mid'] == 'm1' and 'match:m2' not in realm.state() and 'match:m3' not in realm.state()


def test_nobody_plays_against_himself(realm):
    enqueue(realm, 'ann')
    before = realm.state()
    assert commit(realm, [('m1', [('ann', None), ('ann', None)])])[1] == ['CONFLICT', 'ann', '']
    lock = 'lock:matchmaker:normal'
    assert {key: value for key, value in realm.state().items() if key != lock} == before


def test_a_waiter_of_another_mode_is_a_conflict(realm):
    enqueue(realm, 'ann')
    enqueue(realm, 'ben', mode='ranked')
    assert commit(realm, [('m1', [('ann', None), ('ben', None)])])[1][:2] == ['CONFLICT', 'ben']
    assert realm.state()['queue:ranked'] == {'ben': NOW}


def poison(realm, **damage):
    """ann's metadata is damaged; ben and cy wait too. Returns the reply about ann and ben."""
    for player in ('ann', 'ben', 'cy'):
        enqueue(realm, player)
    version = realm.player('ann')['ver']
    key = realm.key('metadata', 'ann')
    for field, value in damage.items():
        if value is None:
            realm.r.hdel(key, field)
        else:
            realm.r.hset(key, field, value)
    return commit(realm, [('m1', [('ben', None), ('ann', version)]), ('m2', [('ann', version), ('cy', None)])])


def test_a_poisoned_candidate_is_put_out_and_told_and_blocks_nobody(realm):
    for damage in ({'snapshot': 'garbage'}, {'snapshot': '{"another":1}'}, {'snapshot': None}, {'who': None},
                   {'snapshot': 'x' * len(snapshot_of('ann'))},
                   {'q': None}, {'q': 'soon'}, {'ver': 'x'}, {'ver': None}, {'ver': '-5'}, {'ver': '0' + str(NOW)},
                   {'ver': '1e300'}, {'length': None}):
        realm.r.flushall()
        reply = poison(realm, **damage)
        assert [one[0] for one in reply[1:]] == ['POISONED', 'CONFLICT'], (damage, reply)
        assert reply[1][1] == 'ann' and snapshots(reply[1])[0]['why'] == 'removed'
        assert states(realm, 'ann', 'ben', 'cy') == ['lobby', 'queued', 'queued']
        assert whys(realm, 'ann') == ['removed']
        state = realm.state()
        assert 'ann' not in state['queue:normal'] and 'ann' not in state['queue:leases']
        assert state['queue:log:normal'][-1] == ['-', 'ann'] and 'match:deadlines' not in state
        assert commit(realm, [('m3', [('ben', None), ('cy', None)])])[1][0] == 'OK'


def test_a_candidate_without_metadata_leaves_the_queue(realm):
    for replace in (lambda key: None, lambda key: realm.r.set(key, 'garbage'), lambda key: realm.r.rpush(key, 'x')):
        realm.r.flushall()
        for player in ('ann', 'ben'):
            enqueue(realm, player)
        realm.r.delete(realm.key('metadata', 'ann'))
        replace(realm.key('metadata', 'ann'))
        assert commit(realm, [('m1', [('ann', '1'), ('ben', None)])])[1] == ['POISONED', 'ann', '']
        state = realm.state()
        assert state['queue:normal'] == {'ben': NOW} and state['queue:leases'] == {'ben': NOW + LEASE}
        assert state['queue:log:normal'][-1] == ['-', 'ann'] and 'metadata:ann' not in state


def test_someone_in_the_queue_who_is_elsewhere_leaves_it(realm):
    pair(realm)
    enqueue(realm, 'cy')
    realm.r.zadd(realm.key('queue', 'normal'), {'ann': 1})
    reply = commit(realm, [('m2', [('ann', None), ('cy', None)])])
    assert reply[1] == ['POISONED', 'ann', '']
    assert realm.state()['queue:normal'] == {'cy': NOW} and realm.player('ann')['mid'] == 'm1'
    assert states(realm, 'ann') == ['loading']


# ---- loading -----------------------------------------------------------------------------------------


def test_the_last_mark_starts_the_battle_exactly_once(realm):
    pair(realm)
    reply = loading_complete(realm, 'ann')
    assert reply[:3] == ['OK', '', '']
    assert [(s['st'], s['ready']) for s in snapshots(reply)] == [('loading', 'ann')] * 2
    assert realm.match('m1')['r:ann'] == '1' and realm.match('m1')['status'] == 'loading'
    assert (realm.player('ann')['rq'], realm.player('ben')['rq']) == ('2', '1')
    realm.now += 500
    reply = loading_complete(realm, 'ben')
    assert reply[:3] == ['READY', 'pod-a', '0']
    assert [(s['st'], s['ready'], s['mid']) for s in snapshots(reply)] == [('battling', 'ann,ben', 'm1')] * 2
    assert [json.loads(s['card']) for s in snapshots(reply)] == [CARD, CARD]
    assert (realm.match('m1')['status'], realm.match('m1')['host']) == ('battling', 'pod-a')
    assert realm.state()['match:deadlines'] == {'m1': NOW + 500 + BATTLE}
    assert realm.state()['outbox'] == {'ann': NOW + 500 + RETRY, 'ben': NOW + 500 + RETRY}
    assert unchanged(realm, lambda: loading_complete(realm, 'ben'))[0] == 'DUP'
    assert unchanged(realm, lambda: loading_complete(realm, 'ben', rq=3))[0] == 'NO'


def test_without_a_living_host_the_match_stays_ready(realm):
    pair(realm)
    loading_complete(realm, 'ann', host='')
    assert loading_complete(realm, 'ben', host='')[:3] == ['READY', '', '0']
    assert (realm.match('m1')['status'], realm.match('m1')['host']) == ('ready', '')
    assert realm.state()['match:deadlines'] == {'m1': NOW + READY}
    assert states(realm, 'ann', 'ben') == ['battling', 'battling']


def test_a_second_mark_of_the_same_player_is_not_the_last(realm):
    pair(realm)
    loading_complete(realm, 'ann')
    assert loading_complete(realm, 'ann', rq=3)[0] == 'OK'
    assert realm.match('m1')['status'] == 'loading'


def test_loading_complete_is_refused_where_it_does_not_fit(realm):
    assert unchanged(realm, lambda: loading_complete(realm, 'ann'))[0] == 'NO'
    enqueue(realm, 'cy')
    pair(realm)
    assert unchanged(realm, lambda: loading_complete(realm, 'cy'))[0] == 'NO'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', match='m2'))[0] == 'NO'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', players=('ben', 'ann')))[0] == 'NO'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', players=()))[0] == 'NO'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', rq=1))[0] == 'DUP'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', ce=0))[0] == 'FENCED'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann', rq='x'))[0] == 'INVALID'
    realm.now = NOW + LOADING
    reply = unchanged(realm, lambda: loading_complete(realm, 'ann'))
    assert reply[0] == 'NO' and snapshots(reply)[0]['st'] == 'loading'


def test_a_mark_of_a_newer_login_routes_the_player(realm):
    pair(realm)
    reply = loading_complete(realm, 'ann', ce=2, rq=1, pod='pod-b')
    assert [s['pod'] for s in snapshots(reply)] == ['pod-b', 'pod-a']


def test_cancel_sends_the_canceller_home_and_the_other_back_to_his_place(realm):
    enqueue(realm, 'ben', mmr=1234, device='pad')
    realm.now += 700
    enqueue(realm, 'ann')
    commit(realm, [('m1', [('ann', None), ('ben', None)])])
    realm.now += 5000
    reply = loading_cancel(realm, 'ann')
    assert reply[:3] == ['OK', '1', '']
    assert [(s['st'], s['why'], s['mid'], s['card']) for s in snapshots(reply)] == \
        [('lobby', 'you_cancelled', 'm1', ''), ('queued', 'opponent_cancelled', 'm1', '')]
    assert realm.match('m1')['status'] == 'cancelled' and realm.match('m1')['why'] == 'ann'
    assert RETENTION - 1000 < realm.ttl('match', 'm1') <= RETENTION
    state = realm.state()
    assert 'match:deadlines' not in state
    assert state['queue:normal'] == {'ben': NOW} and state['queue:leases'] == {'ben': NOW + 5700 + LEASE}
    assert state['queue:log:normal'][-1] == log_line('ben', mmr=1234, ver=NOW + 5700, device='pad')
    assert realm.ttl('metadata', 'ben') == -1 and DAY - 1000 < realm.ttl('metadata', 'ann') <= DAY
    assert realm.player('ben')['snapshot'] == snapshot_of('ben') and 'snapshot' not in realm.player('ann')
    enqueue(realm, 'cy')
    assert commit(realm, [('m2', [('ben', None), ('cy', None)])])[1][0] == 'OK'


def test_cancel_is_refused_where_it_does_not_fit(realm):
    enqueue(realm, 'cy')
    pair(realm)
    assert unchanged(realm, lambda: loading_cancel(realm, 'cy'))[0] == 'NO'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', match='m2'))[0] == 'NO'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', mode='ranked'))[0] == 'NO'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', rq=1))[0] == 'DUP'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', ce=0))[0] == 'FENCED'
    assert unchanged(realm, lambda: loading_cancel(realm, 'ann', ce='x'))[0] == 'INVALID'
    loading_complete(realm, 'ann')
    loading_complete(realm, 'ben')
    reply = unchanged(realm, lambda: loading_cancel(realm, 'ann', rq=3))
    assert reply[0] == 'NO' and snapshots(reply)[0]['st'] == 'battling'


def test_only_one_of_cancel_and_last_mark_wins(realm):
    pair(realm)
    loading_complete(realm, 'ann')
    assert loading_cancel(realm, 'ann', rq=3)[0] == 'OK'
    assert unchanged(realm, lambda: loading_complete(realm, 'ben'))[0] == 'NO'


# ---- overdue -----------------------------------------------------------------------------------------


def test_a_loading_that_takes_too_long_parts_the_ready_from_the_absent(realm):
    pair(realm)
    loading_complete(realm, 'ben')
    realm.now = NOW + LOADING - 1
    assert unchanged(realm, lambda: reap(realm)) == ['EARLY', '', '']
    realm.now = NOW + LOADING
    reply = reap(realm)
    assert reply[:3] == ['TIMED_OUT', '', 0]
    assert [(s['st'], s['why']) for s in snapshots(reply)] == [('lobby', 'you_timed_out'),
                                                               ('queued', 'opponent_timed_out')]
    assert realm.match('m1')['status'] == 'timed_out' and realm.ttl('match', 'm1') > 0
    state = realm.state()
    assert state['queue:normal'] == {'ben': NOW} and 'match:deadlines' not in state
    assert unchanged(realm, lambda: reap(realm))[0] == 'EARLY'
    assert unchanged(realm, lambda: loading_complete(realm, 'ann'))[0] == 'NO'


def test_a_silent_host_is_followed_by_the_next_and_at_last_all_are_queued_again(realm):
    pair(realm)
    loading_complete(realm, 'ann')
    loading_complete(realm, 'ben')
    realm.now += BATTLE
    assert reap(realm) == ['READY', 'pod-b', '1']
    assert (realm.match('m1')['host'], realm.match('m1')['attempts']) == ('pod-b', '1')
    assert realm.state()['match:deadlines'] == {'m1': realm.now + BATTLE}
    assert unchanged(realm, lambda: reap(realm))[0] == 'EARLY'
    realm.now += BATTLE
    assert reap(realm, host='') == ['READY', '', '2']
    assert realm.match('m1')['status'] == 'ready' and realm.state()['match:deadlines'] == {'m1': realm.now + READY}
    realm.now += READY
    reply = reap(realm)
    assert reply[:3] == ['CANCELLED', '', '']
    assert [(s['st'], s['why'], s['q']) for s in snapshots(reply)] == [('queued', 'server', str(NOW))] * 2
    assert realm.state()['queue:normal'] == {'ann': NOW, 'ben': NOW}
    assert unchanged(realm, lambda: report(realm))[0] == 'STALE'


def test_a_deadline_without_an_active_match_is_forgotten(realm):
    realm.r.zadd(realm.key('match_deadlines'), {'m1': NOW - 1})
    assert reap(realm) == ['NO', '', ''] and realm.state() == {}
    realm.r.zadd(realm.key('match_deadlines'), {'m1': NOW - 1})
    realm.r.set(realm.key('match', 'm1'), 'garbage')
    assert reap(realm) == ['NO', '', ''] and realm.state() == {}


def test_the_reaper_does_not_act_on_other_members_than_the_match_has(realm):
    pair(realm)
    realm.now += LOADING
    assert unchanged(realm, lambda: reap(realm, players=('ann', 'cy')))[0] == 'EARLY'
    assert unchanged(realm, lambda: reap(realm, mode='ranked'))[0] == 'EARLY'


# ---- result ------------------------------------------------------------------------------------------


def battle(realm):
    pair(realm)
    loading_complete(realm, 'ann')
    loading_complete(realm, 'ben')


def test_a_result_is_accepted_once(realm):
    battle(realm)
    realm.now += 40
    reply = report(realm, winner=1)
    assert reply[:3] == ['OK', '', '']
    assert [(s['st'], s['mid'], s['why']) for s in snapshots(reply)] == [('result', 'm1', '')] * 2
    assert [json.loads(s['card']) for s in snapshots(reply)] == [CARD, CARD]
    match = realm.match('m1')
    assert (match['status'], match['digest'], match['winner'], match['by']) == ('finished', 'd' * 64, '1', 'pod-a')
    assert RETENTION - 1000 < realm.ttl('match', 'm1') <= RETENTION and 'match:deadlines' not in realm.state()
    assert (realm.player('ann')['opp'], realm.player('ben')['opp']) == ('ben', 'ann')
    assert unchanged(realm, lambda: report(realm, winner=0, digest='e' * 64)) == ['DUP', '', '']


def test_a_result_of_no_running_battle_is_stale(realm):
    assert unchanged(realm, lambda: report(realm)) == ['STALE', '', '']
    pair(realm)
    assert unchanged(realm, lambda: report(realm)) == ['STALE', '', '']
    loading_cancel(realm, 'ann')
    assert unchanged(realm, lambda: report(realm)) == ['STALE', '', '']


def test_a_result_with_other_members_is_stale(realm):
    battle(realm)
    assert unchanged(realm, lambda: report(realm, players=('ann', 'cy')))[0] == 'STALE'
    assert unchanged(realm, lambda: report(realm, mode='ranked'))[0] == 'STALE'


def test_a_ready_match_without_a_host_takes_a_result_too(realm):
    pair(realm, phase='battling')
    assert report(realm)[0] == 'OK'


def test_a_failed_host_makes_the_match_due_at_once(realm):
    battle(realm)
    realm.now += 40
    assert report(realm, digest='') == ['FAILED', '', '']
    assert reap(realm)[:2] == ['READY', 'pod-b']


def test_an_unreadable_snapshot_removes_its_player_and_frees_the_others(realm):
    battle(realm)
    reply = report(realm, poisoned='ann', digest='')
    assert reply[0] == 'POISONED'
    assert [(s['st'], s['why']) for s in snapshots(reply)] == [('lobby', 'removed'), ('queued', 'server')]
    assert realm.match('m1')['status'] == 'cancelled' and 'match:deadlines' not in realm.state()
    assert unchanged(realm, lambda: report(realm))[0] == 'STALE'


def test_an_acknowledged_result_ends_in_the_lobby_and_the_next_queue_knows_the_last_opponent(realm):
    battle(realm)
    assert unchanged(realm, lambda: result_ack(realm, 'ann'))[0] == 'NO'
    report(realm)
    assert unchanged(realm, lambda: result_ack(realm, 'ann', match='m2'))[0] == 'NO'
    assert unchanged(realm, lambda: result_ack(realm, 'ann', rq=2))[0] == 'DUP'
    assert unchanged(realm, lambda: result_ack(realm, 'ann', rq='x'))[0] == 'INVALID'
    assert unchanged(realm, lambda: enqueue(realm, 'ann', rq=3))[0] == 'BUSY'
    reply = result_ack(realm, 'ann')
    assert [(s['st'], s['why'], s['mid'], s['card']) for s in snapshots(reply)] == [('lobby', 'done', 'm1', '')]
    assert states(realm, 'ann', 'ben') == ['lobby', 'result'] and realm.ttl('metadata', 'ann') > 0
    assert unchanged(realm, lambda: result_ack(realm, 'ann', rq=4))[0] == 'NO'
    enqueue(realm, 'ann', rq=4)
    version = realm.player('ann')['ver']
    assert realm.state()['queue:log:normal'][-1] == log_line('ann', ver=version, opp='ben')
