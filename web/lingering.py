"""A connection whose closing a client hears: what was said last is read before it is gone."""

import asyncio
from asyncio.events import Handle, TimerHandle
from typing import Any, Protocol

SECONDS = 2.0


class Closing(Protocol):
    """What is asked of the protocol whose connection it is."""

    loop: asyncio.AbstractEventLoop

    def body_is_open(self) -> bool:
        """Whether the client is still sending."""
        ...

    def read_on(self) -> None:
        """What still arrives is taken, to be dropped."""
        ...

    def close_when_stalled(self) -> None:
        """From now on the client must take what is waiting for it."""
        ...


class Lingering:
    """The transport, whose `close` lets a client that is still sending read the answer first.

    Closing over unread data resets the connection (RFC 9112 s9.6), and the answer is lost: so the
    writing half is closed, and what still arrives is dropped for a moment.

    An answer's head waits for its body and leaves with it: uvicorn hands them over one by one, and
    two packets, each of which wakes the client, cost more than all else that is done in Python.
    """

    def __init__(self, transport: asyncio.Transport, protocol: Closing) -> None:
        self._transport = transport
        self._protocol = protocol
        self._timer: TimerHandle | None = None
        self._held = b""
        self._leaving: Handle | None = None
        self.lingering = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self.is_closing():
            return  # nobody reads it any more; uvloop, unlike asyncio, would call it a RuntimeError
        if self._leaving is None:
            self._held = data
            self._leaving = self._protocol.loop.call_soon(self._leave)
        elif data:
            self._leave(data)

    def _leave(self, *more: bytes) -> None:
        """What waits, and what came after it; alone, where nothing has come by the loop's next
        turn."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
            if not self._transport.is_closing():
                self._transport.writelines((self._held, *more))

    def is_closing(self) -> bool:
        return self.lingering or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        self._leave()
        if self._protocol.body_is_open() and self._transport.can_write_eof():
            self.lingering = True
            self._protocol.read_on()
            self._transport.write_eof()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(SECONDS, self._transport.abort)
            return
        # What is still unsent must be taken in time, or the connection would stay for ever.
        self._protocol.close_when_stalled()
        self._transport.close()

    def hand_on(self, protocol: Closing) -> asyncio.Transport:
        """The connection is another protocol's from here on: as it is, or by way of this."""
        self._protocol = protocol
        return self._transport

    def lost(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
