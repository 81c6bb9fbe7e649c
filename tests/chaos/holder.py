"""Holds the lease of a queue and matches nobody, as a match_server would that hangs but goes on renewing.

The lease is short and renewed often, so that the real holders are back soon after it ends. One that got it in between
(this process stood still for so long) is noticed: `robbed`.
"""
import asyncio
import contextlib
import time

LEASE_MS = 800
RENEW_SECONDS = 0.1
TAKEOVER_SECONDS = 10


class IdleHolder:
    """An asynchronous context in which nobody is matched for a mode; at its end a server holds the lease again."""

    def __init__(self, keys, mode):
        self.keys, self.lock, self.robbed, self.renewing = keys, f'lock:matchmaker:{mode}', False, None

    async def __aenter__(self):
        before = self.keys.get(self.lock) or ':0'
        epoch = max(int(before.rpartition(':')[2]) + 1, time.time_ns() // 1_000_000)
        self.value = f'idle:{epoch}'
        self.keys.set(self.lock, self.value, px=LEASE_MS)
        self.renewing = asyncio.create_task(self._renew())
        return self

    async def _renew(self):
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            before = self.keys.set(self.lock, self.value, px=LEASE_MS, get=True)
            self.robbed = self.robbed or before not in (None, self.value)

    async def __aexit__(self, *_):
        self.renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.renewing
        deadline = time.monotonic() + TAKEOVER_SECONDS
        while self.keys.get(self.lock) in (None, self.value):
            assert time.monotonic() < deadline, 'nobody takes the lease over'
            await asyncio.sleep(0.01)
