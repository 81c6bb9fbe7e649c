"""What the chaos runs and the failover runs (tests/failover) have in common: a crowd, its way to rest, the verdict."""
import argparse
import asyncio
import json
import random
import traceback

import checker
from parts import Bots

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


class Trial:
    """From an empty Redis to the verdict. A kind of run brings play(), and what else it wants judged."""

    quiet_seconds = 60  # for everybody to come to rest, and for one more match
    drain_seconds = 10  # for queue, leases, deadlines and outbox to be empty

    def __init__(self, options, lab):
        self.options, self.lab, self.crowd = options, lab, Crowd()
        self.bots, self.broken = [], {}

    async def pods(self, **options):
        names = [chr(ord('a') + number) for number in range(self.options.pods)]
        return await asyncio.gather(*(self.lab.pod(name, **options) for name in names))

    async def ask(self, verb):
        return await self.crowd.ask(verb, self.quiet_seconds)

    async def play(self):
        raise NotImplementedError

    async def come_to_rest(self):
        """One more match for everybody, then nothing is left to do; `bots` is what everybody saw."""
        await self.ask('leave')
        await self.ask('round')
        await self.lab.drained(self.drain_seconds)
        self.bots = [bot for part in await self.ask('report') for bot in part]

    def judge(self):
        self.broken = checker.judge(self.bots, self.lab.keys)
        if crashes := self.lab.crashes():
            self.broken['no server ends by itself'] = crashes

    async def close(self):
        await self.crowd.close()
        await self.lab.close()

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
            await self.close()
            if self.options.keep:
                print(f'kept {self.lab.folder}')
            else:
                self.lab.remove()
        return self.broken

    def print_broken(self):
        for rule, sentences in self.broken.items():
            print(f'BROKEN {len(sentences)} times: {rule}')
            print('\n'.join(f'    {sentence}' for sentence in sentences[:SENTENCES_SHOWN]))


def make_parser(description, bots, pods):
    """With the flags that every kind of run has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bots', type=int, default=bots, help='players, an even number; a quarter play in parties')
    parser.add_argument('--pods', type=int, default=pods)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument('--out', help='write the figures to this file')
    parser.add_argument('--keep', action='store_true', help='keep the folder with logs and Redis data')
    return parser


def write_figures(path, figures):
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(figures, file, indent=1)
