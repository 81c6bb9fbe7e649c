"""Battles against stages: what they bring, once, whatever is repeated or lost; and what is refused."""
import asyncio

from client import play
from harness import make_token, needs, until
from profile_test import catalog

STAGES = [stage['id'] for stage in catalog()['stages']]
FIRST, SECOND, LAST = catalog()['stages'][0], catalog()['stages'][1], catalog()['stages'][-1]
EVERYTHING = ','.join(f'{stage}=1' for stage in STAGES)


async def grown(lab, player, pod, **fields):
    """Logged in, with these fields stored: level, experience, stages. At level 10 nobody loses the first stages."""
    await (await lab.login(player, pod)).close()
    lab.keys.hset('player:{%s}' % player, mapping={'level': 10, 'experience': 3770, **fields})
    return await lab.login(player, pod)


def stored(lab, player):
    return lab.keys.hgetall('player:{%s}' % player), lab.keys.hgetall('inbox:{%s}' % player)


def rewards_of(stage, stars, before=0):
    worth = stage['experience']
    return worth * stars // 3 - worth * before // 3 if stars > before else worth // 10 if stars else 0


async def test_a_new_player_fights_the_first_stage(lab):
    ana = await lab.login('ana', await lab.pod())
    result = await ana.ask('start_pve', stage=FIRST['id'])
    assert (result['type'], result['mode'], result['you']) == ('battle_result', 'pve', 0), result
    sides = result['timeline']['sides']
    assert [side['pid'] for side in sides] == ['ana', f"pve:{FIRST['id']}"]
    assert result['timeline']['mid'] == result['match_id'] and 'rating' not in result
    end, rewards = result['timeline']['end'], result['rewards']
    assert result['outcome'] == {1: 'loss', 0: 'win', -1: 'draw'}[end['win']]
    assert rewards['stage'] == FIRST['id'] and (rewards['stars'] > 0) == (end['win'] == 0)
    assert rewards['experience'] == rewards_of(FIRST, rewards['stars'])
    assert await ana.state() == {'state': 'lobby'}
    await ana.acknowledge(result)
    assert stored(lab, 'ana')[1] == {}
    await ana.refused('no_such_match', 'ack_result', match_id=result['match_id'])


async def test_a_victory_gives_stars_experience_and_what_the_stage_unlocks(lab):
    ana = await grown(lab, 'ana', await lab.pod())
    result = await ana.ask('start_pve', stage=FIRST['id'])
    left, most = result['timeline']['end']['hp'][0], result['timeline']['sides'][0]['hp']
    stars = 1 + sum(left * 1000 // most >= share for share in catalog()['progression']['stars'])
    gained = rewards_of(FIRST, stars)
    assert result['rewards'] == {'stage': FIRST['id'], 'stars': stars, 'best_stars': stars, 'experience': gained,
                                 'level': 10, 'unlocked': [FIRST['reward']]}, result['rewards']
    profile = await ana.ask('get_profile')
    assert profile['stages'] == [{'id': FIRST['id'], 'stars': stars}] and profile['experience'] == 3770 + gained
    assert 'next_level_at' not in profile
    assert FIRST['reward'] in {card['id'] for card in profile['collection']['cards']}
    assert profile['record'] == {'wins': 0, 'losses': 0, 'draws': 0}
    assert profile['ratings'] == {'normal': 1200, 'ranked': 1200, 'party': 1200}
    again = await lab.login('ana', lab.pods['a'])
    assert {name: value for name, value in profile.items() if name not in ('type', 'reply_to')} == \
        again.welcome['profile']


async def test_a_defeat_gives_nothing_and_opens_nothing(lab):
    ana = await grown(lab, 'ana', await lab.pod(pve__interval_ms=0), stages=EVERYTHING)
    before = await ana.ask('get_profile')
    lab.keys.hset('player:{ana}', 'stages', EVERYTHING.rsplit(',', 1)[0])
    result = await ana.ask('start_pve', stage=LAST['id'])  # cards of level 1 against the last stage
    assert result['outcome'] == 'loss', result['rewards']
    assert result['rewards'] == {'stage': LAST['id'], 'stars': 0, 'best_stars': 0, 'experience': 0, 'level': 10}
    after = await ana.ask('get_profile')
    assert after['experience'] == before['experience'] and len(after['stages']) == len(STAGES) - 1


async def test_winning_again_is_worth_a_tenth(lab):
    ana = await grown(lab, 'ana', await lab.pod(), stages=f"{FIRST['id']}=3")
    result = await ana.ask('start_pve', stage=FIRST['id'])
    rewards = result['rewards']
    assert rewards['experience'] == FIRST['experience'] // 10 and rewards['best_stars'] == 3
    assert 'unlocked' not in rewards and 'level_up' not in rewards


async def test_a_new_level_brings_unlocks_and_stronger_cards_into_the_next_match(lab):
    pod = await lab.pod()
    begins, unlocks = catalog()['progression']['experience'], catalog()['progression']['unlocks']
    ana = await grown(lab, 'ana', pod, level=1, experience=begins[2] - 1, stages=f"{FIRST['id']}=1")
    first = await ana.ask('get_profile')
    assert first['next_level_at'] == begins[1]
    while (result := await ana.ask('start_pve', stage=FIRST['id']))['outcome'] != 'win':
        await asyncio.sleep(1)
    rewards = result['rewards']
    assert (rewards['level'], rewards['level_up']) == (3, True), 'two levels at once'
    assert rewards['unlocked'] == unlocks[1] + unlocks[2]
    profile = await ana.ask('get_profile')
    assert profile['level'] == 3 and profile['next_level_at'] == begins[3]
    assert {card['level'] for card in profile['collection']['cards']} == {2}, 'cards rise with the player'
    cards = [{**card, 'level': 2} for card in profile['loadout']['cards']]
    await ana.ask('set_loadout', cards=cards)
    ben = await lab.login('ben', pod)
    results = await play(ana, ben)
    sides = {side['pid']: side for side in results[0]['timeline']['sides']}
    assert (sides['ana']['lvl'], sides['ben']['lvl']) == (3, 1)
    assert {card['lv'] for card in sides['ana']['cards']} == {2}


async def test_stages_open_one_after_the_other(lab):
    ana = await grown(lab, 'ana', await lab.pod(pve__interval_ms=0))
    for stage, following in zip(STAGES[:4], STAGES[1:]):
        error = await ana.refused('stage_locked', 'start_pve', stage=following)
        assert error['field'] == 'stage'
        while (await ana.ask('start_pve', stage=stage))['outcome'] != 'win':
            pass


async def test_a_stage_asks_for_a_level(lab):
    high = next(stage for stage in catalog()['stages'] if stage['player_level'] == 2)
    ana = await grown(lab, 'ana', await lab.pod(), level=1, experience=0, stages=EVERYTHING)
    before = stored(lab, 'ana')
    await ana.refused('stage_locked', 'start_pve', stage=high['id'])
    assert stored(lab, 'ana') == before


async def test_wrong_stages_are_refused_and_change_nothing(lab):
    ana = await lab.login('ana', await lab.pod())
    before = stored(lab, 'ana')
    for stage in ('no_such_stage', f"pve:{FIRST['id']}", FIRST['id'].upper(), 'x' * 32):
        error = await ana.refused('unknown_stage', 'start_pve', stage=stage)
        assert error['field'] == 'stage', error
    for fields in ({}, {'stage': ''}, {'stage': 7}, {'stage': None}, {'stage': ['meadow']}, {'stage': 'x' * 33}):
        await ana.refused('invalid_field', 'start_pve', **fields)
    assert stored(lab, 'ana') == before and not lab.keys.keys('result:*')


async def test_battles_follow_each_other_at_a_bounded_rate(lab):
    ana = await lab.login('ana', await lab.pod(pve__interval_ms=600000))
    for number in (1, 2, 3):
        await ana.send('start_pve', stage=FIRST['id'], id=number)
    for number in (2, 3):
        error = await ana.expect('error', reply_to=number)
        assert error['code'] == 'rate_limited' and 0 < error['retry_after_ms'] <= 600000, error
    result = await ana.expect('battle_result', reply_to=1)
    assert len(lab.keys.keys('result:*')) == 1
    await ana.acknowledge(result)
    assert (await ana.refused('rate_limited', 'start_pve', stage=FIRST['id']))['retry_after_ms'] > 0


async def test_an_unacknowledged_result_is_told_again_on_another_pod_and_counts_once(lab):
    pod_a, pod_b = await lab.two_pods()
    ana = await grown(lab, 'ana', pod_a)
    result = await ana.ask('start_pve', stage=FIRST['id'])
    await ana.cut()
    for pod in (pod_b, pod_a):
        ana = await lab.login('ana', pod)
        assert ana.welcome['profile']['experience'] == 3770 + result['rewards']['experience']
        repeated = await ana.expect('battle_result')
        assert 'reply_to' not in repeated
        for field in ('match_id', 'rewards', 'timeline_text', 'outcome', 'mode'):
            assert repeated[field] == result[field], field
    await ana.acknowledge(repeated)
    ana = await lab.login('ana', pod_b)
    await ana.ask('ping')
    assert not ana.unread('battle_result') and ana.welcome['profile']['stages'] == [
        {'id': FIRST['id'], 'stars': result['rewards']['stars']}]


async def test_a_result_whose_timeline_is_gone_is_forgotten(lab):
    pod = await lab.pod()
    ana = await grown(lab, 'ana', pod)
    result = await ana.ask('start_pve', stage=FIRST['id'])
    await ana.cut()
    lab.keys.delete(f"result:{result['match_id']}")
    ana = await lab.login('ana', pod)
    await until(lambda: not stored(lab, 'ana')[1], 'an empty inbox')
    await ana.ask('ping')
    assert not ana.unread('battle_result')


async def test_a_result_may_be_acknowledged_while_queueing_for_a_match(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    result = await ana.ask('start_pve', stage=FIRST['id'])
    await ana.enqueue()
    await ana.acknowledge(result)
    await ben.enqueue()
    await asyncio.gather(ana.finish(), ben.finish())
    assert await ana.state() == {'state': 'lobby'}


async def test_a_result_against_a_player_leaves_one_against_a_stage_alone(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    first = await ana.ask('start_pve', stage=FIRST['id'])
    await play(ana, ben)
    assert list(stored(lab, 'ana')[1]) == [first['match_id']]
    ana = await lab.login('ana', pod)
    await ana.acknowledge(await ana.expect('battle_result', match_id=first['match_id'], mode='pve'))


async def test_a_newer_battle_takes_the_place_of_one_that_was_not_acknowledged(lab):
    pod = await lab.pod(pve__interval_ms=0)
    ana = await grown(lab, 'ana', pod)
    first, second = [await ana.ask('start_pve', stage=FIRST['id']) for _ in range(2)]
    assert list(stored(lab, 'ana')[1]) == [second['match_id']]
    await ana.refused('no_such_match', 'ack_result', match_id=first['match_id'])
    await ana.acknowledge(second)


async def test_battles_against_stages_are_replayed_and_sent_compressed(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod, timeline_encoding='gzip')
    result = await ana.ask('start_pve', stage=FIRST['id'])
    assert result['timeline_encoding'] == 'gzip' and result['timeline']['mid'] == result['match_id']
    plain = await lab.login('ana', pod)
    replay = await plain.ask('get_replay', match_id=result['match_id'])
    assert replay['timeline'] == result['timeline']


async def test_nobody_can_be_called_like_a_stage(lab):
    client = await lab.connect(await lab.pod())
    await client.send('authenticate', token=make_token(f"pve:{FIRST['id']}"))
    assert (await client.expect('error'))['code'] == 'invalid_token'
    await client.expect_close(4004, False)


@needs(seconds=30)
async def test_redis_that_stands_still_delays_a_battle_and_loses_none(lab):
    pod = await lab.pod(redis__command_timeout_ms=300)
    ana = await grown(lab, 'ana', pod)
    lab.redis.process.pause()
    await ana.send('start_pve', stage=FIRST['id'], id=5)
    await asyncio.sleep(1)  # as long as Redis stands still; commands sent meanwhile are given up
    lab.redis.process.resume()
    result = await ana.expect('battle_result', timeout=20, reply_to=5)
    assert stored(lab, 'ana')[0]['experience'] == str(3770 + result['rewards']['experience'])
    await ana.acknowledge(result)
