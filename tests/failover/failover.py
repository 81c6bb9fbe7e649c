#!/usr/bin/python3
"""Redis fails over while a crowd plays; then judges what everybody saw.

A primary, two replicas and three sentinels as deploy/redis installs them, pods that know the sentinels only,
and the bots of the chaos runs. The primary is killed, stands still until it has been replaced, or hands over
in order. Afterwards everybody comes to rest, plays one more match, and the checker of the chaos runs compares
what the players saw with what the last primary holds: nobody lost, nobody doubled.
"""
import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'chaos'), os.path.join(HERE, '..', 'e2e')]
from harness import Lab  # noqa: E402 pylint: disable=wrong-import-position
import checker  # noqa: E402 pylint: disable=wrong-import-position
from figures import percentile  # noqa: E402 pylint: disable=wrong-import-position
from group import Group  # noqa: E402 pylint: disable=wrong-import-position
from trial import Trial, make_parser, write_figures  # noqa: E402 pylint: disable=wrong-import-position

KINDS = ('kill_primary', 'freeze_primary', 'hand_over')
READY_SECONDS = 30


class Run(Trial):
    """Redis fails over, one kind after the other."""

    quiet_seconds = 120
    drain_seconds = 30

    def __init__(self, options):
        super().__init__(options, Lab(redis=Group))
        self.windows = []

    async def play(self):
        options, group = self.options, self.lab.redis
        pods = await self.pods(**group.options)
        await self.crowd.open(options.bots, 1, options.seed, pods)
        await self.ask('login')
        await self.ask('play')
        for number in range(options.count):
            await asyncio.sleep(options.calm)
            await self.fail_over(group, pods, KINDS[number % len(KINDS)])
        await asyncio.sleep(options.calm)
        await self.come_to_rest()

    async def fail_over(self, group, pods, kind):
        start = time.monotonic()
        await getattr(group, kind)()
        promoted = time.monotonic()
        await asyncio.gather(*(server.until_ready(READY_SECONDS) for pod in pods for server in pod.servers))
        self.windows.append((kind, start, promoted, time.monotonic()))
        await group.until_whole()

    def outages(self):
        """For every failover the longest time in which nobody was matched, of the times that touch it."""
        found = sorted(at for bot in self.bots for _, at, _ in bot['waits'])
        return [max((b - a for a, b in zip(found, found[1:]) if a < ready + 1 and b > start), default=0.0)
                for _, start, _, ready in self.windows]

    def judge(self):
        super().judge()
        if denied := self.lab.redis.denied():
            self.broken['nobody is refused by the rights of his user'] = denied
        worst = percentile(self.outages(), 0.99)
        if worst >= self.options.outage_max:
            self.broken['an outage is short'] = [f'p99 {worst:.2f} s, allowed are {self.options.outage_max} s']


def parse(arguments):
    parser = make_parser(__doc__, bots=200, pods=2)
    parser.add_argument('--count', type=int, default=10, help='failovers')
    parser.add_argument('--calm', type=float, default=3, help='seconds between two failovers')
    parser.add_argument('--outage-max', type=float, default=5.0, help='seconds without a match, for the p99')
    return parser.parse_args(arguments)


def figures_of(run, options):
    outages = run.outages()
    return {'seed': options.seed, 'bots': options.bots, 'failovers': len(run.windows),
            'matches': len(checker.told(run.bots)),
            'outage_p50_s': round(percentile(outages, 0.5), 2),
            'outage_p99_s': round(percentile(outages, 0.99), 2),
            'each': [{'kind': kind, 'promoted_s': round(promoted - start, 2), 'ready_s': round(ready - start, 2),
                      'outage_s': round(outage, 2)}
                     for (kind, start, promoted, ready), outage in zip(run.windows, outages)],
            'broken': run.broken}


def main(arguments=None):
    """Whether no rule was broken."""
    options = parse(arguments)
    run = Run(options)
    good = not asyncio.run(run.perform())
    figures = figures_of(run, options)
    print(f"{figures['failovers']} failovers under {options.bots} bots on {options.pods} pods, "
          f"{figures['matches']} matches, {len(run.broken)} rules broken; nobody was matched for "
          f"p50 {figures['outage_p50_s']} s, p99 {figures['outage_p99_s']} s")
    for one in figures['each']:
        print(f"  {one['kind']:16} another primary after {one['promoted_s']:5.2f} s, all servers ready after "
              f"{one['ready_s']:5.2f} s, nobody matched for {one['outage_s']:5.2f} s")
    run.print_broken()
    if options.out:
        write_figures(options.out, figures)
    return good


if __name__ == '__main__':
    sys.exit(0 if main() else 1)
