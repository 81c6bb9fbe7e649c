"""The last login wins: the old connection is told and closed, the player's state goes on with the new one."""
import asyncio
import contextlib

import websockets

from harness import make_token, needs, until


async def replaced(client):
    assert (await client.expect('notice'))['code'] == 'session_replaced'
    await client.expect_close(4009, False)


async def both_ways(lab):
    """(first pod, second pod) of a login twice: the same pod, and another."""
    pod_a, pod_b = await lab.two_pods()
    return (pod_a, pod_a), (pod_a, pod_b)


async def test_the_first_connection_is_told_and_closed(lab):
    for number, (first, second) in enumerate(await both_ways(lab)):
        old = await lab.login(f'ana-{number}', first)
        new = await lab.login(f'ana-{number}', second)
        await replaced(old)
        assert await new.state() == {'state': 'lobby'}
        await new.enqueue()
        assert [player for player, _ in lab.queued()] == [f'ana-{number}']
        await new.ask('dequeue')


async def test_many_logins_at_once_leave_exactly_one_connection(lab):
    pod_a, pod_b = await lab.two_pods()
    clients = await asyncio.gather(*(lab.login('ana', (pod_a, pod_b)[number % 2]) for number in range(12)),
                                   return_exceptions=True)
    clients = [client for client in lab.clients if client]
    await asyncio.sleep(1.0)
    alive = [client for client in clients if not client.closed]
    assert len(alive) == 1, f'{len(alive)} connections of one player'
    assert {client.socket.close_code for client in clients if client.closed} == {4009}
    await alive[0].enqueue()


@needs(seconds=30)
async def test_the_old_connection_ends_though_the_news_of_the_login_was_lost(lab):
    """The first pod hears nothing from Redis at the moment of the second login."""
    pod_a, pod_b = await lab.two_pods()
    for number, queued in enumerate((False, True)):
        player = f'ana-{number}'
        old = await lab.login(player, pod_a)
        if queued:
            await old.enqueue()
        lab.keys.execute_command('CLIENT', 'KILL', 'TYPE', 'pubsub')
        new = await lab.login(player, pod_b)
        await replaced(old)
        assert (await new.state())['state'] == ('queued' if queued else 'lobby')


async def test_the_place_in_the_queue_is_kept(lab):
    for number, (first, second) in enumerate(await both_ways(lab)):
        player = f'ana-{number}'
        old = await lab.login(player, first)
        place = (await old.enqueue())['enqueued_at_ms']
        new = await lab.login(player, second)
        await replaced(old)
        assert new.welcome['state'] == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}
        assert lab.queued() == [(player, place)]
        ben = await lab.login(f'ben-{number}', first)
        await ben.enqueue()
        assert (await new.expect('match_found'))['opponent_id'] == f'ben-{number}'
        match_id = (await ben.expect('match_found'))['match_id']
        await ben.ask('cancel_loading', match_id=match_id)
        await new.expect('match_cancelled')
        assert lab.queued() == [(player, place)]
        await new.ask('dequeue')


async def test_a_match_in_loading_goes_on(lab):
    for number, (first, second) in enumerate(await both_ways(lab)):
        old, ben = await lab.login(f'ana-{number}', first), await lab.login(f'ben-{number}', second)
        await old.enqueue()
        await ben.enqueue()
        found = await old.expect('match_found')
        await ben.expect('match_found')
        new = await lab.login(f'ana-{number}', second)
        await replaced(old)
        state = new.welcome['state']
        assert (state['state'], state['match_id']) == ('loading', found['match_id'])
        assert await new.expect('match_found') == found
        results = await asyncio.gather(new.finish(found), ben.finish(found))
        assert results[0]['timeline_text'] == results[1]['timeline_text']


async def test_having_loaded_survives_a_new_login(lab):
    pod_a, pod_b = await lab.two_pods()
    old, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await old.enqueue()
    await ben.enqueue()
    found = await old.expect('match_found')
    await old.ask('loading_complete', match_id=found['match_id'])
    new = await lab.login('ana', pod_b)
    await replaced(old)
    result, _ = await asyncio.gather(new.expect('battle_result'), ben.finish())
    await new.acknowledge(result)


def taken_over(lab, player):
    """The newest login has been heard of, and what followed from it has been told."""
    epoch = lab.keys.hget(f'session:{{{player}}}', 'epoch')
    known = lab.keys.hget(f'metadata:{player}', 'ce') == epoch
    return known and lab.keys.zscore('outbox', player) is None


async def test_an_unacknowledged_result_is_told_again_and_counts_once(lab):
    for number, (first, second) in enumerate(await both_ways(lab)):
        player = f'ana-{number}'
        old, ben = await lab.login(player, first), await lab.login(f'ben-{number}', first)
        await old.enqueue()
        await ben.enqueue()
        found = await old.expect('match_found')
        await old.send('loading_complete', match_id=found['match_id'])
        await ben.finish()
        told = await old.expect('battle_result')
        new = await lab.login(player, second)
        await replaced(old)
        assert new.welcome['state']['state'] == 'result'
        again = await new.expect('battle_result')
        for field in ('match_id', 'mode', 'you', 'outcome', 'timeline_text'):
            assert again[field] == told[field], field
        await until(lambda: taken_over(lab, player), 'match_server knows of the login')
        await new.ask('ping')
        assert new.unread('match_found') == [], 'no match begins again after its result'
        await new.acknowledge(again)
        third = await lab.login(player, first)
        assert third.welcome['state'] == {'state': 'lobby'}
        assert sum(third.welcome['profile']['record'].values()) == 1
        assert third.unread('battle_result') == []
        await third.ask('ping')
        assert third.unread('battle_result') == []


async def test_the_old_connection_changes_nothing_any_more(lab):
    """A pod that stood still while its player logged in elsewhere."""
    pod_a, pod_b = await lab.two_pods()
    old = await lab.login('ana', pod_a)
    pod_a.game.process.pause()
    new = await lab.login('ana', pod_b)
    place = (await new.enqueue())['enqueued_at_ms']
    await old.send('set_name', name='Stale')
    await old.send('dequeue')
    pod_a.game.process.resume()
    await replaced(old)
    assert lab.queued() == [('ana', place)]
    assert (await new.ask('get_profile'))['name'] == 'ana'
    assert (await new.state())['state'] == 'queued'


RACES = 40  # logins, some shortly before a request of the login before them, some shortly after it
STEP_SECONDS = 0.00005


async def race(lab, player, first, second, lead):
    """A login `lead` steps after an enqueue of the login before."""
    device = {'device_id': 'of-all'}  # so that nobody is matched
    old, new = await lab.login(player, first, **device), await lab.connect(second)

    async def ask():
        await asyncio.sleep(-lead * STEP_SECONDS)
        with contextlib.suppress(websockets.ConnectionClosed):
            await old.send('enqueue', mode='ranked')
    asking = asyncio.create_task(ask())
    await asyncio.sleep(lead * STEP_SECONDS)
    await new.login(make_token(player), **device)
    await asking
    await replaced(old)
    return new


@needs(seconds=60)
async def test_a_login_that_overtakes_a_request_knows_of_its_place(lab):
    """Told or not, the new connection and Redis agree: it is queued, or nobody is."""
    for pair, (first, second) in enumerate(await both_ways(lab)):
        names = [f'ana-{pair}-{number}' for number in range(RACES)]
        clients = []
        for number, player in enumerate(names):
            clients.append(await race(lab, player, first, second, number - RACES // 2))
        await asyncio.sleep(0.7)
        waiting = {name for name, _ in lab.queued('ranked')}
        for player, client in zip(names, clients):
            assert ((await client.state())['state'] == 'queued') == (player in waiting), (player, waiting)
        await asyncio.gather(*(client.ask('dequeue') for player, client in zip(names, clients) if player in waiting))
