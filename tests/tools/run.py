#!/usr/bin/python3
"""Every test of the *_test.py files beside this one, one after the other, because they compute; ends with
"N passed, N failed". BIN names the folder of the programs when it is not build/."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


class Result(unittest.TestResult):
    def stopTest(self, test):
        super().stopTest(test)
        bad = [trace for broken, trace in self.failures + self.errors if broken is test]
        file, _, name = test.id().split(".")
        print(f"  {'FAILED' if bad else 'ok    '} {file}: {name[len('test_'):].replace('_', ' ')}", flush=True)
        for trace in bad:
            print(trace)


def main():
    result = Result()
    unittest.defaultTestLoader.discover(HERE, "*_test.py").run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
