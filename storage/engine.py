"""The database: compiled statements, short reading connections, one transaction for each use case.

Where there is a replica, what need not be of this very moment is read there.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, NewType, Self

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from storage.answering import Answering
from storage.notices import Notices
from storage.refusals import explained, is_unreachable, log
from storage.replica import Trust

# What a process keeps compiled of what it reads, at most half as many again. A statement put together
# for a document takes some 0.7 MB of Python, so that SQLAlchemy's own 500 were as many megabytes.
KEPT_COMPILED = 100

Reading = NewType("Reading", AsyncConnection)
Writing = NewType("Writing", Reading)  # whoever may write may read, and never the reverse


@dataclass(frozen=True, slots=True)
class Pool:
    """How many connections a process keeps, and how long each kind of wait may last, in seconds."""

    size: int = 5
    overflow: int = 5
    answering: int = 8  # of their own for compiled statements
    wait_seconds: float = 2.0
    statement_seconds: float = 5.0
    lock_seconds: float = 2.0
    idle_in_transaction_seconds: float = 10.0


# For what is done while nobody waits for it: one thing at a time, beside the lease to do it.
WITHOUT_WAITING = Pool(
    size=2, overflow=1, answering=1, wait_seconds=10.0, statement_seconds=60.0, lock_seconds=10.0
)


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """Connections that are at work and that wait for some, and requests that wait for one."""

    name: str
    busy: int
    idle: int
    waiting: int


class Database:
    """`replica_url`, where there is one, takes the reads that need not be `fresh`."""

    def __init__(
        self, url: str, pool: Pool | None = None, *, replica_url: str | None = None
    ) -> None:
        self.url = url
        self._primary = _Server.at(url, pool or Pool())
        self.engine = self._primary.engine
        self._notices = Notices(self._primary.options)
        self._replica = None
        if replica_url is not None:
            self._replica = _Server.at(replica_url, pool or Pool())
        self._trust = Trust()

    @property
    def has_replica(self) -> bool:
        return self._replica is not None

    async def answer(
        self, statement: str, values: Sequence[object], *, fresh: bool = False
    ) -> bytes:
        """What a compiled statement gives: the first column, json or text, of its one row.

        It reads one snapshot, its own, and cannot write. `values` are those of $1, $2 and so on.
        `fresh` is for what must know of every write until now. Raises the problems of
        `storage.refusals`.
        """
        with explained():
            if self._replica is not None and not fresh and self._trust.is_asked():
                try:
                    answer = await self._replica.answering.answer(statement, values)
                except Exception as error:
                    if not self._trust.gives_way(error):
                        raise
                else:
                    self._trust.answered()
                    return answer
            return await self._primary.answering.answer(statement, values)

    @asynccontextmanager
    async def reading(self, *, fresh: bool = False) -> AsyncIterator[Reading]:
        """One snapshot: everything read inside agrees with itself, and nothing can be written.

        `fresh` is for what must know of every write until now: who may ask, and what is looked at
        again after writing, or before. Whoever has read all they want does not hear that the
        connection was lost since.
        """
        has_read = False
        try:
            async with AsyncExitStack() as opened:
                yield Reading(await self._snapshot(opened, fresh))
                has_read = True
        except DBAPIError as error:
            if not (has_read and is_unreachable(error)):
                raise
            log.info("A connection was lost behind what was read: %r", error.orig)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """All of it is kept, or none. This is the only commit in the service."""
        async with self.engine.begin() as connection:
            yield Writing(Reading(connection))
        self._notices.soon()

    def load(self) -> list["PoolLoad"]:
        """How busy the connections are, for whoever watches."""
        ordinary: Any = self._primary.engine.pool
        answering = self._primary.answering
        found = [
            PoolLoad("ordinary", ordinary.checkedout(), ordinary.checkedin(), 0),
            PoolLoad("answering", *answering.load()),
        ]
        if self._replica is not None:
            found.append(PoolLoad("replica", *self._replica.answering.load()))
        return found

    async def close(self) -> None:
        await self._notices.close()
        for server in (self._primary, self._replica):
            if server is not None:
                await server.close()

    async def _snapshot(self, opened: AsyncExitStack, fresh: bool) -> AsyncConnection:
        if self._replica is not None and not fresh and self._trust.is_asked():
            try:
                connection = await opened.enter_async_context(self._replica.engine.connect())
            except Exception as error:
                if not self._trust.gives_way(error):
                    raise
            else:
                self._trust.answered()
                return await self._replica.read_only(connection)
        connection = await opened.enter_async_context(self.engine.connect())
        return await self._primary.read_only(connection)


@dataclass(frozen=True, slots=True)
class _Server:
    """One PostgreSQL: SQLAlchemy's connections to it, and those of compiled statements."""

    engine: AsyncEngine
    answering: Answering
    compiled: LRUCache[Any, Any]  # for reading; what is written is in words of our own, and few
    options: Mapping[str, Any]  # of asyncpg, for what has a connection of its own

    @classmethod
    def at(cls, url: str, pool: Pool) -> Self:
        engine = _engine(url, pool)
        _, options = engine.dialect.create_connect_args(engine.url)
        session = _session(pool) | {
            "default_transaction_read_only": "on",
            # Planning a statement of ours takes longer than running it, and they are written so
            # that one plan is good for all values (tests/reading).
            "plan_cache_mode": "force_generic_plan",
        }
        given: dict[str, Any] = {**options, "server_settings": session}
        answering = Answering(given, pool.answering, pool.wait_seconds)
        own = {**options, "server_settings": _session(pool)}
        return cls(engine, answering, LRUCache(KEPT_COMPILED), own)

    async def read_only(self, connection: AsyncConnection) -> AsyncConnection:
        return await connection.execution_options(
            isolation_level="REPEATABLE READ",
            postgresql_readonly=True,
            compiled_cache=self.compiled,
        )

    async def close(self) -> None:
        await self.answering.close()
        await self.engine.dispose()


def _engine(url: str, pool: Pool) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool.size,
        max_overflow=pool.overflow,
        pool_timeout=pool.wait_seconds,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"server_settings": _session(pool)},
    )


def _session(pool: Pool) -> dict[str, str]:
    milliseconds = {
        "statement_timeout": pool.statement_seconds,
        "lock_timeout": pool.lock_seconds,
        "idle_in_transaction_session_timeout": pool.idle_in_transaction_seconds,
    }
    return {
        "application_name": "convoke",
        "timezone": "UTC",
        "datestyle": "ISO, YMD",  # convoke_moment counts on it
        "jit": "off",  # compiling a plan costs more than our short statements take
        **{name: str(int(seconds * 1000)) for name, seconds in milliseconds.items()},
    }
