"""A backup of the hub, taken while it works: all tables as of one moment, in one file.

One transaction reads everything, so that nothing in it is half done (REPEATABLE READ, as pg_dump
does it). It is made of COPY, and not of pg_dump: that one refuses a server newer than itself, and
its files cannot be brought to another version of the tables. The tables are those that the database
has, whichever version they are of.

`storage/backup_file.py` is the file, `storage/backup_restoring.py` the way back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.hubs import SOFTWARE
from storage.backup_file import (
    BackupProblem,
    BackupWriter,
    Manifest,
    SequenceTold,
    TableTold,
    written,
)
from storage.engine import Database
from storage.migrating import WITHOUT_HURRY, State, beside_migrations, newer, state_of

# What lets somebody in, for a while. Some of it was ended, or spent, after a backup was taken, and
# would count again: so no backup has it. People sign in once more, and apps of theirs are let in
# once more.
LETS_SOMEBODY_IN = frozenset(
    {"sessions", "ceremonies", "authorization_codes", "refresh_tokens", "device_codes"}
)
REVISION_TABLE = "alembic_version"
# One value has one spelling, whatever the server is set to; and a table is read from its start.
SPELLING = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "synchronize_seqscans": "off",
}

_TABLES = """
select c.relname as name, c.relpersistence = 'u' as is_unlogged,
    array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns
from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    and c.relname <> 'alembic_version'
order by c.relname
"""
_SEQUENCES = """
select c.relname from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'S' order by c.relname
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A table as the database has it; `is_kept`: its rows are in a backup."""

    name: str
    columns: tuple[str, ...]
    is_kept: bool


async def back_up(
    database: Database, file: Path, at: datetime, *, secret: bytes | None = None
) -> Manifest:
    """Writes a new file. Raises BackupProblem, and keeps nothing, where it cannot."""
    own = Database(database.url, WITHOUT_HURRY)
    try:
        async with own.engine.connect() as connection, beside_migrations(connection):
            with written(file) as out:
                manifest = await _copied(connection, out, at, has_secret=secret is not None)
                if secret is not None:
                    out.keep_secret(secret)
                out.close(manifest)
            return manifest
    finally:
        await own.close()


async def _copied(
    connection: AsyncConnection, out: BackupWriter, at: datetime, *, has_secret: bool
) -> Manifest:
    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    await spell(connection)
    found = await state_of(connection)
    if found.found is None:
        raise BackupProblem("This database has no tables yet: there is nothing to back up.")
    if found.state is State.NEWER:
        raise newer(found)
    hub = (
        await connection.execute(text("select id, name, authority from hubs where is_local"))
    ).one_or_none()
    if hub is None:
        raise BackupProblem(
            "This hub has not been started yet: there is nothing to back up. See ./convoke serve"
        )
    held = await tables_of(connection)
    manifest = Manifest(
        made_at=at,
        software=SOFTWARE,
        revision=found.found,
        hub_id=hub.id,
        hub_name=hub.name,
        authority=hub.authority,
        tables=tuple([await _table(connection, out, table) for table in held if table.is_kept]),
        sequences=await sequences_of(connection),
        left_out=tuple(table.name for table in held if not table.is_kept),
        has_secret=has_secret,
    )
    await connection.rollback()
    return manifest


async def _table(connection: AsyncConnection, out: BackupWriter, table: Held) -> TableTold:
    driver = await driver_of(connection)
    with out.table(table.name) as stream:
        said = await driver.copy_from_query(copied(table), output=stream.write, format="text")
    if said != f"COPY {stream.rows}":
        raise RuntimeError(f"{table.name}: PostgreSQL said {said} and {stream.rows} rows came.")
    return TableTold(table.name, table.columns, stream.rows, stream.bytes, stream.sha256)


def copied(table: Held) -> str:
    """Of the table itself, and of no view of it: in the order in which its rows lie."""
    return f"select {quoted(table.columns)} from {quoted([table.name])}"  # noqa: S608 - quoted


async def spell(connection: AsyncConnection) -> None:
    for name, value in SPELLING.items():
        await connection.execute(
            text("select set_config(:name, :value, true)"), {"name": name, "value": value}
        )


async def tables_of(connection: AsyncConnection) -> list[Held]:
    """Unlogged ones are counts that PostgreSQL itself forgets when it is killed."""
    found = await connection.execute(text(_TABLES))
    return [
        Held(
            row.name,
            tuple(row.columns),
            not row.is_unlogged and row.name not in LETS_SOMEBODY_IN,
        )
        for row in found
    ]


async def sequences_of(connection: AsyncConnection) -> tuple[SequenceTold, ...]:
    names = list(await connection.scalars(text(_SEQUENCES)))
    found: list[SequenceTold] = []
    for name in names:
        stands = f"select last_value, is_called from {quoted([name])}"  # noqa: S608 - quoted
        row = (await connection.execute(text(stands))).one()
        found.append(SequenceTold(name, row.last_value, row.is_called))
    return tuple(found)


async def driver_of(connection: AsyncConnection) -> Any:
    """asyncpg's own connection, in the same transaction: SQLAlchemy has no COPY."""
    raw = await connection.get_raw_connection()
    return raw.driver_connection


def quoted(names: Sequence[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def counted(manifest: Manifest) -> Mapping[str, int]:
    return {table.name: table.rows for table in manifest.tables}
