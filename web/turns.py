"""So many at a time, so many waiting, and no more: what keeps a busy hub answering.

Whoever asks for much waits behind their own requests and not before everybody else's: of one
client only a few are at work at a time, and the rest stand in a line of their own.
"""

import asyncio
from types import TracebackType


class Overloaded(Exception):  # noqa: N818 - told to the caller, no error of ours
    """Too many wait already, or the turn did not come in time."""


class _Line:
    """One client's: those at work and those who wait."""

    __slots__ = ("free", "people")

    def __init__(self, each: int) -> None:
        self.free = asyncio.Semaphore(each)
        self.people = 0


class Turns:
    """`running` at a time, `each` of them of one client; `waiting` in line for at most
    `waiting_seconds`."""

    def __init__(self, running: int, each: int, waiting: int, waiting_seconds: float) -> None:
        self.waiting_seconds = waiting_seconds
        self.free = asyncio.Semaphore(running)
        self.lines: dict[str, _Line] = {}
        self._each = min(each, running)
        self._places = waiting
        self._in_line = 0

    @property
    def waiting(self) -> int:
        return self._in_line

    def turn(self, client: str = "") -> "_Turn":
        """`async with`: wait for a turn and hold it, or `Overloaded`."""
        return _Turn(self, client)

    def line_of(self, client: str) -> _Line:
        line = self.lines.get(client)
        if line is None:
            line = self.lines[client] = _Line(self._each)
        return line

    async def come_up(self, line: _Line) -> None:
        if not (line.free.locked() or self.free.locked()):
            await line.free.acquire()
            await self.free.acquire()
            return
        if self._in_line >= self._places:
            raise Overloaded
        self._in_line += 1
        try:
            async with asyncio.timeout(self.waiting_seconds):
                await line.free.acquire()
                try:
                    await self.free.acquire()
                except BaseException:
                    line.free.release()
                    raise
        except TimeoutError:
            raise Overloaded from None
        finally:
            self._in_line -= 1


class _Turn:
    """One request's, held from `async with` to its end."""

    __slots__ = ("_client", "_line", "_turns")

    def __init__(self, turns: Turns, client: str) -> None:
        self._turns = turns
        self._client = client

    async def __aenter__(self) -> None:
        self._line = self._turns.line_of(self._client)
        self._line.people += 1
        try:
            await self._turns.come_up(self._line)
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._turns.free.release()
        self._line.free.release()
        self._leave()

    def _leave(self) -> None:
        self._line.people -= 1
        if not self._line.people:
            del self._turns.lines[self._client]
