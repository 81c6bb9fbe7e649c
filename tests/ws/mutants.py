"""What the fuzzer says: proper conversations, and what chance makes of them. All of it is a function of the
random.Random that is passed.
"""
import struct

from wire import BINARY, CLOSE, CONT, KEY, PING, PONG, TEXT, close_payload, frame, handshake

EDGES = (0, 1, 2, 124, 125, 126, 127, 128, 511, 512, 513, 1000, 4095, 4096)
LIES = (0, 1, 125, 126, 127, 128, 4096, 4097, 65535, 65536, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
LETTERS = "abcxyz {}\":,01κόσμε\u00a0\ud7ff\ufffd\U0001f0a1\U0010ffff"
NOT_UTF8 = (b"\x80", b"\xc0\xaf", b"\xc3", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x9f\x82", b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff")


# ---- proper conversations ----------------------------------------------------------------------------

def text(chance, length=None):
    """Some text of about that many bytes, never more."""
    if length is None:
        length = chance.choice(EDGES) if chance.random() < 0.3 else chance.randrange(60)
    letters = LETTERS if chance.random() < 0.5 else LETTERS[:14]
    data = "".join(chance.choice(letters) for _ in range(min(length, 40))).encode() * (length // 20 + 1)
    return data[:length].decode(errors="ignore").encode()


def mask(chance):
    return b"\0\0\0\0" if chance.random() < 0.1 else chance.randbytes(4)


def control(chance):
    return frame(chance.choice((PING, PONG)), chance.randbytes(chance.choice((0, 1, 8, 125))), mask=mask(chance))


def message(chance):
    """The frames of one text: whole, or in fragments with control frames between."""
    payload, count = text(chance), chance.choice((1, 1, 1, 2, 3, 16))
    cuts = sorted(chance.randrange(len(payload) + 1) for _ in range(count - 1))
    frames = []
    for i, (start, end) in enumerate(zip([0] + cuts, cuts + [len(payload)])):
        width = chance.choice((None, None, None, 2, 8))
        frames.append(frame(CONT if i else TEXT, payload[start:end], fin=i == count - 1, mask=mask(chance),
                            width=width if end - start > 0 else None))
        if chance.random() < 0.2:
            frames.append(control(chance))
    return frames


def goodbye(chance):
    code = chance.choice((1000, 1001, 1003, 1008, 1011, 3000, 4000, 4999))
    return frame(CLOSE, close_payload(code, text(chance, chance.randrange(20))), mask=mask(chance))


def conversation(chance):
    """Frames, all proper."""
    frames = [one for _ in range(chance.randrange(1, 5)) for one in message(chance)]
    return frames + [goodbye(chance)] * (chance.random() < 0.3)


# ---- bytes -------------------------------------------------------------------------------------------

def flipped(chance, data):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def part(chance, data):
    start = chance.randrange(len(data))
    return start, min(len(data), start + chance.choice((1, 2, 4, 16, 200)))


def doubled(chance, data):
    start, end = part(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 1, 50)) + data[end:]


def removed(chance, data):
    start, end = part(chance, data)
    return data[:start] + data[end:]


def noisy(chance, data):
    start, end = part(chance, data)
    return data[:start] + chance.randbytes(end - start) + data[chance.choice((start, end)):]


def cut_off(chance, data):
    return data[:chance.randrange(len(data))]


BYTES = (flipped, flipped, doubled, removed, noisy, cut_off)


# ---- frames ------------------------------------------------------------------------------------------

def reserved(chance):
    return frame(TEXT, text(chance), rsv=chance.randrange(1, 8))


def odd_opcode(chance):
    return frame(chance.choice((3, 4, 5, 6, 7, 11, 12, 13, 14, 15)), text(chance))


def lying(chance):
    length = chance.choice(LIES)
    width = 8 if length > 65535 else chance.choice((2, 8)) if length > 125 else chance.choice((0, 2, 8))
    return frame(chance.choice((TEXT, CONT, BINARY)), text(chance), fin=chance.randrange(2), length=length,
                 width=width, mask=chance.choice((None, b"\x11\x22\x33\x44")))


def unmasked(chance):
    return frame(chance.choice((TEXT, PING, CLOSE)), text(chance, 40), mask=None)


def bad_control(chance):
    opcode = chance.choice((PING, PONG, CLOSE))
    if chance.randrange(2):
        return frame(opcode, chance.randbytes(20), fin=0)
    return frame(opcode, chance.randbytes(chance.choice((126, 200, 1000))))


def out_of_order(chance):
    return chance.choice((frame(CONT, text(chance)), frame(TEXT, "a", fin=0) + frame(TEXT, text(chance))))


def bad_close(chance):
    code = struct.pack(">H", chance.choice((0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)))
    payload = chance.choice((b"x", code, close_payload(1000, chance.choice(NOT_UTF8))))
    return frame(CLOSE, payload) + chance.choice((b"", frame(TEXT, "behind"), chance.randbytes(300)))


def not_utf8(chance):
    payload = text(chance, 30) + chance.choice(NOT_UTF8) + text(chance, chance.choice((0, 3)))
    cut = chance.randrange(len(payload) + 1)
    if chance.randrange(2):
        return frame(TEXT, payload)
    return frame(TEXT, payload[:cut], fin=0) + frame(PONG, "between") + frame(CONT, payload[cut:])


def tiny_fragments(chance):
    payload = chance.choice((b"", b"x"))
    count = chance.choice((15, 16, 17, 200))
    return frame(TEXT, payload, fin=0) + frame(CONT, payload, fin=0) * count + frame(CONT, payload)


def controls(chance):
    return frame(chance.choice((PING, PONG)), chance.randbytes(chance.choice((0, 1, 125)))) * chance.choice((20, 300))


def too_big(chance):
    return frame(TEXT, "m" * 4000, fin=0) + frame(CONT, "n" * chance.choice((96, 97, 5000)))


def noise(chance):
    return chance.randbytes(chance.choice((1, 2, 14, 500, 5000)))


FRAMES = (reserved, odd_opcode, lying, lying, unmasked, bad_control, out_of_order, bad_close, not_utf8, tiny_fragments,
          controls, too_big, noise)


def bad_frames(chance):
    """A conversation that something happened to."""
    frames = conversation(chance)
    if chance.random() < 0.4:
        return chance.choice(BYTES)(chance, b"".join(frames))
    frames.insert(chance.randrange(len(frames) + 1), chance.choice(FRAMES)(chance))
    if chance.random() < 0.2:
        chance.shuffle(frames)
    return b"".join(frames)


# ---- handshakes --------------------------------------------------------------------------------------

def repeated_header(chance, lines):
    lines.insert(chance.randrange(1, len(lines)), chance.choice(lines[1:]))


def missing_header(chance, lines):
    lines.pop(chance.randrange(len(lines)))


def shuffled_lines(chance, lines):
    chance.shuffle(lines)


def long_header(chance, lines):
    where = chance.randrange(len(lines))
    lines[where] += b"y" * chance.choice((100, 300, 4000, 16000, 40000))


def many_headers(chance, lines):
    count = chance.choice((50, 500, 3000))
    lines[1:1] = [chance.choice((b"X-%d: y", b"Cookie: a%d=b", b"Host: h%d")) % i for i in range(count)]


def other_line(chance, lines):
    lines[0] = chance.choice((
        b"GET /v1/ws", b"GET /v1/ws HTTP/1.0", b"GET /v1/ws HTTP/11.1", b"GET  /v1/ws HTTP/1.1",
        b"get /v1/ws HTTP/1.1",
        b"POST /v1/ws HTTP/1.1", b"CONNECT x:1 HTTP/1.1", b"GET http://x/v1/ws HTTP/1.1", b"GET /v1/../v1/ws HTTP/1.1",
        b"GET /v1/ws?" + b"&a=%41" * chance.choice((1, 300)) + b" HTTP/1.1", b"GET /%00%zz%2 HTTP/1.1",
        b"PRI * HTTP/2.0", b"OPTIONS * HTTP/1.1", b""))


def odd_header(chance, lines):
    lines.insert(chance.randrange(1, len(lines) + 1), chance.choice((
        b"Upgrade: h2c", b"Content-Length: 99999999999", b"Content-Length: -1", b"Transfer-Encoding: chunked",
        b"Sec-WebSocket-Version: 13, 8", b"Sec-WebSocket-Protocol: " + b"a," * 300, b"Sec-WebSocket-Extensions: "
        b"permessage-deflate; client_max_window_bits", b"X-Forwarded-For: " + b"1.2.3.4, " * 200, b": nothing",
        b"\t folded",
        b"Sec-WebSocket-Key: " + KEY.encode() * 3, b"\0: \0", b"X: " + bytes(range(128, 256)), b"Expect: 100-continue",
        b"Connection: close", b"Range: bytes=0-1", b"Authorization: Basic " + b"QQ" * 300)))


HEADERS = (repeated_header, missing_header, shuffled_lines, long_header, many_headers, other_line, odd_header)


def bad_handshake(chance):
    """A request that something happened to; perhaps it is still a proper one."""
    proper = handshake(chance.choice(("/v1/ws", "/v1/ws?client=x")), Origin="https://x.example")
    if chance.random() < 0.4:
        return chance.choice(BYTES)(chance, proper)
    lines = proper[:-4].split(b"\r\n")
    for _ in range(chance.choice((1, 1, 2))):
        chance.choice(HEADERS)(chance, lines or [b""])
        lines = lines if len(lines) > 1 else [b"GET", b"A: b"]
    return chance.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")).join(lines + [b"", b""])


# ---- TCP ---------------------------------------------------------------------------------------------

def cuts(chance, length):
    """Where a stream of that length is cut into writes."""
    count = chance.choice((0, 0, 1, 2, 5, 30))
    if chance.random() < 0.1:
        return list(range(1, min(length, 400)))
    return sorted(chance.randrange(1, length) for _ in range(count)) if length > 1 else []


def cut(data, places):
    """The stream as pieces; places behind its end do nothing."""
    places = [place for place in places if place < len(data)]
    return [data[start:end] for start, end in zip([0] + places, places + [len(data)]) if start < end]
