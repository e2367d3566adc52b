"""What a use case is given: who asks, the database, the clock, and the hub it runs on.

One context serves one operation. All its reading sees one snapshot, on one connection, one
statement after another; a write ends the snapshot, so that what is read next includes it.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from sqlalchemy import Executable, RowMapping
from sqlalchemy.exc import DBAPIError

from domain.actors import Viewer
from domain.hubs import LocalHub
from domain.ids import Names
from domain.outside import Clock
from storage import visibility
from storage.engine import Database, Reading, Writing
from storage.refusals import explained
from storage.visibility import Eyes as Eyes  # the schema is handed it by this name

Rows = TypeVar("Rows")


@dataclass
class Context:
    viewer: Viewer
    database: Database
    hub: LocalHub
    names: Names
    clock: Clock
    request_id: str
    # Made by `schema.loading`, emptied by a write: what this operation has already read.
    loaders: dict[Any, Any] = field(default_factory=dict)
    # Made by `schema.access`: errors of lists that the viewer may not read.
    withheld: list[Any] = field(default_factory=list)
    _snapshot: AsyncExitStack = field(default_factory=AsyncExitStack)
    _reading: Reading | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _working: asyncio.Task[Any] | None = None
    _over: bool = False

    @property
    def eyes(self) -> Eyes:
        return Eyes.of(self.viewer)

    async def rows(self, statement: Executable) -> Sequence[RowMapping]:
        """What the statement finds, in this operation's snapshot. The viewer's parameters are
        those that `storage.visibility` asks for."""
        with explained():
            async with self._turn:
                return await self._to_the_end(self._found(statement))

    async def _found(self, statement: Executable) -> Sequence[RowMapping]:
        if self._over:
            raise asyncio.CancelledError  # a loader's, for which nobody waits any more
        reading = await self.snapshot()
        try:
            found = await reading.execute(statement, visibility.parameters(self.viewer))
        except DBAPIError:
            # PostgreSQL answers nothing more in this transaction: what else is asked for, which
            # may be good, is read in a new one.
            self._reading = None
            await self._snapshot.aclose()
            raise
        return found.mappings().all()

    async def snapshot(self) -> Reading:
        """The connection that this operation reads on, opened by whoever asks first."""
        if self._reading is None:
            self._reading = await self._snapshot.enter_async_context(self.database.reading())
        return self._reading

    async def _to_the_end(self, work: Coroutine[Any, Any, Rows]) -> Rows:
        """What the work gives. Cancelled, it is over when this returns, and is cancelled once.

        graphql-core cancels a field again at every level that the first cancellation passes, and
        waits for none of them. A second one reaches the driver while it gives the first to
        PostgreSQL: the connection closes under SQLAlchemy, and its place in the pool is lost.
        """
        self._working = working = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            if not working.cancelling():
                working.cancel()
            while not working.done():
                try:
                    await asyncio.wait([working])
                except asyncio.CancelledError:
                    continue  # once more: it is on its way, and raised below
            if not working.cancelled():
                working.exception()  # how it ended is no longer of interest to anybody
            raise
        finally:
            self._working = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """The one transaction of a use case. What is read after it sees what it wrote."""
        await self.close()
        with explained():
            async with self.database.writing() as db:
                yield db

    async def close(self) -> None:
        async with self._turn:
            self.loaders.clear()
            self._reading = None
            await self._snapshot.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Also where the operation was cancelled: a loader works in a task of its own, which
        nobody cancels but we."""
        self._over = True
        if self._working is not None:
            self._working.cancel()
        await self.close()
