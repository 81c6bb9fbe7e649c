"""What a player played lately, and what playing the same opponent again does to ratings."""
import asyncio
import json
import os
import time

from client import play
from harness import needs
from processes import ROOT

UNKNOWN = '01890000-0000-7000-8000-000000000000'


async def history(client, **fields):
    answer = await client.ask('get_history', **fields)
    assert answer['type'] == 'history', answer
    return answer['matches']


@needs(seconds=60)
async def test_the_history_tells_matches_newest_first(lab):
    pod_a, pod_b = await lab.two_pods(ranked__rematch_wait_ms=0)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    assert await history(ana) == []
    start_ms = time.time() * 1000
    results = []
    for mode in ('normal', 'ranked', 'normal'):
        results.insert(0, await play(ana, ben, mode=mode))
    for side, client in enumerate((ana, ben)):
        other = ('ben', 'ana')[side]
        entries = await history(client)
        assert [entry['match_id'] for entry in entries] == [result[side]['match_id'] for result in results]
        for entry, result in zip(entries, results):
            for field in ('mode', 'outcome', 'rating'):
                assert entry.get(field) == result[side].get(field), (entry, result[side])
            opponent, = entry['opponents']
            assert (opponent['player_id'], opponent['name'], opponent['level']) == (other, other, 1)
            assert 'teammates' not in entry
            assert -100 < entry['at_ms'] - start_ms < 60000, entry
        assert await history(client, limit=2) == entries[:2]
        assert await history(client, limit=50) == entries
    again = await lab.login('ana', pod_b)
    assert [entry['match_id'] for entry in await history(again, limit=1)] == [results[0][0]['match_id']]


@needs(seconds=60)
async def test_a_result_told_twice_is_in_the_history_once(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    for client in (ana, ben):
        await client.enqueue()
    found = [await client.expect('match_found') for client in (ana, ben)]
    for client in (ana, ben):
        await client.send('loading_complete', match_id=found[0]['match_id'])
    await ana.expect('battle_result')
    assert len(await history(ana)) == 1, 'also before it is acknowledged'
    again = await lab.login('ana', pod_b)
    await again.acknowledge(await again.expect('battle_result'))
    assert len(await history(again)) == 1


async def test_battles_against_stages_are_in_the_history(lab):
    pod = await lab.pod(pve__interval_ms=0)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    fought = await ana.ask('start_pve', stage='meadow')
    await ana.acknowledge(fought)
    against = (await play(ana, ben))[0]
    newest, stage = await history(ana)
    assert newest['match_id'] == against['match_id'] and 'stage' not in newest
    assert (stage['match_id'], stage['mode'], stage['stage']) == (fought['match_id'], 'pve', 'meadow')
    assert (stage['outcome'], stage.get('stars', 0)) == (fought['outcome'], fought['rewards'].get('stars', 0))
    assert 'opponents' not in stage and 'rating' not in stage


async def test_a_bad_limit_is_refused_and_damaged_entries_are_left_out(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await play(ana, ben)
    for limit in (0, 51, -1, 1.5, 'x', None, []):
        assert (await ana.refused('invalid_field', 'get_history', limit=limit))['field'] == 'limit'
    good = await history(ana)
    for damaged in ('', '{', '{}', '[]', 'x' * 70000, '{"match_id":7}'):
        lab.keys.lpush('history:{ana}', damaged)
    assert await history(ana) == good
    lab.keys.delete('history:{ana}')
    lab.keys.set('history:{ana}', 'garbage')
    await ana.refused('internal', 'get_history')
    await play(ana, ben)
    assert len(await history(ana)) == 1, 'the next result makes a new one'


async def test_the_fullest_history_reaches_the_client(lab):
    pod = await lab.pod()
    (ana,) = await lab.logins(pod, 'ana')
    player = ('{"player_id":"%s","name":"%s","level":10,"rating":100000}' % ('p' * 64, '\\"' * 64)).replace('%', '')
    entry = ('{"match_id":"%s","mode":"party","at_ms":9007199254740991,"outcome":"draw","opponents":[%s,%s],'
             '"teammates":[%s],"rating":{"before":100000,"after":100000,"delta":0}}' % (UNKNOWN, player, player, player))
    lab.keys.rpush('history:{ana}', *[entry] * 60)
    entries = await history(ana)
    assert len(entries) == 50 and entries[49]['teammates'][0]['name'] == '"' * 64


# ---- repeated opponents ----------------------------------------------------------------------------------

def points(score, lead, quarters):
    """docs/decisions/0018: K 40 in the first games."""
    def expected(difference):
        if difference < 0:
            return 1000 - expected(-difference)
        return int(1000 / (1 + 10 ** (-difference / 400)) + 0.5)
    parts = 40 * (score - expected(lead)) * quarters
    return (parts + 2000) // 4000 if parts >= 0 else -((-parts + 2000) // 4000)


@needs(seconds=90)
async def test_the_same_opponent_changes_the_ratings_of_both_less_and_less(lab):
    pod_a, pod_b = await lab.two_pods(ranked__rematch_wait_ms=0, ranked__window='0:1000')
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    ratings = [1200, 1200]
    for quarters in (4, 4, 2, 1, 0, 0):
        results = await play(ana, ben, mode='ranked')
        before = list(ratings)
        for side, result in enumerate(results):
            score = {'win': 1000, 'draw': 500, 'loss': 0}[result['outcome']]
            ratings[side] = before[side] + points(score, before[side] - before[1 - side], quarters)
            assert result['rating'] == {'before': before[side], 'after': ratings[side],
                                        'delta': ratings[side] - before[side]}, (quarters, result)
    record = [lab.keys.hgetall('player:{%s}' % player) for player in ('ana', 'ben')]
    assert [one['games_ranked'] for one in record] == ['6', '6']
    cid = await lab.login('cid', pod_a)
    await asyncio.gather(ana.enqueue('ranked'), cid.enqueue('ranked'))
    results = await asyncio.gather(ana.finish(), cid.finish())
    score = {'win': 1000, 'draw': 500, 'loss': 0}[results[0]['outcome']]
    assert results[0]['rating']['delta'] == points(score, ratings[0] - 1200, 4), 'another opponent, in full'


def endless_catalog(lab):
    """The catalog with a starter deck whose battles never end by themselves."""
    with open(os.path.join(ROOT, 'game_server/catalog/base.json'), encoding='utf-8') as file:
        catalog = json.load(file)
    shields = [{'op': 'shield', 'to': 'my_hero', 'n': 1}] * 11
    catalog['cards'].append({'id': 'bell', 'num': 1000, 'rev': 1, 'kind': 'device', 'rarity': 'common', 'set': 'core',
                             'stats': {'cd': 500, 'multi': 4},
                             'abilities': [{'id': 'ring', 'on': 'ready', 'do': shields}]})
    deck = [{'id': card, 'level': 1, 'slot': slot} for slot, card in enumerate(('militia', 'bell', 'bell', 'bell'))]
    catalog['starter'] = {**catalog['starter'], 'cards': deck}
    catalog['starter']['collection'] = [*catalog['starter']['collection'], 'bell']
    path = os.path.join(lab.folder, 'endless.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(catalog, file)
    return path


@needs(seconds=60)
async def test_a_battle_cut_short_by_a_limit_changes_no_rating(lab):
    pod = await lab.pod(game__catalog_file=endless_catalog(lab))
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for result in await play(ana, ben, mode='ranked'):
        assert result['timeline']['end']['why'] == 'overload', result['timeline']['end']
        assert 'rating' not in result
    assert await pod.game.metric('duelpod_battle_overloads_total') == 1
    for client in (ana, ben):
        stored = lab.keys.hgetall('player:{%s}' % client.player_id)
        assert stored['rating_ranked'] == '1200' and 'games_ranked' not in stored, stored
        assert sum(int(stored[name]) for name in ('wins', 'losses', 'draws')) == 1, 'it was fought'
        entry, = await history(client)
        assert entry['mode'] == 'ranked' and 'rating' not in entry
    assert not lab.keys.exists('opponents:{ana}')
