"""match_server is killed at every single step of its work: nobody is lost, nobody is doubled.

One match_server does all the work of two pods. At the chosen step it ends itself with SIGKILL (common/fault.h, built
with `make FAULTS=1`); then the other pod's takes over, and later the first comes back. The players do everything a
player can do, so that every step is reached.
"""
import asyncio
import os
import re

from crowd import Crowd, settle
from harness import FAULTS_BUILD, ROOT, needs

HABITS = ['cancels', 'returns', 'sleeps', 'dequeues', 'goes']
# Only at an orderly stop; and where a waiter's pod died.
AT_STOP = {'before_release', 'before_lease_release', 'after_lease_release'}
AT_EXPIRY = {'before_expire', 'after_expire'}
GAME_SCRIPTS = {'login', 'player_set', 'result_store', 'result_apply'}


def fault_points():
    """The names of common/fault_points.def that match_server can reach."""
    def rows(macro, *path):
        with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
            return re.findall(rf'^{macro}\((\w+)', file.read(), re.M)
    scripts = [name for name in rows('SCRIPT', 'lua', 'scripts.def') if name not in GAME_SCRIPTS]
    points = [f'{when}_{name}' for name in scripts for when in ('before', 'after')]
    return points + rows('FAULT', 'common', 'fault_points.def')


async def start(lab, fault):
    """Two pods, of which only the first has its match_server yet: the one that dies."""
    pods = [lab.prepare(name, FAULTS_BUILD, session__disconnect_grace_ms=200, session__heartbeat_ms=300,
                        loading__deadline_ms=1000, queue__lease_ms=1500, pods__heartbeat_ttl_ms=1200,
                        outbox__retry_ms=100, battle__deadline_ms=1000) for name in 'ab']
    await pods[0].match.up({'DUELPOD_FAULT': fault})
    await asyncio.gather(*(pod.game.up() for pod in pods))
    return pods


async def strand_a_waiter(lab, crowd):
    """His pod dies while he waits; nobody renews the lease of his place."""
    pod = lab.prepare('c', FAULTS_BUILD)
    await pod.game.up()
    waiter = await lab.login('stranded', pod)
    await waiter.enqueue()
    pod.game.kill()
    assert crowd.rounds == 0


async def takes_over(pods):
    """The first match_server has killed itself; the second starts, and then the first again."""
    assert await pods[0].match.process.ended(25) == -9
    await pods[1].match.up()
    await pods[0].match.up()


async def survive(lab, fault):
    pods = await start(lab, fault)
    crowd = Crowd(pods, 8, HABITS)
    await crowd.log_in()
    if fault in AT_EXPIRY:
        await strand_a_waiter(lab, crowd)
    if fault in AT_STOP:
        await crowd.play()
        pods[0].match.process.signal(15)
    await asyncio.gather(takes_over(pods), crowd.play())
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
