"""A party in the queue and in a match: both of its members move together or not at all."""
import asyncio
import time

from client import Refused
from harness import needs, until
from party_test import names, out, pair, stored, told

GRACE_MS = 1500


async def enqueue(leader, mate):
    """The leader asks for both; the mate hears it unasked, unless a match overtakes that news."""
    asked = await leader.enqueue('party')
    heard = await mate.expect('enqueued', mode='party')
    assert 'reply_to' not in heard and heard['enqueued_at_ms'] == asked['enqueued_at_ms'], heard
    return asked['enqueued_at_ms']


async def dequeued(*clients, reason='requested'):
    for client in clients:
        await client.expect('dequeued', mode='party', reason=reason)


async def two_parties(lab, pod_a, pod_b):
    """ana and ben on both pods, cid and dan on both pods."""
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    cid, dan = await lab.login('cid', pod_a), await lab.login('dan', pod_b)
    await pair(ana, ben)
    await pair(cid, dan)
    return ana, ben, cid, dan


async def found(*clients):
    """match_found of all: the same match; [message of each]."""
    messages = [await client.expect('match_found') for client in clients]
    assert len({message['match_id'] for message in messages}) == 1, messages
    return messages


def team(message, client):
    return sorted([client.player_id] + [mate['player_id'] for mate in message['teammates']])


def others(message):
    return sorted(player['player_id'] for player in message['opponents'])


async def test_both_wait_at_one_place(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a, device_id='d-1'), await lab.login('ben', pod_b, device_id='d-2')
    party_id = await pair(ana, ben)
    place = await enqueue(ana, ben)
    assert lab.queued('party') == [('ana', place), ('ben', place)]
    assert lab.keys.hget('metadata:ben', 'device') == 'd-2'
    for client in (ana, ben):
        state = await client.state()
        assert (state['state'], state['mode'], state['enqueued_at_ms']) == ('queued', 'party', place)
        assert state['party']['party_id'] == party_id
    status = await ben.expect('queue_status')
    assert (status['position'], status['queue_size'], status['enqueued_at_ms']) == (2, 2, place)
    await ben.refused('wrong_state', 'set_loadout', cards=[{'id': 'ember_imp', 'level': 1, 'slot': 0}])
    await ana.refused('wrong_state', 'party_kick', player_id='ben')
    await ben.refused('already_queued', 'enqueue', mode='party')


async def test_only_the_leader_queues_and_only_for_party(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    await ben.refused('not_party_leader', 'enqueue', mode='party')
    for client in (ana, ben):
        for mode in ('normal', 'ranked'):
            error = await client.refused('wrong_state', 'enqueue', mode=mode)
            assert 'party of two' in error['message'], error
        assert (await client.state())['state'] == 'lobby'
    await ben.ask('party_leave')
    await told(ana, 'ana')
    for mode in ('normal', 'party'):  # a party of one is a player
        await ana.enqueue(mode)
        assert [player for player, _ in lab.queued(mode)] == ['ana']
        await ana.ask('dequeue')


async def test_whoever_dequeues_takes_both_out(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    for who, other in ((ana, ben), (ben, ana)):
        await enqueue(ana, ben)
        answer = await who.ask('dequeue')
        assert (answer['type'], answer['reason']) == ('dequeued', 'requested')
        await dequeued(other)
        assert not lab.queued('party')
        assert names((await other.state())['party']) == ['ana', 'ben'], 'the party stays'
    await lab.drained()


async def test_leaving_the_party_takes_it_out_of_the_queue(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    for who, other in ((ana, ben), (ben, ana)):
        party_id = await pair(ana, ben)
        await enqueue(ana, ben)
        answer = await who.ask('party_leave')
        assert {name: answer[name] for name in answer if name != 'reply_to'} == {'type': 'party', 'party_id': party_id}
        await dequeued(who, other)
        await told(other, other.player_id, leader=other.player_id)
        assert not lab.queued('party') and await who.state() == {'state': 'lobby'}
        await other.ask('party_leave')
        await ana.ask('get_state')
        ana.forget()
        ben.forget()
    await lab.drained()


async def test_a_lost_member_takes_the_party_out_of_the_queue(lab):
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=GRACE_MS)
    for leaver in ('ana', 'ben'):
        ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
        await pair(ana, ben)
        await enqueue(ana, ben)
        gone, stays = (ana, ben) if leaver == 'ana' else (ben, ana)
        await gone.cut()
        await told(stays, 'ana', 'ben')
        await dequeued(stays, reason='disconnected')
        await told(stays, stays.player_id, leader=stays.player_id)
        assert not lab.queued('party')
        await stays.ask('party_leave')
        await stays.close()


async def test_a_member_back_within_the_grace_keeps_the_place(lab):
    """And on another pod, though nobody has closed the first connection."""
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=5000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    place = await enqueue(ana, ben)
    await ben.cut()
    ben = await lab.login('ben', pod_b)
    assert ben.welcome['state']['state'] == 'queued' and names(ben.welcome['state']['party']) == ['ana', 'ben']
    again = await lab.login('ana', pod_b)
    await ana.expect_close(4009, False)
    assert again.welcome['state']['enqueued_at_ms'] == place
    assert lab.queued('party') == [('ana', place), ('ben', place)]
    await again.ask('dequeue')
    await dequeued(ben)


@needs(seconds=30)
async def test_a_dead_pod_takes_its_parties_out_of_the_queue(lab):
    pod_a, pod_b = await lab.two_pods(queue__lease_ms=2500, session__heartbeat_ms=300)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    await enqueue(ana, ben)
    pod_b.kill()
    await ana.expect('dequeued', timeout=15, mode='party', reason='expired')
    assert not lab.queued('party')
    ben = await lab.login('ben', pod_a)
    assert ben.welcome['state']['state'] == 'lobby' and names(ben.welcome['state']['party']) == ['ana', 'ben']
    await enqueue(ana, ben)


@needs(seconds=40, durable=True)
async def test_a_party_cannot_queue_without_redis_and_may_try_again(lab):
    """Whether Redis is gone or does not answer."""
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    party_id = await pair(ana, ben)
    for frozen in (False, True):
        (lab.redis.process.pause if frozen else lab.redis.kill)()
        error = await ana.refused('matchmaking_unavailable', 'enqueue', mode='party')
        assert error['retry_after_ms'] > 0, error
        state = await ana.state()
        assert state['state'] == 'lobby' and state['party']['party_id'] == party_id, state
        (lab.redis.process.resume if frozen else lab.redis.start)()
        await asyncio.gather(*(server.until_ready() for server in pod.servers))
        await enqueue(ana, ben)
        await ben.ask('dequeue')
        await dequeued(ana)


async def test_what_is_refused_because_of_the_mate_says_so(lab):
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=60000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ben.ask('set_name', name='Ben B')
    await pair(ana, ben)

    async def refused(code, words):
        error = await ana.refused(code, 'enqueue', mode='party')
        assert error['message'].startswith('Ben B ') and words in error['message'], error
        for client in (ana, ben):
            assert (await client.state())['state'] == 'lobby'
        assert not lab.queued('party')
        return error

    lab.keys.hset('penalty:player:ben', mapping={'until_ms': int(time.time() * 1000) + 3_600_000})
    error = await refused('banned', 'may not queue')
    assert 3_000_000 < error['retry_after_ms'] <= 3_600_000
    lab.keys.delete('penalty:player:ben')
    lab.keys.hset('metadata:ben', mapping={'st': 'battling', 'ver': '1'})
    await refused('already_in_match', 'in a match')
    lab.keys.delete('metadata:ben')
    loadout = lab.keys.hget('player:{ben}', 'loadout')
    lab.keys.hset('player:{ben}', 'loadout', '{"cards":[{"id":"of_nobody","level":1,"slot":0}]}')
    await refused('not_ready_for_pvp', 'loadout')
    lab.keys.hset('player:{ben}', 'loadout', loadout)
    await enqueue(ana, ben)
    await ana.ask('dequeue')
    await dequeued(ben)
    await ben.cut()
    await told(ana, 'ana', 'ben')
    error = await ana.refused('wrong_state', 'enqueue', mode='party')
    assert error['message'] == 'Ben B is offline.'


async def test_a_member_who_comes_while_the_leader_waits_takes_him_out(lab):
    """A place in the queue is that of the party as it was."""
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = (await ana.ask('party_create'))['party_id']
    await ana.ask('party_invite', player_id='ben')
    await ana.enqueue('party')
    await ben.ask('party_accept', party_id=party_id)
    await told(ana, 'ana', 'ben')
    await dequeued(ana)
    await enqueue(ana, ben)


async def test_enqueue_and_dequeue_without_waiting_end_in_the_lobby(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    for second in ('dequeue', 'party_leave'):
        await ana.send('enqueue', mode='party', id=70)
        await ana.send(second, id=71)
        for number in (70, 71):
            await ana.wait_for(lambda m, n=number: m.get('reply_to') == n, f'the answer to {number}')
        await until(lambda: not lab.queued('party'), 'an empty queue')
        assert (await ana.state())['state'] == 'lobby'
    assert stored(lab)[1]['player:{ana}'] == {}
    await told(ben, 'ben')


async def test_two_parties_meet(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid, dan = await two_parties(lab, pod_a, pod_b)
    await enqueue(ana, ben)
    await cid.enqueue('party')
    messages = await found(ana, ben, cid, dan)
    for client, message in zip((ana, ben, cid, dan), messages):
        own = ['ana', 'ben'] if client in (ana, ben) else ['cid', 'dan']
        assert team(message, client) == own and len(others(message)) == 2 and 'opponent_id' not in message
        assert not set(others(message)) & set(own)
    match_id = messages[0]['match_id']
    await dan.ask('loading_complete', match_id=match_id)
    for client in (ana, ben, cid):
        assert (await client.expect('loading_progress'))['ready'] == ['dan']
    state = await ben.state()
    assert state['state'] == 'loading' and names(state['party']) == ['ana', 'ben']


async def test_a_party_is_completed_with_solo_players(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    sol, sue = await lab.login('sol', pod_a), await lab.login('sue', pod_b)
    await pair(ana, ben)
    await sol.enqueue('party')
    await enqueue(ana, ben)
    await sue.enqueue('party')
    messages = await found(ana, ben, sol, sue)
    assert team(messages[0], ana) == ['ana', 'ben'] and others(messages[0]) == ['sol', 'sue']
    assert team(messages[2], sol) == ['sol', 'sue'] and others(messages[3]) == ['ana', 'ben']


async def test_four_solo_players_make_two_teams(lab):
    pod_a, pod_b = await lab.two_pods()
    players = [await lab.login(f'solo-{number}', pod_a if number % 2 else pod_b) for number in range(4)]
    for player in players:
        await player.enqueue('party')
    messages = await found(*players)
    for player, message in zip(players, messages):
        assert len(message['teammates']) == 1 and len(message['opponents']) == 2
        assert sorted(team(message, player) + others(message)) == [f'solo-{number}' for number in range(4)]


async def test_who_cancels_a_loading_takes_the_mate_along(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid, dan = await two_parties(lab, pod_a, pod_b)
    await enqueue(ana, ben)
    place = (await cid.enqueue('party'))['enqueued_at_ms']
    match_id = (await found(ana, ben, cid, dan))[0]['match_id']
    answer = await ben.ask('cancel_loading', match_id=match_id)
    assert (answer['type'], answer['reason'], answer['requeued']) == ('match_cancelled', 'you_cancelled', False)
    for client, requeued in ((ana, False), (cid, True), (dan, True)):
        message = await client.expect('match_cancelled', match_id=match_id)
        assert (message['reason'], message['requeued']) == ('opponent_cancelled', requeued), message
        assert 'penalty' not in message
    assert lab.queued('party') == [('cid', place), ('dan', place)]
    assert (await ana.state())['state'] == 'lobby' and (await dan.state())['state'] == 'queued'
    assert names((await ben.state())['party']) == ['ana', 'ben'], 'the party stays'


async def test_a_match_waits_for_a_member_who_leaves_his_pod(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid, dan = await two_parties(lab, pod_a, pod_b)
    await enqueue(ana, ben)
    await cid.enqueue('party')
    messages = await found(ana, ben, cid, dan)
    again = await lab.login('ben', pod_a)
    assert await again.expect('match_found') == messages[1]
    assert again.welcome['state']['state'] == 'loading'
    assert names(again.welcome['state']['party']) == ['ana', 'ben']
    await again.ask('loading_complete', match_id=messages[0]['match_id'])
    assert (await ana.expect('loading_progress'))['ready'] == ['ben']
    try:
        await asyncio.gather(*(client.ask('party_leave') for client in (ana, again)))
        raise AssertionError('nobody leaves a party in a match')
    except Refused as refusal:
        assert refusal.code == 'already_in_match'


async def test_a_member_who_leaves_after_a_match_was_cancelled_is_alone(lab):
    """The requeued party is still one: whoever leaves it takes it out of the queue."""
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid, dan = await two_parties(lab, pod_a, pod_b)
    await enqueue(ana, ben)
    await cid.enqueue('party')
    match_id = (await found(ana, ben, cid, dan))[0]['match_id']
    await ana.ask('cancel_loading', match_id=match_id)
    for client in (cid, dan):
        await client.expect('match_cancelled', requeued=True)
    party_id = (await dan.ask('party_leave'))['party_id']
    await dequeued(cid, dan)
    await told(cid, 'cid')
    assert not lab.queued('party')
    await cid.ask('party_invite', player_id='dan')
    assert names(await dan.ask('party_accept', party_id=party_id)) == ['cid', 'dan']
    assert (await cid.ask('party_kick', player_id='dan'))['party_id'] == party_id
    await out(dan, party_id)


@needs(seconds=30)
async def test_two_parties_play_and_queue_again(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid, dan = clients = await two_parties(lab, pod_a, pod_b)
    await enqueue(ana, ben)
    await cid.enqueue('party')
    messages = await found(*clients)
    for client in clients:
        await client.send('loading_complete', match_id=messages[0]['match_id'])
    results = [await client.expect('battle_result') for client in clients]
    assert results[0]['outcome'] == results[1]['outcome'] and results[2]['outcome'] == results[3]['outcome']
    assert len({result['timeline_text'] for result in results}) == 1, 'one battle'
    assert all(result['mode'] == 'party' for result in results)
    await ana.acknowledge(results[0])
    error = await ana.refused('wrong_state', 'enqueue', mode='party')
    assert error['message'] == 'ben is not ready.', 'he has not seen his result'
    for client, result in zip(clients[1:], results[1:]):
        await client.acknowledge(result)
    await enqueue(ana, ben)
    await ben.ask('dequeue')
    await dequeued(ana)
    members = (await ana.state())['party']['members']
    assert [member['rating'] for member in members] == [result['rating']['after'] for result in results[:2]]
    await lab.drained()
