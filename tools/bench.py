#!/usr/bin/python3
"""Measures the figures of docs/performance.md: prints a table, writes build/bench.json.

    make bench          or   BIN=build tools/bench.py [--quick]

Everything runs on this machine: a private Redis on a unix socket, two pods, real client sockets. The load generator
shares the cores with the servers, so its own cost is in the table too.
"""
import json
import os
import platform
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = os.environ.get('BIN', 'build')
QUICK = '--quick' in sys.argv
PLAYERS, IDLE_PLAYERS, SECONDS = (400, 1000, 4) if QUICK else (2000, 5000, 12)
WAITING, ARRIVALS_PER_S = (400, 100) if QUICK else (2200, 200)


class Bed:
    """A private Redis and pods, started and ended by process id."""

    def __init__(self, pods):
        self.folder = tempfile.mkdtemp(prefix='duelpod-bench-')
        self.socket = os.path.join(self.folder, 'redis.sock')
        self.env = {**os.environ, 'DUELPOD_AUTH_HS256_SECRET': secrets.token_hex(32)}
        self.processes = {}
        self.urls = []
        self.start('redis', ['redis-server', '--port', '0', '--unixsocket', self.socket, '--dir', self.folder,
                             '--save', '', '--appendonly', 'no'])
        self.wait(lambda: os.path.exists(self.socket))
        self.start_ms = max(self.start_pod(f'pod-{chr(97 + n)}') for n in range(pods))

    def start(self, name, command):
        log = open(os.path.join(self.folder, name + '.log'), 'wb')
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=self.env)

    @staticmethod
    def wait(condition, seconds=15.0):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit('bench: something did not start in time')
            time.sleep(0.002)

    def logged(self, name, key):
        """The number that `name` logged as key=number when it started to listen."""
        with open(os.path.join(self.folder, name + '.log')) as log:
            for line in log:
                if ' listening ' in line:
                    return int(line.split(f'{key}=')[1].split()[0])
        return None

    def start_pod(self, pod):
        """Milliseconds from the start of both processes until both say that they are ready."""
        common = [f'--pod.id={pod}', f'--redis.url=unix://{self.socket}', '--admin.port=0', '--log.level=info']
        begin = time.monotonic()
        self.start(f'match-{pod}', [f'{BIN}/match_server', *common])
        self.start(f'game-{pod}', [f'{BIN}/game_server', *common, '--client.port=0', '--client.connections_max=50000'])
        for name in (f'match-{pod}', f'game-{pod}'):
            self.wait(lambda name=name: self.logged(name, 'admin_port'))
            self.wait(lambda name=name: self.is_ready(self.logged(name, 'admin_port')))
        self.urls.append(f'ws://127.0.0.1:{self.logged(f"game-{pod}", "client_port")}/v1/ws')
        return round((time.monotonic() - begin) * 1000)

    @staticmethod
    def is_ready(port):
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/ready', timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def load(self, *arguments):
        out = os.path.join(self.folder, 'load.json')
        pids = [f'--pid={name.split("-")[0]}={process.pid}' for name, process in self.processes.items()]
        command = [f'{BIN}/bench/load', '--url', ','.join(self.urls), '--redis', f'unix://{self.socket}', '--out', out,
                   *pids, *arguments]
        code = subprocess.run(command, env=self.env).returncode
        if code != 0:
            raise SystemExit(f'bench: the load generator ended with {code}')
        with open(out) as file:
            return json.load(file)

    def close(self):
        for name, process in reversed(self.processes.items()):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)


def with_bed(pods, work):
    bed = Bed(pods)
    try:
        return work(bed)
    finally:
        bed.close()


def program(name, *arguments):
    """What build/bench/<name> --json prints, or None when this build has no such program."""
    path = f'{BIN}/bench/{name}'
    if not os.path.exists(path):
        return None
    print(f'== {name}', flush=True)
    return json.loads(subprocess.run([path, '--json', *arguments], check=True, stdout=subprocess.PIPE).stdout)


def measure():
    figures = {}
    for area, name in (('matcher', 'matcher'), ('ranked', 'ranked'), ('commit', 'commit'), ('battle', 'battle'),
                       ('limiter', 'limiter')):
        result = program(name)
        if result is not None:
            figures[area] = result
    print(f'== {IDLE_PLAYERS} idle players on one pod', flush=True)
    idle, start_ms = with_bed(1, lambda bed: (
        bed.load('--idle', '--players', str(IDLE_PLAYERS), '--ramp', '1000', '--quiet'), bed.start_ms))
    figures['memory'] = {'bytes_per_idle_player': round(idle['rss_growth_bytes_per_player']['game']),
                         'players': IDLE_PLAYERS}
    figures['start_ms'] = start_ms
    print(f'== {PLAYERS} players on two pods, as fast as they can', flush=True)
    closed = with_bed(2, lambda bed: bed.load('--players', str(PLAYERS), '--ramp', '2000', '--duration', str(SECONDS),
                                              '--verify', '500'))
    figures['e2e'] = {key: closed[key] for key in ('players', 'matches', 'matches_per_s', 'found_ms', 'enqueued_ms',
                                                   'result_ms', 'login_ms', 'redis_commands_per_match',
                                                   'cpu_us_per_match', 'rss_bytes', 'errors')}
    rate = max(1, round(closed['matches_per_s']))
    print(f'== {rate} players queue per second (half of that rate), open loop', flush=True)
    opened = with_bed(2, lambda bed: bed.load('--players', str(PLAYERS), '--ramp', '2000', '--rate', str(rate),
                                              '--duration', str(SECONDS)))
    figures['open_loop'] = {key: opened[key] for key in ('rate_per_s', 'matches_per_s', 'found_ms', 'enqueued_ms',
                                                         'result_ms')}
    print(f'== {ARRIVALS_PER_S} arrivals per second, {WAITING} others wait', flush=True)
    present = with_bed(2, lambda bed: bed.load('--players', str(WAITING + 2 * ARRIVALS_PER_S), '--waiting', str(WAITING),
                                               '--rate', str(ARRIVALS_PER_S), '--mode', 'ranked', '--ramp', '2000',
                                               '--duration', str(SECONDS)))
    figures['opponent_present'] = {key: present[key] for key in ('rate_per_s', 'waiting_min', 'found_ms')}
    return figures


def rows(figures):
    """(what, figure, unit, aim)"""
    e2e, loop = figures['e2e'], figures['open_loop']
    if 'matcher' in figures:
        for count, ms in figures['matcher']['pass_ms'].items():
            yield f'normal matcher, one pass over {int(count):,} waiting', ms, 'ms', '< 100' if count == '1000000' else ''
        for count, ms in figures['matcher']['party_pass_ms'].items():
            yield f'party matcher, one pass over {int(count):,} parties and solo players', ms, 'ms', ''
    if 'ranked' in figures:
        for count, ms in figures['ranked']['pass_ms'].items():
            yield f'ranked matcher, one pass over {int(count):,} waiting', ms, 'ms', '< 100' if count == '1000000' else ''
        yield 'ranked matcher, memory per waiting ticket', figures['ranked']['bytes_per_ticket'], 'bytes', '< 100'
    if 'commit' in figures:
        yield 'pairs committed through Redis', figures['commit']['pairs_per_s'], '/s', '> 30,000'
    if 'limiter' in figures:
        yield 'one decision of the rate limits', figures['limiter']['decision_ns'], 'ns', '< 200'
        yield '... over a million spoofed addresses', figures['limiter']['spoofed_decision_ns'], 'ns', ''
    if 'battle' in figures:
        yield 'battles without a timeline, one core', figures['battle']['plain_per_s'], '/s', '> 100,000'
        yield 'battles with compressed timeline, one core', figures['battle']['timeline_per_s'], '/s', '> 13,000'
    yield f'whole matches, {e2e["players"]} players, closed loop', e2e['matches_per_s'], '/s', '> 4,000'
    yield f'enqueue to match_found, open loop at {loop["rate_per_s"]}/s, p50', loop['found_ms']['p50'], 'ms', '< 60'
    yield '  p99', loop['found_ms']['p99'], 'ms', '< 150'
    present = figures['opponent_present']
    yield f'ranked, {present["waiting_min"]:,} others waiting, p50', present['found_ms']['p50'], 'ms', '< 60'
    yield '  p99', present['found_ms']['p99'], 'ms', '< 150'
    yield 'enqueue to match_found, closed loop, p50', e2e['found_ms']['p50'], 'ms', ''
    yield '  p99', e2e['found_ms']['p99'], 'ms', ''
    yield 'Redis commands per match, those inside scripts too', e2e['redis_commands_per_match'], '', ''
    for name, us in e2e['cpu_us_per_match'].items():
        yield f'CPU per match: {name}', us, 'us', ''
    yield 'memory per idle player', figures['memory']['bytes_per_idle_player'], 'bytes', '< 6,144'
    yield 'start of a pod to ready', figures['start_ms'], 'ms', '< 300'


def main():
    figures = measure()
    with open('/proc/cpuinfo') as file:
        model = next((line.split(':')[1].strip() for line in file if line.startswith('model name')), 'unknown')
    figures['machine'] = {'cpu': model, 'cores': os.cpu_count(), 'kernel': platform.release()}
    print(f'\n{model}, {os.cpu_count()} cores\n')
    for what, figure, unit, aim in rows(figures):
        number = f'{figure:,.0f}' if figure >= 1000 else f'{figure:,.2f}'
        print(f'  {what:<58} {number:>12} {unit:<6} {aim}')
    path = os.path.join('build', 'bench.json')
    os.makedirs('build', exist_ok=True)
    with open(path, 'w') as file:
        json.dump(figures, file, indent=1)
        file.write('\n')
    print(f'\nwritten to {path}')


if __name__ == '__main__':
    main()
