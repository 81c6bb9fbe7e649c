"""The fault proxy between clients and a server of the test: what it does to bytes; it never changes any."""
import asyncio
import contextlib
import os
import random
import tempfile
import time

from parts import Proxy


class Echo:
    """Sends back what it gets, on a unix socket."""

    async def __aenter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='duelpod-proxy-')
        self.socket, self.open = os.path.join(self.folder.name, 'echo.sock'), 0
        self.server = await asyncio.start_unix_server(self._serve, self.socket)
        return self

    async def _serve(self, reader, writer):
        self.open += 1
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        self.open -= 1
        writer.close()

    async def __aexit__(self, *_):
        self.server.close()
        self.folder.cleanup()


@contextlib.asynccontextmanager
async def network(seed=1, count=1):
    """(proxy, echo server, connections through the proxy)"""
    async with Echo() as echo:
        proxy = await Proxy().open(seed, echo.socket)
        try:
            pairs = [await asyncio.open_connection('127.0.0.1', proxy.port) for _ in range(count)]
            for pair in pairs:
                await answer(pair, b'hello')
            yield proxy, echo, pairs
            for _, writer in pairs:
                writer.close()
        finally:
            code = await proxy.end()
        assert code == 0, f'the proxy ended with {code}'


async def answer(pair, data, seconds=5):
    """`data` comes back, whole and in order."""
    reader, writer = pair
    writer.write(data)
    back = await asyncio.wait_for(reader.readexactly(len(data)), seconds)
    assert back == data, 'the bytes changed'


async def end_of(pair, seconds=5):
    """How a connection ends: 'cut' or 'reset'."""
    try:
        while await asyncio.wait_for(pair[0].read(65536), seconds):
            pass
        return 'cut'
    except ConnectionResetError:
        return 'reset'


async def end_of_new(proxy):
    """The same for a connection that may end before it is opened for us."""
    try:
        return await end_of(await asyncio.open_connection('127.0.0.1', proxy.port))
    except ConnectionResetError:
        return 'reset'


async def test_bytes_pass_both_ways_unchanged():
    async with network(count=3) as (proxy, _, pairs):
        data = random.Random(1).randbytes(3_000_000)  # more than it holds back at once
        await asyncio.gather(*(answer(pair, data, 20) for pair in pairs))
        assert await proxy.tell('count') == 3


async def test_delayed_and_in_pieces_they_are_still_the_same():
    async with network() as (proxy, _, pairs):
        await proxy.tell('delay', 5, 30)
        await proxy.tell('pieces', 7)
        start = time.monotonic()
        await answer(pairs[0], random.Random(2).randbytes(20000))
        assert time.monotonic() - start >= 0.01, 'each way waits at least 5 ms'
        await proxy.tell('calm')


async def test_a_stalled_connection_goes_on_without_a_loss():
    async with network() as (proxy, _, pairs):
        start = time.monotonic()
        assert await proxy.tell('stall', 100, 200) == 1
        await answer(pairs[0], b'x' * 1000)
        assert time.monotonic() - start >= 0.19


async def test_a_cut_is_an_end_of_stream_on_both_sides():
    async with network(count=2) as (proxy, echo, pairs):
        assert await proxy.tell('cut', 100) == 2
        assert [await end_of(pair) for pair in pairs] == ['cut', 'cut']
        while echo.open:
            await asyncio.sleep(0.005)
        assert await proxy.tell('count') == 0


async def test_a_reset_is_seen_as_one():
    async with network() as (proxy, _, pairs):
        assert await proxy.tell('reset', 100) == 1
        assert await end_of(pairs[0]) == 'reset'


async def test_lost_bytes_never_come_and_the_connection_ends():
    async with network() as (proxy, _, pairs):
        await proxy.tell('drop', 100, 100)
        pairs[0][1].write(b'lost')
        assert await asyncio.wait_for(pairs[0][0].read(), 5) == b''


async def test_refused_connections_are_reset_and_later_ones_are_not():
    async with network() as (proxy, _, pairs):
        await proxy.tell('refuse', 150)
        assert await end_of_new(proxy) == 'reset'
        await answer(pairs[0], b'the old one lives')
        await asyncio.sleep(0.2)
        await answer(await asyncio.open_connection('127.0.0.1', proxy.port), b'so does a new one')


async def test_who_is_met_depends_on_the_seed_only():
    async def met(seed):
        async with network(seed, count=20) as (proxy, _, _pairs):
            return [await proxy.tell('stall', 50, 0) for _ in range(6)]
    first, again, other = await met(5), await met(5), await met(6)
    assert first == again != other, (first, again, other)
    assert all(0 < number < 20 for number in first), first


async def test_a_server_that_is_gone_resets_the_client():
    with tempfile.TemporaryDirectory() as folder:
        proxy = await Proxy().open(1, os.path.join(folder, 'nobody.sock'))
        assert await end_of_new(proxy) == 'reset'
        assert await proxy.end() == 0


async def test_nonsense_is_answered_with_error_and_changes_nothing():
    async with network() as (proxy, _, pairs):
        for line in ('', 'cut', 'cut x', 'delay 5', 'calm 1', 'nonsense 1 2'):
            proxy.say(line)
            assert await proxy.line() == 'error', line
        await answer(pairs[0], b'still there')
