"""The database: short reading connections, and one transaction for each use case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NewType

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Reading = NewType("Reading", AsyncConnection)
Writing = NewType("Writing", Reading)  # whoever may write may read, and never the reverse


@dataclass(frozen=True, slots=True)
class Pool:
    """How many connections a process keeps, and how long each kind of wait may last, in seconds."""

    size: int = 5
    overflow: int = 5
    wait_seconds: float = 2.0
    statement_seconds: float = 5.0
    lock_seconds: float = 2.0
    idle_in_transaction_seconds: float = 10.0


class Database:
    def __init__(self, url: str, pool: Pool | None = None) -> None:
        self.url = url
        self.engine = _engine(url, pool or Pool())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """One snapshot: everything read inside agrees with itself, and nothing can be written."""
        async with self.engine.connect() as connection:
            await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            yield Reading(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """All of it is kept, or none. This is the only commit in the service."""
        async with self.engine.begin() as connection:
            yield Writing(Reading(connection))

    async def close(self) -> None:
        await self.engine.dispose()


def _engine(url: str, pool: Pool) -> AsyncEngine:
    milliseconds = {
        "statement_timeout": pool.statement_seconds,
        "lock_timeout": pool.lock_seconds,
        "idle_in_transaction_session_timeout": pool.idle_in_transaction_seconds,
    }
    return create_async_engine(
        url,
        pool_size=pool.size,
        max_overflow=pool.overflow,
        pool_timeout=pool.wait_seconds,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "application_name": "convoke",
                "timezone": "UTC",
                "jit": "off",  # compiling a plan costs more than our short statements take
                **{name: str(int(seconds * 1000)) for name, seconds in milliseconds.items()},
            }
        },
    )
