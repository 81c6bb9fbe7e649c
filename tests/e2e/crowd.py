"""Many players at once who want to play so many rounds, whatever happens to the servers meanwhile.

A round is over for a player when one result is acknowledged; the next begins when it is over for everybody,
so an even crowd can always be paired. A player only knows the protocol: who loses the connection logs in
again, anywhere, and goes on from the state he is told. What he saw is judged at the end by Crowd.check().
"""
import asyncio
import contextlib
import hashlib
import random

import websockets

from client import Client
from harness import make_token

GONE = (OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError)
SILENCE_SECONDS = 2.0
# Refuses the match; never loads; has loaded and misses the result. Once queued: goes on elsewhere;
# leaves the queue and joins again. Each is tried until it has happened once.
HABITS = ('cancels', 'sleeps', 'goes', 'returns', 'dequeues')


class Player:
    """One of the crowd, with one of the HABITS or none."""

    def __init__(self, name, pods, habit=None):
        self.name, self.pods, self.habit = name, list(pods), habit
        self.client, self.results, self.this_round, self.over = None, {}, None, False
        self.opponents, self.cancelled, self.logins, self.errors = {}, 0, 0, []

    # ---- the connection ------------------------------------------------------------------------------

    async def connection(self):
        """A live one, on whatever pod takes it; the state it finds is acted upon."""
        while self.client is None or self.client.closed:
            try:
                client = await asyncio.wait_for(Client.connect(self.pods[0].url), 3)
                await client.send('authenticate', token=make_token(self.name), timeline_encoding='gzip')
                welcome = await client.expect('welcome', 3)
                self.client, self.logins = client, self.logins + 1
                await self.act_on(welcome['state'])
            except (*GONE, AssertionError):
                self.pods.append(self.pods.pop(0))
                await asyncio.sleep(random.uniform(0.02, 0.2))
        return self.client

    async def leave(self):
        """Without a word."""
        client, self.client = self.client, None
        if client is not None:
            await client.cut()

    # ---- what is said and done -----------------------------------------------------------------------

    async def act_on(self, state):
        if state['state'] == 'lobby':
            if self.this_round in self.results:
                self.over = True
            else:
                await self.client.send('enqueue', mode='normal')
        elif state['state'] == 'loading':
            await self.client.send('loading_complete', match_id=state['match_id'])
        elif state['state'] == 'result' and state['match_id'] in self.results:
            await self.client.send('ack_result', match_id=state['match_id'])

    def habit_done(self, habit):
        self.habit = None if self.habit == habit else self.habit

    async def on_match_found(self, message):
        self.opponents[message['match_id']] = message['opponent_id']
        if self.habit == 'cancels':
            await self.client.send('cancel_loading', match_id=message['match_id'])
        elif self.habit != 'sleeps':
            await self.client.send('loading_complete', match_id=message['match_id'])
        if self.habit == 'goes':
            self.habit = None
            await self.leave()
            await asyncio.sleep(3)

    async def on_enqueued(self, _):
        if self.habit == 'dequeues':
            await self.client.send('dequeue')
        elif self.habit == 'returns':
            self.habit = None
            await self.leave()

    async def on_battle_result(self, message):
        match_id, digest = message['match_id'], hashlib.sha256(message['frame']).hexdigest()
        seen = (message['outcome'], message['you'], digest)
        assert self.results.setdefault(match_id, seen) == seen, f'{self.name}: {match_id} told differently'
        assert self.this_round in (None, match_id), f'{self.name}: two matches in one round'
        self.this_round = match_id
        await self.client.send('ack_result', match_id=match_id)

    async def on_result_acked(self, message):
        assert message['match_id'] in self.results, f'{self.name}: acknowledged what was never told'
        self.over = self.over or message['match_id'] == self.this_round

    async def on_match_cancelled(self, message):
        self.cancelled += 1
        self.habit_done({'you_cancelled': 'cancels', 'you_timed_out': 'sleeps'}.get(message['reason']))
        if not message['requeued']:
            await self.client.send('get_state')

    async def on_dequeued(self, _):
        self.habit_done('dequeues')
        await self.client.send('get_state')

    async def on_state(self, message):
        await self.act_on(message)

    async def on_error(self, message):
        self.errors.append(message['code'])
        await asyncio.sleep(0.1)
        await self.client.send('get_state')

    async def play_round(self):
        self.this_round, self.over = None, False
        if self.client is not None and not self.client.closed:
            with contextlib.suppress(*GONE):
                await self.client.send('get_state')
        while not self.over:
            client = await self.connection()
            if self.over:
                return
            try:
                message = await client.wait_for(lambda _: True, 'anything', SILENCE_SECONDS)
            except AssertionError:
                message = None
            try:
                if message is None:
                    await client.send('get_state')
                elif handler := getattr(self, f"on_{message['type']}", None):
                    await handler(message)
            except GONE:
                pass


class Crowd:
    """Players spread over pods in turn."""

    def __init__(self, pods, count, habits=()):
        habits = list(habits) + [None] * (count - len(habits))
        self.players = []
        for number, habit in enumerate(habits):
            home = number % len(pods)
            self.players.append(Player(f'player-{number}', pods[home:] + pods[:home], habit))
        self.rounds = 0

    async def log_in(self, at_once=50):
        gate = asyncio.Semaphore(at_once)

        async def enter(player):
            async with gate:
                client = await Client.connect(player.pods[0].url)
                await client.login(make_token(player.name), timeline_encoding='gzip')
                player.client = client
        await asyncio.gather(*(enter(player) for player in self.players))

    async def play(self, rounds=1):
        for _ in range(rounds):
            self.rounds += 1
            await asyncio.gather(*(player.play_round() for player in self.players))

    async def play_while(self, other):
        """Rounds on end while something else goes on; at least one."""
        other = asyncio.ensure_future(other)
        try:
            await self.play()
            while not other.done():
                await self.play()
        finally:
            other.cancel()
        await other

    def check(self):
        """Everybody played once a round, matches are between two, and both were told the same."""
        matches, players = {}, {player.name: player for player in self.players}
        for player in self.players:
            played = len(player.results)
            assert played == self.rounds, f'{player.name} played {played} of {self.rounds} rounds'
            for match_id, told in player.results.items():
                matches.setdefault(match_id, {})[player.name] = told
        for match_id, told in matches.items():
            assert len(told) == 2, f'{match_id} has {sorted(told)}'
            (name_a, a), (name_b, b) = told.items()
            assert a[2] == b[2], f'{match_id}: two timelines'
            assert {a[1], b[1]} == {0, 1}, f'{match_id}: {told}'
            assert {a[0], b[0]} in ({'win', 'loss'}, {'draw'}), f'{match_id}: {told}'
            for name, other in ((name_a, name_b), (name_b, name_a)):
                met = players[name].opponents.get(match_id, other)
                assert met == other, f'{name} met {met}, not {other}'

    async def check_records(self):
        """Every result counts once in its player's record."""
        for player in self.players:
            record = (await (await player.connection()).ask('get_profile'))['record']
            outcomes = [outcome for outcome, _, _ in player.results.values()]
            expected = {counter: outcomes.count(outcome) for counter, outcome in
                        (('wins', 'win'), ('losses', 'loss'), ('draws', 'draw'))}
            assert record == expected, f'{player.name}: {record}, not {expected}'

    async def close(self):
        for player in self.players:
            if player.client is not None:
                player.client.reader.cancel()
                player.client.socket.transport.abort()


async def settle(lab, crowd):
    """After any trouble: one more round for everybody, then all is told, counted and gone."""
    await crowd.play()
    crowd.check()
    await crowd.check_records()
    await lab.drained(8)
