#!/usr/bin/python3
"""Raw bytes on the client port: handshakes and frames that something happened to (mutants.py), cut into random TCP
pieces, each beside a proper conversation in the same pieces. After every round the judge (model.py, talk.py) asks:

    does the server live, does it say only what the protocol allows, and did the application get only what was sent?
    was every proper conversation served, and a neighbour answered all the time?
    did connections, descriptors and memory come back?

    run_fuzz.py                        a few seconds from a fixed seed, then faults planted into the server, which
                                       must be noticed; ends with `N passed, N failed`
    run_fuzz.py --forever [--seed N]   until Ctrl-C or a failure
    run_fuzz.py --rounds 1 --seed N    one round again
"""
import argparse
import os
import random
import re
import select
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import model_test  # noqa: E402
from talk import PATIENCE, Neighbour, talks_of  # noqa: E402
from wire import Server  # noqa: E402

PAIRS = 24             # of a mutant and a proper conversation, at the same time
SECONDS, ROUNDS = 4, 60
CANARY_SECONDS, CANARY_PATIENCE_SECONDS = 60, 2
WARM_ROUNDS = 4        # the allocator's and the library's first growth is no leak
GROWTH_KILOBYTES_MAX = 8192  # eight times that where a sanitizer keeps what was freed
OPTIONS = {"handshake_timeout_ms": 60000, "close_timeout_ms": 200}  # a slow machine may take its time to say hello
# Faults that tests/support/ws_echo.c can have, and the word by which each is noticed.
FAULTS = {"die": "exit -6", "leak": "memory grew", "twist": "nobody said", "stall": "waits", "swallow": "waits",
          "descriptor": "descriptors"}
ENVIRONMENT = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"}


class Failure(Exception):
    """What the judge found."""


class Stage:
    """A server under fire."""

    def __init__(self, binary, fault=None):
        self.server = Server(binary, {**OPTIONS, **({"fault": fault} if fault else {})}, environment=ENVIRONMENT)
        self.neighbour = Neighbour(self.server)
        self.baseline, self.rounds, self.connections, self.frames, self.grown = None, 0, 0, 0, 0
        with open(binary, "rb") as file:
            self.growth_max = GROWTH_KILOBYTES_MAX * (8 if re.search(b"__[at]san_init", file.read()) else 1)

    def talk(self, chance, pairs=PAIRS):
        talks = [talk for _ in range(pairs) for talk in talks_of(self.server, chance)]
        self.connections += len(talks)
        self.frames += sum(talk.expected.frames for talk in talks)
        waiting = list(talks)
        while waiting:
            self.neighbour.look()
            chance.shuffle(waiting)
            for talk in waiting:
                talk.advance()
            waiting = [talk for talk in waiting if not talk.finished]
            if waiting and not any(talk.pieces for talk in waiting):
                select.select([talk.socket for talk in waiting], [], [], 0.005)
        troubles = [f"{talk.name}: {trouble}" for talk in talks if (trouble := talk.trouble())]
        for talk in talks:
            talk.leave(chance)
        self.neighbour.until_answered()
        if troubles:
            raise Failure("\n    ".join(troubles))

    def settle(self):
        """Waits until nothing of the round is left."""
        deadline = time.monotonic() + PATIENCE["seconds"]
        while True:
            values = self.server.counters()
            left = values["open"] - 2, values["pending"], self.server.descriptors() - 2
            if self.baseline is None and left[:2] == (0, 0):
                self.baseline = left[2]
            if self.baseline is not None and left == (0, 0, self.baseline):
                return
            if time.monotonic() > deadline:
                raise Failure(f"left: {left[0]} connections, {left[1]} handshakes, {left[2]} descriptors")
            time.sleep(0.01)

    def measure(self):
        if self.rounds == WARM_ROUNDS:
            self.resident = self.server.resident_kilobytes()
        elif self.rounds > WARM_ROUNDS:
            self.grown = self.server.resident_kilobytes() - self.resident
            if self.grown > self.growth_max:
                raise Failure(f"memory grew by {self.grown} kB in {self.rounds - WARM_ROUNDS} rounds")

    def round(self, seed):
        try:
            self.talk(random.Random(seed))
            self.settle()
            self.rounds += 1
            self.measure()
        except (AssertionError, OSError, ValueError, TypeError) as error:
            raise Failure(f"{type(error).__name__}: {error}") from error

    def end(self):
        self.neighbour.client.socket.close()
        if trouble := self.server.stop():
            raise Failure(trouble)


def fuzz(binary, seed, rounds, seconds, fault=None):
    """Fires until one of the bounds is met; (the stage, what was found or None)."""
    stage, start = Stage(binary, fault), time.monotonic()
    found = None
    try:
        while stage.rounds < rounds and time.monotonic() - start < seconds:
            stage.round(seed + stage.rounds)
            if rounds > ROUNDS and stage.rounds % 200 == 0:
                print(f"{report(stage)}, seed {seed + stage.rounds} is next", flush=True)
    except KeyboardInterrupt:
        pass
    except Failure as failure:
        found = f"seed {seed + stage.rounds}: {failure}\n    again: tests/ws/run_fuzz.py --rounds 1 --seed " \
                f"{seed + stage.rounds}"
    try:
        stage.end()
    except Failure as failure:
        found = f"{found or ''}\n    {failure}"
    return stage, found


def report(stage):
    return f"{stage.rounds} rounds, {stage.connections} connections, {stage.frames} frames, " \
           f"memory +{stage.grown} kB, longest wait of the neighbour {stage.neighbour.wait_max * 1000:.0f} ms"


def tests(binary):
    """Yields (name, what is wrong or None)."""
    yield from model_test.results()
    stage, found = fuzz(binary, 1, ROUNDS, SECONDS)
    yield f"handshakes and frames: {report(stage)}", found
    PATIENCE["seconds"] = CANARY_PATIENCE_SECONDS
    for fault, word in FAULTS.items():
        _, found = fuzz(binary, 1, ROUNDS, CANARY_SECONDS, fault)
        yield f"a server with the fault {fault!r} is noticed", None if word in (found or "") else f"noticed: {found}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--binary", default=os.environ.get("BIN", "build") + "/tests/ws_echo")
    parser.add_argument("--fault", choices=FAULTS)
    options = parser.parse_args()
    if options.rounds or options.forever:
        stage, found = fuzz(options.binary, options.seed, options.rounds or 1 << 62, float("inf"), options.fault)
        print(f"{report(stage)}\n{found or 'nothing found'}")
        return 1 if found else 0
    passed = failed = 0
    for name, wrong in tests(options.binary):
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"  {'FAILED' if wrong else 'ok    '} fuzz: {name}" + (f"\n    {wrong}" if wrong else ""), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
