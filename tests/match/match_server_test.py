"""match_server as its game_servers see it: over Pub/Sub, with a real Redis."""
import hashlib
import json
import os
import random
import signal
import time

from world import World, wait_until


def play(world, players, seconds=10):
    """From loading to the lobby, everybody willing."""
    pods = world.pods
    pods.wait_states(players, 'loading', seconds)
    for player in players:
        pods.load(player)
    pods.wait_states(players, 'result', seconds)
    for player in players:
        pods.acknowledge_result(player)
    pods.wait_states(players, 'lobby', seconds)


def wait_drained(world, seconds=10):
    wait_until(world.drained, 'nothing left to do', seconds)


def opponents(player):
    return [one['player_id'] for one in player.snapshot['match']['players'] if one['player_id'] != player.id]


# ---- one match ---------------------------------------------------------------------------------------


def test_two_players_from_the_queue_to_the_result():
    with World() as world:
        world.start()
        pods = world.pods
        ann, ben = world.login_all(2)
        pods.enqueue(ann, rating=1111)
        queued = pods.wait_state(ann, 'queued')
        assert (queued['position'], queued['queue_size'], queued['mode']) == (1, 1, 'normal'), queued
        pods.enqueue(ben)
        pods.wait_states([ann, ben], 'loading')
        card = ann.snapshot['match']
        assert card == ben.snapshot['match'] and ann.snapshot['match_id'] == card['match_id']
        assert card['players'] == [{'player_id': ann.id, 'name': ann.id.upper(), 'level': 3, 'rating': 1111},
                                   {'player_id': ben.id, 'name': ben.id.upper(), 'level': 3, 'rating': 1000}]
        assert 29_000 < card['loading_deadline_ms'] - time.time() * 1000 <= 30_100
        match = world.matches()[card['match_id']]
        sealed = '|'.join([match['seed'], card['match_id'],
                           *[hashlib.sha256(match['s:' + one.id].encode()).hexdigest() for one in (ann, ben)]])
        assert hashlib.sha256(sealed.encode()).hexdigest() == card['seed_commitment']
        assert json.loads(match['s:' + ann.id])['of'] == ann.id
        pods.load(ann)
        wait_until(lambda: ben.snapshot.get('ready') == [ann.id], 'ben hears that ann is ready')
        pods.load(ben)
        pods.wait_states([ann, ben], 'result')
        assert [one['ready'] for one in (ann.snapshot, ben.snapshot)] == [[ann.id, ben.id]] * 2
        assert pods.battles == [{'match_id': card['match_id'], 'host': 'pod-a', 'attempt': 0}]
        for player in (ann, ben):
            pods.acknowledge_result(player)
        pods.wait_states([ann, ben], 'lobby')
        assert [one['state'] for one in ann.history] == \
            ['queued', 'loading', 'loading', 'battling', 'result', 'lobby']
        assert ann.snapshot['reason'] == 'done'
        wait_drained(world)
        world.check_everything()


def test_the_result_frees_both_for_the_next_match_and_avoids_a_rematch():
    with World() as world:
        world.start()
        pods = world.pods
        ann, ben, cy = world.login_all(3)
        for player in (ann, ben):
            pods.enqueue(player)
        play(world, [ann, ben])
        world.hold_lease()
        time.sleep(0)  # the holder notices at its next renewal or commit, both are safe
        for player in (ann, ben, cy):
            pods.enqueue(player)
            pods.wait_state(player, 'queued')
        world.release_lease()
        pods.wait_states([ann, cy], 'loading')
        assert opponents(ann) == [cy.id] and ben.state == 'queued'
        assert ben.history[-1]['enqueued_at_ms'] <= cy.history[-1]['enqueued_at_ms']


def test_a_mode_without_loading_goes_straight_to_the_host():
    with World(loading__normal='off') as world:
        world.start()
        ann, ben = world.login_all(2)
        wait_until(lambda: world.r.zscore('pods', 'game:pod-a'), 'the pod beats')
        time.sleep(1.1)  # a server looks at the pods once a second
        for player in (ann, ben):
            world.pods.enqueue(player)
        world.pods.wait_states([ann, ben], 'result')
        assert 'loading_deadline_ms' not in ann.snapshot['match'] and len(world.pods.battles) == 1
        assert 'loading' not in [one['state'] for one in ann.history + ben.history]


# ---- queue -------------------------------------------------------------------------------------------


def test_first_come_first_served_and_the_odd_one_keeps_the_place():
    with World() as world:
        world.hold_lease()
        world.start()
        players = world.login_all(9)
        order = random.Random(3).sample(players, 9)
        for place, player in enumerate(order, 1):
            world.pods.enqueue(player)
            assert world.pods.wait_state(player, 'queued')['position'] == place
            time.sleep(0.002)
        world.release_lease()
        world.pods.wait_states(order[:8], 'loading')
        for first, second in zip(order[0:8:2], order[1:8:2]):
            assert opponents(first) == [second.id]
        late = world.pods.login('late')
        since = order[8].snapshot['enqueued_at_ms']
        world.pods.enqueue(late)
        world.pods.wait_states([order[8], late], 'loading')
        assert opponents(late) == [order[8].id] and order[8].snapshot['enqueued_at_ms'] == since


def test_refusals_have_names_and_change_nothing():
    with World() as world:
        world.start()
        pods = world.pods
        ann, ben = world.login_all(2)

        def refused(player, name):
            wait_until(lambda: player.request is None, f'an answer for {name}')
            assert player.refused and player.refused[-1] == name, (name, player.refused)
            player.refused.clear()

        pods.enqueue(ann, mode='unheard')
        refused(ann, 'unknown_mode')
        pods.dequeue(ann)
        refused(ann, 'not_queued')
        world.r.set('maintenance:flag', 1)
        pods.enqueue(ann)
        refused(ann, 'maintenance')
        world.r.delete('maintenance:flag')
        pods.enqueue(ann)
        pods.wait_state(ann, 'queued')
        pods.enqueue(ann)
        refused(ann, 'already_queued')
        pods.ask(ann, 'loading', match_id='01890000-0000-7000-8000-000000000000', action='complete')
        refused(ann, 'no_such_match')
        pods.enqueue(ben)
        pods.wait_states([ann, ben], 'loading')
        pods.dequeue(ann)
        refused(ann, 'already_in_match')
        pods.enqueue(ann)
        refused(ann, 'already_in_match')
        pods.acknowledge_result(ann)
        refused(ann, 'no_such_match')
        pods.load(ann)
        pods.load(ben)
        pods.wait_states([ann, ben], 'result')
        pods.load(ann)
        refused(ann, 'loading_closed')
        pods.load(ann, 'cancel')
        refused(ann, 'loading_closed')


def test_a_repeated_request_has_one_effect_and_always_an_answer():
    with World() as world:
        world.start()
        ann = world.pods.login('ann')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        version, told = ann.version, ann.told
        message = {'player_id': 'ann', 'pod_id': 'pod-a', 'connection_epoch': ann.epoch, 'request': 1, 'attempt': 2,
                   'mode': 'normal', 'name': 'ANN', 'level': 3, 'rating': 1, 'snapshot': {}}
        for _ in range(5):
            world.pods.publish('match:enqueue:request', message)
        wait_until(lambda: ann.told >= told + 5, 'five answers')
        assert ann.version == version and world.r.zcard('queue:normal') == 1


def test_leaving_the_queue():
    with World() as world:
        world.start()
        ann = world.pods.login('ann')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        world.pods.dequeue(ann, 'disconnected')
        assert world.pods.wait_state(ann, 'lobby')['reason'] == 'disconnected'
        wait_drained(world)
        world.check_everything()


def test_a_newer_login_takes_the_place_over_on_another_pod():
    with World(pods=('pod-a', 'pod-b')) as world:
        world.start('pod-a')
        world.start('pod-b')
        pods = world.pods
        ann = pods.login('ann', 'pod-a')
        pods.enqueue(ann)
        since = pods.wait_state(ann, 'queued')['enqueued_at_ms']
        ann = pods.login('ann', 'pod-b')
        pods.ask(ann, 'resume')
        assert pods.wait_state(ann, 'queued')['enqueued_at_ms'] == since
        ben = pods.login('ben', 'pod-a')
        pods.enqueue(ben)
        play(world, [ann, ben])
        stranger = pods.login('stranger', 'pod-b')
        pods.ask(stranger, 'resume')
        assert pods.wait_state(stranger, 'lobby')['version'] > 0


def test_a_waiter_whose_pod_is_silent_leaves_the_queue():
    with World(queue__lease_ms=1000) as world:
        world.start()
        ann = world.pods.login('ann')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        time.sleep(1.5)
        assert ann.state == 'queued'  # renewed by heartbeats
        world.pods.beating = False
        assert world.pods.wait_state(ann, 'lobby', 4)['reason'] == 'expired'
        wait_drained(world)


# ---- loading and battle ------------------------------------------------------------------------------


def test_cancelling_sends_the_other_back_to_the_front():
    with World() as world:
        world.start()
        pods = world.pods
        ann, ben, cy = world.login_all(3)
        for player in (ann, ben):
            pods.enqueue(player)
        pods.wait_states([ann, ben], 'loading')
        pods.load(ann, 'cancel')
        assert pods.wait_state(ann, 'lobby')['reason'] == 'you_cancelled'
        told = pods.wait_state(ben, 'queued')
        assert told['reason'] == 'opponent_cancelled' and told['match_id'] == ann.snapshot['match_id']
        pods.enqueue(cy)
        play(world, [ben, cy])
        wait_drained(world)
        world.check_everything()


def test_who_does_not_load_in_time_goes_home_and_the_other_waits_on():
    with World(loading__deadline_ms=1000) as world:
        world.start()
        pods = world.pods
        ann, ben = world.login_all(2)
        for player in (ann, ben):
            pods.enqueue(player)
        pods.wait_states([ann, ben], 'loading')
        pods.load(ann)
        assert pods.wait_state(ben, 'lobby')['reason'] == 'you_timed_out'
        told = pods.wait_state(ann, 'queued')
        assert told['reason'] == 'opponent_timed_out' and told['enqueued_at_ms'] == ann.history[0]['enqueued_at_ms']
        world.check_everything()


def test_a_silent_host_is_replaced_and_at_last_everybody_is_queued_again():
    with World(pods=('pod-a', 'pod-b'), battle__deadline_ms=400, battle__attempts_max=3) as world:
        world.start()
        pods = world.pods
        pods.reporting = False
        ann, ben = world.login_all(2)
        time.sleep(1.2)
        for player in (ann, ben):
            pods.enqueue(player)
        pods.wait_states([ann, ben], 'loading')
        world.hold_lease()
        for player in (ann, ben):
            pods.load(player)
        pods.wait_states([ann, ben], 'battling')
        pods.wait_states([ann, ben], 'queued')
        assert [one['attempt'] for one in pods.battles] == [0, 1, 2]
        assert [one['host'] for one in pods.battles] == ['pod-a', 'pod-b', 'pod-a']
        assert ann.snapshot['reason'] == 'server'
        pods.reporting = True
        world.release_lease()
        play(world, [ann, ben])


def test_a_result_counts_once():
    with World() as world:
        world.start()
        pods = world.pods
        ann, ben = world.login_all(2)
        for player in (ann, ben):
            pods.enqueue(player)
        pods.wait_states([ann, ben], 'loading')
        for player in (ann, ben):
            pods.load(player)
        pods.wait_states([ann, ben], 'result')
        version = ann.version
        for _ in range(3):
            pods.report(pods.battles[0], winner=1, digest='e' * 64)
        pods.acknowledge_result(ann)
        pods.wait_state(ann, 'lobby')
        match = world.matches()[pods.battles[0]['match_id']]
        assert match['digest'] == 'd' * 64 and match['winner'] == '0' and ben.version == version


def test_a_snapshot_that_the_host_cannot_read_frees_the_opponent():
    with World() as world:
        world.start()
        pods = world.pods
        pods.reporting = False
        ann, ben = world.login_all(2)
        for player in (ann, ben):
            pods.enqueue(player)
        pods.wait_states([ann, ben], 'loading')
        for player in (ann, ben):
            pods.load(player)
        pods.wait_states([ann, ben], 'battling')
        request = wait_until(lambda: pods.battles and pods.battles[0], 'a battle request')
        pods.report(request, digest='', poisoned=ann.id)
        assert pods.wait_state(ann, 'lobby')['reason'] == 'removed'
        assert pods.wait_state(ben, 'queued')['reason'] == 'server'


# ---- trouble -----------------------------------------------------------------------------------------


def test_a_poisoned_candidate_is_removed_and_told_and_blocks_nobody():
    with World() as world:
        world.hold_lease()
        world.start()
        pods = world.pods
        bad, gone, ann, ben = world.login_all(4)
        for player in (bad, gone, ann, ben):
            pods.enqueue(player)
            pods.wait_state(player, 'queued')
        world.r.hset(f'metadata:{bad.id}', 'snapshot', 'garbage')
        world.r.delete(f'metadata:{gone.id}')
        world.release_lease()
        pods.wait_states([ann, ben], 'loading')
        assert pods.wait_state(bad, 'lobby')['reason'] == 'removed'
        pods.wait_state(gone, 'lobby')
        assert world.r.zcard('queue:normal') == 0
        pods.enqueue(gone)
        pods.wait_state(gone, 'queued')


def test_garbage_on_every_channel_harms_nobody():
    chance = random.Random(5)
    good = {'player_id': 'ann', 'pod_id': 'pod-a', 'connection_epoch': 1, 'request': 1, 'attempt': 1,
            'mode': 'nowhere', 'name': 'Ann', 'level': 1, 'rating': 1, 'snapshot': {}, 'match_id': 'x', 'action': 'no',
            'reason': 'r', 'players': [{'player_id': 'ann', 'version': 1}], 'digest': '', 'winner': 0}
    strange = ['', '{', 'null', '[]', '0', '{"a":' * 60, '\x00', '{"player_id":1}', 'x' * 100_000,
               b'\xff\xfe{}', json.dumps(dict(good, player_id='a:b')), json.dumps(dict(good, player_id='')),
               json.dumps(dict(good, pod_id='a b')), json.dumps(dict(good, request=-1)),
               json.dumps(dict(good, connection_epoch=1e300)), json.dumps(dict(good, match_id='a:b{}')),
               json.dumps(dict(good, players=[{'player_id': 'a:b', 'version': 1}] * 256)),
               json.dumps(dict(good, players=[{}])), json.dumps(dict(good, snapshot=[])),
               json.dumps(dict(good, snapshot={'x': 'y' * 10_000})), json.dumps(dict(good, mode='m' * 17))]
    channels = ['match:enqueue:request', 'match:dequeue:request', 'match:loading:request', 'match:result:request',
                'match:resume:request', 'match:heartbeat', 'match:snapshot:ack', 'match:battle:report']
    with World() as world:
        server = world.start()
        for channel in channels:
            for payload in strange:
                world.pods.publish(channel, payload)
            for _ in range(100):
                text = bytearray(json.dumps(good).encode())
                for _ in range(chance.randrange(1, 6)):
                    text[chance.randrange(len(text))] = chance.randrange(256)
                world.pods.publish(channel, bytes(text))
        players = world.login_all(2)
        for player in players:
            world.pods.enqueue(player)
        play(world, players)
        assert server.is_running()


def test_lost_news_are_told_again_until_acknowledged():
    with World(outbox__retry_ms=100) as world:
        world.start()
        pods = world.pods
        pods.acknowledge = pods.beating = False
        ann = pods.login('ann')
        pods.enqueue(ann)
        pods.wait_state(ann, 'queued')
        wait_until(lambda: ann.told >= 4, 'repetitions')
        pods.acknowledge = True
        wait_until(lambda: world.r.zcard('outbox') == 0, 'the outbox is empty')
        assert len(ann.history) == 1


def test_a_heartbeat_brings_news_that_got_lost_for_good():
    with World() as world:
        world.start()
        ann = world.pods.login('ann')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        wait_until(lambda: world.r.zcard('outbox') == 0, 'acknowledged')
        ann.version -= 1
        told = ann.told
        wait_until(lambda: ann.told > told, 'the heartbeat is answered', 3)


def test_a_lost_connection_to_redis_loses_nobody():
    with World() as world:
        world.start()
        players = world.login_all(40)
        for player in players:
            world.pods.enqueue(player)
        for _ in range(3):
            for client in world.r.client_list():
                if client['name'] == 'matchmaking':
                    world.r.execute_command('CLIENT', 'KILL', 'ID', client['id'])
            time.sleep(0.1)
        play(world, players, 20)
        wait_drained(world)
        world.check_everything()


def test_a_queue_that_changed_behind_the_log_is_noticed():
    with World() as world:
        server = world.start()
        world.wait_lease('pod-a')
        ann = world.pods.login('ann')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        world.pods.beating = False
        for key in ('queue:normal', 'queue:leases'):
            world.r.zrem(key, 'ann')
        wait_until(lambda: 'mirror_differs' in server.log(), 'the difference is noticed', 6)
        players = world.login_all(2)
        for player in players:
            world.pods.enqueue(player)
        world.pods.wait_states(players, 'loading')


def test_an_older_redis_after_a_failover_is_followed_again():
    with World() as world:
        world.start()
        world.wait_lease('pod-a')
        ann, ben = world.login_all(2)
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        world.r.flushall()
        world.pods.wait_state(ann, 'lobby', 5)
        for player in (ann, ben):
            world.pods.enqueue(player)
        world.pods.wait_states([ann, ben], 'loading')


# ---- several servers ---------------------------------------------------------------------------------


def test_two_servers_and_five_hundred_players_nobody_twice():
    with World(pods=('pod-a', 'pod-b'), queue__lease_ms=30000) as world:
        for pod in ('pod-a', 'pod-b'):
            world.start(pod)
        players = world.login_all(250, 'pod-a', 'a') + world.login_all(250, 'pod-b', 'b')
        random.Random(1).shuffle(players)
        for player in players:
            world.pods.enqueue(player)
        for _ in range(5):
            world.check_everything()
        world.pods.wait_states(players, 'loading', 20)
        for player in players:
            assert opponents(world.pods.players[opponents(player)[0]]) == [player.id]
        play(world, players, 30)
        members = [id for match in world.matches().values() for id in match['players'].split(',')]
        assert sorted(members) == sorted(player.id for player in players)
        assert len(world.pods.battles) >= 250
        wait_drained(world)
        world.check_everything()


def test_both_servers_may_believe_that_they_hold_the_lease():
    with World(pods=('pod-a', 'pod-b'), matchmaker__lease_ms=200, matchmaker__renew_ms=90) as world:
        servers = [world.start(pod) for pod in ('pod-a', 'pod-b')]
        players = world.login_all(100, 'pod-a', 'a') + world.login_all(100, 'pod-b', 'b')
        for i, player in enumerate(players):
            world.pods.enqueue(player)
            if i % 40 == 0:
                holder = servers[(world.lease() or 'pod-a').startswith('pod-b')]
                holder.process.send_signal(signal.SIGSTOP)
                time.sleep(0.35)
                holder.process.send_signal(signal.SIGCONT)
        play(world, players, 30)
        members = [id for match in world.matches().values() for id in match['players'].split(',')]
        assert sorted(members) == sorted(player.id for player in players)
        wait_drained(world)
        world.check_everything()


def test_the_lease_of_a_killed_server_is_taken_over_within_a_second():
    with World(pods=('pod-a', 'pod-b')) as world:
        first = world.start('pod-a')
        world.wait_lease('pod-a')
        world.start('pod-b')
        took = []
        ann, ben = world.pods.login('ann', 'pod-b'), world.pods.login('ben', 'pod-b')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued')
        first.kill()
        start = time.monotonic()
        world.pods.enqueue(ben)
        world.pods.wait_states([ann, ben], 'loading')
        took.append(time.monotonic() - start)
        print(f'matched {took[0] * 1000:.0f} ms after the kill')
        assert took[0] < 1.2, took


def test_a_terminated_server_hands_over_at_once_and_exits_with_0():
    with World(pods=('pod-a', 'pod-b')) as world:
        first = world.start('pod-a')
        epoch = int(world.wait_lease('pod-a').split(':')[1])
        world.start('pod-b')
        assert first.terminate() == 0
        start = time.monotonic()
        taken = world.wait_lease('pod-b')
        assert int(taken.split(':')[1]) > epoch and time.monotonic() - start < 0.5
        assert world.r.zscore('pods', 'match:pod-a') is None


def test_a_pod_whose_server_died_is_served_by_another():
    with World(pods=('pod-a', 'pod-b'), pods__heartbeat_ttl_ms=1000) as world:
        first = world.start('pod-a')
        world.start('pod-b')
        first.kill()
        players = world.login_all(4, 'pod-a')
        for player in players:
            world.pods.enqueue(player)
        play(world, players, 15)


def test_a_hanging_server_is_helped_at_the_third_attempt():
    with World(pods=('pod-a', 'pod-b'), pods__heartbeat_ttl_ms=60000) as world:
        first = world.start('pod-a')
        world.start('pod-b')
        time.sleep(1.2)
        first.process.send_signal(signal.SIGSTOP)
        ann = world.pods.login('ann', 'pod-a')
        world.pods.enqueue(ann)
        world.pods.wait_state(ann, 'queued', 4)
        assert 3 <= len(ann.history) + 2
        first.process.send_signal(signal.SIGCONT)


def test_a_takeover_of_thousands_keeps_their_order():
    with World() as world:
        world.hold_lease()
        first = world.start(queue__lease_ms=600000)
        pods = world.pods
        pods.beating = False
        players = world.login_all(3001)
        for player in players:
            pods.enqueue(player)
        wait_until(lambda: world.r.zcard('queue:normal') == 3001, 'everybody waits', 20)
        order = [id for id, _ in world.r.zrange('queue:normal', 0, -1, withscores=True)]
        first.kill()
        world.release_lease()
        world.start(queue__lease_ms=600000)
        wait_until(lambda: world.r.zcard('queue:normal') == 1, 'everybody but one is matched', 20)
        assert world.r.zrange('queue:normal', 0, -1) == [order[-1]]
        pairs = {tuple(match['players'].split(',')) for match in world.matches().values()}
        assert pairs == set(zip(order[0:3000:2], order[1:3000:2]))
        world.check_everything()


def test_a_realm_prefix_is_kept_everywhere():
    with World(redis__key_prefix='{eu}:') as world:
        world.start()
        players = world.login_all(2)
        for player in players:
            world.pods.enqueue(player)
        play(world, players)
        assert all(key.startswith('{eu}:') for key in world.r.scan_iter('*'))
        world.check_everything()


def test_a_server_without_redis_still_stops_in_good_order():
    with World() as world:
        server = world.start()
        world.redis_server.process.kill()
        world.redis_server.process.wait()
        start = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - start < 9


def test_redis_is_stopped_and_comes_back_empty():
    with World() as world:
        server = world.start()
        world.wait_lease('pod-a')
        world.redis_server.process.kill()
        world.redis_server.process.wait()
        world.redis_server.launch()
        world.redis_server.wait(world.r.ping)
        players = world.login_all(2)
        for player in players:
            world.pods.enqueue(player)
        play(world, players, 20)
        assert server.is_running()


# ---- sanctions ---------------------------------------------------------------------------------------


def penalties(world):
    return {key.split('penalty:')[1]: world.r.hget(key, 'count') for key in world.r.scan_iter('penalty:*')}


def test_dodging_is_sanctioned_once_whatever_is_repeated():
    with World(pods=('pod-a', 'pod-b'), loading__deadline_ms=1200) as world:
        world.start('pod-a')
        world.start('pod-b')
        pods = world.pods
        ann, ben = pods.login('ann', 'pod-a'), pods.login('ben', 'pod-b')
        for name in ('warning', '1 min'):
            pods.enqueue(ann, device='phone')
            if ben.state == 'lobby':
                pods.enqueue(ben)
            pods.wait_states([ann, ben], 'loading')
            pods.load(ann, 'cancel')
            request = ann.request
            for _ in range(5):
                if request:
                    pods.publish(request[0], {**request[1], 'attempt': 9})  # every match_server executes it
            pods.wait_state(ann, 'lobby')
            assert (ann.snapshot['reason'], ann.snapshot['penalty']) == ('you_cancelled', name), ann.snapshot
            pods.wait_state(ben, 'queued')
            assert 'penalty' not in ben.snapshot
        time.sleep(0.5)  # repetitions and reapers have had their chance
        assert sorted(penalties(world).values()) == ['2', '2'] and penalties(world)['player:ann'] == '2'
        pods.enqueue(ann)
        wait_until(lambda: ann.refused == ['banned'], 'ann is refused')
        assert 50_000 < ann.retry_after_ms <= 60_000
        cy = pods.login('cy', 'pod-a')
        pods.enqueue(cy, device='phone')
        wait_until(lambda: cy.refused == ['banned'], 'her device is refused')


def test_a_time_out_is_sanctioned_only_with_the_proof_of_a_living_process():
    for seeing, process, told in ((True, 'p1', 'warning'), (False, 'p1', None), (True, 'p2', None)):
        with World(loading__deadline_ms=2500) as world:
            world.start()
            pods = world.pods
            pods.seeing = seeing
            ann, ben = world.login_all(2)
            for player in (ann, ben):
                pods.enqueue(player)
            pods.wait_states([ann, ben], 'loading')
            pods.load(ben)
            wait_until(lambda: bool(seeing) == any('p:' + ann.id in match for match in world.matches().values()),
                       'the proof')
            pods.seeing, pods.process = False, process  # p2: the pod is restarted
            pods.wait_state(ann, 'lobby')
            assert ann.snapshot['reason'] == 'you_timed_out' and ann.snapshot.get('penalty') == told, ann.snapshot
            assert penalties(world) == ({'player:' + ann.id: '1'} if told else {})
            assert 'penalty' not in pods.wait_state(ben, 'queued')
