"""One function per script: the keys and arguments as match_server passes them."""
import hashlib
import json

from harness import COMMON

MODES = ['normal', 'ranked', 'party']
LOADING, BATTLE, READY = 30000, 3000, 2000
HALF_LIFE, STEPS, LATE = 43_200_000, '0,60,300,1800,86400', 3000
SEED, COMMITMENT = '0123456789abcdef', 'c' * 64


def snapshot_of(player):
    return json.dumps({'level': 3, 'cards': [{'id': 'militia', 'level': 1, 'slot': 0}], 'of': player})


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def device_hash(device):
    return sha256(device) if device else '-'


def penalty_keys(player, device=''):
    return f'penalty_player={player}', f'penalty_device={device_hash(device)}'


def route(player, ce, rq, pod):
    return [*COMMON, player, ce, rq, pod]


def mode_keys(realm):
    return [realm.key(name, mode) for mode in MODES for name in ('queue', 'queue_log')]


def metadata_keys(realm, players):
    return [realm.key('metadata', player) for player in players]


def enqueue(realm, player, ce=1, rq=1, pod='pod-a', mode='normal', name=None, level=3, mmr=1000, device='',
            snapshot=None, sh=None, mate_keys=(), mate_arguments=()):
    snapshot = snapshot_of(player) if snapshot is None else snapshot
    keys = realm.keys(f'metadata={player}', f'queue={mode}', f'queue_log={mode}', 'queue_leases', 'outbox',
                      'maintenance', *penalty_keys(player, device))
    return realm.run('enqueue', [*keys, *mate_keys],
                     [*route(player, ce, rq, pod), mode, name or player.upper(), level, mmr, device, snapshot,
                      sha256(snapshot) if sh is None else sh, device_hash(device), *mate_arguments])


def party(realm, player, mate, ce=1, pod='pod-b', level=3, mmr=1000, device='', snapshot=None, sh=None, **asker):
    """Both queue. What is said is the mate's; the player's own begins with own_."""
    snapshot = snapshot_of(mate) if snapshot is None else snapshot
    asker = {name.removeprefix('own_'): value for name, value in asker.items()}
    keys = realm.keys(f'metadata={mate}', *penalty_keys(mate, device))
    arguments = [mate, ce, pod, mate.upper(), level, mmr, device, snapshot,
                 sha256(snapshot) if sh is None else sh, device_hash(device)]
    return enqueue(realm, player, **{'mode': 'party', **asker}, mate_keys=keys, mate_arguments=arguments)


def dequeue(realm, player, ce=1, rq=2, pod='pod-a', reason='requested', mate=''):
    keys = realm.keys(f'metadata={player}', 'queue_leases', 'outbox') + mode_keys(realm)
    keys += metadata_keys(realm, [mate] if mate else [])
    return realm.run('dequeue', keys, [*route(player, ce, rq, pod), ','.join(MODES), reason, mate])


def resume(realm, player, ce=2, rq=1, pod='pod-b'):
    keys = realm.keys(f'metadata={player}', 'queue_leases', 'outbox') + mode_keys(realm)
    return realm.run('resume', keys, [*route(player, ce, rq, pod), ','.join(MODES)])


def acquire(realm, owner='me', lease=60_000, seen='', mode='normal'):
    return realm.run('lease_acquire', realm.keys(f'matchmaker_lock={mode}'), ['', owner, lease, seen])


def commit(realm, matches, lock=None, mode='normal', size=2, phase='loading', phase_ms=None):
    """`matches`: [(match id, [(player, version), ...])] or with a host as third value; a version of None means
    the stored one."""
    if lock is None:
        lock = realm.r.get(realm.key('matchmaker_lock', mode)) or acquire(realm, mode=mode)[1]
    phase_ms = phase_ms or (LOADING if phase == 'loading' else BATTLE)
    keys = realm.keys(f'matchmaker_lock={mode}', f'queue={mode}', f'queue_log={mode}', 'queue_leases',
                      'match_deadlines', 'outbox')
    arguments = [*COMMON, lock, mode, size, phase, phase_ms, READY]
    for match, members, *host in matches:
        keys += [realm.key('match', match), *metadata_keys(realm, [member for member, _ in members])]
        arguments += [match, SEED, COMMITMENT, host[0] if host else '']
        for member, version in members:
            arguments += [member, realm.player(member)['ver'] if version is None else version]
    return realm.run('commit', keys, arguments)


def pair(realm, match='m1', players=('ann', 'ben'), **how):
    """Queues the players and commits them into one match."""
    for player in players:
        assert enqueue(realm, player)[0] == 'OK'
    reply = commit(realm, [(match, [(player, None) for player in players], *how.pop('host', []))],
                   size=len(players), **how)
    assert reply[0] == 'OK' and reply[1][0] == 'OK', reply
    return reply


def loading_complete(realm, player, match='m1', players=('ann', 'ben'), ce=1, rq=2, pod='pod-a', host='pod-a'):
    keys = realm.keys(f'metadata={player}', f'match={match}', 'match_deadlines', 'outbox')
    keys += metadata_keys(realm, players)
    return realm.run('loading_complete', keys, [*route(player, ce, rq, pod), match, ','.join(players), BATTLE, READY,
                                                host])


def loading_cancel(realm, player, match='m1', players=('ann', 'ben'), ce=1, rq=2, pod='pod-a', mode='normal', device=''):
    keys = realm.keys(f'metadata={player}', f'match={match}', 'match_deadlines', 'outbox', 'queue_leases',
                      f'queue={mode}', f'queue_log={mode}', *penalty_keys(player, device), 'penalties')
    keys += metadata_keys(realm, players)
    return realm.run('loading_cancel', keys, [*route(player, ce, rq, pod), match, ','.join(players), mode, HALF_LIFE,
                                              STEPS, device_hash(device)])


def match_keys(realm, match, mode, players):
    return realm.keys(f'match={match}', 'match_deadlines', 'outbox', 'queue_leases', f'queue={mode}',
                      f'queue_log={mode}') + metadata_keys(realm, players)


def report(realm, match='m1', players=('ann', 'ben'), digest='d' * 64, winner=0, poisoned='', pod='pod-a',
           mode='normal'):
    return realm.run('report', match_keys(realm, match, mode, players),
                     [*COMMON, match, ','.join(players), mode, digest, winner, poisoned, pod])


def reap(realm, match='m1', players=('ann', 'ben'), host='pod-b', attempts_max=3, mode='normal', devices=None):
    devices = devices or [''] * len(players)
    keys = match_keys(realm, match, mode, [])
    keys += realm.keys('pods', 'penalties') + metadata_keys(realm, players)
    for player, device in zip(players, devices):
        keys += realm.keys(*penalty_keys(player, device))
    return realm.run('reap', keys, [*COMMON, match, ','.join(players), mode, host, BATTLE, READY, attempts_max,
                                    HALF_LIFE, STEPS, ','.join(map(device_hash, devices)), LATE])


def prompt_seen(realm, player, match='m1', ce=1, pod='pod-a', process='p1'):
    return realm.run('prompt_seen', realm.keys(f'metadata={player}', f'match={match}'),
                     [*COMMON, player, ce, match, pod, process])


def penalty_lift(realm, player=None, device=None, relief='full'):
    key, name = penalty_keys(player or '', device or '')[0 if player else 1].split('=')
    index = f'player:{player}' if player else f'device:{device_hash(device)}'
    return realm.run('penalty_lift', realm.keys(f'{key}={name}', 'penalties'), ['', HALF_LIFE, STEPS, index, relief])


def penalty_list(realm, *names):
    keys = [realm.key('penalty_' + name.split(':')[0], name.split(':')[1]) for name in names]
    return realm.run('penalty_list', keys, ['', HALF_LIFE, *names])


def result_ack(realm, player, match='m1', ce=1, rq=3, pod='pod-a'):
    return realm.run('result_ack', realm.keys(f'metadata={player}', 'outbox'),
                     [*route(player, ce, rq, pod), match])


def expire(realm, players, reason='expired'):
    """`players`: ids, or pairs of a player and the mate that is named."""
    pairs = [one if isinstance(one, tuple) else (one, '') for one in players]
    keys = realm.keys('queue_leases', 'outbox') + mode_keys(realm)
    for player, mate in pairs:
        keys += metadata_keys(realm, [player, mate or player])
    return realm.run('expire', keys, [*COMMON, ','.join(MODES), reason, *[part for pair in pairs for part in pair]])


def heartbeat(realm, known=(), pod='pod-a', kind='game', ttl=3000, process=''):
    players = [player for player, _ in known]
    keys = realm.keys('pods', 'queue_leases', 'outbox') + mode_keys(realm) + metadata_keys(realm, players)
    return realm.run('heartbeat', keys, [*COMMON, kind, pod, ttl, ','.join(MODES), process,
                                         *[part for pair in known for part in pair]])


def snapshot_ack(realm, known):
    keys = realm.keys('outbox') + metadata_keys(realm, [player for player, _ in known])
    return realm.run('snapshot_ack', keys, [*COMMON, *[part for pair in known for part in pair]])


def outbox(realm, players):
    return realm.run('outbox', realm.keys('outbox') + metadata_keys(realm, players), [*COMMON, *players])


def queue_mark(realm, mode='normal'):
    return realm.run('queue_mark', realm.keys(f'queue={mode}', f'queue_log={mode}'), [''])
