"""A hub with tens of thousands of events, made once for all these tests, which only read it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.embedded import EmbeddedPostgres
from storage.engine import Database, Pool
from tests.conftest import TEMPLATE
from tests.reading.asking import Desk
from tests.reading.busy_hub import fill

BUSY, QUIET = 20_000, 400  # events


@pytest.fixture(scope="session")
def busy_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    yield from hub_of(postgres, BUSY)


@pytest.fixture(scope="session")
def quiet_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    yield from hub_of(postgres, QUIET)


def hub_of(postgres: EmbeddedPostgres, events: int) -> Iterator[str]:
    name = f"hub_of_{events}"
    postgres.create_database(name, template=TEMPLATE)
    asyncio.run(filled(postgres.url(name), events))
    yield postgres.url(name)
    postgres.drop_database(name)


async def filled(url: str, events: int) -> None:
    database = Database(url, Pool(statement_seconds=60))
    async with database.engine.begin() as connection:
        await fill(connection, events)
    await database.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that leaves nothing behind."""
    database = Database(url, Pool(statement_seconds=60))
    async with database.engine.connect() as connection:
        yield connection
        await connection.rollback()
    await database.close()


@pytest.fixture
async def busy(busy_url: str) -> AsyncIterator[AsyncConnection]:
    async with connected(busy_url) as connection:
        yield connection


@pytest.fixture
async def quiet(quiet_url: str) -> AsyncIterator[AsyncConnection]:
    async with connected(quiet_url) as connection:
        yield connection


@pytest.fixture
async def desk(busy: AsyncConnection) -> Desk:
    return await Desk.at(busy)
