#!/usr/bin/python3
"""Redis fails over under load, shortly: a kill and a freeze. Ends with "N passed, N failed"; `make failover` is
the long run.
"""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import failover  # noqa: E402 pylint: disable=wrong-import-position

# A longer outage than the target allows is no failure here: the machine may be busy with other tests.
SHORT = '--bots 40 --count 2 --outage-max 60 --seed 1'


def main():
    start = time.monotonic()
    good = failover.main(SHORT.split())
    word = 'ok    ' if good else 'FAILED'
    print(f'{word} {time.monotonic() - start:6.2f} s  failover: nobody is lost and nobody is doubled')
    print('1 passed, 0 failed' if good else '0 passed, 1 failed')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
