"""Bringing a database to the tables of this Convoke, and saying how far it is from them.

One at a time (an advisory lock), each revision in a transaction of its own, and never waiting long
for a lock: a migration that queues behind a long reader would make everybody queue behind it, so
it gives up after `lock_timeout`, lets them pass, and tries again. Configured here, with no
alembic.ini.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Problem
from storage.engine import Database, Pool

SCRIPTS = Path(__file__).with_name("migrations")
LOCK = 0x436F6E766F6B65  # "Convoke", as a number of PostgreSQL's advisory locks
WITHOUT_HURRY = Pool(
    size=1, overflow=0, statement_seconds=0, idle_in_transaction_seconds=0, lock_seconds=2
)
LOCK_NOT_AVAILABLE = "55P03"
TRIES = 20
PAUSE_SECONDS = 0.5
TURN_TRIES = 240  # two minutes for another's migration to end


LEAST_SERVER: tuple[int | str, ...] = (
    15,
)  # the oldest that the functions of the migrations were tried on


class MigrationProblem(Problem):
    """The tables cannot be brought to this Convoke now; the message says what to do."""

    code: ClassVar[str] = "SCHEMA"


class State(StrEnum):
    """How a database's tables stand to this Convoke."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class RevisionState:
    """`found` is the database's revision, None where it has no tables; `wanted` is ours."""

    state: State
    found: str | None
    wanted: str


async def revision_state(database: Database) -> RevisionState:
    async with database.reading(fresh=True) as db:
        return await state_of(db)


async def upgrade(database: Database, to: str = "head") -> RevisionState:
    """Brings the tables to this Convoke. Does nothing where they are; refuses newer ones."""
    return await migrate(database, lambda config: command.upgrade(config, to))


async def downgrade(database: Database, to: str) -> RevisionState:
    """Takes revisions back, with what only they could hold; `base` takes all."""
    return await migrate(database, lambda config: command.downgrade(config, to))


async def migrate(database: Database, step: Callable[[Config], None]) -> RevisionState:
    own = Database(database.url, WITHOUT_HURRY)
    try:
        async with own.engine.connect() as connection, one_at_a_time(connection):
            require_able(connection.dialect.server_version_info or ())
            found = await state_of(connection)
            if found.state is State.NEWER:
                raise newer(found)
            await patiently(connection, step)
            await connection.rollback()
            return await state_of(connection)
    finally:
        await own.close()


def require_able(server: Sequence[int | str]) -> None:
    """Raises where the server is too old for the functions of the migrations."""
    if tuple(server[:1]) < LEAST_SERVER:
        raise MigrationProblem(
            f"Convoke needs PostgreSQL {LEAST_SERVER[0]} or newer, and this server is "
            f"{'.'.join(map(str, server))}. Name another with DATABASE_URL, or leave it out for "
            "the one that comes with Convoke."
        )


def newer(found: RevisionState) -> MigrationProblem:
    return MigrationProblem(
        f"The database was made by a newer Convoke (its tables are at {found.found}, this one "
        f"knows {found.wanted}). Update Convoke, or restore a backup into a new database."
    )


async def state_of(connection: AsyncConnection) -> RevisionState:
    kept = await connection.scalar(text("select to_regclass('alembic_version') is not null"))
    found = await connection.scalar(text("select version_num from alembic_version")) if kept else ""
    return standing_of(found or "")


def standing_of(found: str) -> RevisionState:
    """How a database whose revision is `found` ("" is none) stands to ours."""
    scripts = ScriptDirectory.from_config(configured())
    wanted = scripts.get_current_head() or ""
    if not found:
        return RevisionState(State.EMPTY, None, wanted)
    if found == wanted:
        return RevisionState(State.CURRENT, found, wanted)
    known = {revision.revision for revision in scripts.walk_revisions()}
    return RevisionState(State.BEHIND if found in known else State.NEWER, found, wanted)


@asynccontextmanager
async def one_at_a_time(connection: AsyncConnection) -> AsyncIterator[None]:
    async with _holding(connection, ""):
        yield


@asynccontextmanager
async def beside_migrations(connection: AsyncConnection) -> AsyncIterator[None]:
    """For who reads all tables for a while: a migration waits for them, and they for it."""
    async with _holding(connection, "_shared"):
        yield


@asynccontextmanager
async def _holding(connection: AsyncConnection, manner: str) -> AsyncIterator[None]:
    """The lock is the session's: it outlasts the transactions, and ends with the connection."""
    take = text(f"select pg_try_advisory_lock{manner}(:key)").bindparams(key=LOCK)
    for _ in range(TURN_TRIES):
        taken = await connection.scalar(take)
        await connection.rollback()
        if taken:
            break
        await asyncio.sleep(PAUSE_SECONDS)
    else:
        raise MigrationProblem(
            "Another Convoke has been migrating this database for two minutes. Wait for it to end."
        )
    try:
        yield
    finally:
        await connection.rollback()
        release = text(f"select pg_advisory_unlock{manner}(:key)").bindparams(key=LOCK)
        await connection.execute(release)
        await connection.commit()


async def patiently(connection: AsyncConnection, step: Callable[[Config], None]) -> None:
    def run(plain: Connection) -> None:
        config = configured()
        config.attributes["connection"] = plain
        step(config)

    for attempt in range(1, TRIES + 1):
        await connection.rollback()  # Alembic begins and commits: there is nothing open before
        try:
            await connection.run_sync(run)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            if attempt == TRIES:
                raise MigrationProblem(
                    "The tables are in use: a lock was not to be had. Stop what runs long "
                    "transactions on this database, then run ./convoke migrate again."
                ) from error
            await connection.rollback()
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


def configured() -> Config:
    config = Config()
    # Alembic reads options with %-interpolation, and a path may hold a %.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
