"""Two pods, players on both, and a Prometheus that scrapes the four servers: shared by the tests that need it.

The load touches every part once and then goes on: battles in both modes and against stages, a party, players who wait,
who cancel, who send nonsense, who bring bad tokens.
"""
import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from client import play
from harness import Lab
from party_test import pair
from processes import ROOT, Process
from profile_test import catalog

SCRAPE_SECONDS = 0.5
PAUSE_SECONDS = 0.1  # between two rounds
PATIENCE_SECONDS = 60  # of what takes a second or two on an idle machine
PARTY = ('wanda', 'wim')


def tool(*arguments):
    """Output of a program that checks something; its complaints when it fails."""
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f'{arguments[:3]}\n{done.stdout}{done.stderr}'
    return done.stdout + done.stderr


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Prometheus:
    """On a free port of loopback, with the project's rules."""

    def __init__(self, folder, servers):
        self.folder, self.servers, self.port, self.process = folder, servers, None, None

    def configuration(self):
        jobs = [{'job_name': job, 'static_configs': [
            {'targets': [f"127.0.0.1:{server.ports['admin_port']}"], 'labels': {'pod': server.pod}}
            for server in self.servers if server.kind == job]} for job in ('game_server', 'match_server')]
        return {'global': {'scrape_interval': f'{int(SCRAPE_SECONDS * 1000)}ms', 'evaluation_interval': '1s'},
                'rule_files': [os.path.join(ROOT, 'deploy/prometheus/*.rules.yaml')],
                'scrape_configs': jobs}

    def start(self, port):
        path = os.path.join(self.folder, 'prometheus.yaml')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(self.configuration(), file)  # JSON is YAML
        self.port = port
        self.process = Process('prometheus', [
            '/usr/bin/prometheus', f'--config.file={path}', f'--web.listen-address=127.0.0.1:{port}',
            f'--storage.tsdb.path={self.folder}/tsdb', '--log.level=warn'],
            os.path.join(self.folder, 'prometheus.log'))

    def _ask(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{path}', timeout=10) as answer:
            return json.load(answer)['data']

    async def get(self, path, **query):
        return await asyncio.to_thread(self._ask, path + ('?' + urllib.parse.urlencode(query) if query else ''))

    async def query(self, expression):
        """[(labels, value)] of an instant query."""
        data = await self.get('/api/v1/query', query=expression)
        return [(row['metric'], float(row['value'][1])) for row in data['result']]

    async def until(self, expression, fits=bool, seconds=PATIENCE_SECONDS):
        """The answer to an instant query as soon as it fits."""
        deadline, rows = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                rows = await self.query(expression)
                if fits(rows):
                    return rows
            assert self.process.running(), self.process.log()[-2000:]
            await asyncio.sleep(0.1)
        raise AssertionError(f'not within {seconds} s: {expression}; last {rows}')


class Stage:
    def __init__(self):
        self.lab, self.pods, self.prometheus, self.rounds, self.tasks = None, [], None, 0, []
        self.party, self.trouble, self.busy, self.go = [], None, 0, asyncio.Event()

    async def open(self):
        """Once, for the first test that needs it."""
        if self.lab is None:
            self.trouble = 'it did not open'
            await self._open()
            self.trouble = None
        assert self.trouble is None, self.trouble

    async def _open(self):
        self.lab = Lab()
        # Whoever plays ranked meets, however far the ratings have drifted apart.
        self.pods = list(await self.lab.two_pods(ranked__window='0:3000'))
        self.prometheus = Prometheus(self.lab.folder, self.lab.servers())
        self.prometheus.start(free_port())
        self.lab.tools.append(self.prometheus.process)
        await self.everything_once()
        self.go.set()
        self.tasks = [asyncio.create_task(self.play_on(number)) for number in range(2)]

    async def everything_once(self):
        lab, (one, two) = self.lab, self.pods
        self.party = [await lab.login(name, one) for name in PARTY]
        await pair(*self.party)
        stranger = await lab.connect(two)
        await stranger.refused('invalid_token', 'authenticate', token='nonsense')
        dodger, other = await lab.login('dan', one), await lab.login('olga', two)
        await dodger.refused_raw('bad_message', 'nonsense')
        await dodger.ask('start_pve', stage=catalog()['stages'][0]['id'])
        await dodger.enqueue()
        await other.enqueue()
        found = await dodger.expect('match_found')
        await dodger.ask('cancel_loading', match_id=found['match_id'])
        await other.expect('match_cancelled')
        await other.ask('dequeue')

    async def play_on(self, number):
        """Two players, one on each pod, again and again, in both modes in turn; one always errs first."""
        clients = [await self.lab.login(f'player-{number}-{pod.name}', pod) for pod in self.pods]
        for turn in itertools.count():
            await self.go.wait()
            self.busy += 1
            for client in clients:
                client.forget()
            await clients[0].refused('not_queued', 'dequeue')
            await play(*clients, mode=('normal', 'ranked')[turn % 2])
            self.busy -= 1
            self.rounds += 1
            await asyncio.sleep(PAUSE_SECONDS)

    def servers(self, kind=None):
        return [server for server in self.lab.servers() if kind in (None, server.kind)]

    async def played(self, rounds):
        """That many more rounds."""
        wanted = self.rounds + rounds
        await self._until(lambda: self.rounds >= wanted, 'nobody plays')

    @contextlib.asynccontextmanager
    async def quiet(self):
        """Nobody plays inside: figures of several cells belong together."""
        self.go.clear()
        await self._until(lambda: self.busy == 0, 'a round does not end')
        yield
        self.go.set()

    async def _until(self, condition, trouble):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.check_load()
            assert time.monotonic() < deadline, trouble
            await asyncio.sleep(0.02)

    def check_load(self):
        """The load must not have ended unseen."""
        for task in self.tasks:
            assert not task.done(), task.exception()

    def logs(self):
        return self.lab.logs() if self.lab else ''

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.lab:
            await self.lab.close()
            self.lab.remove()
