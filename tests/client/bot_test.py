#!/usr/bin/python3
"""Drives the bot against a scripted server."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build")))
BOT = os.path.join(BIN, "bot")
DEADLINE_S = 30


class FakeServer:
    def __init__(self, scenario="plain", *arguments):
        self.scenario, self.arguments = scenario, arguments

    def __enter__(self):
        script = os.path.join(ROOT, "tests", "support", "fake_game_server.py")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", script, "--house", "--scenario", self.scenario, *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.url = f"ws://127.0.0.1:{self.port}/v1/ws"
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()

    def next_message(self):
        return json.loads(self.process.stdout.readline())

    def messages(self):
        """What the server received; ends it."""
        self.process.stdin.close()
        return [json.loads(line) for line in self.process.stdout]


def run(server, *arguments, who=("--player", "ana")):
    return subprocess.run([BOT, "--url", server.url, *who, *arguments], capture_output=True, text=True,
                          timeout=DEADLINE_S, stdin=subprocess.DEVNULL)


class BotTest(unittest.TestCase):
    def assert_exit(self, result, code):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)

    def test_plays_a_match_and_tells_the_fight(self):
        with FakeServer() as server:
            result = run(server)
            self.assert_exit(result, 0)
            lines = result.stdout.splitlines()
            self.assertIn("Ana (ana), level 2", lines)
            self.assertIn("deck: ember_imp (level 2); artifacts 0, items 0", lines)
            self.assertIn("state: lobby", lines)
            self.assertIn("waiting in normal: place 1 of 1, about 1.5 s", lines)
            self.assertIn("  against House (house), level 2, rating 1200", lines)
            self.assertIn("  4.00s ember_imp (Ana) hits ember_imp (House) for 16, 22 left (critical)", lines)
            self.assertIn(" 12.35s ember_imp (Ana) hits House for 316, -16 left (lethal)", lines)
            self.assertIn("Ana wins after 12.35s (ko), health 300 against -16", lines)
            self.assertRegex(lines[-1], r"^win in match [0-9a-f-]{36}, rating 1200 to 1216 \(\+16\)$")
            self.assertEqual(result.stderr, "")
            self.assertEqual([message["type"] for message in server.messages()],
                             ["dev_token", "authenticate", "enqueue", "loading_complete", "ack_result"])

    def test_plays_several_matches_on_one_connection_and_saves_each(self):
        with FakeServer() as server, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "fight.json")
            result = run(server, "--matches", "3", "--quiet", "--save", path)
            self.assert_exit(result, 0)
            self.assertEqual(len(result.stdout.splitlines()), 3)
            ids = {json.loads(pathlib.Path(path + suffix).read_text())["mid"] for suffix in ("", ".2", ".3")}
            self.assertEqual(len(ids), 3)
            self.assertEqual([m["type"] for m in server.messages()].count("authenticate"), 1)

    def test_understands_a_timeline_inside_the_message(self):
        with FakeServer() as server:
            result = run(server, "--timeline", "json")
            self.assert_exit(result, 0)
            self.assertIn("hits House for 316", result.stdout)

    def test_gathers_fragments_and_answers_pings(self):
        with FakeServer("fragments") as server:
            result = run(server)
            self.assert_exit(result, 0)
            self.assertIn("hits House for 316", result.stdout)

    def test_does_without_a_loading_phase(self):
        with FakeServer("plain", "--loading-ms", "0") as server:
            self.assert_exit(run(server), 0)
            self.assertNotIn("loading_complete", [m["type"] for m in server.messages()])

    def test_json_mode_prints_the_messages_as_they_are(self):
        with FakeServer() as server:
            result = run(server, "--json")
            self.assert_exit(result, 0)
            messages = [json.loads(line) for line in result.stdout.splitlines()]
            self.assertEqual([m.get("type", m.get("fmt")) for m in messages],
                             ["welcome", "enqueued", "match_found", "loading_progress", "battle_result", "bt",
                              "result_acked"])

    def test_takes_a_token_from_elsewhere(self):
        with FakeServer() as server:
            token = "e30.eyJzdWIiOiJ6b2UifQ.c2ln"  # {"sub":"zoe"}
            result = run(server, "--mode", "ranked", who=("--token", token))
            self.assert_exit(result, 0)
            self.assertIn("Zoe (zoe), level 2", result.stdout)
            messages = server.messages()
            self.assertEqual(messages[0]["token"], token)
            self.assertEqual(messages[1], {"type": "enqueue", "mode": "ranked"})

    def test_comes_back_where_the_server_allows_it(self):
        for scenario in ("drop_queued", "drop_silently", "token_expired"):
            with self.subTest(scenario), FakeServer(scenario) as server:
                result = run(server)
                self.assert_exit(result, 0)
                self.assertIn("reconnecting in ", result.stdout)
                types = [m["type"] for m in server.messages()]
                self.assertEqual(types.count("authenticate"), 2)
                self.assertEqual(types.count("dev_token"), 2)

    def test_repeats_a_wish_that_may_succeed_later(self):
        with FakeServer("maintenance") as server:
            result = run(server)
            self.assert_exit(result, 0)
            self.assertIn("Under maintenance.", result.stderr)

    def test_waits_on_when_the_match_is_cancelled_and_its_place_is_kept(self):
        with FakeServer("cancelled") as server:
            result = run(server)
            self.assert_exit(result, 0)
            self.assertIn("is off: opponent_cancelled, back in the queue", result.stdout)
            self.assertEqual([m["type"] for m in server.messages()].count("enqueue"), 1)

    def test_refusals_end_with_3_and_say_why(self):
        reasons = {"bad_token": "The token was not accepted.", "replaced": "4009", "banned": "You may not queue yet.",
                   "damaged_gzip": "gzip", "wrong_match": "does not belong", "unannounced": "announced",
                   "not_json": "bad message", "no_dev_tokens": "404 Not Found"}
        for scenario, reason in reasons.items():
            with self.subTest(scenario), FakeServer(scenario) as server:
                result = run(server)
                self.assert_exit(result, 3)
                self.assertIn(reason, result.stderr)

    def test_nobody_there_ends_with_1(self):
        with socket.socket() as bound:  # bound but not listening: refused for sure
            bound.bind(("127.0.0.1", 0))
            url = f"ws://127.0.0.1:{bound.getsockname()[1]}/v1/ws"
            for who in (("--player", "ana"), ("--token", "a.b.c")):
                result = subprocess.run([BOT, "--url", url, *who], capture_output=True, text=True, timeout=DEADLINE_S)
                self.assert_exit(result, 1)
                self.assertIn("refused", result.stderr)

    def test_a_server_without_websockets_ends_with_1(self):
        with FakeServer() as server:
            result = subprocess.run([BOT, "--url", server.url + "/elsewhere", "--token", "a.b.c"], capture_output=True,
                                    text=True, timeout=DEADLINE_S)
            self.assert_exit(result, 1)
            self.assertIn("404 Not Found", result.stderr)

    def test_wrong_usage_ends_with_2(self):
        for arguments in ([], ["--player", "a", "--token", "b"], ["--player", "a", "--url", "wss://host/"],
                          ["--player", "a", "--matches", "0"], ["--player", "a", "--timeline", "xml"], ["--unknown"],
                          ["--player", "a", "extra"]):
            result = subprocess.run([BOT, *arguments], capture_output=True, text=True, timeout=DEADLINE_S)
            self.assert_exit(result, 2)
            self.assertNotEqual(result.stderr, "")

    def test_help_is_no_error(self):
        result = subprocess.run([BOT, "--help"], capture_output=True, text=True, timeout=DEADLINE_S)
        self.assert_exit(result, 0)
        self.assertIn("--matches N", result.stdout)

    def test_an_interrupt_leaves_the_queue_first(self):
        with FakeServer("never_matched") as server:
            bot = subprocess.Popen([BOT, "--url", server.url, "--player", "ana"], stdout=subprocess.PIPE, text=True)
            line = bot.stdout.readline()
            while not line.startswith("waiting in normal"):
                self.assertNotEqual(line, "")
                line = bot.stdout.readline()
            bot.send_signal(signal.SIGINT)
            self.assertEqual(bot.wait(DEADLINE_S), 130)
            bot.stdout.close()
            self.assertEqual(server.messages()[-1], {"type": "dequeue"})


if __name__ == "__main__":
    unittest.main()
