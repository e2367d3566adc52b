"""Running an operation both ways: by a plan, and by graphql-core, over one database.

Everything of a module's run happens on one event loop, which it holds from start to end: a loop
and a pool of connections for each operation would take longer than the operation.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import orjson
from graphql import GraphQLSchema
from sqlalchemy import QueuePool

from domain.actors import NOBODY, Viewer
from domain.ids import Names
from resolvers.context import Context
from schema.documents import Asked, Prepared, Refused
from schema.introspection import Wanted
from schema.limits import Limits
from schema.run import Answer, Operations
from schema.subgraph import subgraph_schema
from schema.telling import log
from storage.engine import Database, Pool
from tests.differential.rows import HERE, NOW
from tests.differential.world import World
from tests.outside import SeededChance, StandingClock

T = TypeVar("T")
CONTRACT: GraphQLSchema = subgraph_schema._schema  # all that the other has, and entities

# Whatever the generator thinks of is run: what is too much to ask is tested elsewhere.
GENEROUS = replace(
    Limits(),
    source_characters=1_000_000,
    tokens=100_000,
    depth=60,
    aliases=2_000,
    root_fields=100,
    selections=10_000,
    same_key=1_000,
    directives=2_000,
    fragments=200,
    variable_definitions=500,
    page_size=1_000_000,
    cost=10**15,
    comparisons=1_000_000,
    run_seconds=60.0,
    answer_bytes=250_000,  # which is met now and then
)
# A machine that is busy with other things, or stands still for a while, is no difference between
# the two. graphql-core's way keeps a transaction open while Python works: where that took longer
# than the last of these, PostgreSQL ended it, and one of the two answered OVERLOADED.
PATIENT = Pool(
    size=2,
    wait_seconds=60.0,
    statement_seconds=60.0,
    lock_seconds=60.0,
    idle_in_transaction_seconds=600.0,
)
SOON = 5.0  # seconds, in which whoever hears that the operation is over ends


@dataclass(frozen=True, slots=True, repr=False)
class Operation:
    """What is asked, and who asks."""

    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    viewer: Viewer = NOBODY
    name: str | None = None

    def __str__(self) -> str:
        variables = orjson.dumps(self.variables, option=orjson.OPT_INDENT_2).decode()
        named = f"\noperationName: {self.name}" if self.name else ""
        return f"{self.document}\nvariables: {variables}{named}\nviewer: {told(self.viewer)}"

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As Hypothesis shows it."""
        printer.text(f"\n{self}")


def told(viewer: Viewer) -> str:
    if viewer.is_nobody:
        return "nobody"
    who = f"{viewer.person_id} of " if viewer.person_id else "the app of "
    return f"{who}{viewer.organization_id} with {' '.join(sorted(viewer.scopes)) or 'no scope'}"


@dataclass(frozen=True, slots=True)
class Tried:
    """The two bodies, and whether the plan was one or was handed to graphql-core after all.

    `bugs` are those that the log tells of the plan's way alone: a plan that fails is handed over,
    too, and the answer does not tell."""

    by_plan: bytes
    by_core: bytes
    planned: bool
    codes: tuple[str | None, str | None] = (None, None)  # of a whole request that was refused
    bugs: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        alike = self.by_plan == self.by_core and self.codes[0] == self.codes[1]
        return alike and not self.bugs

    @property
    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(self.by_core)
        return answer


class Log(logging.Handler):
    """What the log says meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    @contextmanager
    def kept(self) -> Iterator[list[str]]:
        lines: list[str] = []
        self._lines = lines
        log.addHandler(self)
        try:
            yield lines
        finally:
            log.removeHandler(self)


class BothWays:
    """A database with the world in it, and the two ways to ask it."""

    def __init__(self, url: str, world: World) -> None:
        self._runner = asyncio.Runner()
        self._log = Log()
        self._database = Database(url, PATIENT)
        self._clock = StandingClock(NOW)
        self._names = Names(HERE, self._clock, SeededChance())
        self._hub = world.local_hub
        self.world = world
        self.plan = Operations(subgraph_schema, GENEROUS)
        self.core = Operations(subgraph_schema, GENEROUS, planned=False)
        self._on_loop(self._fill())

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _fill(self) -> None:
        async with self._database.writing() as db:
            await self.world.rows.put_in(db)

    def close(self) -> None:
        self._on_loop(self._database.close())
        self._runner.close()

    def prepared(self, operation: Operation) -> Prepared | None:
        """None where it was refused before it was run, which is the same code both ways."""
        asked = Asked(operation.document, operation.name, operation.variables)
        try:
            prepared = self.core.prepare(asked)
        except Refused:
            return None
        return None if isinstance(prepared, Wanted) else prepared

    def tried(self, prepared: Prepared, viewer: Viewer) -> Tried:
        return self._on_loop(self._tried(prepared, viewer))

    async def _tried(self, prepared: Prepared, viewer: Viewer) -> Tried:
        with self._log.kept() as bugs_of_plan:
            by_plan = await self._answer(self.plan, prepared, viewer)
        with self._log.kept() as bugs_of_core:
            by_core = await self._answer(self.core, prepared, viewer)
        bugs = tuple(bug for bug in bugs_of_plan if bug not in bugs_of_core)
        codes = (by_plan.code, by_core.code)
        return Tried(by_plan.body, by_core.body, by_plan.planned, codes, bugs)

    async def _answer(self, operations: Operations, prepared: Prepared, viewer: Viewer) -> Answer:
        context = Context(
            viewer=viewer,
            database=self._database,
            hub=self._hub,
            names=self._names,
            clock=self._clock,
            request_id="req_1",
        )
        async with context:
            try:
                answer = await operations.run(prepared, context, context.request_id)
            except asyncio.CancelledError as ended:
                raise AssertionError("It was cancelled, and nobody had done so.") from ended
        await self._nothing_is_left()
        return answer

    async def _nothing_is_left(self) -> None:
        """No connection is held, and nobody waits for what will never come."""
        pool = self._database.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0
        ending = asyncio.all_tasks() - {asyncio.current_task()}
        if ending:
            _, left = await asyncio.wait(ending, timeout=SOON)
            assert not left, left

    def asked(self, operation: Operation) -> Tried | None:
        """None where it was refused before it was run."""
        prepared = self.prepared(operation)
        return None if prepared is None else self.tried(prepared, operation.viewer)

    def answer(self, operation: Operation) -> dict[str, Any]:
        """What graphql-core says: for looking around in the world."""
        tried = self.asked(operation)
        assert tried is not None, operation
        return tried.answer


@contextmanager
def both_ways(url: str, world: World) -> Iterator[BothWays]:
    held = BothWays(url, world)
    try:
        yield held
    finally:
        held.close()
