"""deploy/redis, run as it stands there: what each user may do and may not, and what the configuration promises."""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import redis

from files import ROOT

FOLDER = os.path.join(ROOT, 'deploy', 'redis')
USERS = ('admin', 'replica', 'sentinel', 'match_server', 'game_server')


def lines_of(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return [line for line in file.read().splitlines() if line and not line.startswith('#')]


def listens(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class RedisFiles(unittest.TestCase):
    """A Redis with redis.conf but another port, folder and socket, and with users.acl; passwords are names."""

    @classmethod
    def start(cls):
        cls.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ['redis-server', os.path.join(FOLDER, 'redis.conf'), '--port', '0', '--dir', cls.folder,
             '--unixsocket', cls.socket, '--aclfile', cls.acl, '--min-replicas-to-write', '0'],
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                cls.clients['admin'].ping()
                return
            except redis.RedisError:
                if cls.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='duelpod-redis-')
        cls.socket = os.path.join(cls.folder, 'redis.sock')
        cls.acl = os.path.join(cls.folder, 'users.acl')
        with open(cls.acl, 'w', encoding='utf-8') as file:
            for line in lines_of('users.acl'):
                file.write(re.sub(r'^user (\w+) on', r'user \1 on >\1', line) + '\n')
        cls.clients = {name: redis.Redis(unix_socket_path=cls.socket, username=name, password=name,
                                         decode_responses=True) for name in USERS}
        try:
            cls.start()
        except redis.RedisError:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        for client in cls.clients.values():
            client.close()
        if cls.process.poll() is None:
            cls.process.kill()
        cls.process.wait()
        shutil.rmtree(cls.folder)

    def refused(self, user, *command):
        with self.assertRaises(redis.exceptions.NoPermissionError, msg=f'{user}: {command}'):
            self.clients[user].execute_command(*command)

    def allowed(self, user, *command):
        return self.clients[user].execute_command(*command)

    def test_who_has_no_password_cannot_log_in(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'redis.sock')
            bare = os.path.join(FOLDER, 'users.acl')
            with subprocess.Popen(['redis-server', '--port', '0', '--unixsocket', path, '--aclfile', bare,
                                   '--save', '', '--dir', folder], stdout=subprocess.DEVNULL) as process:
                try:
                    deadline = time.monotonic() + 30
                    while not listens(path) and time.monotonic() < deadline:
                        time.sleep(0.01)
                    for user in USERS:
                        for password in ('', user):
                            with self.assertRaisesRegex(redis.exceptions.ResponseError, 'WRONGPASS'):
                                redis.Redis(unix_socket_path=path, username=user, password=password).ping()
                    with self.assertRaises(redis.exceptions.AuthenticationError):
                        redis.Redis(unix_socket_path=path).ping()
                finally:
                    process.kill()

    def test_a_restart_brings_back_what_scripts_wrote(self):
        """The steps of a script are one transaction in the file, which Redis reads as the user `default`."""
        sha = self.allowed('match_server', 'SCRIPT', 'LOAD', 'redis.call("HSET", KEYS[1], "st", "queued")\n'
                           'redis.call("ZADD", KEYS[2], 1, "ana")')
        self.allowed('match_server', 'EVALSHA', sha, '2', 'metadata:kept', 'queue:kept')
        self.process.kill()
        self.process.wait()
        self.start()
        self.assertEqual(self.allowed('match_server', 'HGET', 'metadata:kept', 'st'), 'queued')
        self.assertEqual(float(self.allowed('match_server', 'ZSCORE', 'queue:kept', 'ana')), 1.0)

    def test_nobody_but_admin_rules_redis(self):
        for user in ('match_server', 'game_server', 'replica', 'sentinel'):
            for command in (('FLUSHALL',), ('FLUSHDB',), ('KEYS', '*'), ('SCAN', '0'), ('ACL', 'LIST'), ('ACL', 'WHOAMI'),
                            ('CONFIG', 'GET', '*'), ('CONFIG', 'SET', 'maxmemory', '1'), ('SHUTDOWN', 'NOSAVE'),
                            ('MONITOR',), ('SAVE',), ('BGREWRITEAOF',),
                            ('FUNCTION', 'LIST'), ('SCRIPT', 'FLUSH'), ('CLIENT', 'LIST'), ('MODULE', 'LIST'),
                            ('RENAME', 'queue:normal', 'queue:ranked'), ('EVAL', 'return 1', '0'),
                            ('DUMP', 'pods'), ('SWAPDB', '0', '1'), ('SELECT', '1')):
                self.refused(user, *command)

    def test_the_services_cannot_change_who_is_primary(self):
        for user in ('match_server', 'game_server', 'replica'):
            self.refused(user, 'REPLICAOF', '127.0.0.1', '1')
            self.refused(user, 'CONFIG', 'REWRITE')
            self.refused(user, 'CLIENT', 'KILL', 'TYPE', 'normal')

    def test_match_server_has_nothing_of_players(self):
        for key in ('player:{ana}', 'session:{ana}', 'inbox:{ana}', 'result:m1', 'party:{p}', 'season', 'anything'):
            self.refused('match_server', 'HMGET', key, 'name')
            self.refused('match_server', 'HSET', key, 'name', 'x')
        self.allowed('match_server', 'HSET', 'metadata:ana', 'st', 'queued')
        self.assertEqual(self.allowed('match_server', 'HGET', 'metadata:ana', 'st'), 'queued')

    def test_game_server_reads_of_matchmaking_what_it_needs_and_writes_none_of_it(self):
        for key in ('metadata:ana', 'match:m1'):
            self.allowed('game_server', 'HMGET', key, 'st')
            self.refused('game_server', 'HSET', key, 'st', 'lobby')
            self.refused('game_server', 'DEL', key)
        for key in ('pods', 'queue:normal'):
            self.allowed('game_server', 'ZSCORE', key, 'game:pod-a')
            self.refused('game_server', 'ZADD', key, '1', 'game:pod-a')
        for key in ('outbox', 'lock:matchmaker:normal', 'penalty:player:ana', 'maintenance:flag', 'anything'):
            self.refused('game_server', 'ZSCORE', key, 'ana')
            self.refused('game_server', 'DEL', key)
        self.allowed('game_server', 'HSET', 'player:{ana}', 'name', 'Ana')

    def test_a_script_has_no_more_rights_than_its_caller(self):
        """EVALSHA is given keys that the service may only read; writing them from inside is refused."""
        write = 'return redis.call("ZADD", KEYS[1], 1, "game:pod-x")'
        sha = self.allowed('game_server', 'SCRIPT', 'LOAD', write)
        with self.assertRaises(redis.exceptions.ResponseError) as caught:
            self.allowed('game_server', 'EVALSHA', sha, '1', 'pods')
        self.assertIn("can't access", str(caught.exception))
        self.assertIsNone(self.allowed('admin', 'ZSCORE', 'pods', 'game:pod-x'))
        self.assertEqual(self.allowed('match_server', 'EVALSHA', sha, '1', 'pods'), 1)
        self.refused('game_server', 'EVALSHA', sha, '1', 'outbox')
        self.refused('match_server', 'EVALSHA', sha, '1', 'season')

    def test_each_service_speaks_and_listens_on_its_own_channels(self):
        self.allowed('match_server', 'PUBLISH', 'battle:request', '{}')
        self.allowed('match_server', 'PUBLISH', 'pod:pod-a:match_result', '{}')
        self.refused('match_server', 'PUBLISH', 'match:enqueue:request', '{}')
        self.refused('match_server', 'PUBLISH', 'anything', '{}')
        self.allowed('game_server', 'PUBLISH', 'match:enqueue:request', '{}')
        self.refused('game_server', 'PUBLISH', 'battle:request', '{}')
        self.refused('game_server', 'PUBLISH', 'pod:pod-a:match_result', '{}')
        for user, channel, right in (('match_server', 'match:enqueue:request', True),
                                     ('match_server', 'pod:pod-a:match_result', False),
                                     ('game_server', 'pod:pod-a:match_result', True),
                                     ('game_server', 'match:enqueue:request', False),
                                     ('game_server', 'alive:pod-a', True)):
            listener = self.clients[user].pubsub()
            listener.subscribe(channel)
            if right:
                self.assertEqual(listener.get_message(timeout=10)['type'], 'subscribe')
            else:
                with self.assertRaises(redis.exceptions.NoPermissionError, msg=(user, channel)):
                    listener.get_message(timeout=10)
            listener.close()

    def test_the_configuration_keeps_what_is_acknowledged(self):
        config = self.allowed('admin', 'CONFIG', 'GET', '*')
        pairs = config if isinstance(config, dict) else dict(zip(config[::2], config[1::2]))
        for name, value in (('appendonly', 'yes'), ('appendfsync', 'everysec'), ('maxmemory-policy', 'noeviction'),
                            ('replica-serve-stale-data', 'no'), ('masteruser', 'replica')):
            self.assertEqual(pairs[name], value, name)
        self.assertIn('min-replicas-to-write 1', lines_of('redis.conf'))
