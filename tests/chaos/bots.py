#!/usr/bin/python3
"""A part of the crowd in a process of its own: bots.py FIRST COUNT SEED URL...

Reads one JSON list a line and answers each with one JSON line when it is done:

    ["url", INDEX, URL]   a pod came back elsewhere        ["play"]    play on and on, with pauses
    ["login"]             everybody logs in                ["leave"]   nobody waits any more, all in the lobby
    ["round"]             one more match for everybody     ["report"]  what everybody saw

About a quarter of the bots play two against two in parties of two, the others one against one. A bot is a player of
tests/e2e/crowd.py who also keeps times and does not stop at what must not happen: he
notes it. Times are those of CLOCK_MONOTONIC, the same in all processes.
"""
import asyncio
import contextlib
import hashlib
import json
import os
import random
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e'))
sys.dont_write_bytecode = True
from client import Client  # noqa: E402 pylint: disable=wrong-import-position
from crowd import GONE, Player  # noqa: E402 pylint: disable=wrong-import-position
from harness import make_token  # noqa: E402 pylint: disable=wrong-import-position

PAUSE_SECONDS = (0.5, 5.5)
LOGINS_AT_ONCE = 50
ANSWERS = ('welcome', 'error', 'closing')  # to a login
# What bots say. The number of a message is its kind, so that an error names what it answers.
KINDS = ('authenticate', 'get_state', 'enqueue', 'dequeue', 'loading_complete', 'ack_result', 'party_create',
         'party_invite', 'party_accept', 'party_leave')


class Door:
    """Where a pod is just now."""

    def __init__(self, url):
        self.url = url


class LeanClient(Client):
    """Keeps no history, and of a timeline its bytes only."""

    async def send(self, kind, **fields):
        await super().send(kind, id=KINDS.index(kind) + 1, **fields)

    def _take(self, data):
        super()._take(data)
        self.history.clear()

    def _take_frame(self, data):
        message, self.awaits_frame = self.awaits_frame, None
        assert message is not None, 'a binary frame that nothing announced'
        message['frame'] = data
        self.inbox.append(message)


class Mood:
    """What all bots of this process are to do."""

    def __init__(self):
        self.left = asyncio.Event()

    @property
    def leaving(self):
        return self.left.is_set()

    async def pause(self, seconds):
        """Ends at once when everybody leaves."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.left.wait(), seconds)


class Bot(Player):
    """Plays match after match and notes what is wrong."""

    def __init__(self, name, pods, seed, mood):
        super().__init__(name, pods)
        self.random, self.mood = random.Random(f'{seed} {name}'), mood
        self.match, self.wished, self.found = None, None, None
        self.waits, self.returns, self.wrong, self.expired = [], [], [], 0
        self.partner = None

    # ---- the connection ------------------------------------------------------------------------------

    async def log_in(self):
        """One attempt at the first pod; whether it was successful."""
        client = None
        try:
            client = await asyncio.wait_for(LeanClient.connect(self.pods[0].url), 3)
            await client.send('authenticate', token=make_token(self.name), timeline_encoding='gzip')
            welcome = await client.wait_for(lambda m: m['type'] in ANSWERS, 'an answer to the login', 3)
            assert welcome['type'] == 'welcome', welcome
            self.client, self.logins, self.match = client, self.logins + 1, None
            await self.act_on(welcome['state'])
            return True
        except (*GONE, AssertionError):
            if client is not None and client is not self.client:
                await client.cut()
            return False

    async def connection(self):
        lost = time.monotonic()
        again = self.client is not None and self.client.closed
        while self.client is None or self.client.closed:
            if not await self.log_in():
                self.pods.append(self.pods.pop(0))
                await asyncio.sleep(self.random.uniform(0.02, 0.2))
        if again:
            self.returns.append((lost, time.monotonic()))
        return self.client

    # ---- what is said and done -----------------------------------------------------------------------

    def note(self, text):
        self.wrong.append(f'{self.name}: {text}')

    def is_in(self, match_id, opponents=None):
        """The server says that this is the player's match."""
        if self.match not in (None, match_id):
            self.note(f'in two matches, {self.match} and {match_id}')
        if match_id in self.results:
            self.note(f'{match_id} is over and begins again')
        self.match = match_id
        if opponents is not None and self.opponents.setdefault(match_id, opponents) != opponents:
            self.note(f'{match_id}: met {self.opponents[match_id]}, then {opponents}')

    async def act_on(self, state):
        self.match = None if state['state'] in ('lobby', 'queueing', 'queued') else self.match
        if state['state'] in ('loading', 'battling'):
            self.is_in(state['match_id'])
        if self.mood.leaving and state['state'] == 'lobby':
            self.over = True
        elif self.mood.leaving and state['state'] == 'queued':
            await self.client.send('dequeue')
        else:
            await super().act_on(state)

    async def on_match_found(self, message):
        self.found = self.found or time.monotonic()
        self.is_in(message['match_id'], [one['player_id'] for one in message['opponents']])
        await self.client.send('loading_complete', match_id=message['match_id'])

    async def on_error(self, message):
        asked = message.get('reply_to')
        await super().on_error({'code': f"{message['code']} to {KINDS[asked - 1] if asked else 'nothing'}"})

    async def on_match_cancelled(self, message):
        self.match = None
        await super().on_match_cancelled(message)

    async def on_battle_result(self, message):
        match_id, digest = message['match_id'], hashlib.sha256(message['frame']).hexdigest()
        seen = [message['outcome'], message['you'], digest]
        if self.match not in (None, match_id):
            self.note(f'in {self.match}, but told the result of {match_id}')
        if self.results.setdefault(match_id, seen) != seen:
            self.note(f'{match_id} told differently')
        if self.this_round not in (None, match_id):
            self.note(f'two results in one round, {self.this_round} and {match_id}')
        self.this_round, self.match = match_id, None
        await self.client.send('ack_result', match_id=match_id)

    async def on_dequeued(self, message):
        self.expired += message['reason'] == 'expired'
        await super().on_dequeued(message)

    async def wish(self):
        self.wished = time.monotonic()

    async def one_match(self):
        self.found = None
        await self.wish()
        await self.play_round()
        if self.this_round is not None and self.wished is not None:
            self.waits.append((self.wished, self.found or time.monotonic(), time.monotonic()))

    async def play_on(self):
        await self.mood.pause(self.random.uniform(0, PAUSE_SECONDS[1]))
        while not self.mood.leaving:
            await self.one_match()
            await self.mood.pause(self.random.uniform(*PAUSE_SECONDS))

    async def come_to_rest(self):
        """Finishes what is going on and ends in the lobby."""
        await self.play_round()

    def seen(self):
        return {'name': self.name, 'results': self.results, 'opponents': self.opponents, 'waits': self.waits,
                'returns': self.returns, 'wrong': self.wrong, 'errors': self.errors, 'logins': self.logins,
                'cancelled': self.cancelled, 'expired': self.expired, 'partner': self.partner and self.partner.name}


class Partner(Bot):
    """Half of a party of two that queues for two against two; the one who leads invites and queues, whenever both want
    to play. What happens to the party is put right at the next state. Their wait begins when the second of them wants
    to play: bringing the party together is a part of it."""

    def __init__(self, name, pods, seed, mood, leads):
        super().__init__(name, pods, seed, mood)
        self.leads, self.plays, self.invitation = leads, False, None

    async def act_on(self, state):
        if state['state'] == 'lobby' and not self.mood.leaving and self.this_round not in self.results:
            self.match = None
            await self.arrange(state.get('party'))
        else:
            await super().act_on(state)

    async def arrange(self, party):
        if party is None and self.leads:
            await self.client.send('party_create')
        elif party is None:
            invitation, self.invitation = self.invitation, None
            if invitation is not None:
                await self.client.send('party_accept', party_id=invitation)
        elif party['leader'] != (self.name if self.leads else self.partner.name):
            await self.client.send('party_leave')
        elif self.leads and self.partner.name not in [one['player_id'] for one in party['members']]:
            if self.partner.name not in party.get('invited', []):
                await self.client.send('party_invite', player_id=self.partner.name)
        elif self.leads and self.wished is not None:
            await self.client.send('enqueue', mode='party')

    async def on_party(self, _):
        await self.client.send('get_state')

    async def on_party_invitation(self, message):
        self.invitation = message['party_id']
        await self.client.send('get_state')

    async def wish(self):
        """Of both, once both want; a mate who has a wish still is in the match before. The leader is to know at once."""
        self.plays, self.wished = True, None
        if self.partner.plays and self.partner.wished is None:
            self.wished = self.partner.wished = time.monotonic()
            if not self.leads:
                await self.partner.look()

    async def look(self):
        with contextlib.suppress(*GONE):
            if self.client is not None and not self.client.closed:
                await self.client.send('get_state')

    async def one_match(self):
        await super().one_match()
        self.plays = False


class Worker:
    """Obeys the lines."""

    def __init__(self, first, count, seed, urls):
        self.doors, self.mood, self.playing = [Door(url) for url in urls], Mood(), []
        self.bots = []
        for number in range(first, first + count):
            home = number % len(urls)
            doors = self.doors[home:] + self.doors[:home]
            if number - first < count // 16 * 4:
                self.bots.append(Partner(f'bot-{number}', doors, seed, self.mood, number % 2 == 0))
            else:
                self.bots.append(Bot(f'bot-{number}', doors, seed, self.mood))
        partners = [bot for bot in self.bots if isinstance(bot, Partner)]
        for leader, mate in zip(partners[::2], partners[1::2]):
            leader.partner, mate.partner = mate, leader

    async def url(self, index, url):
        self.doors[index].url = url

    async def login(self):
        gate = asyncio.Semaphore(LOGINS_AT_ONCE)

        async def enter(bot):
            async with gate:
                while not await bot.log_in():
                    await asyncio.sleep(0.05)
        self.mood.left.set()  # nobody queues yet
        await asyncio.gather(*(enter(bot) for bot in self.bots))

    async def play(self):
        self.mood.left.clear()
        self.playing = [asyncio.create_task(bot.play_on()) for bot in self.bots]

    async def leave(self):
        self.mood.left.set()
        await asyncio.gather(*self.playing)
        await asyncio.gather(*(bot.come_to_rest() for bot in self.bots))

    async def round(self):
        self.mood.left.clear()
        await asyncio.gather(*(bot.one_match() for bot in self.bots))

    async def report(self):
        return [bot.seen() for bot in self.bots]

    async def obey(self, line):
        verb, *arguments = json.loads(line)
        try:
            said = {'done': verb, 'answer': await getattr(self, verb)(*arguments)}
        except Exception:  # pylint: disable=broad-except
            said = {'done': verb, 'failed': traceback.format_exc()}
        print(json.dumps(said), flush=True)


async def main(first, count, seed, *urls):
    worker, running = Worker(int(first), int(count), seed, urls), set()
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        task = asyncio.create_task(worker.obey(line))
        running.add(task)
        task.add_done_callback(running.discard)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
