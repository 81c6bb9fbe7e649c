"""The queue of parties as its game_servers see it: two against two, together or not at all."""
import json
import random
import time

from match_server_test import play, wait_drained
from world import World, wait_until

PODS = ('pod-a', 'pod-b')


def login(world, *names):
    """Players on the pods in turn."""
    return [world.pods.login(name, PODS[i % 2]) for i, name in enumerate(names)]


def wait_lease(world, pod='pod-a', seconds=5):
    wait_until(lambda: (world.lease('party') or '').startswith(pod + '-'), f'{pod} leads', seconds)


def queue_party(world, player, mate, **how):
    world.pods.enqueue_party(player, mate, **how)
    world.pods.wait_states([player, mate], 'queued')


def queue_solo(world, *players, **how):
    for player in players:
        world.pods.enqueue(player, mode='party', **how)
        world.pods.wait_state(player, 'queued')


def teams(player):
    ids = [one['player_id'] for one in player.snapshot['match']['players']]
    return ids[:2], ids[2:]


def receipts(server):
    return [json.loads(line) for line in server.log().splitlines() if 'match_made' in line]


def reasons(*players):
    return [(player.state, player.snapshot.get('reason')) for player in players]


def paired(world, **options):
    """Four players of two parties, in the loading of one match."""
    players = login(world, 'ann', 'ben', 'cy', 'dee')
    world.hold_lease('party')
    world.start('pod-a', **options)
    queue_party(world, *players[:2])
    queue_party(world, *players[2:])
    world.release_lease('party')
    world.pods.wait_states(players, 'loading')
    return players


# ---- one match ---------------------------------------------------------------------------------------


def test_a_party_and_two_solo_players_from_the_queue_to_the_result():
    with World(PODS, log__format='json') as world:
        world.hold_lease('party')
        server = world.start()
        ann, ben, cy, dee = login(world, 'ann', 'ben', 'cy', 'dee')
        world.pods.enqueue_party(ann, ben, rating=1400, mate_rating=1200)
        told = [world.pods.wait_state(player, 'queued') for player in (ann, ben)]
        assert [one['mate'] for one in told] == ['ben', 'ann'] and told[0]['enqueued_at_ms'] == told[1]['enqueued_at_ms']
        assert (told[0]['position'], told[0]['queue_size'], told[0]['mode']) == (1, 2, 'party')
        assert 'windows' not in told[0] and (told[0]['request'], told[1]['request']) == (1, 0)
        queue_solo(world, cy, rating=1000)
        queue_solo(world, dee, rating=1600)
        world.release_lease('party')
        world.pods.wait_states([ann, ben, cy, dee], 'loading')
        assert teams(ann) == teams(dee) == (['ann', 'ben'], ['cy', 'dee'])
        assert [one.snapshot.get('mate') for one in (ann, ben, cy, dee)] == ['ben', 'ann', None, None]
        wait_until(lambda: receipts(server), 'a receipt')
        (receipt,) = receipts(server)
        assert [receipt[f'player_{i}'] for i in (1, 2, 3, 4)] == ['ann', 'ben', 'cy', 'dee']
        assert (receipt['average_1'], receipt['average_2'], receipt['gap']) == (1300, 1300, 0)
        assert receipt['wait_1_ms'] == receipt['wait_2_ms'] >= receipt['wait_3_ms'] >= receipt['wait_4_ms'] >= 0
        play(world, [ann, ben, cy, dee])
        assert len(world.pods.battles) == 1 and world.pods.battles[0]['host'] in PODS
        assert ann.snapshot['reason'] == 'done' and 'mate' not in ann.snapshot
        wait_drained(world)
        world.check_everything()


def test_four_on_four_pods_and_the_next_living_pod_computes():
    pods = ('pod-a', 'pod-b', 'pod-c', 'pod-d')
    with World(pods[1:3]) as world:
        world.hold_lease('party')
        world.start('pod-a')
        players = [world.pods.login(name, pods[i]) for i, name in enumerate(('ann', 'ben', 'cy', 'dee'))]
        world.pods.hears.subscribe('pod:pod-a:match_result', 'pod:pod-d:match_result', 'pod:pod-a:battle_result',
                                   'pod:pod-d:battle_result')  # they hear, and do not beat
        wait_until(lambda: world.r.zscore('pods', 'game:pod-b') and world.r.zscore('pods', 'game:pod-c'), 'two live')
        queue_party(world, *players[:2])
        queue_party(world, *players[2:])
        world.r.zrem('pods', 'game:pod-a', 'game:pod-d')
        world.release_lease('party')
        world.pods.wait_states(players, 'loading')
        world.pods.report_first = False
        for player in players:
            world.pods.load(player)
        world.pods.wait_states(players, 'result', 20)
        assert all(battle['host'] in pods for battle in world.pods.battles)
        assert world.pods.battles[-1]['host'] in pods[1:3]


def test_three_players_wait_for_a_fourth():
    with World(PODS) as world:
        world.start()
        wait_lease(world)
        ann, ben, cy, dee = login(world, 'ann', 'ben', 'cy', 'dee')
        queue_party(world, ann, ben)
        queue_solo(world, cy)
        time.sleep(0.3)
        assert {one.state for one in (ann, ben, cy)} == {'queued'}
        queue_solo_at = time.monotonic()
        world.pods.enqueue(dee, mode='party')
        world.pods.wait_states([ann, ben, cy, dee], 'loading')
        print(f'a match {1000 * (time.monotonic() - queue_solo_at):.0f} ms after the fourth came')


def test_the_nearest_party_is_met_and_four_solo_players_are_parted_evenly():
    with World(PODS) as world:
        world.hold_lease('party')
        world.start()
        players = login(world, *'abcdefghij')
        for i, rating in enumerate((1000, 2000, 1010)):
            queue_party(world, players[2 * i], players[2 * i + 1], rating=rating, mate_rating=rating)
        for player, rating in zip(players[6:], (900, 2000, 1000, 1900)):
            queue_solo(world, player, rating=rating)
        world.release_lease('party')
        world.pods.wait_states(players[:2] + players[4:6], 'loading')
        assert teams(players[0]) == (['a', 'b'], ['e', 'f'])
        world.pods.wait_states(players[2:4], 'loading')
        assert teams(players[2]) == (['c', 'd'], ['g', 'h'])  # the longest waiting solo player, and who fits him
        assert [one.state for one in players[8:]] == ['queued', 'queued']
        more = login(world, 'k', 'l')
        queue_solo(world, more[0], rating=1800)
        world.pods.enqueue(more[1], mode='party', rating=1100)
        world.pods.wait_states(players[8:] + more, 'loading')
        assert teams(more[0]) == (['i', 'j'], ['k', 'l'])


# ---- the queue ---------------------------------------------------------------------------------------


def test_whoever_leaves_takes_the_mate_along():
    with World(PODS) as world:
        world.start()
        ann, ben, cy = login(world, 'ann', 'ben', 'cy')
        for leaver, reason in ((ann, 'requested'), (ben, 'disconnected')):
            queue_party(world, ann, ben)
            queue_solo(world, cy)
            world.pods.dequeue(leaver, reason)
            world.pods.wait_states([ann, ben], 'lobby')
            assert reasons(ann, ben) == [('lobby', reason)] * 2 and cy.state == 'queued'
            world.check_everything()
            world.pods.dequeue(cy)
            world.pods.wait_state(cy, 'lobby')
        wait_drained(world)


def test_a_party_whose_one_pod_is_silent_leaves_the_queue():
    with World(PODS, queue__lease_ms=3000) as world:
        world.start()
        ann, ben, cy = login(world, 'ann', 'ben', 'cy')
        queue_party(world, ann, ben)
        queue_solo(world, cy)
        ben.muted = True
        world.pods.wait_states([ann, ben], 'lobby')
        assert reasons(ann, ben) == [('lobby', 'expired')] * 2 and cy.state == 'queued'
        world.check_everything()


def test_a_party_with_two_silent_pods_leaves_once():
    with World(PODS, queue__lease_ms=1000) as world:
        world.start()
        players = login(world, 'ann', 'ben', 'cy', 'dee')
        wait_lease(world)
        queue_party(world, *players[:2])
        for player in players[:2]:
            player.muted = True
        world.pods.wait_states(players[:2], 'lobby')
        assert reasons(*players[:2]) == [('lobby', 'expired')] * 2
        assert [len(player.history) for player in players[:2]] == [2, 2]


def test_a_newer_login_of_the_mate_keeps_the_place_of_both():
    with World(PODS) as world:
        world.start()
        ann, ben, cy, dee = login(world, 'ann', 'ben', 'cy', 'dee')
        queue_party(world, ann, ben)
        since = ben.snapshot['enqueued_at_ms']
        again = world.pods.login('ben', 'pod-a')
        world.pods.ask(again, 'resume')
        told = world.pods.wait_state(again, 'queued')
        assert (told['enqueued_at_ms'], told['mate']) == (since, 'ann')
        queue_solo(world, cy)
        world.pods.enqueue(dee, mode='party')
        world.pods.wait_states([ann, again, cy, dee], 'loading')
        assert teams(again) == (['ann', 'ben'], ['cy', 'dee'])


def refused(world, player, act, code, who=None, retry=False):
    player.refused.clear()
    act()
    wait_until(lambda: player.request is None, f'an answer for {code}')
    assert player.refused == [code], (code, player.refused)
    assert player.refused_player == who, player.refused_player
    assert (player.retry_after_ms is not None) == retry, player.retry_after_ms


def test_a_mate_that_cannot_queue_keeps_both_out_and_is_named():
    with World(PODS) as world:
        world.start()
        pods = world.pods
        ann, ben, cy, dee, eve = login(world, 'ann', 'ben', 'cy', 'dee', 'eve')
        with_mate = lambda mate, **how: lambda: pods.enqueue_party(ann, mate, **how)  # noqa: E731
        refused(world, ann, with_mate(ann), 'invalid_field')
        refused(world, ann, with_mate(ben, mode='normal'), 'invalid_field')
        refused(world, ann, with_mate(ben, mode='unheard'), 'unknown_mode')
        queue_party(world, ben, eve)
        heard = [len(one.history) for one in (ben, eve)]
        refused(world, ann, with_mate(ben), 'already_queued', 'ben')
        refused(world, ann, with_mate(eve, connection_epoch=eve.epoch - 1), 'matchmaking_unavailable', 'eve')
        pods.enqueue(cy)
        pods.enqueue(dee)
        pods.wait_states([cy, dee], 'loading')
        refused(world, ann, with_mate(cy), 'already_in_match', 'cy')
        for player in (cy, dee):
            pods.load(player)
        pods.wait_states([cy, dee], 'result')
        refused(world, ann, with_mate(dee), 'wrong_state', 'dee')
        assert ann.state == 'lobby' and [ben.state, eve.state] == ['queued', 'queued']
        assert [len(one.history) for one in (ben, eve)] == heard  # nobody else has heard of it
        world.r.hset('penalty:player:dee', mapping={'until_ms': int(time.time() * 1000) + 60000})
        pods.acknowledge_result(dee)
        pods.wait_state(dee, 'lobby')
        refused(world, ann, with_mate(dee), 'banned', 'dee', retry=True)
        assert 0 < ann.retry_after_ms <= 60000
        assert world.r.hget('metadata:ann', 'st') is None
        world.check_everything()


def test_a_malformed_mate_is_refused_as_a_message():
    with World(PODS) as world:
        server = world.start()
        ann, ben = login(world, 'ann', 'ben')
        for wrong in ({'player_id': 'a b'}, {'pod_id': 'p:d'}, {'level': 11}, {'snapshot': []}, {'name': ''},
                      {'snapshot': {'x': 'y' * 5000}}):
            before = server.log().count('message_bad')
            world.pods.enqueue_party(ann, ben, **wrong)
            wait_until(lambda: server.log().count('message_bad') > before, f'a refusal of {wrong}')  # pylint: disable=W0640
            with world.pods.lock:
                ann.request = None
        assert world.r.keys('metadata:*') == []
        queue_party(world, ann, ben)


# ---- parties that damage has parted ------------------------------------------------------------------


def test_who_waits_for_a_mate_that_got_lost_is_told_and_blocks_nobody():
    def vanish(world, ben):
        world.r.delete('metadata:' + ben)
        world.r.zrem('queue:party', ben)
        world.r.zrem('queue:leases', ben)
        world.r.xadd('queue:log:party', {'-': ben})

    def elsewhere(world, ben):
        world.r.hset('metadata:' + ben, 'mode', 'ranked')
        world.r.zrem('queue:party', ben)
        world.r.zadd('queue:ranked', {ben: world.r.hget('metadata:' + ben, 'q')})
        world.r.xadd('queue:log:party', {'-': ben})

    def another(world, ben):
        world.r.hset('metadata:' + ben, 'mate', 'nobody')

    for damage in (vanish, elsewhere, another):
        with World(PODS) as world:
            world.start()
            wait_lease(world)
            ann, ben, *others = login(world, 'ann', 'ben', 'cy', 'dee', 'eve', 'fay')
            queue_party(world, ann, ben)
            with world.pods.lock:  # no heartbeat in between
                damage(world, ben.id)
            for player in others:
                world.pods.enqueue(player, mode='party')
            world.pods.wait_states(others, 'loading')
            assert world.pods.wait_state(ann, 'lobby')['reason'] == 'removed', damage
            queue_party(world, ann, world.pods.login('gus'))


def test_a_poisoned_member_leaves_with_the_mate_and_frees_the_other_party():
    with World(PODS) as world:
        world.hold_lease('party')
        server = world.start()
        ann, ben, cy, dee, eve, fay = login(world, 'ann', 'ben', 'cy', 'dee', 'eve', 'fay')
        queue_party(world, ann, ben)
        queue_party(world, cy, dee)
        world.r.hset('metadata:ben', 'snapshot', 'garbage')
        world.release_lease('party')
        world.pods.wait_states([ann, ben], 'lobby')
        assert reasons(ann, ben) == [('lobby', 'removed')] * 2
        queue_solo(world, eve)
        world.pods.enqueue(fay, mode='party')
        world.pods.wait_states([cy, dee, eve, fay], 'loading')
        assert 'player_poisoned' in server.log()


# ---- the end of a match ------------------------------------------------------------------------------


def test_who_cancels_goes_home_with_the_mate_and_the_others_wait_on_together():
    with World(PODS) as world:
        ann, ben, cy, dee = paired(world)
        since = cy.snapshot['enqueued_at_ms']
        world.hold_lease('party')
        world.pods.load(ben, 'cancel')
        world.pods.wait_states([ann, ben], 'lobby')
        world.pods.wait_states([cy, dee], 'queued')
        assert reasons(ann, ben) == [('lobby', 'opponent_cancelled'), ('lobby', 'you_cancelled')]
        assert (ben.snapshot.get('penalty'), ann.snapshot.get('penalty')) == ('warning', None)
        assert reasons(cy, dee) == [('queued', 'opponent_cancelled')] * 2
        assert (cy.snapshot['enqueued_at_ms'], cy.snapshot['mate'], dee.snapshot['mate']) == (since, 'dee', 'cy')
        world.check_everything()
        eve, fay = login(world, 'eve', 'fay')
        queue_solo(world, eve, fay)
        world.release_lease('party')
        world.pods.wait_states([cy, dee, eve, fay], 'loading')
        assert teams(cy) == (['cy', 'dee'], ['eve', 'fay'])


def test_who_does_not_load_in_time_goes_home_with_the_mate():
    with World(PODS, loading__deadline_ms=4000) as world:
        ann, ben, cy, dee = paired(world)
        for player in (ann, cy, dee):
            world.pods.load(player)
        wait_until(lambda: len(dee.snapshot.get('ready', [])) == 3, 'three have loaded')
        world.hold_lease('party')
        world.pods.wait_states([ann, ben], 'lobby')
        world.pods.wait_states([cy, dee], 'queued')
        assert reasons(ann, ben) == [('lobby', 'opponent_timed_out'), ('lobby', 'you_timed_out')]
        assert ann.snapshot.get('penalty') is None
        assert [one.snapshot['mate'] for one in (cy, dee)] == ['dee', 'cy']
        world.check_everything()


def test_a_snapshot_that_the_host_cannot_read_removes_its_party_and_frees_the_other():
    with World(PODS) as world:
        players = paired(world)
        world.pods.reporting = False
        for player in players:
            world.pods.load(player)
        world.pods.wait_states(players, 'battling')
        wait_until(lambda: world.pods.battles, 'a host is asked')
        world.pods.report(world.pods.battles[0], digest='', poisoned='cy')
        world.pods.wait_states(players[2:], 'lobby')
        world.pods.wait_states(players[:2], 'queued')
        assert reasons(*players) == [('queued', 'server')] * 2 + [('lobby', 'removed'), ('lobby', 'server')]


def test_opponents_of_the_last_match_are_avoided_while_others_wait():
    with World(PODS) as world:
        players = paired(world)
        play(world, players)
        ann, ben, cy, dee = players
        world.hold_lease('party')
        queue_party(world, ann, ben)
        queue_party(world, cy, dee)
        eve, fay = login(world, 'eve', 'fay')
        queue_party(world, eve, fay, rating=9000)
        world.release_lease('party')
        world.pods.wait_states([ann, ben, eve, fay], 'loading')
        assert teams(ann) == (['ann', 'ben'], ['eve', 'fay']) and cy.state == 'queued'


# ---- many, and who dies ------------------------------------------------------------------------------


def play_on(world, players, wanted, seconds=60):
    """Everybody loads and acknowledges until all have played."""
    def step():
        for player in players:
            if player.request is None and player.state == 'loading' and \
                    player.id not in player.snapshot.get('ready', []):
                world.pods.load(player)
            elif player.request is None and player.state == 'result':
                world.pods.acknowledge_result(player)
        world.check_everything()
        return sum(one.state == 'lobby' and one.snapshot.get('reason') == 'done' for one in players) == wanted
    wait_until(step, lambda: str([(one.id, one.state) for one in players if one.state != 'lobby']), seconds)


def check_teams(world, mates):
    """Nobody plays twice, and the two of a party play side by side."""
    seen = []
    for match in world.matches().values():
        members = match['players'].split(',')
        assert len(members) == 4 and match['status'] == 'finished', match
        seen += members
        for i, member in enumerate(members):
            if member in mates:
                assert members[i ^ 1] == mates[member], members
    assert len(seen) == len(set(seen)), 'twice'
    return seen


def crowd(world, parties, solos, seed=5):
    chance = random.Random(seed)
    players = login(world, *[f'p{i:03d}' for i in range(2 * parties + solos)])
    mates = {}
    for one, other in zip(players[0:2 * parties:2], players[1:2 * parties:2]):
        mates[one.id], mates[other.id] = other.id, one.id
    units = list(zip(players[0:2 * parties:2], players[1:2 * parties:2])) + [(one,) for one in players[2 * parties:]]
    chance.shuffle(units)
    for unit in units:
        rating = round(chance.gauss(1500, 200))
        if len(unit) == 2:
            world.pods.enqueue_party(*unit, rating=rating, mate_rating=round(chance.gauss(1500, 200)))
        else:
            world.pods.enqueue(unit[0], mode='party', rating=rating)
    return players, mates


def test_two_servers_and_two_hundred_players_nobody_twice_and_no_party_parted():
    with World(PODS, matchmaker__lease_ms=200, matchmaker__renew_ms=90) as world:
        for pod in PODS:
            world.start(pod)
        players, mates = crowd(world, 60, 80)
        play_on(world, players, len(players))
        assert sorted(check_teams(world, mates)) == sorted(player.id for player in players)
        wait_drained(world)


def test_a_killed_matchmaker_is_replaced_and_no_party_is_parted():
    with World(PODS) as world:
        first = world.start('pod-a')
        wait_lease(world)
        world.start('pod-b')
        players, mates = crowd(world, 30, 20, seed=6)
        wait_until(lambda: len(world.matches()) > 3, 'some are matched')
        first.kill()
        play_on(world, players, len(players))
        assert sorted(check_teams(world, mates)) == sorted(player.id for player in players)
