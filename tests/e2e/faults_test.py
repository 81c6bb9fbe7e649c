"""Servers die, stand still or lose Redis while players play: nobody is lost, nobody is doubled."""
import asyncio
import random

from crowd import Crowd, settle
from harness import needs, until

FAST = {'session__disconnect_grace_ms': 300, 'session__heartbeat_ms': 300, 'loading__deadline_ms': 3000,
        'pods__heartbeat_ttl_ms': 2500, 'battle__deadline_ms': 1000,
        'penalty__steps_s': '0,1,2'}  # who is late twice, because the machine is slow, still plays on


async def under_load(lab, pods, players, trouble):
    """A crowd plays while `trouble` goes on; afterwards everything is in order."""
    crowd = Crowd(list(pods), players)
    await crowd.log_in()
    await crowd.play_while(trouble())
    await settle(lab, crowd)
    assert crowd.rounds >= 2, 'nobody played while it happened'
    await crowd.close()
    return crowd


@needs(seconds=90)
async def test_match_servers_are_killed_at_random_moments(lab):
    pods = await lab.two_pods(**FAST)

    async def trouble():
        for number in range(8):
            await asyncio.sleep(random.uniform(0.05, 0.6))
            victim = pods[number % 2].match
            victim.kill()
            await asyncio.sleep(random.uniform(0, 0.8))
            await victim.up()
    await under_load(lab, pods, 40, trouble)


@needs(seconds=90)
async def test_match_servers_stand_still_at_random_moments(lab):
    """Longer than the lease of a queue: the other takes over and the first finds its lease lost."""
    pods = await lab.two_pods(**FAST)

    async def trouble():
        for number in range(4):
            victim = pods[number % 2].match.process
            victim.pause()
            await asyncio.sleep(random.uniform(0.3, 2.0))
            victim.resume()
            await asyncio.sleep(0.3)
    await under_load(lab, pods, 40, trouble)


@needs(seconds=90)
async def test_game_servers_are_killed_at_random_moments(lab):
    pods = await lab.two_pods(**FAST)

    async def trouble():
        for number in range(4):
            await asyncio.sleep(random.uniform(0.2, 0.8))
            victim = pods[number % 2].game
            victim.kill()
            await asyncio.sleep(random.uniform(0, 1.0))
            await victim.up()
    await under_load(lab, pods, 40, trouble)


@needs(seconds=90)
async def test_whole_pods_are_killed_and_come_back(lab):
    pods = await asyncio.gather(*(lab.pod(name, **FAST) for name in 'abc'))

    async def trouble():
        for number in range(3):
            await asyncio.sleep(random.uniform(0.2, 0.8))
            pods[number].kill()
            await asyncio.sleep(random.uniform(0.5, 1.5))
            await pods[number].up()
    await under_load(lab, pods, 30, trouble)


@needs(seconds=90, durable=True)
async def test_redis_is_killed_and_comes_back(lab):
    pods = await lab.two_pods(**FAST)

    async def trouble():
        for down_seconds in (0.0, 0.5, 2.0):
            await asyncio.sleep(0.7)
            lab.redis.kill()
            await asyncio.sleep(down_seconds)
            lab.redis.start()
            for pod in pods:
                for server in pod.servers:
                    await server.until_ready(5)
    await under_load(lab, pods, 40, trouble)


@needs(seconds=60, durable=True)
async def test_waiting_players_keep_their_places_while_redis_restarts(lab):
    pods = await lab.two_pods(queue__lease_ms=3000)
    clients = [await lab.login(f'player-{number}', pods[number % 2]) for number in range(3)]
    places = [('player-2', (await clients[2].enqueue())['enqueued_at_ms'])]
    lab.redis.kill()
    assert (await pods[0].game.get('/ready'))[0] in (200, 503)
    await until_status(pods, 503)
    lab.redis.start()
    await until_status(pods, 200)
    assert lab.queued() == places
    assert (await clients[2].state())['state'] == 'queued'
    await asyncio.sleep(1.5)  # leases are renewed again
    assert lab.queued() == places
    await clients[0].enqueue()
    assert (await clients[2].expect('match_found'))['opponent_id'] == 'player-0'


async def until_status(pods, status, seconds=6):
    for pod in pods:
        for server in pod.servers:
            for _ in range(int(seconds / 0.02)):
                if (await server.get('/ready'))[0] == status:
                    break
                await asyncio.sleep(0.02)
            else:
                raise AssertionError(f'{server.name}: /ready is not {status} within {seconds} s')


@needs(seconds=60)
async def test_lost_scripts_and_cut_connections_are_made_up_for(lab):
    """SCRIPT FLUSH, CLIENT KILL of subscribers and of commands, over and over."""
    pods = await lab.two_pods(**FAST)

    async def trouble():
        for _ in range(4):
            for action in (('SCRIPT', 'FLUSH'), ('CLIENT', 'KILL', 'TYPE', 'pubsub'),
                           ('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')):
                await asyncio.sleep(0.3)
                lab.keys.execute_command(*action)
        await until_status(pods, 200)
    await under_load(lab, pods, 40, trouble)


@needs(seconds=60)
async def test_a_redis_that_stands_still_is_waited_for(lab):
    pods = await lab.two_pods(**FAST, redis__command_timeout_ms=500)

    async def trouble():
        for seconds in (0.3, 1.5):
            await asyncio.sleep(0.5)
            lab.redis.process.pause()
            await asyncio.sleep(seconds)
            lab.redis.process.resume()
        await until_status(pods, 200)
    await under_load(lab, pods, 40, trouble)


@needs(seconds=40)
async def test_an_empty_redis_loses_places_but_hangs_nobody(lab):
    """All data are gone (no persistence): players are told that they are out, and can queue again."""
    pod = await lab.pod(**FAST)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    lab.redis.kill()
    lab.redis.start()
    await until_status([pod], 200)
    told = await ana.expect('dequeued', timeout=6)
    assert (told['mode'], told['reason']) == ('normal', 'expired'), told
    assert await ana.state() == {'state': 'lobby'}
    again = await lab.login('ana', pod)
    ben = await lab.login('ben', pod)
    await asyncio.gather(again.enqueue(), ben.enqueue())
    await asyncio.gather(again.finish(), ben.finish())


@needs(seconds=40)
async def test_without_match_servers_the_wish_to_queue_ends_with_an_error(lab):
    pod = await lab.pod(session__request_retry_ms=50)
    ana = await lab.login('ana', pod)
    pod.match.kill()
    error = await ana.refused('matchmaking_unavailable', 'enqueue', mode='normal')
    assert error['retry_after_ms'] > 0
    assert await ana.state() == {'state': 'lobby'}
    await pod.match.up()
    await until(lambda: not lab.leftovers(), 'the abandoned wish left no trace', 8)
    await ana.enqueue()


async def test_redis_is_not_needed_to_say_that_it_is_gone(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    lab.redis.kill()
    await until_status([pod], 503)
    assert (await pod.game.get('/health'))[0] == 200 and (await pod.match.get('/health'))[0] == 200
    assert (await ana.ask('ping'))['type'] == 'pong'
    assert await ana.state() == {'state': 'lobby'}
    for server in pod.servers:
        while 'not connected, breaker' not in (await server.get('/ready'))[1]:
            await asyncio.sleep(0.02)
        while await server.metric('duelpod_redis_breaker_opened_total') == 0:
            await asyncio.sleep(0.05)
    lab.redis.start()
    await until_status([pod], 200)
    for server in pod.servers:
        for state in ('open', 'half_open'):
            assert await server.metric(f'duelpod_redis_breaker{{state="{state}"}}') == 0
        assert [line['state'] for line in server.process.events('redis_breaker')][-1] == 'closed'
    await lab.login('ben', pod)
