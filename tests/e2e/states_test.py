"""Every message in every state: it fits, or is refused by name and changes nothing."""
import os
import re

from client import Refused
from harness import needs
from processes import ROOT

STATES = ('lobby', 'queueing', 'queued', 'loading', 'battling', 'result')
ANY_MATCH = '01890000-0000-7000-8000-000000000000'


def contract():
    """(message, state) -> error of the table in proto/states.def; what it does not name is wrong_state."""
    with open(os.path.join(ROOT, 'proto', 'states.def'), encoding='utf-8') as file:
        text = file.read()
    accepted = set(re.findall(r'^ACCEPT\((\w+),\s*(\w+)\)', text, re.M))
    refused = {(m, s): e for m, s, e in re.findall(r'^REFUSE\((\w+),\s*(\w+),\s*(\w+)\)', text, re.M)}
    messages = {message for message, _ in accepted}
    return {(message, state): refused.get((message, state), 'wrong_state')
            for message in messages for state in STATES if (message, state) not in accepted}


REFUSALS = contract()


def fields_of(message, match_id):
    if message in ('loading_complete', 'cancel_loading', 'ack_result'):
        return {'match_id': match_id}
    if message in ('party_accept', 'party_decline'):
        return {'party_id': ANY_MATCH}
    if message in ('party_invite', 'party_kick'):
        return {'player_id': 'somebody'}
    return {'enqueue': {'mode': 'normal'}, 'start_pve': {'stage': 'meadow'}, 'set_name': {'name': 'Someone'},
            'set_loadout': {'cards': [{'id': 'ember_imp', 'level': 1, 'slot': 0}]}}.get(message, {})


def stored(lab, player_id):
    """What Redis holds of the player, without what time alone changes."""
    state = {name: value for name, value in lab.keys.hgetall(f'metadata:{player_id}').items() if name != 'oa'}
    return state, lab.keys.hgetall(f'player:{{{player_id}}}'), lab.keys.hgetall(f'inbox:{{{player_id}}}')


async def refuse_all(lab, client, state):
    """Everything that does not fit is refused; afterwards all is as it was, here and in Redis."""
    before = await client.state()
    assert before['state'] == state
    kept, count = stored(lab, client.player_id), 0
    for (message, where), error in sorted(REFUSALS.items()):
        if where == state:
            await client.refused(error, message, **fields_of(message, before.get('match_id', ANY_MATCH)))
            count += 1
    assert count >= 3, 'the table has rows for this state'
    assert await client.state() == before
    assert stored(lab, client.player_id) == kept


async def any_time(client):
    """What fits always."""
    assert (await client.ask('ping'))['server_time_ms'] > 0
    assert (await client.ask('get_profile'))['player_id'] == client.player_id
    assert (await client.ask('get_catalog'))['type'] == 'catalog'


async def test_in_the_lobby(lab):
    ana = await lab.login('ana', await lab.pod())
    await refuse_all(lab, ana, 'lobby')
    await any_time(ana)


@needs(seconds=30)
async def test_while_the_wish_to_queue_is_on_its_way(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    pod.match.process.pause()
    await ana.send('enqueue', mode='normal', id=77)
    await refuse_all(lab, ana, 'queueing')
    await any_time(ana)
    pod.match.process.resume()
    assert (await ana.expect('enqueued'))['reply_to'] == 77


@needs(seconds=30)
async def test_a_wish_to_queue_that_was_lost_is_forgotten_with_the_dequeue(lab):
    pod = await lab.pod(session__request_retry_ms=2000)
    ana = await lab.login('ana', pod)
    pod.match.kill()
    await ana.send('enqueue', mode='normal', id=77)
    assert (await ana.state())['state'] == 'queueing'
    await ana.send('dequeue', id=78)
    await pod.match.up()
    error = await ana.expect('error', timeout=15, reply_to=78)
    assert error['code'] == 'not_queued' and await ana.state() == {'state': 'lobby'}
    await ana.enqueue()


async def test_in_the_queue(lab):
    ana = await lab.login('ana', await lab.pod())
    enqueued = await ana.enqueue()
    await refuse_all(lab, ana, 'queued')
    await any_time(ana)
    assert lab.queued() == [('ana', enqueued['enqueued_at_ms'])]


async def test_while_loading(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    await refuse_all(lab, ana, 'loading')
    await any_time(ana)
    for message in ('loading_complete', 'cancel_loading'):
        await ana.refused('no_such_match', message, match_id=ANY_MATCH)
    state = await ana.state()
    assert state == {'state': 'loading', 'mode': 'normal', 'match_id': found['match_id'],
                     'loading_deadline_ms': found['loading_deadline_ms']}


@needs(seconds=40)
async def test_during_the_battle(lab):
    """The host of the battle stands still, so that it lasts."""
    pod_a, pod_b = await lab.two_pods(battle__deadline_ms=6000, pods__heartbeat_ttl_ms=20000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    match_id = (await ana.expect('match_found'))['match_id']
    await ben.expect('match_found')
    await ana.ask('loading_complete', match_id=match_id)
    pod_a.game.process.pause()
    await ben.ask('loading_complete', match_id=match_id)
    await refuse_all(lab, ben, 'battling')
    await any_time(ben)
    assert await ben.state() == {'state': 'battling', 'mode': 'normal', 'match_id': match_id}
    pod_a.game.process.resume()
    await ben.expect('battle_result', match_id=match_id)


async def test_while_the_result_waits(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for client in (ana, ben):
        await client.enqueue()
    for client in (ana, ben):
        found = await client.expect('match_found')
        await client.send('loading_complete', match_id=found['match_id'])
    result = await ana.expect('battle_result')
    await refuse_all(lab, ana, 'result')
    await any_time(ana)
    await ana.refused('no_such_match', 'ack_result', match_id=ANY_MATCH)
    assert await ana.state() == {'state': 'result', 'mode': 'normal', 'match_id': result['match_id']}
    await ana.acknowledge(result)
    await ana.refused('no_such_match', 'ack_result', match_id=result['match_id'])
    assert await ana.state() == {'state': 'lobby'}


async def test_unknown_modes_are_refused(lab):
    ana = await lab.login('ana', await lab.pod(queue__modes='normal'))
    for mode in ('arena', 'NORMAL', 'normal '):
        error = await ana.refused('unknown_mode', 'enqueue', mode=mode)
        assert error.get('field') == 'mode', error
    try:  # a mode of the protocol that no match_server serves here
        await ana.ask('enqueue', mode='party')
        raise AssertionError('nobody serves this queue')
    except Refused as refusal:
        assert refusal.code == 'unknown_mode', refusal.message
    assert await ana.state() == {'state': 'lobby'}
