"""A connection is lost: for how long the place is held, and what becomes of the match."""
import asyncio
import time

from harness import needs, until


async def test_a_reconnect_within_the_grace_keeps_the_place(lab):
    pod = await lab.pod(session__disconnect_grace_ms=3000)
    ana = await lab.login('ana', pod)
    place = (await ana.enqueue())['enqueued_at_ms']
    await ana.cut()
    await asyncio.sleep(0.3)
    assert lab.queued() == [('ana', place)]
    again = await lab.login('ana', pod)
    assert again.welcome['state'] == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
    await asyncio.sleep(3.2)  # the grace of the first connection passes
    assert lab.queued() == [('ana', place)] and (await again.state())['state'] == 'queued'


async def test_after_the_grace_the_place_is_gone(lab):
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=400)
    for number, leave in enumerate(('cut', 'close')):
        player = f'ana-{number}'
        ana = await lab.login(player, pod_a)
        await ana.enqueue()
        start = time.monotonic()
        await getattr(ana, leave)()
        await until(lambda: not lab.queued(), 'out of the queue', 4)
        assert time.monotonic() - start > 0.35, 'the grace was not granted'
        again = await lab.login(player, pod_b)
        assert again.welcome['state'] == {'state': 'lobby'}
    await lab.drained()


async def test_without_a_grace_closing_dequeues_at_once(lab):
    pod = await lab.pod(session__disconnect_grace_ms=0)
    ana = await lab.login('ana', pod)
    await ana.enqueue()
    await ana.close()
    await until(lambda: not lab.queued(), 'out of the queue', 3)


async def test_a_client_that_falls_silent_counts_as_gone(lab):
    """Its machine is off: nothing closes the connection."""
    pod = await lab.pod(client__ping_interval_ms=1000, client__idle_timeout_ms=2000,
                        session__disconnect_grace_ms=200)
    ana = await lab.login('ana', pod)
    await ana.enqueue()
    ana.socket.transport.pause_reading()  # neither reads nor answers pings any more
    await until(lambda: not lab.queued(), 'out of the queue', 8)


@needs(seconds=30)
async def test_a_match_with_somebody_who_never_loads_times_out(lab):
    pod_a, pod_b = await lab.two_pods(loading__deadline_ms=1200, session__disconnect_grace_ms=200)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    place = (await ana.enqueue())['enqueued_at_ms']
    await ben.enqueue()
    match_id = (await ana.expect('match_found'))['match_id']
    await ben.expect('match_found')
    await ana.ask('loading_complete', match_id=match_id)
    await ben.cut()
    told = await ana.expect('match_cancelled')
    assert (told['match_id'], told['reason'], told['requeued']) == (match_id, 'opponent_timed_out', True)
    assert await ana.state() == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
    ben = await lab.login('ben', pod_b)
    assert ben.welcome['state'] == {'state': 'lobby'}
    cid = await lab.login('cid', pod_b)
    await cid.enqueue()
    assert (await ana.expect('match_found'))['opponent_id'] == 'cid'


@needs(seconds=30)
async def test_who_is_connected_but_does_not_load_is_told(lab):
    pod = await lab.pod(loading__deadline_ms=1000)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    await ben.enqueue()
    match_id = (await ana.expect('match_found'))['match_id']
    for client in (ana, ben):
        told = await client.expect('match_cancelled')
        assert (told['match_id'], told['reason'], told['requeued']) == (match_id, 'you_timed_out', False)
        assert await client.state() == {'state': 'lobby'}
    await ana.refused('no_such_match', 'loading_complete', match_id=match_id)
    await lab.drained()


async def test_a_reconnect_while_loading_finds_the_match(lab):
    pod = await lab.pod(session__disconnect_grace_ms=200)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    await ana.cut()
    await asyncio.sleep(0.6)  # longer than the grace: a match is not a place in a queue
    ana = await lab.login('ana', pod)
    assert await ana.expect('match_found') == found
    await asyncio.gather(ana.finish(found), ben.finish())
    await lab.drained()


async def test_a_waiter_without_a_pod_loses_the_place_after_the_lease(lab):
    """The pod dies with both servers; another pod's match_server clears up."""
    pod_a, pod_b = await lab.two_pods(queue__lease_ms=1000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    pod_a.kill()
    await until(lambda: not lab.queued(), 'out of the queue', 5)
    again = await lab.login('ana', pod_b)
    assert again.welcome['state'] == {'state': 'lobby'}
    await again.enqueue()
    await ben.enqueue()
    await asyncio.gather(again.finish(), ben.finish())


@needs(seconds=40)
async def test_the_players_of_a_killed_pod_go_on_elsewhere(lab):
    """One waits, one loads, one has a result: each finds it on the other pod at once."""
    pod_a, pod_b = await lab.two_pods(battle__deadline_ms=1500, pods__heartbeat_ttl_ms=2500)
    names = ('res', 'rex', 'lea', 'leo')
    players = {name: await lab.login(name, pod_a if name in ('res', 'lea') else pod_b) for name in names}
    for name in ('res', 'rex'):
        await players[name].enqueue()
    for name in ('res', 'rex'):
        found = await players[name].expect('match_found')
        await players[name].send('loading_complete', match_id=found['match_id'])
    result = await players['res'].expect('battle_result')
    for name in ('lea', 'leo'):
        await players[name].enqueue()
    loading = await players['lea'].expect('match_found')
    waiting = await lab.login('wil', pod_a)
    place = (await waiting.enqueue())['enqueued_at_ms']
    pod_a.kill()
    res, lea, wil = [await lab.login(name, pod_b) for name in ('res', 'lea', 'wil')]
    again = await res.expect('battle_result')
    assert again['timeline_text'] == result['timeline_text'] and again['outcome'] == result['outcome']
    await res.acknowledge(again)
    assert await lea.expect('match_found') == loading
    await asyncio.gather(lea.finish(loading), players['leo'].finish())
    assert wil.welcome['state'] == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
    await res.enqueue()
    assert (await wil.expect('match_found'))['opponent_id'] == 'res'
