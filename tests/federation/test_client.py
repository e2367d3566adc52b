"""The one door out, against servers on this machine that behave as badly as they can."""

import asyncio
import gzip
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from federation.addresses import FetchProblem, FetchReason, Resolver
from federation.client import OutgoingClient, OutgoingSettings

AT_HOME = OutgoingSettings(allow_loopback=True, connect_seconds=0.5, total_seconds=1.0)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server that says what it is told to, and remembers what it was asked."""

    answers: list[Answer | bytes]
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        head += await reader.readexactly(int(line.split(b":")[1]))
                self.requests.append(head)
                answer = self.answers.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has hung up, as it should
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *answers: Answer | bytes, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(list(answers))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)


def answer(
    body: bytes = b"", status: str = "200 OK", headers: tuple[str, ...] = (), length: bool = True
) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def resolving(*addresses: str) -> tuple[Resolver, list[str]]:
    """A resolver that says these, and what it was asked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return list(addresses)

    return resolve, asked


async def refused(url: str, client: OutgoingClient, redirects: int = 0) -> FetchProblem:
    with pytest.raises(FetchProblem) as refusal:
        await client.fetch(url, accept="text/calendar", max_bytes=1_000, redirects=redirects)
    return refusal.value


# ── what is asked and answered ─────────────────────────────────────────────────────────────────


async def test_a_calendar_is_fetched_with_what_is_needed_to_ask_again() -> None:
    first = answer(
        b"BEGIN:VCALENDAR",
        headers=(
            *("Content-Type: text/calendar; charset=utf-8", 'ETag: "v1"'),
            *("Last-Modified: Tue, 01 Sep 2026 10:00:00 GMT", "Set-Cookie: who=you"),
        ),
    )
    unchanged = answer(status="304 Not Modified")
    async with serving(first, unchanged) as server, OutgoingClient(AT_HOME) as client:
        fetched = await client.fetch(
            server.url + "/a.ics?b=c#d", accept="text/calendar", max_bytes=1_000
        )
        again = await client.fetch(
            server.url + "/a.ics?b=c",
            accept="text/calendar",
            max_bytes=1_000,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )
    assert (fetched.status, fetched.body) == (200, b"BEGIN:VCALENDAR")
    assert (fetched.media_type, fetched.url) == ("text/calendar", server.url + "/a.ics?b=c")
    assert (again.status, again.body) == (304, b"")
    asked, asked_again = (request.decode().lower() for request in server.requests)
    assert asked.startswith("get /a.ics?b=c http/1.1\r\n")
    assert f"host: localhost:{server.port}\r\n" in asked
    assert "accept: text/calendar\r\n" in asked
    assert "accept-encoding: identity\r\n" in asked
    assert "user-agent: convoke\r\n" in asked
    assert 'if-none-match: "v1"\r\n' in asked_again
    assert "if-modified-since: tue, 01 sep 2026 10:00:00 gmt\r\n" in asked_again
    assert "cookie" not in asked_again


async def test_what_is_posted_arrives_once_and_its_answer_is_the_callers_to_read() -> None:
    bad_request = answer(b'{"error":"invalid_grant"}', "400 Bad Request")
    async with serving(bad_request) as server, OutgoingClient(AT_HOME) as client:
        got = await client.post(
            server.url + "/token",
            body=b"grant_type=x",
            content_type="application/x-www-form-urlencoded",
            accept="application/json",
            max_bytes=1_000,
            headers={"authorization": "Bearer t"},
        )
    assert (got.status, got.body) == (400, b'{"error":"invalid_grant"}')
    request = server.requests[0].lower()
    assert request.startswith(b"post /token ")
    assert request.endswith(b"\r\n\r\ngrant_type=x")
    assert b"authorization: bearer t\r\n" in request


@pytest.mark.parametrize(
    ("status", "headers", "reason", "seconds"),
    [
        ("404 Not Found", (), FetchReason.FETCH_ERROR, None),
        ("500 Internal Server Error", (), FetchReason.FETCH_ERROR, None),
        ("304 Not Modified", (), FetchReason.FETCH_ERROR, None),
        ("206 Partial Content", (), FetchReason.FETCH_ERROR, None),
        ("503 Service Unavailable", (), FetchReason.FETCH_ERROR, None),
        ("503 Service Unavailable", ("Retry-After: 7",), FetchReason.RATE_LIMITED, 7),
        ("429 Too Many Requests", (), FetchReason.RATE_LIMITED, None),
        ("429 Too Many Requests", ("Retry-After: 999999",), FetchReason.RATE_LIMITED, 3600),
        ("429 Too Many Requests", ("Retry-After: soon",), FetchReason.RATE_LIMITED, None),
        (
            "429 Too Many Requests",
            (
                "Date: Tue, 01 Sep 2026 10:00:00 GMT",
                "Retry-After: Tue, 01 Sep 2026 10:02:00 GMT",
            ),
            FetchReason.RATE_LIMITED,
            120,
        ),
    ],
)
async def test_other_answers_are_problems_that_say_what_to_do(
    status: str, headers: tuple[str, ...], reason: FetchReason, seconds: int | None
) -> None:
    async with serving(answer(b"", status, headers)) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert (problem.reason, problem.retry_after_seconds) == (reason, seconds)
    assert problem.status == int(status[:3])
    assert (problem.code, problem.field) == ("FETCH_FAILED", ("url",))


async def test_an_answer_of_another_type_is_refused_where_the_type_matters() -> None:
    page = answer(b"<html>", headers=("Content-Type: text/html",))
    async with serving(page) as server, OutgoingClient(AT_HOME) as client:
        with pytest.raises(FetchProblem, match="'text/html', not application/json"):
            await client.fetch(
                server.url,
                accept="application/json",
                max_bytes=1_000,
                media_types=frozenset({"application/json"}),
            )


# ── servers that misbehave ─────────────────────────────────────────────────────────────────────


async def test_what_says_it_is_too_large_is_not_read() -> None:
    head = answer(headers=("Content-Length: 99999999999",), length=False)
    async with serving(head) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert problem.reason is FetchReason.TOO_LARGE


async def test_a_body_without_an_end_is_read_no_further_than_the_limit() -> None:
    sent = 0

    async def without_end(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()
            sent += 4096

    async with serving(without_end) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert problem.reason is FetchReason.TOO_LARGE
    assert sent < 20_000_000  # what the sockets' buffers hold, and no more


async def test_a_body_exactly_at_the_limit_is_read() -> None:
    async with (
        serving(
            answer(b"x" * 1_000), answer(b"x" * 1_001, length=False, headers=("Connection: close",))
        ) as server,
        OutgoingClient(AT_HOME) as client,
    ):
        fetched = await client.fetch(server.url, accept="*/*", max_bytes=1_000)
        assert len(fetched.body) == 1_000
        assert (await refused(server.url, client)).reason is FetchReason.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
async def test_a_compressed_bomb_is_never_unpacked(encoding: str) -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)[:900]
    packed = answer(bomb, headers=(f"Content-Encoding: {encoding}",))
    async with serving(packed) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert problem.reason is FetchReason.FETCH_ERROR
    assert "compressed" in problem.message


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def say_nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@pytest.mark.parametrize("slow", [drip_headers, drip_body, say_nothing])
async def test_a_slow_server_is_left_at_the_deadline(slow: Answer) -> None:
    quick = OutgoingSettings(allow_loopback=True, connect_seconds=0.2, total_seconds=0.3)
    async with serving(slow) as server, OutgoingClient(quick) as client:
        began = time.monotonic()
        problem = await refused(server.url, client)
        took = time.monotonic() - began
    assert problem.reason is FetchReason.TIMEOUT
    assert took < 2.0


async def test_the_deadline_is_for_all_redirects_together() -> None:
    quick = OutgoingSettings(allow_loopback=True, connect_seconds=0.2, total_seconds=0.3)

    async def on_and_on(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer(status="302 Found", headers=("Location: /on",)))

    async with serving(*[on_and_on] * 4) as server, OutgoingClient(quick) as client:
        problem = await refused(server.url, client, redirects=3)
    assert problem.reason is FetchReason.TIMEOUT
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-more: 1\r\n" * 50_000,
    ],
)
async def test_nonsense_is_an_answer_that_failed(nonsense: bytes) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.write(nonsense)
        await writer.drain()
        writer.close()

    async with serving(hang_up) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert problem.reason is FetchReason.FETCH_ERROR
    assert problem.message == ("localhost broke off its answer, or answered with what is no HTTP.")


async def test_a_server_that_is_not_running_is_said_to_be_so() -> None:
    async with serving() as server:
        url = server.url
    async with OutgoingClient(AT_HOME) as client:
        problem = await refused(url, client)
    assert problem.reason is FetchReason.FETCH_ERROR


async def test_the_next_request_is_answered_after_all_that() -> None:
    """A connection given up half read must not be used again."""
    async with (
        serving(drip_body, answer(b"well")) as server,
        OutgoingClient(OutgoingSettings(allow_loopback=True, total_seconds=0.3)) as client,
    ):
        await refused(server.url, client)
        fetched = await client.fetch(server.url, accept="*/*", max_bytes=1_000)
    assert fetched.body == b"well"


# ── redirects ──────────────────────────────────────────────────────────────────────────────────


def redirect(to: str, status: str = "302 Found") -> bytes:
    return answer(status=status, headers=(f"Location: {to}",))


async def test_no_redirect_is_followed_unless_asked() -> None:
    async with serving(redirect("/there")) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client)
    assert problem.reason is FetchReason.FETCH_ERROR
    assert "Give the address where it really is" in problem.message
    assert len(server.requests) == 1


async def test_redirects_asked_for_are_followed_and_the_last_address_told() -> None:
    hops = redirect("/b", "301 Moved Permanently"), redirect("c", "308 Permanent Redirect")
    async with serving(*hops, answer(b"here")) as server, OutgoingClient(AT_HOME) as client:
        fetched = await client.fetch(server.url + "/a", accept="*/*", max_bytes=1_000, redirects=2)
    assert (fetched.body, fetched.url) == (b"here", server.url + "/c")


async def test_three_redirects_are_the_most_whatever_is_asked() -> None:
    async with serving(*[redirect("/on")] * 9) as server, OutgoingClient(AT_HOME) as client:
        problem = await refused(server.url, client, redirects=9)
    assert problem.reason is FetchReason.FETCH_ERROR
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "inward",
    [
        *("http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "https://[::1]/"),
        *("https://[::ffff:127.0.0.1]/", "http://calendar.example/", "file:///etc/passwd"),
        *("gopher://localhost/", "https://user:secret@localhost/", "//10.0.0.1/", "https:///x"),
    ],
)
async def test_a_redirect_inward_is_refused_like_any_address(inward: str) -> None:
    async with (
        serving(redirect(inward)) as server,
        OutgoingClient(OutgoingSettings(allow_loopback=True, total_seconds=1.0)) as client,
    ):
        problem = await refused(server.url, client, redirects=3)
    assert problem.reason in (FetchReason.SSRF_BLOCKED, FetchReason.FETCH_ERROR)
    assert len(server.requests) == 1


async def test_a_token_is_not_carried_along_to_another_server() -> None:
    async with serving(answer(b"other")) as other:
        hops = redirect("/same"), redirect(other.url)
        async with serving(*hops) as server, OutgoingClient(AT_HOME) as client:
            await client.fetch(
                server.url,
                accept="*/*",
                max_bytes=1_000,
                redirects=2,
                headers={"authorization": "Bearer t"},
            )
            own = [b"authorization" in request.lower() for request in server.requests]
            others = [b"authorization" in request.lower() for request in other.requests]
    assert (own, others) == ([True, True], [False])


async def test_what_is_posted_is_never_sent_on() -> None:
    hop = redirect("/there", "307 Temporary Redirect")
    async with serving(hop) as server, OutgoingClient(AT_HOME) as client:
        with pytest.raises(FetchProblem, match="not sent on"):
            await client.post(
                server.url, body=b"x", content_type="text/plain", accept="*/*", max_bytes=9
            )
    assert len(server.requests) == 1


# ── where to ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        *("http://calendar.example/", "ftp://calendar.example/", "file:///etc/passwd"),
        *("https://user@calendar.example/", "https://user:secret@calendar.example/"),
        *("http://127.0.0.1/", "http://localhost/", "HTTP://localhost/"),
        *("", "calendar", "https://", "https:///path", "https://a b/", "https://a\\@b/"),
        *("https://calendar.example\r\nX: y/", "https://[::1", "https://x:99999/"),
        *(
            "https://x:0/",
            "https://x:-1/",
            "https://" + "x" * 3_000,
            "javascript:alert(1)",
            "https://\u2100.example/",
        ),
    ],
)
async def test_addresses_that_may_not_be_asked_are_refused_before_any_look_up(url: str) -> None:
    resolver, asked = resolving("93.184.216.34")
    async with OutgoingClient(resolver=resolver) as client:
        problem = await refused(url, client)
    assert problem.reason in (FetchReason.SSRF_BLOCKED, FetchReason.FETCH_ERROR)
    assert asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        *(("127.0.0.1",), ("10.0.0.1",), ("169.254.169.254",), ("::1",), ("fd00:ec2::254",)),
        *(("93.184.216.34", "10.0.0.1"), ("2606:4700::1111", "::ffff:10.0.0.1"), ()),
    ],
)
async def test_a_name_that_leads_inward_is_refused_and_nothing_is_sent(
    addresses: tuple[str, ...],
) -> None:
    resolver, asked = resolving(*addresses)
    async with OutgoingClient(resolver=resolver) as client:
        problem = await refused("https://calendar.example/a.ics", client)
    assert problem.reason is FetchReason.SSRF_BLOCKED
    assert asked == ["calendar.example"]
    assert not any(address in problem.message for address in addresses)


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "0", "localhost."])
async def test_odd_ways_to_write_this_machine_lead_nowhere(host: str) -> None:
    async with OutgoingClient() as client:
        problem = await refused(f"https://{host}/", client)
    assert problem.reason is not FetchReason.TIMEOUT
    assert "could not be asked" not in problem.message


async def test_a_name_nobody_knows_and_one_too_slow_to_look_up_are_said() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return ["93.184.216.34"]

    for resolver in (unknown, slow):
        quick = OutgoingSettings(connect_seconds=0.1)
        async with OutgoingClient(quick, resolver=resolver) as client:
            problem = await refused("https://calendar.example/", client)
        assert problem.reason is FetchReason.DNS_ERROR
        assert "calendar.example" in problem.message


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    async with serving(answer(b"well")) as server:
        resolver, _ = resolving("127.0.0.2", "127.0.0.1")  # nobody listens on the first
        async with OutgoingClient(AT_HOME, resolver=resolver) as client:
            fetched = await client.fetch(server.url, accept="*/*", max_bytes=1_000)
    assert fetched.body == b"well"


# ── with TLS ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Certificates:
    server: ssl.SSLContext
    client: ssl.SSLContext
    names_seen: list[str]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """A certificate for calendar.example that the client trusts; the server notes the SNI."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calendar.example")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("calendar.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    names: list[str] = []

    def note(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        names.append(name or "")

    server.sni_callback = note
    return Certificates(server, ssl.create_default_context(cafile=pem), names)


async def test_the_checked_address_is_connected_to_under_the_name_that_was_asked(
    certificates: Certificates,
) -> None:
    """A second look-up, which could answer otherwise, never happens."""
    resolver, asked = resolving("127.0.0.1")
    async with serving(answer(b"one"), answer(b"two"), tls=certificates.server) as server:
        url = f"https://calendar.example:{server.port}/a.ics"
        async with OutgoingClient(
            AT_HOME, resolver=resolver, ssl_context=certificates.client
        ) as client:
            first = await client.fetch(url, accept="*/*", max_bytes=1_000)
            second = await client.fetch(url, accept="*/*", max_bytes=1_000)
    assert (first.body, second.body) == (b"one", b"two")
    assert asked == ["calendar.example"]  # the connection was kept, and so was its check
    assert certificates.names_seen == ["calendar.example"]
    assert f"host: calendar.example:{server.port}\r\n".encode() in server.requests[0].lower()


async def test_a_certificate_of_another_name_is_refused(certificates: Certificates) -> None:
    resolver, _ = resolving("127.0.0.1")
    async with serving(answer(b"secret"), tls=certificates.server) as server:
        url = f"https://other.example:{server.port}/"
        async with OutgoingClient(
            AT_HOME, resolver=resolver, ssl_context=certificates.client
        ) as client:
            problem = await refused(url, client)
    assert problem.reason is FetchReason.FETCH_ERROR
    assert "certificate" in problem.message
    assert server.requests == []
