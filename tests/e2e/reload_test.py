"""SIGHUP: the configuration again, all of it or nothing, without a lost frame."""
import asyncio
import base64
import os
import signal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from client import Refused
from harness import make_token, until

RELOAD_US_MAX = 50000


def write(lab, name, text):
    """In one step, so that a server never reads half of it."""
    path = os.path.join(lab.folder, name)
    with open(path + '.new', 'w', encoding='utf-8') as file:
        file.write(text)
    os.rename(path + '.new', path)
    return path


async def pod_of_files(lab, game='', match='', **options):
    pod = lab.prepare(**options)
    pod.game.options['config'] = write(lab, 'game.ini', game)
    pod.match.options['config'] = write(lab, 'match.ini', match)
    await pod.up()
    return pod


async def reload(server, event='reloaded'):
    """SIGHUP; the new line of the log that says what came of it."""
    process = server.process
    known = len(process.events(event))
    process.signal(signal.SIGHUP)
    await until(lambda: len(process.events(event)) > known, event)
    return process.events(event)[known:]


def names(server, event):
    return [line['option'] for line in server.process.events(event)]


async def test_a_reload_is_quick_and_loses_no_frame(lab):
    pod = await pod_of_files(lab)
    clients = await lab.logins(pod, 'ana', 'bob', 'eve')
    asked, over = {client: 0 for client in clients}, asyncio.Event()

    async def talk(client):
        while not over.is_set():
            asked[client] += 1
            assert (await client.ask('ping'))['type'] == 'pong'
    talkers = [asyncio.create_task(talk(client)) for client in clients]
    took = []
    for number in range(20):
        write(lab, 'game.ini', f'[session]\nheartbeat_ms = {1000 + number}\n')
        before = dict(asked)
        took += [line['took_us'] for line in await reload(pod.game)]
        await until(lambda: all(asked[client] > before[client] + 1 for client in clients),  # pylint: disable=cell-var-from-loop
                    'all go on talking', 20)
    over.set()
    await asyncio.gather(*talkers)
    assert min(took) < RELOAD_US_MAX, took
    assert all(not client.closed for client in clients)
    assert names(pod.game, 'option_changed') == ['session.heartbeat_ms'] * 19
    assert await pod.game.metric('duelpod_reloads_total{result="done"}') == 20


async def test_one_bad_line_and_nothing_changes(lab):
    pod = await pod_of_files(lab)
    for server, good in ((pod.game, '[log]\nlevel = debug\n'), (pod.match, '[log]\nlevel = debug\n')):
        path = write(lab, server.kind.replace('_server', '.ini'), good + '[pod]\nid = Not Allowed\nnonsense = 1\n')
        refused = await reload(server, 'reload_refused')
        await until(lambda s=server: len(s.process.events('reload_refused')) == 2, 'both errors')
        problems = [line['problem'] for line in server.process.events('reload_refused')]
        assert f'{path}:4:' in problems[0] and f'{path}:5:' in problems[1] and refused, problems
        assert not names(server, 'option_changed') and not server.process.events('reloaded')
        assert '"level":"debug"' not in server.process.log()
        assert await server.metric('duelpod_reloads_total{result="refused"}') == 1
        write(lab, server.kind.replace('_server', '.ini'), good)
        await reload(server)
        assert names(server, 'option_changed') == ['log.level']


async def test_what_needs_a_restart_is_named_and_keeps_its_value(lab):
    pod = await pod_of_files(lab)
    write(lab, 'game.ini', '[client]\nmessage_bytes_max = 300\n[session]\nqueue_status_ms = 100\n')
    await reload(pod.game)
    assert names(pod.game, 'option_needs_restart') == ['client.message_bytes_max']
    assert names(pod.game, 'option_changed') == ['session.queue_status_ms']
    ana = await lab.login('ana', pod)
    error = await ana.refused_raw('bad_message', '"' + 'x' * 1000 + '"')
    assert error['code'] != 'message_too_big'
    write(lab, 'match.ini', '[queue]\nmodes = normal\n')
    await reload(pod.match)
    assert names(pod.match, 'option_needs_restart') == ['queue.modes']


async def test_limits_change_for_connections_that_are_open(lab):
    pod = await pod_of_files(lab)
    ana = await lab.login('ana', pod)
    for _ in range(100):
        await ana.ask('ping')
    write(lab, 'game.ini', '[limits]\nplayer_messages_per_s = 1\nplayer_messages_burst = 3\n')
    await reload(pod.game)
    refused = 0
    for _ in range(20):
        try:
            await ana.ask('ping')
        except Refused as refusal:
            refused += refusal.code == 'rate_limited'
    assert refused > 0
    write(lab, 'game.ini', '')
    await reload(pod.game)
    for _ in range(100):
        await ana.ask('ping')


async def test_match_server_takes_new_rules_for_the_next_match(lab):
    pod = await pod_of_files(lab, match='[loading]\nnormal = on\n')
    players = await lab.logins(pod, 'ana', 'bob')

    async def play():
        for player in players:
            await player.enqueue()
        found = [await player.expect('match_found') for player in players]
        if found[0].get('loading_deadline_ms', 0) > 0:
            for player in players:
                await player.send('loading_complete', match_id=found[0]['match_id'])
        for player in players:
            await player.acknowledge(await player.expect('battle_result'))
        return found[0].get('loading_deadline_ms', 0) > 0
    assert await play()
    write(lab, 'match.ini', '[loading]\nnormal = off\n')
    await reload(pod.match)
    assert not await play()


# ---- keys of tokens ------------------------------------------------------------------------------------

def number(value):
    return base64.urlsafe_b64encode(value.to_bytes(32, 'big')).rstrip(b'=').decode()


def jwk(kid, key):
    point = key.public_key().public_numbers()
    return ('{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"%s","x":"%s","y":"%s"}'
            % (kid, number(point.x), number(point.y)))


def jwks(**keys):
    return '{"keys":[' + ','.join(jwk(kid, key) for kid, key in keys.items()) + ']}'


def token(player_id, kid, key):
    body = jwt.decode(make_token(player_id), options={'verify_signature': False})
    return jwt.encode(body, key, algorithm='ES256', headers={'kid': kid})


async def may_login(lab, pod, text):
    client = await lab.connect(pod)
    try:
        await client.login(text)
    except Refused as refusal:
        assert refusal.code == 'invalid_token', refusal.message
        return False
    return True


async def test_keys_rotate_by_a_reload(lab):
    old, new = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    path = write(lab, 'jwks.json', jwks(old=old))
    pod = await pod_of_files(lab, f'[auth]\njwks_file = {path}\n')
    veteran = await lab.connect(pod)
    await veteran.login(token('veteran', 'old', old))
    assert not await may_login(lab, pod, token('ana', 'new', new))
    write(lab, 'jwks.json', jwks(old=old, new=new))
    await reload(pod.game)
    assert await may_login(lab, pod, token('ana', 'new', new)) and await may_login(lab, pod, token('bob', 'old', old))
    write(lab, 'jwks.json', jwks(new=new))
    await reload(pod.game)
    assert await may_login(lab, pod, token('ana', 'new', new))
    assert not await may_login(lab, pod, token('bob', 'old', old))
    assert (await veteran.ask('ping'))['type'] == 'pong', 'who is in stays'
    write(lab, 'jwks.json', '{"keys":[{')
    await reload(pod.game, 'reload_refused')
    assert await may_login(lab, pod, token('ana', 'new', new)), 'a bad file changes nothing'


async def test_many_reloads_do_not_grow_the_server(lab):
    pod = await pod_of_files(lab)

    def sanitized():
        with open(f'/proc/{pod.game.process.pid}/maps', encoding='utf-8') as file:
            return 'san.so' in file.read()

    def resident():
        with open(f'/proc/{pod.game.process.pid}/statm', encoding='utf-8') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    async def count(result):
        return await pod.game.metric(f'duelpod_reloads_total{{result="{result}"}}')

    async def reload_once():
        known = await count('done') + await count('refused')
        pod.game.process.signal(signal.SIGHUP)
        while await count('done') + await count('refused') == known:
            await asyncio.sleep(0.001)
    for _ in range(50):
        await reload_once()
    before, done = resident(), await count('done')
    assert done == 50
    for _ in range(750):
        await reload_once()
    if not sanitized():  # their allocators keep what was freed
        assert resident() - before < 3 << 20, 'of 750 configurations only those of the last second are kept'
    done = await count('done')
    while await count('done') == done:
        await reload_once()
