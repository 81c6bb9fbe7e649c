"""Runs one script of lua/ against a Redis of its own, and shows everything it left behind.

Every call goes through an ACL user that may touch exactly the keys the caller declared, so a script that
touches any other key fails its test. Every test runs three times: with bare keys, with the realm prefix
"{eu}:", and with that prefix on a Redis in cluster mode.
"""
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOW = 1_700_000_000_000
RETRY, LEASE, RETENTION = 300, 5000, 3_600_000
COMMON = ['', RETRY, LEASE, RETENTION]
SNAPSHOT = ['player', 'pod', 'ver', 'st', 'ce', 'rq', 'mode', 'q', 'mid', 'why', 'ready', 'card', 'pen',
            'mate']
DAY = 86_400_000


def free_port():
    """A port whose cluster bus port (10,000 above) exists too."""
    while True:
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port < 55000:
            return port


class Server:
    """A redis-server of our own: ended by its process id, its folder removed."""

    def __init__(self, cluster=False):
        self.folder = tempfile.mkdtemp(prefix='duelpod-lua-')
        self.path = os.path.join(self.folder, 'redis.sock')
        self.options = ['--unixsocket', self.path, '--save', '', '--appendonly', 'no', '--dir', self.folder,
                   '--port', str(free_port()) if cluster else '0', '--bind', '127.0.0.1']
        if cluster:
            self.options += ['--cluster-enabled', 'yes']
        self.launch()
        self.redis = redis.Redis(unix_socket_path=self.path, decode_responses=True)
        del self.redis.response_callbacks['XRANGE']  # it would merge repeated fields
        self.wait(lambda: self.redis.ping())
        if cluster:
            self.redis.execute_command('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
            self.wait(lambda: 'cluster_state:ok' in str(self.redis.execute_command('CLUSTER', 'INFO')))

    def launch(self):
        """Also after the process was killed: an empty one comes back."""
        self.process = subprocess.Popen(['redis-server', *self.options], stdout=subprocess.DEVNULL)

    @staticmethod
    def wait(condition):
        for _ in range(500):
            try:
                if condition():
                    return
            except redis.exceptions.RedisError:
                pass
            time.sleep(0.01)
        raise RuntimeError('redis-server did not come up')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder)


@functools.cache
def script_text(name):
    """What the programs embed: what it shares with others, then the script."""
    return subprocess.check_output([f'{ROOT}/tools/script.sh', f'{ROOT}/lua/{name}.lua'], text=True)


def key_patterns():
    with open(os.path.join(ROOT, 'proto', 'redis_keys.def')) as file:
        return dict(re.findall(r'^KEY\((\w+),\s*"([^"]+)"', file.read(), re.M))


class Realm:
    """One key prefix on one server, empty at the start of every test."""

    PATTERNS = key_patterns()

    def __init__(self, server, prefix):
        self.server, self.prefix, self.r = server, prefix, server.redis
        self.r.flushall()
        self.r.acl_setuser('narrow', enabled=True, nopass=True, commands=['+@all'], keys=[])
        self.narrow = redis.Redis(unix_socket_path=server.path, username='narrow', password='x',
                                  decode_responses=True)
        self.caller = self.narrow  # cost.py calls without the net: checking keys costs more than the scripts
        self.now = NOW
        self.shas = {}

    def close(self):
        self.narrow.close()

    def key(self, name, id=''):
        return self.prefix + re.sub(r'<\w+>', id, self.PATTERNS[name])

    def keys(self, *names):
        """Keys by name; "queue=normal" fills the placeholder."""
        return [self.key(*name.split('=')) for name in names]

    def run(self, script, keys, arguments):
        """Calls the script with the clock of the test in ARGV[1]; only `keys` may be touched."""
        if script not in self.shas:
            self.shas[script] = self.r.script_load(script_text(script))
        if self.caller is self.narrow:
            allowed = ['~' + key for key in dict.fromkeys(keys)]
            self.r.execute_command('ACL', 'SETUSER', 'narrow', 'resetkeys', *allowed)
        arguments = [str(self.now), *[str(argument) for argument in arguments[1:]]]
        return self.caller.evalsha(self.shas[script], len(keys), *keys, *arguments)

    def state(self):
        """Everything stored: {key without prefix: value}, streams as lists of their entries' flat fields."""
        stored = {}
        for key in self.r.keys('*'):
            assert key.startswith(self.prefix), key
            stored[key[len(self.prefix):]] = self.value(key)
        return stored

    def value(self, key):
        kind = self.r.type(key)
        if kind == 'hash':
            return self.r.hgetall(key)
        if kind == 'zset':
            return {member: int(score) for member, score in self.r.zrange(key, 0, -1, withscores=True)}
        if kind == 'stream':
            return [fields for _, fields in self.r.xrange(key)]
        return self.r.lrange(key, 0, -1) if kind == 'list' else self.r.get(key)

    def ttl(self, name, id=''):
        return self.r.pttl(self.key(name, id))

    def player(self, id):
        return self.r.hgetall(self.key('metadata', id))

    def match(self, id):
        return self.r.hgetall(self.key('match', id))


def snapshots(reply, first=3):
    """The players of a flat reply, as dictionaries."""
    values = reply[first:]
    assert len(values) % len(SNAPSHOT) == 0, reply
    return [dict(zip(SNAPSHOT, values[i:i + len(SNAPSHOT)])) for i in range(0, len(values), len(SNAPSHOT))]
