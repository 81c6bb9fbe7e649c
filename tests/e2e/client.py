"""A client of the tests: the wire protocol through an independent WebSocket library.

Messages are kept until a test asks for them by type, so the order of unrelated ones does not matter.
"""
import asyncio
import gzip
import json
import time
import uuid

import websockets

from processes import PATIENCE

WAIT_SECONDS = 8 * PATIENCE


class Refused(Exception):
    """The server answered with an error; `message` is all of it."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message, self.code = message, message['code']


def timeline_text(text):
    """The bytes of the last field, `timeline`, exactly as they stand in a battle_result."""
    start = text.index('"timeline":{') + len('"timeline":')
    return text[start:-1]


def short(message):
    """Without what fills a screen."""
    return {name: value for name, value in message.items()
            if name not in ('timeline', 'timeline_text', 'frame', 'profile', 'catalog')}


class Client:
    """One connection; a player after login()."""

    def __init__(self, socket):
        self.socket, self.inbox, self.history = socket, [], []
        self.changed, self.next_id, self.player_id, self.closed = asyncio.Event(), 1, None, False
        self.awaits_frame = None
        self.reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, url, **options):
        defaults = {'compression': None, 'max_size': None, 'ping_interval': None, 'close_timeout': 2}
        return cls(await websockets.connect(url, **{**defaults, **options}))

    # ---- receiving -----------------------------------------------------------------------------------

    async def _read(self):
        try:
            async for data in self.socket:
                self._take(data)
                self.changed.set()
        except (websockets.ConnectionClosed, OSError):
            pass
        finally:
            self.closed = True
            self.changed.set()

    def _take(self, data):
        if isinstance(data, bytes):
            self._take_frame(data)
            return
        message = json.loads(data)
        assert self.awaits_frame is None, f'{message} stands where a binary frame was announced'
        self.history.append(message)
        if message['type'] == 'battle_result' and message.get('timeline_encoding') == 'gzip':
            self.awaits_frame = message
            return
        if message['type'] == 'battle_result':
            message['timeline_text'] = timeline_text(data)
        self.inbox.append(message)

    def _take_frame(self, data):
        message, self.awaits_frame = self.awaits_frame, None
        assert message is not None, 'a binary frame that nothing announced'
        assert str(uuid.UUID(bytes=data[:16])) == message['match_id']
        message['frame'] = data
        message['timeline_text'] = gzip.decompress(data[16:]).decode()
        message['timeline'] = json.loads(message['timeline_text'])
        self.inbox.append(message)

    def _pick(self, fits):
        for index, message in enumerate(self.inbox):
            if fits(message):
                return self.inbox.pop(index)
        return None

    async def wait_for(self, fits, what, timeout=WAIT_SECONDS):
        deadline = time.monotonic() + timeout
        while (message := self._pick(fits)) is None:
            left = deadline - time.monotonic()
            if self.closed or left <= 0:
                end = f'closed with {self.socket.close_code}' if self.closed else f'not within {timeout} s'
                kept = [short(message) for message in self.inbox]
                raise AssertionError(f'{self.player_id} awaits {what}: {end}; unread: {kept}')
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except asyncio.TimeoutError:
                pass
        return message

    async def expect(self, kind, timeout=WAIT_SECONDS, **fields):
        """The next message of this type and with these fields."""
        def fits(message):
            right = all(message.get(name) == value for name, value in fields.items())
            return message['type'] == kind and right
        return await self.wait_for(fits, f'{kind} {fields or ""}', timeout)

    def unread(self, kind):
        return [message for message in self.inbox if message['type'] == kind]

    def forget(self):
        self.inbox.clear()

    # ---- sending -------------------------------------------------------------------------------------

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({'type': kind, **fields}))

    async def send_raw(self, data):
        await self.socket.send(data)

    async def ask(self, kind, timeout=WAIT_SECONDS, **fields):
        """Sends with an id and returns the direct answer; raises Refused when it is an error."""
        number, self.next_id = self.next_id, self.next_id + 1
        await self.send(kind, id=number, **fields)
        message = await self.wait_for(lambda m: m.get('reply_to') == number, f'the answer to {kind}', timeout)
        if message['type'] == 'error':
            raise Refused(message)
        return message

    async def refused(self, code, kind, **fields):
        """The message is answered with this error, which is returned."""
        try:
            answer = await self.ask(kind, **fields)
        except Refused as refusal:
            assert refusal.code == code, f'{kind}: {refusal.message}, not {code}'
            assert refusal.message['message'], 'an error has a sentence'
            return refusal.message
        raise AssertionError(f'{kind} was answered with {answer}, not refused with {code}')

    async def refused_raw(self, code, data):
        """The same for bytes that are no good message."""
        await self.send_raw(data)
        error = await self.expect('error')
        assert error['code'] == code, f'{data[:80]!r}: {error}, not {code}'
        return error

    # ---- a player ------------------------------------------------------------------------------------

    async def login(self, token, **fields):
        welcome = await self.ask('authenticate', token=token, **fields)
        assert welcome['type'] == 'welcome', welcome
        self.player_id = welcome['player_id']
        return welcome

    async def state(self):
        """What get_state says, without type and reply_to."""
        state = await self.ask('get_state')
        assert state['type'] == 'state', state
        return {name: value for name, value in state.items() if name not in ('type', 'reply_to')}

    async def enqueue(self, mode='normal'):
        enqueued = await self.ask('enqueue', mode=mode)
        assert enqueued['type'] == 'enqueued', enqueued
        return enqueued

    async def finish(self, found=None):
        """From match_found to the acknowledged result, which is returned."""
        found = found or await self.expect('match_found')
        await self.send('loading_complete', match_id=found['match_id'])
        result = await self.expect('battle_result', match_id=found['match_id'])
        await self.acknowledge(result)
        return result

    async def acknowledge(self, result):
        acked = await self.ask('ack_result', match_id=result['match_id'])
        assert acked['type'] == 'result_acked' and acked['match_id'] == result['match_id'], acked

    async def expect_close(self, code, reconnect, timeout=WAIT_SECONDS):
        """The server says that it closes, then does, with this code."""
        closing = await self.expect('closing', timeout)
        assert (closing['code'], closing['reconnect']) == (code, reconnect), closing
        assert closing['reason'] and closing['retry_after_ms'] >= 0, closing
        await asyncio.wait_for(self.socket.wait_closed(), timeout)
        assert self.socket.close_code == code, self.socket.close_code
        return closing

    async def close(self):
        """An orderly close, as an application does."""
        await self.socket.close()
        await self.reader

    async def cut(self):
        """The connection is gone without a word, as on a lost network."""
        self.socket.transport.abort()
        await self.reader


async def play(*clients, mode='normal'):
    """Queue, load, fight, acknowledge; the results in the order of the clients."""
    for client in clients:
        await client.enqueue(mode)
    return await asyncio.gather(*(client.finish() for client in clients))
