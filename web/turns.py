"""So many at a time, so many waiting, and no more: what keeps a busy hub answering."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Overloaded(Exception):  # noqa: N818 - told to the caller, no error of ours
    """Too many wait already, or the turn did not come in time."""


class Turns:
    """`running` at a time, `waiting` in line for at most `waiting_seconds`."""

    def __init__(self, running: int, waiting: int, waiting_seconds: float) -> None:
        self.waiting_seconds = waiting_seconds
        self._free = asyncio.Semaphore(running)
        self._places = waiting
        self._in_line = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it, or `Overloaded`."""
        await self._come_up()
        try:
            yield
        finally:
            self._free.release()

    async def _come_up(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._in_line >= self._places:
            raise Overloaded
        self._in_line += 1
        try:
            async with asyncio.timeout(self.waiting_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Overloaded from None
        finally:
            self._in_line -= 1
