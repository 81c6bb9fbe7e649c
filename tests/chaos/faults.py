"""What can go wrong, and a schedule of it that is a function of its seed.

A fault is a row of FAULTS: how many processes it kills, and a coroutine that does it and puts right what will
not heal by itself. How long the system then takes until every server is ready again is measured.
"""
import asyncio
import random
import time

from holder import IdleHolder

DOWN_SECONDS = (0.0, 0.6)
FROZEN_SECONDS = (0.2, 1.5)
NETWORK_SECONDS = (0.3, 1.2)
READY_SECONDS = 30
PARTIES_SECONDS = 30  # for a party to wait, and for all on one pod to be out of the queue


class Trouble:
    """Does the faults of a schedule to pods, Redis and the network between them."""

    def __init__(self, redis, pods, proxy, crowd, seed, gap_seconds):
        self.redis, self.pods, self.proxy, self.crowd = redis, pods, proxy, crowd
        self.random, self.kills, self.windows = random.Random(seed), 0, []
        self.gap_seconds = (0.5 * gap_seconds, 1.5 * gap_seconds)

    def pod(self):
        return self.random.choice(self.pods)

    async def pause(self, seconds):
        await asyncio.sleep(self.random.uniform(*seconds))

    # ---- processes -----------------------------------------------------------------------------------

    async def restart(self, *servers):
        for server in servers:
            server.kill()
        self.kills += len(servers)
        await self.pause(DOWN_SECONDS)
        for server in servers:
            server.start()
        for server in servers:
            await server.until_listening()
        await self.crowd.tell_urls(self.pods)

    async def freeze(self, process):
        process.pause()
        await self.pause(FROZEN_SECONDS)
        process.resume()

    async def kill_match_server(self):
        await self.restart(self.pod().match)

    async def kill_game_server(self):
        await self.restart(self.pod().game)

    async def kill_pod(self):
        await self.restart(*self.pod().servers)

    async def kill_redis(self):
        self.redis.kill()
        self.kills += 1
        await self.pause(DOWN_SECONDS)
        await asyncio.to_thread(self.redis.start)

    async def freeze_match_server(self):
        await self.freeze(self.pod().match.process)

    async def freeze_game_server(self):
        await self.freeze(self.pod().game.process)

    async def freeze_redis(self):
        await self.freeze(self.redis.process)

    # ---- a pod that is away for longer than its players keep their places ----------------------------

    def parties(self):
        """{pod: {(member, since when)}} of the parties that wait, as Redis knows them."""
        keys, found = self.redis.keys, {}
        for name, since in keys.zrange('queue:party', 0, -1, withscores=True):
            home, mate = keys.hmget(f'metadata:{name}', 'pod', 'mate')
            if mate:
                found.setdefault(home, set()).add((name, since))
        return found

    async def until_parties(self, fit, what):
        deadline = time.monotonic() + PARTIES_SECONDS
        while not fit(found := self.parties()):
            assert time.monotonic() < deadline, f'not within {PARTIES_SECONDS} s: {what}'
            await asyncio.sleep(0.02)
        return found

    async def outlive_lease(self):
        """A game_server stands still until all parties that wait on it have lost their places. Meanwhile the queue of
        parties belongs to a holder that matches nobody, or hardly any would wait that long."""
        done = False
        while not done:
            async with IdleHolder(self.redis.keys, 'party') as holder:
                waiting = await self.until_parties(bool, 'a party waits')
                home = self.random.choice(sorted(waiting))
                game = next(pod.game for pod in self.pods if pod.name == home)
                game.process.pause()
                try:
                    await self.until_parties(lambda now: not now.get(home, set()) & waiting[home], 'leases end')
                finally:
                    game.process.resume()
            done = not holder.robbed  # by a real one: then they may have been matched

    # ---- Redis ---------------------------------------------------------------------------------------

    async def command(self, *words):
        await asyncio.to_thread(self.redis.keys.execute_command, *words)

    async def cut_subscribers(self):
        await self.command('CLIENT', 'KILL', 'TYPE', 'pubsub')

    async def cut_commands(self):
        await self.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')

    async def flush_scripts(self):
        await self.command('SCRIPT', 'FLUSH')

    # ---- the network ---------------------------------------------------------------------------------

    async def slow_network(self):
        await self.proxy.tell('delay', 1, self.random.randint(5, 60))
        await self.proxy.tell('pieces', self.random.choice((7, 64, 500)))
        await self.pause(NETWORK_SECONDS)
        await self.proxy.tell('calm')

    async def stall(self):
        milliseconds = self.random.randint(100, 2500)
        await self.proxy.tell('stall', self.random.choice((20, 50, 100)), milliseconds)
        await asyncio.sleep(milliseconds / 1000)

    async def cut(self):
        await self.proxy.tell('cut', self.random.choice((20, 50, 100)))

    async def reset(self):
        await self.proxy.tell('reset', self.random.choice((20, 50, 100)))

    async def lose_bytes(self):
        milliseconds = self.random.randint(50, 1200)
        await self.proxy.tell('drop', self.random.choice((20, 50, 100)), milliseconds)
        await asyncio.sleep(milliseconds / 1000)

    async def refuse(self):
        milliseconds = self.random.randint(100, 800)
        await self.proxy.tell('refuse', milliseconds)
        await self.proxy.tell('reset', 50)
        await asyncio.sleep(milliseconds / 1000)

    # ---- one after the other -------------------------------------------------------------------------

    async def all_ready(self):
        servers = [server for pod in self.pods for server in pod.servers]
        await asyncio.gather(*(server.until_ready(READY_SECONDS) for server in servers))

    async def run(self, schedule):
        for name in schedule:
            await self.pause(self.gap_seconds)
            start = time.monotonic()
            await getattr(self, name)()
            healed = time.monotonic()
            await self.all_ready()
            self.windows.append((name, start, healed, time.monotonic()))


# kind -> processes it kills
FAULTS = {
    'kill_match_server': 1, 'kill_game_server': 1, 'kill_pod': 2, 'kill_redis': 1,
    'freeze_match_server': 0, 'freeze_game_server': 0, 'freeze_redis': 0,
    'cut_subscribers': 0, 'cut_commands': 0, 'flush_scripts': 0,
    'slow_network': 0, 'stall': 0, 'cut': 0, 'reset': 0, 'lose_bytes': 0, 'refuse': 0,
}


def make_schedule(seed, kills, others, expiries=0):
    """At least so many kills and exactly so many other faults, every kind equally often, in chance order; and so many
    times somewhere between them a fault that lasts. Without it the order of the others is the same."""
    chance, schedule, killed = random.Random(seed), [], 0
    lethal = [name for name, number in FAULTS.items() if number > 0]
    harmless = [name for name, number in FAULTS.items() if number == 0]
    chance.shuffle(harmless)
    while killed < kills:
        schedule.append(lethal[len(schedule) % len(lethal)])
        killed += FAULTS[schedule[-1]]
    schedule += [harmless[number % len(harmless)] for number in range(others)]
    chance.shuffle(schedule)
    for _ in range(expiries):
        schedule.insert(chance.randint(0, len(schedule)), 'outlive_lease')
    return schedule
