"""So many at a time, so many waiting, and no more: what keeps a busy hub answering.

Whoever asks for much waits behind their own requests and not before everybody else's: of one
client only a few are at work at a time, and the rest stand in a line of their own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Overloaded(Exception):  # noqa: N818 - told to the caller, no error of ours
    """Too many wait already, or the turn did not come in time."""


@dataclass
class _Line:
    """One client's: those at work and those who wait."""

    free: asyncio.Semaphore
    people: int = field(default=0)


class Turns:
    """`running` at a time, `each` of them of one client; `waiting` in line for at most
    `waiting_seconds`."""

    def __init__(self, running: int, each: int, waiting: int, waiting_seconds: float) -> None:
        self.waiting_seconds = waiting_seconds
        self._free = asyncio.Semaphore(running)
        self._each = min(each, running)
        self._lines: dict[str, _Line] = {}
        self._places = waiting
        self._in_line = 0

    @asynccontextmanager
    async def turn(self, client: str = "") -> AsyncIterator[None]:
        """Wait for a turn and hold it, or `Overloaded`."""
        line = self._lines.setdefault(client, _Line(asyncio.Semaphore(self._each)))
        line.people += 1
        try:
            await self._come_up(line)
            try:
                yield
            finally:
                self._free.release()
                line.free.release()
        finally:
            line.people -= 1
            if not line.people:
                del self._lines[client]

    async def _come_up(self, line: _Line) -> None:
        if not (line.free.locked() or self._free.locked()):
            await line.free.acquire()
            await self._free.acquire()
            return
        if self._in_line >= self._places:
            raise Overloaded
        self._in_line += 1
        try:
            async with asyncio.timeout(self.waiting_seconds):
                await line.free.acquire()
                try:
                    await self._free.acquire()
                except BaseException:
                    line.free.release()
                    raise
        except TimeoutError:
            raise Overloaded from None
        finally:
            self._in_line -= 1
