"""duelctl and the operator's pages behind it, against running servers."""
import asyncio
import json
import os
import re

from processes import BUILD

TOKEN = 'a-token-of-the-operator'


def token_file(lab, token=TOKEN):
    path = os.path.join(lab.folder, 'operator.token')
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as file:
        file.write(token + '\n')
    return path


async def duelctl(server, *words, code=0, token=None):
    """What it prints: standard output when all is well, else standard error."""
    address = server if isinstance(server, str) else f"127.0.0.1:{server.ports['admin_port']}"
    flags = ['--admin', address] + (['--token-file', token] if token else [])
    child = await asyncio.create_subprocess_exec(os.path.join(BUILD, 'duelctl'), *flags, *words,
                                                 stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await asyncio.wait_for(child.communicate(), 20)
    assert child.returncode == code, (words, child.returncode, out, err)
    assert not (err if code == 0 else out), (words, out, err)
    return (out if code == 0 else err).decode()


async def test_an_operators_day(lab):
    pod = await lab.pod()
    match, game = pod.match, pod.game
    assert json.loads(await duelctl(match, 'ready'))['status'] == 'ok'
    assert json.loads(await duelctl(game, 'health'))['status'] == 'ok'
    assert 'duelpod_maintenance 0' in await duelctl(match, 'metrics')
    ana = await lab.login('ana', pod)
    await ana.enqueue()
    status = json.loads(await duelctl(match, 'status'))
    assert [(queue['mode'], queue['waiting']) for queue in status['queues']][0] == ('normal', 1)
    players = json.loads(await duelctl(game, 'status'))
    assert players['pod_id'] == 'pod-a' and players['connections'] == 1 and not players['draining']
    assert set(players['players']) >= {'lobby', 'queued', 'battling'}
    assert json.loads(await duelctl(match, 'maintenance')) == {'maintenance': None}
    on = json.loads(await duelctl(match, 'maintenance', 'on', 'We "move" house.', '5000'))['maintenance']
    assert (on['reason'], on['retry_after_ms']) == ('We "move" house.', 5000)
    assert (await ana.expect('notice'))['message'] == 'We "move" house.'
    assert json.loads(await duelctl(match, 'maintenance'))['maintenance'] == on
    assert json.loads(await duelctl(match, 'maintenance', 'off')) == {'maintenance': None}
    assert json.loads(await duelctl(match, 'drain')) == {'drained': 0}
    assert json.loads(await duelctl(match, 'drain', 'pod-x')) == {'drained': 0}
    assert json.loads(await duelctl(match, 'penalties')) == {'penalties': [], 'more': False}
    assert 'there is no record' in await duelctl(match, 'lift', 'player', 'ana', 'step', code=1)
    for server in pod.servers:
        assert json.loads(await duelctl(server, 'log', 'debug')) == {'level': 'debug'}
    assert 'maintenance: on or off' in await duelctl(match, 'maintenance', 'maybe', code=1)
    assert 'pod_id' in await duelctl(match, 'drain', 'no pod', code=1)


async def test_a_game_server_is_drained_by_its_operator(lab):
    pod = await lab.pod(session__drain_ms=400)
    ana = await lab.login('ana', pod)
    assert json.loads(await duelctl(pod.game, 'drain')) == {'draining': True}
    await ana.expect_close(1001, True)
    assert await pod.game.process.ended() == 0


async def test_the_token_opens_the_operators_pages_and_nothing_else_does(lab):
    path = token_file(lab)
    pod = await lab.pod(admin__token_file=path)
    for server in pod.servers:
        assert 'token' in await duelctl(server, 'status', code=1)
        assert json.loads(await duelctl(server, 'status', token=path))['pod_id'] == 'pod-a'
        assert json.loads(await duelctl(server, 'ready'))['status'] == 'ok'
    wrong = token_file(lab, 'another')
    assert '401' in await duelctl(pod.match, 'maintenance', 'on', code=1, token=wrong)
    assert not lab.keys.exists('maintenance:flag')
    for server in pod.servers:
        assert TOKEN not in server.process.log()


async def test_wrong_usage_ends_with_2_and_silence_with_3(_):
    for words in ((), ('nonsense',), ('status', 'more'), ('lift', 'ana'), ('lift', 'nobody', 'ana'), ('log',),
                  ('maintenance', 'on', 'x', 'soon'), ('--unknown', 'status')):
        assert await duelctl('127.0.0.1:1', *words, code=2)
    assert '--help' in await duelctl('127.0.0.1:1', 'status', code=2, token='/does/not/exist')
    assert 'no HOST:PORT' in await duelctl('nowhere', 'status', code=2)
    assert 'refused' in await duelctl('127.0.0.1:1', 'status', code=3)
    text = await duelctl('127.0.0.1:1', '--help')
    assert all(re.search(rf'^  {name}\b', text, re.M) for name in ('status', 'maintenance', 'drain', 'lift', 'log'))
