"""What an operation began is over when its context is, also where graphql-core lost sight of it.

Two fields that fail in one turn of the loop, one inside the other's neighbour, make graphql-core
(3.3.2, `gather_with_cancel`) forget what stands beside the inner one: it neither stops it nor waits
for it. Every batch that fails for many parents at once is such a turn.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
)
from sqlalchemy import QueuePool, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import NOBODY
from domain.errors import Invalid
from domain.hubs import LocalHub
from domain.ids import Names
from resolvers.context import Context
from schema import loading
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.run import Answer, Operations
from storage.engine import Database, Pool
from storage.tables import organizations
from tests.locks import PATIENCE, locked, until_waiting
from tests.outside import SeededChance, StandingClock

TURNS = 50  # of the loop, in which whoever was told that it is over goes home


class Desk:
    """A hub with one connection, and a contract whose fields fail when the gate is opened."""

    def __init__(self, database: Database, hub: LocalHub) -> None:
        self.database = database
        self.gate = asyncio.Event()
        self._hub = hub
        self._operations = Operations(self._contract(), Limits(), planned=False)

    def _contract(self) -> GraphQLSchema:
        needed = GraphQLNonNull(GraphQLString)

        async def fails(_: object, info: GraphQLResolveInfo[Context]) -> str:
            await self.gate.wait()
            raise Invalid("It fails.")

        async def by_loader(_: object, info: GraphQLResolveInfo[Context]) -> str:
            await loading.by_id(info.context, "Organization", "org_1@hub.test")
            return "found"

        async def by_itself(_: object, info: GraphQLResolveInfo[Context]) -> str:
            await info.context.rows(select(organizations.c.id))
            return "found"

        def thing(_: object, info: GraphQLResolveInfo[Context]) -> object:
            return {}

        def fields() -> dict[str, GraphQLField]:
            return {
                "fails": GraphQLField(needed, resolve=fails),
                "byLoader": GraphQLField(needed, resolve=by_loader),
                "byItself": GraphQLField(needed, resolve=by_itself),
                "thing": GraphQLField(GraphQLNonNull(kind), resolve=thing),
            }

        kind = GraphQLObjectType("Thing", fields)
        return GraphQLSchema(
            GraphQLObjectType("Query", {"thing": GraphQLField(kind, resolve=thing)})
        )

    @property
    def pool(self) -> QueuePool:
        pool = self.database.engine.pool
        assert isinstance(pool, QueuePool)
        return pool

    async def ask(self, document: str) -> Answer:
        prepared = self._operations.prepare(Asked(document))
        assert isinstance(prepared, Prepared)
        clock = StandingClock()
        context = Context(
            viewer=NOBODY,
            database=self.database,
            hub=self._hub,
            names=Names("hub.test", clock, SeededChance()),
            clock=clock,
            request_id="req_1",
        )
        async with context:
            return await self._operations.run(prepared, context, context.request_id)


@pytest.fixture
async def desk(database_url: str, hub: LocalHub) -> AsyncIterator[Desk]:
    one = Pool(size=1, overflow=0, statement_seconds=PATIENCE * 3, lock_seconds=PATIENCE * 3)
    database = Database(database_url, one)
    yield Desk(database, hub)
    await database.close()


async def at_work(holder: AsyncConnection) -> int:
    """How many statements PostgreSQL works on in this database, beside the holder's own."""
    asked = text(
        "select count(*) from pg_stat_activity where state = 'active'"
        " and datname = current_database() and pid != pg_backend_pid()"
    )
    return int((await holder.execute(asked)).scalar_one())


async def until_all_have_gone_home(before: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Those who have not."""
    for _ in range(TURNS):
        if asyncio.all_tasks() == before:
            break
        await asyncio.sleep(0)
    return asyncio.all_tasks() - before


@pytest.mark.parametrize(
    "document",
    [
        "{ thing { fails thing { fails byLoader } } }",
        "{ thing { fails thing { fails byLoader again: byLoader byItself } } }",
        "{ thing { fails thing { fails byItself byLoader } } }",
        # Stopped by graphql-core, which waits for the second alone.
        "{ thing { fails thing { byItself again: byItself } } }",
        "{ thing { fails thing { fails thing { byItself byLoader } } byLoader } }",
    ],
)
async def test_what_a_failing_field_leaves_at_work_ends_with_the_operation(
    desk: Desk, database: Database, document: str
) -> None:
    async with locked(database, "organizations") as holder:
        before = asyncio.all_tasks()
        asking = asyncio.create_task(desk.ask(document))
        await until_waiting(holder, 1)
        desk.gate.set()
        async with asyncio.timeout(PATIENCE):
            answer = await asking
        assert b"It fails." in answer.body
        assert desk.pool.checkedout() == 0
        assert await until_all_have_gone_home(before) == set()
        assert await at_work(holder) == 0
    answer = await desk.ask("{ thing { byItself byLoader thing { byLoader } } }")
    assert answer.body == (
        b'{"data":{"thing":{"byItself":"found","byLoader":"found","thing":{"byLoader":"found"}}}}'
    )
    assert desk.pool.checkedout() == 0
