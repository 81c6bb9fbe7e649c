"""match_server is killed at every fault point, while players do everything that players can do.

One match_server serves both pods and has the fault; when it dies the other pod's starts. Then everything must
come to its end: every player in the lobby, every key drained, every result seen by both.
"""
import os
import re
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from world import FAULTY, ROOT, World, wait_until

# Reached at the start already: there the n-th time is the interesting one.
COUNTS = {'lease_renew': 3, 'heartbeat': 4, 'queue_mark': 3, 'snapshot': 5, 'match_read': 2}
AT_TAKEOVER = {'before_lease_acquire', 'after_lease_acquire', 'during_rebuild'}
AT_STOP = {'before_release', 'before_lease_release', 'after_lease_release'}
AT_SILENCE = {'before_drain', 'after_drain', 'before_maintenance', 'after_maintenance'}
OPTIONS = {'queue__lease_ms': 1500, 'loading__deadline_ms': 1000, 'battle__deadline_ms': 400,
           'battle__ready_deadline_ms': 400, 'pods__heartbeat_ttl_ms': 1000, 'outbox__retry_ms': 100,
           'maintenance__probe_ms': 100, 'maintenance__silence_ms': 600, 'queue__modes': 'normal,ranked,party',
           'penalty__steps_s': '0,1,2'}
ALONE = {'mute': 1000, 'leave': 5000}  # ratings in ranked, with which this plan waits undisturbed
PLANS = ['play', 'play', 'cancel', 'play', 'sleep', 'play', 'leave', 'mute', 'relogin', 'deaf', 'play', 'play']
PARTIES = [('cancel', 'play'), ('play', 'relogin'), ('deaf', 'play'), ('play', 'sleep')]  # and two without a party


def fault_points():
    def ours(*path):
        with open(os.path.join(ROOT, *path)) as file:
            return file.read().split('/* match_server:')[1].split('/*')[0]
    scripts = re.findall(r'^SCRIPT\((\w+)\)', ours('lua', 'scripts.def'), re.M)
    own = re.findall(r'^FAULT\((\w+)\)', ours('common', 'fault_points.def'), re.M)
    return sorted([f'{when}_{script}' for script in scripts for when in ('before', 'after')] + own)


class Actor:
    """A player who does one odd thing, and then plays a match to its end."""

    def __init__(self, world, id, plan, mode='normal', pod='pod-a'):
        self.world, self.pods, self.plan, self.done = world, world.pods, plan, False
        self.player = world.pods.login(id, pod)
        self.player.deaf = plan == 'deaf'
        self.results = set()
        self.since = time.monotonic()
        self.seen = None
        self.mode = 'ranked' if plan in ALONE else mode
        self.mate = None      # another actor
        self.is_guest = False  # waits for the mate to ask

    def start(self):
        self.enqueue(ALONE.get(self.plan, 1000))

    def enqueue(self, rating=1000):
        if self.mate is None:
            self.pods.enqueue(self.player, self.mode, rating=rating)
        elif not self.is_guest and self.mate.player.state == 'lobby' and self.mate.player.request is None:
            self.pods.enqueue_party(self.player, self.mate.player)

    def step(self):
        player = self.player
        if player.state != self.seen:
            self.seen, self.since = player.state, time.monotonic()
        if player.request is not None:
            return
        getattr(self, player.state)(time.monotonic() - self.since)

    def lobby(self, _):
        snapshot = self.player.snapshot
        left = self.plan == 'left' or (self.mate and self.mate.plan == 'left')
        if snapshot.get('reason') == 'done' or left:
            self.done = True
        elif not self.done:
            odd_end = snapshot.get('reason') in ('you_cancelled', 'you_timed_out', 'expired')
            if self.plan in ('cancel', 'sleep', 'mute') and odd_end:
                self.plan = 'play'
                self.player.muted = False
                self.mode = 'normal' if self.mode == 'ranked' else self.mode
            self.enqueue()

    def queued(self, seconds):
        if self.plan == 'leave':
            self.plan = 'left'
            self.pods.dequeue(self.player)
        elif self.plan == 'left' or seconds > 6:  # matched in between, or nobody is left to play with
            self.plan = 'left'
            self.pods.dequeue(self.player)
        elif self.plan == 'mute':
            self.player.muted = True
        elif self.plan == 'relogin':
            self.login_again()

    def login_again(self):
        self.plan = 'play'
        self.player = self.pods.login(self.player.id, 'pod-b')
        self.pods.ask(self.player, 'resume')

    def loading(self, seconds):
        if self.plan == 'deaf' and seconds < 0.6:
            return
        if self.plan == 'deaf':
            self.plan, self.player.deaf = 'play', False
        if self.plan == 'relogin':
            self.login_again()
        elif self.plan == 'cancel':
            self.pods.load(self.player, 'cancel')
        elif self.plan != 'sleep' and self.player.id not in self.player.snapshot.get('ready', []):
            self.pods.load(self.player)

    def battling(self, _):
        pass

    def result(self, _):
        self.results.add(self.player.snapshot['match_id'])
        self.pods.acknowledge_result(self.player)


def parties(world, all_plans=PARTIES, solos=2):
    """Four parties and two solo players: however they meet, nobody is left over."""
    actors = [Actor(world, f'solo-{i}', 'play', 'party') for i in range(solos)]
    for i, plans in enumerate(all_plans):
        host, guest = (Actor(world, f'party-{i}{side}', plan, 'party', pod)
                       for side, plan, pod in zip('xy', plans, ('pod-a', 'pod-b')))
        host.mate, guest.mate, guest.is_guest = guest, host, True
        actors += [host, guest]
    return actors


def everybody(world):
    return [Actor(world, f'{plan}-{i}', plan) for i, plan in enumerate(PLANS)] + parties(world)


# Steps that move a party, with players of parties only; out of the queue it takes two calls, for the mate is not known.
PARTY_STEPS = {step: (parties, 1) for step in
               ('enqueue', 'commit', 'loading_complete', 'loading_cancel', 'report', 'reap')}
PARTY_STEPS['dequeue'] = lambda world: parties(world, [('play', 'leave')], 0), 2
PARTY_STEPS['expire'] = lambda world: parties(world, [('play', 'mute')], 0), 2


def check_results(world, actors):
    for id, match in world.matches().items():
        if match['status'] != 'finished':
            continue
        for actor in actors:
            assert (actor.player.id in match['players'].split(',')) == (id in actor.results), (id, match, actor.plan)


def run_to_the_end(world, actors, faulty, seconds=40):
    def everybody_is_done():
        if not faulty.is_running() and 'pod-b' not in [one.pod for one in world.servers if one.is_running()]:
            world.start('pod-b', wait=False)
        for actor in actors:
            actor.step()
        world.check_everything()
        return all(actor.done for actor in actors) and world.drained()
    wait_until(everybody_is_done, lambda: 'unfinished: ' + str(
        [(actor.player.id, actor.plan, actor.player.state, actor.player.request) for actor in actors
         if not actor.done]), seconds)


def be_silent(world, faulty):
    """No game_server is there until the fault is reached; somebody waits all the while."""
    world.r.zadd('queue:leases', {'nobody': 1 << 50})
    world.pods.beating = world.pods.listens = False
    wait_until(lambda: not faulty.is_running(), 'the silence is noticed', 20)
    world.pods.beating = world.pods.listens = True
    world.r.zrem('queue:leases', 'nobody')


def kill_at(point, make_actors=everybody, count=None):
    count = count or next((count for part, count in COUNTS.items() if part in point), 1)
    with World(pods=('pod-a', 'pod-b'), **OPTIONS) as world:
        if point in AT_TAKEOVER:  # the faulty one is killed as it takes over from one that was killed
            healthy = world.start('pod-b')
            world.wait_lease('pod-b')
        faulty = world.start('pod-a', fault=f'{point}:{count}')
        world.pods.report_first = False
        actors = make_actors(world)
        for actor in actors:
            actor.start()
        if point in AT_TAKEOVER:
            healthy.kill()
        if point in AT_SILENCE:
            be_silent(world, faulty)
        if point in AT_STOP:
            wait_until(lambda: world.matches(), 'work is under way')
            faulty.process.terminate()
        run_to_the_end(world, actors, faulty)
        check_results(world, actors)
        wait_until(lambda: not faulty.is_running(), f'{point} is reached', 5)
        assert faulty.process.returncode == -9, faulty.process.returncode
        world.check_everything()
    return point


def test_a_kill_at_any_fault_point_loses_and_doubles_nobody():
    survive({point: (point,) for point in fault_points()})


def test_a_kill_at_any_step_of_a_party_parts_nobody():
    survive({f'{when}_{step}': (f'{when}_{step}', *how) for step, how in PARTY_STEPS.items()
             for when in ('before', 'after')})


def survive(all_arguments):
    assert os.path.exists(FAULTY), f'{FAULTY}: make faults-build builds it'
    with ThreadPoolExecutor(5) as pool:
        runs = {point: pool.submit(kill_at, *arguments) for point, arguments in all_arguments.items()}
    failures = {point: ''.join(traceback.format_exception(run.exception())) for point, run in runs.items()
                if run.exception()}
    print(f'{len(runs) - len(failures)} fault points survived')
    assert not failures, '\n'.join(point + ': ' + text for point, text in failures.items())


def test_a_fault_point_that_does_not_exist_stops_the_start():
    with World() as world:
        for wrong in ('nowhere', 'before_commit:0', 'before_commit:x', 'before_commit:'):
            assert world.start(fault=wrong, wait=False).process.wait(5) == 2, wrong
