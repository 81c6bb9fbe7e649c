"""Bytes that are no good message: named, answered, and of no effect on anybody else."""
import asyncio
import json
import os
import random

import websockets

from client import Refused
from harness import needs


async def undisturbed(lab, pod, other):
    """Another client's connection still works and so does a new one."""
    assert (await other.ask('ping'))['type'] == 'pong'
    newcomer = await lab.login(f'new-{random.randrange(10 ** 9)}', pod)
    await newcomer.close()


async def test_the_answer_names_the_question(lab):
    ana = await lab.login('ana', await lab.pod())
    for number in (1, 17, 2 ** 53 - 1):
        await ana.send('ping', id=number)
        assert (await ana.expect('pong'))['reply_to'] == number
    await ana.send('ping')
    assert 'reply_to' not in await ana.expect('pong')
    await ana.send('nonsense', id=3)
    assert (await ana.expect('error'))['reply_to'] == 3


async def test_bad_ids_of_messages_are_refused(lab):
    ana = await lab.login('ana', await lab.pod())
    for number in (0, -1, 2 ** 53, 1.5, '7', None, True, [], 10 ** 400):
        error = await ana.refused_raw('invalid_field', '{"type":"ping","id":%s}' % json.dumps(number))
        assert error['field'] == 'id', error
    assert ana.unread('pong') == []


async def test_unknown_types_and_fields(lab):
    ana = await lab.login('ana', await lab.pod())
    for kind in ('', 'nonsense', 'welcome', 'PING', 'ping ', 'x' * 500):
        await ana.refused('unknown_type', kind)
    answer = await ana.ask('ping', reply_to=99, more={'deep': [1, {'x': None}]}, code='error')
    assert answer['type'] == 'pong' and set(answer) == {'type', 'reply_to', 'server_time_ms'}


MALFORMED = [
    b'', b' ', b'{', b'}', b'[]', b'null', b'true', b'7', b'"ping"', b'{"type":"ping"', b"{'type':'ping'}",
    b'{type:"ping"}', b'{"type":"ping",}', b'{"type":"ping"}{"type":"ping"}', b'{"type":"ping"} x',
    b'\xef\xbb\xbf{"type":"ping"}',
    b'{"type":"ping","type":"ping"}', b'{"type":"ping","id":1,"id":2}', b'{"type":"ping","a":{"b":1,"b":2}}',
    b'{"type":"pi\\u0000ng"}', b'{"type":"ping","x":"\\u0000"}', b'{"type":"ping\x00"}',
    b'{"type":"ping"}\x00', b'{"type":"ping","x":"a\nb"}', b'{"type":"ping","x":"\\ud800"}',
    b'{"type":"ping","x":NaN}', b'{"type":"ping","x":01}',
    b'{"type":7}', b'{"type":null}', b'{"type":["ping"]}', b'{"id":1}', b'{"Type":"ping"}',
    b'{"type":"ping","x":' + b'[' * 9 + b']' * 9 + b'}', b'[' * 2000, b'{"a":' * 500 + b'1' + b'}' * 500,
]


async def test_malformed_messages_are_answered_and_the_connection_lives(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for data in MALFORMED:
        try:
            await ana.refused_raw('bad_message', data.decode())
        except AssertionError as error:
            raise AssertionError(f'{data[:60]!r}: {error}') from error
        assert (await ana.ask('ping'))['type'] == 'pong', data
    await undisturbed(lab, pod, ben)


async def test_malformed_messages_before_the_login_close(lab):
    pod = await lab.pod()
    for data in MALFORMED[:6] + MALFORMED[-2:]:
        client = await lab.connect(pod)
        await client.refused_raw('bad_message', data.decode())
        await client.expect_close(4002, False)


async def test_bytes_that_are_no_text_close(lab):
    pod = await lab.pod()
    ben = await lab.login('ben', pod)
    ana = await lab.login('ana', pod)
    await ana.send_raw(b'{"type":"ping"}')
    assert (await ana.expect('error'))['code'] == 'bad_message'
    await ana.expect_close(4002, False)
    ana = await lab.login('ana', pod)
    await ana.socket.write_frame(True, websockets.frames.Opcode.TEXT, b'{"type":"ping\xff\xfe"}')
    await ana.socket.wait_closed()
    assert ana.socket.close_code in (1007, 4002), ana.socket.close_code
    await undisturbed(lab, pod, ben)


async def test_messages_up_to_4096_bytes_are_read_and_larger_ones_close(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    frame = '{"type":"ping","pad":"%s"}'
    await ana.send_raw(frame % ('x' * (4096 - len(frame) + 2)))
    await ana.expect('pong')
    await ana.refused_raw('message_too_big', frame % ('x' * (4097 - len(frame) + 2)))
    await ana.expect_close(1009, False)
    ana = await lab.login('ana', pod)
    await ana.send_raw([frame[:10]] + ['x' * 2000] * 20)
    assert (await ana.expect('error'))['code'] == 'message_too_big'
    await ana.expect_close(1009, False)
    await undisturbed(lab, pod, ben)


WRONG_FIELDS = [
    ('enqueue', {}, 'mode'), ('enqueue', {'mode': 7}, 'mode'), ('enqueue', {'mode': None}, 'mode'),
    ('enqueue', {'mode': ''}, 'mode'), ('enqueue', {'mode': 'x' * 17}, 'mode'),
    ('enqueue', {'mode': ['normal']}, 'mode'),
    ('enqueue', {'mode': 'a\tb'}, 'mode'), ('set_name', {}, 'name'), ('set_name', {'name': ''}, 'name'),
    ('set_name', {'name': ' ana'}, 'name'), ('set_name', {'name': 'ana '}, 'name'),
    ('set_name', {'name': 'x' * 25}, 'name'), ('set_name', {'name': 'ä' * 33}, 'name'),
    ('set_name', {'name': 'a\nb'}, 'name'), ('set_name', {'name': 7}, 'name'),
    ('set_loadout', {}, 'cards'), ('set_loadout', {'cards': {}}, 'cards'),
    ('set_loadout', {'cards': [7]}, 'cards[0]'),
    ('set_loadout', {'cards': [{'id': 'a', 'level': 1}]}, 'cards[0].slot'),
    ('set_loadout', {'cards': [{'id': 'ember_imp', 'level': 6, 'slot': 0}]}, 'cards[0].level'),
    ('set_loadout', {'cards': [{'id': 'a', 'level': 1, 'slot': 0}, {'id': 'a', 'level': 1.5, 'slot': 1}]},
     'cards[1].level'),
    ('set_loadout', {'cards': [{'id': 'a', 'level': 1, 'slot': -1}]}, 'cards[0].slot'),
    ('set_loadout', {'cards': [{'id': 'a', 'level': 1, 'slot': 0}] * 9}, 'cards'),
    ('set_loadout', {'cards': [], 'artifacts': 'x'}, 'artifacts'),
    ('set_loadout', {'cards': [], 'artifacts': ['a', 7]}, 'artifacts[1]'),
    ('set_loadout', {'cards': [], 'items': [{'id': 'x'}]}, 'items[0].slot'),
    ('set_loadout', {'cards': [], 'consumables': ['x'] * 3}, 'consumables'),
    ('get_catalog', {'version': 7}, 'version'), ('get_catalog', {'version': 'x' * 81}, 'version'),
    ('loading_complete', {}, 'match_id'), ('loading_complete', {'match_id': 'x' * 37}, 'match_id'),
    ('ack_result', {'match_id': 1}, 'match_id'), ('refresh_token', {}, 'token'),
    ('refresh_token', {'token': {}}, 'token'),
]


async def test_wrong_fields_are_named(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    before = await ana.ask('get_profile')
    for kind, fields, place in WRONG_FIELDS:
        error = await ana.refused('invalid_field', kind, **fields)
        assert error.get('field') == place, (kind, fields, error)
    after = await ana.ask('get_profile')
    assert {**before, 'reply_to': 0} == {**after, 'reply_to': 0}
    assert await ana.state() == {'state': 'lobby'}
    await undisturbed(lab, pod, ben)


async def test_an_unknown_timeline_encoding_is_refused(lab):
    client = await lab.connect(await lab.pod())
    error = await client.refused('invalid_field', 'authenticate', token='x', timeline_encoding='brotli')
    assert error['field'] == 'timeline_encoding'


@needs(seconds=40)
async def test_random_bytes_disturb_nobody(lab):
    """A thousand damaged messages, each of them from a valid one by a few changed bytes."""
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    chance = random.Random(20)
    seeds = [json.dumps(message) for message in (
        {'type': 'ping', 'id': 5}, {'type': 'enqueue', 'mode': 'nowhere', 'id': 6},
        {'type': 'set_name', 'name': 'x' * 30}, {'type': 'ack_result', 'match_id': '0' * 36},
        {'type': 'set_loadout', 'cards': [{'id': 'a', 'level': 1, 'slot': 0}], 'artifacts': ['x']},
        {'type': 'get_catalog', 'version': 'x'})]
    scraps = ['"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', '9e9', 'ü', '']
    for number in range(1000):
        text = list(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(text))
            text[at:at + chance.randrange(3)] = chance.choice(scraps)
        await ana.send_raw(''.join(text))
        if number % 25 == 0:
            try:
                await ana.ask('ping', timeout=10)
            except Refused as refusal:
                raise AssertionError(refusal) from refusal
            ana.forget()
    assert await ana.state() == {'state': 'lobby'}
    await undisturbed(lab, pod, ben)


@needs(seconds=30)
async def test_raw_garbage_on_the_client_port_disturbs_nobody(lab):
    pod = await lab.pod()
    ben = await lab.login('ben', pod)
    port = pod.game.ports['client_port']
    for data in (b'\0' * 3000, os.urandom(5000), b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 3000,
                 b'GET /v1/ws HTTP/1.1\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00',
                 b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'):
        reader, writer = await asyncio.open_connection('127.0.0.1', port)
        try:
            writer.write(data)
            await asyncio.wait_for(reader.read(4000), 2)
        except (ConnectionError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()
    await undisturbed(lab, pod, ben)
