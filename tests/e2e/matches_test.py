"""Two players meet: who, in which order, and what each is told."""
import asyncio
import hashlib
import re
import time

from client import play
from harness import needs

UUID_V7 = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')


def same_battle(results):
    """Both saw one battle from their own sides."""
    first, second = results
    assert first['match_id'] == second['match_id']
    assert first['timeline_text'] == second['timeline_text'], 'one timeline, two texts'
    assert {first['you'], second['you']} == {0, 1}
    assert {first['outcome'], second['outcome']} in ({'win', 'loss'}, {'draw'})
    winner = first['timeline']['end']['win']
    for result in results:
        expected = 'draw' if winner < 0 else 'win' if winner == result['you'] else 'loss'
        assert result['outcome'] == expected, (winner, result['you'], result['outcome'])


async def test_players_of_two_pods_meet_and_see_the_same_battle(lab):
    pod_a, pod_b = await lab.two_pods()
    channels = lab.redis.listen('pod:*', 'battle:request')
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    found = [await ana.expect('match_found'), await ben.expect('match_found')]
    assert [message['opponent_id'] for message in found] == ['ben', 'ana']
    assert found[0]['match_id'] == found[1]['match_id'] and UUID_V7.fullmatch(found[0]['match_id'])
    assert found[0]['seed_commitment'] == found[1]['seed_commitment']
    assert re.fullmatch('[0-9a-f]{64}', found[0]['seed_commitment'])
    assert found[0]['loading_deadline_ms'] == found[1]['loading_deadline_ms'] > ana.welcome['server_time_ms']
    results = await asyncio.gather(ana.finish(found[0]), ben.finish(found[1]))
    same_battle(results)
    # Each player's news came on his own pod's channels.
    for pod, player in (('pod-a', 'ana'), ('pod-b', 'ben')):
        for channel in ('match_result', 'battle_result'):
            news = channels.records(f'pod:{pod}:{channel}')
            assert {record['player_id'] for record in news} == {player}, (pod, channel, news)
    hosts = {record['host'] for record in channels.records('battle:request')}
    assert len(hosts) == 1 and hosts <= {'pod-a', 'pod-b'}, hosts
    await lab.drained()


async def test_the_timeline_names_both_players_by_side_and_matches_the_stored_digest(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    results = await play(ana, ben)
    for result, player in zip(results, ('ana', 'ben')):
        assert result['timeline']['sides'][result['you']]['pid'] == player
        assert result['mode'] == 'normal' and result['timeline']['mid'] == result['match_id']
    stored = lab.keys.hget(f"result:{results[0]['match_id']}", 'digest')
    assert hashlib.sha256(results[0]['timeline_text'].encode()).hexdigest() == stored


async def test_compressed_timelines_are_the_same_bytes_for_both(lab):
    pod_a, pod_b = await lab.two_pods()
    ana = await lab.login('ana', pod_a, timeline_encoding='gzip')
    ben = await lab.login('ben', pod_b, timeline_encoding='gzip')
    results = await play(ana, ben)
    same_battle(results)
    assert results[0]['frame'] == results[1]['frame']


async def test_plain_and_compressed_timelines_hold_the_same_text(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod, timeline_encoding='gzip')
    ben = await lab.login('ben', pod, timeline_encoding='json')
    same_battle(await play(ana, ben))


async def test_match_found_describes_the_opponent(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ben.ask('set_name', name='Ben der Große')
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    assert found['mode'] == 'normal' and found['teammates'] == []
    assert found['opponents'] == [{'player_id': 'ben', 'name': 'Ben der Große', 'level': 1, 'rating': 1200}]


async def test_four_players_are_matched_first_come_first_served(lab):
    pod_a, pod_b = await lab.two_pods()
    players = {}
    for name, pod in zip(('p1', 'p2', 'p3', 'p4'), (pod_a, pod_b, pod_b, pod_a)):
        players[name] = await lab.login(name, pod)
    for client in players.values():
        await client.enqueue()
    found = {name: (await client.expect('match_found'))['opponent_id'] for name, client in players.items()}
    assert found == {'p1': 'p2', 'p2': 'p1', 'p3': 'p4', 'p4': 'p3'}


async def test_the_odd_one_waits_at_its_place_and_meets_the_next(lab):
    pod = await lab.pod()
    ana, ben, cid, dan = await lab.logins(pod, 'ana', 'ben', 'cid', 'dan')
    for client in (ana, ben):
        await client.enqueue()
    enqueued = await cid.enqueue()
    await asyncio.gather(ana.finish(), ben.finish())
    assert lab.queued() == [('cid', enqueued['enqueued_at_ms'])]
    state = await cid.state()
    assert state == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': enqueued['enqueued_at_ms']}
    await dan.enqueue()
    assert (await cid.expect('match_found'))['opponent_id'] == 'dan'
    assert (await dan.expect('match_found'))['opponent_id'] == 'cid'


async def test_the_same_two_play_again_and_again(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    matches = set()
    for _ in range(5):
        results = await play(ana, ben)
        same_battle(results)
        matches.add(results[0]['match_id'])
    assert len(matches) == 5
    for client in (ana, ben):
        record = (await client.ask('get_profile'))['record']
        assert sum(record.values()) == 5, record
    first, second = [(await client.ask('get_profile'))['record'] for client in (ana, ben)]
    assert (first['wins'], first['losses']) == (second['losses'], second['wins'])


async def test_nobody_meets_the_last_opponent_while_another_waits(lab):
    pod = await lab.pod()
    ana, ben, cid, dan = await lab.logins(pod, 'ana', 'ben', 'cid', 'dan')
    await play(ana, ben)
    await play(cid, dan)
    pod.match.process.pause()  # so that all four wait when the next pass begins
    for client in (ana, ben, cid, dan):
        await client.send('enqueue', mode='normal')
        await client.ask('ping')
    pod.match.process.resume()
    opponents = {client.player_id: (await client.expect('match_found'))['opponent_id']
                 for client in (ana, ben, cid, dan)}
    assert opponents['ana'] != 'ben' and opponents['cid'] != 'dan', opponents


async def test_both_hear_who_has_loaded(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    match_id = (await ana.expect('match_found'))['match_id']
    await ben.expect('match_found')
    answer = await ana.ask('loading_complete', match_id=match_id)
    assert answer == {'type': 'loading_progress', 'reply_to': answer['reply_to'], 'match_id': match_id,
                      'ready': ['ana']}
    assert (await ben.expect('loading_progress'))['ready'] == ['ana']
    answer = await ben.ask('loading_complete', match_id=match_id)
    assert sorted(answer['ready']) == ['ana', 'ben']
    assert sorted((await ana.expect('loading_progress'))['ready']) == ['ana', 'ben']


async def test_loading_twice_is_harmless(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    for _ in range(3):
        await ana.ask('loading_complete', match_id=found['match_id'])
    assert (await ana.state())['state'] == 'loading'
    results = await asyncio.gather(ben.finish(), ana.expect('battle_result'))
    same_battle(results)


async def test_a_mode_without_loading_goes_straight_to_battle(lab):
    pod_a, pod_b = await lab.two_pods(loading__normal='off')
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    for client, opponent in ((ana, 'ben'), (ben, 'ana')):
        found = await client.expect('match_found')
        assert found['opponent_id'] == opponent and 'loading_deadline_ms' not in found
    results = [await client.expect('battle_result') for client in (ana, ben)]
    same_battle(results)
    for client, result in zip((ana, ben), results):
        await client.acknowledge(result)
    await lab.drained()


async def test_cancelling_tells_both_and_requeues_the_other_at_its_place(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    cid = await lab.login('cid', pod_a)
    place = (await ana.enqueue())['enqueued_at_ms']
    await ben.enqueue()
    match_id = (await ana.expect('match_found'))['match_id']
    await ben.expect('match_found')
    answer = await ben.ask('cancel_loading', match_id=match_id)
    assert answer['type'] == 'match_cancelled'
    assert (answer['reason'], answer['requeued']) == ('you_cancelled', False)
    told = await ana.expect('match_cancelled')
    assert (told['match_id'], told['reason'], told['requeued']) == (match_id, 'opponent_cancelled', True)
    assert await ben.state() == {'state': 'lobby'}
    assert await ana.state() == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
    await cid.enqueue()
    assert (await ana.expect('match_found'))['opponent_id'] == 'cid'


async def test_dequeue_leaves_the_queue_and_is_answered(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    await ana.enqueue()
    answer = await ana.ask('dequeue')
    assert (answer['type'], answer['mode'], answer['reason']) == ('dequeued', 'normal', 'requested')
    assert await ana.state() == {'state': 'lobby'} and lab.queued() == []
    await ana.enqueue()
    assert [player for player, _ in lab.queued()] == ['ana']


async def test_waiting_players_are_told_their_place(lab):
    pod = await lab.pod(session__queue_status_ms=200)
    ana = await lab.login('ana', pod)
    enqueued = await ana.enqueue()
    assert (enqueued['mode'], enqueued['position'], enqueued['queue_size']) == ('normal', 1, 1)
    assert enqueued['estimated_wait_ms'] >= 0 and 'reply_to' in enqueued
    status = await ana.expect('queue_status', timeout=3)
    for field in ('mode', 'position', 'queue_size', 'enqueued_at_ms'):
        assert status[field] == enqueued[field], (field, status, enqueued)


async def test_an_absent_players_result_waits_for_him(lab):
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=200)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    await ben.expect('match_found')
    await ana.ask('loading_complete', match_id=found['match_id'])
    await ana.cut()
    result_of_ben = await ben.finish(found)
    await asyncio.sleep(0.5)  # the grace of the lost connection passes
    again = await lab.login('ana', pod_a)
    result = await again.expect('battle_result')
    same_battle([result, result_of_ben])
    await again.acknowledge(result)
    assert sum((await again.ask('get_profile'))['record'].values()) == 1
    await lab.drained()


async def test_the_first_match_after_the_start_is_as_fast_as_any(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    start = time.monotonic()
    await play(ana, ben)
    assert time.monotonic() - start < 1, f'{time.monotonic() - start:.2f} s'


@needs(seconds=30)
async def test_an_overdue_match_is_computed_by_the_next_pod(lab):
    """The pod that should compute the battle stands still; another one does it."""
    pod_a, pod_b = await lab.two_pods(battle__deadline_ms=500, pods__heartbeat_ttl_ms=2500)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    await ben.expect('match_found')
    await ana.ask('loading_complete', match_id=found['match_id'])
    pod_a.game.process.pause()
    result = await ben.finish(found)
    pod_a.game.process.resume()
    same_battle([result, await ana.expect('battle_result')])


@needs(seconds=20)
async def test_a_replay_is_the_timeline_of_the_match_for_anybody_later(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b, timeline_encoding='gzip')
    result = (await play(ana, ben))[0]
    eve = await lab.login('eve', pod_b)
    replay = await eve.ask('get_replay', match_id=result['match_id'])
    assert (replay['type'], replay['match_id']) == ('replay', result['match_id'])
    assert replay['timeline'] == result['timeline']
    for unknown in ('01890000-0000-7000-8000-000000000000', 'nonsense'):
        refused = await eve.refused('not_found', 'get_replay', match_id=unknown)
        assert refused['field'] == 'match_id'
