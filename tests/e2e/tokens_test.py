"""Who may come in, and what those are told who may not."""
import asyncio
import base64
import json
import time

from client import Client
from harness import make_token, needs
from processes import SECRET, http_get


async def refused(lab, pod, token, code=4004, error='invalid_token', reconnect=False):
    client = await lab.connect(pod)
    await client.send('authenticate', token=token, id=5)
    message = await client.expect('error')
    assert (message['code'], message.get('reply_to')) == (error, 5), message
    await client.expect_close(code, reconnect)


def segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b'=').decode()


def unsigned(header, **claims):
    now = int(time.time())
    body = {'sub': 'ana', 'iss': 'duelpod-dev', 'aud': 'duelpod', 'iat': now, 'exp': now + 3600, **claims}
    return f'{segment(header)}.{segment(body)}.'


async def test_a_good_token_is_welcome(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod, device_id='device-1', client='e2e 1')
    welcome, now = ana.welcome, time.time() * 1000
    assert welcome['player_id'] == 'ana' and welcome['protocol'] == 1 and welcome['session_id']
    assert abs(welcome['server_time_ms'] - now) < 5000
    assert welcome['state'] == {'state': 'lobby'} and welcome['profile']['player_id'] == 'ana'
    listed = await lab.connect(pod)
    await listed.login(make_token('ben', aud=['something', 'duelpod']))


async def test_bad_tokens_are_refused(lab):
    pod = await lab.pod()
    now, good = int(time.time()), make_token('ana')
    head, body, signature = good.split('.')
    bad = {
        'no token': 'x',
        'two parts': f'{head}.{body}',
        'four parts': f'{good}.{signature}',
        'damaged body': f'{head}.{body[:-2]}xx.{signature}',
        'damaged signature': f'{head}.{body}.{"A" * len(signature)}',
        'padded': f'{head}.{body}.{signature}=',
        'other key': make_token('ana', secret='b' * 32),
        'empty key': make_token('ana', secret=''),
        'other issuer': make_token('ana', iss='somebody'),
        'no issuer': make_token('ana', iss=None),
        'other audience': make_token('ana', aud='somebody'),
        'other audiences': make_token('ana', aud=['some', 'body']),
        'no audience': make_token('ana', aud=None),
        'issued in the future': make_token('ana', iat=now + 600),
        'not yet valid': make_token('ana', nbf=now + 600),
        'never ends': make_token('ana', exp=None),
        'no subject': make_token('ana', sub=None),
        'empty subject': make_token(''),
        'subject of 65': make_token('a' * 65),
        'subject with a space': make_token('an a'),
        'subject with a key': make_token('ana}:{x'),
        'subject in UTF-8': make_token('änna'),
        'subject is a number': make_token(7),
        'alg none': unsigned({'alg': 'none', 'typ': 'JWT'}),
        'alg None': unsigned({'alg': 'None'}) + signature,
        'alg HS512': make_token('ana', algorithm='HS512'),
        'critical header': make_token('ana', headers={'crit': ['b64'], 'b64': False}),
    }
    for name, token in bad.items():
        try:
            await refused(lab, pod, token)
        except AssertionError as error:
            raise AssertionError(f'{name}: {error}') from error
    assert await pod.game.metric('duelpod_login_failures_total{reason="invalid"}') == len(bad)
    assert lab.keys.keys('player:*') == [], 'nobody was created'
    await lab.login('ana', pod)


async def test_an_expired_token_is_named_so_that_a_client_fetches_another(lab):
    pod, now = await lab.pod(), int(time.time())
    await refused(lab, pod, make_token('ana', iat=now - 3600, exp=now - 60), 4011, 'token_expired', True)


async def test_a_token_of_10_kilobytes_is_too_big(lab):
    pod = await lab.pod()
    client = await lab.connect(pod)
    await client.send('authenticate', token=make_token('ana', note='x' * 8000))
    assert (await client.expect('error'))['code'] == 'message_too_big'
    await client.expect_close(1009, False)
    await lab.login('ana', pod)


async def test_a_message_before_authentication_closes(lab):
    pod = await lab.pod()
    for kind, fields in (('ping', {}), ('enqueue', {'mode': 'normal'}), ('get_state', {})):
        client = await lab.connect(pod)
        await client.send(kind, **fields)
        assert (await client.expect('error'))['code'] == 'unauthenticated'
        await client.expect_close(4003, False)


@needs(seconds=20)
async def test_who_does_not_authenticate_in_time_is_closed(lab):
    pod = await lab.pod(client__auth_timeout_ms=300)
    client = await lab.connect(pod)
    start = time.monotonic()
    assert (await client.expect('error'))['code'] == 'auth_timeout'
    await client.expect_close(4001, False)
    assert 0.2 < time.monotonic() - start < 3
    ana = await lab.login('ana', pod)
    await asyncio.sleep(0.6)
    await ana.ask('ping')


async def test_authenticating_twice_closes(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    await ana.send('authenticate', token=make_token('ben'))
    assert (await ana.expect('error'))['code'] == 'already_authenticated'
    await ana.expect_close(4005, False)
    assert lab.keys.keys('player:*') == ['player:{ana}']


async def test_authenticating_twice_at_once_closes(lab):
    pod = await lab.pod()
    client = await lab.connect(pod)
    await client.send('authenticate', token=make_token('ana'))
    await client.send('authenticate', token=make_token('ben'))
    assert (await client.expect('error'))['code'] == 'already_authenticated'
    await client.expect_close(4005, False)


@needs(seconds=30)
async def test_a_token_is_refreshed_before_it_ends(lab):
    pod = await lab.pod(auth__leeway_s=0)
    now = int(time.time())
    client = await lab.connect(pod)
    await client.login(make_token('ana', exp=now + 3))
    assert (await client.expect('notice'))['code'] == 'token_expiring'
    error = await client.refused('invalid_token', 'refresh_token', token=make_token('ben'))
    assert error['field'] == 'token'
    await client.refused('token_expired', 'refresh_token', token=make_token('ana', exp=now - 60))
    assert (await client.ask('refresh_token', token=make_token('ana')))['type'] == 'token_refreshed'
    await asyncio.sleep(max(0, now + 3.5 - time.time()))
    await client.ask('ping')


@needs(seconds=30)
async def test_a_session_ends_with_its_token(lab):
    pod = await lab.pod(auth__leeway_s=0)
    client = await lab.connect(pod)
    await client.login(make_token('ana', exp=int(time.time()) + 2))
    await client.expect_close(4011, True)


async def test_the_player_id_comes_from_the_token_only(lab):
    pod = await lab.pod()
    client = await lab.connect(pod)
    welcome = await client.ask('authenticate', token=make_token('ana'), player_id='ben', sub='ben')
    assert welcome['player_id'] == 'ana'
    await client.ask('enqueue', mode='normal', player_id='ben', snapshot={'cards': []})
    assert [player for player, _ in lab.queued()] == ['ana']


async def post(port, path, body):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(f'POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n'
                 f'Content-Length: {len(body)}\r\n\r\n{body}'.encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_development_tokens_are_off_by_default_and_work_when_on(lab):
    pod_a, pod_b = await asyncio.gather(lab.pod('a'), lab.pod('b', auth__dev_tokens='on'))
    body = json.dumps({'player_id': 'ana'})
    answer = await post(pod_a.game.ports['client_port'], '/v1/dev/token', body)
    assert b' 200 ' not in answer.split(b'\r\n')[0] and b'token"' not in answer, answer
    answer = await post(pod_b.game.ports['client_port'], '/v1/dev/token', body)
    token = json.loads(answer.split(b'\r\n\r\n', 1)[1])['token']
    client = await lab.connect(pod_a)
    assert (await client.login(token))['player_id'] == 'ana'
    bad = await post(pod_b.game.ports['client_port'], '/v1/dev/token', json.dumps({'player_id': 'a b'}))
    assert b' 400 ' in bad.split(b'\r\n')[0], bad
    status, _ = await http_get(pod_b.game.ports['client_port'], '/v1/ws')
    assert status in (400, 404, 426), status
    other = await Client.connect(pod_b.url)
    assert (await other.login(make_token('ben', secret=SECRET)))['player_id'] == 'ben'
    await other.close()
