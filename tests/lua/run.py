#!/usr/bin/python3
"""Every test_* of the *_test.py files beside this one, in three realms. Arguments: parts of test names."""
import importlib
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from harness import Realm, Server  # noqa: E402


def tests(wanted):
    for file in sorted(os.listdir(HERE)):
        if file.endswith('_test.py'):
            module = importlib.import_module(file[:-3])
            for name, function in vars(module).items():
                if name.startswith('test_') and (not wanted or any(part in name for part in wanted)):
                    yield name, function


def main():
    passed = failed = 0
    single, cluster = Server(), Server(cluster=True)
    try:
        for where, server, prefix in (('plain', single, ''), ('realm', single, '{eu}:'),
                                      ('cluster', cluster, '{eu}:')):
            for name, function in tests(sys.argv[1:]):
                realm = Realm(server, prefix)
                try:
                    function(realm)
                    passed += 1
                except Exception:  # pylint: disable=broad-except
                    failed += 1
                    print(f'FAILED {name} ({where})\n{traceback.format_exc()}')
                finally:
                    realm.close()
    finally:
        single.stop()
        cluster.stop()
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
