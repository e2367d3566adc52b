"""graphql-sse, "distinct connections": one subscription, asked for by POST, told as server-sent events.

The protocol: github.com/enisdenjo/graphql-sse, PROTOCOL.md; the format: HTML, s9.2.5. Lines end in
LF: with CRLF, of which the format knows too, Hive Gateway's parser finds no events at all. A stream
that ends without `complete` is one whose client is to come again.
"""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
from starlette.types import Receive, Send

from domain.errors import Unauthenticated
from schema.documents import Prepared
from schema.subscribing import Errors
from web.replies import Reply
from web.subscriptions.following import Following, Who
from web.subscriptions.places import Full, Places
from web.turns import Overloaded

LOOK_SECONDS = 1.0  # at the clock
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events until it has many
)
COMPLETE = b"event: complete\ndata:\n\n"
ALIVE = b":\n\n"
EXPIRED = b": The token counts no longer. Come again with another one.\n\n"
GOING_AWAY = b": Come again.\n\n"


def next_of(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"


def refusal_of(errors: Errors) -> bytes:
    """What is told last, where it ends with errors."""
    return next_of(orjson.dumps({"errors": errors})) + COMPLETE


def whole(body: bytes) -> Reply:
    """A stream of this one answer."""
    return Reply(200, list(HEADERS), next_of(body) + COMPLETE)


class EventStreams:
    """Those of one process."""

    def __init__(self, following: Following, places: Places) -> None:
        self.following = following
        self.places = places

    async def answer(self, prepared: Prepared, who: Who, receive: Receive, send: Send) -> None:
        """Nothing is sent yet where this raises: Unauthenticated, and `Overloaded`."""
        try:
            with self.places.one():
                await _Stream(self, prepared, who, send).told(receive)
        except Full:
            raise Overloaded from None


class _Stream:
    def __init__(self, streams: EventStreams, prepared: Prepared, who: Who, send: Send) -> None:
        self.following = streams.following
        self.leaving = streams.places.leaving
        self.prepared = prepared
        self.who = who
        self.send = send
        self._is_begun = False
        self._said_at = 0.0
        self._saying = asyncio.Lock()

    async def told(self, receive: Receive) -> None:
        """Until it is over, its client leaves, or this process stops."""
        gone = asyncio.ensure_future(receive())  # the request was read: what comes is its end
        stopping = asyncio.create_task(self.leaving.wait())
        following = asyncio.create_task(self._follow())
        staying = asyncio.create_task(self._stay())
        parts: list[asyncio.Future[Any]] = [gone, stopping, following, staying]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in parts:
                each.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        if not gone.cancelled():
            return
        last = GOING_AWAY
        for each in (following, staying):
            if not each.cancelled():
                last = each.result()
        if not self._is_begun:
            raise Overloaded
        await self._say(last, is_last=True)

    async def _follow(self) -> bytes:
        """Tells every answer, and gives what is to be told last."""
        try:
            async with aclosing(self.following.told(self.prepared, self.who)) as answers:
                async for body in answers:
                    await self._say(next_of(body))
        except (Unauthenticated, Overloaded):
            if not self._is_begun:
                raise
            return EXPIRED
        except OSError:
            return b""  # the client is gone
        except Exception as trouble:
            refused = refusal_of(self.following.errors_of(trouble, self.who))
            if not self._is_begun:
                await self._say(b"")
            return refused
        return COMPLETE

    async def _stay(self) -> bytes:
        """Says now and then that the hub is there. What is told last, when time is over."""
        loop = asyncio.get_running_loop()
        limits = self.following.limits
        until = loop.time() + limits.stream_seconds
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, LOOK_SECONDS))
            if self.following.has_expired(self.who):
                return EXPIRED
            if self._is_begun and loop.time() - self._said_at >= limits.stream_ping_seconds:
                await self._say(ALIVE)
        return GOING_AWAY

    async def _say(self, events: bytes, *, is_last: bool = False) -> None:
        async with self._saying:
            if not self._is_begun:
                self._is_begun = True
                await self.send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await self.send(
                {"type": "http.response.body", "body": events, "more_body": not is_last}
            )
            self._said_at = asyncio.get_running_loop().time()
