#!/usr/bin/python3
"""Every test_* of the *_test.py files beside this one. Arguments: parts of test names."""
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True


def load(file):
    """The files beside this one, not those of the same name elsewhere."""
    sys.path.insert(0, HERE)
    return importlib.import_module(file[:-3])


def main():
    passed = failed = 0
    for file in sorted(os.listdir(HERE)):
        if not file.endswith('_test.py'):
            continue
        for name, function in vars(load(file)).items():
            if not name.startswith('test_') or (sys.argv[1:] and not any(part in name for part in sys.argv[1:])):
                continue
            start = time.monotonic()
            try:
                function()
                passed += 1
                print(f'ok     {name} ({time.monotonic() - start:.1f} s)', flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f'FAILED {name}\n{traceback.format_exc()}', flush=True)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
