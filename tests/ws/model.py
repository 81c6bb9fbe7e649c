"""What a server must make of raw bytes, read from RFC 6455 and the limits of the front, not from its code: the
judge of the fuzzer (run_fuzz.py).

`expect_of` tells the texts that may reach the application, the pings that may be answered, and how the
connection stands after the last byte.
"""
import base64
import hashlib
import re

from wire import BINARY, CLOSE, CONT, PING, PONG, TEXT

MESSAGE_BYTES_MAX, FRAGMENTS_MAX = 4096, 16
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

OPEN = "open"        # between two messages: all texts must have been answered
PARTIAL = "partial"  # inside a frame or a message: nothing more is known
CLOSED = "closed"    # the peer said goodbye as the last thing: answered with its code, then hung up
ODD = "odd"          # behind an empty frame without mask and with a long length, which the library may overlook
BROKEN = "broken"    # a rule or a limit was broken: the server hangs up


class Expected:
    def __init__(self):
        self.texts, self.pings, self.end, self.code, self.frames = [], [], OPEN, None, 0


class Broken(Exception):
    """A rule of the protocol, or a limit."""


class Odd(Exception):
    """Bytes that no client sends and the library reads in its own way."""


class Partial(Exception):
    """The bytes end here."""


def require(condition):
    if not condition:
        raise Broken


def close_code_valid(code):
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def close_code(payload):
    """The code that the server answers with; None without one."""
    if not payload:
        return None
    require(len(payload) > 1 and close_code_valid(int.from_bytes(payload[:2], "big")))
    text_of(payload[2:])
    code = int.from_bytes(payload[:2], "big")
    return 1002 if 1012 <= code <= 1014 else code  # the library's answer, as the page on the front says


def text_of(payload):
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Broken from None


class Reader:
    """Takes frames off the bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Partial
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        """(final, opcode, length, masked) of the next frame, after what its first bytes alone can break. A missing
        mask and a length in more bytes than needed are accepted (docs/decisions/0010-websocket-front.md)."""
        first = self.take(1)[0]
        opcode = first & 15
        require(not first & 0x70 and opcode in (CONT, TEXT, BINARY, CLOSE, PING, PONG))
        second = self.take(1)[0]
        length = second & 0x7f
        if opcode >= 8:
            require(first & 0x80 and length < 126)
        if length == 127:
            length = int.from_bytes(self.take(8), "big")
            require(length < 1 << 63)
        elif length == 126:
            length = int.from_bytes(self.take(2), "big")
        if length == 0 and second & 0xff in (126, 127):
            raise Odd
        return first >> 7, opcode, length, second >> 7

    def payload(self, length, has_mask):
        mask, masked = self.take(4) if has_mask else bytes(4), self.take(length)
        return bytes(byte ^ mask[i % 4] for i, byte in enumerate(masked))


def read_message_part(reader, message, opcode, length, has_mask):
    """Checks what a frame adds to the message that is being put together (None: none is); its payload."""
    require((opcode == CONT) == (message is not None))
    kept = sum(len(part) for part in message or [])
    if opcode == BINARY or kept + length > MESSAGE_BYTES_MAX:
        reader.take(4 * has_mask + (length > 0))  # seen by the server with the first byte behind the mask
        raise Broken
    return reader.payload(length, has_mask)


def read_all(reader, expected):
    message = None
    while True:
        if message is None and reader.at == len(reader.data):
            return
        final, opcode, length, has_mask = reader.head()
        expected.frames += 1
        if opcode == CLOSE:
            expected.code = close_code(reader.payload(length, has_mask))
            expected.end = CLOSED if reader.at == len(reader.data) else BROKEN
            return
        if opcode >= 8:
            payload = reader.payload(length, has_mask)
            if opcode == PING:
                expected.pings.append(payload)
            continue
        part = read_message_part(reader, message, opcode, length, has_mask)
        message = (message or []) + [part]
        require(len(message) < FRAGMENTS_MAX or (final and len(message) == FRAGMENTS_MAX))
        if final:
            expected.texts.append(text_of(b"".join(message)))
            message = None


def expect_of(data):
    """Of the bytes behind a proper handshake."""
    expected = Expected()
    try:
        read_all(Reader(data), expected)
    except Broken:
        expected.end = BROKEN
    except Odd:
        expected.end = ODD
    except Partial:
        expected.end = PARTIAL
    return expected


def accepts_of(request):
    """Every Sec-WebSocket-Accept that an answer to these bytes may carry."""
    keys = re.findall(rb"[A-Za-z0-9+/]{22}==", request)
    return {base64.b64encode(hashlib.sha1(key + GUID).digest()) for key in keys}
