"""One connection of the fuzzer: what it says in which pieces, what it hears, and whether that is right."""
import re
import socket
import struct
import time

from model import BROKEN, CLOSED, ODD, OPEN, PARTIAL, accepts_of, close_code_valid, expect_of
from mutants import bad_frames, bad_handshake, conversation, cut, cuts
from wire import CLOSE, PING, PONG, TEXT, Client, frame, handshake

QUIET_SECONDS = 0.05   # for one that may come
STATUS = re.compile(rb"HTTP/1\.[01] (101|400|403|404|405|426|429|431) ")
PATIENCE = {"seconds": 60}  # for an answer or an end that must come: a hang is longer, a busy machine is not
RESET = struct.pack("ii", 1, 0)


class Talk(Client):
    """`known`: the handshake is a proper one, so the model knows what must come."""

    def __init__(self, server, request, frames, places, name, known=True):
        super().__init__(server, b"")
        self.name, self.known, self.request = name, known, request
        self.expected = expect_of(frames)
        # A client may not speak before it has the answer; some unknown ones do.
        self.pieces = cut(request + frames, places) if not known else cut(request, places)
        self.later = cut(frames, places) if known else []
        self.texts, self.faults, self.pongs, self.close, self.garbage = [], [], [], None, None
        self.finished, self.quiet_since, self.deadline = False, None, time.monotonic() + PATIENCE["seconds"]
        self.socket.setblocking(False)

    # ---- saying and hearing

    def push(self):
        """Says the next piece, or what the socket takes of it."""
        try:
            taken = self.socket.send(self.pieces[0])
        except BlockingIOError:
            return
        except OSError:
            self.pieces, self.later = [], []
            return
        self.deadline = time.monotonic() + PATIENCE["seconds"]
        self.pieces[0] = self.pieces[0][taken:]
        if not self.pieces[0]:
            self.pieces.pop(0)

    def hear(self):
        while not self.ended and self.more(0):
            pass
        if not self.head and b"\r\n\r\n" in self.buffer:
            self.head = self.read_head(0)
        if self.head.startswith(b"HTTP/1.1 101"):
            self.pieces, self.later = self.pieces + self.later, []
            while (got := self.parse()) is not None:
                self.note(*got)

    def note(self, fin, opcode, payload):
        """After a close frame there is no data. Who goes on after breaking a rule has his pings answered by the
        library, and hears its goodbye behind ours when he breaks another one."""
        if opcode == PING:  # asked for a sign of life, after a long wait
            return
        if not fin or opcode not in (TEXT, PONG, CLOSE) or (self.close is not None and opcode == TEXT):
            self.garbage = f"a frame with fin {fin} opcode {opcode}, close {self.close}"
        elif opcode == CLOSE:
            if self.close is not None and self.known and self.expected.end != BROKEN:
                self.garbage = "two goodbyes to a peer that broke no rule"
            self.close = int.from_bytes(payload[:2], "big") if payload else 0
        elif opcode == PONG:
            self.pongs.append(payload)
        elif payload.startswith(b"fault "):
            self.faults.append(payload)
        else:
            self.texts.append(payload.decode(errors="surrogateescape"))

    # ---- done?

    def complete(self):
        """Has come what must come?"""
        if self.ended:
            return True
        if self.known and self.expected.end in (OPEN, PARTIAL):
            return bool(self.head) and len(self.texts) >= len(self.expected.texts)
        return False

    def advance(self):
        """One step; afterwards `finished` when there is nothing more to say or to wait for."""
        self.hear()
        if self.pieces and not self.ended:
            self.push()
            self.quiet_since = None
        elif self.complete() or time.monotonic() > self.deadline:
            self.finished = True
        elif not self.known or self.expected.end == ODD:  # nobody promises an end before the time-outs
            self.quiet_since = self.quiet_since or time.monotonic()
            self.finished = time.monotonic() - self.quiet_since > QUIET_SECONDS

    # ---- judging

    def trouble(self):
        """What is wrong, or None."""
        if self.garbage:
            return self.garbage
        if self.head and not STATUS.match(self.head):
            return f"the answer begins {self.head[:60]!r}"
        if self.head.startswith(b"HTTP/1.1 101"):
            accept = re.search(rb"(?i)sec-websocket-accept: *(\S+)", self.head)
            if not accept or accept.group(1) not in accepts_of(self.request):
                return "a handshake was accepted without its key"
        if self.close and not close_code_valid(self.close):
            return f"close code {self.close}"
        return self.known_trouble() if self.known else None

    def known_trouble(self):
        wanted, end = self.expected.texts, self.expected.end
        if end == ODD:
            return None
        if self.texts != wanted[:len(self.texts)]:
            return f"the application got {self.texts[-1][:80]!r}, which nobody said"
        if end == BROKEN:
            return None if self.ended else "it goes on after a broken rule"
        pings = iter(self.expected.pings)
        if not all(pong in pings for pong in self.pongs):
            return "a pong that answers no ping"
        if not self.head:
            return f"no answer to a proper handshake, ended {self.ended}"
        if end == PARTIAL and self.ended:  # what is there of it may be wrong already
            return None
        if self.faults or len(self.texts) != len(wanted):
            return f"{len(self.texts)} of {len(wanted)} texts answered, {self.faults}, close {self.close}"
        if end == OPEN and self.ended:
            return f"hung up on a proper conversation, close {self.close}"
        if end == CLOSED and (not self.ended or self.close != (self.expected.code or 0)):
            return f"a close with {self.expected.code} is answered with {self.close}, ended {self.ended}"
        return None

    def leave(self, chance):
        """Hangs up, one way or another."""
        if chance.random() < 0.3:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.close()


def talks_of(server, chance):
    """A mutant, and a proper conversation in the same pieces."""
    places = cuts(chance, 600)
    if chance.random() < 0.4:
        mutant = bad_handshake(chance), b"".join(conversation(chance)), False
    else:
        mutant = handshake(), bad_frames(chance), True
    yield Talk(server, mutant[0], mutant[1], places, "mutant", mutant[2])
    yield Talk(server, handshake(), b"".join(conversation(chance)), places, "proper")


class Neighbour:
    """Asks all the time, one question after the other."""

    def __init__(self, server):
        self.client = Client(server)
        self.asked_at, self.number, self.wait_max = None, 0, 0.0

    def look(self):
        if self.asked_at is None:
            self.number += 1
            self.client.send(frame(TEXT, f"are you there {self.number}", mask=b"abcd"))
            self.asked_at = time.monotonic()
        answer = self.client.frame(0)
        wait = time.monotonic() - self.asked_at
        assert wait < PATIENCE["seconds"] and not self.client.ended, f"the neighbour waits {wait:.1f} s for an answer"
        if answer is None or answer[1] == PING:
            return
        assert answer == (1, TEXT, f"are you there {self.number}".encode()), f"the neighbour hears {answer}"
        self.wait_max, self.asked_at = max(self.wait_max, wait), None

    def until_answered(self):
        while self.asked_at is not None:
            self.look()
