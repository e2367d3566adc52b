"""Publishing and changing events, as the people who do it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Invalid, NotFound, Problem, Refused, Stale, Taken
from domain.events import (
    Accessibility,
    AccessibilityStatus,
    AttendanceMode,
    Event,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.identifiers import Identifier
from domain.people import Contact
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import events
from resolvers.events import EventChanges
from storage import events as stored
from storage.engine import Database
from storage.tables import audit_entries, event_hosts, event_shares, identifiers, occurrences
from tests.cast import ENDS, RIVER_CITY, STARTS, Cast, MakeContext, food_drive, publish, start_group
from tests.conftest import Contents
from tests.outside import MONDAY, StandingClock


async def kept(database: Database, event_id: str) -> Event:
    async with database.reading() as db:
        event = await stored.by_id(db, event_id)
    assert event is not None
    return event


async def rows(database: Database, statement: Any) -> list[tuple[Any, ...]]:
    async with database.reading() as db:
        return [tuple(row) for row in await db.execute(statement)]


async def test_anna_publishes_an_event_and_everything_about_it_is_kept(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    group = await start_group(context, cast.anna, "cooks")
    said: dict[str, Any] = {
        "title": "Big food drive",
        "summary": "Bring a can.",
        "description": "<p>Bring <b>two</b> cans.</p>",
        "translations": {"es": {"title": "Colecta", "summary": "Trae una lata."}},
        "recurrence": Recurrence(
            "FREQ=WEEKLY;COUNT=3", (STARTS + timedelta(days=3),), (STARTS + timedelta(days=7),)
        ),
        "all_day": False,
        "attendance_mode": AttendanceMode.HYBRID,
        "place": RIVER_CITY,
        "online_url": "https://meet.example/drive",
        "accessibility": Accessibility(AccessibilityStatus.PARTLY, "One step.", ("ramp",)),
        "causes": ("food",),
        "languages": ("en", "es"),
        "is_free": True,
        "capacity": 80,
        "join_mode": JoinMode.EXTERNAL,
        "registration_url": "https://sign.example/up",
        "contact": Contact("Anna", "anna@pantry.example", "+1 812 555 0100", None),
        "visibility": Visibility.ALLIANCE,
    }
    event_id = await publish(
        context,
        cast.anna,
        group_id=group,
        share_with=(cast.city_table,),
        identifiers=(Identifier("ical", "drive-1"),),
        **said,
    )
    event = await kept(database, event_id)
    assert {name: getattr(event, name) for name in said} == said
    assert (event.organization_id, event.group_id, event.version) == (cast.pantry, group, 1)
    assert (event.starts_at, event.ends_at, event.updated_at) == (STARTS, ENDS, MONDAY)
    assert event.publication_status is PublicationStatus.PUBLISHED
    hosts = select(event_hosts.c.organization_id, event_hosts.c.role, event_hosts.c.status)
    assert await rows(database, hosts) == [(cast.pantry, "HOST", "ACCEPTED")]
    shares = select(event_shares.c.event_id, event_shares.c.alliance_id)
    assert await rows(database, shares) == [(event_id, cast.city_table)]
    names = select(identifiers.c.subject_id, identifiers.c.system, identifiers.c.value)
    assert await rows(database, names) == [(event_id, "ical", "drive-1")]
    dates = select(occurrences.c.starts_at).order_by(occurrences.c.starts_at)
    assert await rows(database, dates) == [
        (STARTS,),
        (STARTS + timedelta(days=3),),
        (STARTS + timedelta(days=13, hours=23),),  # 9:00 there, after the clocks went forward
    ]


async def test_who_did_it_through_what_is_written_down(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    ctx = context(cast.pantry_app)
    await events.update(ctx, event_id, 1, {"title": "Food drive!", "ends_at": None})
    who = (
        audit_entries.c.action,
        audit_entries.c.person_id,
        audit_entries.c.organization_id,
        audit_entries.c.client_id,
        audit_entries.c.detail,
    )
    about = select(*who).where(audit_entries.c.subject_id == event_id).order_by("action")
    assert await rows(database, about) == [
        ("event.created", cast.anna_id, cast.pantry, "app", None),
        ("event.updated", None, cast.pantry, "pantry-website", "endsAt, title"),
    ]
    request = select(audit_entries.c.request_id).where(audit_entries.c.action == "event.updated")
    assert await rows(database, request) == [(ctx.request_id,)]


async def test_a_draft_is_not_published(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, publish=False)
    assert (await kept(database, event_id)).publication_status is PublicationStatus.DRAFT


async def test_only_the_fields_that_were_given_change(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, summary="Bring a can.", capacity=80)
    before = await kept(database, event_id)
    later = clock.forward(hours=1)
    changes: EventChanges = {"title": "Feast", "summary": None, "causes": None}
    assert await events.update(context(cast.anna), event_id, 1, changes) == event_id
    after = await kept(database, event_id)
    assert (after.title, after.summary, after.version, after.updated_at) == (
        "Feast",
        None,
        2,
        later,
    )
    unchanged = ("starts_at", "ends_at", "capacity", "place", "visibility", "created_at", "id")
    assert [getattr(after, name) for name in unchanged] == [
        getattr(before, name) for name in unchanged
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": EventStatus.CANCELLED},
        {"status": EventStatus.RESCHEDULED, "starts_at": STARTS + timedelta(minutes=30)},
        {"recurrence": Recurrence("FREQ=DAILY;COUNT=2"), "capacity": 5, "is_free": False},
        {"place": None, "attendance_mode": AttendanceMode.ONLINE, "online_url": "https://a.b/c"},
        {"time_zone": "Europe/Berlin", "all_day": True, "languages": ("de",)},
        {"translations": {"de": {"title": "Sammlung"}}, "contact": None},
        {"visibility": Visibility.PRIVATE},
        {"accessibility": Accessibility(AccessibilityStatus.ACCESSIBLE)},
    ],
)
async def test_the_host_may_change_any_of_it(
    context: MakeContext, cast: Cast, database: Database, changes: EventChanges
) -> None:
    event_id = await publish(context, cast.anna)
    await events.update(context(cast.anna), event_id, 1, changes)
    after = await kept(database, event_id)
    assert {name: getattr(after, name) for name in changes} == changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, ("title",)),
        ({"starts_at": None}, ("startsAt",)),
        ({"time_zone": None}, ("timeZone",)),
        ({"visibility": None}, ("visibility",)),
        ({"status": None}, ("status",)),
        ({"title": " "}, ("title",)),
        ({"ends_at": STARTS}, ("endsAt",)),
        ({"capacity": 0}, ("capacity",)),
        ({"time_zone": "Mars/Olympus"}, ("timeZone",)),
        ({"online_url": "javascript:alert(1)"}, ("onlineUrl",)),
        ({"visibility": Visibility.GROUP}, ("group",)),
        ({"join_mode": JoinMode.EXTERNAL}, ("registrationUrl",)),
        ({"recurrence": Recurrence("FREQ=SECONDLY")}, ("recurrence", "rrule")),
        ({"place": Place(latitude=1.0)}, ("place", "latitude")),
        ({"place": Place(country="Germany")}, ("place", "country")),
        ({"contact": Contact(email="not an address")}, ("contact", "email")),
        ({"contact": Contact(url="ftp://x")}, ("contact", "url")),
        ({"translations": {"de": {"summary": "Nur dies"}}}, ("translations", "title")),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_field(
    context: MakeContext,
    cast: Cast,
    contents: Contents,
    changes: EventChanges,
    field: tuple[str, ...],
) -> None:
    event_id = await publish(context, cast.anna)
    before = await contents()
    with pytest.raises(Invalid) as refusal:
        await events.update(context(cast.anna), event_id, 1, changes)
    assert refusal.value.field == field
    assert await contents() == before


async def test_signs_that_no_database_keeps_are_dropped(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(
        context,
        cast.anna,
        title="Food\x00 drive\ud800",
        description="a\x00b",
        place=Place(name="Town\x00 Hall", locality="River\x07 City"),
        contact=Contact(name="An\x00na"),
        accessibility=Accessibility(notes="one\x00 step", features=("ra\x00mp",)),
    )
    event = await kept(database, event_id)
    assert (event.title, event.description) == ("Food drive", "ab")
    assert event.place == Place(name="Town Hall", locality="River City")
    assert event.contact == Contact(name="Anna")
    assert event.accessibility == Accessibility(notes="one step", features=("ramp",))


async def test_a_place_is_kept_no_more_precisely_than_its_owner_wishes(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    near = Place(
        name="Safe house",
        street_address="1 Main Street",
        latitude=39.16539,
        longitude=-86.52641,
        precision=PlacePrecision.NEAR,
    )
    event = await kept(database, await publish(context, cast.anna, place=near))
    assert event.place == Place(
        name="Safe house", latitude=39.17, longitude=-86.53, precision=PlacePrecision.NEAR
    )


@pytest.mark.parametrize("name", ["sam", "shelter_app", "lee", "library_app"])
async def test_nobody_but_the_host_may_change_it(
    context: MakeContext, cast: Cast, contents: Contents, name: str
) -> None:
    event_id = await publish(context, cast.anna, share_with=(cast.city_table,))
    changes: EventChanges = {"title": "Ours now", "starts_at": STARTS}
    before = await contents()
    with pytest.raises(Refused, match="Only the host may change: startsAt, title"):
        await events.update(context(getattr(cast, name)), event_id, 1, changes)
    assert await contents() == before


async def test_what_lee_may_not_see_does_not_exist_for_her(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    before = await contents()
    for unseen in (event_id, event_id.replace("evt_0", "evt_1")):
        with pytest.raises(NotFound, match="There is no such event, or it is not shared with you"):
            await events.update(context(cast.lee), unseen, 1, {"title": "Ours now"})
    assert await contents() == before


@pytest.mark.parametrize("name", ["sam", "lee", "library_app"])
async def test_nobody_publishes_in_anothers_name(
    context: MakeContext, cast: Cast, contents: Contents, name: str
) -> None:
    before = await contents()
    with pytest.raises(Refused) as refusal:
        await events.create(context(getattr(cast, name)), food_drive(cast.pantry))
    assert refusal.value.field == ("organization",)
    assert await contents() == before


async def test_lee_shares_with_no_alliance_she_is_not_in(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    for alliance in (cast.city_table, cast.city_table.replace("aln_0", "aln_1")):
        with pytest.raises(Refused, match="no active member") as refusal:
            await publish(context, cast.lee, share_with=(alliance,))
        assert refusal.value.field == ("shareWith",)
    assert await contents() == before


@pytest.mark.parametrize("visibility", ["PRIVATE", "ORGANIZATION", "GROUP"])
async def test_what_is_shared_with_an_alliance_is_for_the_alliance(
    context: MakeContext, cast: Cast, contents: Contents, visibility: str
) -> None:
    event_id = await publish(context, cast.anna, share_with=(cast.city_table,))
    group = await start_group(context, cast.anna, "cooks")
    before = await contents()
    refused = Visibility(visibility)
    with pytest.raises(Problem) as refusal:
        await publish(
            context,
            cast.anna,
            group_id=group,
            visibility=refused,
            share_with=(cast.city_table,),
        )
    assert (refusal.value.code, refusal.value.field) == ("INVALID", ("visibility",))
    if refused is not Visibility.GROUP:
        with pytest.raises(Invalid):
            await events.update(context(cast.anna), event_id, 1, {"visibility": refused})
    assert await contents() == before


async def test_an_event_is_of_a_group_of_its_own_organization(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    theirs = await start_group(context, cast.anna, "cooks")
    hidden = await start_group(context, cast.anna, "board", visibility=Visibility.PRIVATE)
    before = await contents()
    with pytest.raises(Invalid) as refusal:
        await publish(context, cast.lee, group_id=theirs)
    assert refusal.value.field == ("group",)
    with pytest.raises(NotFound):
        await publish(context, cast.lee, group_id=hidden)
    assert await contents() == before


async def test_one_name_in_another_system_is_one_event(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    name = (Identifier("ical", "drive-1"), Identifier("ical", "drive-1"))
    await publish(context, cast.anna, identifiers=name)
    await publish(context, cast.sam, identifiers=name)  # the Shelter's names are its own
    before = await contents()
    with pytest.raises(Taken, match="ical:drive-1") as refusal:
        await publish(context, cast.anna, identifiers=(Identifier("x", "1"), *name))
    assert refusal.value.field == ("identifiers",)
    assert await contents() == before


async def test_a_change_to_what_is_no_longer_so_is_stale(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    await events.update(context(cast.anna), event_id, 1, {"title": "Feast"})
    before = await contents()
    for version in (0, 1, 3, 2**31):
        with pytest.raises(Stale) as refusal:
            await events.update(context(cast.anna), event_id, version, {"ends_at": STARTS})
        assert refusal.value.field == ("version",)
    assert await contents() == before


async def test_times_are_kept_as_the_moments_they_are(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    there = datetime.fromisoformat("2027-03-06T09:00:00-05:00")
    event_id = await publish(context, cast.anna, starts_at=there, ends_at=None)
    event = await kept(database, event_id)
    assert event.starts_at == datetime(2027, 3, 6, 14, tzinfo=UTC)
