"""The queues are closed: by an operator, or because no game_server listens any more."""
import json
import os

from ranked_test import enqueue as enqueue_ranked
from ranked_test import made_ms, since_ms
from world import World, wait_until

QUICK = {'maintenance__probe_ms': 100, 'maintenance__silence_ms': 600, 'pods__heartbeat_ttl_ms': 500}
CLOSED = {'maintenance': 'on'}
OPEN = {'maintenance': 'off'}


def flag(world):
    text = world.r.get('maintenance:flag')
    return text and json.loads(text)


def pauses(world):
    return [tuple(map(int, pause.split(':'))) for pause in world.r.lrange('maintenance:pauses', 0, -1)]


def switch(server, wish, expected=200):
    status, answer = server.ask('POST', '/maintenance', wish)
    assert status == expected, (status, answer)
    return answer


def knows(world, active):
    """Every server has looked: it says so by itself."""
    seen = len(world.pods.news)
    wait_until(lambda: any(news['active'] == active for news in world.pods.news[seen:]), f'news: {active}')


def refused(world, player, name):
    wait_until(lambda: player.request is None, f'an answer for {name}')
    assert player.refused and player.refused[-1] == name, (name, player.refused)
    player.refused.clear()


def check(server, path):
    status, answer = server.ask('GET', path)
    return status, {one['name']: one['ok'] for one in answer['checks']}


def silence(world, silent):
    world.pods.beating = not silent
    world.pods.listens = not silent


def test_nobody_listening_closes_the_queues_until_somebody_does():
    with World(queue__lease_ms=60000, **QUICK) as world:
        server, other = world.start(), world.start('pod-b')
        waiting = world.login_all(1)
        world.pods.enqueue(waiting[0])
        world.pods.wait_state(waiting[0], 'queued')
        assert check(server, '/health/game-server') == (200, {'game_server': True})
        silence(world, True)
        wait_until(lambda: flag(world), 'a flag')
        assert flag(world)['by'] == 'detector' and 0 < world.r.pttl('maintenance:flag') <= 300000
        for one in (server, other):
            wait_until(lambda one=one: check(one, '/health/game-server') == (500, {'game_server': False}), 'it shows')
            assert check(one, '/ready')[0] == 503 and check(one, '/ready')[1]['game_server'] is False
            assert check(one, '/health')[0] == 200
        # The lease would have lasted a minute.
        wait_until(lambda: world.r.hget('metadata:' + waiting[0].id, 'st') == 'lobby', 'the waiter is out')
        assert world.drained() or world.r.zcard('outbox') > 0
        silence(world, False)
        wait_until(lambda: not flag(world), 'no flag')
        for one in (server, other):
            wait_until(lambda one=one: check(one, '/ready')[0] == 200, 'ready again')
            assert check(one, '/health/game-server') == (200, {'game_server': True})
        assert pauses(world)
        ann, ben = world.login_all(2, name='late')
        world.pods.enqueue(ann)
        world.pods.enqueue(ben)
        world.pods.wait_states([ann, ben], 'loading')


def test_who_still_speaks_is_not_gone_though_he_does_not_listen():
    with World(**{**QUICK, 'pods__heartbeat_ttl_ms': 5000}) as world:
        server = world.start()
        world.pods.listens = False
        wait_until(lambda: world.r.zscore('pods', 'game:pod-a'), 'a heartbeat')
        news = len(world.pods.news)
        wait_until(lambda: world.r.pubsub_numsub('maintenance:news')[0][1] == 0, 'nobody listens')
        before = world.r.info('commandstats')['cmdstat_publish']['calls']
        # Several times as many publications as the detector needs; two a second of them are heartbeats.
        wait_until(lambda: world.r.info('commandstats')['cmdstat_publish']['calls'] > before + 24, 'publications')
        world.pods.listens = True
        wait_until(lambda: len(world.pods.news) > news, 'news again')
        assert not flag(world) and check(server, '/ready')[0] == 200


def test_waiters_of_a_living_pod_are_not_drained():
    with World(pods=('pod-a', 'pod-b'), queue__lease_ms=60000) as world:
        server = world.start()
        world.hold_lease()
        ann, ben = world.pods.login('ann', 'pod-a'), world.pods.login('ben', 'pod-b')
        for player in (ann, ben):
            world.pods.enqueue(player)
            world.pods.wait_state(player, 'queued')
        wait_until(lambda: all(world.r.zscore('pods', f'game:pod-{name}') for name in 'ab'), 'heartbeats')
        with world.pods.lock:
            world.pods.pods.remove('pod-b')
        alive = lambda: float(world.r.zscore('pods', 'game:pod-b') or 0) > world.r.time()[0] * 1000  # noqa: E731
        wait_until(lambda: not alive(), 'pod-b counts as dead')
        assert server.ask('POST', '/drain', {'pod_id': 'pod-a'}) == (200, {'drained': 0})
        assert server.ask('POST', '/drain', {'pod_id': 'pod-b'}) == (200, {'drained': 1})
        wait_until(lambda: world.r.hget('metadata:ben', 'st') == 'lobby', 'ben is out')
        assert ann.state == 'queued' and world.r.zscore('queue:normal', 'ann') is not None
        assert server.ask('POST', '/drain', {}) == (200, {'drained': 0})
        for wrong in ({'pod_id': 'no pod'}, {'pod_id': 7}, []):
            assert server.ask('POST', '/drain', wrong)[0] == 400, wrong


def test_an_operator_closes_the_queues_and_nobody_loses_anything():
    with World(maintenance__probe_ms=100) as world:
        server, other = world.start(), world.start('pod-b')
        world.hold_lease()
        ann, ben, cid, dee = world.login_all(4)
        for player in (ann, ben):
            world.pods.enqueue(player)
            world.pods.wait_state(player, 'queued')
        answer = switch(server, {**CLOSED, 'reason': 'We move house.', 'retry_after_ms': 60000})['maintenance']
        assert answer == flag(world) and (answer['by'], answer['reason']) == ('operator', 'We move house.')
        assert other.ask('GET', '/maintenance') == (200, {'maintenance': answer})
        for _ in (server, other):
            knows(world, True)
        assert world.pods.news[-1]['reason'] == 'We move house.'
        world.release_lease()
        world.wait_lease()
        world.pods.enqueue(cid)
        refused(world, cid, 'maintenance')
        assert cid.retry_after_ms == 60000 and world.r.ttl('maintenance:flag') == -1
        assert check(server, '/ready')[0] == 200
        # A whole round of requests later the two who waited still do, at their places.
        world.pods.enqueue(dee)
        refused(world, dee, 'maintenance')
        assert world.r.zrange('queue:normal', 0, -1) == [ann.id, ben.id]
        assert (ann.state, ben.state) == ('queued', 'queued') and not world.matches()
        assert switch(other, OPEN) == {'maintenance': None} and switch(other, OPEN) == {'maintenance': None}
        world.pods.wait_states([ann, ben], 'loading')
        world.pods.enqueue(cid)
        world.pods.wait_state(cid, 'queued')
        world.check_everything()


def test_who_plays_when_the_queues_close_plays_to_the_end():
    with World(maintenance__probe_ms=100) as world:
        server = world.start()
        ann, ben, cid, dee = world.login_all(4)
        for player in (ann, ben):
            world.pods.enqueue(player)
        world.pods.wait_states([ann, ben], 'loading')
        for player in (cid, dee):
            world.pods.enqueue(player)
        world.pods.wait_states([cid, dee], 'loading')
        switch(server, CLOSED)
        knows(world, True)
        for player in (ann, ben):
            world.pods.load(player)
        world.pods.wait_states([ann, ben], 'result')
        world.pods.load(cid, 'cancel')
        world.pods.wait_state(dee, 'queued')
        assert dee.snapshot['enqueued_at_ms'] == since_ms(dee)


def test_nobody_ages_while_the_queues_are_closed():
    # A gap of 300 fits when both together have waited 2 s; three quarters of that are maintenance.
    with World(ranked__window='0:100,5000:1100', maintenance__probe_ms=100) as world:
        server = world.start()
        ann, ben = world.login_all(2)
        switch(server, CLOSED)
        switch(server, OPEN)  # one that they do not see
        enqueue_ranked(world, ann, 1000)
        switch(server, CLOSED)
        knows(world, True)
        wait_until(lambda: server_ms(world) > flag(world)['since_ms'] + 1500, 'a while')
        # Another server takes the queue over: what it did not see itself it reads.
        server.terminate()
        server = world.start('pod-b')
        wait_until(lambda: (world.lease('ranked') or '').startswith('pod-b-'), 'pod-b leads')
        switch(server, OPEN)
        enqueue_ranked(world, ben, 1300)
        world.pods.wait_states([ann, ben], 'loading')
        has_not_aged(world, ann, ben)


def test_a_server_that_takes_over_after_a_maintenance_does_not_count_it_either():
    with World(ranked__window='0:100,5000:1100', maintenance__probe_ms=100) as world:
        server = world.start()
        world.hold_lease('ranked')
        ann, ben = world.login_all(2)
        enqueue_ranked(world, ann, 1000)
        switch(server, CLOSED)
        knows(world, True)
        wait_until(lambda: server_ms(world) > flag(world)['since_ms'] + 1500, 'a while')
        switch(server, OPEN)
        enqueue_ranked(world, ben, 1300)
        server.kill()
        world.release_lease('ranked')
        world.start('pod-b')
        world.pods.wait_states([ann, ben], 'loading')
        has_not_aged(world, ann, ben)


def has_not_aged(world, ann, ben):
    """Matched when both together had waited two seconds, the last maintenance not counted. The server knows the clock
    of Redis as exactly as Redis answers it, on a busy machine some milliseconds; a maintenance is fifteen hundred."""
    from_ms, to_ms = pauses(world)[-1]
    aged = 2 * made_ms(ann) - since_ms(ann) - since_ms(ben) - (to_ms - from_ms)
    assert aged >= 1900, f'{aged} ms of age together, not 2000; pauses {pauses(world)}'


def server_ms(world):
    seconds, microseconds = world.r.time()
    return seconds * 1000 + microseconds // 1000


def test_wishes_of_operators_are_read_strictly():
    with World() as world:
        server = world.start()
        for wrong in ({}, {'maintenance': 'yes'}, {'maintenance': True}, {**CLOSED, 'reason': 'x' * 201},
                      {**CLOSED, 'reason': 7}, {**CLOSED, 'retry_after_ms': -1}, {**CLOSED, 'retry_after_ms': '1'},
                      [], 'on'):
            assert server.ask('POST', '/maintenance', wrong)[0] == 400, wrong
            assert not flag(world)
        assert server.ask('POST', '/maintenance', CLOSED, Origin='http://x')[0] == 403 and not flag(world)
        assert server.ask('POST', '/log', {'level': 'loud'})[0] == 400
        assert server.ask('POST', '/log', {'level': 'error'}) == (200, {'level': 'error'})
        world.r.set('maintenance:flag', 'by hand')
        assert server.ask('GET', '/maintenance') == (200, {'maintenance': {'by': 'hand'}})


def test_the_operators_pages_need_the_token():
    with World() as world:
        path = os.path.join(world.redis_server.folder, 'token')
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as file:
            file.write('a-token-of-the-tests\n')
        server = world.start(admin__token_file=path)
        right = {'Authorization': 'Bearer a-token-of-the-tests'}
        for wrong in ({}, {'Authorization': 'Bearer a-token-of-the-test5'}, {'Authorization': 'a-token-of-the-tests'},
                      {'Authorization': 'Bearer '}, {**right, 'Origin': 'http://x'}):
            for method, path in (('GET', '/status'), ('POST', '/maintenance'), ('GET', '/penalties')):
                status, answer = server.ask(method, path, CLOSED if method == 'POST' else None, **wrong)
                assert status == (403 if 'Origin' in wrong else 401) and answer['error'], (path, wrong, answer)
        assert server.ask('GET', '/ready')[0] == 200 and server.ask('GET', '/health/game-server')[0] == 200
        assert server.ask('GET', '/penalties', **right) == (200, {'penalties': [], 'more': False})
        assert server.ask('POST', '/maintenance', CLOSED, **right)[0] == 200 and flag(world)


def test_the_status_shows_pods_queues_and_matches():
    with World(pods=('pod-a', 'pod-b')) as world:
        server = world.start()
        ann, ben, cid = world.login_all(3)
        for player in (ann, ben):
            world.pods.enqueue(player)
        world.pods.wait_states([ann, ben], 'loading')
        world.pods.enqueue(cid)
        world.pods.wait_state(cid, 'queued')
        wait_until(lambda: world.r.zscore('pods', 'game:pod-b'), 'a heartbeat of pod-b')
        status, said = server.ask('GET', '/status')
        assert status == 200 and said['pod_id'] == 'pod-a' and said['maintenance'] is None
        pods = {pod['member']: pod['alive'] for pod in said['pods']}
        assert pods['game:pod-a'] and pods['game:pod-b'] and pods['match:pod-a']
        normal, ranked, party = said['queues']
        assert (normal['mode'], normal['waiting']) == ('normal', 1) and normal['leader'].startswith('pod-a-')
        assert normal['longest_since_ms'] == cid.snapshot['enqueued_at_ms']
        assert (ranked['mode'], ranked['waiting'], ranked['longest_since_ms']) == ('ranked', 0, 0)
        assert (party['mode'], party['waiting']) == ('party', 0)
        (match,) = said['matches']
        assert said['active_matches'] == 1 and match['match_id'] == ann.snapshot['match_id']
        assert (match['status'], match['mode']) == ('loading', 'normal') and match['deadline_ms'] > said['now_ms']
        assert sorted(match['players'].split(',')) == sorted([ann.id, ben.id])
        switch(server, CLOSED)
        assert server.ask('GET', '/status')[1]['maintenance']['by'] == 'operator'
        world.redis_server.process.kill()
        world.redis_server.process.wait()
        assert server.ask('GET', '/status')[0] == 503 and server.ask('GET', '/health')[0] == 200
