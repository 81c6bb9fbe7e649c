"""The ranked queue as its game_servers see it: who is paired, when, and what is told."""
import json
import random
import time

from world import World, wait_until

STEEP = {'ranked__window': '0:50,1000:150'}  # a gap of 100 fits when both have waited 500 ms
NEAR_MS = 100                                # how exactly a window must be met, on a busy machine


def enqueue(world, player, rating):
    world.pods.enqueue(player, mode='ranked', rating=rating)
    return world.pods.wait_state(player, 'queued')


def opponents(player):
    return [one['player_id'] for one in player.snapshot['match']['players'] if one['player_id'] != player.id]


def made_ms(player):
    """When the match was made: a UUIDv7 begins with its time."""
    return int(player.snapshot['match_id'].replace('-', '')[:12], 16)


def since_ms(player):
    return player.history[0]['enqueued_at_ms']


def opens_ms(ann, ben, gap):
    """When the windows of two touch under STEEP."""
    return (since_ms(ann) + since_ms(ben)) / 2 + (gap - 50) * 10


def receipts(server):
    """What the log says of the matches made."""
    lines = [line for line in server.log().splitlines() if 'match_made' in line]
    return [json.loads(line) for line in lines]


def wait_lease(world, pod):
    wait_until(lambda: (world.lease('ranked') or '').startswith(pod + '-'), f'{pod} leads', 5)


def test_the_nearest_rating_is_paired_and_the_log_says_why():
    with World(log__format='json') as world:
        world.hold_lease('ranked')
        server = world.start()
        ann, ben, cy, dee = world.login_all(4)
        for player, rating in ((ann, 1000), (ben, 1040), (cy, 1010), (dee, 5000)):
            enqueue(world, player, rating)
        world.release_lease('ranked')
        world.pods.wait_states([ann, cy], 'loading')
        assert opponents(ann) == [cy.id] and (ben.state, dee.state) == ('queued', 'queued')
        assert ann.snapshot['mode'] == 'ranked'
        wait_until(lambda: receipts(server), 'a receipt')
        (receipt,) = receipts(server)
        assert receipt['match_id'] == ann.snapshot['match_id'] and receipt['mode'] == 'ranked'
        assert (receipt['player_1'], receipt['player_2'], receipt['gap']) == (ann.id, cy.id, 10)
        assert receipt['half_window_1'] >= 25 and receipt['half_window_2'] >= 25
        assert receipt['wait_1_ms'] == made_ms(ann) - since_ms(ann) >= receipt['wait_2_ms'] >= 0, receipt
        world.check_everything()


def test_a_fitting_newcomer_is_matched_at_once():
    with World() as world:
        world.start()
        wait_lease(world, 'pod-a')
        waits = []
        for i in range(10):
            ann, ben = world.login_all(2, name=f'round{i}')
            enqueue(world, ann, 1000)
            world.pods.enqueue(ben, mode='ranked', rating=1050)
            world.pods.wait_states([ann, ben], 'loading')
            waits.append(made_ms(ben) - since_ms(ben))
        waits.sort()
        print(f'a match is made {waits[5]} ms after the second came (median), {waits[-1]} ms at most')
        assert waits[5] < 50, waits


def test_a_window_that_opens_by_waiting_is_found_when_it_opens():
    with World(**STEEP) as world:
        world.start()
        wait_lease(world, 'pod-a')
        late = []
        for gap in (80, 100, 117, 131):
            ann, ben = world.login_all(2, name=f'gap{gap}')
            enqueue(world, ann, 1000)
            enqueue(world, ben, 1000 + gap)
            world.pods.wait_states([ann, ben], 'loading')
            late.append(made_ms(ann) - opens_ms(ann, ben, gap))
        print(f'found {late} ms after they opened')
        assert all(-2 <= one <= NEAR_MS for one in late), late


def test_ratings_too_far_apart_for_the_widest_window_do_not_meet():
    with World(ranked__window='0:50,100:60') as world:
        world.start()
        wait_lease(world, 'pod-a')
        ann, ben, cy = world.login_all(3)
        enqueue(world, ann, 1000)
        enqueue(world, ben, 1061)
        time.sleep(0.5)
        assert (ann.state, ben.state) == ('queued', 'queued')
        world.pods.enqueue(cy, mode='ranked', rating=1110)
        world.pods.wait_states([ben, cy], 'loading')
        assert ann.state == 'queued'


def test_a_queued_player_is_told_how_the_window_widens():
    with World(**STEEP) as world:
        world.start()
        ann, ben = world.login_all(2)
        told = enqueue(world, ann, 1000)
        assert told['windows'] == [{'age_ms': 0, 'width': 50}, {'age_ms': 1000, 'width': 150}]
        assert (told['position'], told['queue_size']) == (1, 1)
        world.pods.enqueue(ben)
        assert 'windows' not in world.pods.wait_state(ben, 'queued')
        again = world.pods.login(ann.id)  # on whatever pod, the news after a login say it again
        world.pods.ask(again, 'resume')
        assert world.pods.wait_state(again, 'queued')['windows'] == told['windows']


def test_the_estimated_wait_comes_from_arrivals_near_the_rating():
    with World(pods=('pod-a', 'pod-b')) as world:
        world.start('pod-a')
        wait_lease(world, 'pod-a')
        world.start('pod-b')  # does not lead, and yet it answers its own players
        for i in range(0, 40, 2):
            ann, ben = world.pods.login(f'p{i}'), world.pods.login(f'p{i + 1}')
            enqueue(world, ann, 1000)
            world.pods.enqueue(ben, mode='ranked', rating=1010)
            world.pods.wait_states([ann, ben], 'loading')
        near = enqueue(world, world.pods.login('near', 'pod-b'), 1005)
        assert 0 < near['estimated_wait_ms'] < 20_000, near
        nearly = enqueue(world, world.pods.login('nearly', 'pod-b'), 1140)
        assert nearly['estimated_wait_ms'] > near['estimated_wait_ms'], (near, nearly)


def test_last_opponents_meet_again_only_after_a_while():
    with World(ranked__rematch_wait_ms=700) as world:
        world.start()
        wait_lease(world, 'pod-a')
        pods = world.pods
        ann, ben = world.login_all(2)
        for _ in range(2):
            pods.enqueue(ann, mode='ranked')
            pods.enqueue(ben, mode='ranked')
            pods.wait_states([ann, ben], 'loading')
            for player in (ann, ben):
                pods.load(player)
            pods.wait_states([ann, ben], 'result')
            for player in (ann, ben):
                pods.acknowledge_result(player)
            pods.wait_states([ann, ben], 'lobby')
        queued = [one for one in ben.history if one['state'] == 'queued'][-1]['enqueued_at_ms']
        other = [one for one in ann.history if one['state'] == 'queued'][-1]['enqueued_at_ms']
        late = made_ms(ann) - max(queued, other) - 700
        assert -2 <= late <= NEAR_MS, late


def test_a_killed_matchmaker_is_replaced_and_the_window_still_opens_on_time():
    with World(pods=('pod-a', 'pod-b'), ranked__window='0:50,3000:200') as world:
        first = world.start('pod-a')
        wait_lease(world, 'pod-a')
        world.start('pod-b')
        ann, ben = world.pods.login('ann', 'pod-b'), world.pods.login('ben', 'pod-b')
        enqueue(world, ann, 1000)
        enqueue(world, ben, 1150)
        first.kill()
        world.pods.wait_states([ann, ben], 'loading')
        late = made_ms(ann) - (since_ms(ann) + since_ms(ben)) / 2 - 2000
        assert -2 <= late <= NEAR_MS, late
        assert world.lease('ranked').startswith('pod-b-')


def test_a_damaged_waiter_is_removed_and_told_and_blocks_nobody():
    with World() as world:
        world.hold_lease('ranked')
        world.start()
        ann, ben, damaged = world.login_all(3)
        for player, rating in ((damaged, 4000), (ann, 1000), (ben, 1010)):
            enqueue(world, player, rating)
        world.r.hset('metadata:' + damaged.id, 'ver', 'x')
        world.release_lease('ranked')
        world.pods.wait_states([ann, ben], 'loading')
        assert world.pods.wait_state(damaged, 'lobby')['reason'] == 'removed'


def test_two_servers_and_three_hundred_ranked_players_nobody_twice_and_nobody_too_far():
    chance = random.Random(11)
    with World(pods=('pod-a', 'pod-b'), ranked__window='0:20,1000:20,6000:2000',
               matchmaker__lease_ms=200, matchmaker__renew_ms=90) as world:
        for pod in ('pod-a', 'pod-b'):
            world.start(pod)
        players = world.login_all(150, 'pod-a', 'a') + world.login_all(150, 'pod-b', 'b')
        ratings = {player.id: round(chance.gauss(1500, 200)) for player in players}
        for player in players:
            world.pods.enqueue(player, mode='ranked', rating=ratings[player.id])
        world.pods.wait_states(players, 'loading', 30)
        for player in players:
            pair = [one for one in players if one.id in (player.id, opponents(player)[0])]
            gap = abs(ratings[pair[0].id] - ratings[pair[1].id])
            widths = [20 + max(0, made_ms(one) - since_ms(one) - 1000) * 1980 / 5000 for one in pair]
            assert gap <= sum(widths) / 2 + 1, (gap, widths)
        members = [id for match in world.matches().values() for id in match['players'].split(',')]
        assert sorted(members) == sorted(player.id for player in players)
        world.check_everything()
