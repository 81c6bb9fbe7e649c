"""A holder of a queue's lease that matches nobody, against a lock of the test."""
import asyncio

from holder import IdleHolder


class Keys:
    """What it uses of Redis; the lock does not end by itself."""

    def __init__(self, value):
        self.value, self.sets = value, 0

    def get(self, key):
        assert key == 'lock:matchmaker:party'
        return self.value

    def set(self, key, value, px, get=False):
        assert key == 'lock:matchmaker:party' and px > 0
        before, self.value = self.value, value
        self.sets += 1
        return before if get else True


async def held(keys, sets):
    while keys.sets < sets:
        await asyncio.sleep(0.01)


async def test_it_takes_the_lease_with_a_newer_epoch_and_keeps_it():
    keys = Keys('pod-a-1:99999999999999')
    async with IdleHolder(keys, 'party') as holder:
        assert keys.value == 'idle:100000000000000'
        await held(keys, 3)
        assert keys.value == 'idle:100000000000000'
        keys.value = None  # the lease ends in time
        await held(keys, 5)
        keys.value = 'pod-b-1:100000000000001'
        holder.renewing.cancel()
    assert not holder.robbed


async def test_a_lease_that_somebody_else_got_is_noticed():
    keys = Keys(None)
    async with IdleHolder(keys, 'party') as holder:
        assert not holder.robbed
        keys.value = 'pod-b-1:7'
        await held(keys, keys.sets + 2)
        assert holder.robbed
        keys.value = 'pod-b-1:9'
        holder.renewing.cancel()


async def test_its_end_is_when_a_server_holds_the_lease_again():
    keys = Keys(None)

    async def take_over():
        await asyncio.sleep(0.2)
        keys.value = 'pod-c-1:8'
    async with IdleHolder(keys, 'party') as holder:
        await held(keys, 2)
        holder.renewing.cancel()
        taking = asyncio.create_task(take_over())
    assert taking.done() and keys.value == 'pod-c-1:8'
