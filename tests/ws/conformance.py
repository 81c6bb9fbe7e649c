"""RFC 6455 as the server must speak it, grouped like the usual conformance suites."""
import time

from wire import (BINARY, CASES, CLOSE, CONT, PING, PONG, TEXT, Client, case, close_payload, exchange, expect,
                  frame, handshake)

GREEK = "κόσμε".encode()


def exchanges(group, *rows):
    """Registers one case per row: (name, expected script, frame, frame...)."""
    for name, wanted, *frames in rows:
        def run(server, frames=frames, wanted=wanted):
            expect(exchange(server, *frames), *([wanted] if isinstance(wanted, str) else wanted))
        run.__name__ = "%s: %s" % (group, name)
        CASES.append(({}, run))


exchanges(
    "framing",
    ("empty text", "text:", frame(TEXT)),
    ("125 bytes", "text:" + "a" * 125, frame(TEXT, "a" * 125)),
    ("126 bytes", "text:" + "a" * 126, frame(TEXT, "a" * 126)),
    ("4095 bytes", "text:" + "a" * 4095, frame(TEXT, "a" * 4095)),
    ("two messages in one write", "text:a text:b", frame(TEXT, "a") + frame(TEXT, "b")),
    ("64-bit length 5", "text:hello", frame(TEXT, "hello", width=8)),
    ("zero mask", "text:hello", frame(TEXT, "hello", mask=b"\0\0\0\0")),
    ("64-bit length with the top bit", "end", bytes([0x81, 0xff]) + b"\xff" * 8 + b"abcd"),
)
exchanges(
    "ping",
    ("empty", "pong:", frame(PING)),
    ("125 bytes", "pong:" + "p" * 125, frame(PING, "p" * 125)),
    ("126 bytes", ("end", "close:1002", "close:1002 end"), frame(PING, "p" * 126)),
    ("fragmented", "close:1002", frame(PING, "p", fin=0)),
    ("unsolicited pong", "text:x", frame(PONG, "z"), frame(TEXT, "x")),
    ("unsolicited pong that is not UTF-8", "text:x", frame(PONG, b"\xff\xfe"), frame(TEXT, "x")),
    ("empty unsolicited pong", "text:x", frame(PONG), frame(TEXT, "x")),
)
exchanges("reserved bits", *[("rsv %d" % rsv, "close:1002", frame(TEXT, "x", rsv=rsv))
                             for rsv in range(1, 8)])
exchanges("opcodes", *[("opcode %d" % opcode, "close:1002", frame(opcode, "x"))
                       for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)])
exchanges(
    "fragmentation",
    ("two fragments", "text:ab", frame(TEXT, "a", fin=0), frame(CONT, "b")),
    ("16 fragments", "text:" + "x" * 16, *[frame(CONT if i else TEXT, "x", fin=i == 15) for i in range(16)]),
    ("empty fragments around", "text:ab", frame(TEXT, "", fin=0), frame(CONT, "ab", fin=0), frame(CONT, "")),
    ("ping between", ("pong:p text:ab", "text:ab pong:p"),
     frame(TEXT, "a", fin=0), frame(PING, "p"), frame(CONT, "b")),
    ("pong between, inside a character", "text:κόσμε",
     frame(TEXT, GREEK[:1], fin=0), frame(PONG, "quiet"), frame(CONT, GREEK[1:])),
    ("continuation first", "close:1002", frame(CONT, "x")),
    ("continuation after a whole message", "text:a close:1002", frame(TEXT, "a"), frame(CONT, "x")),
    ("text inside a message", "close:1002", frame(TEXT, "a", fin=0), frame(TEXT, "b")),
    ("binary inside a message", "close:1002", frame(TEXT, "a", fin=0), frame(BINARY, "b")),
)
exchanges(
    "utf-8",
    ("greek", "text:κόσμε", frame(TEXT, GREEK)),
    ("split across fragments", "text:κόσμε", frame(TEXT, GREEK[:1], fin=0), frame(CONT, GREEK[1:])),
    ("highest character", "text:\U0010ffff", frame(TEXT, "\U0010ffff")),
    ("last before the surrogates", "text:\ud7ff", frame(TEXT, "\ud7ff")),
    *[(name, "close:1007", frame(TEXT, payload)) for name, payload in (
        ("ff fe", b"\xff\xfe"), ("cut at the end", GREEK[:-1]), ("surrogate", b"\xed\xa0\x80"),
        ("overlong slash", b"\xc0\xaf"), ("overlong three", b"\xe0\x80\xaf"),
        ("overlong four", b"\xf0\x80\x80\xaf"),
        ("above the range", b"\xf4\x90\x80\x80"), ("five bytes", b"\xf8\x88\x80\x80\x80"),
        ("lone continuation", b"abcdefgh\x80"), ("bad after eight good", b"abcdefghij\xc3("))],
    ("bad in the second fragment", "close:1007", frame(TEXT, "ok", fin=0), frame(CONT, b"\xff")),
    ("cut, hidden by an empty last fragment", "close:1007", frame(TEXT, GREEK[:1], fin=0), frame(CONT, b"")),
    ("the next message starts clean", "text:a text:b",
     frame(TEXT, "a", fin=0), frame(CONT), frame(TEXT, "b")),
)
exchanges(
    "close",
    *[("code %d" % code, "close:%d end" % code, frame(CLOSE, close_payload(code)))
      for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)],
    *[("bad code %d" % code, "close:1002 end", frame(CLOSE, close_payload(code)))
      for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)],
    ("empty", "close: end", frame(CLOSE)),
    ("one byte", "close:1002 end", frame(CLOSE, b"\x03")),
    ("longest reason", "close:1000 end", frame(CLOSE, close_payload(1000, b"r" * 123))),
    ("124 bytes of reason", ("end", "close:1002 end"), frame(CLOSE, close_payload(1000, b"r" * 124))),
    ("reason not UTF-8", "close:1007 end", frame(CLOSE, close_payload(1000, b"\xff"))),
    ("reason cut inside a character", "close:1007 end", frame(CLOSE, close_payload(1000, GREEK[:1]))),
    ("text after close", "close:1000 end", frame(CLOSE, close_payload(1000)) + frame(TEXT, "x")),
    ("ping after close", "close:1000 end", frame(CLOSE, close_payload(1000)) + frame(PING, "x")),
    ("two closes", "close:1000 end", frame(CLOSE, close_payload(1000)) + frame(CLOSE, close_payload(1001))),
    ("close inside a message", "close:1000 end", frame(TEXT, "a", fin=0), frame(CLOSE, close_payload(1000))),
)


@case()
def framing_in_single_bytes(server):
    with Client(server) as client:
        for byte in frame(TEXT, "slowly") + frame(PING, "p"):
            client.send(bytes([byte]))
        expect(client.script(), "text:slowly pong:p")


@case()
def frame_glued_to_the_handshake_is_not_lost(server):
    with Client(server, handshake() + frame(TEXT, "early")) as client:
        client.read_head()
        expect(client.script(), "text:early")


@case()
def ten_pings_in_one_write_are_answered(server):
    with Client(server) as client:
        client.send(b"".join(frame(PING, "%d" % i) for i in range(10)) + frame(TEXT, "x"))
        words = client.script().split()
        assert "text:x" in words and any(word.startswith("pong:") for word in words), words


@case()
def server_close_is_answered_by_the_client(server):
    with Client(server) as client:
        client.text("close 4009 replaced")
        fin, opcode, payload = client.frame()
        expect((fin, opcode, payload), (1, CLOSE, close_payload(4009, b"replaced")))
        client.send(frame(CLOSE, payload))
        assert client.ends_within(0.5) is not None


@case(close_timeout_ms=500)
def server_close_does_not_wait_for_ever(server):
    with Client(server) as client:
        client.text("close 4009 replaced")
        client.frame()
        assert 0.3 < client.ends_within(2) < 1.2


@case(close_timeout_ms=500)
def protocol_error_does_not_wait_for_ever(server):
    with Client(server) as client:
        client.send(frame(3, "x"))
        expect(client.frame()[1], CLOSE)
        assert 0.3 < client.ends_within(2) < 1.2


@case()
def queue_leaves_before_the_close_frame(server):
    with Client(server) as client:
        client.send(frame(TEXT, "shared 300000") + frame(TEXT, "one") + frame(TEXT, "close 1000 bye"))
        expect(client.message(), (BINARY, bytes(i % 251 for i in range(300000))))
        expect(client.message(), (TEXT, b"one"))
        expect(client.frame(), (1, CLOSE, close_payload(1000, b"bye")))


@case()
def pong_comes_between_fragments_of_a_big_message(server):
    with Client(server, receive_buffer=4096) as client:
        client.text("shared 3000000")
        time.sleep(0.1)
        client.send(frame(PING, "p"))
        time.sleep(0.1)
        kinds = []
        while True:
            fin, opcode, payload = client.frame()
            kinds.append(opcode)
            if fin and opcode in (BINARY, CONT):
                break
        assert kinds[0] == BINARY and PONG in kinds and kinds.count(CONT) > 100, kinds
