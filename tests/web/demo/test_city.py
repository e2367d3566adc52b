"""The sample city: there is something in every list, and it is the same every time."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from graphql import (
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_object_type,
)
from graphql.pyutils import Undefined
from sqlalchemy import func, select, update

from domain import geo
from domain.events import AttendanceMode, EventHostRole, EventStatus
from domain.sharing import Visibility
from schema.root import graphql_schema
from storage import tables as t
from tests.outside import MONDAY
from tests.web.demo.conftest import Merrow
from web.demo import city
from web.demo.coalition import PACTS
from web.demo.gatherings import GATHERINGS
from web.demo.schedule import AHEAD, BACK, planned
from web.demo.voices import VOICES

# What nobody can see, or no use case makes yet.
EMPTY = {
    "Viewer.memberships",  # of a person who signed in
    "Group.identifiers",
    "Alliance.identifiers",
    "_Entity",
    # Read with scopes that an organization's app does not hold, or as a person who signed in.
    "Query.audit",
    "Event.rsvps",
    "Rsvp.nextActions",
    "Viewer.groups",
    # Looked for among members, of whom nobody asks anything; `Group.requests` has some.
    "GroupMembership.nextActions",
}
GIVEN = {
    "from": f'"{MONDAY - BACK:%Y-%m-%dT%H:%M:%SZ}"',
    "to": f'"{MONDAY + AHEAD:%Y-%m-%dT%H:%M:%SZ}"',
    "text": '"soup"',
    "includeCancelled": "true",
}


def called(name: str, field: Any) -> str | None:
    """The field with what it must be given, or None where that is an id to be looked up first."""
    given = []
    for argument, asked in field.args.items():
        required = asked.type != get_nullable_type(asked.type) and asked.default_value is Undefined
        if argument in GIVEN:
            given.append(f"{argument}: {GIVEN[argument]}")
        elif argument == "first":
            given.append("first: 100")
        elif argument == "statuses":
            given.append("statuses: null")
        elif required or argument in {"id", "slug"}:
            return None
    return name + (f"({', '.join(given)})" if given else "")


def lists_of_the_schema() -> dict[str, str]:
    """Each list that can be reached from the root, and a query that looks into all it finds."""
    found: dict[str, str] = {}
    schema = graphql_schema._schema
    assert schema.query_type is not None
    waiting: list[tuple[GraphQLObjectType, str]] = [(schema.query_type, "{ %s }")]
    visited = set()
    while waiting:
        kind, path = waiting.pop(0)
        if kind.name in visited:
            continue
        visited.add(kind.name)
        for name, field in kind.fields.items():
            asked = called(name, field)
            of = get_named_type(field.type)
            if asked is None or name.startswith("_"):
                continue
            if of.name.endswith("Connection"):
                assert isinstance(of, GraphQLObjectType)
                if "nodes" not in of.fields:  # the feed, which is for peers
                    continue
                node = get_named_type(of.fields["nodes"].type)
                found[f"{kind.name}.{name}"] = path % f"{asked} {{ nodes {{ __typename }} }}"
                if isinstance(node, GraphQLObjectType):
                    waiting.append((node, path % f"{asked} {{ nodes {{ %s }} }}"))
            elif isinstance(get_nullable_type(field.type), GraphQLList):
                within = "{ __typename }" if is_object_type(of) else ""
                found[f"{kind.name}.{name}"] = path % f"{asked} {within}"
                if isinstance(of, GraphQLObjectType):
                    waiting.append((of, path % f"{asked} {{ %s }}"))
            elif isinstance(of, GraphQLObjectType):
                waiting.append((of, path % f"{asked} {{ %s }}"))
    return found


def has_something(data: Any) -> bool:
    """Whether any list at the end of the path holds something."""
    match data:
        case {"__typename": _}:
            return True
        case dict():
            return any(has_something(value) for value in data.values())
        case list():
            return any(has_something(value) or isinstance(value, str) for value in data)
        case _:
            return False


async def test_every_list_of_the_schema_has_something_in_it(merrow: Merrow) -> None:
    token = await merrow.token("second-helping")
    lists = lists_of_the_schema()
    assert {"Query.events", "Alliance.members", "AllianceMembership.missingAgreements",
            "Event.hosts", "Organization.team", "Group.subgroups", "Query.search"} <= set(lists)  # fmt: skip
    empty = {
        name
        for name, query in lists.items()
        if name not in EMPTY and not has_something(await merrow.ask(query, token))
    }
    assert empty == set()


async def test_it_is_a_dozen_organizations_four_alliances_and_several_hundred_events(
    merrow: Merrow,
) -> None:
    data = await merrow.ask(
        """query($now: DateTime!) {
          organizations { totalCount } alliances { totalCount } groups { totalCount }
          events(filter: {from: $now}) { totalCount }
          occurrences(from: $now, to: "2027-05-10T00:00:00Z") { totalCount }
        }""",
        now=MONDAY.isoformat(),
    )
    public = {name: found["totalCount"] for name, found in data.items()}
    assert (public["organizations"], public["alliances"]) == (12, 4)  # the Night Line is for allies
    assert public["groups"] > 20
    assert public["events"] > 200
    assert public["occurrences"] > 500
    assert len(planned(MONDAY)) > 400


async def test_events_are_of_every_visibility_and_every_kind(merrow: Merrow) -> None:
    async with merrow.database.reading() as db:
        rows = (await db.execute(select(t.events))).mappings().all()
        hosts = set(await db.scalars(select(t.event_hosts.c.role)))
    by_visibility = Counter(row["visibility"] for row in rows)
    assert set(by_visibility) == set(Visibility)
    assert by_visibility[Visibility.PUBLIC] > len(rows) / 2
    assert {row["attendance_mode"] for row in rows} == set(AttendanceMode)
    assert {row["publication_status"] for row in rows} == {"PUBLISHED", "DRAFT"}
    assert {EventStatus.CANCELLED, EventStatus.TENTATIVE, EventStatus.SCHEDULED} <= {
        row["status"] for row in rows
    }
    assert {"en", "es", "fr", "de", "ar"} <= {row["languages"][0] for row in rows}
    assert {"en", "es", "fr", "de", "ar"} <= {tag for row in rows for tag in row["translations"]}
    assert {True, False} <= {row["is_free"] for row in rows}
    assert {True, False} == {row["all_day"] for row in rows}
    assert any(row["capacity"] for row in rows)
    assert any(row["registration_url"] for row in rows)
    assert {row["accessibility_status"] for row in rows} >= {
        "ACCESSIBLE", "PARTLY", "NOT_ACCESSIBLE", "NOT_SURE"
    }  # fmt: skip
    rules = {(row["rrule"] or "").partition(";")[0] for row in rows}
    assert {"", "FREQ=WEEKLY", "FREQ=MONTHLY"} <= rules
    assert hosts == {EventHostRole.HOST, EventHostRole.CO_HOST}


async def test_members_accepted_the_agreements_of_their_alliances(merrow: Merrow) -> None:
    data = await merrow.ask(
        """{ alliances { nodes { slug status members { nodes {
             organization { slug } missingAgreements { title } } }
             agreements { title required versionNumber acceptances { totalCount } } } } }"""
    )
    found = {alliance["slug"]: alliance for alliance in data["alliances"]["nodes"]}
    assert set(found) == {pact.slug for pact in PACTS}
    assert {alliance["status"] for alliance in found.values()} == {"ACTIVE"}
    assert found.pop("winter-table")["agreements"] == []
    missing = {
        (slug, member["organization"]["slug"])
        for slug, alliance in found.items()
        for member in alliance["members"]["nodes"]
        if member["missingAgreements"]
    }
    assert missing == {
        ("common-table", "port-merrow-library"),
        ("merrow-commons", "open-door-welcome"),
        ("merrow-commons", "tidewater-youth-orchestra"),
    }
    for alliance in found.values():
        assert any(one["acceptances"]["totalCount"] > 3 for one in alliance["agreements"])


async def test_the_same_day_gives_the_same_city(merrow: Merrow) -> None:
    assert planned(MONDAY) == planned(MONDAY + timedelta(hours=2))
    again = await merrow.fill()
    assert again.added == 0


async def test_a_day_later_nothing_is_added_and_nothing_is_touched(merrow: Merrow) -> None:
    before = await rows_of(merrow)
    merrow.clock.forward(days=1)
    assert (await merrow.fill()).added == 0
    assert await rows_of(merrow) == before


async def test_a_week_later_the_weeks_to_come_are_filled(merrow: Merrow) -> None:
    before = await rows_of(merrow)
    merrow.clock.forward(weeks=1)
    made = await merrow.fill()
    after = await rows_of(merrow)
    assert made.added == sum(voice.weekly for voice in VOICES)
    assert {name: after[name] for name in before} == before
    added = [row for name, row in after.items() if name not in before]
    assert len(added) == made.added
    week = (MONDAY + AHEAD + timedelta(weeks=1)).date()
    assert all(abs(row["starts_at"].date() - week) < timedelta(days=8) for row in added)
    assert (await merrow.fill()).added == 0


async def test_what_people_changed_stays_as_they_left_it(merrow: Merrow) -> None:
    """Also what they renamed, cancelled, or took a member out of."""
    async with merrow.database.writing() as db:
        await db.execute(update(t.events).values(title="Ours now", version=7))
        await db.execute(update(t.organizations).values(name="Ours too"))
        await db.execute(update(t.alliance_members).where(
            t.alliance_members.c.role == "OBSERVER").values(status="LEFT"))  # fmt: skip
    before = await rows_of(merrow)
    merrow.clock.forward(weeks=1)
    await merrow.fill()
    after = await rows_of(merrow)
    assert {name: after[name] for name in before} == before
    async with merrow.database.reading() as db:
        assert set(await db.scalars(select(t.organizations.c.name))) == {"Ours too"}
        assert await db.scalar(
            select(func.count())
            .select_from(t.alliance_members)
            .where(t.alliance_members.c.role == "OBSERVER")
        ) == 1  # fmt: skip


async def test_a_member_that_is_set_aside_publishes_on_and_shares_nothing(merrow: Merrow) -> None:
    async with merrow.database.writing() as db:
        await db.execute(update(t.alliance_members).values(status="SUSPENDED"))
        shares = await db.scalar(select(func.count()).select_from(t.event_shares))
    merrow.clock.forward(weeks=1)
    assert (await merrow.fill()).added == sum(voice.weekly for voice in VOICES)
    async with merrow.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(t.event_shares)) == shares


async def test_everything_left_its_entry_in_the_audit(merrow: Merrow) -> None:
    async with merrow.database.reading() as db:
        entries = Counter(row.action for row in await db.execute(select(t.audit_entries.c.action)))
        clients = set(await db.scalars(select(t.audit_entries.c.client_id)))
    assert entries["organization.created"] == len(VOICES)
    assert entries["event.created"] == len(planned(MONDAY)) + len(GATHERINGS)
    assert entries["event_host.accepted"] > 50
    assert clients == {"operator", None}  # None: guests without an account, by letters


def test_places_lie_in_and_around_the_city() -> None:
    for key, place in city.PLACES.items():
        assert place.latitude is not None
        assert place.longitude is not None
        far = geo.distance_km(*city.CENTRE, place.latitude, place.longitude)
        assert far < (5 if place.locality == "Port Merrow" else 25), key


def test_every_plan_of_a_year_is_sound() -> None:
    """Whatever the day: numbers are given once, and series begin with a date of their own."""
    for week in range(0, 53, 4):
        now = MONDAY + timedelta(weeks=week, days=week % 7)
        events = planned(now)
        assert len({(one.voice.slug, one.name) for one in events}) == len(events)
        assert all(one.starts_at < one.ends_at for one in events)
        series = [one for one in events if one.piece.every]
        assert all(now - BACK - timedelta(days=7) < one.starts_at for one in series)
        assert all(one.starts_at < now + timedelta(days=32) for one in series)
        assert "{topic}" not in "".join(
            one.said(one.piece.title + one.piece.text) for one in events
        )


async def rows_of(merrow: Merrow) -> dict[str, dict[str, datetime]]:
    async with merrow.database.reading() as db:
        found = await db.execute(
            select(t.events.c.id, t.events.c.title, t.events.c.starts_at, t.events.c.version,
                   t.events.c.updated_at, t.events.c.status)
        )  # fmt: skip
        return {row["id"]: dict(row) for row in found.mappings()}
