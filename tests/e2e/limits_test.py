"""Limits by address and by player: what is over them is answered, changes nothing, and is cut in the end.

The pods here trust 127.0.0.1 as a proxy, so a test speaks from any address it likes.
"""
import asyncio
import os
import time

import websockets

from harness import make_token
from processes import BUILD

NONE = {'limits__address_messages_per_s': 0, 'limits__player_messages_per_s': 0, 'limits__handshakes_per_s': 0,
        'limits__address_connections_max': 0}


async def limited_pod(lab, name='a', **limits):
    return await lab.pod(name, **{**NONE, 'client__trusted_proxies': '10.0.0.0/8,127.0.0.1', 'client__shards': 3,
                                  **limits})


async def connect(lab, pod, address):
    return await lab.connect(pod, extra_headers={'X-Forwarded-For': address})


async def login(lab, pod, player_id, address):
    """Counted from here on: the answer to the handshake is on its way a moment before that."""
    client = await connect(lab, pod, address)
    await client.login(make_token(player_id))
    return client


async def served(client, count):
    """How many of that many pings at once are served; and the rate_limited answers."""
    for number in range(1, count + 1):
        await client.send('ping', id=1000 + number)
    answers = [await client.wait_for(lambda m, n=number: m.get('reply_to') == 1000 + n, f'answer {number}')
               for number in range(1, count + 1)]
    refused = [answer for answer in answers if answer['type'] == 'error']
    for error in refused:
        assert error['code'] == 'rate_limited' and 1 <= error['retry_after_ms'] <= 1000, error
    return count - len(refused), refused


class Watch:
    """What a rate of one a second may have added since."""

    def __init__(self):
        self.since = time.monotonic()

    def tokens(self):
        return int(time.monotonic() - self.since) + 1


async def test_a_player_over_his_rate_is_told_how_long_to_wait(lab):
    pod = await limited_pod(lab, limits__player_messages_per_s=1, limits__player_messages_burst=10,
                            limits__refusals_max=1000)
    ana, bob = await login(lab, pod, 'ana', '192.0.2.1'), await login(lab, pod, 'bob', '192.0.2.1')
    watch = Watch()
    count, refused = await served(ana, 200)
    assert 10 <= count <= 10 + watch.tokens(), count
    assert await pod.game.metric('duelpod_client_rate_limited_total{by="player"}') == len(refused)
    assert await bob.state() == {'state': 'lobby'}, 'another player of the same address is not concerned'
    await asyncio.sleep(max(error['retry_after_ms'] for error in refused) / 1000)
    assert (await ana.ask('ping'))['type'] == 'pong', 'who waits as long as told is served'


async def test_a_refused_message_changes_nothing(lab):
    pod = await limited_pod(lab, limits__player_messages_per_s=1, limits__player_messages_burst=5,
                            limits__refusals_max=1000)
    ana = await login(lab, pod, 'ana', '192.0.2.1')
    before = lab.keys.hgetall('player:{ana}')
    wishes = (('enqueue', {'mode': 'normal'}), ('set_name', {'name': 'Somebody'}), ('party_create', {}))
    for number, (kind, fields) in enumerate(wishes, 1):
        for _ in range(10):
            await ana.send('ping')  # whatever token there was is gone when the wish comes
        await ana.send(kind, id=number, **fields)
    for number in range(1, len(wishes) + 1):
        answer = await ana.wait_for(lambda m, n=number: m.get('reply_to') == n, f'answer {number}')
        assert answer['code'] == 'rate_limited', answer
    assert not lab.keys.exists('queue:normal') and lab.keys.hgetall('player:{ana}') == before


async def test_a_new_connection_does_not_refill_a_player(lab):
    pod = await limited_pod(lab, limits__player_messages_per_s=1, limits__player_messages_burst=50,
                            limits__refusals_max=1000)
    watch = Watch()
    first, _ = await served(await login(lab, pod, 'ana', '192.0.2.1'), 100)
    second, _ = await served(await login(lab, pod, 'ana', '192.0.2.2'), 100)
    assert 50 <= first + second <= 50 + watch.tokens(), (first, second)


async def test_an_address_is_limited_over_all_its_connections_and_shards(lab):
    pod = await limited_pod(lab, limits__address_messages_per_s=1, limits__address_messages_burst=30,
                            limits__refusals_max=1000)
    watch = Watch()
    crowd = [await login(lab, pod, f'p{number}', f'2001:db8::{number}') for number in range(1, 9)]
    other = await login(lab, pod, 'other', '2001:db8:0:1::1')
    counts = [count for count, _ in await asyncio.gather(*(served(client, 20) for client in crowd))]
    assert 30 <= len(crowd) + sum(counts) <= 30 + watch.tokens(), counts
    refused = await pod.game.metric('duelpod_client_rate_limited_total{by="address"}')
    assert refused == 20 * len(crowd) - sum(counts)
    assert await served(other, 20) == (20, []), 'the /64 beside it has a bucket of its own'


async def test_who_goes_on_flooding_is_cut(lab):
    pod = await limited_pod(lab, limits__player_messages_per_s=1, limits__player_messages_burst=5,
                            limits__refusals_max=10)
    ana, bob = await login(lab, pod, 'ana', '192.0.2.1'), await login(lab, pod, 'bob', '192.0.2.1')
    try:
        for _ in range(200):
            await ana.send('ping')
    except websockets.ConnectionClosed:
        pass
    closing = await ana.expect('closing')
    assert (closing['code'], closing['reconnect']) == (4008, True) and closing['retry_after_ms'] > 0, closing
    assert len(ana.unread('error')) >= 10
    await ana.reader
    assert ana.socket.close_code == 4008
    assert await pod.game.metric('duelpod_client_flooders_total') == 1
    assert (await bob.ask('ping'))['type'] == 'pong'
    assert pod.game.process.events('flooder_cut')[0]['player_id'] == 'ana'


async def test_nonsense_is_limited_before_the_login_too(lab):
    pod = await limited_pod(lab, limits__address_messages_per_s=1, limits__address_messages_burst=1)
    first = await connect(lab, pod, '192.0.2.1')
    await first.login(make_token('ana'))
    second = await connect(lab, pod, '192.0.2.1')
    error = await second.refused_raw('rate_limited', '{"nonsense')
    assert error['retry_after_ms'] > 0
    await asyncio.sleep(error['retry_after_ms'] / 1000)
    await second.login(make_token('bob'))


async def refused_status(lab, pod, address):
    """The HTTP status that a handshake is refused with, or None."""
    try:
        await connect(lab, pod, address)
    except websockets.InvalidStatusCode as refusal:
        return refusal.status_code
    return None


async def test_handshakes_of_an_address_have_a_rate(lab):
    pod = await limited_pod(lab, limits__handshakes_per_s=1, limits__handshakes_burst=5)
    watch = Watch()
    results = [await refused_status(lab, pod, '192.0.2.1') for _ in range(40)]
    assert results[:5] == [None] * 5 and results.count(None) <= 5 + watch.tokens(), results
    assert await pod.game.metric('duelpod_connections_limited_total{reason="rate"}') == results.count(429)
    assert await refused_status(lab, pod, '192.0.2.2') is None


async def test_an_address_has_only_so_many_connections(lab):
    pod = await limited_pod(lab, limits__address_connections_max=5)
    kept = [await login(lab, pod, f'player-{number}', '192.0.2.1') for number in range(5)]
    assert await refused_status(lab, pod, '192.0.2.1') == 429
    assert await refused_status(lab, pod, '192.0.2.2') is None
    assert await pod.game.metric('duelpod_connections_limited_total{reason="address_full"}') == 1
    await kept[0].close()
    while await refused_status(lab, pod, '192.0.2.1') is not None:
        await asyncio.sleep(0.01)


async def test_all_shards_together_have_only_so_many_connections(lab):
    pod = await limited_pod(lab, client__connections_max=6)
    kept = [await login(lab, pod, f'player-{number}', f'192.0.2.{number}') for number in range(6)]
    assert await refused_status(lab, pod, '192.0.2.9') == 429
    assert await pod.game.metric('duelpod_connections_limited_total{reason="full"}') == 1
    await kept[3].cut()
    while await refused_status(lab, pod, '192.0.2.9') is not None:
        await asyncio.sleep(0.01)


async def test_only_the_rightmost_untrusted_hop_is_believed(lab):
    pod = await limited_pod(lab, limits__address_connections_max=2)
    for number in range(2):
        await login(lab, pod, f'player-{number}', f'198.51.100.{number}, 192.0.2.1, 10.1.2.3')
    assert await refused_status(lab, pod, '198.51.100.7, 192.0.2.1, 10.1.2.3') == 429
    assert await refused_status(lab, pod, '192.0.2.1') == 429


async def test_nobody_is_believed_without_a_trusted_proxy(lab):
    pod = await lab.pod(**{**NONE, 'limits__handshakes_per_s': 1, 'limits__handshakes_burst': 3})
    opened, watch = 0, Watch()
    for number in range(40):
        try:
            await connect(lab, pod, f'192.0.2.{number}')
            opened += 1
        except (websockets.InvalidHandshake, OSError, EOFError):
            pass
    assert 3 <= opened <= 3 + watch.tokens(), 'a header of their own does not make clients others'


async def test_a_match_fits_into_what_production_allows(lab):
    """The profile's own limits: nothing of an ordinary game is refused, some of 35 messages at once are."""
    pod = await lab.pod(profile='production', client__trusted_proxies='127.0.0.1')
    ana, bob = await login(lab, pod, 'ana', '192.0.2.1'), await login(lab, pod, 'bob', '192.0.2.2')
    for player in (ana, bob):
        await player.ask('get_catalog')
        await player.ask('get_profile')
        await player.enqueue()
    await asyncio.gather(ana.finish(), bob.finish())
    assert not ana.unread('error') and not bob.unread('error')
    watch = time.monotonic()
    count, refused = await served(ana, 35)
    assert refused and count <= 20 + 10 * (time.monotonic() - watch) + 1, count


async def test_bad_lists_of_proxies_are_refused(lab):
    for number, text in enumerate(('10.0.0.0/33', 'localhost', ','.join(['::1'] * 17))):
        tool = lab.run(f'check-{number}', os.path.join(BUILD, 'game_server'), '--check-config',
                       f'--client.trusted_proxies={text}')
        assert await tool.ended() == 2 and 'client.trusted_proxies' in tool.log(), tool.log()
