#!/usr/bin/python3
"""Redis fails over while a crowd plays; then judges what everybody saw.

A primary, two replicas and three sentinels as deploy/redis installs them, pods that know the sentinels only,
and the bots of the chaos runs. The primary is killed, stands still until it has been replaced, or hands over
in order. Afterwards everybody comes to rest, plays one more match, and the checker of the chaos runs compares
what the players saw with what the last primary holds: nobody lost, nobody doubled.
"""
import argparse
import asyncio
import json
import os
import random
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'chaos'), os.path.join(HERE, '..', 'e2e')]
from harness import Lab  # noqa: E402 pylint: disable=wrong-import-position
import checker  # noqa: E402 pylint: disable=wrong-import-position
from chaos import Crowd  # noqa: E402 pylint: disable=wrong-import-position
from figures import percentile  # noqa: E402 pylint: disable=wrong-import-position
from group import Group  # noqa: E402 pylint: disable=wrong-import-position

KINDS = ('kill_primary', 'freeze_primary', 'hand_over')
QUIET_SECONDS = 120
DRAIN_SECONDS = 30
READY_SECONDS = 30
SENTENCES_SHOWN = 5


class Run:
    """One run, from an empty Redis to the verdict."""

    def __init__(self, options):
        self.options = options
        self.lab, self.crowd = Lab(redis=Group), Crowd()
        self.bots, self.broken, self.windows = [], {}, []

    async def play(self):
        options, group = self.options, self.lab.redis
        names = [chr(ord('a') + number) for number in range(options.pods)]
        pods = await asyncio.gather(*(self.lab.pod(name, **group.options) for name in names))
        await self.crowd.open(options.bots, 1, options.seed, pods)
        await self.crowd.ask('login', QUIET_SECONDS)
        await self.crowd.ask('play', QUIET_SECONDS)
        for number in range(options.count):
            await asyncio.sleep(options.calm)
            await self.fail_over(group, pods, KINDS[number % len(KINDS)])
        await asyncio.sleep(options.calm)
        await self.crowd.ask('leave', QUIET_SECONDS)
        await self.crowd.ask('round', QUIET_SECONDS)
        await self.lab.drained(DRAIN_SECONDS)
        self.bots = [bot for part in await self.crowd.ask('report', QUIET_SECONDS) for bot in part]

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
        self.broken = checker.judge(self.bots, self.lab.keys)
        if crashes := self.lab.crashes():
            self.broken['no server ends by itself'] = crashes
        if denied := self.lab.redis.denied():
            self.broken['nobody is refused by the rights of his user'] = denied
        worst = percentile(self.outages(), 0.99)
        if worst >= self.options.outage_max:
            self.broken['an outage is short'] = [f'p99 {worst:.2f} s, allowed are {self.options.outage_max} s']

    async def perform(self):
        """The rules that are broken; a rule of its own for a run that did not come to its end."""
        try:
            await self.play()
            self.judge()
        except Exception:  # pylint: disable=broad-except
            self.broken['the run comes to its end'] = [traceback.format_exc()]
        finally:
            if self.broken:
                print(self.lab.logs(12))
            await self.crowd.close()
            await self.lab.close()
            if self.options.keep:
                print(f'kept {self.lab.folder}')
            else:
                self.lab.remove()
        return self.broken


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=10, help='failovers')
    parser.add_argument('--bots', type=int, default=200, help='players, an even number')
    parser.add_argument('--pods', type=int, default=2)
    parser.add_argument('--calm', type=float, default=3, help='seconds between two failovers')
    parser.add_argument('--outage-max', type=float, default=5.0, help='seconds without a match, for the p99')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument('--out', help='write the figures to this file')
    parser.add_argument('--keep', action='store_true', help='keep the folder with logs and Redis data')
    return parser.parse_args(arguments)


def figures_of(run, options):
    outages = run.outages()
    return {'seed': options.seed, 'bots': options.bots, 'failovers': len(run.windows),
            'matches': sum(len(bot['results']) for bot in run.bots) // 2,
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
    for rule, sentences in run.broken.items():
        print(f'BROKEN {len(sentences)} times: {rule}')
        print('\n'.join(f'    {sentence}' for sentence in sentences[:SENTENCES_SHOWN]))
    if options.out:
        with open(options.out, 'w', encoding='utf-8') as file:
            json.dump(figures, file, indent=1)
    return good


if __name__ == '__main__':
    sys.exit(0 if main() else 1)
