"""Puts the data of a `Scale` into a database, and finds it there the next time.

By COPY, without the indexes for words and places and without foreign keys, which are made again
afterwards from what PostgreSQL itself says of them: a million events take a few minutes and not an
hour. The triggers stay, so that whatever the database keeps by itself is kept; and with them the
indexes by which they look things up.
"""

import asyncio
import hashlib
import io
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import asyncpg

from bench.data import AUTHORITY, COLUMNS, Data, Row, Scale
from domain.errors import Problem
from storage import migrating
from storage.embedded import USER, EmbeddedPostgres
from storage.engine import Database

Say = Callable[[str], None]
FEW = ("hubs", "organizations", "groups", "alliances", "alliance_members")
HANGING = ("events", "occurrences", "event_hosts", "event_shares")
EVERY = (*FEW, *HANGING, "rsvps")
BYTES_FOR_AN_EVENT, BYTES_FOR_AN_RSVP, BYTES_BESIDE = 6_000, 700, 300_000_000
_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as statement
from pg_index i join pg_class t on t.oid = i.indrelid
join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
where t.relname = any($1) and t.relnamespace = 'public'::regnamespace
  and not i.indisunique and a.amname <> 'btree'
"""
_FOREIGN_KEYS = """
select k.conrelid::regclass::text as holder, quote_ident(k.conname) as name,
  pg_get_constraintdef(k.oid) as says
from pg_constraint k join pg_class t on t.oid = k.conrelid
where k.contype = 'f' and t.relname = any($1)
"""


class NoRoom(Problem):
    """The disk does not hold so much data; says how much is needed."""

    code: ClassVar[str] = "DATA_DIRECTORY"


async def ensure(
    server: EmbeddedPostgres,
    directory: Path,
    scale: Scale,
    say: Say,
    authority: str = AUTHORITY,
) -> str:
    """The name of the database that holds the data; it is made where it is missing. All of it is of
    the hub with that authority."""
    name = database_name(scale, authority)
    async with connected(server, "postgres") as connection:
        known = [row[0] for row in await connection.fetch("select datname from pg_database")]
    if name in known:
        return name
    for other in known:
        # Of another Convoke, or interrupted.
        if other.startswith((name.rpartition("_")[0] + "_", "making_")):
            server.drop_database(other)
    require_room(directory, scale)
    began = perf_counter()
    say(f"Making {scale.events:,} events and what belongs to them ...")
    making = f"making_{name}"
    server.create_database(making)
    database = Database(server.url(making))
    try:
        await migrating.upgrade(database)
    finally:
        await database.close()
    async with connected(server, making) as connection:
        await fill(connection, scale, say, authority)
    async with connected(server, "postgres") as connection:
        await connection.execute(f'alter database "{making}" rename to "{name}"')
    say(f"... made in {perf_counter() - began:.0f} seconds.")
    return name


def database_name(scale: Scale, authority: str = AUTHORITY) -> str:
    """It tells what the data was made from: other tables or other rules, other data."""
    here = Path(__file__).parent
    sources = [here / "data.py", here / "loading.py"]
    sources += sorted((here.parent / "storage" / "migrations" / "versions").glob("*.py"))
    digest = hashlib.sha256(repr(scale).encode())
    for source in sources:
        digest.update(source.read_bytes())
    kind = "growing" if scale.kernel else "bench"
    if authority != AUTHORITY:
        kind = f"hub_{authority.rpartition(':')[2]}"
    return f"{kind}_{scale.events}_{digest.hexdigest()[:12]}"


def require_room(directory: Path, scale: Scale) -> None:
    needed = BYTES_FOR_AN_EVENT * scale.events + BYTES_FOR_AN_RSVP * scale.rsvps + BYTES_BESIDE
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise NoRoom(
            f"{scale.events:,} events need {needed // 10**6:,} MB at {directory}, and "
            f"{free // 10**6:,} are free. Make room, or name another directory with --data."
        )


@asynccontextmanager
async def connected(
    server: EmbeddedPostgres, database: str
) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(
        host=str(server.socket_directory), user=USER, database=database
    )
    try:
        yield connection
    finally:
        await connection.close()


async def fill(
    connection: "asyncpg.Connection[Any]", scale: Scale, say: Say, authority: str = AUTHORITY
) -> None:
    """All rows, then the indexes, then what PostgreSQL's planner wants to know of them."""
    await connection.execute("set maintenance_work_mem = '512MB'; set synchronous_commit = off")
    indexes = await connection.fetch(_INDEXES, EVERY)
    foreign_keys = await connection.fetch(_FOREIGN_KEYS, EVERY)
    for key in foreign_keys:
        await connection.execute(f"alter table {key['holder']} drop constraint {key['name']}")
    for index in indexes:
        await connection.execute(f"drop index {index['name']}")
    written = 0
    async for table, count, made in ahead(copies(Data(scale))):
        lines = made.replace(AUTHORITY.encode(), authority.encode())
        await connection.copy_to_table(table, columns=COLUMNS[table], source=io.BytesIO(lines))
        if table == "events" and (written + count) // 100_000 > written // 100_000:
            say(f"    {written + count:,} events")
        written += count if table == "events" else 0
    # Whoever answered then was written to then.
    await connection.execute("truncate letters_due")
    # Each of its rows was written again when its RSVPs were counted.
    await connection.execute("vacuum (full) occurrences")
    for index in indexes:
        await connection.execute(index["statement"])
    for key in foreign_keys:
        await connection.execute(
            f"alter table {key['holder']} add constraint {key['name']} {key['says']}"
        )
    await connection.execute("vacuum (freeze, analyze)")


Copy = tuple[str, int, bytes]


def copies(data: Data) -> Iterator[Copy]:
    """What is copied, in turn: the table, how many rows, and their text."""
    for table in FEW:
        yield copied(table, list(getattr(data, table)()))
    for several in data.events():
        for table in HANGING:
            yield copied(table, getattr(several, table))
    rsvps = data.rsvps()
    while several_rsvps := list(islice(rsvps, 20_000)):
        yield copied("rsvps", several_rsvps)


def copied(table: str, rows: list[Row]) -> Copy:
    text = "".join("\t".join(map(written_out, row)) + "\n" for row in rows)
    return table, len(rows), text.encode()


def written_out(value: object) -> str:
    """As COPY reads it: postgresql.org/docs/18/sql-copy.html, "Text Format"."""
    match value:
        case str():
            return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case datetime():
            return value.isoformat()
        case list():
            return "{" + ",".join(value) + "}"
        case _:
            return str(value)


async def ahead(given: Iterator[Copy]) -> AsyncIterator[Copy]:
    """The next is made while this one is written."""
    following = asyncio.create_task(asyncio.to_thread(next, given, None))
    while (this := await following) is not None:
        following = asyncio.create_task(asyncio.to_thread(next, given, None))
        yield this
