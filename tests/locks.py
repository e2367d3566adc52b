"""A table that somebody holds, so that what reads it is at work for as long as a test needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Database

PATIENCE = 10  # seconds


@asynccontextmanager
async def locked(database: Database, table: str = "events") -> AsyncIterator[AsyncConnection]:
    """Somebody holds the table, so that whoever reads it waits."""
    async with database.engine.connect() as holder:
        await holder.execute(text(f"lock table {table} in access exclusive mode"))
        yield holder
        await holder.rollback()


async def waiting_on(holder: AsyncConnection) -> int:
    """How many statements wait for the lock."""
    asked = text("select count(*) from pg_locks where not granted and relation is not null")
    return int((await holder.execute(asked)).scalar_one())


async def until_waiting(holder: AsyncConnection, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await waiting_on(holder) != count:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
