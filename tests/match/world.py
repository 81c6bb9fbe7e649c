"""A Redis of our own, real match_server processes, and a stand-in for the game_servers of any number of pods.

The stand-in speaks only what a game_server speaks: requests with rising numbers, repeated until a snapshot
shows them; heartbeats; acknowledgements; battle reports. It believes nothing but snapshots.
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import redis

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'lua'))
from harness import Server  # noqa: E402  (the Redis of the script tests)

BINARY = os.path.join(ROOT, os.environ.get('BIN', 'build'), 'match_server')
FAULTY = os.path.join(ROOT, os.environ.get('FAULTS_BIN', 'build/variant-faults'), 'match_server')
PATIENCE = int(os.environ.get('PATIENCE', '1'))  # times longer to wait for what must come: sanitizers are slow
REPEAT_S = 0.25
NEWS = 'maintenance:news'
COMPLAINTS = ('Sanitizer', 'runtime error', 'check failed', 'redis_reply_bad')
ACTIVE = ('loading', 'battling')

# Every hash of players and matches, and the sets that must agree with them.
EVERYTHING = '''
local all = {}
for _, pattern in ipairs({'metadata:*', 'match:*', 'queue:normal', 'queue:ranked', 'queue:party', 'queue:leases'}) do
    for _, key in ipairs(redis.call('KEYS', ARGV[1] .. pattern)) do
        local kind = redis.call('TYPE', key).ok
        all[#all + 1] = {key, kind == 'hash' and redis.call('HGETALL', key)
            or redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')}
    end
end
return all
'''


def wait_until(condition, what, seconds=10):
    """Returns the first true value of `condition`."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError('timed out: ' + (what() if callable(what) else what))
        time.sleep(0.005)


class MatchServer:
    """One match_server process; its log goes to a file in the folder of the Redis."""

    def __init__(self, redis_server, pod, options, fault=None):
        self.pod = pod
        self.log_path = os.path.join(redis_server.folder, f'{pod}-{time.monotonic_ns()}.log')
        environment = dict(os.environ, **({'DUELPOD_FAULT': fault} if fault else {}))
        arguments = {'pod.id': pod, 'redis.url': 'unix://' + redis_server.path, 'admin.port': 0,
                     'redis.backoff_max_ms': 300, **options}
        with open(self.log_path, 'w') as log:
            self.process = subprocess.Popen(
                [FAULTY if fault else BINARY, *[f'--{key}={value}' for key, value in arguments.items()]],
                stderr=log, stdout=log, env=environment)

    def log(self):
        with open(self.log_path) as log:
            return log.read()

    def is_running(self):
        return self.process.poll() is None

    def ask(self, method, path, body=None, **headers):
        """(status, answer) of a page of the admin port."""
        port = wait_until(lambda: re.search(r'admin_port\W+(\d+)', self.log()), 'an admin port').group(1)
        connection = http.client.HTTPConnection('127.0.0.1', int(port), timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


class Player:
    """What a game_server knows of one of its players."""

    def __init__(self, id, pod, epoch):
        self.id, self.pod, self.epoch = id, pod, epoch
        self.number = 0
        self.version = -1
        self.state = 'lobby'
        self.snapshot = {}
        self.history = []   # every fresh snapshot
        self.told = 0       # every snapshot, repetitions included
        self.request = None  # (channel, message) not confirmed yet
        self.repeat_at = 0
        self.refused = []    # error names
        self.refused_player = self.retry_after_ms = None
        self.muted = False   # its pod's heartbeats do not name it
        self.deaf = False    # snapshots are heard but not acknowledged


class Pods:
    """The game_servers of several pods, in one thread that hears and one that repeats and beats."""

    def __init__(self, redis_server, pods, prefix=''):
        self.redis_server, self.prefix, self.pods = redis_server, prefix, set(pods)
        self.r = redis_server.redis
        self.players = {}
        self.battles = []           # battle requests, in order
        self.acknowledge = True
        self.beating = True
        self.reporting = True       # hosts compute at once
        self.report_first = True    # also at the first attempt
        self.seeing = True          # clients answer after match_found
        self.process = 'p1'         # of every pod
        self.news = []              # of maintenance
        self.listens = self.listening = True  # to those; wish and fact
        self.lock = threading.RLock()
        self.closed = False
        self.hears = redis.Redis(unix_socket_path=redis_server.path, decode_responses=True).pubsub()
        self.subscribe()
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self.hear, self.repeat)]
        for thread in self.threads:
            thread.start()

    def subscribe(self):
        names = ['battle:request', NEWS]
        for pod in self.pods:
            names += [f'pod:{pod}:match_result', f'pod:{pod}:battle_result']
        self.hears.subscribe(*[self.prefix + name for name in names])

    def close(self):
        self.closed = True
        for thread in self.threads:
            thread.join()
        self.hears.close()

    # ---- speaking

    def publish(self, channel, message):
        payload = message if isinstance(message, (str, bytes)) else json.dumps(message)
        return self.r.publish(self.prefix + channel, payload)

    def login(self, id, pod='pod-a'):
        with self.lock:
            old = self.players.get(id)
            self.players[id] = Player(id, pod, old.epoch + 1 if old else int(time.time() * 1000))
            return self.players[id]

    def ask(self, player, channel, **fields):
        with self.lock:
            player.number += 1
            player.request = ('match:%s:request' % channel,
                              {'player_id': player.id, 'pod_id': player.pod, 'connection_epoch': player.epoch,
                               'request': player.number, 'attempt': 0, **fields})
            self.send(player)
            return player.number

    def send(self, player):
        channel, message = player.request
        message['attempt'] += 1
        player.repeat_at = time.monotonic() + REPEAT_S
        self.publish(channel, message)

    @staticmethod
    def contestant(player, rating, device):
        return {'name': player.id.upper(), 'level': 3, 'rating': rating,
                'snapshot': {'of': player.id, 'cards': [{'id': 'militia', 'level': 1, 'slot': 0}]},
                **({'device_id': device} if device else {})}

    def enqueue(self, player, mode='normal', device='', rating=1000, **mate):
        return self.ask(player, 'enqueue', mode=mode, **self.contestant(player, rating, device), **mate)

    def enqueue_party(self, player, mate, mode='party', rating=1000, mate_rating=1000, device='', mate_device='',
                      **other):
        """`other`: fields of the mate that are to be wrong."""
        return self.enqueue(player, mode, device, rating, mate={
            'player_id': mate.id, 'pod_id': mate.pod, 'connection_epoch': mate.epoch,
            **self.contestant(mate, mate_rating, mate_device), **other})

    def dequeue(self, player, reason='requested'):
        return self.ask(player, 'dequeue', reason=reason)

    def load(self, player, action='complete'):
        return self.ask(player, 'loading', match_id=player.snapshot['match_id'], action=action)

    def acknowledge_result(self, player):
        return self.ask(player, 'result', match_id=player.snapshot['match_id'])

    def report(self, request, **other):
        self.publish('match:battle:report', {'match_id': request['match_id'], 'pod_id': request['host'],
                                             'digest': 'd' * 64, 'winner': 0, **other})

    # ---- hearing

    def hear(self):
        while not self.closed:
            try:
                if self.listens != self.listening:
                    self.listening = self.listens
                    (self.hears.subscribe if self.listens else self.hears.unsubscribe)(self.prefix + NEWS)
                message = self.hears.get_message(timeout=0.05)
                if message is None or message['type'] != 'message':
                    continue
            except (redis.exceptions.RedisError, OSError, ValueError):
                time.sleep(0.05)
                continue
            body = json.loads(message['data'])
            if message['channel'].endswith('battle:request'):
                self.fight(body)
            elif message['channel'].endswith(NEWS):
                self.news.append(body)
            else:
                pod = message['channel'][len(self.prefix):].split(':')[1]
                self.take(pod, body, message['channel'].endswith('battle_result'))

    def fight(self, request):
        with self.lock:
            self.battles.append(request)
            willing = self.reporting and (self.report_first or request['attempt'] > 0)
            if willing and request['host'] in self.pods:
                self.report(request)

    def take(self, pod, snapshot, result_channel):
        with self.lock:
            player = self.players.get(snapshot['player_id'])
            if player is None or player.pod != pod:
                return
            assert result_channel == (snapshot['state'] == 'result'), snapshot
            player.told += 1
            if snapshot.get('refused'):
                if player.request and snapshot['refused_request'] == player.number:
                    player.request = None
                    player.refused.append(snapshot['refused'])
                    player.retry_after_ms = snapshot.get('retry_after_ms')
                    player.refused_player = snapshot.get('refused_player')
            elif player.request and snapshot['connection_epoch'] == player.epoch and \
                    snapshot['request'] >= player.number:
                player.request = None
            if snapshot['version'] > player.version:
                player.version, player.state, player.snapshot = snapshot['version'], snapshot['state'], snapshot
                player.history.append(snapshot)
            if self.seeing and snapshot['state'] == 'loading':
                self.publish('match:prompt:seen', {
                    'player_id': player.id, 'pod_id': pod, 'instance_id': self.process,
                    'connection_epoch': player.epoch, 'match_id': snapshot['match_id']})
            if self.acknowledge and not player.deaf:
                self.publish('match:snapshot:ack', {'pod_id': pod, 'players': [
                    {'player_id': player.id, 'version': player.version}]})

    def repeat(self):
        beat_at = 0
        while not self.closed:
            time.sleep(0.02)
            now = time.monotonic()
            try:
                with self.lock:
                    for player in self.players.values():
                        if player.request and now >= player.repeat_at:
                            self.send(player)
                if self.beating and now >= beat_at:
                    beat_at = now + 0.5
                    self.beat()
            except (redis.exceptions.RedisError, OSError):
                time.sleep(0.05)

    def beat(self):
        with self.lock:
            for pod in self.pods:
                known = [{'player_id': player.id, 'version': max(player.version, 0)}
                         for player in self.players.values()
                         if player.pod == pod and player.state != 'lobby' and not player.muted]
                for start in range(0, max(len(known), 1), 256):
                    self.publish('match:heartbeat', {'pod_id': pod, 'instance_id': self.process,
                                                     'players': known[start:start + 256]})

    # ---- waiting

    def wait_state(self, player, state, seconds=10):
        wait_until(lambda: player.state == state and player.request is None,
                   lambda: f'{player.id} is {player.state} (asking {player.request}), not {state}', seconds)
        return player.snapshot

    def wait_states(self, players, state, seconds=10):
        for player in players:
            self.wait_state(player, state, seconds)


class World:
    """Everything of one test. Ends exactly what it started, whatever happens."""

    def __init__(self, pods=('pod-a',), **options):
        self.redis_server = Server()
        self.r = self.redis_server.redis
        self.options = {key.replace('__', '.'): value for key, value in options.items()}
        self.servers = []
        self.pods = Pods(self.redis_server, pods, self.options.get('redis.key_prefix', ''))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.pods.close()
        problems = [problem for problem in map(self.end, self.servers) if problem]
        if kind or problems:
            for server in self.servers:
                print(f'---- log of {server.pod}, exit code {server.process.returncode}\n{server.log()[-6000:]}')
        self.redis_server.stop()
        assert kind or not problems, problems

    @staticmethod
    def end(server):
        """Stops a server that still runs in good order; says what was wrong with it."""
        if server.is_running():
            server.process.send_signal(signal.SIGCONT)
            try:
                code = server.terminate()
            except subprocess.TimeoutExpired:
                server.kill()
                return f'{server.pod} did not stop'
            if code != 0:
                return f'{server.pod} stopped with {code}'
        log = server.log()
        return next((f'{server.pod}: {word}' for word in COMPLAINTS if word in log), None)

    def key(self, name):
        return self.pods.prefix + name

    def start(self, pod='pod-a', fault=None, wait=True, **options):
        options = {key.replace('__', '.'): value for key, value in options.items()}
        server = MatchServer(self.redis_server, pod, {**self.options, **options}, fault)
        self.servers.append(server)
        if wait:
            wait_until(lambda: self.r.zscore(self.key('pods'), f'match:{pod}') or not server.is_running(),
                       f'{pod} announces itself')
            wait_until(lambda: self.r.pubsub_numsub(self.key('match:enqueue:request'))[0][1] >=
                       sum(one.is_running() for one in self.servers) or not server.is_running(), f'{pod} listens')
        return server

    def lease(self, mode='normal'):
        return self.r.get(self.key(f'lock:matchmaker:{mode}'))

    def wait_lease(self, pod=None, seconds=5):
        return wait_until(lambda: (self.lease() or '').startswith((pod or '') + '-' if pod else '') and self.lease(),
                          f'a lease of {pod}', seconds)

    def hold_lease(self, mode='normal'):
        """Nobody matches until the lock is deleted."""
        self.r.set(self.key(f'lock:matchmaker:{mode}'), 'test:1', px=60000)

    def release_lease(self, mode='normal'):
        self.r.delete(self.key(f'lock:matchmaker:{mode}'))

    def login_all(self, count, pod='pod-a', name='player'):
        return [self.pods.login(f'{name}-{i:04d}', pod) for i in range(count)]

    def matches(self):
        keys = [key for key in self.r.scan_iter(self.key('match:*'), count=1000) if not key.endswith(':deadlines')]
        return {key.split('match:')[1]: self.r.hgetall(key) for key in keys}

    def drained(self):
        """Nothing is left that somebody would have to do."""
        return all(self.r.zcard(self.key(name)) == 0
                   for name in ('queue:normal', 'queue:ranked', 'queue:party', 'queue:leases', 'match:deadlines',
                                'outbox'))

    def check_everything(self):
        """The invariants that hold at any instant; one script reads everything at one instant."""
        stored = dict(self.r.eval(EVERYTHING, 0, self.pods.prefix))
        stored = {key: dict(zip(flat[::2], flat[1::2])) for key, flat in stored.items()}
        queues = [set(stored.pop(self.key('queue:' + mode), ())) for mode in ('normal', 'ranked', 'party')]
        waiting = set().union(*queues)
        assert len(waiting) == sum(map(len, queues)), queues
        leased, due = [set(stored.pop(self.key(name), ())) for name in ('queue:leases', 'match:deadlines')]
        busy = {}
        matches = {key: one for key, one in stored.items() if key.startswith(self.key('match:'))}
        for key, match in matches.items():
            id = key.split('match:')[1]
            active = match['status'] in ('loading', 'ready', 'battling')
            assert active == (id in due), (key, match)
            for player in match['players'].split(',') if active else ():
                assert player not in busy, (player, id, busy[player])
                busy[player] = id
        for key, fields in stored.items():
            if key in matches:
                continue
            id = key.split('metadata:')[1]
            assert (fields['st'] == 'queued') == (id in waiting) == (id in leased), (id, fields)
            assert (fields['st'] in ACTIVE) == (id in busy), (id, fields, busy.get(id))
            assert id not in busy or busy[id] == fields['mid'], (id, fields)
            if fields['st'] == 'queued' and fields.get('mate'):
                mate = stored[self.key('metadata:' + fields['mate'])]
                assert (mate['st'], mate.get('mate'), mate['q']) == ('queued', id, fields['q']), (id, fields, mate)
