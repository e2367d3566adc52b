"""Compiled statements and their answers: one round trip each, on connections kept for nothing else.

A compiled statement gives one row with the answer as JSON, which leaves as the bytes PostgreSQL
sent. It is its own snapshot, so nothing is said before it and nothing after it; on each connection
it is parsed once and kept, within bounds. SQLAlchemy's layers, and asyncpg's own pool, would cost
more than the statement. docs/decisions/0021 has the figures.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

# What each connection keeps parsed. PostgreSQL holds some 50 to 70 bytes for each byte of a
# statement's text with its plan, so this is at most about 12 MB of a backend's memory.
KEPT_STATEMENTS = 128
KEPT_BYTES = 160_000
SETTLING_SECONDS = 2.0
CLOSING_SECONDS = 5.0

log = logging.getLogger("convoke.storage")

Connection = Any  # asyncpg has no types
Prepared = Any


class NoLine(Exception):  # noqa: N818 - told to the caller as Busy, no error of ours
    """Every connection stayed at work for longer than anybody waits."""


@dataclass(slots=True, eq=False)
class Line:
    """One connection, and what is parsed on it, the longest unused first."""

    connection: Connection
    prepared: OrderedDict[str, Prepared] = field(default_factory=OrderedDict)
    kept_bytes: int = 0
    is_unsure: bool = False  # PostgreSQL may have parsed a statement under a name we never learned

    @property
    def is_lost(self) -> bool:
        closed: bool = self.connection.is_closed()
        return closed

    async def first(self, statement: str, values: Sequence[object]) -> bytes:
        prepared = self.prepared.get(statement) or await self._prepare(statement)
        try:
            row = await prepared.fetchrow(*values)
        except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
            # The tables changed under it, as in a migration: all that is kept is of the old ones.
            self.prepared.clear()
            self.kept_bytes = 0
            prepared = await self._prepare(statement)
            row = await prepared.fetchrow(*values)
        self.prepared.move_to_end(statement)
        answer = row[0] if row is not None else None
        if type(answer) is not bytes:
            raise TypeError("A compiled statement gives one row, and json or text in it.")
        return answer

    async def _prepare(self, statement: str) -> Prepared:
        try:
            made = await self.connection.prepare(statement)
        except asyncio.CancelledError:
            self.is_unsure = True
            raise
        self.prepared[statement] = made
        self.kept_bytes += len(statement)
        while len(self.prepared) > 1 and (
            len(self.prepared) > KEPT_STATEMENTS or self.kept_bytes > KEPT_BYTES
        ):
            forgotten, _ = self.prepared.popitem(last=False)  # asyncpg closes it with the next one
            self.kept_bytes -= len(forgotten)
        return made


class Answering:
    """At most `most` lines, opened when they are first needed, and kept."""

    def __init__(self, options: Mapping[str, Any], most: int, wait_seconds: float) -> None:
        self._options = options
        self._most = most
        self._wait_seconds = wait_seconds
        self._idle: list[Line] = []  # the last used first: what it knows is still warm
        self._places = most  # for lines that are not open
        self._waiting: deque[asyncio.Future[Line | None]] = deque()
        self._settling: set[asyncio.Task[None]] = set()
        self._closed = False

    async def answer(self, statement: str, values: Sequence[object]) -> bytes:
        """The first column of the statement's one row: json, or text.

        Raises what asyncpg raises; `NoLine` where none came free in time.
        """
        line = self._idle.pop() if self._idle else None
        if line is None or line.is_lost:
            line = await self._line(line)
        try:
            answer = await line.first(statement, values)
        except BaseException as error:
            self._after_trouble(line, error)
            if isinstance(error, Exception) and line.is_lost:
                # Said in several ways, by where asyncpg was when it heard.
                raise asyncpg.ConnectionDoesNotExistError("The connection was lost.") from error
            raise
        self._give_back(line)
        return answer

    def load(self) -> tuple[int, int, int]:
        """Lines at work, idle ones, and those who wait for one."""
        idle = len(self._idle)
        return self._most - self._places - idle, idle, len(self._waiting)

    async def close(self) -> None:
        """Nobody asks any more. What is still at work is cut off when it is done."""
        self._closed = True
        await asyncio.gather(*self._settling)
        idle, self._idle = self._idle, []
        for line in idle:
            self._places += 1
            try:
                await line.connection.close(timeout=CLOSING_SECONDS)
            except Exception:
                line.connection.terminate()  # it was going anyhow
                log.debug("A connection was not closed in good order.", exc_info=True)

    async def _line(self, lost: Line | None) -> Line:
        """A line for which somebody has to wait: none is idle, or that one was lost. A server that
        does not answer in time is a TimeoutError; connections that are all at work are NoLine."""
        while lost is not None:
            self._places += 1
            lost.connection.terminate()
            lost = self._idle.pop() if self._idle else None
            if lost is not None and not lost.is_lost:
                return lost
        if self._places:
            self._places -= 1
        else:
            line = await self._handed()
            if line is not None and not line.is_lost:
                return line
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await self._open()
        except BaseException:
            self._give_place()
            raise

    async def _handed(self) -> Line | None:
        """Somebody's line; None for the place of one that was lost."""
        turn: asyncio.Future[Line | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                try:
                    return await turn
                except asyncio.CancelledError:
                    if not turn.cancelled():  # it came at the same moment
                        self._hand_on(turn.result())
                    raise
        except TimeoutError:
            raise NoLine from None

    def _hand_on(self, line: Line | None) -> None:
        if line is None:
            self._give_place()
        else:
            self._give_back(line)

    async def _open(self) -> Line:
        connection: Connection = await asyncpg.connect(**self._options)
        try:
            # As the bytes that PostgreSQL sent: nothing is decoded, to be encoded again.
            for told in ("json", "text"):
                await connection.set_type_codec(
                    told, schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
                )
        except BaseException:
            connection.terminate()
            raise
        return Line(connection)

    def _give_back(self, line: Line) -> None:
        if line.is_lost or self._closed:
            line.connection.terminate()
            self._give_place()
        elif not self._hand(line):
            self._idle.append(line)

    def _give_place(self) -> None:
        if not self._hand(None):
            self._places += 1

    def _hand(self, line: Line | None) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(line)
                return True
        return False

    def _after_trouble(self, line: Line, error: BaseException) -> None:
        """PostgreSQL's refusal leaves a line as good as it was. One whose statement was stopped is
        given back when PostgreSQL has stopped it, by a task that nobody cancels."""
        if isinstance(error, Exception):
            self._give_back(line)
            return
        settling = asyncio.ensure_future(self._settle(line))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)

    async def _settle(self, line: Line) -> None:
        try:
            # asyncpg has sent a cancel request, and waits for its end before anything else. The
            # round trip is for one that came late: PostgreSQL drops it when it stops nothing.
            await line.connection.execute("select", timeout=SETTLING_SECONDS)
            if line.is_unsure:
                line.connection.terminate()
        except Exception:
            line.connection.terminate()  # whatever it is: nobody should meet it again
            log.debug("A connection was closed after a statement was stopped.", exc_info=True)
        finally:
            self._give_back(line)
