"""The processes of a test: a private Redis and the servers of pods, each known and ended by its own pid.

All ports are loopback and free (the servers are started with port 0 and print what they got), Redis listens
on a unix socket only. A child also dies with the runner, however that ends.
"""
import asyncio
import ctypes
import json
import os
import re
import signal
import subprocess
import time

import redis

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.path.join(ROOT, os.environ.get('BIN', 'build'))
FAULTS_BUILD = os.path.join(ROOT, os.environ.get('FAULTS_BIN', 'build/variant-faults'))
SECRET = 'a-secret-that-only-these-tests-know-0123456789'
PATIENCE = int(os.environ.get('PATIENCE', '1'))  # times longer to wait for what must come: sanitizers are slow
START_SECONDS = 10 * PATIENCE
STOP_SECONDS = 10 * PATIENCE
COMPLAINTS = ('Sanitizer', 'runtime error:', 'check failed')

# Which server an option of a pod belongs to; the sections that stand here in neither list go to both.
GAME_SECTIONS = {'client', 'limits', 'session', 'party', 'auth', 'game', 'pve', 'season'}
MATCH_SECTIONS = {'queue', 'ranked', 'matchmaker', 'loading', 'battle', 'outbox', 'reaper', 'pods', 'match',
                  'penalty', 'maintenance'}

_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


class Process:
    """One child; its output goes to a file."""

    def __init__(self, name, arguments, log_path, environment=None):
        self.name, self.log_path = name, log_path
        with open(log_path, 'ab') as log:
            self.child = subprocess.Popen(  # pylint: disable=consider-using-with,subprocess-popen-preexec-fn
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                env={**os.environ, **(environment or {})}, preexec_fn=_die_with_parent)
        self.pid = self.child.pid

    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def kill(self):
        """SIGKILL, and gone when this returns."""
        self.signal(signal.SIGKILL)
        return self.child.wait()

    def threads_run(self):
        """Is any thread in another state than stopped?"""
        states = set()
        for thread in os.listdir(f'/proc/{self.pid}/task'):
            with open(f'/proc/{self.pid}/task/{thread}/stat', encoding='utf-8') as file:
                states.add(file.read().rpartition(')')[2].split()[0])
        return states != {'T'}

    def pause(self):
        """Stands still when this returns; the signal alone takes effect later."""
        self.signal(signal.SIGSTOP)
        while self.running() and self.threads_run():
            time.sleep(0.001)

    def resume(self):
        self.signal(signal.SIGCONT)

    async def ended(self, seconds=STOP_SECONDS):
        """Its exit code; negative for the signal that ended it."""
        deadline = time.monotonic() + seconds
        while self.running():
            assert time.monotonic() < deadline, f'{self.name} does not end within {seconds} s'
            await asyncio.sleep(0.005)
        return self.child.returncode

    async def terminate(self, seconds=STOP_SECONDS):
        self.signal(signal.SIGTERM)
        return await self.ended(seconds)

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def complaint(self):
        """What a sanitizer or check() said, or nothing."""
        lines = self.log().splitlines()
        first = next((i for i, line in enumerate(lines) if any(word in line for word in COMPLAINTS)), len(lines))
        return '\n'.join(line[:400] for line in lines[first:first + 60])

    def events(self, name):
        """The log's JSON lines with this event."""
        lines = (line for line in self.log().splitlines() if f'"event":"{name}"' in line)
        return [json.loads(line) for line in lines]


def write_users(path):
    """deploy/redis/users.acl as an operator installs it; the password of each user is its name."""
    with open(os.path.join(ROOT, 'deploy', 'redis', 'users.acl'), encoding='utf-8') as file:
        text = re.sub(r'(?m)^user (\w+) on', r'user \1 on >\1', file.read())
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


class Redis:
    """A redis-server on a unix socket, with the users of deploy/redis: every server of every test may do what its
    own user may do. With `durable` nothing acknowledged is lost by a kill."""

    def __init__(self, folder, durable=False):
        self.folder, self.durable = folder, durable
        self.socket = os.path.join(folder, 'redis.sock')
        self.url = f'unix://{self.socket}'
        self.process = None
        self.users = os.path.join(folder, 'users.acl')
        self.keys = redis.Redis(unix_socket_path=self.socket, decode_responses=True, username='admin',
                                password='admin')

    def start(self):
        write_users(self.users)
        self.process = Process('redis', [
            'redis-server', '--port', '0', '--unixsocket', self.socket, '--dir', self.folder, '--save', '',
            '--aclfile', self.users,
            '--appendonly', 'yes' if self.durable else 'no', '--appendfsync', 'always',
        ], os.path.join(self.folder, 'redis.log'))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.keys.ping()
            except redis.RedisError:
                assert self.process.running() and time.monotonic() < deadline, self.process.log()
                time.sleep(0.005)

    def kill(self):
        self.process.kill()
        self.keys.connection_pool.disconnect()

    def close(self):
        self.process.kill()

    def denied(self):
        """What Redis refused to the servers' users; nothing of a Redis that is gone."""
        try:
            entries = self.keys.execute_command('ACL', 'LOG')
        except redis.RedisError:
            return []
        entries = [dict(zip(entry[::2], entry[1::2])) if isinstance(entry, list) else entry for entry in entries]
        return [f"{entry['username']}: {entry['reason']} {entry['object']} ({entry['context']})"
                for entry in entries if entry['username'] in ('match_server', 'game_server')]

    def listen(self, *patterns):
        """What passes on these channels from now on; see Channels."""
        return Channels(self.keys, patterns)


class Channels:
    """A subscriber of the test: collects messages as (channel, text)."""

    def __init__(self, keys, patterns):
        self.subscriber = keys.pubsub(ignore_subscribe_messages=False)
        self.subscriber.psubscribe(*patterns)
        self.seen, confirmed = [], 0
        while confirmed < len(patterns):
            confirmed += (self.subscriber.get_message(timeout=1) or {}).get('type') == 'psubscribe'

    def drain(self):
        while message := self.subscriber.get_message(timeout=0):
            if message['type'] == 'pmessage':
                self.seen.append((message['channel'], message['data']))
        return self.seen

    def records(self, channel):
        return [json.loads(text) for name, text in self.drain() if name == channel]

    def close(self):
        self.subscriber.close()


async def http_ask(port, method, path, body='', headers=''):
    """(status, body) of an admin page."""
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    try:
        writer.write(f'{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}'
                     f'Content-Length: {len(body.encode())}\r\n\r\n{body}'.encode())
        answer = await asyncio.wait_for(reader.read(), 5 * PATIENCE)
    finally:
        writer.close()
    head, _, body = answer.partition(b'\r\n\r\n')
    return int(head.split()[1]), body.decode()


async def http_get(port, path):
    return await http_ask(port, 'GET', path)


class Server:
    """game_server or match_server of one pod; survives restarts as an object."""

    def __init__(self, kind, pod, redis_url, folder, options, build=BUILD):
        self.kind, self.pod, self.build = kind, pod, build
        self.name = f'{kind}@{pod}'
        self.log_path = os.path.join(folder, f'{self.name}.log')
        self.options = {'pod.id': pod, 'redis.url': redis_url, 'redis.username': kind,
                        'admin.port': 0, 'log.format': 'json',
                        'redis.backoff_max_ms': 500, **({'client.port': 0} if kind == 'game_server' else {}),
                        **options}
        self.process, self.former, self.ports = None, [], {}

    def start(self, environment=None, build=None):
        flags = [f'--{key}={value}' for key, value in self.options.items()]
        secret = {'DUELPOD_AUTH_HS256_SECRET': SECRET} if self.kind == 'game_server' else {}
        secret['DUELPOD_REDIS_PASSWORD'] = self.kind
        binary = os.path.join(build or self.build, self.kind)
        assert os.path.exists(binary), f'{binary} is not built'
        self.heard = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        self.former += [self.process] if self.process else []
        self.process = Process(self.name, [binary, *flags], self.log_path, {**secret, **(environment or {})})

    def _listening(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            file.seek(self.heard)
            for line in file:
                if '"event":"listening"' in line and line.endswith('\n'):
                    return json.loads(line)
        return None

    async def until_listening(self):
        deadline = time.monotonic() + START_SECONDS
        while (line := self._listening()) is None:
            assert self.process.running(), f'{self.name} ended:\n{self.process.log()[-3000:]}'
            assert time.monotonic() < deadline, f'{self.name} does not listen'
            await asyncio.sleep(0.005)
        self.ports = line

    async def until_ready(self, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            try:
                status, body = await self.get('/ready')
            except asyncio.TimeoutError:
                status, body = None, 'no answer'
            if status == 200:
                return
            assert time.monotonic() < deadline, f'{self.name} is not ready within {seconds} s: {body}'
            await asyncio.sleep(0.01)

    async def up(self, environment=None, build=None):
        self.start(environment, build)
        await self.until_listening()
        await self.until_ready()

    async def get(self, path):
        return await http_get(self.ports['admin_port'], path)

    async def post(self, path, body, headers=''):
        return await http_ask(self.ports['admin_port'], 'POST', path, body, headers)

    async def metric(self, name):
        """The value of one line of /metrics, `name` with its labels."""
        _, text = await self.get('/metrics')
        for line in text.splitlines():
            if line.startswith(name + ' '):
                return float(line.split()[-1])
        raise AssertionError(f'{self.name} has no metric {name}')

    def kill(self):
        return self.process.kill()


class Pod:
    """The two servers of a pod."""

    def __init__(self, name, redis_url, folder, options, build=BUILD):
        of_game = {key: value for key, value in options.items() if key.split('.')[0] not in MATCH_SECTIONS}
        of_match = {key: value for key, value in options.items() if key.split('.')[0] not in GAME_SECTIONS}
        self.name = name
        self.game = Server('game_server', name, redis_url, folder, of_game, build)
        self.match = Server('match_server', name, redis_url, folder, of_match, build)
        self.servers = [self.match, self.game]

    async def up(self):
        for server in self.servers:
            server.start()
        for server in self.servers:
            await server.until_listening()
        await asyncio.gather(*(server.until_ready() for server in self.servers))

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.game.ports['client_port']}/v1/ws"

    def kill(self):
        for server in self.servers:
            server.kill()
