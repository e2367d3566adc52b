"""Migrating while others are there: one at a time, never in anybody's way, never backwards."""

import asyncio

import pytest
from sqlalchemy import text

from storage import migrating
from storage.engine import Database
from storage.migrating import MigrationProblem, State

TABLES = text("select count(*) from pg_class where relnamespace = 'public'::regnamespace")


@pytest.fixture
async def empty(database: Database) -> Database:
    await migrating.downgrade(database, "base")
    return database


async def count(database: Database) -> object:
    async with database.reading() as db:
        return await db.scalar(TABLES)


async def somebody_waits(database: Database) -> bool:
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    )
    async with database.reading() as db:
        return bool(await db.scalar(waiting))


async def test_a_new_database_is_empty_and_then_current(empty: Database) -> None:
    before = await migrating.revision_state(empty)
    assert (before.state, before.found) == (State.EMPTY, None)
    after = await migrating.upgrade(empty)
    assert after == await migrating.revision_state(empty)
    assert (after.state, after.found) == (State.CURRENT, before.wanted)
    assert await migrating.upgrade(empty) == after


async def test_a_database_of_the_past_is_behind(empty: Database) -> None:
    found = await migrating.upgrade(empty, "0001")
    assert (found.state, found.found) == (State.BEHIND, "0001")
    assert (await migrating.upgrade(empty)).state is State.CURRENT


async def test_several_processes_that_start_together_migrate_once(empty: Database) -> None:
    found = await asyncio.gather(*(migrating.upgrade(empty) for _ in range(4)))
    assert {state.state for state in found} == {State.CURRENT}


async def test_who_uses_a_table_is_let_finish_first(empty: Database) -> None:
    await migrating.upgrade(empty, "0001")
    async with empty.writing() as db:
        await db.execute(text("lock table alembic_version in exclusive mode"))
        upgrading = asyncio.create_task(migrating.upgrade(empty))
        while not await somebody_waits(empty):
            assert not upgrading.done()
        while await somebody_waits(empty):  # it gives up its place, and comes back
            assert not upgrading.done()
        assert not upgrading.done()
    assert (await upgrading).state is State.CURRENT


async def test_a_table_that_is_never_free_is_told(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 1)
    await migrating.upgrade(empty, "0001")
    before = await count(empty)
    async with empty.writing() as db:
        await db.execute(text("lock table alembic_version in exclusive mode"))
        with pytest.raises(MigrationProblem, match="a lock was not to be had"):
            await migrating.upgrade(empty)
    assert (await migrating.revision_state(empty)).found == "0001"
    assert await count(empty) == before


async def test_a_migration_that_takes_too_long_elsewhere_is_told(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TURN_TRIES", 1)
    async with empty.engine.connect() as other:
        await other.execute(text("select pg_advisory_lock(:key)").bindparams(key=migrating.LOCK))
        with pytest.raises(MigrationProblem, match="Another Convoke has been migrating"):
            await migrating.upgrade(empty)
    assert (await migrating.revision_state(empty)).state is State.EMPTY


async def test_a_newer_convoke_s_tables_are_not_touched(database: Database) -> None:
    async with database.writing() as db:
        await db.execute(text("update alembic_version set version_num = '9999'"))
    before = await count(database)
    for step in (migrating.upgrade(database), migrating.downgrade(database, "base")):
        with pytest.raises(MigrationProblem, match="made by a newer Convoke"):
            await step
    found = await migrating.revision_state(database)
    assert (found.state, found.found) == (State.NEWER, "9999")
    assert await count(database) == before


async def test_the_service_s_own_impatience_comes_back(empty: Database) -> None:
    await migrating.upgrade(empty)
    async with empty.reading() as db:
        assert await db.scalar(text("show statement_timeout")) == "5s"


def test_a_server_that_is_too_old_is_told_so_before_anything_is_done() -> None:
    migrating.require_able((15, 20))
    with pytest.raises(MigrationProblem, match=r"needs PostgreSQL 15 or newer.* 14\.2"):
        migrating.require_able((14, 2))
