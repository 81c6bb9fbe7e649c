"""A primary, two replicas and three sentinels, configured by the files of deploy/redis.

Ports, folders and passwords are the test's own (every password is the name of its user); the rest is as it is
installed. A server that was killed comes back as what its own file says, as after a reboot: the sentinels make
a replica of it.
"""
import asyncio
import os
import re
import signal
import socket
import time

import redis
import redis.sentinel

from processes import ROOT, Process, write_users

DEPLOY = os.path.join(ROOT, 'deploy', 'redis')
MASTER = 'duelpod'
FAILOVER_TIMEOUT_MS = 3000  # sentinels begin no two failovers within twice this
PAUSE_MS = 3000
ELECTION_SECONDS = 90
LOGIN = {'username': 'admin', 'password': 'admin', 'decode_responses': True, 'socket_timeout': 5}


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(('127.0.0.1', 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def deployed(name):
    with open(os.path.join(DEPLOY, name), encoding='utf-8') as file:
        return file.read()


class Member:
    """One redis-server or sentinel, with a folder and a configuration file that it may rewrite."""

    def __init__(self, folder, name, port, configuration, *flags):
        self.name, self.port, self.flags, self.process = name, port, flags, None
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.path = os.path.join(self.folder, f'{name}.conf')
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write(configuration.replace('FOLDER', self.folder))
        self.keys = redis.Redis(port=port, **({} if flags else LOGIN))

    def start(self):
        self.process = Process(self.name, ['redis-server', self.path, *self.flags],
                               os.path.join(self.folder, 'output.log'))

    def role(self):
        """primary, replica (in step with its primary), or None."""
        try:
            found = self.keys.info('replication')
        except redis.RedisError:
            return None
        if found['role'] == 'master':
            return 'primary'
        return 'replica' if found['master_link_status'] == 'up' else None


class Group:
    """In the place of one Redis of a Lab; `keys` are those of the primary of the moment."""

    url = 'redis://127.0.0.1:1'  # leads nowhere: where Redis is, only the sentinels know

    def __init__(self, folder, _durable):
        self.folder = folder
        write_users(os.path.join(folder, 'users.acl'))
        ports = free_ports(6)
        self.members = [Member(folder, f'redis-{port}', port, self._redis_file(port, ports[0]))
                        for port in ports[:3]]
        self.sentinels = [Member(folder, f'sentinel-{port}', port, self._sentinel_file(port, ports[0]), '--sentinel')
                          for port in ports[3:]]
        finder = redis.sentinel.Sentinel([('127.0.0.1', port) for port in ports[3:]], socket_timeout=5)
        self.keys = finder.master_for(MASTER, **LOGIN)

    def _redis_file(self, port, primary):
        own = {'port': port, 'dir': 'FOLDER', 'unixsocket': 'FOLDER/redis.sock', 'masterauth': 'replica',
               'aclfile': os.path.join(self.folder, 'users.acl')}
        text = deployed('redis.conf')
        for name, value in own.items():
            text, count = re.subn(rf'(?m)^{name} .*$', f'{name} {value}', text)
            assert count == 1, name
        return text + ('' if port == primary else f'replicaof 127.0.0.1 {primary}\n')

    @staticmethod
    def _sentinel_file(port, primary):
        text = deployed('sentinel.conf').replace('change-me', 'sentinel')
        text = text.replace('127.0.0.1 6379', f'127.0.0.1 {primary}').replace('port 26379', f'port {port}')
        text = text.replace('dir /tmp', 'dir FOLDER')
        return text.replace('failover-timeout duelpod 10000', f'failover-timeout duelpod {FAILOVER_TIMEOUT_MS}')

    @property
    def options(self):
        """Of the servers."""
        urls = ','.join(f'redis://127.0.0.1:{sentinel.port}' for sentinel in self.sentinels)
        return {'redis__sentinels': urls, 'redis__sentinel_master': MASTER, 'redis__replicas_min': 1}

    def start(self):
        for member in [*self.members, *self.sentinels]:
            member.start()
        deadline = time.monotonic() + ELECTION_SECONDS
        while not self._is_whole():
            assert time.monotonic() < deadline, 'primary, replicas and sentinels do not find each other'
            time.sleep(0.05)

    def _is_whole(self):
        if sorted(str(member.role()) for member in self.members) != ['primary', 'replica', 'replica']:
            return False
        try:
            for sentinel in self.sentinels:
                state = sentinel.keys.sentinel_master(MASTER)
                if state['num-other-sentinels'] != 2 or state['num-slaves'] != 2 or state['flags'] != 'master':
                    return False
            return True
        except (redis.RedisError, KeyError):
            return False

    async def until_whole(self):
        await self._until(self._is_whole, 'everybody is back in place')

    async def _until(self, condition, what):
        deadline = time.monotonic() + ELECTION_SECONDS
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, f'not within {ELECTION_SECONDS} s: {what}'
            await asyncio.sleep(0.05)

    def named(self):
        """The port that each sentinel names."""
        ports = set()
        for sentinel in self.sentinels:
            try:
                ports.add(int(sentinel.keys.sentinel_get_master_addr_by_name(MASTER)[1]))
            except redis.RedisError:
                ports.add(None)
        return ports

    def primary(self):
        """The one that all sentinels name, or None."""
        ports = self.named()
        return next((member for member in self.members if ports == {member.port}), None)

    def _replaced(self, before):
        """All sentinels name another primary, and the third follows it: nobody confirms the old one's writes."""
        now = self.primary()
        third = next((member for member in self.members if member not in (before, now)), None)
        if now in (before, None) or now.role() != 'primary':
            return False
        try:
            return int(third.keys.info('replication').get('master_port', 0)) == now.port
        except redis.RedisError:
            return False

    async def until_replaced(self, before):
        await self._until(lambda: self._replaced(before), f'another primary than {before.name}')

    # ---- failovers; each returns when there is another primary, and leaves the group to come together ----

    async def kill_primary(self):
        before = self.primary()
        before.process.kill()
        await self.until_replaced(before)
        before.start()

    async def freeze_primary(self):
        """It goes on later and finds itself deposed."""
        before = self.primary()
        before.process.pause()
        await self.until_replaced(before)
        before.process.resume()

    async def hand_over(self):
        """The orderly way of docs/operations.md: no writes for a moment, then the order to a sentinel."""
        before = self.primary()
        before.keys.execute_command('CLIENT', 'PAUSE', str(PAUSE_MS), 'WRITE')

        def told():
            try:
                return self.sentinels[0].keys.sentinel_failover(MASTER)
            except redis.ResponseError:  # one is in progress, or no replica is fit just now
                return False
        await self._until(told, 'a sentinel takes the order')
        await self.until_replaced(before)

    # ---- as of one Redis -----------------------------------------------------------------------------

    def denied(self):
        found = []
        for member in self.members:
            try:
                entries = member.keys.execute_command('ACL', 'LOG')
            except redis.RedisError:
                continue
            entries = [dict(zip(entry[::2], entry[1::2])) if isinstance(entry, list) else entry for entry in entries]
            found += [f"{entry['username']}: {entry['reason']} {entry['object']}" for entry in entries]
        return found

    def close(self):
        for member in [*self.members, *self.sentinels]:
            if member.process is not None:
                member.process.signal(signal.SIGCONT)
                member.process.kill()
