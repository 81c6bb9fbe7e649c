"""Sanctions for dodging: who gets which, who does not, and how operators forgive."""
import asyncio
import json
import os
import time

from harness import needs, until
from processes import BUILD


async def meet(*clients):
    """They queue and are matched; the match id."""
    for client in clients:
        client.forget()
        if (await client.state())['state'] == 'lobby':
            await client.enqueue()
    return [await client.expect('match_found') for client in clients][0]['match_id']


async def dodge(client, other):
    """A match that `client` cancels; the sanction it is told."""
    match_id = await meet(other, client)
    told = await client.ask('cancel_loading', match_id=match_id)
    assert (told['type'], told['reason'], told['requeued']) == ('match_cancelled', 'you_cancelled', False)
    innocent = await other.expect('match_cancelled')
    assert innocent['reason'] == 'opponent_cancelled' and 'penalty' not in innocent
    return told['penalty']


async def banned(client):
    """The enqueue is refused; for how many ms."""
    error = await client.refused('banned', 'enqueue', mode='normal')
    assert (await client.state()) == {'state': 'lobby'}
    return error['retry_after_ms']


async def seen(lab, match_id, player):
    """match_server knows that the match has reached the client."""
    await until(lambda: lab.keys.hexists(f'match:{match_id}', f'p:{player}'), f'the proof of {player}')


def records(lab):
    return sorted(key for key in lab.keys.keys('penalty:*'))


async def listed(server):
    status, body = await server.get('/penalties')
    assert status == 200, (status, body)
    return json.loads(body)


async def lift(server, **wish):
    status, body = await server.post('/penalties/lift', json.dumps(wish))
    assert status == 200, (status, body)
    return json.loads(body)


async def test_the_first_cancel_warns_and_the_second_bans_wherever_the_player_goes(lab):
    pod_a, pod_b = await lab.two_pods()
    ana = await lab.login('ana', pod_a, device_id='phone')
    ben, cid, dan = await lab.logins(pod_b, 'ben', 'cid', 'dan')
    assert await dodge(ana, ben) == 'warning'
    assert await dodge(ana, ben) == '1 min'
    assert 55_000 < await banned(ana) <= 60_000
    ana = await lab.login('ana', pod_b, device_id='another phone')
    assert 50_000 < await banned(ana) <= 60_000
    eve = await lab.login('eve', pod_a, device_id='phone')
    assert 50_000 < await banned(eve) <= 60_000
    assert (await cid.enqueue())['type'] == 'enqueued'
    assert sum([await pod.match.metric('duelpod_penalties_total') for pod in (pod_a, pod_b)]) == 2
    assert len(records(lab)) == 2 and (await dan.state())['state'] == 'lobby'


@needs(seconds=30)
async def test_a_ban_ends_after_retry_after_ms(lab):
    pod = await lab.pod(penalty__steps_s='0,1')
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    assert [await dodge(ana, ben), await dodge(ana, ben)] == ['warning', '1 s']
    await asyncio.sleep(await banned(ana) / 1000)
    assert (await ana.enqueue())['type'] == 'enqueued'


@needs(seconds=30)
async def test_who_saw_the_match_and_does_not_load_is_sanctioned(lab):
    pod_a, pod_b = await lab.two_pods(loading__deadline_ms=1500)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    match_id = await meet(ana, ben)
    await ben.ask('loading_complete', match_id=match_id)
    told = await ana.expect('match_cancelled')
    assert (told['reason'], told['penalty']) == ('you_timed_out', 'warning')
    assert 'penalty' not in await ben.expect('match_cancelled', reason='opponent_timed_out')
    assert records(lab) == ['penalty:player:ana']


@needs(seconds=30)
async def test_leaving_after_the_match_was_seen_does_not_help(lab):
    pod = await lab.pod(loading__deadline_ms=1500, session__disconnect_grace_ms=100)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    match_id = await meet(ana, ben)
    await seen(lab, match_id, 'ana')
    await ben.ask('loading_complete', match_id=match_id)
    await ana.cut()
    await ben.expect('match_cancelled', reason='opponent_timed_out')
    assert records(lab) == ['penalty:player:ana']


@needs(seconds=30)
async def test_a_match_that_never_reached_the_client_costs_nothing(lab):
    pod = await lab.pod(loading__deadline_ms=1500)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    ana.socket.transport.pause_reading()  # the server's bytes arrive at the machine, not at the client
    await ben.enqueue()
    match_id = (await ben.expect('match_found'))['match_id']
    await seen(lab, match_id, 'ben')
    await ben.expect('match_cancelled', reason='you_timed_out', penalty='warning')
    ana.socket.transport.resume_reading()
    assert 'penalty' not in await ana.expect('match_cancelled', reason='you_timed_out')
    assert records(lab) == ['penalty:player:ben']


@needs(seconds=30)
async def test_a_pod_that_dies_and_comes_back_costs_its_players_nothing(lab):
    pod_a, pod_b = await lab.two_pods(loading__deadline_ms=4000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    match_id = await meet(ana, ben)
    for player in ('ana', 'ben'):
        await seen(lab, match_id, player)
    pod_a.game.kill()
    await pod_a.game.up()
    await ben.expect('match_cancelled', reason='you_timed_out', penalty='warning')
    assert records(lab) == ['penalty:player:ben']
    ana = await lab.login('ana', pod_a)
    assert (await ana.enqueue())['type'] == 'enqueued'


async def test_an_operator_lists_and_lifts(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a, device_id='phone'), await lab.login('ben', pod_b)
    assert await listed(pod_b.match) == {'penalties': [], 'more': False}
    assert [await dodge(ana, ben) for _ in range(2)] == ['warning', '1 min']
    found = await listed(pod_b.match)
    player = next(one for one in found['penalties'] if one.get('player_id') == 'ana')
    device = next(one for one in found['penalties'] if 'device_hash' in one)
    now = time.time() * 1000
    for one in (player, device):
        assert one['violations'] == 2 and 1990 <= one['score'] <= 2000
        assert now - 10_000 < one['last_ms'] <= now + 1000 and 0 < one['banned_until_ms'] - now <= 60_000
    assert len(found['penalties']) == 2 and not found['more']
    assert (await lift(pod_b.match, player_id='ana', relief='step'))['score'] in range(980, 1001)
    assert 0 < await banned(ana) <= 60_000  # of his device
    assert await lift(pod_a.match, device_id='phone') == {'score': 0, 'banned_until_ms': 0}
    assert (await ana.enqueue())['type'] == 'enqueued'
    assert await lift(pod_a.match, player_id='ana', relief='full') == {'score': 0, 'banned_until_ms': 0}
    assert await listed(pod_a.match) == {'penalties': [], 'more': False} and records(lab) == []


async def test_a_device_is_lifted_by_its_hash_too(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod, device_id='phone "of" Ana')
    ben = await lab.login('ben', pod)
    await dodge(ana, ben)
    hashed = next(one['device_hash'] for one in (await listed(pod.match))['penalties'] if 'device_hash' in one)
    await lift(pod.match, device_hash=hashed)
    assert records(lab) == ['penalty:player:ana']


async def test_odd_wishes_of_operators_are_refused_without_effect(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await dodge(ana, ben)
    for body in ('', '[]', '{', '{}', '{"player_id":"ana","device_id":"x"}', '{"player_id":""}', '{"player_id":7}',
                 '{"player_id":"a*b"}', '{"player_id":"%s"}' % ('a' * 65), '{"device_hash":"a:b"}',
                 '{"player_id":"ana","relief":"half"}', '{"player_id":"ana","relief":1}'):
        status, answer = await pod.match.post('/penalties/lift', body)
        assert status == 400 and 'error' in json.loads(answer), (body, status, answer)
    assert (await pod.match.post('/penalties/lift', '{"player_id":"zoe"}'))[0] == 404
    assert (await pod.match.post('/penalties/lift', '{"player_id":"ana"}', 'Origin: http://x\r\n'))[0] == 403
    assert (await pod.match.get('/penalties/lift'))[0] == 405 and (await pod.match.post('/penalties', '{}'))[0] == 405
    assert (await pod.game.get('/penalties'))[0] == 404
    assert records(lab) == ['penalty:player:ana']


@needs(seconds=30)
async def test_without_redis_the_operator_is_told_so(lab):
    pod = await lab.pod(redis__command_timeout_ms=500)
    lab.redis.kill()
    assert (await pod.match.get('/penalties'))[0] == 503
    assert (await pod.match.post('/penalties/lift', '{"player_id":"ana"}'))[0] == 503


async def test_steps_that_do_not_rise_are_refused_at_the_start(lab):
    checked = lab.run('check', os.path.join(BUILD, 'match_server'), '--pod.id=a', '--penalty.steps_s=0,60,30',
                      '--check-config')
    assert await checked.ended() == 2
    assert 'penalty.steps_s: a step is not above the one before' in checked.log()
