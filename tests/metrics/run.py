#!/usr/bin/python3
"""What the servers tell Prometheus: every test_* of the *_test.py files beside this one, in one process, in order. Those
that take a `stage` share two pods under load and a Prometheus that scrapes them (stage.py). Ends with "N passed, N
failed". BIN names the folder of the programs when it is not build/.
"""
import argparse
import asyncio
import importlib
import inspect
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'e2e')]
sys.dont_write_bytecode = True
from stage import Stage  # noqa: E402 pylint: disable=wrong-import-position


def discover(words):
    for file in sorted(os.listdir(HERE)):
        if not file.endswith('_test.py'):
            continue
        for name, function in vars(importlib.import_module(file[:-3])).items():
            if name.startswith('test_') and (not words or any(word in f'{file[:-3]}.{name}' for word in words)):
                yield file[:-8], name[5:].replace('_', ' '), function


async def perform(function, stage):
    if not inspect.signature(function).parameters:
        return function()
    await stage.open()
    return await asyncio.wait_for(function(stage), 120)


async def run(tests):
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)
    stage, failed = Stage(), 0
    try:
        for file, title, function in tests:
            start, trace = time.monotonic(), None
            try:
                await perform(function, stage)
            except Exception:  # pylint: disable=broad-except
                trace = traceback.format_exc() + ('' if failed else stage.logs())
                failed += 1
            print(f"  {'FAILED' if trace else 'ok    '} {time.monotonic() - start:6.2f} s  {file}: {title}", flush=True)
            if trace:
                print(trace, flush=True)
    finally:
        await stage.close()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('words', nargs='*', help='run only tests whose name contains one of these')
    tests = list(discover(parser.parse_args().words))
    failed = asyncio.run(run(tests))
    print(f'{len(tests) - failed} passed, {failed} failed')
    return 1 if failed or not tests else 0


if __name__ == '__main__':
    sys.exit(main())
