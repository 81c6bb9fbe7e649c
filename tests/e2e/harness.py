"""What a test is given: a Lab with its own Redis, into which it puts pods and players."""
import asyncio
import os
import shutil
import signal
import tempfile
import time

import jwt

from client import Client
from processes import BUILD, PATIENCE, SECRET, Pod, Process, Redis

END_SECONDS = 60
ISSUER, AUDIENCE = 'duelpod-dev', 'duelpod'


def needs(seconds=60, slots=1, durable=False):
    """What a test may take: its time limit, how many of the runner's slots, a Redis that survives a kill."""
    def mark(function):
        function.seconds, function.slots, function.durable = seconds, slots, durable
        return function
    return mark


def make_token(player_id, secret=SECRET, algorithm='HS256', headers=None, **claims):
    """A good token; claims replace its own, and None removes one."""
    now = int(time.time())
    body = {'sub': player_id, 'iss': ISSUER, 'aud': AUDIENCE, 'iat': now, 'exp': now + 3600, **claims}
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, secret, algorithm=algorithm, headers=headers)


async def until(condition, what, seconds=5):
    """Waits for something that no message tells."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f'not within {seconds} s: {what}'
        await asyncio.sleep(0.01)
    return value


class Lab:
    """Everything of one test; close() ends every process that was started."""

    def __init__(self, durable=False, redis=Redis):
        self.folder = tempfile.mkdtemp(prefix='duelpod-e2e-')
        self.redis = redis(self.folder, durable)
        self.redis.start()
        self.keys = self.redis.keys
        self.pods, self.clients, self.tools = {}, [], []

    def prepare(self, name='a', build=BUILD, **options):
        """A pod that does not run yet. Options as `session__disconnect_grace_ms=300`."""
        options = {key.replace('__', '.'): value for key, value in options.items()}
        pod = self.pods[name] = Pod(f'pod-{name}', self.redis.url, self.folder, options, build)
        return pod

    async def pod(self, name='a', **options):
        """A running, ready pod."""
        pod = self.prepare(name, **options)
        await pod.up()
        return pod

    async def two_pods(self, **options):
        return await asyncio.gather(self.pod('a', **options), self.pod('b', **options))

    def run(self, name, *arguments, **environment):
        """Starts any other program."""
        process = Process(name, list(arguments), os.path.join(self.folder, f'{name}.log'), environment)
        self.tools.append(process)
        return process

    async def connect(self, pod, **options):
        client = await Client.connect(pod.url, **options)
        self.clients.append(client)
        return client

    async def login(self, player_id, pod, **fields):
        """A new connection that is logged in; its welcome is `client.welcome`."""
        client = await self.connect(pod)
        client.welcome = await client.login(make_token(player_id), **fields)
        assert client.player_id == player_id
        return client

    async def logins(self, pod, *player_ids):
        return await asyncio.gather(*(self.login(player_id, pod) for player_id in player_ids))

    def queued(self, mode='normal'):
        """Waiting players, first come first, with the time each came."""
        return [(player, int(q)) for player, q in self.keys.zrange(f'queue:{mode}', 0, -1, withscores=True)]

    def leftovers(self):
        """Matchmaking entries that only a player who waits or plays may have."""
        sets = ('queue:normal', 'queue:ranked', 'queue:party', 'queue:leases', 'outbox', 'match:deadlines')
        return {name: entries for name in sets if (entries := self.keys.zrange(name, 0, -1))}

    async def drained(self, seconds=5):
        """Everything is over: nothing of any match or queue is left in Redis."""
        await until(lambda: not self.leftovers(), 'an empty queue, outbox, lease and deadline set', seconds)

    def servers(self):
        return [server for pod in self.pods.values() for server in pod.servers if server.process]

    def crashes(self):
        """Servers that ended otherwise than by a signal of the test or with exit code 0, now or before a restart, and
        what sanitizers said in any log."""
        troubles = []
        for server in self.servers():
            for process in server.former + [server.process]:
                code = process.child.poll()
                if code not in (None, 0, -9, -15, 130, 143):
                    troubles.append(f'{server.name} ended with {code}')
        for process in [server.process for server in self.servers()] + self.tools:
            if text := process.complaint():
                troubles.append(f'{process.name}: {text}')
        return troubles

    async def end_servers(self):
        """In order, so that a leak is reported (END_IN_ORDER=1, tools/sanitize.sh); else they are killed."""
        running = [server.process for server in self.servers() if server.process.running()]
        for process in running:
            process.resume()
            process.signal(signal.SIGTERM)
        for process in running:
            code = await process.ended(END_SECONDS)
            assert code == 0, f'{process.name} ended with {code}\n{process.complaint()}'

    async def close(self):
        for client in self.clients:
            client.reader.cancel()
            client.socket.transport.abort()
        for process in [server.process for server in self.servers()] + self.tools:
            process.resume()
            process.kill()
        self.redis.close()

    def logs(self, lines=25):
        """The last lines of every log, for a failed test."""
        text = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith('.log') and name != 'redis.log':
                with open(os.path.join(self.folder, name), encoding='utf-8', errors='replace') as file:
                    tail = file.read().splitlines()[-lines:]
                text.append(f'---- {name}\n' + '\n'.join(line[:400] for line in tail))
        return '\n'.join(text)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
