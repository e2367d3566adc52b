"""The one door out: every request that this server makes to another goes through here.

Strangers say where to: an import's URL, a peer's keys, a webhook. So each request is https, to an
address that was looked up once, checked, and is then the one connected to (a second look-up could
answer otherwise); it has a deadline for the whole, and a limit on what is read; it follows no
redirect unless asked, and checks each anew. Nothing is kept between requests but connections: no
cookies, no proxies from the environment.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, cast

import httpcore
import httpx

from domain.words import Count, say
from federation.addresses import (
    FetchProblem,
    FetchReason,
    Resolver,
    check_addresses,
    names_loopback,
    system_resolver,
)
from federation.answer_headers import retry_after_seconds, validator

MOST_REDIRECTS = 3
MOST_URL = 2_000  # characters
_MOST_ADDRESSES_TRIED = 3
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class OutgoingSettings:
    user_agent: str = "Convoke"
    connect_seconds: float = 2.0  # for the look-up, for each connection, for TLS
    total_seconds: float = 10.0  # for the whole, redirects included
    connections: int = 100
    allow_loopback: bool = False  # for development: this machine, also without https


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `body` is empty where `status` is 304: nothing has changed since."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes
    url: str  # where it came from in the end
    etag: str | None = None
    last_modified: str | None = None

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request, and what of its answer is wanted."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    max_bytes: int
    body: bytes | None = None
    media_types: frozenset[str] = frozenset()
    wanted: frozenset[int] = frozenset({200})


class OutgoingClient:
    """Use it as `async with`; one for the process. `resolver`, `ssl_context` and `transport` are
    for tests and simulations; a transport of one's own connects wherever it likes."""

    def __init__(
        self,
        settings: OutgoingSettings | None = None,
        *,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings or OutgoingSettings()
        self._transport = transport or _CheckedTransport(self._settings, resolver, ssl_context)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.aclose()

    async def fetch(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int,
        etag: str | None = None,
        last_modified: str | None = None,
        redirects: int = 0,
        headers: Mapping[str, str] | None = None,
        media_types: frozenset[str] = frozenset(),
    ) -> Fetched:
        """GET. A 200, or a 304 where `etag` or `last_modified` of the last answer was given;
        everything else is a `FetchProblem`. `media_types` refuses answers of other types;
        `headers` go to the first server alone, never along a redirect to another."""
        conditions = {"if-none-match": etag, "if-modified-since": last_modified}
        sent = {name: value for name, value in conditions.items() if value is not None}
        first = _Ask(
            "GET",
            self._checked(url),
            {"accept": accept, **sent, **(headers or {})},
            max_bytes,
            media_types=media_types,
            wanted=frozenset({200, 304}) if sent else frozenset({200}),
        )
        ask = first
        async with _deadline(self._settings.total_seconds):
            for _ in range(min(redirects, MOST_REDIRECTS) + 1):
                answer = await self._exchange(ask)
                if isinstance(answer, Fetched):
                    return answer
                there = self._checked(str(answer))
                kept = (
                    first.headers if _same_origin(there, first.url) else {"accept": accept, **sent}
                )
                ask = replace(ask, url=there, headers=kept)
        raise _failed(
            say(
                "%(host)s sends us on, in the end to %(to)s. Give the address where it really is.",
                host=first.url.host,
                to=ask.url.host,
            )
        )

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        media_types: frozenset[str] = frozenset(),
    ) -> Fetched:
        """POST, once, and never along a redirect. Whatever status is answered is for the caller to
        read, but for 429 and 503 with Retry-After, which are `RATE_LIMITED`."""
        ask = _Ask(
            *("POST", self._checked(url)),
            {"accept": accept, "content-type": content_type, **(headers or {})},
            max_bytes,
            body=body,
            media_types=media_types,
            wanted=frozenset(range(200, 600)) - _REDIRECTS,
        )
        async with _deadline(self._settings.total_seconds):
            answer = await self._exchange(ask)
        if isinstance(answer, httpx.URL):
            raise _failed(
                say(
                    "%(host)s sends us on to %(to)s, and what is posted is not sent on.",
                    host=ask.url.host,
                    to=answer.host,
                )
            )
        return answer

    def _checked(self, url: str) -> httpx.URL:
        """The URL as it will be asked, or a `FetchProblem` before anything is looked up."""
        try:
            parsed = httpx.URL(url) if len(url) <= MOST_URL else None
            host = parsed.host if parsed is not None else ""
        except (httpx.InvalidURL, ValueError):
            parsed, host = None, ""
        odd = re.search(r"[\s\x00-\x20\x7f\\]", url)
        port = 443 if parsed is None or parsed.port is None else parsed.port
        if parsed is None or not host or odd or not 0 < port < 65_536:
            raise _failed(say("This is no web address."))
        if parsed.userinfo:
            raise FetchProblem(
                FetchReason.SSRF_BLOCKED, "A web address may not hold a name and password."
            )
        at_home = self._settings.allow_loopback and names_loopback(host)
        if parsed.scheme != "https" and not (parsed.scheme == "http" and at_home):
            raise FetchProblem(
                FetchReason.SSRF_BLOCKED,
                say("The address must begin with https://, at %(host)s.", host=host[:253]),
            )
        return parsed.copy_with(fragment=None)

    async def _exchange(self, ask: _Ask) -> Fetched | httpx.URL:
        """One request and its answer, or where it sends us."""
        settings = self._settings
        request = httpx.Request(
            ask.method,
            ask.url,
            headers={
                **ask.headers,
                "accept-encoding": "identity",
                "user-agent": settings.user_agent,
            },
            content=ask.body,
            extensions={
                "timeout": {
                    "connect": settings.connect_seconds,
                    **dict.fromkeys(("read", "write", "pool"), settings.total_seconds),
                }
            },
        )
        host = ask.url.host
        try:
            response = await self._transport.handle_async_request(request)
            try:
                return await _read(ask, response)
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise FetchProblem(
                FetchReason.TIMEOUT, say("%(host)s did not answer in time.", host=host)
            ) from None
        except httpx.RemoteProtocolError as error:
            raise _failed(
                say("%(host)s broke off its answer, or answered with what is no HTTP.", host=host)
            ) from error
        except httpx.TransportError as error:
            raise _failed(
                say(
                    "%(host)s could not be asked (%(error)s): check that it is running, and "
                    "that its certificate is valid.",
                    host=host,
                    error=type(error).__name__,
                )
            ) from error


async def _read(ask: _Ask, response: httpx.Response) -> Fetched | httpx.URL:
    host, status = ask.url.host, response.status_code
    headers = {name.lower(): value for name, value in response.headers.items()}
    if status == 429 or (status == 503 and "retry-after" in headers):
        words, wait = (
            say("%(host)s asks us to come back later.", host=host),
            retry_after_seconds(headers),
        )
        raise FetchProblem(FetchReason.RATE_LIMITED, words, status, wait)
    if status in _REDIRECTS and "location" in headers:
        try:
            return ask.url.join(headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise _failed(
                say("%(host)s sends us on to no web address.", host=host), status
            ) from None
    if status not in ask.wanted:
        raise _failed(
            say(
                "%(host)s answered %(status)s and not what was asked for.", host=host, status=status
            ),
            status,
        )
    body = b"" if status == 304 else await _body(ask, response, headers)
    answer = Fetched(
        status,
        headers,
        body,
        str(ask.url),
        etag=validator(headers.get("etag")),
        last_modified=validator(headers.get("last-modified")),
    )
    if body and ask.media_types and answer.media_type not in ask.media_types:
        raise _failed(
            say(
                "%(host)s answered with %(media_type)s, not %(media_types)s.",
                host=host,
                media_type=f"{answer.media_type[:80] or 'no type'!r}",
                media_types=" or ".join(sorted(ask.media_types)),
            ),
            status,
        )
    return answer


async def _body(ask: _Ask, response: httpx.Response, headers: Mapping[str, str]) -> bytes:
    """The answer's bytes as they come over the wire, so that nothing can grow while unpacked."""
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise _failed(
            say("%(host)s sent it compressed, though it was asked not to.", host=ask.url.host),
            response.status_code,
        )
    length = headers.get("content-length", "")
    too_large = FetchProblem(
        FetchReason.TOO_LARGE,
        say(
            "What %(host)s sends is larger than %(most)s bytes, the most that is read.",
            host=ask.url.host,
            most=Count(ask.max_bytes),
        ),
        response.status_code,
    )
    if length.isascii() and length.isdigit() and int(length[:20]) > ask.max_bytes:
        raise too_large
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what transports give
    async for chunk in response.stream:
        body += chunk
        if len(body) > ask.max_bytes:
            raise too_large
    return bytes(body)


def _failed(words: str, status: int | None = None) -> FetchProblem:
    return FetchProblem(FetchReason.FETCH_ERROR, words, status)


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncIterator[None]:
    """The whole exchange within so many seconds, whatever each part may take."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise FetchProblem(
            FetchReason.TIMEOUT, "The other server took too long to answer."
        ) from None


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport, over a pool whose connections are looked up and checked by us."""

    def __init__(
        self, settings: OutgoingSettings, resolver: Resolver, ssl_context: ssl.SSLContext | None
    ) -> None:
        # httpx has no argument for the network below its pool, so the pool is made here.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            max_connections=settings.connections,
            max_keepalive_connections=settings.connections // 5,
            keepalive_expiry=15.0,
            network_backend=_CheckedNetwork(settings, resolver),
        )


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Looks a name up once, checks every address, and connects to one of those just checked. The
    URL stays as it is, so that Host, SNI and the certificate are of the name."""

    def __init__(self, settings: OutgoingSettings, resolver: Resolver) -> None:
        self._settings = settings
        self._resolver = resolver
        # Without anyio httpcore has a stand-in of that name; httpx always brings anyio.
        self._network = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._looked_up(host, port)
        check_addresses(host, addresses, self._settings.allow_loopback)
        tried = addresses[:_MOST_ADDRESSES_TRIED]
        share = self._settings.connect_seconds / len(tried)
        failure: Exception | None = None
        for address in tried:
            try:
                return await self._network.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(host)

    async def _looked_up(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                return await self._resolver(host, port)
        except (OSError, UnicodeError):  # a name not found, one too long, a look-up too slow
            raise FetchProblem(
                FetchReason.DNS_ERROR,
                say("%(host)s could not be looked up: check the address.", host=host[:253]),
            ) from None
