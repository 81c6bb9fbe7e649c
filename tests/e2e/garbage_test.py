"""What other processes say or store may be anything: it is counted, and nobody else is hurt."""
import asyncio
import json
import os
import random
import re

from client import Refused, play
from harness import needs, until
from processes import ROOT

PODS = ('pod-a', 'pod-b')


def channels():
    with open(os.path.join(ROOT, 'proto', 'channels.def'), encoding='utf-8') as file:
        patterns = re.findall(r'^CHANNEL\(\w+,\s*"([^"]+)"', file.read(), re.M)
    return sorted({pattern.replace('<id>', pod) for pattern in patterns for pod in PODS})


def garbage(chance):
    """Payloads of every sort of wrong."""
    yield from (b'', b'\0', b'{', b'[]', b'null', b'7', b'"x"', b'{}', b'{"player_id":7}')
    yield b'{"player_id":""}'
    yield from (b'\xff' * 40, b'{"a":' * 2000, b'[' * 60000, b'x' * 200000, b'{"x":"' + b'y' * 70000 + b'"}')
    yield chance.randbytes(300)
    right = {'player_id': 'ana', 'pod_id': 'pod-a', 'connection_epoch': 1, 'request': 1, 'attempt': 1,
             'mode': 'nowhere', 'name': 'x', 'level': 1, 'rating': 1200, 'snapshot': {}, 'version': 1,
             'state': 'queued', 'players': [], 'match_id': '0' * 36, 'host': 'pod-a', 'action': 'complete',
             'reason': 'requested', 'winner': 0, 'digest': '', 'sequence': 5}
    wrong = (None, -1, 2 ** 60, 1.5, 'x' * 5000, [], {}, [[]], True, '\u0001', 'ana}:x', '../..', '')
    for name in right:
        yield json.dumps({**right, name: chance.choice(wrong)}).encode()
        yield json.dumps({key: value for key, value in right.items() if key != name}).encode()
    yield json.dumps(right).encode()
    yield json.dumps({**right, 'players': [{'player_id': 'ana', 'version': 2 ** 53}] * 300}).encode()
    yield json.dumps({**right, 'match': {'players': 7}, 'state': 'loading', 'version': 5}).encode()


@needs(seconds=60)
async def test_garbage_on_every_channel_is_counted_and_hurts_nobody(lab):
    pod_a, pod_b = await lab.two_pods()
    eve, fay = await lab.login('eve', pod_a), await lab.login('fay', pod_b)
    chance = random.Random(7)
    for channel in channels():
        for payload in garbage(chance):
            lab.keys.publish(channel, payload)
    lab.keys.publish('match:nonsense', 'x')
    results = await play(eve, fay)
    assert results[0]['timeline_text'] == results[1]['timeline_text']
    for pod in (pod_a, pod_b):
        for server, name in ((pod.game, 'duelpod_messages_unreadable_total'),
                             (pod.match, 'duelpod_bad_messages_total')):
            counted = await server.metric(name)
            assert counted > 20, f'{server.name} counted {counted}'
    assert {player for player, _ in lab.queued()} <= {'ana'}


def damage(keys, player, how):
    """Ways in which a waiter's metadata cannot be read."""
    key = f'metadata:{player}'
    if how == 'other type':
        keys.delete(key)
        keys.set(key, 'no hash')
    elif how == 'gone':
        keys.delete(key)
    elif how.startswith('without '):
        keys.hdel(key, how.split()[1])
    else:
        field, value = how.split('=')
        keys.hset(key, field, value)


async def see_each_other(*pods):
    """Until every match_server knows that each player's own one lives."""
    for pod in pods:
        while await pod.match.metric('duelpod_pods_alive{server="match"}') < len(pods):
            await asyncio.sleep(0.05)


DAMAGES = ('other type', 'gone', 'without snapshot', 'without st', 'without ver', 'without q', 'without pod',
           'without who', 'snapshot=no json', 'snapshot=[1]', 'snapshot=', 'snapshot={"cards":7}',
           'st=dancing', 'ver=x', 'q=x', 'mode=ranked')


@needs(seconds=60)
async def test_waiters_who_cannot_be_read_are_removed_told_and_counted(lab):
    """Each is damaged while he waits, and found out when the next one comes."""
    # A wish repeated, or executed by a second server that does not know the first yet, would queue somebody
    # anew whom the damage has just taken out.
    pod_a, pod_b = await lab.two_pods(queue__lease_ms=1500, session__request_retry_ms=30000)
    await see_each_other(pod_a, pod_b)
    bad = {}
    for number, how in enumerate(DAMAGES):
        bad[how] = await lab.login(f'bad-{number}', (pod_a, pod_b)[number % 2])
        await bad[how].enqueue()
        damage(lab.keys, bad[how].player_id, how)
    eve, fay = await lab.login('eve', pod_a), await lab.login('fay', pod_b)
    await eve.enqueue()
    await fay.enqueue()
    assert (await eve.expect('match_found'))['opponent_id'] == 'fay'
    assert (await fay.expect('match_found'))['opponent_id'] == 'eve'
    await until(lambda: not lab.queued(), 'the queue is empty')
    for how, client in bad.items():
        try:
            told = await client.expect('dequeued')
            assert told['reason'] in ('removed', 'expired') and told['mode'] == 'normal', told
            assert await client.state() == {'state': 'lobby'} and client.unread('match_found') == []
            assert (await client.enqueue())['mode'] == 'normal'
            await client.ask('dequeue')
        except (AssertionError, Refused) as error:
            raise AssertionError(f'{how}: {error}') from error
    counted = sum([await pod.match.metric('duelpod_players_poisoned_total') for pod in (pod_a, pod_b)])
    assert counted >= len(DAMAGES) - 3, counted


@needs(seconds=40)
async def test_a_snapshot_that_no_battle_can_read_costs_only_its_owner_the_match(lab):
    pod_a, pod_b = await lab.two_pods()
    bad, eve = await lab.login('bad', pod_a), await lab.login('eve', pod_b)
    await bad.enqueue()
    place = (await eve.enqueue())['enqueued_at_ms']
    found = await eve.expect('match_found')
    await bad.expect('match_found')
    lab.keys.hset(f"match:{found['match_id']}", 's:bad', '{"cards":[]}')
    for client in (bad, eve):
        await client.send('loading_complete', match_id=found['match_id'])
    told = await eve.expect('match_cancelled')
    assert (told['reason'], told['requeued']) == ('server', True)
    assert await eve.state() == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
    fay = await lab.login('fay', pod_a)
    await fay.enqueue()
    assert (await eve.expect('match_found'))['opponent_id'] == 'fay'
    assert (await bad.state())['state'] == 'lobby'


@needs(seconds=40)
async def test_snapshots_of_another_catalog_cost_nobody_the_place(lab):
    """As while a new catalog is rolled out: no host can compute the match, so both wait again and are matched anew."""
    pod_a, pod_b = await lab.two_pods(battle__attempts_max=2)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    places = [(await client.enqueue())['enqueued_at_ms'] for client in (ana, ben)]
    first = (await ana.expect('match_found'))['match_id']
    await ben.expect('match_found')
    stored = json.loads(lab.keys.hget(f'match:{first}', 's:ana'))
    lab.keys.hset(f'match:{first}', 's:ana', json.dumps({**stored, 'ver': stored['ver'] + 1}))
    for client in (ana, ben):
        await client.send('loading_complete', match_id=first)
    for client, place in zip((ana, ben), places):
        told = await client.expect('match_cancelled')
        assert (told['reason'], told['requeued']) == ('server', True)
        found = await client.expect('match_found')
        assert found['match_id'] != first
        await client.send('loading_complete', match_id=found['match_id'])
    results = [await client.expect('battle_result') for client in (ana, ben)]
    assert results[0]['match_id'] == results[1]['match_id'] == found['match_id']
    history = lab.keys.hmget(f"match:{found['match_id']}", 'q')[0]
    assert sorted(int(since) for since in history.split(',')) == sorted(places)


@needs(seconds=30)
async def test_keys_of_the_wrong_type_crash_no_server(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for key in ('queue:normal', 'queue:log:normal', 'queue:leases', 'outbox', 'pods', 'match:deadlines',
                'lock:matchmaker:normal'):
        lab.keys.delete(key)
        lab.keys.set(key, 'nonsense')
        await ana.send('enqueue', mode='normal')
        await ben.send('enqueue', mode='normal')
        await ana.ask('ping')
        lab.keys.delete(key)
    for server in pod.servers:
        assert server.process.running() and (await server.get('/health'))[0] == 200
