"""A peer that goes page by page, while four others write, ends with exactly what policy lets it see."""

import asyncio
import random

import asyncpg
from sqlalchemy import select

from domain import policy
from storage import reach
from storage.engine import Database
from storage.tables import alliances, events, groups, organizations
from tests.cast import Cast, MakeContext, publish, start_group
from tests.plans.abroad import EAST, East
from tests.plans.conftest import Door
from tests.plans.test_feed import Reader
from tests.plans.test_feed import door as door  # open to hubs
from tests.plans.test_feed import east as east

WRITERS, CHANGES = 4, 30
VISIBILITIES = ("PUBLIC", "UNLISTED", "ALLIANCE", "ORGANIZATION", "PRIVATE")
# What may happen to things at any time, in any order; $1 is chance, from 0 to 1.
HAPPENINGS = (
    "update events set visibility = ($2::text[])[1 + floor($1 * 5)::int], version = version + 1"
    " where id = $3",
    "update organizations set visibility = ($2::text[])[1 + floor($1 * 5)::int],"
    " version = version + 1 where id = (select organization_id from events where id = $3)",
    "update alliance_members set status = case when $1 < 0.7 then 'ACTIVE' else 'SUSPENDED' end"
    " where organization_id = (select organization_id from events where id = $3)"
    " and cardinality($2::text[]) > 0",
    "update events set publication_status = case when $1 < 0.7 then 'PUBLISHED' else 'DRAFT' end,"
    " version = version + 1 where id = $3 and cardinality($2::text[]) > 0",
    "update event_hosts set status = case when $1 < 0.5 then 'ACCEPTED' else 'WITHDRAWN' end,"
    " expires_at = null where event_id = $3 and organization_id like '%@east.test'"
    " and cardinality($2::text[]) > 0",
)


async def writer(url: str, things: list[str], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - any order will do, and the same again
    connection = await asyncpg.connect(url)
    try:
        for _ in range(CHANGES):
            async with connection.transaction():
                # One lock at a time, so that nobody waits in a circle.
                happening = chance.choice(HAPPENINGS)
                given = chance.random(), VISIBILITIES, chance.choice(things)
                await connection.execute(happening, *given)
            await asyncio.sleep(chance.random() * 0.01)
    finally:
        await connection.close()


async def test_whoever_reads_while_others_write_ends_with_what_policy_says(
    door: Door, database: Database, cast: Cast, east: East, context: MakeContext
) -> None:
    things = [
        await publish(context, who, share_with=(cast.city_table,) if who != cast.lee else ())
        for who in (cast.anna, cast.sam, cast.lee)
        for _ in range(3)
    ]
    await start_group(context, cast.anna, "cooks")
    for each in things[::2]:
        await east.is_named(each)
    readers = [Reader(door, east.viewer, channel) for channel in (None, cast.city_table, EAST)]
    url = database.url.replace("+asyncpg", "")
    writing = asyncio.gather(*(writer(url, things, seed) for seed in range(WRITERS)))
    while not writing.done():
        for reader in readers:
            await reader.read_on(first=2)
    await writing
    for reader in readers:
        while await reader.read_on(first=3):
            pass
    held = set().union(*(reader.holds for reader in readers))
    finds, sees = await allowed(database, east)
    assert finds <= held <= sees
    assert finds
    assert len(sees) < len(things) + 5  # something was hidden


async def allowed(database: Database, east: East) -> tuple[set[str], set[str]]:
    """Of all there is here: what policy lets the peer meet, and what it lets it open."""
    finds, sees = set(), set()
    kinds = (
        (organizations, reach.organization),
        (groups, reach.group),
        (events, reach.event),
        (alliances, reach.alliance),
    )
    async with database.reading() as db:
        for table, facts_of in kinds:
            ours = select(table.c.id).where(table.c.hub_id != EAST).order_by(table.c.id)
            for identifier in (await db.scalars(ours)).all():
                thing = await facts_of(db, identifier)
                assert thing is not None
                if policy.finds(east.viewer, thing):
                    finds.add(identifier)
                if policy.sees(east.viewer, thing):
                    sees.add(identifier)
    return finds, sees
