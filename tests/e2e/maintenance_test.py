"""Maintenance as players see it, and what match_server does when its game_servers are gone."""
import asyncio
import json

from harness import needs, until

QUICK = {'maintenance__probe_ms': 100, 'maintenance__silence_ms': 600, 'pods__heartbeat_ttl_ms': 500}


async def switch(pod, word, **wish):
    status, answer = await pod.match.post('/maintenance', json.dumps({'maintenance': word, **wish}))
    assert status == 200, answer
    return json.loads(answer)['maintenance']


async def shows(pod, metric, value):
    """match_server looks once a second."""
    while await pod.match.metric(metric) != value:
        await asyncio.sleep(0.02)


async def when_open(client):
    """Enqueues as soon as it is not refused any more."""
    async def attempt():
        await client.send('enqueue', mode='normal')
        return await client.wait_for(lambda m: m['type'] == 'enqueued' or m.get('code') == 'maintenance', 'an answer')
    while (await attempt())['type'] != 'enqueued':
        pass


async def test_maintenance_is_told_refuses_who_wants_to_queue_and_ends(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    flag = await switch(pod_a, 'on', reason='We move house.', retry_after_ms=60000)
    assert flag['by'] == 'operator'
    for client in (ana, ben):
        assert (await client.expect('notice'))['message'] == 'We move house.'
    for pod in (pod_a, pod_b):
        await shows(pod, 'duelpod_maintenance', 1)
    error = await ben.refused('maintenance', 'enqueue', mode='normal')
    assert error['retry_after_ms'] == 60000
    cid = await lab.login('cid', pod_b)
    assert (await cid.expect('notice', code='maintenance'))['message'] == 'We move house.'
    assert (await ana.state())['state'] == 'queued' and lab.queued()[0][0] == 'ana'
    assert await switch(pod_b, 'off') is None
    await when_open(ben)
    await asyncio.gather(ana.finish(), ben.finish())
    await lab.drained()
    assert not ana.unread('notice') and not ben.unread('notice')


async def test_a_change_of_the_reason_is_told_and_a_repetition_is_not(lab):
    pod = await lab.pod(maintenance__probe_ms=100)
    ana = await lab.login('ana', pod)
    await switch(pod, 'on')
    assert (await ana.expect('notice'))['message'] == 'The queues are closed for maintenance.'
    news = lab.redis.listen('maintenance:news')
    await until(lambda: len(news.records('maintenance:news')) >= 5, 'the same news again and again')
    await ana.ask('ping')
    assert not ana.unread('notice')
    await switch(pod, 'on', reason='It takes longer.')
    assert (await ana.expect('notice'))['message'] == 'It takes longer.'
    news.close()


async def test_windows_stand_still_while_the_queues_are_closed(lab):
    # Ten points a second; statuses come every 100 ms.
    pod = await lab.pod(ranked__window='0:50,100000:1050', session__queue_status_ms=100, maintenance__probe_ms=100)
    ana = await lab.login('ana', pod)
    await ana.enqueue('ranked')
    first = await ana.expect('queue_status')
    assert first['next_window_at_ms'] > 0
    await switch(pod, 'on')
    await ana.expect('notice')
    ana.forget()
    frozen = [await ana.expect('queue_status') for _ in range(8)]
    assert len({str(status['window']) for status in frozen}) == 1, frozen
    assert not any(status.get('next_window_at_ms') for status in frozen)
    width = frozen[0]['window']['max'] - frozen[0]['window']['min']
    await switch(pod, 'off')
    status = await ana.wait_for(lambda m: m['type'] == 'queue_status' and m.get('next_window_at_ms'), 'a wider window')
    since_ms, until_ms = map(int, lab.keys.lrange('maintenance:pauses', -1, -1)[0].split(':'))
    # A point more comes when 100 ms have passed on either side of the pause together, not within it.
    half = (status['window']['max'] - status['window']['min']) // 2
    assert 2 * half >= width
    age_ms = status['next_window_at_ms'] - status['enqueued_at_ms'] - (until_ms - since_ms)
    assert age_ms == (half - 50 + 1) * 100, (status, since_ms, until_ms)


@needs(30)
async def test_game_servers_that_are_gone_close_the_queues_until_one_is_back(lab):
    pod = await lab.pod(**QUICK)
    pod.game.kill()
    await until(lambda: lab.keys.get('maintenance:flag'), 'the queues are closed')
    assert json.loads(lab.keys.get('maintenance:flag'))['by'] == 'detector'
    for path, status in (('/health/game-server', 500), ('/ready', 503), ('/health', 200)):
        assert (await pod.match.get(path))[0] == status, path
    assert await pod.match.metric('duelpod_game_servers_gone') == 1
    pod.game.start()
    await pod.game.until_listening()
    await until(lambda: not lab.keys.get('maintenance:flag'), 'the queues are open')
    for server in pod.servers:
        await server.until_ready()
    assert (await pod.match.get('/health/game-server'))[0] == 200
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await when_open(ana)
    await ben.enqueue()
    await asyncio.gather(ana.finish(), ben.finish())
