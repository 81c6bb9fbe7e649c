"""Ranked: near ratings meet, far ones when their windows have widened, and the waiting are told."""
import asyncio
import time

from client import play


async def rated(lab, pod, **ratings):
    """Players with these ratings, logged in."""
    clients = []
    for player, rating in ratings.items():
        await (await lab.login(player, pod)).close()
        lab.keys.hset('player:{%s}' % player, 'rating_ranked', rating)
        clients.append(await lab.login(player, pod))
        assert clients[-1].welcome['profile']['ratings']['ranked'] == rating
    return clients


async def test_players_of_near_ratings_play_a_ranked_battle(lab):
    pod_a, pod_b = await lab.two_pods()
    (ana,), (ben,) = await rated(lab, pod_a, ana=1500), await rated(lab, pod_b, ben=1530)
    results = await play(ana, ben, mode='ranked')
    assert [result['mode'] for result in results] == ['ranked', 'ranked']
    assert results[0]['timeline_text'] == results[1]['timeline_text']
    metrics = [await pod.match.metric('duelpod_matches_total{mode="ranked"}') for pod in (pod_a, pod_b)]
    assert sum(metrics) == 1, metrics
    await lab.drained()


async def test_the_nearest_rating_is_chosen_over_the_longer_wait(lab):
    lab.keys.set('lock:matchmaker:ranked', 'test:1', px=60000)  # nobody matches yet
    pod = await lab.pod(ranked__window='0:100')
    ana, ben, cid = await rated(lab, pod, ana=1000, ben=1090, cid=1130)
    for client in (ana, ben, cid):
        await client.enqueue('ranked')
    lab.keys.delete('lock:matchmaker:ranked')
    found = await ben.expect('match_found')
    assert (found['mode'], found['opponent_id'], found['opponents'][0]['rating']) == ('ranked', 'cid', 1130)
    assert (await ana.state())['state'] == 'queued'


async def test_far_ratings_meet_when_the_window_opens(lab):
    pod = await lab.pod(ranked__window='0:50,2000:250', session__queue_status_ms=200)
    ana, ben = await rated(lab, pod, ana=1000, ben=1150)
    joined = [await ana.enqueue('ranked'), await ben.enqueue('ranked')]
    status = await ana.expect('queue_status')
    assert (status['mode'], status['position'], status['queue_size']) == ('ranked', 1, 2)
    first = status['window']
    assert 950 > first['min'] > 850 and first['min'] + first['max'] == 2000, status
    assert status['next_window_at_ms'] > joined[0]['enqueued_at_ms'], status
    later = await ana.expect('queue_status')
    assert later['window']['min'] < first['min'] and later['next_window_at_ms'] > status['next_window_at_ms']
    found = await ana.expect('match_found')
    made_ms = int(found['match_id'].replace('-', '')[:12], 16)
    opens_ms = sum(one['enqueued_at_ms'] for one in joined) / 2 + 1000
    assert -2 <= made_ms - opens_ms <= 100, made_ms - opens_ms
    await asyncio.gather(ana.finish(found), ben.finish())


async def test_the_window_is_told_on_whatever_pod_and_ends_at_its_widest(lab):
    pod_a, pod_b = await lab.two_pods(ranked__window='0:50,300:80', session__queue_status_ms=150)
    (ana,) = await rated(lab, pod_a, ana=20)
    enqueued = await ana.enqueue('ranked')
    again = await lab.login('ana', pod_b)
    deadline = time.monotonic() + 5
    while True:
        status = await again.expect('queue_status')
        assert status['enqueued_at_ms'] == enqueued['enqueued_at_ms']
        if 'window' in status and 'next_window_at_ms' not in status:
            break
        assert time.monotonic() < deadline, status
    assert status['window'] == {'min': 0, 'max': 100}, status


async def test_the_normal_queue_knows_no_windows(lab):
    pod = await lab.pod(session__queue_status_ms=150)
    (ana,) = await lab.logins(pod, 'ana')
    await ana.enqueue()
    status = await ana.expect('queue_status')
    assert 'window' not in status and 'next_window_at_ms' not in status, status


async def test_a_ranked_result_changes_both_ratings_once(lab):
    pod_a, pod_b = await lab.two_pods()
    (ana,), (ben,) = await rated(lab, pod_a, ana=1500), await rated(lab, pod_b, ben=1500)
    for client in (ana, ben):
        await client.enqueue('ranked')
    found = await ana.expect('match_found')
    await asyncio.gather(*(client.send('loading_complete', match_id=found['match_id']) for client in (ana, ben)))
    first, other = await ana.expect('battle_result'), await ben.expect('battle_result')
    change = {'win': 20, 'loss': -20, 'draw': 0}  # equals, in their first games
    for result in (first, other):
        delta = change[result['outcome']]
        assert result['rating'] == {'before': 1500, 'after': 1500 + delta, 'delta': delta}, result
    again = await lab.login('ana', pod_b)  # not acknowledged: told again, applied once
    repeated = await again.expect('battle_result')
    assert repeated['rating'] == first['rating']
    await again.acknowledge(repeated)
    await ben.acknowledge(other)
    for player, result in (('ana', first), ('ben', other)):
        stored = lab.keys.hgetall('player:{%s}' % player)
        assert (int(stored['rating_ranked']), stored['games_ranked']) == (result['rating']['after'], '1')
        assert stored['rating_normal'] == '1200'
