"""WebSockets by the byte (RFC 6455), as nobody's library would send them."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 10.0
MASK = b"\x01\x02\x03\x04"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
SUBPROTOCOL = b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
HOST = b"Host: hub.test\r\n"
START = b"GET /graphql HTTP/1.1\r\n"
HANDSHAKE = START + HOST + UPGRADE + KEY + VERSION + SUBPROTOCOL + b"\r\n"
TEXT, BYTES, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    payload: bytes = b"",
    kind: int = TEXT,
    *,
    last: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """`length` is what it says of itself, where that is not so."""
    first = (0x80 if last else 0) | reserved << 4 | kind
    said, mask = len(payload) if length is None else length, 0x80 if masked else 0
    if said < 126:
        head = struct.pack("!BB", first, mask | said)
    elif said < 65_536:
        head = struct.pack("!BBH", first, mask | 126, said)
    else:
        head = struct.pack("!BBQ", first, mask | 127, said)
    if not masked:
        return head + payload
    return head + MASK + bytes(each ^ MASK[at % 4] for at, each in enumerate(payload))


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionError:
            return  # the hub has heard enough

    async def status(self) -> int:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split()[1])

    async def heard(self) -> tuple[int, bytes] | None:
        """The next frame of the hub; None where it has closed the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                first, length = await self.reader.readexactly(2)
                if length == 126:
                    (length,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif length == 127:
                    (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
                return first & 0x0F, await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None

    async def closed(self) -> int | None:
        """The code with which the hub closes; None where it only leaves."""
        code = None
        while (heard := await self.heard()) is not None:
            kind, payload = heard
            if kind == CLOSE:
                code = struct.unpack("!H", payload[:2])[0]
                self.writer.write(frame(payload[:2], CLOSE))
        return code


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def opened(port: int) -> AsyncIterator[Wire]:
    """One whose handshake was good."""
    async with wire(port) as found:
        await found.send(HANDSHAKE)
        assert await found.status() == 101
        yield found
