"""The same server through python3-websockets, a client nobody here wrote."""
import asyncio

import websockets
from wire import case, expect


def url(server):
    return "ws://127.0.0.1:%d/v1/ws" % server.port


async def closed_with(client):
    try:
        while True:
            await asyncio.wait_for(client.recv(), 5)
    except websockets.ConnectionClosed as closed:
        return closed.code, closed.reason


@case()
def library_client_talks(server):
    async def talk():
        async with websockets.connect(url(server), max_size=None) as client:
            for text in ("hello", "", "κόσμε \U0001f3b2", "x" * 4096):
                await client.send(text)
                expect(await client.recv(), text)
            await client.send("shared 1000000")
            expect(await client.recv(), bytes(i % 251 for i in range(1000000)))
            await (await client.ping("are you there"))
    asyncio.run(talk())


@case()
def library_client_sends_fragments(server):
    async def talk():
        async with websockets.connect(url(server)) as client:
            await client.send(["one ", "two ", "three"])
            expect(await client.recv(), "one two three")
    asyncio.run(talk())


@case()
def library_client_offers_compression_and_subprotocol(server):
    async def talk():
        async with websockets.connect(url(server), compression="deflate",
                                      subprotocols=["duelpod.v1"]) as client:
            expect(client.subprotocol, "duelpod.v1")
            expect(client.extensions, [])
            await client.send("x" * 2000)
            expect(await client.recv(), "x" * 2000)
    asyncio.run(talk())


@case()
def library_client_sees_close_codes(server):
    async def talk(text, wanted):
        async with websockets.connect(url(server)) as client:
            await client.send(text)
            expect(await closed_with(client), wanted)
    asyncio.run(talk("close 4009 replaced by a newer login", (4009, "replaced by a newer login")))
    asyncio.run(talk("close 1000", (1000, "")))
    asyncio.run(talk("x" * 4097, (1009, "message too big")))
    asyncio.run(talk(b"binary", (1003, "text messages only")))


@case()
def library_client_answers_pings_and_closes(server):
    async def talk():
        client = await websockets.connect(url(server))
        await client.close(4321, "my own code")
        expect(client.close_code, 4321)
    asyncio.run(talk())


@case(ping_interval_ms=300, idle_timeout_ms=700)
def library_client_stays_open_by_its_pongs(server):
    async def talk():
        async with websockets.connect(url(server), ping_interval=None) as client:
            await asyncio.sleep(2)
            await client.send("still here")
            expect(await client.recv(), "still here")
    asyncio.run(talk())


@case()
def fifty_library_clients_at_once(server):
    async def one(number):
        async with websockets.connect(url(server)) as client:
            for i in range(20):
                await client.send("%d %d" % (number, i))
                expect(await client.recv(), "%d %d" % (number, i))

    async def talk():
        await asyncio.gather(*(one(number) for number in range(50)))
    asyncio.run(talk())
