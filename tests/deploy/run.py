#!/usr/bin/python3
"""The deployment files, checked with what needs no container engine; ends with "N passed, N failed".

BIN names the folder of the programs when it is not build/.
"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


class Lines(unittest.TestResult):
    """One line a test; a fixture that fails counts as a test that does."""

    passed = failed = 0

    def line(self, word, test):
        name = test.id().split('.')
        print(f"  {word} {name[0]}: {name[-1].removeprefix('test_').replace('_', ' ')}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.line('ok    ', test)

    def addFailure(self, test, err):
        self.failed += 1
        self.line('FAILED', test)
        print(self._exc_info_to_string(err, test))

    addError = addFailure


def main():
    lines = Lines()
    unittest.defaultTestLoader.discover(HERE, '*_test.py', HERE).run(lines)
    print(f'{lines.passed} passed, {lines.failed} failed')
    return 1 if lines.failed else 0


if __name__ == '__main__':
    sys.exit(main())
