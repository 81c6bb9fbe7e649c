"""What the upgrade guard lets in, what it answers otherwise, and that nothing else on the port wakes the
library's weak spots (bad Upgrade, h2c, CONNECT, bodies, odd versions)."""
from wire import ACCEPT, CASES, KEY, TEXT, Client, case, expect, frame, handshake


def answer(server, request):
    """The status line of the answer ('' when the server just hung up), after checking that it did hang up."""
    with Client(server, request) as client:
        head = client.read_head(1.0)
        if not head.startswith(b"HTTP/1.1 101"):
            assert client.ended or client.ends_within(1.0) is not None, "still open after %r" % head
        return head.split(b"\r\n")[0].decode()


def requests(*rows):
    for name, wanted, request in rows:
        def run(server, wanted=wanted, request=request):
            expect(answer(server, request), *([wanted] if isinstance(wanted, str) else wanted))
        run.__name__ = "guard: " + name
        CASES.append(({}, run))


OPEN = "HTTP/1.1 101 Switching Protocols"
BAD = "HTTP/1.1 400 Bad Request"
UPGRADE = "HTTP/1.1 426 Upgrade Required"
MISSING = "HTTP/1.1 404 Not Found"
FORBIDDEN = "HTTP/1.1 403 Forbidden"
NO_TARGET = "HTTP/1.0 403 Forbidden"  # the library's own answer to a target that is no path

requests(
    ("proper", OPEN, handshake()),
    ("query string", OPEN, handshake("/v1/ws?client=unity")),
    ("connection list", OPEN, handshake(Connection="keep-alive, Upgrade")),
    ("upgrade in capitals", OPEN, handshake(Upgrade="WebSocket")),
    ("our subprotocol", OPEN, handshake(Sec_WebSocket_Protocol="duelpod.v1")),
    ("our subprotocol among others", OPEN, handshake(Sec_WebSocket_Protocol="chat, duelpod.v1")),
    ("another subprotocol", BAD, handshake(Sec_WebSocket_Protocol="chat")),
    ("subprotocols too long", BAD, handshake(Sec_WebSocket_Protocol="duelpod.v1, " + "x" * 200)),
    ("any origin", OPEN, handshake(Origin="https://anywhere.example")),
    ("header of 8 KiB", OPEN, handshake(Authorization="Bearer " + "t" * 8192)),
    ("header of 20 KiB", "", handshake(Authorization="Bearer " + "t" * 20000)),
    ("version 12", UPGRADE, handshake(Sec_WebSocket_Version="12")),
    ("version 99", UPGRADE, handshake(Sec_WebSocket_Version="99")),
    ("no version", UPGRADE, handshake(Sec_WebSocket_Version=None)),
    ("no key", BAD, handshake(Sec_WebSocket_Key=None)),
    ("short key", BAD, handshake(Sec_WebSocket_Key="abc")),
    ("long key", BAD, handshake(Sec_WebSocket_Key=KEY + KEY)),
    ("key outside the alphabet", BAD, handshake(Sec_WebSocket_Key="dGhlIHNhbXBs!SBub25jZQ==")),
    ("key without padding", BAD, handshake(Sec_WebSocket_Key="a" * 24)),
    ("two keys", BAD, handshake(extra="Sec-WebSocket-Key: %s\r\n" % KEY)),
    ("no connection header", BAD, handshake(Connection=None)),
    ("connection close", BAD, handshake(Connection="close")),
    ("no host", ("", BAD), handshake(Host=None)),
    ("two hosts", BAD, handshake(extra="Host: y\r\n")),
    ("http/1.0", "", handshake(line="GET /v1/ws HTTP/1.0")),
    ("http/2.0", "", handshake(line="GET /v1/ws HTTP/2.0")),
    ("post with upgrade", "HTTP/1.1 405 Method Not Allowed", handshake(line="POST /v1/ws HTTP/1.1")),
    ("content length", BAD, handshake(extra="Content-Length: 5\r\n")),
    ("chunked body", BAD, handshake(extra="Transfer-Encoding: chunked\r\n")),
    ("another path", MISSING, handshake("/")),
    ("longer path", MISSING, handshake("/v1/ws/x")),
    ("very long path", MISSING, handshake("/" + "p" * 3000)),
    ("absolute target", ("", MISSING), handshake("http://x/v1/ws")),
    ("h2c", ("", FORBIDDEN), handshake(Upgrade="h2c", Connection="Upgrade, HTTP2-Settings",
                                       HTTP2_Settings="AAMAAABkAAQAoAAAAAIAAAAA")),
    ("two upgrades", ("", FORBIDDEN), handshake(extra="Upgrade: h2c\r\n")),
    ("no upgrade on our path", UPGRADE, b"GET /v1/ws HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("plain get", MISSING, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"),
    ("plain get 1.0", MISSING, b"GET / HTTP/1.0\r\n\r\n"),
    ("head", ("", MISSING, NO_TARGET), b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("post", ("", MISSING), b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
    ("post with a negative length", ("", MISSING),
     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nabc"),
    ("put", ("", MISSING), b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
    ("connect", ("", MISSING), b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\nabc"),
    ("options", ("", MISSING, NO_TARGET), b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("http/2 preface", ("", MISSING, NO_TARGET), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
    ("tls hello", ("", NO_TARGET), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 500),
    ("nothing but noise", ("", NO_TARGET), b"\0\xff" * 600 + b"\r\n\r\n"),
    ("empty line first", ("", OPEN, BAD), b"\r\n" + handshake()),
    ("a thousand small headers", ("", OPEN, BAD),
     handshake(extra="".join("X-%d: y\r\n" % i for i in range(1000)))),
    ("parent folders in the path", ("", OPEN, MISSING, FORBIDDEN), handshake("/../../etc/passwd")),
    ("percent escapes in the path", ("", MISSING, FORBIDDEN), handshake("/%00%ff%2e%2e/")),
)


@case()
def guard_bad_upgrade_three_times_on_fresh_connections(server):
    for value in ("foo", "websocketx", ""):
        for _ in range(3):
            with Client(server, handshake(Upgrade=value)) as client:
                client.read_head(0.5)
                assert client.ended or client.ends_within(1.0) is not None, value


@case()
def guard_bad_upgrade_followed_by_another_request(server):
    with Client(server, handshake(Upgrade="foo") + handshake() + frame(TEXT, "x")) as client:
        head = client.read_head(0.5)
        assert b"101" not in head, head
        assert client.ended or client.ends_within(1.0) is not None


@case()
def guard_pipelined_get_and_upgrade(server):
    with Client(server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + handshake()) as client:
        head = client.read_head(0.5)
        assert b"404" in head.split(b"\r\n")[0] or head == b"", head
        assert client.ended or client.ends_within(1.0) is not None


@case()
def handshake_answer_is_exact(server):
    with Client(server) as client:
        lines = client.head.split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
        expect(headers[b"sec-websocket-accept"], ACCEPT)
        expect(headers[b"upgrade"].lower(), b"websocket")
        expect(headers[b"connection"].lower(), b"upgrade")
        assert b"sec-websocket-protocol" not in headers, headers
        assert b"sec-websocket-extensions" not in headers, headers


@case()
def handshake_offers_no_extension(server):
    for offer in ("permessage-deflate", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"):
        with Client(server, handshake(Sec_WebSocket_Extensions=offer)) as client:
            head = client.read_head()
            assert b" 101 " in head and b"xtensions" not in head, head
            client.send(frame(TEXT, b"\xaa\x56", rsv=4))
            expect(client.script(), "close:1002")


@case()
def handshake_names_our_subprotocol(server):
    with Client(server, handshake(Sec_WebSocket_Protocol="x, duelpod.v1")) as client:
        assert b"sec-websocket-protocol: duelpod.v1" in client.read_head().lower()


@case(origins="https://game.example, https://test.example")
def origin_list_is_kept(server):
    expect(answer(server, handshake(Origin="https://game.example")), OPEN)
    expect(answer(server, handshake(Origin="HTTPS://TEST.example")), OPEN)
    expect(answer(server, handshake()), OPEN)
    for origin in ("https://evil.example", "https://game.example.evil", "https://game", "null",
                   "https://game.example, https://test.example"):
        expect(answer(server, handshake(Origin=origin)), FORBIDDEN)
    expect(server.counters()["handshake_origin"], 5)


@case(origin_required=1)
def origin_can_be_required(server):
    expect(answer(server, handshake()), FORBIDDEN)
    expect(answer(server, handshake(Origin="https://x.example")), OPEN)


def address_seen(server, forwarded):
    extra = "".join("X-Forwarded-For: %s\r\n" % value for value in forwarded)
    with Client(server, handshake(extra=extra)) as client:
        client.read_head()
        client.text("ip")
        return client.message()[1].decode()


@case()
def forwarded_address_is_ignored_from_a_stranger(server):
    expect(address_seen(server, ["203.0.113.9"]), "127.0.0.1")


@case(trusted_proxies="127.0.0.0/8, 10.0.0.0/8, ::1")
def forwarded_address_of_a_trusted_proxy_counts(server):
    expect(address_seen(server, []), "127.0.0.1")
    expect(address_seen(server, ["203.0.113.9"]), "203.0.113.9")
    expect(address_seen(server, ["1.1.1.1, 203.0.113.9"]), "203.0.113.9")
    expect(address_seen(server, ["1.1.1.1,203.0.113.9 , 10.1.2.3"]), "203.0.113.9")
    expect(address_seen(server, ["1.1.1.1", "203.0.113.9"]), "203.0.113.9")
    expect(address_seen(server, ["2001:db8::7"]), "2001:db8::7")
    expect(address_seen(server, ["nonsense, 10.9.9.9"]), "10.9.9.9")
    expect(address_seen(server, ["x" * 3000]), "127.0.0.1")


@case(trusted_proxies="127.0.0.1")
def an_owner_can_refuse_a_connection(server):
    with Client(server, handshake(extra="X-Forwarded-For: 192.0.2.66\r\n")) as client:
        client.read_head()
        expect(client.script(), "close:1008")
    expect(server.counters()["refused_owner"], 1)


@case()
def handshake_in_single_bytes(server):
    with Client(server, b"") as client:
        for byte in handshake():
            client.send(bytes([byte]))
        assert b" 101 " in client.read_head()
