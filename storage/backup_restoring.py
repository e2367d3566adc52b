"""A backup, made a database again: all of it in one transaction, or nothing.

The tables are made as they were then, filled as they were then, and only afterwards brought to this
Convoke. Nothing that is written counts as a change: triggers are off meanwhile, so that feeds are
not numbered anew, nothing is counted twice and nothing is noted. Foreign keys are taken away and
made again, which looks at every row at once; to switch them off would need a superuser.
"""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import feeds
from storage.all_tables import metadata
from storage.backup import REVISION_TABLE, Held, copied, driver_of, quoted, spell, tables_of
from storage.backup_file import BackupFile, BackupProblem, TableStream, TableTold, damaged
from storage.engine import Database, Reading, Writing
from storage.migrating import (
    LOCK_NOT_AVAILABLE,
    WITHOUT_HURRY,
    MigrationProblem,
    State,
    configured,
    one_at_a_time,
    require_able,
    state_of,
    upgrade,
)

_LOOKS = 20
_PAUSE_SECONDS = 0.1
_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name ~ '^convoke'
"""
_FOREIGN_KEYS = """
select c.conname as name, r.relname as table_name, pg_get_constraintdef(c.oid) as definition
from pg_constraint c join pg_class r on r.oid = c.conrelid
where c.connamespace = current_schema()::regnamespace and c.contype = 'f' and c.conparentid = 0
order by r.relname, c.conname
"""
_FUNCTIONS = """
select p.oid::regprocedure::text from pg_proc p
where p.pronamespace = current_schema()::regnamespace and p.proname ~ '^convoke_'
"""
_COLLATIONS = """
select collname from pg_collation
where collnamespace = current_schema()::regnamespace and collname ~ '^convoke_'
"""


async def restore(database: Database, backup: BackupFile, *, replace: str | None = None) -> None:
    """Into a database without tables of ours; or in place of the hub of that name, whose data are
    lost. Then whoever follows this hub begins again: what it had published since is not there.

    Raises BackupProblem or MigrationProblem, and has changed nothing, where it cannot.
    """
    backup.check()
    await load(database, backup, replace=replace, is_for_good=True)
    await upgrade(database)


async def load(
    database: Database,
    backup: BackupFile,
    *,
    replace: str | None = None,
    is_for_good: bool,
) -> None:
    """The tables of the backup, as they were; with another epoch where it `is_for_good`."""
    require_known(backup)
    await database.close()  # our own connections are nobody in the way; it opens others
    own = Database(database.url, WITHOUT_HURRY)
    try:
        async with own.engine.connect() as connection, one_at_a_time(connection):
            require_able(connection.dialect.server_version_info or ())
            try:
                async with connection.begin():
                    await _made_room(connection, replace)
                    await _filled(connection, backup)
                    if is_for_good:
                        await _begun_anew(connection)
            except (IntegrityError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError):
                why = "what its tables say of each other does not agree"
                raise damaged(backup.file, why) from None
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                raise in_use() from error
            await _analyzed(connection)
    finally:
        await own.close()


def require_known(backup: BackupFile) -> None:
    known = {each.revision for each in ScriptDirectory.from_config(configured()).walk_revisions()}
    if backup.manifest.revision not in known:
        raise MigrationProblem(
            f"The backup was made by a newer Convoke: its tables are at {backup.manifest.revision}, "
            "which this one does not know. Update Convoke, and try again."
        )


async def _made_room(connection: AsyncConnection, replace: str | None) -> None:
    found = await state_of(connection)
    held = [table.name for table in await tables_of(connection)]
    if not held:
        if replace is not None:
            raise BackupProblem("There is no hub to replace here. Leave --replace out.")
        await connection.execute(text(f"drop table if exists {REVISION_TABLE}"))
        return
    strangers = sorted(set(held) - set(metadata.tables))
    if strangers or found.state is State.NEWER:
        what = ", ".join(strangers[:3]) or f"tables of a newer Convoke, {found.found}"
        raise BackupProblem(
            f"The database holds what is not of this Convoke: {what}. Nothing was changed. Name a "
            "database of its own."
        )
    await _require_named(connection, replace)
    await _require_alone(connection)
    await connection.execute(text(f"drop table {quoted([*held, REVISION_TABLE])} cascade"))
    functions = ", ".join(await connection.scalars(text(_FUNCTIONS)))
    if functions:
        await connection.execute(text(f"drop function {functions} cascade"))
    for collation in list(await connection.scalars(text(_COLLATIONS))):
        await connection.execute(text(f"drop collation {quoted([collation])}"))


async def _require_alone(connection: AsyncConnection) -> None:
    """Whoever has just left is seen for a moment."""
    for _ in range(_LOOKS):
        if not await connection.scalar(text(_OTHERS)):
            return
        # What a transaction sees of the sessions is otherwise what it saw first.
        await connection.execute(text("select pg_stat_clear_snapshot()"))
        await asyncio.sleep(_PAUSE_SECONDS)
    raise in_use()


async def _require_named(connection: AsyncConnection, replace: str | None) -> None:
    found = (
        await connection.execute(text("select name, authority from hubs where is_local"))
    ).one_or_none()
    if found is None:
        if any([await _has_rows(connection, table) for table in await tables_of(connection)]):
            raise BackupProblem(
                "The database is not empty. Nothing was changed. Name an empty one."
            )
        return  # migrated, and never used
    if replace is None:
        raise BackupProblem(
            f"This is the data of {found.name} ({found.authority}). Nothing was changed. Restore "
            "into an empty data directory or database; or have it replaced, and lost, with "
            f"--replace '{found.name}'"
        )
    if replace != found.name:
        raise BackupProblem(
            f"The hub here is called {found.name}, and not {replace}. Nothing was changed."
        )


async def _has_rows(connection: AsyncConnection, table: Held) -> bool:
    asked = f"select exists (select from {quoted([table.name])})"  # noqa: S608 - quoted
    return bool(await connection.scalar(text(asked)))


def in_use() -> BackupProblem:
    return BackupProblem(
        "The database is in use: a hub or a command works with it. Nothing was changed. Stop it, "
        "and try again."
    )


async def _filled(connection: AsyncConnection, backup: BackupFile) -> None:
    await connection.run_sync(_tables_made, backup.manifest.revision)
    await spell(connection)
    there = {table.name: table for table in await tables_of(connection)}
    kept = {table.name: table for table in backup.manifest.tables}
    if kept.keys() | set(backup.manifest.left_out) != there.keys():
        raise damaged(backup.file, "its tables are not those of its version")
    every = quoted(list(there))
    foreign_keys = (await connection.execute(text(_FOREIGN_KEYS))).all()
    for key in foreign_keys:
        await connection.execute(
            text(f"alter table {quoted([key.table_name])} drop constraint {quoted([key.name])}")
        )
    for name in there:
        await connection.execute(text(f"alter table {quoted([name])} disable trigger user"))
    # A migration may have made rows of its own.
    await connection.execute(text(f"truncate {every}"))
    for name, table in kept.items():
        await _loaded(connection, backup, table, there[name])
    for sequence in backup.manifest.sequences:
        await connection.execute(
            text("select setval(cast(:name as regclass), :last, :is_called)"),
            {
                "name": quoted([sequence.name]),
                "last": sequence.last,
                "is_called": sequence.is_called,
            },
        )
    for name in there:
        await connection.execute(text(f"alter table {quoted([name])} enable trigger user"))
    for key in foreign_keys:
        await connection.execute(
            text(
                f"alter table {quoted([key.table_name])}"
                f" add constraint {quoted([key.name])} {key.definition}"
            )
        )


def _tables_made(connection: Connection, revision: str) -> None:
    """In the transaction that is open: Alembic commits none but its own."""
    config = configured()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _loaded(
    connection: AsyncConnection, backup: BackupFile, table: TableTold, there: Held
) -> None:
    if set(table.columns) != set(there.columns):
        raise damaged(backup.file, f"the columns of {table.name} are not those of its version")
    driver = await driver_of(connection)

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in backup.chunks(table):
            yield chunk

    said = await driver.copy_to_table(
        table.name, source=chunks(), columns=table.columns, format="text"
    )
    if said != f"COPY {table.rows}":
        raise damaged(backup.file, f"{table.name} has {table.rows} rows, and {said} was taken in")


async def _begun_anew(connection: AsyncConnection) -> None:
    """Tables of before migration 0019 have no feeds; that one begins them."""
    if await connection.scalar(text("select to_regclass('feeds') is not null")):
        await feeds.begin_anew(Writing(Reading(connection)))


async def _analyzed(connection: AsyncConnection) -> None:
    """So that PostgreSQL plans for what is there now, before it comes round to look by itself."""
    await connection.execute(text("analyze"))
    await connection.commit()


async def compare(database: Database, backup: BackupFile) -> None:
    """Raises BackupProblem unless every table that was loaded has what the backup has, in every byte."""
    own = Database(database.url, WITHOUT_HURRY)
    try:
        async with own.engine.connect() as connection:
            await spell(connection)
            held = {table.name: table for table in await tables_of(connection)}
            driver = await driver_of(connection)
            for table in backup.manifest.tables:
                told = Held(table.name, table.columns, is_kept=True)
                found = TableStream(None)
                if table.name in held:
                    await driver.copy_from_query(copied(told), output=found.write, format="text")
                if found.sha256 != table.sha256:
                    raise damaged(backup.file, f"{table.name} is another one when it is restored")
    finally:
        await own.close()
