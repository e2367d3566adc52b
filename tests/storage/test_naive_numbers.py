"""A number taken while rows are written loses changes to whoever reads behind the last they met; the feed's,
given as transactions end, loses none of 50,000 by eight writers."""

import asyncio
import random
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import insert, select, text

from storage import feeds
from storage.engine import Database, Writing
from storage.feeds import PUBLIC, Place
from storage.tables import events, groups, organizations
from tests.cast import Cast, MakeContext, publish, start_group

WRITERS, CHANGES = 8, 50_000
# Several in each transaction, so that it takes half a minute: what is numbered is each of them.
A_TRANSACTION = 50
# In this order everywhere, so that nobody waits in a circle.
TABLES = ("events", "groups", "organizations")
NAIVE = "create table naive (seq bigserial primary key, thing text not null)"


VERSIONS = text(
    " union all ".join(
        f"select id, version from {table} where id = any(cast(:ids as text[]))"  # noqa: S608
        for table in TABLES
    )
)


def plain(database: Database) -> str:
    return database.url.replace("+asyncpg", "")


async def like(db: Writing, count: int) -> dict[str, list[str]]:
    """As many things of each kind, for everybody, as there is one of."""
    made = {}
    for table, prefix in ((events, "evt"), (groups, "grp"), (organizations, "org")):
        left_out = {"search", "over_at", "follows_at"}
        shown = [c for c in table.c if c.name not in left_out]
        one = select(*shown).where(table.c.visibility == "PUBLIC").limit(1)
        row = dict((await db.execute(one)).mappings().one())
        if table is events:
            row["over_at"] = row["starts_at"]
        ids = [f"{prefix}_{number:026d}@hub.test" for number in range(count)]
        named = [{"slug": f"of-many-{n}"} if "slug" in table.c else {} for n in range(count)]
        rows = [{**row, "id": each, **name} for each, name in zip(ids, named, strict=True)]
        await db.execute(insert(table), rows)
        made[table.name] = ids
    return made


class Undone(Exception):  # noqa: N818 - meant to be
    """A transaction that comes to nothing."""


@dataclass
class Writers:
    url: str
    things: dict[str, list[str]]
    kept: int = 0
    # The first number of all is held until the reader has met one that was given after it.
    held: list[int] = field(default_factory=list)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    is_passed_by: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - any order will do, and the same again
        connection = await asyncpg.connect(self.url)
        try:
            if seed == 0:
                await self._one_that_lasts(connection)
            for _ in range(CHANGES // WRITERS // A_TRANSACTION):
                await self._transaction(connection, chance)
        finally:
            await connection.close()

    async def _one_that_lasts(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        async with connection.transaction():
            numbered = "insert into naive (thing) values ('the first') returning seq"
            self.held.append(await connection.fetchval(numbered))
            self.has_begun.set()
            await self.is_passed_by.wait()

    async def _transaction(
        self, connection: "asyncpg.Connection[asyncpg.Record]", chance: random.Random
    ) -> None:
        """Longer or shorter; one in ten is undone at its end, and made again."""
        await self.has_begun.wait()
        is_undone = chance.random() < 0.1
        while True:
            try:
                async with connection.transaction():
                    await self._change(connection, chance)
                    if is_undone:
                        raise Undone
            except Undone:
                is_undone = False
                continue
            self.kept += A_TRANSACTION
            return

    async def _change(
        self, connection: "asyncpg.Connection[asyncpg.Record]", chance: random.Random
    ) -> None:
        counts = {"events": 4, "groups": 32, "organizations": A_TRANSACTION - 36}
        for table in TABLES:
            some = sorted(chance.sample(self.things[table], counts[table]))
            in_order = f"select from {table} where id = any($1) order by id for update"
            changed = f"update {table} set version = version + 1 where id = any($1)"  # noqa: S608
            await connection.execute(in_order, some)
            await connection.execute(changed, some)
            await connection.execute("insert into naive (thing) select unnest($1::text[])", some)
        if chance.random() < 0.3:
            await connection.execute("select pg_sleep($1)", chance.random() * 0.01)


@dataclass
class Readers:
    """One of the feed, as peers read it, and one of the naive table: each goes on behind the last number
    it met, in the same transaction."""

    database: Database
    place: Place | None = None
    last: int = 0
    told: list[int] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    met: set[int] = field(default_factory=set)

    async def read(self) -> bool:
        """Whether there was something."""
        async with self.database.reading() as db:
            page = await feeds.since(db, PUBLIC, self.place, 500)
            ids = [entry.thing_id for entry in page.entries]
            if ids:
                found = await db.execute(VERSIONS, {"ids": ids})
                self.known.update((row.id, row.version) for row in found)
            behind = text("select seq from naive where seq > :last order by seq")
            numbers = (await db.scalars(behind, {"last": self.last})).all()
        self.told.extend(entry.seq for entry in page.entries)
        self.place = page.place
        self.met.update(numbers)
        self.last = numbers[-1] if numbers else self.last
        return bool(ids or numbers)


async def test_a_number_taken_while_rows_are_written_is_passed_by(database: Database) -> None:
    """Two writers and a reader, one step after another."""
    first, second, reader = [await asyncpg.connect(plain(database)) for _ in range(3)]
    try:
        await first.execute(NAIVE)
        long = first.transaction()
        await long.start()
        await first.execute("insert into naive (thing) values ('begun first')")
        await second.execute("insert into naive (thing) values ('ended first')")
        behind = "select seq, thing from naive where seq > $1 order by seq"
        met = await reader.fetch(behind, 0)
        await long.commit()
        met += await reader.fetch(behind, met[-1]["seq"])
        assert [row["thing"] for row in met] == ["ended first"]
        assert await reader.fetchval("select count(*) from naive") == 2
    finally:
        for each in (first, second, reader):
            await each.close()


async def test_of_fifty_thousand_changes_by_eight_the_feed_loses_none_and_a_sequence_some(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    await start_group(context, cast.anna, "cooks")
    await publish(context, cast.lee)
    async with database.writing() as db:
        await db.execute(text(NAIVE))
        things = await like(db, 300)
    readers, writers = Readers(database), Writers(plain(database), things)
    while await readers.read():
        pass
    assert readers.place is not None
    head = readers.place.seq

    writing = asyncio.gather(*(writers.write(seed) for seed in range(WRITERS)))
    while not writing.done():
        await readers.read()
        if writers.held and readers.last > writers.held[0]:
            writers.is_passed_by.set()
        await asyncio.sleep(0.1)
    await writing
    while await readers.read():
        pass

    assert writers.kept == CHANGES
    async with database.reading() as db:
        every = [each for some in things.values() for each in some]
        found = await db.execute(VERSIONS, {"ids": every})
        final = {row.id: row.version for row in found}
        written = set((await db.scalars(text("select seq from naive"))).all())
    # Ours: the last change of everything was told, each number is higher than the one before, and
    # there is one for each change that was kept and for none that was undone.
    assert {each: readers.known[each] for each in final} == final
    assert readers.told == sorted(set(readers.told))
    assert readers.place.seq - head == CHANGES
    # A sequence: what was begun first and ended later is never met.
    assert writers.held[0] in written - readers.met
