"""The bounds of a connection, over real sockets to a real server on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from schema.limits import Limits
from tests.web.edge.conftest import Hall
from web.serving import configured

QUERY = b'{"query": "{ hello }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
ASKED = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
PATIENCE = 5.0

AppWith = Callable[[Limits], ASGIApp]


@asynccontextmanager
async def serving(
    app_with: AppWith, limits: Limits | None = None, proxies: tuple[str, ...] = ()
) -> AsyncIterator[int]:
    """The port of a server with these limits."""
    limits = limits or Limits()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configured(app_with(limits), limits, proxies))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def of(cls, port: int) -> AsyncIterator["Client"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def read_all(self) -> bytes:
        """Everything until the server closes; a reset counts as closing."""
        got = b""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    more = await self.reader.read(65_536)
                except ConnectionResetError:
                    return got
                if not more:
                    return got
                got += more

    async def send_for_ever(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                self.writer.write(b"x" * 10_000)
                await self.writer.drain()
                await asyncio.sleep(0.01)

    async def read_answer(self) -> bytes:
        """One answer's head and body."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            return head + await self.reader.readexactly(length)


async def exchanged(port: int, *data: bytes) -> bytes:
    """What comes back for these bytes until the server closes."""
    async with Client.of(port) as client:
        client.writer.writelines(data)
        return await client.read_all()


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


async def test_a_connection_carries_several_requests(app_with: AppWith) -> None:
    async with serving(app_with) as port, Client.of(port) as client:
        for _ in range(3):
            client.writer.write(ASKED)
            assert (await client.read_answer()).endswith(b'{"data":{"hello":"Hello, you"}}')


async def test_requests_sent_ahead_are_answered_in_turn_but_not_any_number(
    app_with: AppWith, hall: Hall
) -> None:
    hall.doors.set()
    async with serving(app_with) as port:
        async with Client.of(port) as client:
            client.writer.write(ASKED * 5)
            for _ in range(5):
                assert status(await client.read_answer()) == 200
        assert await exchanged(port, ASKED * 50) == b""


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b@c d\r\n\r\n", 400),
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 64 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 66_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 66_000, 431),
        (b"GET /" + b"y" * 66_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET /" + b"y" * 66_000, 431),
    ],
)
async def test_a_request_that_is_none_is_refused_and_the_connection_closed(
    app_with: AppWith, request_bytes: bytes, expected: int
) -> None:
    async with serving(app_with) as port:
        assert status(await exchanged(port, request_bytes)) == expected


async def test_headers_within_the_limit_are_taken(app_with: AppWith) -> None:
    extra = b"x: " + b"y" * 60_000 + b"\r\n" + b"a: b\r\n" * 50
    async with serving(app_with) as port, Client.of(port) as client:
        client.writer.write(ASKED.replace(b"\r\n\r\n", b"\r\n" + extra + b"\r\n"))
        assert status(await client.read_answer()) == 200


async def test_headers_that_drip_are_ended(app_with: AppWith) -> None:
    async with serving(app_with, Limits(header_seconds=0.1)) as port:
        assert status(await exchanged(port, b"GET / HTTP/1.1\r\nHos")) == 408


async def test_a_body_that_drips_is_ended_and_never_runs(app_with: AppWith, hall: Hall) -> None:
    async with serving(app_with, Limits(body_seconds=0.1)) as port:
        answer = await exchanged(port, HEAD + b"Content-Length: 50\r\n\r\n" + QUERY)
    assert status(answer) == 408
    assert hall.contexts_made == 0


@pytest.mark.parametrize("said", [b"", b"\r\n", b"\r\n\r\n"])
async def test_a_connection_on_which_nothing_is_asked_is_closed_without_a_word(
    app_with: AppWith, said: bytes
) -> None:
    async with serving(app_with, Limits(header_seconds=0.1)) as port:
        assert await exchanged(port, said) == b""


@pytest.mark.parametrize("said", [b"", b"\r\n"])
async def test_an_idle_connection_is_closed(app_with: AppWith, said: bytes) -> None:
    limits = Limits(keep_alive_seconds=0.1, header_seconds=0.1)
    async with serving(app_with, limits) as port, Client.of(port) as client:
        client.writer.write(ASKED)
        await client.read_answer()
        client.writer.write(said)
        assert await client.read_all() == b""


async def test_an_answer_may_take_longer_than_the_headers_may(
    app_with: AppWith, hall: Hall
) -> None:
    entering = ASKED.replace(b"hello", b"enter")
    limits = Limits(header_seconds=0.05, body_seconds=0.05)
    async with serving(app_with, limits) as port, Client.of(port) as client:
        client.writer.write(entering)
        async with asyncio.timeout(PATIENCE):
            await hall.entered.wait()
        client.writer.write(b"\r\n")  # what some clients add to a POST
        asyncio.get_running_loop().call_later(0.3, hall.doors.set)
        assert (await client.read_answer()).endswith(b'{"data":{"enter":true}}')


async def test_a_declared_gigabyte_is_refused_at_once(app_with: AppWith) -> None:
    async with serving(app_with) as port:
        answer = await exchanged(port, HEAD + b"Content-Length: 1000000000\r\n\r\n")
    assert status(answer) == 413
    assert b'"TOO_LARGE"' in answer


async def test_a_client_still_sending_can_read_why_it_was_refused(app_with: AppWith) -> None:
    async with serving(app_with) as port, Client.of(port) as client:
        client.writer.write(HEAD + b"Content-Length: 1000000000\r\n\r\n")
        for _ in range(40):
            client.writer.write(b"x" * 100_000)
            await client.writer.drain()
        answer = await client.read_all()
    assert status(answer) == 413
    assert answer.endswith(b"}]}")


async def test_a_client_that_never_stops_sending_is_cut_off(app_with: AppWith) -> None:
    async with serving(app_with) as port, Client.of(port) as client:
        client.writer.write(HEAD + b"Content-Length: 1000000000\r\n\r\n")
        await client.read_answer()
        with pytest.raises(ConnectionError):
            await client.send_for_ever()


async def test_a_client_that_does_not_read_is_cut_off(app_with: AppWith) -> None:
    query = b'{"query": "{ long(characters: 990000) }"}'
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(query) + query
    limits = Limits(stalled_seconds=0.2, connections_per_address=1)
    async with serving(app_with, limits) as port:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, request * 8)
            # The one place of this address is free again only when the server has closed.
            assert status(await asked_until_answered(port)) == 200


async def test_one_address_holds_so_many_connections_and_no_more(app_with: AppWith) -> None:
    async with serving(app_with, Limits(connections_per_address=2)) as port:
        async with Client.of(port) as first, Client.of(port) as second:
            first.writer.write(ASKED)
            second.writer.write(ASKED)
            assert status(await first.read_answer()) == status(await second.read_answer()) == 200
            assert await exchanged(port, ASKED) == b""
            first.writer.write(ASKED)
            assert status(await first.read_answer()) == 200
        assert status(await asked_until_answered(port)) == 200


@pytest.mark.parametrize("proxy", ["127.0.0.1", "127.0.0.0/8"])
async def test_a_proxy_is_not_counted(app_with: AppWith, proxy: str) -> None:
    limits = Limits(connections_per_address=1)
    async with (
        serving(app_with, limits, proxies=(proxy,)) as port,
        Client.of(port) as first,
        Client.of(port) as second,
    ):
        for client in (first, second):
            client.writer.write(ASKED)
            assert status(await client.read_answer()) == 200


@pytest.mark.parametrize(
    ("proxies", "said", "client"),
    [
        ((), "203.0.113.5", "127.0.0.1"),
        (("10.0.0.0/8",), "203.0.113.5", "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.5", "203.0.113.5"),
        (("127.0.0.0/8",), "203.0.113.5", "203.0.113.5"),
        # What the client itself says of others it is not believed: the nearest is the proxy's word.
        (("127.0.0.1",), "10.0.0.1, 198.51.100.7, 203.0.113.5", "203.0.113.5"),
        (("127.0.0.1", "10.0.0.0/8"), "203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (("127.0.0.1",), "2001:db8::7", "2001:db8::7"),
    ],
)
async def test_whom_a_proxy_asks_for_is_the_client_and_nobody_else_is_believed(
    proxies: tuple[str, ...], said: str, client: str
) -> None:
    async def who(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await PlainTextResponse(scope["client"][0])(scope, receive, send)

    head = f"GET / HTTP/1.0\r\nHost: a\r\nX-Forwarded-For: {said}\r\n\r\n".encode()
    async with serving(lambda _limits: who, proxies=proxies) as port:
        assert (await exchanged(port, head)).endswith(f"\r\n\r\n{client}".encode())


async def asked_until_answered(port: int) -> bytes:
    """The server learns a moment later than we that a connection is gone."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with Client.of(port) as client:
                client.writer.write(ASKED.replace(b"HTTP/1.1", b"HTTP/1.0"))
                if answer := await client.read_all():
                    return answer


async def test_a_client_that_offers_http_2_is_answered_in_http_1(app_with: AppWith) -> None:
    # Java's HTTP client does so with each POST.
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    async with serving(app_with) as port, Client.of(port) as client:
        request = ASKED.replace(b"\r\n\r\n", b"\r\n" + offer + b"\r\n")
        for _ in range(2):
            client.writer.write(request)
            assert (await client.read_answer()).endswith(b'{"data":{"hello":"Hello, you"}}')
        head, body = request.split(b"\r\n\r\n")
        client.writer.write(head + b"\r\n\r\n" + body[:5])
        await client.writer.drain()
        client.writer.write(body[5:])
        assert (await client.read_answer()).endswith(b'{"data":{"hello":"Hello, you"}}')


async def test_a_websocket_elsewhere_is_answered_as_the_get_that_it_is(app_with: AppWith) -> None:
    asked = (
        b"GET /elsewhere HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with serving(app_with) as port, Client.of(port) as client:
        client.writer.write(asked)
        assert status(await client.read_answer()) == 400
