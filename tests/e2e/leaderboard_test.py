"""Leaderboards and seasons: who stands where, who is asked about, and what a new season changes."""
import asyncio
import json

from client import play
from harness import needs, until
from ranked_test import rated

SCALE = 2 ** 36


def place(lab, player, rating, age=0, season=1, mode='ranked'):
    """A place on a leaderboard, as lua/result_apply.lua makes it; `age` tenths of a second later than others."""
    lab.keys.zadd(f'leaderboard:{season}:{mode}', {player: rating * SCALE + SCALE - 1 - 17_000_000_000 - age})


def crowd(lab, count):
    """p000 stands first, at 3000; every second one has a name."""
    for number in range(count):
        player = f'p{number:03d}'
        place(lab, player, 3000 - number)
        if number % 2 == 0:
            lab.keys.hset('player:{%s}' % player, 'name', f'Name {number}')


def row(number):
    return {'rank': number + 1, 'player_id': f'p{number:03d}', 'rating': 3000 - number,
            'name': f'Name {number}' if number % 2 == 0 else f'p{number:03d}'}


async def test_a_ranked_result_gives_both_players_their_place(lab):
    pod_a, pod_b = await lab.two_pods()
    (ana,), (ben,) = await rated(lab, pod_a, ana=1500), await rated(lab, pod_b, ben=1500)
    empty = await ana.ask('get_leaderboard', mode='ranked')
    assert (empty['type'], empty['season'], empty['mode'], empty['players'], empty['entries']) == \
        ('leaderboard', 1, 'ranked', 0, []) and 'you' not in empty, empty
    results = await play(ana, ben, mode='ranked')
    after = {client.player_id: result['rating']['after'] for client, result in zip((ana, ben), results)}
    ranks = sorted(after, key=lambda player: -after[player])
    await ben.ask('set_name', name='Benjamin')
    board = await ben.ask('get_leaderboard', mode='ranked', around=True)
    names = {'ana': 'ana', 'ben': 'Benjamin'}
    assert board['entries'] == [{'rank': at + 1, 'player_id': player, 'name': names[player], 'rating': after[player]}
                                for at, player in enumerate(ranks)] or after['ana'] == after['ben'], board
    assert board['you'] == next(entry for entry in board['entries'] if entry['player_id'] == 'ben')


async def test_the_best_come_first_and_as_many_as_asked_for(lab):
    crowd(lab, 130)
    ana = await lab.login('ana', await lab.pod())
    for limit in (1, 7, 100):
        board = await ana.ask('get_leaderboard', mode='ranked', limit=limit)
        assert board['players'] == 130 and 'you' not in board
        assert board['entries'] == [row(number) for number in range(limit)], limit
    assert len((await ana.ask('get_leaderboard', mode='ranked'))['entries']) == 10
    assert (await ana.ask('get_leaderboard', mode='party'))['entries'] == []


async def test_around_a_player_are_those_next_to_him(lab):
    crowd(lab, 130)
    pod = await lab.pod()
    for player, first in (('p060', 55), ('p002', 0), ('p129', 120)):
        lab.keys.delete('player:{%s}' % player)
        client = await lab.login(player, pod)
        board = await client.ask('get_leaderboard', mode='ranked', around=True)
        wanted = [row(number) for number in range(first, first + 10)]
        for entry in wanted:
            entry['name'] = client.welcome['profile']['name'] if entry['player_id'] == player else entry['name']
        assert board['entries'] == wanted, player
        assert board['you'] == wanted[int(player[1:]) - first]


async def test_of_equal_ratings_the_earlier_stands_higher(lab):
    for age, player in enumerate(('cid', 'ana', 'ben')):
        place(lab, player, 1500, age)
    ana = await lab.login('ana', await lab.pod())
    board = await ana.ask('get_leaderboard', mode='ranked')
    assert [entry['player_id'] for entry in board['entries']] == ['cid', 'ana', 'ben'] and board['you']['rank'] == 2


async def test_wrong_questions_are_refused(lab):
    ana = await lab.login('ana', await lab.pod())
    for mode in ('normal', 'pve', 'no_such_mode', 'Ranked'):
        assert (await ana.refused('unknown_mode', 'get_leaderboard', mode=mode))['field'] == 'mode'
    for limit in (0, 101, -1, 2 ** 53, 1.5, '10'):
        error = await ana.refused('invalid_field', 'get_leaderboard', mode='ranked', limit=limit)
        assert error['field'] == 'limit', error
    for fields in ({}, {'mode': 'ranked', 'around': 'yes'}, {'mode': 7}):
        await ana.refused('invalid_field', 'get_leaderboard', **fields)


async def test_the_best_are_read_once_in_a_while_and_ones_own_place_always(lab):
    pod = await lab.pod(season__leaderboard_cache_ms=600000, client__shards=1)
    crowd(lab, 20)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    first = await ana.ask('get_leaderboard', mode='ranked')
    place(lab, 'ben', 5000)
    second = await ben.ask('get_leaderboard', mode='ranked', limit=5)
    assert second['entries'] == first['entries'][:5]
    assert second['you'] == {'rank': 1, 'player_id': 'ben', 'name': 'ben', 'rating': 5000} and second['players'] == 21
    around = await ben.ask('get_leaderboard', mode='ranked', around=True, limit=5)
    assert around['entries'][0]['player_id'] == 'ben'


async def test_one_question_of_a_player_at_a_time(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    lab.redis.process.pause()
    for number in (1, 2):
        await ana.send('get_leaderboard', mode='ranked', id=number)
    assert (await ana.expect('error', reply_to=2))['code'] == 'rate_limited'
    lab.redis.process.resume()
    assert (await ana.expect('leaderboard', reply_to=1))['entries'] == []
    assert (await ana.ask('get_leaderboard', mode='ranked'))['entries'] == []


# ---- seasons ------------------------------------------------------------------------------------------


async def begin(pod, ending):
    status, body = await pod.game.post('/season', json.dumps({'ending': ending}))
    assert status == 200, (status, body)
    assert json.loads(body)['season'] == ending + 1
    return json.loads(body)


async def test_an_operator_begins_a_season_once(lab):
    pod_a, pod_b = await lab.two_pods()
    assert await pod_a.game.get('/season') == (200, '{"season":1}\n')
    begun = await begin(pod_a, 1)
    for pod in (pod_a, pod_b):
        status, body = await pod.game.post('/season', '{"ending":1}')
        assert status == 409 and json.loads(body) == begun, 'a command given twice'
        assert json.loads((await pod.game.get('/season'))[1]) == begun
    for body in ('', '[]', '{}', '{"ending":"2"}', '{"ending":0}', '{"ending":1.5}'):
        assert (await pod_a.game.post('/season', body))[0] == 400, body
    assert (await pod_a.game.post('/season', '{"ending":2}', 'Origin: http://evil\r\n'))[0] == 403
    assert json.loads((await pod_a.game.get('/season'))[1]) == begun


async def test_ratings_fall_back_once_wherever_their_players_are(lab):
    pod_a, pod_b = await lab.two_pods(season__keep_permille=500)
    (ana,), (ben,) = await rated(lab, pod_a, ana=1501), await rated(lab, pod_b, ben=999)
    await rated(lab, pod_a, cid=2000)
    assert ana.welcome['profile']['season'] == 1
    await begin(pod_b, 1)
    for client, rating in ((ana, 1350), (ben, 1100)):  # online, on the pod of the command and on another
        for _ in range(2):
            profile = await client.ask('get_profile')
            assert (profile['season'], profile['ratings']['ranked']) == (2, rating), profile
    cid = await lab.login('cid', pod_b)  # a login
    assert (cid.welcome['profile']['season'], cid.welcome['profile']['ratings']['ranked']) == (2, 1600)
    assert (await lab.login('ana', pod_b)).welcome['profile']['ratings']['ranked'] == 1350


async def test_a_season_has_leaderboards_of_its_own_and_the_old_are_kept_a_while(lab):
    crowd(lab, 5)
    pods = await lab.two_pods(season__leaderboard_ttl_s=5000, session__heartbeat_ms=100)
    ana, ben = await lab.login('ana', pods[0]), await lab.login('ben', pods[1])
    assert len((await ana.ask('get_leaderboard', mode='ranked'))['entries']) == 5
    await begin(pods[0], 1)
    for client in (ana, ben):
        while (board := await client.ask('get_leaderboard', mode='ranked'))['season'] == 1:
            await asyncio.sleep(0.02)
        assert board['entries'] == [] and board['players'] == 0
    assert 4000_000 < lab.keys.pttl('leaderboard:1:ranked') <= 5000_000
    assert lab.keys.zcard('leaderboard:1:ranked') == 5


@needs(seconds=30)
async def test_a_match_in_flight_counts_in_the_season_that_has_begun(lab):
    pod = await lab.pod(session__heartbeat_ms=60000)  # so the pod does not hear of the season otherwise
    ana, ben = await rated(lab, pod, ana=1400, ben=1400)
    for client in (ana, ben):
        await client.enqueue('ranked')
    found = await ana.expect('match_found')
    await begin(pod, 1)
    results = await asyncio.gather(ana.finish(found), ben.finish())
    change = {'win': 20, 'loss': -20, 'draw': 0}  # from half-way back to 1200, by the lead frozen in the match
    for client, result in zip((ana, ben), results):
        assert (result['rating']['before'], result['rating']['delta']) == (1300, change[result['outcome']])
        stored = lab.keys.hgetall('player:{%s}' % client.player_id)
        assert (stored['season'], int(stored['rating_ranked'])) == ('2', result['rating']['after'])
    assert not lab.keys.exists('leaderboard:1:ranked') and lab.keys.zcard('leaderboard:2:ranked') == 2


async def test_waiting_players_enter_the_season_within_a_few_heartbeats(lab):
    pod = await lab.pod(session__heartbeat_ms=100)
    (ana,) = await rated(lab, pod, ana=1400)
    await begin(pod, 1)
    await until(lambda: lab.keys.hget('player:{ana}', 'season') == '2', 'the season at the player', 15)
    assert lab.keys.hget('player:{ana}', 'rating_ranked') == '1300'
    await ana.ask('ping')
