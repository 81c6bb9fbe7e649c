"""The processes of a chaos run that the end-to-end tests do not have: the fault proxy and the crowd.

Both are driven by lines on their stdin and end with it.
"""
import asyncio
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'e2e'))
from processes import BUILD, _die_with_parent  # noqa: E402 pylint: disable=wrong-import-position

PROXY = os.path.join(BUILD, 'chaos', 'proxy')
LINE_BYTES_MAX = 1 << 28


class Lines:
    """A child that answers lines with lines."""

    async def start(self, *arguments):
        self.child = await asyncio.create_subprocess_exec(
            *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX,
            preexec_fn=_die_with_parent)
        return self

    async def line(self):
        line = await self.child.stdout.readline()
        assert line, f'{self} ended with {self.child.returncode}'
        return line.decode().rstrip('\n')

    def say(self, text):
        self.child.stdin.write(f'{text}\n'.encode())

    async def end(self):
        """By the end of its stdin; by force when that takes long."""
        self.child.stdin.close()
        try:
            await asyncio.wait_for(self.child.wait(), 5)
        except asyncio.TimeoutError:
            self.child.kill()
        return await self.child.wait()


class Proxy(Lines):
    """The network in front of Redis."""

    async def open(self, seed, redis_socket):
        await self.start(PROXY, str(seed), redis_socket)
        self.port = int((await self.line()).split()[1])
        self.url = f'redis://127.0.0.1:{self.port}'
        return self

    async def tell(self, *command):
        """How many connections it met."""
        text = ' '.join(str(word) for word in command)
        self.say(text)
        word, *number = (await self.line()).split()
        assert word == 'ok', f'{text}: {word}'
        return int(number[0])


class Bots(Lines):
    """A process with a share of the crowd."""

    async def open(self, first, count, seed, urls):
        self.answers, self.listener = {}, None
        program = os.path.join(HERE, 'bots.py')
        await self.start(sys.executable, program, str(first), str(count), str(seed), *urls)
        self.listener = asyncio.create_task(self._listen())
        return self

    async def _listen(self):
        while True:
            message = json.loads(await self.line())
            assert 'failed' not in message, message['failed']
            self.answers.pop(message['done']).set_result(message['answer'])

    async def ask(self, verb, *arguments):
        """What it answers, when it has done it; one question of a kind at a time."""
        answer = self.answers[verb] = asyncio.get_running_loop().create_future()
        self.say(json.dumps([verb, *arguments]))
        await asyncio.wait({answer, self.listener}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            self.listener.result()
        return answer.result()
