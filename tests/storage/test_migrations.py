"""The migrations make the tables that the code speaks of, and take them away again."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from domain.hubs import LocalHub
from storage import migrating
from storage.all_tables import metadata
from storage.engine import Database
from storage.migrating import State


async def test_migrations_make_exactly_the_tables_the_code_speaks_of(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        compared = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(compared, metadata)
        return found

    async with database.reading() as db:
        found = await db.run_sync(differences)
    assert found == []


async def test_a_filled_database_goes_down_to_nothing_and_up_again(
    database: Database, hub: LocalHub
) -> None:
    assert hub.authority == "hub.test"
    assert (await migrating.downgrade(database, "base")).state is State.EMPTY
    left = text(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
        " and relname !~ '^alembic_version'"
        " union select proname::text from pg_proc where pronamespace = 'public'::regnamespace"
    )
    async with database.reading() as db:
        assert (await db.scalars(left)).all() == []
    assert (await migrating.upgrade(database)).state is State.CURRENT
