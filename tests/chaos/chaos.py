#!/usr/bin/python3
"""Kills, freezes, cuts and delays everything while a crowd plays; then judges what everybody saw.

A private Redis that keeps what it acknowledged, a seeded fault proxy in front of it, pods that reach Redis
through the proxy only, and bots in processes of their own. First a calm phase, then a schedule of faults one
after the other, then everybody comes to rest, plays one more match, and the checker (checker.py) compares
what the players saw with what Redis holds. A failed run prints its seed and command. The schedule is a
function of the seed; what the processes do at that moment is not.
"""
import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'e2e')]
from harness import Lab  # noqa: E402 pylint: disable=wrong-import-position
import checker  # noqa: E402 pylint: disable=wrong-import-position
from faults import Trouble, make_schedule  # noqa: E402 pylint: disable=wrong-import-position
from figures import as_table, measure  # noqa: E402 pylint: disable=wrong-import-position
from parts import Proxy  # noqa: E402 pylint: disable=wrong-import-position
from trial import Trial, make_parser, write_figures  # noqa: E402 pylint: disable=wrong-import-position


class Run(Trial):
    """Everything goes wrong, one after the other."""

    def __init__(self, options):
        super().__init__(options, Lab(durable=True))
        self.proxy, self.figures, self.kills = None, {}, 0

    async def build(self):
        options = self.options
        self.proxy = await Proxy().open(options.seed, self.lab.redis.socket)
        self.lab.redis.url = self.proxy.url
        pods = await self.pods(queue__lease_ms=round(options.queue_lease * 1000))
        await self.crowd.open(options.bots, options.processes, options.seed, pods)
        await self.ask('login')
        return Trouble(self.lab.redis, pods, self.proxy, self.crowd, options.seed, options.gap)

    async def play(self):
        options, trouble = self.options, await self.build()
        calm_from = time.monotonic()
        await self.ask('play')
        await asyncio.sleep(options.calm)
        chaos_from = time.monotonic()
        await trouble.run(make_schedule(options.seed, options.kills, options.others, options.expiries))
        chaos_until = time.monotonic()
        await self.come_to_rest()
        self.kills = trouble.kills
        self.figures = measure(self.bots, trouble.windows, calm_from, chaos_from, chaos_until)
        self.figures['party_matches'] = sum(len(results) == 4 for results in checker.told(self.bots).values())
        self.figures['chaos_s'] = round(chaos_until - chaos_from, 1)

    def judge(self):
        super().judge()
        if not self.figures['party_matches']:
            self.broken['parties play'] = ['nobody was told of a match of four']
        if self.options.expiries and not self.figures['expired_in_parties']:
            self.broken['leases of parties end'] = ['no party was told that its time in the queue is over']
        for whose in ('extra_wait', 'extra_wait_of_parties'):
            extra = self.figures[whose]['p99_s']
            if extra > self.options.extra_wait_max:
                sentence = f"p99 of the {whose.replace('_', ' ')} is {extra} s"
                self.broken.setdefault('nobody waits long', []).append(sentence)

    async def close(self):
        await self.crowd.close()
        if self.proxy is not None:
            await self.proxy.end()
        await self.lab.close()


def parse(arguments):
    parser = make_parser(__doc__, bots=1000, pods=3)
    parser.add_argument('--kills', type=int, default=100, help='processes to kill, at least')
    parser.add_argument('--others', type=int, help='faults that kill nobody (as many as kills)')
    parser.add_argument('--expiries', type=int, help='times that parties outlive their lease (one for 25 kills)')
    parser.add_argument('--processes', type=int, default=2, help='processes for the bots')
    parser.add_argument('--calm', type=float, default=20, help='seconds without faults, for the baseline')
    parser.add_argument('--gap', type=float, default=1.2, help='seconds between two faults, on average')
    parser.add_argument('--queue-lease', type=float, default=5.0, help='seconds, queue.lease_ms of the pods')
    parser.add_argument('--extra-wait-max', type=float, default=2.0, help='seconds, for the p99')
    options = parser.parse_args(arguments)
    if options.bots % 2 or options.bots < 2 * options.processes:
        parser.error('--bots must be even and at least two a process')
    options.others = options.kills if options.others is None else options.others
    options.expiries = (options.kills + 24) // 25 if options.expiries is None else options.expiries
    return options


def print_verdict(run, options):
    figures = run.figures
    if figures:
        print(f'seed {options.seed}: {options.bots} bots, {options.pods} pods, {run.kills} kills, '
              f"{options.others} other faults in {figures['chaos_s']} s; {figures['matches']} matches, "
              f"{figures['party_matches']} of them of parties, {len(run.broken)} rules broken")
        print(as_table(figures))
    run.print_broken()
    if run.broken:
        names = ('seed', 'bots', 'kills', 'others', 'expiries', 'pods', 'processes', 'calm', 'gap', 'queue_lease')
        flags = ' '.join(f"--{name.replace('_', '-')} {getattr(options, name)}" for name in names)
        print(f'failed with seed {options.seed}; again: tests/chaos/chaos.py {flags}')


def main(arguments=None):
    """Whether no rule was broken."""
    options = parse(arguments)
    run = Run(options)
    good = not asyncio.run(run.perform())
    print_verdict(run, options)
    if options.out and run.figures:
        write_figures(options.out, {'seed': options.seed, 'bots': options.bots, 'kills': run.kills,
                                    'broken': run.broken, **run.figures})
    return good


if __name__ == '__main__':
    sys.exit(0 if main() else 1)
