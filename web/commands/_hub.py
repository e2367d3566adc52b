"""The hub that a command works on: its settings, and its database opened for as long as needed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import hubs
from storage.data_directory import DataDirectoryProblem
from storage.embedded import EmbeddedPostgres, is_running
from storage.engine import WITHOUT_WAITING, Database
from storage.migrating import MigrationProblem, RevisionState, State, newer, revision_state
from web.settings import SettingProblem, Settings, current_settings

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="The data directory. Where it is not given: CONVOKE_DATA, or .convoke/data beside "
        "./convoke.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class OpenedHub:
    """What a command is given to work with."""

    settings: Settings
    database: Database


def settings_with(data: Path | None) -> Settings:
    return current_settings({"CONVOKE_DATA": data})


@asynccontextmanager
async def opened_hub(
    data: Path | None = None,
    *,
    settings: Settings | None = None,
    alone: bool = False,
    migrated: bool = True,
    serving: bool = False,
) -> AsyncIterator[OpenedHub]:
    """The database of DATABASE_URL, or the one that comes with Convoke: joined where another
    command runs it, else started for the duration. `alone` never joins: for who begins to serve.
    `serving` reads from DATABASE_REPLICA_URL too; what is looked at by hand is always of now.

    Its tables are those of this Convoke (unless `migrated` is False), or MigrationProblem.
    """
    settings = settings or settings_with(data)
    with database_url(settings, alone=alone) as url:
        replica_url = settings.replica_url if serving else None
        database = Database(url, settings.pool, replica_url=replica_url)
        try:
            found = await reached(database)
            if migrated:
                require_current(found)
            yield OpenedHub(settings, database)
        finally:
            await database.close()


@contextmanager
def database_url(settings: Settings, *, alone: bool) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
    elif not alone and is_running(settings.data):
        yield EmbeddedPostgres.attach(settings.data).url()
    else:
        with EmbeddedPostgres.start(settings.data) as server:
            server.create_database()
            yield server.url()


async def reached(database: Database) -> RevisionState:
    """Looks whether the database answers, and says it plainly where it does not."""
    try:
        return await revision_state(database)
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise DataDirectoryProblem(
            f"The database cannot be reached: {' '.join(str(cause).split())}. "
            "Check DATABASE_URL, and that the server runs."
        ) from error


async def require_replica(settings: Settings, database: Database) -> None:
    """DATABASE_REPLICA_URL names the database of this very hub. Where it does not answer, or has
    nothing yet, it may be asked later all the same."""
    if settings.replica_url is None:
        return
    replica = Database(settings.replica_url, settings.pool)
    try:
        async with database.reading(fresh=True) as db:
            ours = await hubs.local(db)
        async with replica.reading() as db:
            theirs = await hubs.local(db)
    except (OSError, DBAPIError, asyncpg.PostgresError):
        return
    finally:
        await replica.close()
    if theirs is not None and ours is not None and theirs.id != ours.id:
        raise SettingProblem(
            f"DATABASE_REPLICA_URL is the database of another hub, {theirs.authority}. Name a "
            "replica of DATABASE_URL, or none."
        )


_ROOM = """select current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0)"""


async def short_of_connections(settings: Settings, database: Database) -> str | None:
    """What to tell an operator whose processes may ask for more connections than there are."""
    pool = settings.pool
    each = pool.size + pool.overflow + pool.answering + 2  # one tells what moves, one hears of it
    if settings.worker_inside:
        each += WITHOUT_WAITING.size + WITHOUT_WAITING.overflow + 1
    async with database.reading(fresh=True) as db:
        room = int(await db.scalar(text(_ROOM)) or 0)
    if settings.workers * each <= room:
        return None
    return (
        f"The pools of {settings.workers} processes may open {settings.workers} times {each} "
        f"connections, and the database lets {room} in. When the hub is busy, some requests will "
        "be answered 503. Lower CONVOKE_WORKERS, CONVOKE_POOL_SIZE, CONVOKE_POOL_OVERFLOW or "
        "CONVOKE_POOL_ANSWERING, or raise max_connections."
    )


def require_current(found: RevisionState) -> None:
    if found.state is State.NEWER:
        raise newer(found)
    if found.state is not State.CURRENT:
        at = "has no tables yet" if found.state is State.EMPTY else f"is at {found.found}"
        raise MigrationProblem(
            f"The database {at}; this Convoke works with {found.wanted}. Run: ./convoke migrate"
        )
