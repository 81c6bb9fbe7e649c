#!/usr/bin/python3
"""End-to-end tests: every `test_*` coroutine of the *_test.py files beside this one, each in its own process
with its own Redis and pods. One line a test; a failed one shows its trace and the end of its servers' logs.

BIN names the folder of the binaries when it is not build/.
"""
import argparse
import asyncio
import importlib
import os
import signal
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from harness import Lab  # noqa: E402 pylint: disable=wrong-import-position
from processes import BUILD, FAULTS_BUILD, PATIENCE  # noqa: E402 pylint: disable=wrong-import-position

SERVERS = ('game_server', 'match_server')
GRACE_SECONDS = 20  # for the clean-up of a test past its limit; then it is killed, and its children with it


class Test:
    """A coroutine and what it needs (harness.needs)."""

    def __init__(self, module, name, function):
        self.name, self.function = f'{module}.{name}', function
        self.title = f"{module[:-5]}: {name[5:].replace('_', ' ')}"
        self.seconds = getattr(function, 'seconds', 60) * PATIENCE
        self.slots = getattr(function, 'slots', 1)
        self.durable = getattr(function, 'durable', False)


def discover(words):
    """The tests whose module.name contains one of the words."""
    for file in sorted(os.listdir(HERE)):
        if file.endswith('_test.py'):
            for name, function in vars(importlib.import_module(file[:-3])).items():
                test = name.startswith('test_') and Test(file[:-3], name, function)
                if test and (not words or any(word in test.name for word in words)):
                    yield test


# ---- one test, in its own process --------------------------------------------------------------------

async def perform(test, keep):
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)
    lab = Lab(test.durable)
    try:
        await asyncio.wait_for(test.function(lab), test.seconds)
        if os.environ.get('END_IN_ORDER'):
            await lab.end_servers()
        crashes = lab.crashes()
        assert not crashes, crashes
        denied = lab.redis.denied()
        assert not denied, denied
        return 0
    except (Exception, asyncio.CancelledError):  # pylint: disable=broad-except
        print(traceback.format_exc(), lab.logs(), sep='\n')
        return 1
    finally:
        await lab.close()
        if keep:
            print(f'kept {lab.folder}')
        else:
            lab.remove()


def perform_in_child(test, output, keep):
    """Never returns."""
    code = 1
    try:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        code = asyncio.run(perform(test, keep))
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)  # pylint: disable=protected-access


# ---- the runner --------------------------------------------------------------------------------------

class Running:
    """A test in its child process."""

    def __init__(self, test, keep):
        self.test, self.start = test, time.monotonic()
        self.output = tempfile.TemporaryFile('w+', errors='replace')  # pylint: disable=consider-using-with
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            perform_in_child(test, self.output, keep)

    def overdue(self):
        return time.monotonic() - self.start > self.test.seconds + GRACE_SECONDS

    def report(self, good, verbose):
        took, word = time.monotonic() - self.start, 'ok    ' if good else 'FAILED'
        print(f'{word} {took:6.2f} s  {self.test.title}', flush=True)
        if not good or verbose:
            self.output.seek(0)
            print(self.output.read(), flush=True)
        self.output.close()


class Runner:
    """Keeps up to `jobs` slots busy, the long tests first, so that none is left alone at the end."""

    def __init__(self, tests, options):
        self.waiting = sorted(tests, key=lambda test: -test.seconds)
        self.options, self.running, self.passed, self.failed = options, {}, 0, []

    def slots_of(self, test):
        return min(test.slots, self.options.jobs)

    def free_slots(self):
        return self.options.jobs - sum(self.slots_of(one.test) for one in self.running.values())

    def start_what_fits(self):
        for test in list(self.waiting):
            if self.slots_of(test) <= self.free_slots():
                self.waiting.remove(test)
                running = Running(test, self.options.keep)
                self.running[running.pid] = running

    def collect(self):
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            for running in self.running.values():
                if running.overdue():
                    os.kill(running.pid, signal.SIGKILL)
            time.sleep(0.01)
            return
        running = self.running.pop(pid)
        good = status == 0
        self.passed += good
        if not good:
            self.failed.append(running.test.name)
        running.report(good, self.options.keep)

    def run(self):
        while self.waiting or self.running:
            self.start_what_fits()
            self.collect()

    def stop(self):
        self.waiting.clear()
        for pid in self.running:
            os.kill(pid, signal.SIGTERM)
        while self.running:
            self.collect()


def missing(tests):
    """What must be built before."""
    folders = {FAULTS_BUILD if test.name.startswith('fault_points') else BUILD for test in tests}
    binaries = [os.path.join(folder, name) for folder in folders for name in SERVERS]
    return [binary for binary in sorted(binaries) if not os.path.exists(binary)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--filter', action='append', help='only tests with this in file.name (repeatable)')
    parser.add_argument('--jobs', type=int, default=4, help='tests at the same time')
    parser.add_argument('--keep', action='store_true', help='keep the folders with logs and Redis data')
    parser.add_argument('--list', action='store_true', help='print the names only')
    options = parser.parse_args()
    tests = list(discover(options.filter))
    if options.list:
        print('\n'.join(test.name for test in tests))
        return 0
    if missing(tests):
        print(f"not built: {', '.join(missing(tests))}\n0 passed, {len(tests)} failed")
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runner = Runner(tests, options)
    try:
        runner.run()
    except KeyboardInterrupt:
        runner.stop()
    for name in runner.failed:
        print(f'failed: {name}')
    print(f'{runner.passed} passed, {len(runner.failed)} failed')
    return 0 if runner.passed == len(tests) > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
