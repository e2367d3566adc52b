"""The hub that a command works on: its settings, and its database opened for as long as needed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from storage.data_directory import DataDirectoryProblem
from storage.embedded import EmbeddedPostgres, is_running
from storage.engine import Database
from storage.migrating import MigrationProblem, RevisionState, State, newer, revision_state
from web.settings import Settings, current_settings

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
) -> AsyncIterator[OpenedHub]:
    """The database of DATABASE_URL, or the one that comes with Convoke: joined where another
    command runs it, else started for the duration. `alone` never joins: for who serves.

    Its tables are those of this Convoke (unless `migrated` is False), or MigrationProblem.
    """
    settings = settings or settings_with(data)
    with database_url(settings, alone=alone) as url:
        database = Database(url, settings.pool)
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


def require_current(found: RevisionState) -> None:
    if found.state is State.NEWER:
        raise newer(found)
    if found.state is not State.CURRENT:
        at = "has no tables yet" if found.state is State.EMPTY else f"is at {found.found}"
        raise MigrationProblem(
            f"The database {at}; this Convoke works with {found.wanted}. Run: ./convoke migrate"
        )
