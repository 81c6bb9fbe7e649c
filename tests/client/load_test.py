#!/usr/bin/python3
"""Drives the load generator against a scripted server."""
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from bot_test import BIN, DEADLINE_S, ROOT, FakeServer as HouseServer

LOAD = os.path.join(BIN, "bench/load")
SECRET = "a secret of the tests, long enough for HS256"


class FakeServer(HouseServer):
    """Players meet each other; what the server receives is not looked at."""

    def __enter__(self):
        script = os.path.join(ROOT, "tests", "support", "fake_game_server.py")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", script, "--quiet", "--scenario", self.scenario, *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.url = f"ws://127.0.0.1:{self.port}/v1/ws"
        return self


def run(*arguments, players=20):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "figures.json")
        result = subprocess.run(
            [LOAD, "--players", str(players), "--warmup", "0", "--duration", "1", "--drain", "2", "--ramp", "1000",
             "--out", str(out), *arguments],
            capture_output=True, text=True, timeout=DEADLINE_S,
            env={**os.environ, "DUELPOD_AUTH_HS256_SECRET": SECRET})
        figures = json.loads(out.read_text()) if out.exists() else None
    return result, figures


class LoadTest(unittest.TestCase):
    def test_players_meet_and_everything_is_measured(self):
        with FakeServer() as server:
            result, figures = run("--url", server.url, "--verify", "1", "--pid", f"game={server.process.pid}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(figures["players"], 20)
        self.assertEqual(figures["online"], 20)
        self.assertGreater(figures["matches"], 20)
        self.assertEqual(figures["login_ms"]["count"], 20)
        for name in ("enqueued_ms", "found_ms", "result_ms"):
            self.assertGreater(figures[name]["count"], figures["matches"])
            self.assertGreater(figures[name]["p50"], 0)
            self.assertLessEqual(figures[name]["p50"], figures[name]["p99"])
        self.assertEqual(figures["verified"], figures["timelines"])
        self.assertGreater(figures["cpu_us_per_match"]["game"], 0)
        self.assertGreater(figures["rss_bytes"]["game"], 1000000)
        self.assertEqual((figures["errors"], figures["disconnects"], figures["violations"]), ({}, 0, 0))
        self.assertIn("matches in ", result.stdout)

    def test_players_are_spread_over_servers_and_timelines_may_be_plain(self):
        with FakeServer() as first, FakeServer() as second:
            result, figures = run("--url", f"{first.url},{second.url}", "--timeline", "json", "--verify", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(figures["violations"], 0)

    def test_open_loop_keeps_the_rate_and_measures_from_the_intended_time(self):
        with FakeServer() as server:
            result, figures = run("--url", server.url, "--rate", "100", "--duration", "4")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertTrue(140 <= figures["matches"] <= 260, figures["matches"])  # of two hundred
        with FakeServer("plain", "--delay-ms", "200") as server:
            # Two players can play five matches a second at most; forty wishes a second pile up behind them.
            result, figures = run("--url", server.url, "--rate", "40", "--duration", "4", players=2)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertGreater(figures["found_ms"]["p99"], 400)

    def test_who_only_fills_the_queue_is_not_measured(self):
        with FakeServer() as server:
            result, figures = run("--url", server.url, "--rate", "50", "--waiting", "6", "--duration", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(figures["found_ms"]["count"], 50)
        self.assertLess(figures["found_ms"]["count"], 2 * figures["matches"] - 10)
        self.assertLessEqual(figures["waiting_min"], 6)
        for wrong in (("--waiting", "6"), ("--waiting", "20", "--rate", "5")):
            result, _ = run("--url", "ws://127.0.0.1:1/", *wrong)
            self.assertEqual(result.returncode, 2)
            self.assertIn("--waiting needs a --rate and further --players", result.stderr)

    def test_idle_mode_only_logs_in(self):
        with FakeServer() as server:
            result, figures = run("--url", server.url, "--idle", "--pid", f"game={server.process.pid}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((figures["online"], figures["matches"]), (20, 0))
        self.assertGreater(figures["rss_growth_bytes_per_player"]["game"], 0)

    def test_broken_promises_are_noticed_and_fail_the_run(self):
        complaints = {
            "one_sided": "do not name each other",
            "two_timelines": "different timelines",
            "third_player": "one player too many",
            "damaged_gzip": "gzip",
            "wrong_match": "FAILED",
        }
        for scenario, complaint in complaints.items():
            with self.subTest(scenario), FakeServer(scenario) as server:
                result, _ = run("--url", server.url, "--verify", "1", players=9)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(complaint, result.stderr)

    def test_refusals_and_lost_connections_are_counted_and_overcome(self):
        expected = {"maintenance": "maintenance", "drop_queued": "closed_1001", "token_expired": "closed_4011",
                    "cancelled": "cancelled_opponent_cancelled"}
        for scenario, error in expected.items():
            with self.subTest(scenario), FakeServer(scenario) as server:
                result, figures = run("--url", server.url)
                self.assertEqual(figures["errors"].get(error), 1, (figures["errors"], result.stderr))
                self.assertGreater(figures["matches"], 0)
                self.assertEqual(figures["violations"], 0)

    def test_refused_logins_fail_the_run(self):
        with FakeServer("bad_token") as server:
            process = subprocess.Popen([LOAD, "--url", server.url, "--players", "2"], stderr=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True,
                                       env={**os.environ, "DUELPOD_AUTH_HS256_SECRET": SECRET})
            line = process.stderr.readline()
            while "disconnects 2" not in line:
                self.assertNotEqual(line, "")
                line = process.stderr.readline()
            process.send_signal(2)
            output, error = process.communicate(timeout=DEADLINE_S)
            self.assertEqual(process.returncode, 1)
            self.assertIn("error          invalid_token: 2", output)
            self.assertIn("not everybody was online", error)

    def test_redis_commands_are_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "redis.sock")
            redis = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", path, "--save", "",
                                      "--appendonly", "no", "--dir", folder], stdout=subprocess.DEVNULL)
            try:
                while not os.path.exists(path):
                    time.sleep(0.01)
                with FakeServer() as server:
                    result, figures = run("--url", server.url, "--redis", f"unix://{path}")
            finally:
                redis.kill()
                redis.wait()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(figures["redis_commands_per_match"], round(2 / figures["matches"], 2))
        self.assertIn("info", figures["redis_calls_per_match"])

    def test_wrong_usage_ends_with_2(self):
        url = "ws://127.0.0.1:1/"
        for arguments in ([], ["--url", "http://x/"], ["--url", url, "--players", "0"], ["--url", url, "extra"],
                          ["--url", url, "--pid", "game"], ["--url", url, "--redis", "nonsense"], ["--nothing"],
                          ["--url", url, "--timeline", "xml"]):
            result = subprocess.run([LOAD, *arguments], capture_output=True, text=True, timeout=DEADLINE_S,
                                    env={**os.environ, "DUELPOD_AUTH_HS256_SECRET": SECRET})
            self.assertEqual(result.returncode, 2, (arguments, result.stderr))
        result = subprocess.run([LOAD, "--url", url], capture_output=True, text=True, timeout=DEADLINE_S,
                                env={**os.environ, "DUELPOD_AUTH_HS256_SECRET": "short"})
        self.assertEqual(result.returncode, 2)


if __name__ == "__main__":
    unittest.main()
