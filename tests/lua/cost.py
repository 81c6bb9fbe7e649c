#!/usr/bin/python3
"""How long the scripts hold Redis, by its own count: the median of several calls, in microseconds."""
import json
import os
import statistics
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import calls  # noqa: E402
import membership_test as parties  # noqa: E402
from harness import Realm, Server  # noqa: E402

PAIRS, ROUNDS = 256, 9
LOADOUT = json.dumps({'player_level': 3, 'pod_id': 'pod-a',
                      'cards': [{'id': f'militia_captain_{i}', 'level': 2, 'slot': i} for i in range(8)],
                      'artifacts': ['old_banner', 'war_drum', 'lucky_coin'],
                      'items': [{'id': 'short_sword', 'slot': i} for i in range(8)],
                      'consumables': ['smoke', 'bread']})


def last_call_us(realm):
    """Microseconds in EVALSHA since the last question. (The slow log would copy every command of a script.)"""
    spent = realm.r.info('commandstats')['cmdstat_evalsha']['usec']
    realm.r.config_resetstat()
    return spent


def party_costs(realm, turn, times):
    """A party of two comes together and looks again."""
    ann, ben, party = f'ann-{turn}', f'ben-{turn}', f'01890000-0000-7000-9000-{turn:012d}'
    parties.people(realm, ann, ben)
    realm.r.config_resetstat()
    steps = (('party_create', lambda: parties.create(realm, ann, party)),
             ('party_invite, asked twice', lambda: parties.invite(realm, ben, ann)),
             ('party_accept, asked twice', lambda: parties.accept(realm, ben, party)))
    for name, step in steps:
        assert step().status == 'OK'
        times.setdefault(name, []).append(last_call_us(realm))
    for _ in range(20):
        parties.once(realm, 'party_look', ann, party, [ann, ben], [''])
        times.setdefault('party_look of 2 members', []).append(last_call_us(realm))


def main():
    server = Server()
    server.redis.config_set('slowlog-log-slower-than', -1)
    times = {}
    try:
        realm = Realm(server, '')
        realm.caller, realm.now = realm.r, ''
        calls.acquire(realm, lease=600_000)
        realm.r.config_resetstat()
        for turn in range(ROUNDS):
            party_costs(realm, turn, times)
            players = [f'player-{turn}-{i}' for i in range(2 * PAIRS)]
            for player in players:
                calls.enqueue(realm, player, snapshot=LOADOUT)
                times.setdefault('enqueue', []).append(last_call_us(realm))
            matches = [(f'01890000-0000-7000-8000-{turn:04d}{i:08d}',
                        [(players[2 * i], None), (players[2 * i + 1], None)]) for i in range(PAIRS)]
            reply = calls.commit(realm, matches)
            times.setdefault(f'commit of {PAIRS} pairs', []).append(last_call_us(realm))
            assert [one[0] for one in reply[1:]] == ['OK'] * PAIRS
            known = [(player, realm.player(player)['ver']) for player in players[:256]]
            realm.r.config_resetstat()
            calls.heartbeat(realm, known)
            times.setdefault('heartbeat of 256 players', []).append(last_call_us(realm))
            calls.snapshot_ack(realm, known)
            times.setdefault('snapshot_ack of 256 players', []).append(last_call_us(realm))
            for match, members in matches[:20]:
                two = tuple(member for member, _ in members)
                for player in two:
                    assert calls.loading_complete(realm, player, match, two)[0] in ('OK', 'READY')
                    times.setdefault('loading_complete', []).append(last_call_us(realm))
                assert calls.report(realm, match, two)[0] == 'OK'
                times.setdefault('report', []).append(last_call_us(realm))
        realm.close()
    finally:
        server.stop()
    print(f'snapshot of {len(LOADOUT)} bytes')
    for name, taken in times.items():
        print(f'{name:30} median {statistics.median(taken):7.0f} us   worst {max(taken):7.0f} us')
    per_pair = statistics.median(times[f'commit of {PAIRS} pairs']) / PAIRS
    print(f'{per_pair:.1f} us a committed pair: {1e6 / per_pair:,.0f} pairs/s of one core of Redis')


if __name__ == '__main__':
    main()
