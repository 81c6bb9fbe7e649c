#!/usr/bin/python3
"""The replay tool: timelines told, stepped through and verified; bad ones named with their place."""
import gzip
import json
import os
import random
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build")))
CATALOG = os.path.join(ROOT, "game_server", "catalog", "base.json")


def run(*arguments, data=b""):
    return subprocess.run([os.path.join(BIN, "replay"), *arguments], input=data, capture_output=True, timeout=60,
                          check=False, cwd=ROOT)


def golden(number, kind="--timeline"):
    program = os.path.join(BIN, "tests", "battle_golden")
    return subprocess.run([program, kind, str(number)], capture_output=True, timeout=60, check=True,
                          cwd=ROOT).stdout


class ReplayTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.timeline = golden(12)
        self.path = os.path.join(self.folder, "battle.json")
        with open(self.path, "wb") as file:
            file.write(self.timeline)

    def test_a_timeline_is_told_alike_from_a_file_stdin_gzip_and_a_message(self):
        told = run(self.path)
        self.assertEqual((told.returncode, told.stderr), (0, b""))
        self.assertIn(b" wins after ", told.stdout)
        self.assertNotIn(b"\033", told.stdout)
        message = json.dumps({"type": "battle_result", "you": 1}).encode()[:-1] + b',"timeline":' + self.timeline + b"}"
        for data in (self.timeline, gzip.compress(self.timeline), message, gzip.compress(message)):
            again = run("-", data=data)
            self.assertEqual((again.returncode, again.stdout), (0, told.stdout))
        self.assertEqual(run(data=self.timeline).stdout, told.stdout)

    def test_every_event_worth_telling_is_a_line_in_order(self):
        lines = run(self.path).stdout.decode().splitlines()
        times = [float(line.split("s ")[0]) for line in lines if line[:7].strip()[:1].isdigit()]
        self.assertEqual(times, sorted(times))
        silent = {"rate", "flag", "end"}
        events = [event for event in json.loads(self.timeline)["ev"] if event["k"] not in silent]
        self.assertEqual(len(times), len(events))

    def test_from_and_to_limit_the_events_and_nothing_else(self):
        lines = run("--from", "3", "--to", "4.5", self.path).stdout.decode().splitlines()
        times = [float(line.split("s ")[0]) for line in lines if line[:7].strip()[:1].isdigit()]
        self.assertTrue(times and min(times) >= 3 and max(times) <= 4.5)
        self.assertIn(" wins after ", "\n".join(lines))

    def test_stepping_shows_a_line_a_key_an_instant_or_the_rest(self):
        whole = run(self.path).stdout.decode().splitlines()
        first = next(i for i, line in enumerate(whole) if line[:7].strip()[:1].isdigit())

        def step(keys):
            result = run("--step", self.path, data=keys)
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            return result.stdout.decode().splitlines()

        self.assertEqual(step(b""), whole[:first])
        self.assertEqual(step(b"q   "), whole[:first])
        self.assertEqual(step(b" \nx"), whole[:first + 2])
        self.assertEqual(step(b"  b"), whole[:first + 2] + [whole[first]])
        self.assertEqual(step(b"bb"), whole[:first])
        self.assertEqual(step(b"e"), whole)
        instant = [line for line in whole[first:] if line[:7] == whole[first][:7]]
        self.assertEqual(step(b"t"), whole[:first] + instant)

    def test_what_the_engine_computed_verifies(self):
        for number in (1, 12, 77):
            result = run("--verify", data=golden(number))
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(b"verified", result.stdout)
        self.assertEqual(run("--verify", data=gzip.compress(self.timeline)).returncode, 0)

    def test_two_against_two_is_told_bout_by_bout_and_verified(self):
        relay = golden(5, "--relay")
        told = run(data=relay).stdout.decode()
        self.assertIn("bout 1 of 2", told)
        self.assertIn("bout 2 of 2", told)
        self.assertEqual(run("--verify", data=relay).returncode, 0)
        document = json.loads(relay)
        document["end"]["permille"][0] += 1
        result = run("--verify", data=json.dumps(document, separators=(",", ":")).encode())
        self.assertEqual(result.returncode, 1)
        document = json.loads(relay)
        document["bouts"][1]["ev"][2]["t"] += 50
        result = run("--verify", data=json.dumps(document, separators=(",", ":")).encode())
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"bouts[1]", result.stderr)

    def test_one_changed_byte_is_noticed_and_its_event_named(self):
        dice = random.Random(7)
        for _ in range(60):
            at = dice.randrange(len(self.timeline))
            changed = bytearray(self.timeline)
            changed[at] ^= 1 << dice.randrange(7)
            result = run("--verify", data=bytes(changed))
            self.assertIn(result.returncode, (1, 2), at)
            self.assertTrue(result.stderr.startswith(b"replay: stdin: "), result.stderr)
        document = json.loads(self.timeline)
        for index, event in enumerate(document["ev"]):
            if event["k"] == "dmg":
                break
        event["n"] += 1
        result = run("--verify", data=json.dumps(document, separators=(",", ":")).encode())
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"ev[{index}]: E_VERIFY".encode(), result.stderr)
        for where, what in (("end", b"end: "), ("sides", b"")):
            document = json.loads(self.timeline)
            if where == "end":
                document["end"]["t"] += 50
            else:
                document["sides"][0]["hp"] += 1
            result = run("--verify", data=json.dumps(document, separators=(",", ":")).encode())
            self.assertEqual(result.returncode, 1)
            self.assertIn(what, result.stderr)

    def test_another_catalog_or_version_is_named(self):
        with open(CATALOG, encoding="utf-8") as file:
            catalog = file.read()
        now = json.loads(catalog)["ver"]
        other = os.path.join(self.folder, "other.json")
        with open(other, "w", encoding="utf-8") as file:
            file.write(catalog.replace(f'"ver": {now}', f'"ver": {now + 1}', 1))
        result = run("--verify", "--catalog", other, self.path)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"E_CATALOG", result.stderr)
        self.assertIn(f"catalog base {now}".encode(), result.stderr)
        self.assertIn(f"catalog base {now + 1}".encode(), result.stderr)
        with open(other, "w", encoding="utf-8") as file:
            file.write(catalog.replace('"op": "damage"', '"op": "demage"', 1))
        result = run("--verify", "--catalog", other, self.path)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"cards[0].abilities[0].do[0].op", result.stderr)
        self.assertIn(b"ember_imp", result.stderr)

    def test_what_is_no_timeline_is_refused_with_its_place(self):
        packed = gzip.compress(self.timeline)
        document = json.loads(self.timeline)
        del document["ev"][3]["k"]
        cases = ((b"", b"not one well-formed"), (b"[]", b"fmt"), (b"{}", b"fmt"), (b"\0\xff", b"not one well-formed"),
                 (self.timeline[:-5], b"not one well-formed"), (packed[:-9], b"gzip"), (packed[:40], b"gzip"),
                 (b"\x1f\x8b\x08garbage", b"gzip"), (json.dumps(document).encode(), b"ev[3]"),
                 (b"[" * 100000, b"not one well-formed"))
        for data, word in cases:
            result = run(data=data)
            self.assertEqual(result.returncode, 2, data[:40])
            self.assertTrue(result.stderr.startswith(b"replay: stdin: "), result.stderr)
            self.assertIn(word, result.stderr)
            self.assertEqual(result.stderr.count(b"\n"), 1)
            self.assertNotEqual(run("--verify", data=data).returncode, 0)

    def test_wrong_usage_ends_with_2(self):
        for arguments in (("--unknown",), ("a", "b"), ("--from", "x"), ("--to", "-1"), ("--to", "nan"),
                          ("/does/not/exist",), ("--verify", "--step", self.path), ("--verify", "--from", "1"),
                          ("--verify", "--catalog", "/does/not/exist", self.path), (ROOT,)):
            result = run(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, b""), arguments)
            self.assertTrue(result.stderr, arguments)


if __name__ == "__main__":
    unittest.main()
