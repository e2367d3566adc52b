"""What a use case is given: who asks, the database, the clock, and the hub it runs on.

One context serves one operation. A compiled statement (`answer`) is a snapshot of its own. All other
reading (`rows`) sees one snapshot, on one connection, one statement after another; a write ends it,
so that what is read next includes the write.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from sqlalchemy import Executable, RowMapping
from sqlalchemy.exc import DBAPIError

from auth.authenticate import token_parameters, viewer_in
from auth.tokens import Bearer
from domain.actors import Viewer
from domain.hubs import LocalHub
from domain.ids import Names
from domain.outside import Clock
from resolvers.elsewhere import Elsewhere
from resolvers.neighbours import Neighbours
from resolvers.once import Once
from resolvers.reading.statements import Statement
from storage import visibility
from storage.engine import Database, Reading, Writing
from storage.refusals import explained
from storage.visibility import Eyes as Eyes  # the schema is handed it by this name

Rows = TypeVar("Rows")


@dataclass
class Context:
    viewer: Viewer  # with a `bearer`, who the token says until `confirm` has looked
    database: Database
    hub: LocalHub
    names: Names
    clock: Clock
    request_id: str
    bearer: Bearer | None = None
    neighbours: Neighbours | None = None  # where the use case asks other hubs
    operated_by: str | None = None  # the short name of the organization that runs this hub
    once: Once | None = None  # what is changed is changed under its key
    elsewhere: Elsewhere | None = None  # for things of other hubs, where those can be asked
    variables: Mapping[str, Any] = field(default_factory=dict)  # of a change, as they were sent
    # Made by `schema.loading`, emptied by a write: what this operation has already read.
    loaders: dict[Any, Any] = field(default_factory=dict)
    # Made by `schema.access`: errors of lists that the viewer may not read.
    withheld: list[Any] = field(default_factory=list)
    # Why something was not done, as it was said: an answer has its English alone, and a page says it
    # in the language of its reader.
    reasons: list[str] = field(default_factory=list)
    _snapshot: AsyncExitStack = field(default_factory=AsyncExitStack)
    _reading: Reading | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _working: asyncio.Task[Any] | None = None
    _begun: set[asyncio.Task[Any]] = field(default_factory=set)
    _over: bool = False
    _wrote: bool = False  # what is read from then on must know of it

    @property
    def eyes(self) -> Eyes:
        return Eyes.of(self.viewer)

    @property
    def is_presumed(self) -> bool:
        """Nobody has looked yet whether the viewer's token still counts."""
        return self.bearer is not None

    def read_of_this_moment(self) -> None:
        """No replica is asked, which may not know yet of what moved."""
        self._wrote = True

    async def confirm(self) -> None:
        """The viewer as they stand now. Raises Unauthenticated."""
        if self.bearer is None:
            return
        with explained():
            if self.database.has_replica:  # which may not know yet of what was revoked
                async with self.database.reading(fresh=True) as db:
                    self.viewer = await viewer_in(db, self.bearer)
            else:
                self.viewer = await viewer_in(await self.snapshot(), self.bearer)
        self.bearer = None

    async def answer(self, statement: Statement, values: Mapping[str, Any]) -> bytes:
        """What a compiled statement tells, in a snapshot of its own; nothing where the viewer's
        token no longer counts for all that it says."""
        given = {**visibility.parameters(self.viewer), **values}
        if self.bearer is not None:
            given |= token_parameters(self.bearer)
        return await self.database.answer(
            statement.text, [given[name] for name in statement.names], fresh=self._wrote
        )

    async def rows(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[RowMapping]:
        """What the statement finds, in this operation's snapshot. The viewer's parameters are
        those that `storage.visibility` asks for; `values` are the others."""
        with explained():
            async with self._turn:
                return await self._to_the_end(self._found(statement, values or {}))

    async def _found(
        self, statement: Executable, values: Mapping[str, Any]
    ) -> Sequence[RowMapping]:
        if self._over:
            raise asyncio.CancelledError  # of a field that graphql-core forgot, as in `__aexit__`
        reading = await self.snapshot()
        try:
            parameters = {**visibility.parameters(self.viewer), **values}
            found = await reading.execute(statement, parameters)
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
            self._reading = await self._snapshot.enter_async_context(
                self.database.reading(fresh=self._wrote)
            )
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
            _stop(working)
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

    def begin(self, work: Coroutine[Any, Any, Rows]) -> asyncio.Task[Rows]:
        """The work as a task, for however many wait for it. It ends with the operation."""
        task = asyncio.ensure_future(work)
        self._begun.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._begun.discard(task)
        if not task.cancelled():
            task.exception()  # is told to whoever waits, and it may be that nobody does any more

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """The one transaction of a use case. What is read after it sees what it wrote."""
        await self.close()
        self._wrote = True
        with explained():
            async with self.database.writing() as db:
                if self.once is not None:
                    await self.once.write(db, self.clock.now())
                yield db
        if self.once is not None:
            self.once.is_written = True

    async def close(self) -> None:
        if self._reading is None and not self._turn.locked():
            self.loaders.clear()
            return  # nothing was opened, as where one statement told all
        async with self._turn:
            self.loaders.clear()
            self._reading = None
            await self._snapshot.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Whatever the operation began is over when this returns, wanted or not.

        graphql-core forgets fields: where it is told of a second failure in the same turn of the
        loop, it neither stops nor awaits what stands beside the field that failed first.
        """
        self._over = True
        if self._working is not None:
            _stop(self._working)
        for task in self._begun:
            _stop(task)
        try:
            while self._begun:
                await asyncio.wait(self._begun)
        finally:
            await self.close()


def _stop(task: asyncio.Task[Any]) -> None:
    """Once: see `_to_the_end`."""
    if not task.cancelling():
        task.cancel()
