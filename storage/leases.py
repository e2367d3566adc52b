"""Work that one process of a hub does at a time, whichever of them that is.

A lease is an advisory lock of PostgreSQL on a connection of its own: it ends with that connection,
however the process ends, and then another has it at its next try. Nobody's clock decides. Where a
machine vanishes from the network without a word, PostgreSQL gives the connection up after some
fifteen seconds.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Database, Reading

SPACE = (
    0x436F6E76  # "Conv": the first of the two numbers of our locks, so that nobody else's is met
)
_OWN = {
    "application_name": "convoke: {name}",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "5",
    "tcp_user_timeout": "15000",
}
_TAKE = text("select pg_try_advisory_lock(:space, :name)")
_STANDS = text("select 1")


class Lease:
    """A connection that tries for the lease, and then holds it."""

    def __init__(self, connection: AsyncConnection, name: str) -> None:
        self._connection = connection
        self._number = _number(name)

    async def take(self) -> bool:
        """Whether it is ours from now on."""
        taken = await self._connection.scalar(_TAKE, {"space": SPACE, "name": self._number})
        return bool(taken)

    async def confirm(self) -> None:
        """Raises where the connection is lost, and the lease with it."""
        await self._connection.execute(_STANDS)


async def is_held(db: Reading, name: str) -> bool:
    """Whether somebody works under it now."""
    held = text(
        "select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 2"
        " and database = (select oid from pg_database where datname = current_database())"
        " and classid::bigint = :space and objid::bigint = :name)"
    )
    number = _number(name) % 2**32  # pg_locks has both numbers without a sign
    return bool(await db.scalar(held, {"space": SPACE, "name": number}))


def _number(name: str) -> int:
    """PostgreSQL's integer."""
    return crc32(name.encode()) - 2**31


@asynccontextmanager
async def leased(database: Database, name: str) -> AsyncIterator[Lease]:
    """It is given up in any case at the end."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for setting, value in _OWN.items():
            await connection.execute(
                text("select set_config(:setting, :value, false)"),
                {"setting": setting, "value": value.format(name=name)},
            )
        try:
            yield Lease(connection, name)
        finally:
            # The pool would keep the connection, and with it the lock and its settings.
            await connection.invalidate()
