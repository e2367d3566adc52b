"""uvicorn's WebSocket protocol, with the bounds that it lacks: what a client may send, and must take.

uvicorn keeps what a client does not read for as long as the client likes, answers any number of its
pings, and leaves a handshake that cannot be read without an answer.

`bounded_socket(limits)` makes the class that `uvicorn.Config(ws=...)` takes. A connection comes from
`web.protocol`, which has read the request and seen to its headers and its Host.
"""

import logging
from asyncio.events import TimerHandle
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from schema.limits import Limits
from web.lingering import Lingering

NOT_TEXT, TOO_MANY = 1007, 1008
WINDOW_SECONDS = 60.0
_GRACE_SECONDS = 2.0  # for the last words to be taken

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

_log = logging.getLogger("convoke.sockets")


def bounded_socket(limits: Limits) -> type["BoundedSocket"]:
    _log.setLevel(logging.WARNING)  # uvicorn's lines on each connection hold its address
    return type("BoundedWebSocket", (BoundedSocket,), {"limits": limits})


class BoundedSocket(WebSocketsSansIOProtocol):
    """One connection."""

    limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _log
        self.close_timeout = _GRACE_SECONDS  # for the client to say that it heard
        self.left: Callable[[], None] | None = None  # called once, when the connection is lost
        self._stalled: TimerHandle | None = None
        self._window_ends = 0.0
        self._messages = 0
        self._is_cut = False
        self._early = b""  # what came before it was answered

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_stalled()
        if self.left is not None:
            self.left()
            self.left = None
        if isinstance(self.transport, Lingering):
            self.transport.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_cut:
            return  # the client still sends what nobody will read
        if self.handshake_initiated and not self.handshake_complete:
            # It did not wait for the answer; uvicorn would take its frames for a broken protocol.
            self._early += data
            self.transport.pause_reading()
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_handshake()

    async def send(self, message: Any) -> None:
        await self.writable.wait()
        if self.close_sent and self.handshake_complete:
            raise ClientDisconnected  # by us: of that the application cannot know
        await super().send(message)
        if self._early and self.handshake_complete:
            early, self._early = self._early, b""
            self.read_on()
            self.data_received(early)

    # ── what the client sends ────────────────────────────────────────────────────────────────────

    def handle_text(self, event: Frame) -> None:
        if self._may_send():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._may_send():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if self._may_send():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._may_send():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._may_send():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # of which uvicorn would write a traceback into the log
                self.conn.fail(NOT_TEXT, "not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def _may_send(self) -> bool:
        """Whether this frame is one of those it may send in a minute."""
        if self._is_cut:
            return False
        now = self.loop.time()
        if now >= self._window_ends:
            self._window_ends, self._messages = now + WINDOW_SECONDS, 0
        self._messages += 1
        if self._messages <= self.limits.socket_messages:
            return True
        if not self.close_sent:
            self.conn.fail(TOO_MANY, f"at most {self.limits.socket_messages} messages a minute")
            self.handle_parser_exception()
        return False

    def handle_parser_exception(self) -> None:
        """The client broke the rules: the connection ends, and is told why."""
        self._is_cut = True
        if self.conn.close_sent is None:  # nothing can be told it; uvicorn fails over that
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.transport.close()
        else:
            super().handle_parser_exception()
        self._end_soon()

    def _refuse_handshake(self) -> None:
        self._is_cut = True
        self.handshake_complete = self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
        self.transport.close()
        self._end_soon()

    # ── what the client takes ────────────────────────────────────────────────────────────────────

    def pause_writing(self) -> None:
        super().pause_writing()
        self._clear_stalled()
        self._stalled = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._clear_stalled()
        super().resume_writing()

    def _clear_stalled(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._end_soon()

    def shutdown(self) -> None:
        super().shutdown()
        self._end_soon()

    def _end_soon(self) -> None:
        """What is still unsent must be taken now, or the connection would stay for ever."""
        self.loop.call_later(_GRACE_SECONDS, self.transport.abort)

    # ── as `web.lingering` asks ──────────────────────────────────────────────────────────────────

    def body_is_open(self) -> bool:
        """Whether the client may still be sending, when it is we who close."""
        return self._is_cut

    def read_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def close_when_stalled(self) -> None:
        self._clear_stalled()
        self._stalled = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)
