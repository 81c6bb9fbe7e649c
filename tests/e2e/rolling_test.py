"""Three pods are replaced one after the other while a crowd plays: nobody loses anything or is sent away twice.

As in a rolling update that starts the new pod first: who has to connect again is led to a new pod.
"""
import asyncio
import time

from client import Client
from crowd import Crowd, Player, settle
from harness import make_token, needs

OLD, NEW = 'abc', 'def'


class Door:
    """Where new connections are led to; the same for everybody."""

    def __init__(self, pods):
        self.pods = list(pods)

    @property
    def url(self):
        return self.pods[0].url


class Guest(Player):
    """Knows one door only, and keeps what was said when he was sent away and how long his results took."""

    def __init__(self, name, door, habit=None):
        super().__init__(name, [door], habit)
        self.closings, self.told_at, self.waits = [], {}, []

    async def connection(self):
        if self.client is not None and self.client.closed:
            self.closings += [message for message in self.client.history if message['type'] == 'closing']
        return await super().connection()

    async def on_battle_result(self, message):
        await super().on_battle_result(message)
        self.waits.append(time.monotonic() - self.told_at.get(message['match_id'], time.monotonic()))

    async def on_match_found(self, message):
        self.told_at.setdefault(message['match_id'], time.monotonic())
        await super().on_match_found(message)


class Waiter:
    """Waits where nobody else does, and goes on waiting wherever the door leads."""

    def __init__(self, name, door):
        self.name, self.door, self.client, self.since_ms, self.closings = name, door, None, None, 0

    async def log_in(self):
        self.client = await Client.connect(self.door.url)
        return (await self.client.login(make_token(self.name)))['state']

    async def wait(self):
        await self.log_in()
        self.since_ms = (await self.client.enqueue('ranked'))['enqueued_at_ms']
        while True:
            notice = await self.client.expect('notice', 60, code='server_draining')
            started = time.monotonic()
            await self.client.expect_close(1001, True)
            # A moment is all that the timing of two processes may add.
            assert time.monotonic() - started <= notice['reconnect_after_ms'] / 1000 + 3, notice
            self.closings += 1
            state = await self.log_in()
            assert state == {'state': 'queued', 'mode': 'ranked', 'enqueued_at_ms': self.since_ms}, state


async def roll(lab, doors, server_seconds):
    """The new pod first; then the old one is told to end, and does."""
    for old, new in zip(OLD, NEW):
        pod = await lab.pod(new)
        for door in doors.values():
            door.pods = [pod]
        gone = lab.pods[old]
        for server in gone.servers:
            server.process.signal(15)
        for server in gone.servers:
            started = time.monotonic()
            assert await server.process.ended(20) == 0, server.name
            server_seconds.append(time.monotonic() - started)


@needs(seconds=120, slots=3)
async def test_three_pods_are_replaced_under_load(lab):
    pods = await asyncio.gather(*(lab.pod(name) for name in OLD))
    doors = {name: Door([pod]) for name, pod in zip(OLD, pods)}
    crowd = Crowd(pods, 0)
    crowd.players = [Guest(f'guest-{number}', doors[OLD[number % 3]]) for number in range(60)]
    await asyncio.gather(*(player.connection() for player in crowd.players))
    waiter = Waiter('waiter', doors['b'])
    waiting = asyncio.create_task(waiter.wait())
    ended = []
    await crowd.play_while(roll(lab, doors, ended))
    await settle_but(lab, crowd, waiter, waiting)
    for player in crowd.players:
        assert player.logins == 2, f'{player.name} was connected {player.logins} times'
        assert player.cancelled == 0, player.name
        assert [(one['code'], one['reconnect']) for one in player.closings] == [(1001, True)], player.closings
    assert waiter.closings == 1, 'the waiter was sent away once'
    waits = sorted(wait for player in crowd.players for wait in player.waits)
    print(f'{len(waits) // 2} matches in {crowd.rounds} rounds; from match_found to battle_result p50 '
          f'{waits[len(waits) // 2]:.3f} s, longest {waits[-1]:.3f} s; a server ended in {max(ended):.2f} s at most')
    # Battles were finished or handed over, not left to battle.deadline_ms.
    overdue = [event for server in lab.servers() for event in server.process.events('match_overdue')]
    assert not overdue, overdue


async def settle_but(lab, crowd, waiter, waiting):
    """As settle(), with the waiter still at his place until he is called off."""
    assert not waiting.done(), waiting.exception()
    (place,) = lab.queued('ranked')
    assert place == (waiter.name, waiter.since_ms), place
    waiting.cancel()
    await waiter.client.ask('dequeue')
    await settle(lab, crowd)
