"""The events of the world: once and again, all day and in odd time zones, drafts and cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import (
    AccessibilityStatus,
    AttendanceMode,
    EventHostRole,
    EventHostStatus,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.ids import Kind
from domain.sharing import AttendeeSharing, HostEditing, Visibility
from tests.differential.rows import CONTACTS, NOW, ODD_WORDS, PLACES, contact
from tests.differential.world import (
    Row,
    World,
    add_alliances,
    add_groups,
    add_hubs,
    add_identifiers,
    add_organizations,
    add_people,
    words_of,
)
from tests.differential.world_of_answers import add_answers
from tests.differential.world_of_audit import add_audit
from tests.differential.world_of_decisions import add_decisions
from tests.differential.world_of_handovers import add_handovers

# Half hours, a half-hour summer time, the far side of the date line, and an offset with seconds
# (Liberia kept 44 minutes and 30 seconds behind Greenwich until 1972).
ZONES = (
    "America/Indiana/Indianapolis",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "UTC",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Africa/Monrovia",
)
# Beside the usual: the hour that the clocks give twice and the one they take, far ago and ahead.
MOMENTS = (
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 1, 30, 0, 123456, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(1971, 7, 26, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2150, 7, 1, 12, tzinfo=UTC),
    datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)
OWNERS = (0, 1, 0, 2, 3, 9, 4, 0, 5, 6, 1, 10, 7, 8, 0, 11)
PUBLISHED = PublicationStatus.PUBLISHED
PUBLICATIONS = (PUBLISHED, PUBLISHED, PUBLISHED, *PublicationStatus, PUBLISHED)
VISIBILITIES = (*[Visibility.PUBLIC] * 5, *Visibility, Visibility.ALLIANCE)
TITLES = ("Food drive", "Soup kitchen", "Town meeting", "Repair café", *ODD_WORDS)


REPORTS: tuple[dict[str, Any], ...] = (
    {},
    {
        "report_text": ODD_WORDS[0],
        "report_attended": 120,
        "report_published_at": "2026-12-13T14:15:16.171819Z",
    },
    {"report_text": ODD_WORDS[2], "report_published_at": "2027-01-01T00:00:00Z"},
)


def make_world() -> World:
    world = World()
    add_hubs(world)
    add_organizations(world)
    add_people(world)
    add_alliances(world)
    add_groups(world)
    for number in range(48):
        add_event(world, number)
    add_answers(world)
    add_decisions(world)
    add_handovers(world)
    add_audit(world)
    return world


def add_event(world: World, number: int) -> None:
    turns = world.rows.turns
    owner = world.organizations[OWNERS[number % len(OWNERS)]]
    hub = next(hub for hub in world.hubs if hub["id"] == owner["hub_id"])
    of_owner = [group for group in world.groups if group["organization_id"] == owner["id"]]
    group = of_owner[number % len(of_owner)] if of_owner and number % 3 else None
    image = turns.of("image", (None, None, f"https://example.org/{number}.jpg"))
    row = world.rows.add(
        "events",
        **world.rows.publication(Kind.EVENT, hub, turns.of("event", VISIBILITIES)),
        **words_of(world, "title", number, "summary", "description"),
        **turns.of("place of an event", PLACES),
        **contact(turns.of("contact", CONTACTS)),
        **times_of(world, number),
        organization_id=owner["id"],
        group_id=group and group["id"],
        title=turns.of("title", TITLES),
        status=turns.of("status", (*[EventStatus.SCHEDULED] * 3, *EventStatus)),
        cancellation_reason=turns.of("reason", (None, *ODD_WORDS)),
        **turns.of("report", REPORTS),
        publication_status=turns.of("publication", PUBLICATIONS),
        attendance_mode=turns.of("mode", list(AttendanceMode)),
        online_url=turns.of("online", (None, "https://meet.example/r?k=v&w=%20#x")),
        accessibility_status=turns.of("accessible", (None, *AccessibilityStatus)),
        accessibility_notes=turns.of("notes", (None, *ODD_WORDS)),
        accessibility_features=list(turns.of("features", ((), ("captions", 'a "ramp"')))),
        image_url=image,
        image_alternative_text=image and "People & soup",
        is_free=turns.of("free", (None, True, False)),
        capacity=turns.of("capacity", (None, 1, 1_000_000)),
        join_mode=turns.of("join mode", list(JoinMode)),
        registration_url=turns.of("register", (None, "https://tickets.example/?e=1")),
        replaced_by_id=world.events[number // 2]["id"] if number % 5 == 4 else None,
        follows_id=world.events[number // 3]["id"] if number % 7 == 3 else None,
    )
    row["accessibility_features"] = row["accessibility_features"] or []
    world.events.append(row)
    add_identifiers(world, owner, row)
    add_dates(world, row)
    add_hosts(world, row, number)
    for alliance in world.alliances[number % 4 :: 3]:
        world.rows.add(
            "event_shares", event_id=row["id"], alliance_id=alliance["id"], shared_at=NOW
        )


def times_of(world: World, number: int) -> Row:
    """Most are soon; some go on as one asks, some are over, some stand on the edge of a clock."""
    turns = world.rows.turns
    zone = ZONES[number % len(ZONES)]
    starts_at = NOW + timedelta(days=number * 3 - 40, hours=number % 7, microseconds=number % 3)
    if number % 6 == 3:
        starts_at = MOMENTS[number // 6 % len(MOMENTS)]
    ends_at = turns.of(
        "lasts", (timedelta(hours=3), None, timedelta(days=60), timedelta(seconds=1))
    )
    end = ends_at and starts_at + ends_at
    all_day = number % 8 == 5
    if all_day:
        local = starts_at.astimezone(ZoneInfo(zone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        starts_at, end = local.astimezone(UTC), (local + timedelta(days=2)).astimezone(UTC)
    repeats: Row = {"rrule": None, "recurrence_dates": [], "recurrence_exceptions": []}
    over_at: Any = end or starts_at
    if number % 5 == 2:
        repeats = {
            "rrule": turns.of("rrule", ("FREQ=WEEKLY;COUNT=6", "FREQ=DAILY;INTERVAL=10", "")),
            "recurrence_dates": [starts_at + timedelta(days=3, microseconds=5)],
            "recurrence_exceptions": [starts_at + timedelta(days=7)] if number % 2 else [],
        }
        over_at = turns.of("over", ("infinity", starts_at + timedelta(days=70)))
    return {
        "starts_at": starts_at,
        "ends_at": end,
        "time_zone": zone,
        "all_day": all_day,
        "over_at": over_at,
        **repeats,
    }


def add_dates(world: World, event: Row) -> None:
    """A date for what takes place once; for what recurs several, some of them their own way."""
    turns = world.rows.turns
    starts_at, ends_at = event["starts_at"], event["ends_at"]
    lasts = ends_at and ends_at - starts_at
    for number in range(1 if event["rrule"] is None else turns.of("dates", (6, 3, 9))):
        at = starts_at + timedelta(days=7 * number)
        own: Row = {"overrides": []}
        if event["rrule"] is not None and number % 3 == 1:
            own = turns.of(
                "overrides",
                (
                    {"overrides": ["title"], "title": 'Only "this" time\n'},
                    {"overrides": ["place"], **PLACES[4]},
                    {"overrides": ["starts_at", "status"], "moved": timedelta(hours=26.5)},
                    {"overrides": ["title", "description"], "title": "😀", "description": "Other"},
                ),
            )
        begins = at + own.get("moved", timedelta())
        world.rows.add(
            "occurrences",
            id=world.rows.new_id(Kind.OCCURRENCE, event["id"].partition("@")[2]),
            event_id=event["id"],
            recurrence_id=at,
            starts_at=begins,
            ends_at=lasts and begins + lasts,
            status=EventStatus.RESCHEDULED if "moved" in own else event["status"],
            **{name: value for name, value in own.items() if name != "moved"},
        )


def add_hosts(world: World, event: Row, number: int) -> None:
    turns = world.rows.turns
    owner = event["organization_id"]
    others = [one["id"] for one in world.organizations if one["id"] != owner]
    some = [others[(number + step) % len(others)] for step in (0, 3, 4, 7)]
    for organization in [owner, *some]:
        is_owner = organization == owner
        roles = [role for role in EventHostRole if role is not EventHostRole.HOST]
        statuses = (*[EventHostStatus.ACCEPTED] * 4, *EventHostStatus)
        status = EventHostStatus.ACCEPTED if is_owner else turns.of("host", statuses)
        world.rows.add(
            "event_hosts",
            id=world.rows.new_id(Kind.EVENT_HOST),
            event_id=event["id"],
            organization_id=organization,
            role=EventHostRole.HOST if is_owner else turns.of("host role", roles),
            status=status,
            initiated_by="OWNER",
            may_edit=turns.of("may edit", list(HostEditing)),
            attendee_sharing=turns.of("attendees", list(AttendeeSharing)),
            message=turns.of("message", (None, *ODD_WORDS)),
            created_at=turns.of("asked", (NOW, "2026-11-11T11:11:11.000011Z")),
            expires_at=turns.of("expires", (None, "2027-03-31T09:00:00.5Z")),
            responded_at="2026-12-12T12:12:12Z" if status == "ACCEPTED" else None,
            ended_at=turns.of("ended", (None, "2027-02-02T02:02:02Z")),
            end_reason=turns.of("end", (*ODD_WORDS, None)),
        )
