"""What a peer hub is told as things change, and what it never hears."""

import base64
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import BigInteger, literal, select, text, update

from domain.actors import NOBODY, Viewer
from domain.events import PublicationStatus
from domain.sharing import Visibility
from federation.mirroring.document import CHANGES as MIRRORED
from resolvers import publishing
from schema.limits import Limits, for_hubs
from schema.root import graphql_schema
from schema.run import Operations
from storage import feeds
from storage.engine import Database
from storage.feed_tables import feeds as feed_tables
from storage.feeds import sealed
from storage.tables import alliances, event_hosts, events, organizations
from storage.visibility import parameters
from tests.cast import Cast, MakeContext, publish, start_group
from tests.plans.abroad import CLINIC, EAST, SCHOOL, East, east_of
from tests.plans.conftest import Door, Heard, Told

CHANGES = """
query Changes($channel: ID, $after: String, $first: Int) {
  changes(channel: $channel, after: $after, first: $first) {
    __typename
    edges {
      __typename cursor at
      node {
        __typename
        ... on Upserted { entity {
          __typename id version visibility
          ... on Event { title hosts { nodes { status organization { id } } } sharedWith { id } links { page } }
          ... on Organization { name }
          ... on Alliance { members { nodes { status organization { id } } } }
        } }
        ... on Removed { id reason }
      }
    }
    pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


class Reader:
    """A peer that goes on from where it was, both ways, and holds what it was told."""

    def __init__(self, door: Door, viewer: Viewer, channel: str | None) -> None:
        self.door, self.viewer, self.channel = door, viewer, channel
        self.after: str | None = None
        self.holds: set[str] = set()

    async def read(self, first: int = 3) -> dict[str, str | None]:
        """What was told: by id, why it left, or nothing for what is there."""
        told: dict[str, str | None] = {}
        is_more = True
        while is_more:
            page = await self.door.both(CHANGES, self.viewer, **self._given(first))
            is_more = self._take(page, told)
        return told

    async def read_on(self, first: int) -> bool:
        """A page, while others write; whether there is more."""
        page = await self.door.ask(CHANGES, self.viewer, **self._given(first))
        return self._take(page, {})

    def _given(self, first: int) -> dict[str, Any]:
        return {"channel": self.channel, "after": self.after, "first": first}

    def _take(self, page: Told, told: dict[str, str | None]) -> bool:
        assert page.planned, page.body
        changes = page.data["changes"]
        for edge in changes["edges"]:
            node = edge["node"]
            if node["__typename"] == "Removed":
                told[node["id"]] = node["reason"]
                self.holds.discard(node["id"])
            else:
                told[node["entity"]["id"]] = None
                self.holds.add(node["entity"]["id"])
        self.after = changes["pageInfo"]["endCursor"]
        return bool(changes["pageInfo"]["hasNextPage"])


MakeReader = Callable[[str | None], Awaitable[Reader]]


@pytest.fixture
def door(context: MakeContext) -> Door:
    """As it is open to hubs."""
    limits = for_hubs(Limits())
    return Door(
        operations=Operations(graphql_schema, limits),
        core=Operations(graphql_schema, limits, planned=False),
        context=context,
    )


@pytest.fixture
async def east(database: Database, cast: Cast) -> East:
    return await east_of(database, cast)


@pytest.fixture
def reading(door: Door, east: East) -> MakeReader:
    """Somebody who has read all there is."""

    async def reader(channel: str | None) -> Reader:
        made = Reader(door, east.viewer, channel)
        await made.read()
        return made

    return reader


def asked_of(heard: Heard) -> list[str]:
    """But for what is said behind the changes before, that feeds moved."""
    notices = ("BEGIN", "ROLLBACK", "COMMIT", "notify")
    return [asked for asked in heard.statements if not asked.startswith(notices)]


async def refused(door: Door, viewer: Viewer, channel: str | None, after: str | None = None) -> str:
    told = await door.both(CHANGES, viewer, channel=channel, after=after, first=10)
    assert told.body["data"] is None
    ((code, path),) = told.errors
    assert path == ["changes"]
    return code


async def test_from_the_start_it_is_told_all_that_is_public(
    reading: MakeReader, cast: Cast
) -> None:
    reader = await reading(None)
    assert reader.holds == {cast.pantry, cast.shelter, cast.library, cast.city_table}
    assert await reader.read() == {}


async def test_an_empty_page_has_a_place_to_go_on_from(
    door: Door, east: East, reading: MakeReader
) -> None:
    reader = await reading(EAST)
    given = {"channel": EAST, "after": reader.after, "first": 10}
    told = await door.both(CHANGES, east.viewer, **given)
    assert told.data["changes"]["edges"] == []
    assert told.data["changes"]["pageInfo"] == {
        "__typename": "PageInfo",
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": reader.after,
    }


async def test_where_nothing_was_ever_published_there_is_a_place_too(
    door: Door, east: East, reading: MakeReader
) -> None:
    await east.write(text("delete from feed_entries"), text("delete from feeds"))
    reader = await reading(EAST)
    assert reader.after
    await east.write(update(alliances).values(version=alliances.c.version + 1))
    assert await reader.read() == {east.cast.city_table: None}


async def test_none_at_a_time_goes_nowhere(door: Door, east: East) -> None:
    told = await door.both(CHANGES, east.viewer, first=0)
    page = told.data["changes"]
    assert page["edges"] == []
    assert page["pageInfo"]["hasNextPage"]
    all_of_it = await door.both(
        CHANGES, east.viewer, after=page["pageInfo"]["endCursor"], first=100
    )
    assert len(all_of_it.data["changes"]["edges"]) == 4


async def test_of_an_event_it_is_told_that_it_was_shared_narrowed_and_unshared(
    reading: MakeReader, cast: Cast, east: East, context: MakeContext
) -> None:
    by_table, in_public = await reading(cast.city_table), await reading(None)
    event = await publish(context, cast.sam, visibility=Visibility.ALLIANCE)
    assert await by_table.read() == {}
    await publishing.share(context(cast.sam), event, [cast.city_table])
    assert await by_table.read() == {event: None}
    wider = update(events).where(events.c.id == event)
    await east.write(wider.values(visibility="PUBLIC", version=events.c.version + 1))
    assert await in_public.read() == {event: None}
    assert await by_table.read() == {event: None}
    await east.write(wider.values(visibility="ALLIANCE", version=events.c.version + 1))
    assert await in_public.read() == {event: "NO_LONGER_VISIBLE"}
    await publishing.unshare(context(cast.sam), event, [cast.city_table])
    assert await by_table.read() == {event: "UNSHARED"}


async def test_what_an_organization_hides_is_gone_with_it(
    reading: MakeReader, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.lee)
    reader = await reading(None)
    assert event in reader.holds
    library = update(organizations).where(organizations.c.id == cast.library)
    await east.write(library.values(visibility="ORGANIZATION"))
    assert await reader.read() == {
        cast.library: "NO_LONGER_VISIBLE",
        event: "NO_LONGER_VISIBLE",
    }


async def test_an_event_that_was_merged_into_another_is_told_as_it_is(
    reading: MakeReader, cast: Cast, east: East, context: MakeContext
) -> None:
    one, other = await publish(context, cast.lee), await publish(context, cast.lee)
    reader = await reading(None)
    await east.write(update(events).where(events.c.id == one).values(replaced_by_id=other))
    assert await reader.read() == {one: None}


async def test_an_event_that_was_merged_into_one_it_does_not_see_has_left_for_it(
    reading: MakeReader, cast: Cast, east: East, context: MakeContext
) -> None:
    """Nothing would say that it is no event beside the others any more."""
    one, other = await publish(context, cast.lee), await publish(context, cast.lee)
    reader = await reading(None)
    stays = update(events).where(events.c.id == other)
    await east.write(stays.values(visibility="ORGANIZATION"))
    assert await reader.read() == {other: "NO_LONGER_VISIBLE"}
    await east.write(update(events).where(events.c.id == one).values(replaced_by_id=other))
    assert await reader.read() == {one: "NO_LONGER_VISIBLE"}
    await east.write(stays.values(visibility="PUBLIC"))
    assert await reader.read() == {one: None, other: None}


async def test_it_never_hears_of_drafts_and_of_what_is_for_the_house(
    reading: MakeReader, cast: Cast, context: MakeContext
) -> None:
    readers = [await reading(channel) for channel in (None, cast.city_table, EAST)]
    await publish(context, cast.sam, visibility=Visibility.ORGANIZATION)
    await publish(context, cast.sam, visibility=Visibility.ALLIANCE)
    draft = await publish(context, cast.sam)
    async with context(cast.sam).database.writing() as db:
        await db.execute(
            update(events)
            .where(events.c.id == draft)
            .values(publication_status=PublicationStatus.DRAFT)
        )
    told = [await reader.read() for reader in readers]
    assert told == [{}, {}, {}] or told == [{draft: "NO_LONGER_VISIBLE"}, {}, {}]


async def test_a_channel_that_is_not_open_is_refused_like_one_that_is_not_there(
    door: Door, cast: Cast, east: East
) -> None:
    for channel in ("aln_01JD8NOWHERE@hub.test", "hub_01JD8WEST@west.test", "nonsense"):
        assert await refused(door, east.viewer, channel) == "CHANNEL_CLOSED"
    assert await refused(door, east.with_scopes("federation:sync"), "nonsense") == "CHANNEL_CLOSED"


@pytest.mark.parametrize("status", ["LEFT", "REMOVED", "SUSPENDED", "INVITED"])
async def test_a_peer_that_stands_in_the_alliance_no_more_is_refused_its_channel(
    door: Door, cast: Cast, east: East, reading: MakeReader, status: str
) -> None:
    reader = await reading(cast.city_table)
    await east.stands(status)
    assert await refused(door, east.viewer, cast.city_table) == "CHANNEL_CLOSED"
    assert await refused(door, east.viewer, cast.city_table, reader.after) == "CHANNEL_CLOSED"


async def test_a_dissolved_alliance_is_told_of_to_the_hubs_of_its_members_alone(
    door: Door, cast: Cast, east: East, reading: MakeReader
) -> None:
    by_name = await reading(EAST)
    await east.write(
        update(alliances)
        .where(alliances.c.id == cast.city_table)
        .values(status="DISSOLVED", visibility="PRIVATE")
    )
    assert await refused(door, east.viewer, cast.city_table) == "CHANNEL_CLOSED"
    told = await by_name.read()
    assert told[cast.city_table] is None
    assert "UNSHARED" not in told.values()


async def test_by_name_it_hears_of_what_it_is_asked_to_host_and_by_whom(
    reading: MakeReader, cast: Cast, east: East, context: MakeContext
) -> None:
    library = update(organizations).where(organizations.c.id == cast.library)
    await east.write(library.values(visibility="PRIVATE"))
    event = await publish(context, cast.lee, visibility=Visibility.ORGANIZATION)
    by_name = await reading(EAST)
    assert by_name.holds == {cast.city_table, cast.pantry}
    await east.is_named(event, "INVITED", SCHOOL)
    assert await by_name.read() == {event: None, cast.library: None}
    await east.write(
        update(event_hosts)
        .where(event_hosts.c.organization_id == SCHOOL)
        .values(status="DECLINED", expires_at=None)
    )
    assert await by_name.read() == {event: "UNSHARED", cast.library: "UNSHARED"}


async def test_another_hub_reads_neither_its_channel_nor_its_things(
    door: Door, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.lee, visibility=Visibility.ORGANIZATION)
    await east.is_named(event)
    for viewer in (NOBODY, cast.anna, east.with_scopes("events:read")):
        told = await door.both(CHANGES, viewer, channel=EAST, first=10)
        assert told.errors[0][0] in ("UNAUTHENTICATED", "INSUFFICIENT_SCOPE")
        assert told.body["data"]["changes"]["edges"] == []


async def test_a_place_of_another_channel_is_none_here(
    door: Door, cast: Cast, east: East, reading: MakeReader
) -> None:
    reader = await reading(None)
    assert await refused(door, east.viewer, cast.city_table, reader.after) == "BAD_USER_INPUT"
    for rubbish in ("rubbish", "W10", reader.after[:-4] if reader.after else ""):
        assert await refused(door, east.viewer, None, rubbish) == "BAD_USER_INPUT"


async def test_nobody_makes_up_where_they_began(
    door: Door, east: East, reading: MakeReader
) -> None:
    """Else a reader could ask what had left before they came."""
    reader = await reading(None)
    assert reader.after is not None
    padded = reader.after + "=" * (-len(reader.after) % 4)
    order, channel, epoch, seq, began, seal = orjson.loads(base64.urlsafe_b64decode(padded))
    for seq_then, began_then in ((seq, 0), (0, 0), (seq - 1, began)):
        made_up = orjson.dumps([order, channel, epoch, seq_then, began_then, seal])
        cursor = base64.urlsafe_b64encode(made_up).decode().rstrip("=")
        assert await refused(door, east.viewer, None, cursor) == "BAD_USER_INPUT"


async def test_after_a_restore_it_reads_from_the_start(
    door: Door, database: Database, east: East, reading: MakeReader
) -> None:
    reader = await reading(None)
    async with database.writing() as db:
        await feeds.begin_anew(db)
    assert await refused(door, east.viewer, None, reader.after) == "RESYNC"


async def test_so_does_who_was_away_longer_than_what_left_is_kept(
    door: Door, database: Database, cast: Cast, east: East, reading: MakeReader
) -> None:
    behind, in_time = await reading(None), await reading(None)
    library = update(organizations).where(organizations.c.id == cast.library)
    await east.write(library.values(visibility="ORGANIZATION"))
    await in_time.read()
    async with database.writing() as db:
        await db.execute(text("update feed_entries set at = at - interval '1 year'"))
        assert await feeds.compact(db, datetime.now(UTC) - timedelta(days=90)) == 1
    assert await refused(door, east.viewer, None, behind.after) == "RESYNC"
    assert await in_time.read() == {}


async def test_a_page_is_one_statement(door: Door, heard: Heard, east: East) -> None:
    for channel in (None, EAST, east.cast.city_table):
        heard.listen()
        told = await door.ask(CHANGES, east.viewer, channel=channel, first=100)
        assert told.planned
        assert told.errors == []
        assert len(asked_of(heard)) == 1


async def test_a_page_is_found_by_index_among_a_hundred_thousand_changes(
    door: Door, east: East, database: Database, database_url: str
) -> None:
    await east.write(
        text("set local statement_timeout = '60s'"),
        text(
            "insert into feed_entries (channel, thing_id, kind, seq, at, removed)"
            " select channel, 'evt_' || n || '@hub.test', 'events', 1000 + n, now(),"
            "   case when n % 10 = 0 then 'DELETED' end"
            " from generate_series(1, 100000) n, unnest(array['public', :alliance]) channel"
        ).bindparams(alliance=east.cast.city_table),
    )
    in_the_middle = await halfway(door, east)
    found = door.plan(CHANGES, east.viewer, after=in_the_middle, first=100)
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        await connection.execute("analyze")
        await connection.execute("set plan_cache_mode = force_generic_plan")
        values = {**parameters(east.viewer), **found.values}
        plan = await connection.fetch(
            f"explain (analyze, timing off, costs off) {found.plan.statement.text}",
            *(values[name] for name in found.plan.statement.names),
        )
    finally:
        await connection.close()
    told = "\n".join(line[0] for line in plan)
    assert "Seq Scan on feed_entries" not in told, told
    looked_at = [int(float(rows)) for rows in re.findall(r"feed_entries.*rows=([\d.]+)", told)]
    assert max(looked_at) <= 101, told


async def halfway(door: Door, east: East) -> str:
    """A place of somebody who has read half of the public channel."""
    page = await door.ask(CHANGES, east.viewer, first=1)
    start = page.data["changes"]["pageInfo"]["endCursor"]
    padded = start + "=" * (-len(start) % 4)
    _, _, epoch, _, began, _ = orjson.loads(base64.urlsafe_b64decode(padded))
    sealed_there = select(
        sealed(feed_tables.c.seal, literal(epoch), literal(50_000, BigInteger), literal(began))
    ).where(feed_tables.c.channel == "public")
    async with east.database.reading() as db:
        seal = await db.scalar(sealed_there)
    place = orjson.dumps(["CHANGES", "public", epoch, 50_000, began, seal])
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


async def test_its_own_part_is_shown_to_it_before_it_is_settled(
    door: Door, east: East, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.lee, visibility=Visibility.ORGANIZATION)
    await east.is_named(event)
    told = await door.both(CHANGES, east.viewer, channel=EAST, first=100)
    nodes = [edge["node"].get("entity", {}) for edge in told.data["changes"]["edges"]]
    (shown,) = (node for node in nodes if node["id"] == event)
    hosts: list[Any] = shown["hosts"]["nodes"]
    assert {(each["organization"]["id"], each["status"]) for each in hosts} == {
        (cast.library, "ACCEPTED"),
        (CLINIC, "INVITED"),
    }


async def test_what_a_mirror_asks_for_is_one_statement_and_the_same_both_ways(
    door: Door, heard: Heard, east: East, cast: Cast, context: MakeContext
) -> None:
    choir = await start_group(context, cast.anna, "soup-choir")
    await publish(context, cast.anna, group_id=choir, share_with=(cast.city_table,))
    for channel in (None, EAST, cast.city_table):
        heard.listen()
        told = await door.ask(MIRRORED, east.viewer, channel=channel, first=1_000)
        assert told.planned
        assert told.errors == []
        assert len(asked_of(heard)) == 1
        by_core = await door.ask_core(MIRRORED, east.viewer, channel=channel, first=1_000)
        assert by_core.answer.body == told.answer.body
