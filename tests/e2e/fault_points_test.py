"""match_server is killed at every single step of its work: nobody is lost, nobody is doubled.

One match_server does all the work of two pods. At the chosen step it ends itself with SIGKILL (see
common/fault.h; built with `make faults-build`); then the other pod's takes over, and later the first comes back.
The players do all that a player can do, so that every step is reached.
"""
import asyncio
import os
import re

from crowd import HABITS, Crowd, settle
from harness import needs, until
from processes import FAULTS_BUILD, ROOT

AT_STOP = {'before_release', 'before_lease_release', 'after_lease_release'}
AT_EXPIRY = {'before_expire', 'after_expire'}
AT_TAKEOVER = {'before_lease_acquire', 'after_lease_acquire', 'before_queue_mark', 'after_queue_mark',
               'during_rebuild'}
AT_ABSENCE = {'before_outbox', 'after_outbox'}
AT_SILENCE = {'before_maintenance', 'after_maintenance', 'before_drain', 'after_drain'}
COUNTS = {'before_heartbeat': 20, 'after_heartbeat': 20}  # the first ones come before anybody plays
OPTIONS = {'session__disconnect_grace_ms': 0, 'session__heartbeat_ms': 300, 'loading__deadline_ms': 1000,
           'queue__lease_ms': 1500, 'pods__heartbeat_ttl_ms': 2500, 'outbox__retry_ms': 100,
           'battle__deadline_ms': 1000, 'maintenance__probe_ms': 100, 'maintenance__silence_ms': 600,
           'penalty__steps_s': '0,1,2'}  # who is late twice, because the machine is slow, still plays on


def fault_points():
    """Every FAULT_POINT(name) of match_server."""
    names, folder = set(), os.path.join(ROOT, 'match_server')
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            names.update(re.findall(r'FAULT_POINT\((\w+)\)', file.read()))
    return sorted(names)


async def takes_over(pods):
    """The first match_server has killed itself; the second starts, and then the first again."""
    assert await pods[0].match.process.ended(25) == -9
    await pods[1].match.up()
    await pods[0].match.up()


async def at_work(_, pods, crowd, faulty):
    """Killed while it serves players."""
    await pods[0].match.up(faulty)
    await crowd.play_while(takes_over(pods))


async def at_stop(_, pods, crowd, faulty):
    """Killed in its orderly end."""
    await pods[0].match.up(faulty)
    await crowd.play()
    pods[0].match.process.signal(15)
    await crowd.play_while(takes_over(pods))


async def at_takeover(_, pods, crowd, faulty):
    """Killed when it takes a queue over from one that was killed."""
    async def change():
        await asyncio.sleep(0.02)
        pods[1].match.kill()
        pods[0].match.start(faulty)
        await takes_over(pods)
    await pods[1].match.up()
    await crowd.play_while(change())


async def at_expiry(lab, pods, crowd, faulty):
    """Killed when it clears up behind a waiter whose pod died."""
    await pods[0].match.up(faulty)
    pod = lab.prepare('c', FAULTS_BUILD)
    await pod.game.up()
    waiter = await lab.login('stranded', pod)
    await waiter.enqueue()
    pod.game.kill()
    await takes_over(pods)
    await until(lambda: not lab.queued(), 'out of the queue')
    waiter = await lab.login('stranded', pods[0])
    assert waiter.welcome['state'] == {'state': 'lobby'}
    await waiter.enqueue()
    await waiter.ask('dequeue')


async def at_absence(lab, pods, crowd, faulty):
    """Killed when it repeats news that nobody has taken: two left while they loaded, and their match times out."""
    await pods[0].match.up(faulty)
    gone = await lab.logins(pods[0], 'gone-1', 'gone-2')
    for client in gone:
        await client.enqueue('ranked')
    for client in gone:
        await client.expect('match_found')
    for client in gone:
        await client.cut()
    await crowd.play_while(takes_over(pods))
    for client in await lab.logins(pods[1], 'gone-1', 'gone-2'):
        assert client.welcome['state'] == {'state': 'lobby'}


async def at_silence(lab, pods, _, faulty):
    """Killed when it notices that no game_server is left."""
    await pods[0].match.up(faulty)
    lab.keys.zadd('queue:leases', {'nobody': 1 << 50})  # somebody waits all the while
    for pod in pods:
        pod.game.kill()
    assert await pods[0].match.process.ended(25) == -9
    lab.keys.zrem('queue:leases', 'nobody')
    await asyncio.gather(*(pod.game.up() for pod in pods))
    await asyncio.gather(*(pod.match.up() for pod in pods))
    await until(lambda: not lab.keys.exists('maintenance:flag'), 'the queues are open')


async def survive(lab, fault):
    pods = [lab.prepare(name, FAULTS_BUILD, **OPTIONS) for name in 'ab']
    await asyncio.gather(*(pod.game.up() for pod in pods))
    crowd = Crowd(pods, 8, HABITS)
    await crowd.log_in()
    story = (at_stop if fault in AT_STOP else at_takeover if fault in AT_TAKEOVER
             else at_expiry if fault in AT_EXPIRY else at_absence if fault in AT_ABSENCE else at_silence if fault in AT_SILENCE else at_work)
    await story(lab, pods, crowd, {'DUELPOD_FAULT': f'{fault}:{COUNTS.get(fault, 1)}'})
    await settle(lab, crowd)
    await crowd.close()


def make_test(fault):
    @needs(seconds=60)
    async def test(lab):
        await survive(lab, fault)
    test.__name__ = f'test_killed_at_{fault}'
    return test


for point in fault_points():
    vars()[f'test_killed_at_{point}'] = make_test(point)
