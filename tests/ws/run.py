#!/usr/bin/python3
"""Runs every WebSocket probe against the echo server: run.py [PATH_TO_WS_ECHO [WORD IN NAME...]]

Each case names the server options it needs; servers are started once per set of options and must end cleanly
(exit status 0, no sanitizer report). Prints failures, then one line `N passed, N failed`.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import attacks  # noqa: E402,F401
import conformance  # noqa: E402,F401
import guard  # noqa: E402,F401
import independent  # noqa: E402,F401
from wire import CASES, Server  # noqa: E402


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ.get('BIN', 'build') + '/tests/ws_echo'
    words = sys.argv[2:]
    servers, passed, failed = {}, 0, 0
    for options, function in CASES:
        if words and not any(word in function.__name__ for word in words):
            continue
        key = json.dumps(options, sort_keys=True)
        start = time.monotonic()
        try:
            if key not in servers:
                servers[key] = Server(binary, options)
            function(servers[key])
            passed += 1
        except Exception as error:  # a failing case must not stop the others
            failed += 1
            print("FAILED %s: %s: %s" % (function.__name__, type(error).__name__, error))
        if "-v" in os.environ.get("WS_PROBE", ""):
            print("%6.2f s  %s" % (time.monotonic() - start, function.__name__))
    for key, server in servers.items():
        trouble = server.stop()
        passed, failed = passed + (not trouble), failed + bool(trouble)
        if trouble:
            print("FAILED server %s: %s" % (key, trouble))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
