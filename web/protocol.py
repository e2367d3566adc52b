"""uvicorn's HTTP protocol, with the bounds that it lacks: time, headers, connections, Host.

uvicorn waits for ever for a request's headers and body, keeps any number of headers, and closes
over a client that is still sending, which then never reads why. A reverse proxy would do all of
this; a hub must stand without one.

`bounded(limits)` makes the class that `uvicorn.Config(http=...)` takes.
"""

import asyncio
import re
from asyncio.events import TimerHandle
from collections import Counter
from collections.abc import Collection
from http import HTTPStatus
from typing import Any, ClassVar, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from schema.limits import Limits
from web.addresses import Network, counted_as, is_within, networks
from web.lingering import Lingering
from web.subscriptions.socket_protocol import BoundedSocket

SOCKETS = b"/graphql"  # where WebSockets are
_MOST_PIPELINED = 8
_HOST = re.compile(rb"[A-Za-z0-9.\-_~%!$&'()*+,;=\[\]:]{1,300}")


def bounded(limits: Limits, proxies: Collection[str] = ()) -> type["BoundedProtocol"]:
    """The protocol with these limits. Connections from `proxies` (addresses and networks), which
    stand for many people, are not counted by address."""
    kept: dict[str, Any] = {
        "limits": limits,
        "proxies": networks(proxies),
        "open_from": Counter(),
    }
    return type("BoundedHttpProtocol", (BoundedProtocol,), kept)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. At any time at most one deadline runs: for headers, or for a body."""

    limits: ClassVar[Limits]
    proxies: ClassVar[tuple[Network, ...]]
    open_from: ClassVar[Counter[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = self.limits.keep_alive_seconds  # type: ignore[assignment]
        self._due: float | None = None  # by the loop's clock
        self._timer: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._counted: str | None = None
        self._refused = False
        self._in_headers = True
        self._begun = False  # whether any of the request's headers have come
        self._received = 0  # bytes while headers are open, parsed or not
        self._header_bytes = 0
        self._refusal: HTTPStatus | None = None

    # ── the connection ───────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = cast("asyncio.Transport", transport)
        peer = connection.get_extra_info("peername")
        address = peer[0] if isinstance(peer, tuple) else ""
        if address and not is_within(address, self.proxies):
            counted = counted_as(address)
            if self.open_from[counted] >= self.limits.connections_per_address:
                self._refused = True
                connection.abort()
                return
            self.open_from[counted] += 1
            self._counted = counted
        super().connection_made(cast("asyncio.Transport", Lingering(connection, self)))
        self._set_deadline(self.limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._refused:
            return
        self._count_no_more()
        self._stop_timers()
        cast("Lingering", self.transport).lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused or cast("Lingering", self.transport).lingering:
            return  # the client still sends what nobody will read
        if self._in_headers:
            # Counted before parsing: httptools keeps an unfinished header however long it gets.
            self._received += len(data)
            if self._due is None:
                # Blank lines before a request begin nothing, and still end uvicorn's own timer.
                self._set_deadline(self.limits.header_seconds)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            if self._asks_for_socket():
                self._hand_on(rest)
                return
            self._without_upgrade(rest)
        except httptools.HttpParserError:
            self._refuse(self._refusal or HTTPStatus.BAD_REQUEST)
        if self._in_headers and self._received > self.limits.header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # ── the request, as the parser finds it ──────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        self._in_headers = self._begun = True
        self._header_bytes = 0
        self._set_deadline(self.limits.header_seconds)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_header(len(name) + len(value) + 4)
        if len(self.headers) >= self.limits.header_count:
            self._refuse_in_parser(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                self._refuse_in_parser(HTTPStatus.METHOD_NOT_ALLOWED)
            if self._asks_for_socket():
                self._check_host()
            return  # handed on, or begun again by `_without_upgrade`
        self._in_headers = False
        self._received = 0
        self._check_host()
        if len(self.pipeline) >= _MOST_PIPELINED:
            self._refuse_in_parser(HTTPStatus.TOO_MANY_REQUESTS)
        self._set_deadline(self.limits.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._in_headers = True
        self._begun = False
        self._received = 0
        self._clear_deadline()
        super().on_message_complete()

    def _check_host(self) -> None:
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0].strip()):
            self._refuse_in_parser(HTTPStatus.BAD_REQUEST)  # RFC 9112 s3.2

    def _count_header(self, count: int) -> None:
        self._header_bytes += count
        if self._header_bytes > self.limits.header_bytes:
            self._refuse_in_parser(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # ── refusing ─────────────────────────────────────────────────────────────────────────────────

    def _refuse_in_parser(self, status: HTTPStatus) -> None:
        """Stops the parser, from within: `data_received` then refuses."""
        self._refusal = status
        raise ValueError(status.phrase)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer and close; where an answer is under way, only close."""
        self._clear_deadline()
        if self.transport.is_closing():
            return
        if self._is_answering():
            started = self.cycle.response_started or self.pipeline
            self.cycle.disconnected = True  # wakes an application that waits for the body
            self.cycle.message_event.set()
            if started:
                self.transport.abort()
                return
        body = f"{status.value} {status.phrase}\n".encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    # ── deadlines ────────────────────────────────────────────────────────────────────────────────

    def _set_deadline(self, seconds: float) -> None:
        """One timer serves many requests: it looks, when it is over, whether one is due. A request
        sets and clears several, of which none is ever late as a rule."""
        self._due = due = self.loop.time() + seconds
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self._look)
        elif self._timer.when() > due:
            self._timer.cancel()
            self._timer = self.loop.call_later(seconds, self._look)

    def _clear_deadline(self) -> None:
        self._due = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        left = self._due - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self._too_late()

    def _too_late(self) -> None:
        self._due = None
        answering = self._is_answering()
        if answering and (self.flow.read_paused or not self._begun):
            # It is we who are at work, and do not read.
            self._set_deadline(self.limits.body_seconds)
        elif self._begun and (answering or self._in_headers):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            # A browser's spare connection on which nothing was said, or the rest of a body
            # whose request has its answer already.
            self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn has none before a request
        return cycle is not None and not cycle.response_complete

    def pause_writing(self) -> None:
        super().pause_writing()
        self.close_when_stalled()

    def resume_writing(self) -> None:
        self._clear_stalled()
        super().resume_writing()

    def close_when_stalled(self) -> None:
        """From now on the client must take what is waiting for it."""
        self._clear_stalled()
        self._stalled = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def _clear_stalled(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def body_is_open(self) -> bool:
        """Whether the client is still sending the body of the last request."""
        return self._begun or self._refusal is not None

    def read_on(self) -> None:
        self.flow.resume_reading()

    # ── upgrades ─────────────────────────────────────────────────────────────────────────────────

    def _asks_for_socket(self) -> bool:
        """A WebSocket, where there are any (RFC 6455 s4.2.1)."""
        is_there = self.url.partition(b"?")[0] == SOCKETS and self.parser.get_method() == b"GET"
        return (
            is_there and self.ws_protocol_class is not None and self._get_upgrade() == b"websocket"
        )

    def _hand_on(self, rest: bytes) -> None:
        """The connection is a WebSocket's from here on, still counted as its address's."""
        if self._is_answering() or self.pipeline:
            self._refuse(HTTPStatus.BAD_REQUEST)  # it was asked for before that was answered
            return
        self._stop_timers()
        self.connections.discard(self)
        kind = cast("type[BoundedSocket]", self.ws_protocol_class)
        socket = kind(self.config, self.server_state, self.app_state)
        socket.left = self._count_no_more
        lingering = cast("Lingering", self.transport)
        lingering.hand_on(socket).set_protocol(socket)
        socket.connection_made(cast("asyncio.Transport", lingering))
        head = [b"GET %b HTTP/1.1\r\n" % self.url]
        head += [b"%b: %b\r\n" % each for each in self.headers]
        socket.data_received(b"".join([*head, b"\r\n"]))
        if rest:
            socket.data_received(rest)

    def _count_no_more(self) -> None:
        if self._counted:
            self.open_from[self._counted] -= 1
            if not self.open_from[self._counted]:
                del self.open_from[self._counted]
            self._counted = None

    def _stop_timers(self) -> None:
        self._clear_deadline()
        if self._timer is not None:
            self._timer.cancel()
        self._clear_stalled()
        self._unset_keepalive_if_required()

    def _without_upgrade(self, rest: bytes) -> None:
        """Take the request as if it had not asked for another protocol (RFC 9110 s7.8 lets us).

        Java's HTTP client asks for h2c with each POST, and the parser drops the body of such a
        request. WebSockets are at one address alone.
        """
        dropped = {b"upgrade", b"http2-settings", b"connection"}
        kept = [b"%b: %b\r\n" % each for each in self.headers if each[0] not in dropped]
        closing = any(
            name == b"connection" and b"close" in value.lower() for name, value in self.headers
        )
        if closing:
            kept.append(b"connection: close\r\n")
        start = b"%b %b HTTP/1.1\r\n" % (self.parser.get_method(), self.url)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.data_received(b"".join([start, *kept, b"\r\n", rest]))
