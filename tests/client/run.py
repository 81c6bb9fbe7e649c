#!/usr/bin/python3
"""Every test of the *_test.py files beside this one, a few tests at a time; ends with "N passed, N failed".

BIN names the folder of the programs when it is not build/. The tests mostly wait, so they run side by side.
"""
import concurrent.futures
import importlib
import os
import sys
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
AT_ONCE = 4


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def run(test):
    result = unittest.TestResult()
    test.run(result)
    return test, result


def main():
    files = sorted(name[:-3] for name in os.listdir(HERE) if name.endswith("_test.py"))
    suites = [unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name)) for name in files]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for test, result in pool.map(run, tests_of(suites)):
            good = result.wasSuccessful()
            passed, failed = passed + good, failed + (not good)
            title = test.id().split(".")[-1][len("test_"):].replace("_", " ")
            print(f"  {'ok    ' if good else 'FAILED'} {test.id().split('.')[0]}: {title}", flush=True)
            for _, trace in result.failures + result.errors:
                print(trace)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        print("0 passed, 1 failed")
        sys.exit(1)
