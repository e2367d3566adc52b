"""Whatever a client sends, its connection ends with a code, nobody else notices, and no log grows."""

import asyncio
import json
import socket as sockets
import tracemalloc
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from resolvers import events
from schema.limits import Limits
from tests.cast import Cast, MakeContext, publish
from tests.subscriptions.followers import Hubs
from tests.subscriptions.frames import (
    BYTES,
    CLOSE,
    HANDSHAKE,
    HOST,
    KEY,
    PING,
    PONG,
    START,
    SUBPROTOCOL,
    UPGRADE,
    VERSION,
    frame,
    opened,
    wire,
)

INIT = frame(b'{"type":"connection_init"}')
LONG = b"x" * 70_000
HEADS = "subscription { feedAdvanced { channel } }"

# Handshakes, and with which status each is answered.
HANDSHAKES: dict[str, tuple[bytes, int]] = {
    "no key": (START + HOST + UPGRADE + VERSION + b"\r\n", 400),
    "a short key": (START + HOST + UPGRADE + VERSION + b"Sec-WebSocket-Key: YQ==\r\n\r\n", 400),
    "two keys": (START + HOST + UPGRADE + KEY + KEY + VERSION + b"\r\n", 400),
    "no version": (START + HOST + UPGRADE + KEY + b"\r\n", 400),
    "another version": (HANDSHAKE.replace(b"13", b"8"), 400),
    "no host": (START + UPGRADE + KEY + VERSION + b"\r\n", 400),
    "two hosts": (START + HOST + HOST + UPGRADE + KEY + VERSION + b"\r\n", 400),
    "a header longer than any": (HANDSHAKE[:-2] + b"X-Long: " + b"x" * 9_000 + b"\r\n\r\n", 431),
    "too many headers": (HANDSHAKE[:-2] + b"X: y\r\n" * 80 + b"\r\n", 431),
    "a protocol with no name": (HANDSHAKE.replace(SUBPROTOCOL, b"Sec-WebSocket-Protocol: ;,\r\n"), 400),
    "by POST": (HANDSHAKE.replace(b"GET", b"POST")[:-2] + b"Content-Length: 0\r\n\r\n", 415),
    "elsewhere": (HANDSHAKE.replace(b"/graphql", b"/schema.graphql"), 200),
}  # fmt: skip

# Frames after a good handshake, and with which code the connection is closed.
FRAMES: dict[str, tuple[bytes, int]] = {
    "not masked": (frame(b"{}", masked=False), 1002),
    "reserved bits": (frame(b"{}", reserved=2), 1002),
    "compressed, which was not agreed on": (frame(b"{}", reserved=4), 1002),
    "a kind that there is not": (frame(b"{}", 3), 1002),
    "a kind of control that there is not": (frame(b"", 11), 1002),
    "a ping in parts": (frame(b"", PING, last=False), 1002),
    "a long ping": (frame(b"x" * 126, PING), 1002),
    "the end of nothing": (frame(b"x", 0), 1002),
    "a text within a text": (frame(b"{", last=False) + frame(b"}"), 1002),
    "text that is not UTF-8": (frame(b'"\xff\xfe"'), 1007),
    "text that breaks off": (frame(b'"\xe2\x82'), 1007),
    "text that is not UTF-8, in parts": (frame(b'"\xff', last=False) + frame(b'"', 0), 1007),
    "a long message": (frame(LONG), 1009),
    "a message that says it is endless": (frame(b"x", length=2**62), 1009),
    "a message longer than there are numbers": (frame(b"x", length=2**63), 1009),
    "a long message in parts": (frame(LONG[:60_000], last=False) + frame(LONG[:10_000], 0), 1009),
    "a close of one byte": (frame(b"x", CLOSE), 1002),
    "a close with no such code": (frame(b"\x03\xe7", CLOSE), 1002),
    "a close with a code of nobody's": (frame(b"\x03\xed", CLOSE), 1002),
    "a close that is not UTF-8": (frame(b"\x03\xe8\xff", CLOSE), 1007),
    "bytes": (frame(b"{}", BYTES), 4400),
    "http": (b"GET / HTTP/1.1\r\nHost: hub.test\r\n\r\n", 1002),
    "many pings": (frame(b"", PING) * 200, 1008),
    "many pongs": (frame(b"", PONG) * 200, 1008),
    "many parts of nothing": (frame(b"", last=False) + frame(b"", 0, last=False) * 200, 1008),
    "many texts": (frame(b'{"type":"pong"}') * 200, 1008),
}

# Messages; each ends the connection with 4400 unless it says otherwise.
MESSAGES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"connection_init",
    "half of JSON": b'{"type":',
    "null": b"null",
    "a number": b"1",
    "a number of no end": b'{"type": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"type":NaN}',
    "a list": b"[]",
    "a text": b'"connection_init"',
    "deep": b"[" * 50_000,
    "deep in a payload": b'{"type":"ping","payload":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
    "half a character": b'{"type":"\\ud800"}',
    "no type": b"{}",
    "no type but null": b'{"type":null}',
    "a type that is a list": b'{"type":["ping"]}',
    "a type that there is not": b'{"type":"start","id":"1"}',
    "a type of the hub's": b'{"type":"connection_ack"}',
    "an answer": b'{"type":"next","id":"1","payload":{}}',
    "a payload that is a text": b'{"type":"connection_init","payload":"Bearer"}',
    "a payload that is a list": b'{"type":"ping","payload":[]}',
    "no payload": b'{"type":"subscribe","id":"1"}',
    "a payload of null": b'{"type":"subscribe","id":"1","payload":null}',
    "no id": b'{"type":"subscribe","payload":{"query":"subscription { a }"}}',
    "an empty id": b'{"type":"subscribe","id":"","payload":{}}',
    "an id that is a number": b'{"type":"subscribe","id":1,"payload":{}}',
    "an id that is a list": b'{"type":"subscribe","id":["1"],"payload":{}}',
    "a long id": b'{"type":"subscribe","id":"' + b"x" * 129 + b'","payload":{}}',
    "the end of no id": b'{"type":"complete"}',
    "the end of null": b'{"type":"complete","id":null}',
}


@pytest.fixture
def limits() -> Limits:
    return Limits(stalled_seconds=1.0, connections_per_address=1_000, streams=30)


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [each.getMessage() for each in caplog.get_records("call")] == []


async def still_answers(hubs: Hubs) -> None:
    async with hubs.following() as socket:
        await socket.subscribe(HEADS)
        assert await socket.told() == {"channel": "public"}


async def test_a_bad_handshake_is_answered_with_a_status(hubs: Hubs) -> None:
    for name, (sent, status) in HANDSHAKES.items():
        async with wire(hubs.ports[0]) as client:
            await client.send(sent)
            assert await client.status() == status, name
    await still_answers(hubs)


async def test_a_bad_frame_ends_its_connection_with_a_code(hubs: Hubs) -> None:
    for name, (sent, code) in FRAMES.items():
        async with opened(hubs.ports[0]) as client:
            await client.send(INIT + sent)
            assert await client.closed() == code, name
    await still_answers(hubs)


async def test_a_bad_frame_right_behind_the_handshake_does_too(hubs: Hubs) -> None:
    async with wire(hubs.ports[0]) as client:
        await client.send(HANDSHAKE + frame(b"{}", 3))
        assert await client.status() == 101
        assert await client.closed() in {1002, None}
    await still_answers(hubs)


@pytest.mark.parametrize("begun", [False, True], ids=["before it begins", "after"])
async def test_a_bad_message_ends_its_connection(hubs: Hubs, begun: bool) -> None:
    for name, sent in MESSAGES.items():
        async with opened(hubs.ports[0]) as client:
            await client.send((INIT if begun else b"") + frame(sent))
            assert await client.closed() == 4400, name
    await still_answers(hubs)


async def test_who_breaks_off_anywhere_leaves_nothing_behind(hubs: Hubs) -> None:
    whole = (
        HANDSHAKE
        + INIT
        + frame(b'{"type":"subscribe","id":"1","payload":{"query":"%b"}}' % HEADS.encode())
    )
    for cut in range(5, len(whole), 23):
        async with wire(hubs.ports[0]) as client:
            await client.send(whole[:cut])
    await still_answers(hubs)
    await hubs.until_nobody_follows()


async def test_a_flood_of_subscriptions_ends_with_its_connection(hubs: Hubs) -> None:
    async with hubs.following() as patient:
        await patient.subscribe(HEADS)
        await patient.told()
        for _ in range(3):
            async with hubs.following() as flood:
                for number in range(300):
                    await flood.subscribe(HEADS, str(number))
                assert (await flood.closed())[0] == 1008
        await patient.say(type="ping")
        assert await patient.hear() == {"type": "pong"}


async def test_who_reads_nothing_is_cut_off_and_holds_little(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    """Each answer is some 190 kB, of which the machine's own buffers hold several megabytes."""
    event = await publish(context, cast.anna, description="Soup and bread. " * 600)
    words = " ".join(f"d{number}: description" for number in range(20))
    query = f"subscription ($id: ID!) {{ eventChanged(id: $id) {{ version {words} }} }}"
    payload = json.dumps({"query": query, "variables": {"id": event}}).encode()
    lazy, patient = hubs.services
    async with opened(hubs.ports[0]) as reads_nothing, hubs.following(at=1) as reader:
        own: sockets.socket = reads_nothing.writer.get_extra_info("socket")
        own.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
        reads_nothing.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await reads_nothing.send(
            INIT + frame(b'{"type":"subscribe","id":"1","payload":%b}' % payload)
        )
        await reader.subscribe(query, id=event)
        assert (await reader.told())["version"] == 1
        tracemalloc.start()
        try:
            version = 1
            async with asyncio.timeout(60):
                while version < 40 or lazy.moved.watched:
                    await events.update(
                        context(cast.anna), event, version, {"summary": f"Soup {version}"}
                    )
                    version += 1
                    assert (await reader.told())["version"] == version
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert patient.moved.watched
    assert most < 10_000_000, f"{most:,} bytes held for {version} answers"


async def test_there_are_so_many_places_and_the_next_comes_again(hubs: Hubs) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(30):
            await stack.enter_async_context(hubs.following())
        async with hubs.socket() as late:
            assert await late.closed() == (1013, "This hub is busy.")
        async with hubs.stream(HEADS) as stream:
            assert stream.answer.status_code == 503
            assert stream.answer.headers["retry-after"]
    async with asyncio.timeout(5):
        while True:
            async with hubs.stream(HEADS) as stream:
                if stream.answer.status_code == 200:
                    break
