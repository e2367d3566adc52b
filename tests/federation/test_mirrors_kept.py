"""What becomes of a page of a peer's feed in the tables of this hub."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from domain.hubs import LocalHub
from domain.ids import Kind, ulid
from domain.peering import PeeringStatus
from federation.mirroring.reading import read_page
from storage import mirrors, peers
from storage import tables as t
from storage.engine import Database
from storage.peer_tables import joined_elsewhere, mirror_entries, mirror_refusals, peerings
from storage.peers import Peer
from tests.cast import Cast, MakeContext, publish
from tests.federation.telling import Said, Telling, connection, page, removed, told, upserted
from tests.outside import SeededChance, StandingClock

THERE = "there.test"
POLL = timedelta(seconds=30)
Rows = Callable[..., Awaitable[list[dict[str, Any]]]]


class Mirror:
    """This hub's side of a peering: pages come in, one after the other."""

    def __init__(self, database: Database, clock: StandingClock, hub_id: str) -> None:
        self.database, self.clock, self.hub_id = database, clock, hub_id
        self._count = 0

    async def take(self, body: bytes, channel: str = "public") -> mirrors.Place:
        async with self.database.writing() as db:
            await mirrors.open_channels(db, self.hub_id, [channel])
            place = (await mirrors.places(db, self.hub_id))[channel]
            read = read_page(body, THERE, place.cursor, 1_000)
            return await mirrors.apply(db, place, read, self.clock.now(), POLL)

    async def hear(self, *things: Said, channel: str = "public", more: bool = False) -> None:
        self._count += 1
        await self.take(told(*things, cursor=f"cursor-{self._count}", more=more), channel)

    async def hear_changes(self, *changes: Said, channel: str = "public") -> None:
        self._count += 1
        await self.take(page(*changes, cursor=f"cursor-{self._count}"), channel)

    async def begin_anew(self, channel: str = "public") -> None:
        async with self.database.writing() as db:
            await mirrors.begin_anew(db, self.hub_id, channel)

    async def rows(self, table: Table, **asked: Any) -> list[dict[str, Any]]:
        wanted = select(table).where(*(table.c[name] == value for name, value in asked.items()))
        async with self.database.reading() as db:
            # `infinity` is no datetime of Python's.
            shown = [c for c in table.c if c.name not in {"search", "over_at", "follows_at"}]
            return [
                dict(row) for row in (await db.execute(wanted.with_only_columns(*shown))).mappings()
            ]

    async def row(self, table: Table, **asked: Any) -> dict[str, Any]:
        (found,) = await self.rows(table, **asked)
        return found

    async def reasons(self) -> dict[str, str]:
        return {row["thing_id"]: row["reason"] for row in await self.rows(mirror_refusals)}


@pytest.fixture
async def mirror(database: Database, hub: LocalHub, clock: StandingClock) -> Mirror:
    hub_id = f"hub_{ulid(clock.now(), SeededChance('there').token_bytes(10))}@{THERE}"
    async with database.writing() as db:
        await peers.keep(db, a_peer(hub_id, THERE, clock), clock.now())
    return Mirror(database, clock, hub_id)


def a_peer(hub_id: str, authority: str, clock: StandingClock) -> Peer:
    url, now = f"https://{authority}", clock.now()
    return Peer(
        hub_id=hub_id,
        authority=authority,
        url=url,
        name=f"Hub {authority}",
        software="another/1",
        status=PeeringStatus.ACTIVE,
        since=now,
        we_agreed_at=now,
        they_agreed_at=now,
        suspended_why=None,
        graphql_url=f"{url}/graphql",
        issuer=url,
        token_endpoint=f"{url}/token",
        client_id=f"{url}/client",
        poke_url=None,
        schema_version="1",
        most_a_page=1_000,
        jwks_uri=f"{url}/jwks",
        client_jwks_uri=f"{url}/client-keys",
        thumbprints=(),
        client_thumbprints=(),
        keys_replaced_at=None,
        looked_at=now,
        last_synced_at=None,
        faults=0,
        last_error=None,
        last_error_at=None,
    )


there = Telling(THERE)


async def test_an_organization_and_its_event_are_kept_as_they_were_told(mirror: Mirror) -> None:
    mosque = there.organization()
    house = there.event(mosque["id"], identifiers=[{"system": "ical", "value": "uid-1"}])

    await mirror.hear(mosque, house)

    assert await mirror.reasons() == {}
    kept = await mirror.row(t.events, id=house["id"])
    assert kept["title"] == "Open house"
    assert kept["hub_id"] == mirror.hub_id
    assert kept["synced_at"] == mirror.clock.now()
    assert kept["translations"] == {"es": {"title": "Puertas abiertas"}}
    assert kept["starts_at"].isoformat() == "2027-03-06T14:00:00+00:00"
    assert kept["owner_visibility"] == "PUBLIC"
    assert kept["geo_cell"] is not None
    assert (await mirror.row(t.event_hosts, event_id=house["id"]))["role"] == "HOST"
    date = await mirror.row(t.occurrences, event_id=house["id"])
    assert (date["accepted"], date["title"], date["overrides"]) == (7, None, [])
    assert (await mirror.row(t.identifiers, subject_id=house["id"]))["value"] == "uid-1"


async def test_what_is_told_is_found_by_its_words_in_each_language(mirror: Mirror) -> None:
    mosque = there.organization()
    house = there.event(mosque["id"])

    await mirror.hear(mosque, house)

    async with mirror.database.reading() as db:
        for words in ("open houses", "puertas", "river city"):
            asked = select(t.events.c.id).where(
                t.events.c.search.op("@@")(func.convoke_query(words))
            )
            assert await db.scalar(asked) == house["id"], words


async def test_the_same_page_twice_changes_nothing(mirror: Mirror) -> None:
    mosque = there.organization()
    alliance = there.alliance(mosque["id"], agreements=[there.agreement(mosque["id"])])
    group = there.group(mosque["id"], sharedWith=[{"id": alliance["id"]}])
    house = there.event(mosque["id"], sharedWith=[{"id": alliance["id"]}], group=None)
    things = (mosque, alliance, group, house)
    await mirror.hear(*things)
    before = await everything(mirror)

    await mirror.hear(*things)

    assert await everything(mirror) == before


async def everything(mirror: Mirror) -> dict[str, list[str]]:
    tables = (
        t.organizations,
        t.alliances,
        t.groups,
        t.events,
        t.event_hosts,
        t.event_shares,
        t.group_shares,
        t.occurrences,
        t.alliance_members,
        t.agreements,
        t.agreement_acceptances,
        t.identifiers,
        mirror_entries,
        mirror_refusals,
    )
    return {table.name: sorted(map(str, await mirror.rows(table))) for table in tables}


async def test_an_old_version_after_a_new_one_changes_nothing(mirror: Mirror) -> None:
    mosque = there.organization()
    new = there.event(mosque["id"], version=3, title="New")
    await mirror.hear(mosque, new)
    before = await everything(mirror)

    await mirror.hear(new | {"version": 2, "title": "Old", "hosts": connection()})

    after = await everything(mirror)
    assert after.pop("mirror_refusals") != before.pop("mirror_refusals")
    assert after == before
    assert "a later one" in (await mirror.reasons())[new["id"]]


async def test_read_anew_a_version_may_have_fallen_as_after_a_restore(mirror: Mirror) -> None:
    mosque = there.organization()
    event = there.event(mosque["id"], version=3, title="New")
    await mirror.hear(mosque, event)

    await mirror.begin_anew()
    await mirror.hear(mosque, event | {"version": 2, "title": "As restored"})

    assert (await mirror.row(t.events, id=event["id"]))["title"] == "As restored"


async def test_dates_and_hosts_become_what_is_told_last(mirror: Mirror) -> None:
    mosque, other = there.organization(), there.organization()
    first, second = there.date(), there.date(recurrenceId="2027-03-13T09:00:00-05:00")
    event = there.event(
        mosque["id"],
        recurrence={"rrule": "FREQ=WEEKLY;COUNT=2", "dates": [], "exceptions": []},
        hosts=connection(there.host(mosque["id"], role="HOST"), there.host(other["id"])),
        occurrences=connection(first, second),
    )
    await mirror.hear(mosque, other, event)
    # The two dates change places, and the co-host is gone.
    swapped = connection(
        first | {"recurrenceId": second["recurrenceId"]},
        second | {"recurrenceId": first["recurrenceId"]},
    )

    await mirror.hear(
        event | {"occurrences": swapped, "hosts": connection(event["hosts"]["nodes"][0])}
    )

    dates = {
        row["id"]: row["recurrence_id"].day
        for row in await mirror.rows(t.occurrences, event_id=event["id"])
    }
    assert dates == {first["id"]: 13, second["id"]: 6}
    assert len(await mirror.rows(t.event_hosts, event_id=event["id"])) == 1


async def test_what_is_removed_is_forgotten_with_its_parts(mirror: Mirror) -> None:
    mosque = there.organization()
    event = there.event(mosque["id"])
    await mirror.hear(mosque, event)

    await mirror.hear_changes(removed(event["id"]))

    assert await mirror.rows(t.events) == []
    assert await mirror.rows(t.occurrences) == []
    assert await mirror.rows(t.event_hosts) == []
    assert len(await mirror.rows(t.organizations)) == 1


async def test_what_another_channel_holds_stays(mirror: Mirror) -> None:
    mosque = there.organization()
    alliance = there.alliance(mosque["id"])
    event = there.event(mosque["id"])
    await mirror.hear(mosque, alliance, event)
    await mirror.hear(mosque, alliance, event, channel=alliance["id"])

    await mirror.hear_changes(removed(event["id"]))
    assert len(await mirror.rows(t.events)) == 1

    async with mirror.database.writing() as db:
        await mirrors.purge_channel(db, mirror.hub_id, alliance["id"])
    assert await mirror.rows(t.events) == []
    assert len(await mirror.rows(t.alliances)) == 1  # by the public channel


async def test_what_is_not_met_again_is_forgotten(mirror: Mirror) -> None:
    mosque = there.organization()
    stays, goes = there.event(mosque["id"]), there.event(mosque["id"])
    await mirror.hear(mosque, stays, goes)

    await mirror.begin_anew()
    await mirror.hear(mosque, more=True)
    assert len(await mirror.rows(t.events)) == 2  # until the end is reached
    await mirror.hear(stays)

    assert [row["id"] for row in await mirror.rows(t.events)] == [stays["id"]]


async def test_what_is_referred_to_is_a_bare_row_until_it_is_told(mirror: Mirror) -> None:
    mosque = there.organization()
    alliance = there.alliance(mosque["id"])
    group = there.group(mosque["id"])
    event = there.event(
        mosque["id"],
        group={"id": group["id"], "organization": there.named(mosque["id"])},
        sharedWith=[{"id": alliance["id"]}],
    )

    await mirror.hear(event)
    bare = await mirror.row(t.organizations, id=mosque["id"])
    assert (bare["visibility"], bare["version"], bare["synced_at"]) == ("PRIVATE", 0, None)
    assert (await mirror.row(t.events, id=event["id"]))["owner_visibility"] == "PRIVATE"
    await mirror.hear(mosque, alliance, group)

    kept = await mirror.row(t.events, id=event["id"])
    assert (kept["owner_visibility"], kept["group_id"]) == ("PUBLIC", group["id"])
    assert (await mirror.row(t.event_shares))["alliance_id"] == alliance["id"]
    assert (await mirror.row(t.groups, id=group["id"]))["member_count"] == 3


async def test_a_part_that_names_an_organization_of_an_unknown_hub_is_left_out(
    mirror: Mirror,
) -> None:
    mosque, stranger = there.organization(), Telling("nowhere.test").organization()
    event = there.event(
        mosque["id"],
        hosts=connection(there.host(mosque["id"], role="HOST"), there.host(stranger["id"])),
    )

    await mirror.hear(mosque, event)

    (host,) = await mirror.rows(t.event_hosts)
    assert host["organization_id"] == mosque["id"]
    assert await mirror.rows(t.organizations, id=stranger["id"]) == []


async def test_of_another_peers_organization_only_the_id_is_kept(
    mirror: Mirror, database: Database, clock: StandingClock
) -> None:
    third = Telling("third.test")
    hub_id = third.id(Kind.HUB)
    async with database.writing() as db:
        await peers.keep(db, a_peer(hub_id, "third.test", clock), clock.now())
    mosque, other = there.organization(), third.organization()
    event = there.event(
        mosque["id"],
        hosts=connection(there.host(mosque["id"], role="HOST"), there.host(other["id"])),
    )

    await mirror.hear(mosque, event)

    bare = await mirror.row(t.organizations, id=other["id"])
    assert (bare["name"], bare["hub_id"], bare["visibility"]) == ("third.test", hub_id, "PRIVATE")

    await mirror.hear_changes(removed(event["id"]))
    assert await mirror.rows(t.organizations, id=other["id"]) == []


async def test_nobody_joins_an_alliance_elsewhere_for_us(mirror: Mirror, cast: Cast) -> None:
    mosque = there.organization()
    ours = there.member(cast.pantry)
    alliance = there.alliance(mosque["id"], members=connection(there.member(mosque["id"]), ours))

    await mirror.hear(mosque, alliance)
    kept = await mirror.row(t.alliance_members, id=ours["id"])
    assert (kept["status"], kept["joined_at"]) == ("INVITED", None)
    assert "nobody here did" in (await mirror.reasons())[alliance["id"]]

    async with mirror.database.writing() as db:
        joining = {"thing_id": alliance["id"], "organization_id": cast.pantry}
        await db.execute(insert(joined_elsewhere).values(**joining, at=mirror.clock.now()))
    await mirror.hear(alliance)
    assert (await mirror.row(t.alliance_members, id=ours["id"]))["status"] == "ACTIVE"


@pytest.mark.parametrize("taken_on", ["event", "place"])
async def test_nobody_takes_a_place_on_an_event_elsewhere_for_us(
    mirror: Mirror, cast: Cast, taken_on: str
) -> None:
    mosque = there.organization()
    ours = there.host(cast.pantry, status="ACCEPTED")
    event = there.event(mosque["id"], hosts=connection(there.host(mosque["id"], role="HOST"), ours))

    await mirror.hear(mosque, event)
    kept = await mirror.row(t.event_hosts, id=ours["id"])
    assert (kept["status"], kept["responded_at"]) == ("INVITED", None)
    assert "nobody here took that on" in (await mirror.reasons())[event["id"]]

    async with mirror.database.writing() as db:
        thing = event if taken_on == "event" else ours
        joining = {"thing_id": thing["id"], "organization_id": cast.pantry}
        await db.execute(insert(joined_elsewhere).values(**joining, at=mirror.clock.now()))
    await mirror.hear(event)
    assert (await mirror.row(t.event_hosts, id=ours["id"]))["status"] == "ACCEPTED"


async def test_nobody_makes_us_the_convener(mirror: Mirror, cast: Cast) -> None:
    alliance = there.alliance(cast.pantry)

    await mirror.hear(alliance)

    assert await mirror.rows(t.alliances, id=alliance["id"]) == []
    assert "nobody here" in (await mirror.reasons())[alliance["id"]]


async def test_two_things_are_not_called_the_same(mirror: Mirror) -> None:
    first, second = there.organization(slug="mosque"), there.organization(slug="mosque")
    await mirror.hear(first)

    await mirror.hear(second)

    assert [row["id"] for row in await mirror.rows(t.organizations)] == [first["id"]]
    assert (await mirror.reasons())[second["id"]] == "slug: another thing is called so"


async def test_the_end_of_a_peering_leaves_what_is_ours_alone(
    mirror: Mirror, cast: Cast, context: MakeContext
) -> None:
    drive = await publish(context, cast.anna)
    before = await everything(mirror)
    mosque = there.organization()
    alliance = there.alliance(mosque["id"])
    event = there.event(mosque["id"], sharedWith=[{"id": alliance["id"]}])
    await mirror.hear(mosque, alliance, event)
    async with mirror.database.writing() as db:  # a co-host of another hub on an event of ours
        await db.execute(
            insert(t.event_hosts).values(
                id="evh_01JD8000000000000000000000@hub.test",
                event_id=drive,
                organization_id=mosque["id"],
                role="CO_HOST",
                status="INVITED",
                initiated_by="OWNER",
                may_edit="NONE",
                attendee_sharing="NONE",
                created_at=mirror.clock.now(),
            )
        )

    async with mirror.database.writing() as db:
        await mirrors.purge_peer(db, mirror.hub_id)

    bare = await mirror.row(t.organizations, id=mosque["id"])
    assert (bare["name"], bare["visibility"], bare["version"]) == (THERE, "PRIVATE", 0)
    after = await everything(mirror)
    assert [row for row in after.pop("event_hosts") if mosque["id"] not in row] == before.pop(
        "event_hosts"
    )
    assert len(after.pop("organizations")) == len(before.pop("organizations")) + 1
    assert after == before


async def test_what_a_peer_says_of_ours_is_never_kept(mirror: Mirror, cast: Cast) -> None:
    before = await everything(mirror)
    pantry = there.organization(id=cast.pantry, name="Taken over")

    await mirror.hear(pantry)

    after = await everything(mirror)
    after.pop("mirror_refusals")
    before.pop("mirror_refusals")
    assert after == before
    assert await mirror.reasons() == {cast.pantry: "id: speaks for another hub's id"}


async def test_nothing_of_a_hub_that_is_no_peer_is_kept(mirror: Mirror) -> None:
    async with mirror.database.writing() as db:
        peer = await peers.lock(db, mirror.hub_id)
        assert peer is not None
        await mirrors.open_channels(db, mirror.hub_id, ["public"])
        await db.execute(peerings.update().values(status=PeeringStatus.SUSPENDED.value))

    with pytest.raises(mirrors.Elsewhere):
        await mirror.hear(there.organization())

    assert await mirror.rows(t.organizations) == []


async def test_refusals_are_kept_to_a_bounded_number(mirror: Mirror) -> None:
    liars = Telling("elsewhere.test")
    for n in range(3):
        await mirror.hear(
            *(liars.organization() for _ in range(500)), channel=f"public{n}" if n else "public"
        )

    assert len(await mirror.rows(mirror_refusals)) == 1_000


def test_upserted_and_told_say_the_same() -> None:
    thing = there.organization()
    assert told(thing) == page(upserted(thing))
