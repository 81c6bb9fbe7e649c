"""The image without a container engine: a root of the same packages, in which both servers serve as a user that
may write nothing."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from files import BIN, ROOT, output, path, runtime_packages, text

USER = 10001
PORTS = {'game_server': 9100, 'match_server': 9101}
# What the slim base image has and an empty root has not.
BASE = ('bash', 'coreutils')
MOUNTED = ('dev', 'proc', 'mnt', 'tmp')
INSIDE = """
set -eu
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount --bind "$SHARED" "$ROOT/mnt"
mount --bind /dev "$ROOT/dev"
mount --bind /proc "$ROOT/proc"
exec chroot --userspec=USER:USER "$ROOT" "$@"
""".replace('USER', str(USER))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def status(port, page):
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{port}{page}', timeout=2) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def wait_for(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {seconds} s: {what}')
        time.sleep(0.05)


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='duelpod-image-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        os.chmod(cls.folder, 0o755)
        cls.root = os.path.join(cls.folder, 'root')
        output('mmdebstrap', '--quiet', '--variant=extract', '--mode=root',
               '--include=' + ','.join((*runtime_packages(), *BASE)), 'bookworm', cls.root)
        local = os.path.join(cls.root, 'usr', 'local')
        share = os.path.join(local, 'share', 'duelpod')
        for folder in (os.path.join(local, 'bin'), share, *(os.path.join(cls.root, name) for name in MOUNTED)):
            os.makedirs(folder, exist_ok=True)
        for program in (*(os.path.join(BIN, server) for server in PORTS), path('docker', 'healthcheck')):
            shutil.copy(program, os.path.join(local, 'bin'))
        shutil.copy(os.path.join(ROOT, 'game_server', 'catalog', 'base.json'), share)
        cls.shared = os.path.join(cls.folder, 'shared')
        os.mkdir(cls.shared, 0o755)

    def inside(self, *command, **environment):
        """A process in the root: own mounts, nothing writable, not root."""
        return subprocess.Popen(
            ['unshare', '--mount', 'bash', '-c', INSIDE, 'inside', *command], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env={'PATH': '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', 'ROOT': self.root,
                 'SHARED': self.shared, **environment})

    def finish(self, process):
        said, _ = process.communicate(timeout=30)
        return process.returncode, said

    def redis(self):
        process = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', os.path.join(self.shared, 'redis.sock'),
             '--unixsocketperm', '777', '--save', '', '--appendonly', 'no', '--dir', self.folder],
            stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def test_the_packages_are_all_that_the_programs_need(self):
        for server in PORTS:
            code, said = self.finish(self.inside(server, '--version'))
            self.assertEqual(code, 0, said)
            self.assertRegex(said, server)

    def test_nothing_is_writable_and_nobody_is_root(self):
        code, said = self.finish(self.inside('bash', '-c', 'id -u; touch /tmp/x /usr/local/bin/x; exit 0'))
        self.assertEqual((code, said.splitlines()[0]), (0, str(USER)))
        self.assertEqual(said.count('Read-only file system'), 2, said)

    def test_both_servers_serve_and_stop(self):
        self.redis()
        game_port, match_port, client_port = free_ports(3)
        common = {'DUELPOD_REDIS_URL': 'unix:///mnt/redis.sock', 'DUELPOD_POD_ID': 'pod-a'}
        game = {**common, 'DUELPOD_AUTH_HS256_SECRET': 's' * 32, 'DUELPOD_ADMIN_PORT': str(game_port), 'DUELPOD_CLIENT_PORT': str(client_port)}
        match = {**common, 'DUELPOD_ADMIN_PORT': str(match_port)}
        processes = [self.inside('game_server', **game), self.inside('match_server', **match)]
        for process in processes:
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.kill)
        for port in (game_port, match_port):
            wait_for(lambda port=port: status(port, '/ready') == 200, f'ready on {port}')
        for environment in (game, match):
            self.assertEqual(self.finish(self.inside('healthcheck', **environment)), (0, ''))
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            code, said = self.finish(process)
            self.assertEqual(code, 0, said)
        code, said = self.finish(self.inside('healthcheck', **game))
        self.assertEqual(code, 1)
        self.assertIn('no server says', said)


class Recipe(unittest.TestCase):
    """What a linter of Dockerfiles would look for."""

    def test_the_dockerfile_is_careful(self):
        lines = text('docker', 'Dockerfile')
        self.assertNotRegex(lines, r'(?m)^FROM \S+:latest')
        self.assertEqual(lines.count('apt-get update'), lines.count('rm -rf /var/lib/apt/lists/*'))
        self.assertEqual(re.findall(r'(?m)^USER (\S+)', lines), [f'{USER}:{USER}'])
        for word in ('CMD', 'HEALTHCHECK'):
            command = re.search(rf'(?m)^{word} .*?(\[.*\])$', lines).group(1)
            self.assertTrue(json.loads(command), 'the form without a shell')
        ports = {int(port) for port in re.search(r'(?m)^EXPOSE (.*)$', lines).group(1).split()}
        self.assertEqual(ports, {8081, *PORTS.values()})
