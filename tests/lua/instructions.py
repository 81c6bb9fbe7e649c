#!/usr/bin/python3
"""How many instructions the script calls of a match take in Redis, counted by callgrind: the same on a busy machine.

    instructions.py [FOLDER]    keeps callgrind's files of each script there
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import calls  # noqa: E402
import player_test  # noqa: E402
from cost import LOADOUT  # noqa: E402
from harness import Realm, Server  # noqa: E402

PAIRS, BATCH = 128, 16
DEVICE = 'device-0123456789'


class Counted(Server):
    """A Redis under callgrind."""

    def __init__(self, folder):
        self.counts = folder
        super().__init__()

    def launch(self):
        tool = ['valgrind', '--tool=callgrind', '--quiet', f'--callgrind-out-file={self.counts}/out']
        self.process = subprocess.Popen([*tool, shutil.which('redis-server'), *self.options, '--hz', '1'],
                                        stdout=subprocess.DEVNULL)

    def tell(self, *words):
        subprocess.run(['vgdb', f'--pid={self.process.pid}', *words], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def count(self, name, step):
        """Instructions of one step, all of Redis."""
        self.tell('zero')
        step()
        self.tell('dump', name)
        newest = max((os.path.join(self.counts, file) for file in os.listdir(self.counts)
                      if re.fullmatch(r'out\.\d+', file)), key=lambda path: int(path.rsplit('.', 1)[1]))
        path = os.path.join(self.counts, name)
        os.rename(newest, path)
        with open(path) as file:
            return int(re.search(r'^(?:totals|summary): (\d+)', file.read(), re.M).group(1))


def steps(realm):
    """(name, how many of it a match has, the arguments of each call, the call)."""
    players = [f'019ab000-0000-7000-8000-{i:012d}' for i in range(2 * PAIRS)]
    ids = [f'01890000-0000-7000-8000-{i:012d}' for i in range(PAIRS)]
    matches = [(id, tuple(players[2 * i:2 * i + 2])) for i, id in enumerate(ids)]
    each = [(player, *match) for match in matches for player in match[1]]

    def enqueue(player):
        return calls.enqueue(realm, player, pod='pod-a', name="A player's name", level=5, mmr=1200, device=DEVICE,
                             snapshot=LOADOUT)

    def commit(batch):
        return calls.commit(realm, batch)[1:]

    def loaded(player, match, two):
        return calls.loading_complete(realm, player, match, two)

    def stored(match, _):
        return realm.run('result_store', [realm.key('result', match)],
                         ['', 3_600_000, 'winner', 0, 'digest', 'd' * 64, 'timeline', 't' * 3500])

    def applied(player, match, two):
        other = two[0] if player == two[1] else two[1]
        return player_test.apply(realm, match, 'win', 'ranked', 1200, 0, 1216, 1208, 1204, int(time.time() * 1000),
                                 opponents=other, entry='{"match_id":"%s"}' % match, player=player)

    def batches():
        known = {player: realm.player(player)['ver'] for player in players}
        rows = [(id, [(player, known[player]) for player in two]) for id, two in matches]
        return [(rows[i:i + BATCH],) for i in range(0, PAIRS, BATCH)]

    def versions():
        return [([(player, realm.player(player)['ver']) for player in players[i:i + 16]],)
                for i in range(0, len(players), 16)]

    for key in ('queue=normal', 'queue_leases', 'outbox', 'match_deadlines'): # as large as in use
        realm.r.zadd(realm.keys(key)[0], {f'other-{i}': 2_000_000_000_000 + i for i in range(1000)})
    for player in players:
        player_test.login(realm, player)
    yield 'enqueue', 2, [(player,) for player in players], enqueue
    yield 'commit', 1, batches(), commit
    yield 'prompt_seen', 2, each, lambda player, match, _: calls.prompt_seen(realm, player, match)
    yield 'loading_complete', 2, each, loaded
    yield 'result_store', 1, matches, stored
    yield 'report', 1, matches, lambda match, two: calls.report(realm, match, two)
    yield 'result_apply', 2, each, applied
    yield 'result_ack', 2, each, lambda player, match, _: calls.result_ack(realm, player, match)
    yield 'snapshot_ack', 0, versions(), lambda known: calls.snapshot_ack(realm, known)
    yield 'heartbeat', 0, versions(), lambda known: calls.heartbeat(realm, known)


def main():
    kept = sys.argv[1] if len(sys.argv) > 1 else None
    folder = kept or tempfile.mkdtemp(prefix='duelpod-count-')
    server = Counted(folder)
    total = 0
    try:
        realm = Realm(server, '')
        realm.caller, realm.now = realm.r, ''
        calls.acquire(realm, lease=600_000)
        for name, in_match, arguments, call in steps(realm):
            call_all = [(call, one) for one in arguments]

            def step(calls_made=call_all):
                for function, one in calls_made:
                    reply = function(*one)
                    assert all(word[0] in ('OK', 'READY', 'NEW') for word in (reply if name == 'commit' else [reply])), reply
            first, *rest = call_all # the first one loads the script
            step([first])
            rest_count = len(rest) * (BATCH if name == 'commit' else 1)
            instructions = server.count(name, lambda: step(rest)) / rest_count
            total += in_match * instructions
            print(f'{name:18} {instructions:9,.0f}  x {in_match}', flush=True)
        realm.close()
    finally:
        server.stop()
        if kept is None:
            shutil.rmtree(folder)
    print(f'{"a whole match":18} {total:9,.0f}')


if __name__ == '__main__':
    main()
