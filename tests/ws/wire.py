"""Raw WebSocket bytes over plain sockets, the echo server as a child process, and the list of test cases.

Nothing here uses a WebSocket library: the point is to say exactly what goes over the wire, wrong things
included.
"""
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import time

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
CASES = []


def case(**options):
    """Registers a test. `options` are the echo server's; servers are shared where they agree."""
    def register(function):
        CASES.append((options, function))
        return function
    return register


class Server:
    def __init__(self, binary, options, descriptors=None, environment=None):
        self.binary = binary
        arguments = ["%s=%s" % pair for pair in sorted(options.items())]
        limits = descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors,) * 2))
        self.log = open("/tmp/ws_echo.%d.%d.log" % (os.getpid(), id(self)), "w+b")
        self.process = subprocess.Popen([binary] + arguments, stdout=subprocess.PIPE, stderr=self.log,
                                        preexec_fn=limits, env={**os.environ, **(environment or {})})
        self.port = int(self.process.stdout.readline())

    def counters(self):
        with Client(self) as client:
            client.text("counters")
            return {name: int(value) for name, value in
                    (line.split() for line in client.message()[1].decode().splitlines())}

    def resident_kilobytes(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def processor_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends the server; returns what was wrong with how it ended, or nothing."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "no end"
        self.log.seek(0)
        log = self.log.read().decode(errors="replace")
        self.log.close()
        os.unlink(self.log.name)
        if code != 0 or "Sanitizer" in log or "runtime error" in log or "check failed" in log:
            return "exit %s\n%s" % (code, log[:4000])
        return ""


def handshake(path="/v1/ws", **changes):
    """A proper request; change or remove (None) single headers by name, underscores for dashes."""
    headers = {"Host": "x", "Upgrade": "websocket", "Connection": "Upgrade",
               "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13"}
    line = changes.pop("line", "GET %s HTTP/1.1" % path)
    extra = changes.pop("extra", "")
    for name, value in changes.items():
        headers[name.replace("_", "-")] = value
    lines = ["%s: %s" % pair for pair in headers.items() if pair[1] is not None]
    return "\r\n".join([line] + lines).encode() + b"\r\n" + extra.encode() + b"\r\n"


def frame(opcode, payload=b"", fin=1, rsv=0, mask=b"\x11\x22\x33\x44", length=None, width=None):
    """One frame. `length` lies about the payload, `width` forces a length field, mask=None leaves it bare."""
    if isinstance(payload, str):
        payload = payload.encode()
    count = len(payload) if length is None else length
    width = width if width is not None else 0 if count < 126 else 2 if count < 65536 else 8
    bit = 0x80 if mask is not None else 0
    head = bytes([fin << 7 | rsv << 4 | opcode])
    head += {0: bytes([bit | count]) if width == 0 else b"",
             2: bytes([bit | 126]) + struct.pack(">H", count & 0xffff),
             8: bytes([bit | 127]) + struct.pack(">Q", count)}[width]
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


class Client:
    """One connection. Bytes in, frames out; reading gives up after `wait` seconds."""

    def __init__(self, server, request=None, receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ended = False
        self.head = b""
        if request is None:
            self.send(handshake())
            self.head = self.read_head()
            assert self.head.startswith(b"HTTP/1.1 101"), self.head
        elif request:
            self.send(request)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.ended = True

    def text(self, text):
        self.send(frame(TEXT, text))

    def more(self, wait):
        """Reads once; False when nothing came within `wait` seconds or the connection has ended."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        if not poll.poll(wait * 1000):
            return False
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.ended = True
        self.buffer += data
        return bool(data)

    def read_head(self, wait=3.0):
        while b"\r\n\r\n" not in self.buffer and self.more(wait):
            pass
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def frame(self, wait=3.0):
        """The next frame as (fin, opcode, payload), or None."""
        while True:
            parsed = self.parse()
            if parsed is not None:
                return parsed
            if not self.more(wait):
                return None

    def parse(self):
        data = self.buffer
        if len(data) < 2:
            return None
        assert not data[1] & 0x80, "a server must not mask"
        length, start = data[1] & 0x7f, 2
        if length >= 126:
            width = 2 if length == 126 else 8
            if len(data) < 2 + width:
                return None
            length, start = int.from_bytes(data[2:2 + width], "big"), 2 + width
        if len(data) < start + length:
            return None
        self.buffer = data[start + length:]
        return data[0] >> 7, data[0] & 0x7f, data[start:start + length]

    def message(self, wait=3.0):
        """The next whole data message as (opcode, payload), or None; control frames are skipped."""
        opcode, payload = None, b""
        while True:
            got = self.frame(wait)
            if got is None:
                return None
            fin, kind, part = got
            if kind >= 8:
                continue
            assert (kind == CONT) == (opcode is not None), "fragments out of order"
            opcode = kind if opcode is None else opcode
            payload += part
            if fin:
                return opcode, payload

    def script(self, wait=0.4):
        """All that comes, in short: 'text:abc binary:3 close:1002' and 'end' when the server hung up."""
        words = []
        while True:
            got = self.frame(wait)
            if got is None:
                break
            _, kind, payload = got
            if kind == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else ""
                words.append("close:%s" % code)
            elif kind == BINARY:
                words.append("binary:%d" % len(payload))
            else:
                name = {CONT: "cont", TEXT: "text", PING: "ping", PONG: "pong"}.get(kind, str(kind))
                words.append("%s:%s" % (name, payload.decode(errors="replace")))
        return " ".join(words + (["end"] if self.ended else []))

    def ends_within(self, seconds):
        """Seconds until the server hung up, or None."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            self.more(0.05)
            if self.ended:
                return time.monotonic() - start
        return None


def expect(actual, *wanted):
    assert actual in wanted, "got %r, want %s" % (actual, " or ".join(map(repr, wanted)))


def exchange(server, *frames):
    with Client(server) as client:
        for data in frames:
            client.send(data)
        return client.script()
