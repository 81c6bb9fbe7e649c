#!/usr/bin/python3
"""The proxy, the idle holder, the checker, the schedule, then short runs with fixed seeds; ends with "N passed, N failed".

Arguments: parts of test names. BIN names the folder of the programs when it is not build/.
"""
import asyncio
import inspect
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'e2e')]
import chaos  # noqa: E402 pylint: disable=wrong-import-position
import checker_test  # noqa: E402 pylint: disable=wrong-import-position
import holder_test  # noqa: E402 pylint: disable=wrong-import-position
import proxy_test  # noqa: E402 pylint: disable=wrong-import-position
import schedule_test  # noqa: E402 pylint: disable=wrong-import-position
from faults import FAULTS, make_schedule  # noqa: E402 pylint: disable=wrong-import-position

# Longer waits than the target allows are no failure here: the machine may be busy with other tests.
SHORT = '--bots 60 --pods 3 --processes 1 --calm 2 --gap 0.6 --queue-lease 1.5 --extra-wait-max 8'
# Together these two seeds have every kind of fault.
SEEDS, KILLS, OTHERS, EXPIRIES = (1, 268), 5, 6, 1


def chaos_run(seed):
    def run():
        flags = f'{SHORT} --kills {KILLS} --others {OTHERS} --expiries {EXPIRIES} --seed {seed}'
        assert chaos.main(flags.split()), 'rules were broken'
    return run


def test_the_short_runs_have_every_kind_of_fault():
    assert set(FAULTS) == {name for seed in SEEDS for name in make_schedule(seed, KILLS, OTHERS)}


def tests():
    """(name, function or coroutine function)"""
    for module in (proxy_test, holder_test, checker_test, schedule_test):
        for name, function in vars(module).items():
            if name.startswith('test_'):
                yield f"{module.__name__[:-5]}: {name[5:].replace('_', ' ')}", function
    yield 'schedule: the short runs have every kind of fault', test_the_short_runs_have_every_kind_of_fault
    for seed in SEEDS:
        yield f'chaos: nobody is lost and nobody is doubled, seed {seed}', chaos_run(seed)


def perform(name, function):
    start = time.monotonic()
    try:
        if inspect.iscoroutinefunction(function):
            asyncio.run(asyncio.wait_for(function(), 30))
        else:
            function()
        good = True
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        good = False
    print(f"{'ok    ' if good else 'FAILED'} {time.monotonic() - start:6.2f} s  {name}", flush=True)
    return good


def main():
    results = [perform(name, function) for name, function in tests()
               if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    print(f'{sum(results)} passed, {len(results) - sum(results)} failed')
    return 0 if results and all(results) else 1


if __name__ == '__main__':
    sys.exit(main())
