"""The snapshot that an operation reads in: what ends it, and what is left then."""

import asyncio
import logging

import pytest
from sqlalchemy import QueuePool, literal, select, text

from domain.actors import NOBODY
from domain.errors import BadInput, Busy
from domain.hubs import LocalHub
from domain.ids import Names
from resolvers.context import Context
from storage.engine import KEPT_COMPILED, Database, Pool
from storage.tables import hubs
from tests.locks import PATIENCE
from tests.outside import SeededChance, StandingClock

IS_THERE = text("select count(*) from pg_stat_activity where pid = :pid")
WHO = text("select pg_backend_pid() as pid")
TOO_LARGE = text("select 2147483647 + cast(:more as int)")


def operation(database: Database, hub: LocalHub) -> Context:
    clock = StandingClock()
    names = Names(hub.authority, clock, SeededChance())
    return Context(NOBODY, database, hub, names, clock, "req_1")


def held(database: Database) -> int:
    """How many connections."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def until_gone(database: Database, pid: int) -> None:
    async with asyncio.timeout(PATIENCE), database.engine.connect() as connection:
        while await connection.scalar(IS_THERE, {"pid": pid}):
            await connection.rollback()  # a transaction sees the same activity all along
            await asyncio.sleep(0.01)


async def test_a_snapshot_that_stood_still_too_long_is_told_of_and_the_next_is_good(
    database: Database, database_url: str, hub: LocalHub, caplog: pytest.LogCaptureFixture
) -> None:
    # As where the process stands still between two statements. To the caller it is one answer, that
    # the database does not answer; the log says more.
    hasty = Database(database_url, Pool(size=1, overflow=0, idle_in_transaction_seconds=0.5))
    async with operation(hasty, hub) as context:
        (first,) = await context.rows(WHO)
        await until_gone(database, first["pid"])
        with caplog.at_level(logging.INFO, "convoke.storage"), pytest.raises(Busy):
            await context.rows(select(hubs.c.id))
        assert "connection is closed" in caplog.text
        (found,) = await context.rows(select(hubs.c.id))
        assert found["id"] == hub.id
    assert held(hasty) == 0
    await hasty.close()


async def test_what_was_read_is_good_though_its_snapshot_was_lost_since(
    database: Database, database_url: str, hub: LocalHub
) -> None:
    hasty = Database(database_url, Pool(size=1, overflow=0, idle_in_transaction_seconds=0.2))
    async with operation(hasty, hub) as context:
        (first,) = await context.rows(WHO)
        await until_gone(database, first["pid"])
    assert held(hasty) == 0
    async with operation(hasty, hub) as context:
        assert await context.rows(WHO)
    await hasty.close()


async def test_a_statement_that_fails_takes_its_snapshot_with_it_and_no_connection(
    database_url: str, hub: LocalHub
) -> None:
    narrow = Database(database_url, Pool(size=1, overflow=0))
    async with operation(narrow, hub) as context:
        (first,) = await context.rows(WHO)
        for _ in range(3):
            with pytest.raises(BadInput):
                await context.rows(TOO_LARGE, {"more": 1})
            assert held(narrow) == 0
        (again,) = await context.rows(WHO)
        assert again["pid"] == first["pid"]
        assert held(narrow) == 1
    assert held(narrow) == 0
    await narrow.close()


async def test_going_away_at_any_moment_loses_no_connection(
    database_url: str, hub: LocalHub
) -> None:
    """Cancelled after 0, 1, 2 ... turns of the loop: connecting, beginning, asking, answered."""
    narrow = Database(database_url, Pool(size=1, overflow=0))

    async def reads() -> None:
        async with operation(narrow, hub) as context:
            await asyncio.gather(*(context.begin(context.rows(WHO)) for _ in range(2)))

    for turns in range(80):
        asking = asyncio.create_task(reads())
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert held(narrow) == 0, turns
    async with operation(narrow, hub) as context:
        assert await context.rows(WHO)
    await narrow.close()


async def test_what_is_compiled_for_reading_is_kept_within_bounds(
    database: Database, hub: LocalHub
) -> None:
    kept = database._primary.compiled
    async with operation(database, hub) as context:
        for number in range(2 * KEPT_COMPILED):
            (row,) = await context.rows(select(literal(number).label(f"number_{number}")))
            assert row[f"number_{number}"] == number
            assert len(kept) <= 1.5 * KEPT_COMPILED
    assert len(kept) >= KEPT_COMPILED
