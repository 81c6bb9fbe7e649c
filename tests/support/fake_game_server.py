#!/usr/bin/python3
"""A scripted game server that speaks the client protocol, for tests of clients without the real servers.

It prints "port N" once it listens (loopback, a free port), then every message it receives as one JSON line.
Players who enqueue are paired in order; with --house each one meets a house player at once. --scenario picks
what goes wrong, once per server: see SCENARIOS. It ends when its standard input closes.
"""
import argparse
import asyncio
import base64
import gzip
import json
import os
import sys
import tempfile
import time
import uuid

import websockets

SCENARIOS = {
    "plain": "nothing goes wrong",
    "bad_token": "every login is refused for good",
    "token_expired": "the first login is refused with 4011, the next one works",
    "drop_queued": "the first connection is closed with reconnect=true while queued",
    "drop_silently": "the first connection is cut without a close frame while queued",
    "replaced": "the connection is closed with 4009 after enqueue",
    "maintenance": "the first enqueue is refused with retry_after_ms",
    "banned": "enqueue is refused for an hour",
    "cancelled": "the first match is cancelled and the player requeued",
    "never_matched": "nobody is ever matched",
    "damaged_gzip": "the timeline does not unpack",
    "wrong_match": "the timeline belongs to another match",
    "unannounced": "a binary frame that nobody announced",
    "not_json": "a message that is no JSON",
    "fragments": "every message comes in fragments of 7 bytes, with pings between them",
    "no_dev_tokens": "the request for a token is refused",
    "one_sided": "match_found names somebody who was not matched",
    "two_timelines": "the two players get different timelines",
    "third_player": "one match is given to a third player",
}


def timeline(match_id, players):
    sides = []
    for number, player in enumerate(players):
        base = 10 * (number + 1)
        sides.append({"pid": player, "name": player.capitalize(), "lvl": 2, "e": number + 1, "hp": 300, "cards": [
            {"e": base, "id": "ember_imp", "lv": 2, "slot": 0, "kind": 1, "hp": 38, "atk": 8, "cd": 4000,
             "items": ["whetstone"]}]})
    events = [
        {"t": 0, "k": "start"},
        {"t": 4000, "k": "act", "s": 10, "v": 8000},
        {"t": 4000, "k": "dmg", "s": 10, "d": 20, "n": 16, "v": 22, "f": 1, "c": 2},
        {"t": 12350, "k": "dmg", "s": 10, "d": 2, "n": 316, "v": -16, "f": 2, "c": 2},
        {"t": 12350, "k": "end", "n": 1},
    ]
    return json.dumps({
        "fmt": "bt", "v": 1, "eng": "1.0.0", "cat": {"id": "base", "ver": 1, "sha": "00"}, "mid": match_id,
        "seed": "0123456789abcdef", "tick": 50, "sides": sides, "ev": events,
        "end": {"t": 12350, "win": 0, "why": "ko", "hp": [300, -16], "rng": [1, 2, 3], "n": len(events),
                "stat": [{"e": 10, "dmg": 332, "heal": 0, "shield": 0, "kills": 0}], "hash": "c0ffee"},
    }, separators=(",", ":"))


def profile(player):
    return {"player_id": player, "name": player.capitalize(), "level": 2,
            "ratings": {"normal": 1200, "ranked": 1200, "party": 1200},
            "record": {"wins": 3, "losses": 1, "draws": 0},
            "loadout": {"cards": [{"id": "ember_imp", "level": 2, "slot": 0}]},
            "collection": {"cards": [{"id": "ember_imp", "level": 2}]}}


def subject(token):
    """The sub of a JSON Web Token, unchecked, or None."""
    try:
        body = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"]
    except (IndexError, ValueError, KeyError):
        return None


def make_token(player):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return ".".join([part({"alg": "HS256"}), part({"sub": player}), part("signature")])


class Player:
    def __init__(self, server, socket):
        self.server, self.socket = server, socket
        self.name, self.encoding, self.match = None, "json", None

    async def send(self, kind, **fields):
        text = json.dumps({"type": kind, **fields})
        if self.server.scenario == "fragments":
            await self.socket.ping()
            await self.socket.send([text[i:i + 7] for i in range(0, len(text), 7)])
        else:
            await self.socket.send(text)

    async def close(self, code, reason, reconnect, retry_after_ms=0):
        await self.send("closing", code=code, reason=reason, reconnect=reconnect, retry_after_ms=retry_after_ms)
        await self.socket.close(code, reason)


class House:
    """An opponent without a socket."""
    encoding = "json"

    def __init__(self):
        self.name, self.match = "house", None

    async def send(self, kind, **fields):
        pass


class Match:
    def __init__(self, players):
        self.id, self.players, self.ready, self.over = str(uuid.uuid4()), players, set(), False


class Server:
    def __init__(self, options):
        self.scenario, self.house, self.loading_ms = options.scenario, options.house, options.loading_ms
        self.quiet, self.delay_s = options.quiet, options.delay_ms / 1000
        self.queue, self.online, self.used = [], [], False

    def once(self, scenario):
        hit = self.scenario == scenario and not self.used
        self.used = self.used or hit
        return hit

    async def serve(self, socket):
        player = Player(self, socket)
        try:
            async for text in socket:
                message = json.loads(text)
                if not self.quiet:
                    print(json.dumps(message), flush=True)
                handler = getattr(self, "on_" + message["type"], None)
                if handler is None:
                    await player.send("error", code="unknown_type", message="The server does not know this.")
                else:
                    await handler(player, message)
        except websockets.ConnectionClosed:
            pass
        finally:
            for players in (self.queue, self.online):
                if player in players:
                    players.remove(player)

    async def on_authenticate(self, player, message):
        player.name, player.encoding = subject(message["token"]), message.get("timeline_encoding", "json")
        reply = {"reply_to": message["id"]} if "id" in message else {}
        if self.scenario == "bad_token" or player.name is None:
            await player.send("error", code="invalid_token", message="The token was not accepted.", **reply)
            await player.close(4004, "bad token", False)
        elif self.once("token_expired"):
            await player.send("error", code="token_expired", message="The token has expired.", **reply)
            await player.close(4011, "token expired", True)
        else:
            self.online.append(player)
            await player.send("welcome", player_id=player.name, session_id=str(uuid.uuid4()), protocol=1,
                              server_time_ms=int(time.time() * 1000), profile=profile(player.name),
                              state={"state": "lobby"}, **reply)

    async def on_get_state(self, player, message):
        state = "queued" if player in self.queue else "loading" if player.match else "lobby"
        extra = {"match_id": player.match.id, "mode": "normal"} if player.match else {}
        await player.send("state", state=state, **extra)

    async def on_enqueue(self, player, message):
        if self.once("maintenance"):
            await player.send("error", code="maintenance", message="Under maintenance.", retry_after_ms=50)
            return
        if self.scenario == "banned":
            await player.send("error", code="banned", message="You may not queue yet.", retry_after_ms=3600000)
            return
        now = int(time.time() * 1000)
        self.queue.append(player)
        await player.send("enqueued", mode=message["mode"], position=len(self.queue), queue_size=len(self.queue),
                          estimated_wait_ms=1500, enqueued_at_ms=now)
        if self.scenario == "replaced":
            await player.send("notice", code="session_replaced", message="You logged in elsewhere.")
            await player.close(4009, "replaced by a newer login", False)
        elif self.once("drop_queued"):
            await player.close(1001, "server is going away", True, 20)
        elif self.once("drop_silently"):
            player.socket.transport.abort()
        elif self.scenario == "not_json":
            await player.socket.send("{nonsense")
        elif self.scenario == "unannounced":
            await player.socket.send(b"x" * 40)
        elif self.scenario != "never_matched":
            await self.pair(message["mode"])

    async def on_dequeue(self, player, message):
        if player in self.queue:
            self.queue.remove(player)
            await player.send("dequeued", mode="normal", reason="requested")
        else:
            await player.send("error", code="not_queued", message="You are not in a queue.")

    async def pair(self, mode):
        while len(self.queue) >= (1 if self.house else 2):
            first = self.queue.pop(0)
            match = Match([first, House() if self.house else self.queue.pop(0)])
            for player in match.players:
                player.match = match
            for number, player in enumerate(match.players):
                await self.tell_match(player, match, match.players[1 - number].name, mode)
            strangers = [player for player in self.online if player not in match.players]
            if strangers and self.once("third_player"):
                await self.tell_match(strangers[0], match, first.name, mode)

    async def tell_match(self, player, match, opponent, mode):
        if self.once("one_sided"):
            opponent = "load-999999"
        await player.send("match_found", match_id=match.id, mode=mode, opponent_id=opponent, teammates=[],
                          opponents=[{"player_id": opponent, "name": opponent.capitalize(), "level": 2,
                                      "rating": 1200}],
                          seed_commitment="00" * 32,
                          **({"loading_deadline_ms": int(time.time() * 1000) + self.loading_ms}
                             if self.loading_ms else {}))
        if isinstance(match.players[1], House):
            match.ready.add("house")
        if not self.loading_ms:
            await self.on_loading_complete(player, {"match_id": match.id})

    async def on_loading_complete(self, player, message):
        match = player.match
        if match is None or match.id != message["match_id"] or match.over:
            await player.send("error", code="no_such_match", message="You are not in this match.")
            return
        if self.once("cancelled"):
            player.match = None
            await player.send("match_cancelled", match_id=match.id, reason="opponent_cancelled", requeued=True)
            self.queue.insert(0, player)
            await self.pair("normal")
            return
        match.ready.add(player.name)
        for other in match.players:
            await other.send("loading_progress", match_id=match.id, ready=sorted(match.ready))
        if len(match.ready) == len(match.players):
            match.over = True
            await self.finish(match)

    async def finish(self, match):
        await asyncio.sleep(self.delay_s)
        text = timeline(match.id, [player.name for player in match.players])
        for number, player in enumerate(match.players):
            if self.once("two_timelines"):
                await self.tell_result(player, match, number, text + " ")
            else:
                await self.tell_result(player, match, number, text)

    async def tell_result(self, player, match, number, text):
        fields = {"match_id": match.id, "mode": "normal", "you": number, "outcome": "loss" if number else "win",
                  "rating": {"before": 1200, "after": 1184 if number else 1216, "delta": -16 if number else 16}}
        if player.encoding != "gzip":
            await player.send("battle_result", **fields, timeline=json.loads(text))
            return
        packed = gzip.compress(text.encode(), 1, mtime=0)
        match_bytes = uuid.UUID(match.id).bytes
        if self.scenario == "damaged_gzip":
            packed = packed[:30] + b"\0\0\0\0" + packed[34:]
        if self.scenario == "wrong_match":
            match_bytes = uuid.uuid4().bytes
        await player.send("battle_result", **fields, timeline_encoding="gzip")
        frame = match_bytes + packed
        if self.scenario == "fragments":
            await player.socket.send([frame[i:i + 100] for i in range(0, len(frame), 100)])
        else:
            await player.socket.send(frame)

    async def on_ack_result(self, player, message):
        player.match = None
        await player.send("result_acked", match_id=message["match_id"])

    async def on_ping(self, player, message):
        await player.send("pong", server_time_ms=int(time.time() * 1000))


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def answer_post(server, head, writer):
    body = json.loads(head.split(b"\r\n\r\n", 1)[1])
    print(json.dumps({"type": "dev_token", **body}), flush=True)
    if server.scenario == "no_dev_tokens":
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    else:
        answer = json.dumps({"token": make_token(body["player_id"])}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
    await writer.drain()
    writer.close()


def front_door(server, inner_path):
    """The library answers GET only, so POST is answered here and everything else is passed on to it."""
    async def accept(reader, writer):
        first = await reader.read(65536)
        if first.startswith(b"POST /v1/dev/token "):
            await answer_post(server, first, writer)
            return
        if not first.startswith(b"GET /v1/ws "):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        inner_reader, inner_writer = await asyncio.open_unix_connection(inner_path)
        inner_writer.write(first)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))
    return accept


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, default="plain")
    parser.add_argument("--house", action="store_true", help="an opponent for everybody")
    parser.add_argument("--loading-ms", type=int, default=30000, help="0: no loading phase")
    parser.add_argument("--delay-ms", type=int, default=0, help="how long a battle takes to compute")
    parser.add_argument("--quiet", action="store_true", help="do not print what is received")
    options = parser.parse_args()
    server = Server(options)
    with tempfile.TemporaryDirectory() as folder:
        inner_path = os.path.join(folder, "inner.sock")
        async with websockets.unix_serve(server.serve, inner_path, subprotocols=["duelpod.v1"], compression=None,
                                         backlog=1024):
            outer = await asyncio.start_server(front_door(server, inner_path), "127.0.0.1", 0, backlog=1024)
            print("port", outer.sockets[0].getsockname()[1], flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            outer.close()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
