#!/usr/bin/python3
"""Kills, freezes, cuts and delays everything while a crowd plays; then judges what everybody saw.

A private Redis that keeps what it acknowledged, a seeded fault proxy in front of it, pods that reach Redis
through the proxy only, and bots in processes of their own. First a calm phase, then a schedule of faults one
after the other, then everybody comes to rest, plays one more match, and the checker (checker.py) compares
what the players saw with what Redis holds. A failed run prints its seed and command. The schedule is a
function of the seed; what the processes do at that moment is not.
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
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'e2e')]
from harness import Lab  # noqa: E402 pylint: disable=wrong-import-position
import checker  # noqa: E402 pylint: disable=wrong-import-position
from faults import Trouble, make_schedule  # noqa: E402 pylint: disable=wrong-import-position
from figures import as_table, measure  # noqa: E402 pylint: disable=wrong-import-position
from parts import Bots, Proxy  # noqa: E402 pylint: disable=wrong-import-position

QUIET_SECONDS = 60   # for everybody to come to rest, and for one more match
DRAIN_SECONDS = 10   # for queue, leases, deadlines and outbox to be empty
SENTENCES_SHOWN = 5  # of every broken rule


class Crowd:
    """Bots spread over processes, an even number in each."""

    def __init__(self):
        self.workers = []

    async def open(self, count, processes, seed, pods):
        share = count // processes // 2 * 2
        counts = [share] * (processes - 1) + [count - share * (processes - 1)]
        urls = [pod.url for pod in pods]
        for number, its_count in enumerate(counts):
            self.workers.append(await Bots().open(number * share, its_count, seed, urls))

    async def ask(self, verb, seconds):
        answers = asyncio.gather(*(worker.ask(verb) for worker in self.workers))
        return await asyncio.wait_for(answers, seconds)

    async def tell_urls(self, pods):
        for index, pod in enumerate(pods):
            await asyncio.gather(*(worker.ask('url', index, pod.url) for worker in self.workers))

    async def close(self):
        for worker in self.workers:
            if worker.listener is not None:
                worker.listener.cancel()
            await worker.end()


class Run:
    """One run, from an empty Redis to the verdict."""

    def __init__(self, options):
        self.options = options
        self.lab, self.proxy, self.crowd = Lab(durable=True), None, Crowd()
        self.bots, self.broken, self.figures, self.kills = [], {}, {}, 0

    async def build(self):
        options = self.options
        self.proxy = await Proxy().open(options.seed, self.lab.redis.socket)
        self.lab.redis.url = self.proxy.url
        names = [chr(ord('a') + number) for number in range(options.pods)]
        pods = await asyncio.gather(*(self.lab.pod(name) for name in names))
        await self.crowd.open(options.bots, options.processes, options.seed, pods)
        await self.crowd.ask('login', QUIET_SECONDS)
        return pods

    async def play(self, pods):
        options = self.options
        trouble = Trouble(self.lab.redis, pods, self.proxy, self.crowd, options.seed, options.gap)
        calm_from = time.monotonic()
        await self.crowd.ask('play', QUIET_SECONDS)
        await asyncio.sleep(options.calm)
        chaos_from = time.monotonic()
        await trouble.run(make_schedule(options.seed, options.kills, options.others))
        chaos_until = time.monotonic()
        await self.crowd.ask('leave', QUIET_SECONDS)
        await self.crowd.ask('round', QUIET_SECONDS)
        await self.lab.drained(DRAIN_SECONDS)
        self.kills = trouble.kills
        self.bots = [bot for part in await self.crowd.ask('report', QUIET_SECONDS) for bot in part]
        self.figures = measure(self.bots, trouble.windows, calm_from, chaos_from, chaos_until)
        self.figures['party_matches'] = sum(len(results) == 4 for results in checker.told(self.bots).values())
        self.figures['chaos_s'] = round(chaos_until - chaos_from, 1)

    def judge(self):
        self.broken = checker.judge(self.bots, self.lab.keys)
        if crashes := self.lab.crashes():
            self.broken['no server ends by itself'] = crashes
        if not self.figures['party_matches']:
            self.broken['parties play'] = ['nobody was told of a match of four']
        extra = self.figures['extra_wait']['p99_s']
        if extra > self.options.extra_wait_max:
            self.broken['nobody waits long'] = [f'p99 of the extra wait is {extra} s']

    async def perform(self):
        """The rules that are broken; a rule of its own for a run that did not come to its end."""
        try:
            await self.play(await self.build())
            self.judge()
        except Exception:  # pylint: disable=broad-except
            self.broken['the run comes to its end'] = [traceback.format_exc()]
        finally:
            if self.broken:
                print(self.lab.logs(12))
            await self.crowd.close()
            if self.proxy is not None:
                await self.proxy.end()
            await self.lab.close()
            if self.options.keep:
                print(f'kept {self.lab.folder}')
            else:
                self.lab.remove()
        return self.broken


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bots', type=int, default=1000, help='players, an even number; a quarter play in parties')
    parser.add_argument('--kills', type=int, default=100, help='processes to kill, at least')
    parser.add_argument('--others', type=int, help='faults that kill nobody (as many as kills)')
    parser.add_argument('--pods', type=int, default=3)
    parser.add_argument('--processes', type=int, default=2, help='processes for the bots')
    parser.add_argument('--calm', type=float, default=20, help='seconds without faults, for the baseline')
    parser.add_argument('--gap', type=float, default=1.2, help='seconds between two faults, on average')
    parser.add_argument('--extra-wait-max', type=float, default=2.0, help='seconds, for the p99')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument('--out', help='write the figures to this file')
    parser.add_argument('--keep', action='store_true', help='keep the folder with logs and Redis data')
    options = parser.parse_args(arguments)
    if options.bots % 2 or options.bots < 2 * options.processes:
        parser.error('--bots must be even and at least two a process')
    options.others = options.kills if options.others is None else options.others
    return options


def print_verdict(run, options):
    figures = run.figures
    if figures:
        print(f'seed {options.seed}: {options.bots} bots, {options.pods} pods, {run.kills} kills, '
              f"{options.others} other faults in {figures['chaos_s']} s; {figures['matches']} matches, "
              f"{figures['party_matches']} of them of parties, {len(run.broken)} rules broken")
        print(as_table(figures))
    for rule, sentences in run.broken.items():
        print(f'BROKEN {len(sentences)} times: {rule}')
        print('\n'.join(f'    {sentence}' for sentence in sentences[:SENTENCES_SHOWN]))
    if run.broken:
        names = ('seed', 'bots', 'kills', 'others', 'pods', 'processes', 'calm', 'gap')
        flags = ' '.join(f'--{name} {getattr(options, name)}' for name in names)
        print(f'failed with seed {options.seed}; again: tests/chaos/chaos.py {flags}')


def main(arguments=None):
    """Whether no rule was broken."""
    options = parse(arguments)
    run = Run(options)
    good = not asyncio.run(run.perform())
    print_verdict(run, options)
    if options.out and run.figures:
        with open(options.out, 'w', encoding='utf-8') as file:
            json.dump({'seed': options.seed, 'bots': options.bots, 'kills': run.kills, 'broken': run.broken,
                       **run.figures}, file, indent=1)
    return good


if __name__ == '__main__':
    sys.exit(0 if main() else 1)
