"""Parties of two: every step moves both or none, and nobody else."""
import json

import calls
from calls import (commit, dequeue, enqueue, expire, loading_cancel, loading_complete, party, reap, report, result_ack,
                   resume, sha256)
from harness import LEASE, NOW, RETRY, snapshots
from match_test import states, whys
from queue_test import log_line, unchanged, waiting

FOUR = ('ann', 'ben', 'cy', 'dee')
FOES = {'ann': 'cy,dee', 'ben': 'cy,dee', 'cy': 'ann,ben', 'dee': 'ann,ben'}


def party_waiting(player, mate, **other):
    return waiting(player, **{'mode': 'party', 'mate': mate, **other})


def solo(realm, player, **how):
    return enqueue(realm, player, mode='party', **how)


def places(realm, key='queue:party'):
    return sorted(realm.state().get(key, {}))


def damage(realm, player, field, value):
    realm.r.hset(realm.key('metadata', player), field, value)


def fight(realm, solos=False, match='m1', **how):
    """ann and ben against cy and dee: two parties, or a party and two solo players."""
    assert party(realm, 'ann', 'ben')[0] == 'OK'
    if solos:
        assert [solo(realm, player)[0] for player in ('cy', 'dee')] == ['OK', 'OK']
    else:
        assert party(realm, 'cy', 'dee')[0] == 'OK'
    reply = commit(realm, [(match, [(player, None) for player in FOUR])], mode='party', size=4, **how)
    assert reply[1][0] == 'OK', reply
    return reply


def load_all(realm, *players):
    for player in players or FOUR:
        status = loading_complete(realm, player, players=FOUR)[0]
    return status


# ---- enqueue -----------------------------------------------------------------------------------------


def test_both_of_a_party_queue_at_one_place_with_a_lease_and_a_version_each(realm):
    reply = party(realm, 'ann', 'ben', ce=7, mmr=1300, level=5, device='pad', own_device='phone', own_mmr=900)
    assert reply[:3] == ['OK', 1, 2]
    ann, ben = snapshots(reply)
    assert (ann['player'], ann['pod'], ann['mate'], ann['ce'], ann['rq']) == ('ann', 'pod-a', 'ben', '1', '1')
    assert (ben['player'], ben['pod'], ben['mate'], ben['ce'], ben['rq']) == ('ben', 'pod-b', 'ann', '7', '0')
    assert {one['st'] for one in (ann, ben)} == {'queued'} and ann['q'] == ben['q'] == str(NOW)
    who = '{"player_id":"ben","name":"BEN","level":5,"rating":1300}'
    own = '{"player_id":"ann","name":"ANN","level":3,"rating":900}'
    assert realm.state() == {
        'metadata:ann': party_waiting('ann', 'ben', mmr='900', device='phone', dh=sha256('phone'), who=own),
        'metadata:ben': party_waiting('ben', 'ann', mmr='1300', device='pad', dh=sha256('pad'), who=who, ce='7',
                                      rq='0', pod='pod-b'),
        'queue:party': {'ann': NOW, 'ben': NOW}, 'queue:leases': {'ann': NOW + LEASE, 'ben': NOW + LEASE},
        'outbox': {'ann': NOW + RETRY, 'ben': NOW + RETRY},
        'queue:log:party': [log_line('ben', mmr=1300, pod='pod-b', mate='ann', device='pad'),
                            log_line('ann', mmr=900, mate='ben', device='phone')]}
    assert realm.ttl('metadata', 'ben') == -1


def test_the_mates_requests_are_numbered_on_for_a_known_login_and_from_one_for_a_newer(realm):
    enqueue(realm, 'ben', ce=5, rq=8)
    dequeue(realm, 'ben', ce=5, rq=9)
    assert snapshots(party(realm, 'ann', 'ben', ce=5))[1]['rq'] == '9'
    assert dequeue(realm, 'ben', ce=5, rq=9, mate='ann')[0] == 'DUP'
    assert dequeue(realm, 'ben', ce=5, rq=10, mate='ann')[0] == 'OK'
    assert snapshots(party(realm, 'ann', 'ben', ce=6, own_rq=2))[1]['rq'] == '0'
    assert dequeue(realm, 'ben', ce=5, rq=11, mate='ann')[0] == 'FENCED'
    assert dequeue(realm, 'ben', ce=6, rq=1, mate='ann')[0] == 'OK'


def test_a_repeated_party_enqueue_has_no_effect_and_tells_who_asked(realm):
    party(realm, 'ann', 'ben')
    realm.now += 50
    reply = unchanged(realm, lambda: party(realm, 'ann', 'ben', mmr=2000))
    assert reply[:3] == ['DUP', 1, 2] and [one['player'] for one in snapshots(reply)] == ['ann']
    assert unchanged(realm, lambda: party(realm, 'ann', 'cy', own_rq=2))[0] == 'BUSY'
    assert unchanged(realm, lambda: party(realm, 'ben', 'ann', own_rq=1))[0] == 'BUSY'


def test_a_mate_with_a_newer_login_or_anything_to_do_keeps_both_out(realm):
    enqueue(realm, 'ben', ce=9, mode='normal')
    reply = unchanged(realm, lambda: party(realm, 'ann', 'ben', ce=8))
    assert reply[:3] == ['MATE_FENCED', '', 'ben']
    assert [(one['player'], one['st']) for one in snapshots(reply)] == [('ann', '')]
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben', ce=9))[:3] == ['MATE_BUSY', 'queued', 'ben']
    enqueue(realm, 'cy')
    commit(realm, [('m1', [('ben', None), ('cy', None)])])
    assert unchanged(realm, lambda: party(realm, 'ann', 'cy'))[:3] == ['MATE_BUSY', 'loading', 'cy']
    loading_complete(realm, 'ben', players=('ben', 'cy'), ce=9)
    loading_complete(realm, 'cy', players=('ben', 'cy'))
    assert unchanged(realm, lambda: party(realm, 'ann', 'cy'))[:3] == ['MATE_BUSY', 'battling', 'cy']
    report(realm, players=('ben', 'cy'))
    assert unchanged(realm, lambda: party(realm, 'ann', 'cy'))[:3] == ['MATE_BUSY', 'result', 'cy']
    result_ack(realm, 'cy')
    assert party(realm, 'ann', 'cy')[0] == 'OK'


def ban(realm, kind, id, ms):
    realm.r.hset(realm.key(f'penalty_{kind}', id), mapping={'until_ms': NOW + ms, 'score': 1000, 'at_ms': NOW})


def test_a_ban_of_the_mate_or_of_his_device_keeps_both_out_and_is_said(realm):
    ban(realm, 'player', 'ben', 4000)
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben', device='pad'))[:3] == ['MATE_BANNED', '4000', 'ben']
    ban(realm, 'device', sha256('pad'), 9000)
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben', device='pad'))[:3] == ['MATE_BANNED', '9000', 'ben']
    assert unchanged(realm, lambda: party(realm, 'ann', 'cy', device='pad'))[:3] == ['MATE_BANNED', '9000', 'cy']
    assert unchanged(realm, lambda: party(realm, 'ben', 'ann'))[:3] == ['BANNED', '4000', '']
    realm.now += 9000
    assert party(realm, 'ann', 'ben', device='pad')[0] == 'OK'


def test_who_asks_is_refused_as_alone(realm):
    realm.r.set(realm.key('maintenance'), '1')
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben'))[0] == 'MAINTENANCE'
    realm.r.delete(realm.key('maintenance'))
    enqueue(realm, 'ann', ce=5)
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben', own_ce=4))[0] == 'FENCED'
    assert unchanged(realm, lambda: party(realm, 'ann', 'ben', own_ce=5, own_rq=2))[0] == 'BUSY'


def test_a_mate_that_can_be_none_is_invalid(realm):
    assert unchanged(realm, lambda: party(realm, 'ann', 'ann'))[0] == 'INVALID'
    for wrong in ({'ce': 'x'}, {'ce': ''}, {'ce': '-1'}, {'pod': ''}, {'level': 'two'}, {'mmr': '1e3'},
                  {'snapshot': '[]'}, {'snapshot': ''}, {'sh': 'short'}):
        assert unchanged(realm, lambda: party(realm, 'ann', 'ben', **wrong))[0] == 'INVALID', wrong
    for mate in ('a.b', 'a,b', 'x' * 65, 'é'):
        assert unchanged(realm, lambda: party(realm, 'ann', mate))[0] == 'INVALID', mate


# ---- out of the queue --------------------------------------------------------------------------------


def test_whoever_leaves_takes_the_mate_along_with_the_same_word(realm):
    for player, mate in (('ann', 'ben'), ('ben', 'ann')):
        realm.r.flushall()
        party(realm, 'ann', 'ben')
        solo(realm, 'cy')
        realm.now += 10
        for named in ('', 'cy'):
            assert unchanged(realm, lambda: dequeue(realm, player, mate=named)) == ['MATE', mate, '']
        reply = dequeue(realm, player, mate=mate, reason='disconnected')
        assert reply[:3] == ['OK', '', '']
        assert [(one['player'], one['st'], one['why'], one['mate']) for one in snapshots(reply)] == \
            [(player, 'lobby', 'disconnected', ''), (mate, 'lobby', 'disconnected', '')]
        assert [one['rq'] for one in snapshots(reply)] == ['2', '0' if mate == 'ben' else '1']
        state = realm.state()
        assert state['queue:party'] == {'cy': NOW} and list(state['queue:leases']) == ['cy']
        assert sorted(state['queue:log:party'][-2:]) == [['-', 'ann'], ['-', 'ben']]
        assert set(state['outbox']) == {'ann', 'ben', 'cy'} and 'mate' not in state['metadata:' + mate]
        assert unchanged(realm, lambda: dequeue(realm, player, mate=mate))[0] == 'DUP'
        realm.now = NOW


def test_a_solo_player_names_no_mate_and_one_named_anyway_is_left_alone(realm):
    solo(realm, 'ann')
    solo(realm, 'ben')
    before = realm.player('ben')
    assert dequeue(realm, 'ann', mate='ben')[0] == 'OK'
    assert realm.player('ben') == before and places(realm) == ['ben']


def parted(realm, act):
    """`act` on ann, whose mate is not with her any more: she goes, the other is not touched."""
    before = realm.player('ben')
    reply = act()
    assert realm.player('ben') == before
    assert states(realm, 'ann') == ['lobby'] and 'ann' not in places(realm), reply
    return reply


def break_parties(realm):
    """Every way in which a mate can have got lost, one after the other."""
    def elsewhere():
        damage(realm, 'ben', 'mode', 'ranked')
        realm.r.zrem(realm.key('queue', 'party'), 'ben')
        realm.r.zadd(realm.key('queue', 'ranked'), {'ben': NOW})

    breaks = [lambda: realm.r.delete(realm.key('metadata', 'ben')), elsewhere,
              lambda: damage(realm, 'ben', 'mate', 'cy'), lambda: damage(realm, 'ben', 'mate', ''),
              lambda: damage(realm, 'ben', 'q', NOW + 1), lambda: damage(realm, 'ben', 'st', 'lobby'),
              lambda: damage(realm, 'ann', 'mate', 'nobody')]
    for one in breaks:
        realm.r.flushall()
        realm.now = NOW
        party(realm, 'ann', 'ben')
        one()
        yield realm.player('ann')['mate']


def test_a_mate_who_got_lost_keeps_nobody_in_the_queue(realm):
    for mate in break_parties(realm):
        assert dequeue(realm, 'ann') == ['MATE', mate, '']
        reply = parted(realm, lambda: dequeue(realm, 'ann', mate=mate))
        assert [one['player'] for one in snapshots(reply)] == ['ann']


def test_a_mate_that_can_be_none_counts_as_none(realm):
    for wrong in ('ann', 'b en', 'x' * 65, 'a,b'):
        realm.r.flushall()
        party(realm, 'ann', 'ben')
        damage(realm, 'ann', 'mate', wrong)
        parted(realm, lambda: dequeue(realm, 'ann'))


def test_a_dead_lease_takes_both_when_the_mate_is_named(realm):
    party(realm, 'ann', 'ben')
    solo(realm, 'cy')
    realm.now += 1000
    calls.heartbeat(realm, [('ann', NOW), ('cy', NOW)])
    realm.now = NOW + LEASE
    assert unchanged(realm, lambda: expire(realm, ['ben', 'ann'])) == ['OK', 0, 'ben,ann']
    reply = expire(realm, [('ben', 'ann'), 'cy'])
    assert reply[:3] == ['OK', 2, '']
    assert [(one['player'], one['st'], one['why']) for one in snapshots(reply)] == \
        [('ben', 'lobby', 'expired'), ('ann', 'lobby', 'expired')]
    state = realm.state()
    assert places(realm) == ['cy'] and list(state['queue:leases']) == ['cy']


def test_two_dead_leases_of_one_party_take_it_once(realm):
    party(realm, 'ann', 'ben')
    realm.now += LEASE
    assert unchanged(realm, lambda: expire(realm, ['ann', 'ben']))[:3] == ['OK', 0, 'ann,ben,ben,ann']
    assert expire(realm, [('ann', 'ben'), ('ben', 'ann')])[:3] == ['OK', 2, '']
    assert states(realm, 'ann', 'ben') == ['lobby', 'lobby'] and 'queue:leases' not in realm.state()


def test_a_living_party_is_not_expired_whoever_is_named(realm):
    party(realm, 'ann', 'ben')
    for named in ('', 'ben', 'cy'):
        assert unchanged(realm, lambda: expire(realm, [('ann', named)])) == ['OK', 0, '']


def test_who_waits_for_a_mate_that_does_not_is_found_out_and_removed(realm):
    for mate in break_parties(realm):
        assert unchanged(realm, lambda: expire(realm, ['ann'])) == ['OK', 0, '']
        reply = parted(realm, lambda: expire(realm, [('ann', mate)]))
        assert reply[:3] == ['OK', 1, ''] and whys(realm, 'ann') == ['removed']


def test_an_overdue_waiter_whose_mate_got_lost_expires_alone(realm):
    for mate in break_parties(realm):
        realm.now += LEASE
        reply = parted(realm, lambda: expire(realm, [('ann', mate)]))
        assert reply[:3] == ['OK', 1, ''] and whys(realm, 'ann') == ['expired']


def test_a_newer_login_or_a_pod_ahead_of_redis_keeps_the_party(realm):
    party(realm, 'ann', 'ben')
    realm.now += 100
    assert snapshots(resume(realm, 'ben', ce=2, pod='pod-c'))[0]['mate'] == 'ann'
    assert realm.state()['queue:log:party'][-1] == log_line('ben', ver=NOW + 100, pod='pod-c', mate='ann')
    calls.heartbeat(realm, [('ann', NOW + 500)])
    assert realm.state()['queue:log:party'][-1] == log_line('ann', ver=NOW + 501, mate='ben')
    assert dequeue(realm, 'ann', mate='ben')[0] == 'OK' and places(realm) == []


# ---- commit ------------------------------------------------------------------------------------------


def test_a_party_meets_two_solo_players_or_another_party_and_all_are_told(realm):
    for solos in (False, True):
        realm.r.flushall()
        told = snapshots(fight(realm, solos)[1])
        assert [(one['player'], one['st'], one['mate']) for one in told] == \
            [(player, 'loading', '' if solos and player in ('cy', 'dee') else mate)
             for player, mate in zip(FOUR, ('ben', 'ann', 'dee', 'cy'))]
        assert [one['player_id'] for one in json.loads(told[0]['card'])['players']] == list(FOUR)
        assert realm.match('m1')['pods'] == ('pod-a,pod-b,pod-a,pod-a' if solos else 'pod-a,pod-b,pod-a,pod-b')
        state = realm.state()
        assert 'queue:party' not in state and 'queue:leases' not in state and len(state['outbox']) == 4


def test_a_party_is_never_parted_by_a_match(realm):
    party(realm, 'ann', 'ben')
    party(realm, 'cy', 'dee')
    for player in ('eve', 'fay'):
        solo(realm, player)

    def refused(members, who):
        act = lambda: commit(realm, [('m1', [(player, None) for player in members])], mode='party', size=len(members))
        calls.acquire(realm, mode='party')
        assert unchanged(realm, act) == ['OK', ['CONFLICT', who, '']], members

    refused(('ann', 'cy', 'ben', 'dee'), 'ann')
    refused(('eve', 'ann', 'ben', 'fay'), 'ann')
    refused(('eve', 'fay', 'ann', 'cy'), 'ann')
    refused(('eve', 'fay', 'cy', 'ben'), 'cy')
    refused(('ann', 'ben'), 'ann')
    damage(realm, 'ben', 'mate', '')
    refused(('ann', 'ben', 'cy', 'dee'), 'ann')
    damage(realm, 'ben', 'mate', 'eve')
    refused(('ann', 'ben', 'cy', 'dee'), 'ann')


def test_one_changed_member_of_four_is_a_conflict_for_all(realm):
    party(realm, 'ann', 'ben')
    party(realm, 'cy', 'dee')
    calls.acquire(realm, mode='party')
    members = [(player, str(NOW - 1) if player == 'dee' else None) for player in FOUR]
    assert unchanged(realm, lambda: commit(realm, [('m1', members)], mode='party', size=4)) == \
        ['OK', ['CONFLICT', 'dee', '']]


def test_a_poisoned_member_takes_the_mate_out_of_the_queue_and_nobody_else(realm):
    for poisoned, mate, field, value in (('ann', 'ben', 'snapshot', 'garbage'), ('ben', 'ann', 'snapshot', 'x'),
                                         ('dee', 'cy', 'ver', 'x'), ('cy', 'dee', 'q', 'soon')):
        realm.r.flushall()
        party(realm, 'ann', 'ben')
        party(realm, 'cy', 'dee')
        versions = [(player, realm.player(player)['ver']) for player in FOUR]
        damage(realm, poisoned, field, value)
        reply = commit(realm, [('m1', versions)], mode='party', size=4)
        assert reply[1][:2] == ['POISONED', poisoned], reply
        assert [(one['player'], one['st'], one['why'], one['mate']) for one in snapshots(reply[1])] == \
            [(mate, 'lobby', 'removed', ''), (poisoned, 'lobby', 'removed', '')]
        others = [player for player in FOUR if player not in (poisoned, mate)]
        state = realm.state()
        assert places(realm) == others == sorted(state['queue:leases']) and 'match:m1' not in state
        assert states(realm, *others) == ['queued', 'queued']


def test_a_member_whose_mate_has_no_state_goes_with_him(realm):
    party(realm, 'ann', 'ben')
    party(realm, 'cy', 'dee')
    versions = [(player, realm.player(player)['ver']) for player in FOUR]
    realm.r.delete(realm.key('metadata', 'ann'))
    reply = commit(realm, [('m1', versions)], mode='party', size=4)
    assert reply[1][:2] == ['POISONED', 'ann'] and [one['player'] for one in snapshots(reply[1])] == ['ben']
    assert places(realm) == ['cy', 'dee'] and states(realm, 'ben') == ['lobby'] and realm.player('ann') == {}


def test_four_solo_players_make_two_teams_for_one_match_only(realm):
    for player in FOUR:
        solo(realm, player)
    commit(realm, [('m1', [(player, None) for player in FOUR])], mode='party', size=4)
    assert states(realm, *FOUR) == ['loading'] * 4
    loading_cancel(realm, 'ann', players=FOUR, mode='party')
    assert states(realm, *FOUR) == ['lobby', 'queued', 'queued', 'queued']
    assert all('mate' not in one or one['mate'] == '' for one in map(realm.player, FOUR))


# ---- the end of a match ------------------------------------------------------------------------------


def test_who_cancels_takes_the_mate_to_the_lobby_and_the_other_party_keeps_its_place(realm):
    party(realm, 'cy', 'dee')
    realm.now += 700
    party(realm, 'ann', 'ben')
    commit(realm, [('m1', [(player, None) for player in FOUR])], mode='party', size=4)
    realm.now += 5000
    reply = loading_cancel(realm, 'ben', players=FOUR, mode='party', rq=1, pod='pod-b')
    assert [(one['player'], one['st'], one['why'], one['pen'], one['mate']) for one in snapshots(reply)] == \
        [('ann', 'lobby', 'opponent_cancelled', '', ''), ('ben', 'lobby', 'you_cancelled', 'warning', ''),
         ('cy', 'queued', 'opponent_cancelled', '', 'dee'), ('dee', 'queued', 'opponent_cancelled', '', 'cy')]
    state = realm.state()
    assert state['queue:party'] == {'cy': NOW, 'dee': NOW}
    assert state['queue:leases'] == {'cy': NOW + 5700 + LEASE, 'dee': NOW + 5700 + LEASE}
    assert state['queue:log:party'][-2:] == [log_line('cy', ver=NOW + 5700, mate='dee'),
                                             log_line('dee', ver=NOW + 5700, pod='pod-b', mate='cy')]
    assert 'penalty:player:ann' not in state and 'penalty:player:ben' in state
    party(realm, 'ann', 'ben', own_rq=2)
    reply = commit(realm, [('m2', [(player, None) for player in FOUR])], mode='party', size=4)
    assert reply[1][0] == 'OK'


def test_a_time_out_sends_the_absent_and_their_mates_home_and_queues_the_others_again(realm):
    # Who has loaded, and who waits again afterwards.
    for loaded, again in ((('ann', 'cy', 'dee'), ['cy', 'dee']), (('ann', 'ben'), ['ann', 'ben']),
                          (('ann', 'cy'), []), ((), []), (('ann', 'ben', 'dee'), ['ann', 'ben'])):
        realm.r.flushall()
        realm.now = NOW
        fight(realm)
        for player in loaded:
            loading_complete(realm, player, players=FOUR)
        realm.now += calls.LOADING
        told = {one['player']: one for one in snapshots(reap(realm, players=FOUR, mode='party'))}
        for player in FOUR:
            why = 'opponent_timed_out' if player in loaded else 'you_timed_out'
            st = 'queued' if player in again else 'lobby'
            assert (told[player]['st'], told[player]['why'], told[player]['pen']) == (st, why, ''), (loaded, player)
        assert places(realm) == again == sorted(realm.state().get('queue:leases', {}))


def test_a_time_out_sanctions_who_was_absent_and_not_the_mate(realm):
    fight(realm)
    calls.heartbeat(realm, pod='pod-b', process='p1', ttl=100_000)
    calls.prompt_seen(realm, 'ben', pod='pod-b')
    loading_complete(realm, 'ann', players=FOUR)
    realm.now += calls.LOADING
    reply = reap(realm, players=FOUR, mode='party')
    assert reply[2] == 1
    assert [one['pen'] for one in snapshots(reply)] == ['', 'warning', '', '']


def test_solo_players_of_a_match_with_a_party_wait_again_each_on_his_own(realm):
    fight(realm, solos=True)
    for player in ('ann', 'ben', 'cy'):
        loading_complete(realm, player, players=FOUR)
    realm.now += calls.LOADING
    reap(realm, players=FOUR, mode='party')
    assert states(realm, *FOUR) == ['queued', 'queued', 'queued', 'lobby']


def test_a_match_that_nobody_can_compute_queues_both_parties_again(realm):
    fight(realm)
    assert load_all(realm) == 'READY'
    for _ in range(3):
        realm.now += calls.BATTLE
        reply = reap(realm, players=FOUR, mode='party')
    assert reply[0] == 'CANCELLED'
    assert [(one['st'], one['why'], one['mate'], one['q']) for one in snapshots(reply)] == \
        [('queued', 'server', mate, str(NOW)) for mate in ('ben', 'ann', 'dee', 'cy')]


def test_an_unreadable_snapshot_removes_its_party_and_frees_the_other(realm):
    fight(realm)
    load_all(realm)
    reply = report(realm, players=FOUR, poisoned='ben', digest='', mode='party')
    assert [(one['player'], one['st'], one['why']) for one in snapshots(reply)] == \
        [('ann', 'lobby', 'server'), ('ben', 'lobby', 'removed'), ('cy', 'queued', 'server'),
         ('dee', 'queued', 'server')]
    assert places(realm) == ['cy', 'dee']


def test_a_party_parted_by_damage_during_its_match_goes_to_the_lobby(realm):
    fight(realm)
    damage(realm, 'dee', 'mate', 'nobody')
    reply = loading_cancel(realm, 'ann', players=FOUR, mode='party')
    assert [(one['st'], one['why']) for one in snapshots(reply)] == \
        [('lobby', 'you_cancelled')] + [('lobby', 'opponent_cancelled')] * 3
    assert places(realm) == []


def test_after_a_result_each_goes_on_alone_and_remembers_both_opponents(realm):
    fight(realm)
    assert load_all(realm) == 'READY'
    told = snapshots(report(realm, players=FOUR, mode='party'))
    assert [(one['st'], one['mate']) for one in told] == [('result', mate) for mate in ('ben', 'ann', 'dee', 'cy')]
    assert {player: realm.player(player)['opp'] for player in FOUR} == FOES
    for player in FOUR:
        rq = 3 if player in ('ann', 'cy') else 4
        assert snapshots(result_ack(realm, player, rq=rq))[0]['mate'] == ''
    assert solo(realm, 'ann', rq=9)[0] == 'OK'
    version = realm.player('ann')['ver']
    assert realm.state()['queue:log:party'][-1] == log_line('ann', ver=version, opp='cy,dee')
    assert dequeue(realm, 'ann', rq=10)[0] == 'OK'
