"""A client that goes away ends what works for it: nobody is left to answer."""

import asyncio
from asyncio.events import TimerHandle
from types import TracebackType
from typing import Any, Self

from starlette.requests import ClientDisconnect
from starlette.types import Receive

# Most requests are answered before that, and cost no task that waits for their client to leave.
_UNWATCHED_SECONDS = 0.1


class WhileConnected:
    """`async with`: where the client goes away, what runs inside is cancelled, and when it has
    ended ClientDisconnect is raised. The request's body has been read: the next that is received
    is its end."""

    __slots__ = ("_before", "_gone", "_leaving", "_look", "_over", "_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._leaving: asyncio.Future[Any] | None = None
        self._gone = False
        self._over = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A request is answered in a task.")
        self._task = task
        self._before = task.cancelling()
        loop = asyncio.get_running_loop()
        self._look: TimerHandle = loop.call_later(_UNWATCHED_SECONDS, self._watch)
        return self

    def watch_no_more(self) -> None:
        """What runs inside goes on to its end from here, whether anybody is left or not."""
        self._over = True
        self._look.cancel()

    def _watch(self) -> None:
        self._leaving = asyncio.ensure_future(self._receive())
        self._leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Future[Any]) -> None:
        if not (self._over or leaving.cancelled()):
            leaving.exception()  # a connection that failed is gone as well
            self._gone = True
            self._task.cancel()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over = True
        self._look.cancel()
        leaving = self._leaving
        if leaving is None:
            return
        if not leaving.done():
            leaving.cancel()
            await asyncio.wait([leaving])
        # As asyncio.timeout tells its own cancellation from another's (a server that stops).
        if self._gone and self._task.uncancel() <= self._before:
            raise ClientDisconnect from None
