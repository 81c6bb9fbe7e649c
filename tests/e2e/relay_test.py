"""Two against two: one battle in two bouts, for four players on up to four pods."""
import asyncio
import hashlib
import json
import os
import subprocess
import time
import uuid

from harness import make_token, needs, until
from party_test import pair
from processes import BUILD, ROOT

LOCK = 'test:1'


def script(name):
    return subprocess.run([os.path.join(ROOT, 'tools', 'script.sh'), os.path.join(ROOT, 'lua', f'{name}.lua')], check=True,
                          capture_output=True, text=True).stdout


def make_match(lab, players, mode='party'):
    """A match of these four, in this order, as a matchmaker commits it. They wait in the queue."""
    stamp = int(time.time() * 1000)
    match_id = str(uuid.UUID(int=stamp << 80 | 7 << 76 | 2 << 62 | int.from_bytes(os.urandom(7), 'big')))
    keys = [f'lock:matchmaker:{mode}', f'queue:{mode}', f'queue:log:{mode}', 'queue:leases', 'match:deadlines', 'outbox',
            f'match:{match_id}', *(f'metadata:{player}' for player in players)]
    arguments = ['', 300, 5000, 3600000, LOCK, mode, len(players), 'loading', 20000, 2000, match_id,
                 os.urandom(8).hex(), 'c' * 64, '']
    for player in players:
        arguments += [player, lab.keys.hget(f'metadata:{player}', 'ver')]
    reply = lab.keys.eval(script('commit'), len(keys), *keys, *arguments)
    assert reply[0] in ('OK', b'OK') and reply[1][0] in ('OK', b'OK'), reply
    return match_id


async def four(lab, *pods, **fields):
    """Ana, ben, cid and dan wait in the party queue, each on the next of the pods; nobody else matches them."""
    lab.keys.set('lock:matchmaker:party', LOCK, px=600000)
    clients = [await lab.login(name, pods[i % len(pods)], **fields)
               for i, name in enumerate(('ana', 'ben', 'cid', 'dan'))]
    for client in clients:
        await client.enqueue('party')
    return clients


async def fight(lab, clients):
    """They are matched, load, and get their results."""
    make_match(lab, [client.player_id for client in clients])
    found = [await client.expect('match_found') for client in clients]
    for client, match in zip(clients, found):
        await client.send('loading_complete', match_id=match['match_id'])
    return found, [await client.expect('battle_result') for client in clients]


# ---- the rule, written from docs/battle.md ---------------------------------------------------------------

def check_relay(text, match_id, stored):
    """The timeline says what follows from its bouts; returns its end."""
    relay = json.loads(text)
    assert (relay['fmt'], relay['v'], relay['mid'], relay['seed']) == ('relay', 1, match_id, stored['seed'])
    second = hashlib.sha256(f"relay:{relay['seed']}:1".encode()).hexdigest()[:16]
    assert [bout['seed'] for bout in relay['bouts']] == [relay['seed'], second]
    players = stored['players'].split(',')
    assert [[side['pid'] for side in bout['sides']] for bout in relay['bouts']] == [players[0::2], players[1::2]]
    assert all(bout['mid'] == match_id and bout['fmt'] == 'bt' for bout in relay['bouts'])
    end = relay['end']
    shares = [[max(hp, 0) * 1000 // side['hp'] for hp, side in zip(bout['end']['hp'], bout['sides'])]
              for bout in relay['bouts']]
    assert end['permille'] == [shares[0][0], shares[1][0], shares[0][1], shares[1][1]]
    assert end['bouts'] == [bout['end']['win'] for bout in relay['bouts']]
    assert end['sum'] == [sum(end['permille'][:2]), sum(end['permille'][2:])]
    won = [end['bouts'].count(side) for side in (0, 1)]
    why, score = ('bouts', won) if won[0] != won[1] else ('health', end['sum'])
    if score[0] == score[1]:
        why = 'even'
    assert (end['why'], end['win']) == (why, -1 if why == 'even' else int(score[1] > score[0])), end
    cut = text.rindex('"hash":"') + len('"hash":"')
    assert end['hash'] == hashlib.sha256(text[:cut].encode()).hexdigest()[:16]
    return end


OUTCOME = {-1: ('draw', 'draw'), 0: ('win', 'loss'), 1: ('loss', 'win')}


@needs(seconds=60, slots=2)
async def test_four_players_on_four_pods_see_one_relay(lab):
    pods = await asyncio.gather(*(lab.pod(name) for name in 'abcd'))
    clients = await four(lab, *pods)
    found, results = await fight(lab, clients)
    assert [mate['player_id'] for mate in found[0]['teammates']] == ['ben']
    assert [foe['player_id'] for foe in found[0]['opponents']] == ['cid', 'dan']
    assert [foe['player_id'] for foe in found[3]['opponents']] == ['ana', 'ben']
    match_id = found[0]['match_id']
    assert {result['timeline_text'] for result in results} == {results[0]['timeline_text']}
    end = check_relay(results[0]['timeline_text'], match_id, lab.keys.hgetall(f'match:{match_id}'))
    assert [result['you'] for result in results] == [0, 0, 1, 1]
    assert [result['outcome'] for result in results] == [OUTCOME[end['win']][side] for side in (0, 0, 1, 1)]
    digest = hashlib.sha256(results[0]['timeline_text'].encode()).hexdigest()
    assert lab.keys.hget(f'match:{match_id}', 'digest') == digest
    delta = {'win': 20, 'loss': -20, 'draw': 0}  # equal teams, first games
    for client, result in zip(clients, results):
        assert result['mode'] == 'party' and result['rating']['delta'] == delta[result['outcome']], result
        await client.acknowledge(result)
        assert await client.state() == {'state': 'lobby'}
    for client, result in zip(clients, results):
        stored = lab.keys.hgetall('player:{%s}' % client.player_id)
        assert (int(stored['rating_party']), stored['games_party']) == (result['rating']['after'], '1'), stored
        assert sum(int(stored[name]) for name in ('wins', 'losses', 'draws')) == 1
        entry, = (await client.ask('get_history'))['matches']
        assert (entry['match_id'], entry['rating']) == (match_id, result['rating'])
        assert (len(entry['opponents']), len(entry['teammates'])) == (2, 1)
    replay = await clients[2].ask('get_replay', match_id=match_id)
    assert replay['timeline'] == results[2]['timeline']
    await lab.drained()


@needs(seconds=60)
async def test_teams_are_rated_by_their_averages(lab):
    pod = await lab.pod()
    ratings = {'ana': 1700, 'ben': 1300, 'cid': 1400, 'dan': 1400}
    for player, rating in ratings.items():
        await (await lab.login(player, pod)).close()
        lab.keys.hset('player:{%s}' % player, 'rating_party', rating)
    clients = await four(lab, pod)
    _, results = await fight(lab, clients)
    # 1500 against 1400: E(100) = 640 permille, K 40
    delta = {0: {'win': 14, 'draw': -6, 'loss': -26}, 1: {'win': 26, 'draw': 6, 'loss': -14}}
    for client, result in zip(clients, results):
        before = ratings[client.player_id]
        change = delta[result['you']][result['outcome']]
        assert result['rating'] == {'before': before, 'after': before + change, 'delta': change}, result


@needs(seconds=60)
async def test_a_relay_comes_compressed_and_again_until_it_is_acknowledged(lab):
    pod_a, pod_b = await lab.two_pods()
    clients = await four(lab, pod_a, pod_b, timeline_encoding='gzip')
    _, results = await fight(lab, clients)
    assert len({result['frame'] for result in results}) == 1
    again = await lab.login('dan', pod_a, timeline_encoding='gzip')
    repeated = await again.expect('battle_result')
    assert (repeated['frame'], repeated['rating']) == (results[3]['frame'], results[3]['rating'])
    await again.acknowledge(repeated)
    assert lab.keys.hget('player:{dan}', 'games_party') == '1'
    assert lab.keys.llen('history:{dan}') == 1


@needs(seconds=60)
async def test_an_unreadable_deck_in_a_bout_removes_its_player_only(lab):
    pod = await lab.pod()
    clients = await four(lab, pod)
    match_id = make_match(lab, [client.player_id for client in clients])
    for client in clients:
        await client.expect('match_found')
    lab.keys.hset(f'match:{match_id}', 's:dan', '{"v":1}')
    for client in clients:
        await client.send('loading_complete', match_id=match_id)
    await until(lambda: lab.keys.hget(f'match:{match_id}', 'status') == 'cancelled', 'the end of the match')
    await until(lambda: lab.keys.hget('metadata:dan', 'st') == 'lobby', 'dan in the lobby')
    waiting = {player for player, _ in lab.queued('party')}
    assert waiting == {'ana', 'ben', 'cid'}, waiting
    assert not lab.keys.exists(f'result:{match_id}')
    assert not lab.keys.exists('history:{dan}')


@needs(seconds=60, slots=2)
async def test_a_relay_goes_on_when_its_host_dies(lab):
    """The pod of the first player is killed before the battle; he finds his result on another one."""
    pods = await asyncio.gather(*(lab.pod(name, battle__deadline_ms=500, pods__heartbeat_ttl_ms=2500) for name in 'abc'))
    clients = await four(lab, *pods)  # dan is on the pod of ana
    match_id = make_match(lab, [client.player_id for client in clients])
    for client in clients:
        await client.expect('match_found')
    for client in (clients[0], clients[3]):
        await client.ask('loading_complete', match_id=match_id)
    pods[0].game.kill()
    for client in clients[1:3]:
        await client.send('loading_complete', match_id=match_id)
    results = [await client.expect('battle_result', timeout=20) for client in clients[1:3]]
    for name in ('ana', 'dan'):
        again = await lab.login(name, pods[1])
        results.append(await again.expect('battle_result'))
        await again.acknowledge(results[-1])
    assert len({result['timeline_text'] for result in results}) == 1
    check_relay(results[0]['timeline_text'], match_id, lab.keys.hgetall(f'match:{match_id}'))


@needs(seconds=60)
async def test_two_parties_play_from_the_queue_to_the_acknowledgement_and_again(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    cid, dan = await lab.login('cid', pod_b), await lab.login('dan', pod_a)
    await pair(ana, ben)
    await pair(cid, dan)
    clients = (ana, ben, cid, dan)
    for number in (1, 2):
        for leader in (ana, cid):
            await leader.enqueue('party')
        results = await asyncio.gather(*(client.finish() for client in clients))
        match_id, = {result['match_id'] for result in results}
        stored = lab.keys.hgetall(f'match:{match_id}')
        end = check_relay(results[0]['timeline_text'], match_id, stored)
        first = set(stored['players'].split(',')[:2])
        assert first in ({'ana', 'ben'}, {'cid', 'dan'})
        for client, result in zip(clients, results):
            side = 0 if client.player_id in first else 1
            assert (result['you'], result['outcome']) == (side, OUTCOME[end['win']][side])
            assert result['timeline_text'] == results[0]['timeline_text']
            newest = (await client.ask('get_history'))['matches']
            assert len(newest) == number and newest[0]['match_id'] == match_id
            assert {mate['player_id'] for mate in newest[0]['teammates']} | {client.player_id} in (
                {'ana', 'ben'}, {'cid', 'dan'})
    await lab.drained()


@needs(seconds=60)
async def test_four_bots_show_both_bouts(lab):
    pod = await lab.pod()
    names = ('ana', 'ben', 'cid', 'dan')
    bots = [lab.run(f'bot-{name}', os.path.join(BUILD, 'bot'), '--url', pod.url, '--token', make_token(name),
                    '--mode', 'party', '--save', os.path.join(lab.folder, f'{name}.json')) for name in names]
    for bot in bots:
        assert await bot.ended(30) == 0, bot.log()
    for bot in bots:
        lines = bot.log().splitlines()
        for line in ('bout 1 of 2', 'bout 2 of 2'):
            assert lines[lines.index(line) + 1].startswith('battle '), line
        assert sum(line.startswith('two against two, match ') for line in lines) == 1
        assert any('health left' in line and ('win (' in line or 'a draw of the teams' in line) for line in lines)
        assert sum(line.startswith('  against ') for line in lines) == 2
        assert sum(line.startswith('  with ') for line in lines) == 1
    saved = set()
    for name in names:
        with open(os.path.join(lab.folder, f'{name}.json'), encoding='utf-8') as file:
            saved.add(file.read())
    relay = json.loads(saved.pop())
    assert not saved
    stored = lab.keys.hgetall(f"match:{relay['mid']}")
    assert set(stored['players'].split(',')) == set(names)
