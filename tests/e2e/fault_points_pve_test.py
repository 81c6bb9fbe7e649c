"""game_server is killed at every single step of a battle against a stage: it took place once, or never.

The steps are fault points (common/fault.h; built with `make faults-build`). Before the result is applied the battle has
not taken place; from then on it is told at the next login.
"""
from harness import needs
from processes import FAULTS_BUILD
from pve_test import FIRST, stored

NEVER = ('before_pve_battle', 'before_result_store', 'after_result_store', 'before_pve_apply')
ONCE = ('after_pve_apply', 'before_pve_result')


async def killed(lab, point):
    """The pods; the first has killed itself at the point while ana fought there."""
    faulty, other = lab.prepare('a', FAULTS_BUILD), await lab.pod('b')
    await faulty.game.up({'DUELPOD_FAULT': point})
    ana = await lab.login('ana', faulty)
    await ana.send('start_pve', stage=FIRST['id'], id=1)
    assert await faulty.game.process.ended(20) == -9
    assert not ana.unread('battle_result')
    return faulty, other


async def never_took_place(lab, point):
    faulty, other = await killed(lab, point)
    for pod in (other, faulty):
        if pod is faulty:
            await faulty.game.up()
        ana = await lab.login('ana', pod)
        await ana.ask('ping')
        assert not ana.unread('battle_result') and stored(lab, 'ana')[1] == {}
        assert 'experience' not in ana.welcome['profile'] and 'stages' not in ana.welcome['profile']
    result = await ana.ask('start_pve', stage=FIRST['id'])
    assert stored(lab, 'ana')[0].get('experience', '0') == str(result['rewards']['experience'])
    await ana.acknowledge(result)


async def took_place_once(lab, point):
    faulty, other = await killed(lab, point)
    for pod in (other, faulty):
        if pod is faulty:
            await faulty.game.up()
        ana = await lab.login('ana', pod)
        result = await ana.expect('battle_result')
        assert result['mode'] == 'pve' and result['rewards']['stage'] == FIRST['id']
        assert stored(lab, 'ana')[0]['experience'] == str(result['rewards']['experience'])
    await ana.acknowledge(result)
    assert stored(lab, 'ana')[1] == {}


def make_test(story, point):
    @needs(seconds=60)
    async def test(lab):
        await story(lab, point)
    test.__name__ = f'test_killed_at_{point}'
    return test


for one in NEVER:
    vars()[f'test_killed_at_{one}'] = make_test(never_took_place, one)
for one in ONCE:
    vars()[f'test_killed_at_{one}'] = make_test(took_place_once, one)
