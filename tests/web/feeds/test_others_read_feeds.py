"""Calendar programs that others have written find the dates in our calendars that we say there are.

`ical.js` is what Thunderbird reads calendars with. The contract's `occurrences` says what the dates
are.
"""

import json
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import icalendar

from domain.events import EventStatus
from domain.occurrences import kept_since
from domain.recurrence import Recurrence
from tests.cast import STARTS, publish
from tests.npm import NODE, fetched
from tests.one_date import change_one
from tests.web.visiting import Visit

HERE = Path(__file__).parent / "readers"
UNTIL = datetime(2027, 12, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"
STATUSES = {"SCHEDULED": "CONFIRMED", "CANCELLED": "CANCELLED", "TENTATIVE": "TENTATIVE"}


class Found(NamedTuple):
    uid: str
    starts: datetime
    ends: datetime
    title: str
    status: str


async def fill(visit: Visit) -> None:
    """Series of every kind, some of their dates not as the others, and events of one date."""
    anna, sam = visit.cast.anna, visit.cast.sam
    await publish(visit.context, anna, title="Once")
    await publish(visit.context, anna, title="Called off", status=EventStatus.CANCELLED)
    night = datetime(2027, 10, 30, 22, tzinfo=UTC)  # the night in which Berlin has an hour twice
    await publish(
        visit.context,
        sam,
        title="Night",
        starts_at=night,
        ends_at=night + timedelta(hours=5),
        time_zone=BERLIN,
    )
    sunday = datetime(2027, 3, 28, 13, tzinfo=UTC)
    weekly = await publish(
        visit.context, anna, title="Weekly", recurrence=Recurrence("FREQ=WEEKLY")
    )
    await publish(
        visit.context,
        sam,
        title="Last Sunday",
        starts_at=sunday,
        ends_at=sunday + timedelta(hours=3),
        time_zone=BERLIN,
        recurrence=Recurrence("FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20271001T000000Z"),
    )
    await publish(
        visit.context,
        sam,
        title="Now and then",
        recurrence=Recurrence(
            "FREQ=DAILY;INTERVAL=3;COUNT=9",
            dates=(STARTS + timedelta(days=40, hours=2),),
            exceptions=(STARTS + timedelta(days=3), STARTS + timedelta(days=7, hours=23)),
        ),
    )
    database, names = visit.database, visit.context().names
    second, third, fourth = (
        STARTS + timedelta(weeks=each, hours=-(each > 1)) for each in (1, 2, 3)
    )
    moved = third + timedelta(days=2, hours=3)
    await change_one(database, names, weekly, second, status=EventStatus.CANCELLED)
    await change_one(
        database, names, weekly, third, starts_at=moved, ends_at=moved + timedelta(hours=1)
    )
    await change_one(database, names, weekly, fourth, title="Weekly, with soup")


async def told(visit: Visit) -> list[Found]:
    """As the contract tells them, page by page."""
    asked = """query($from: DateTime!, $to: DateTime!, $after: String) {
      occurrences(from: $from, to: $to, first: 100, after: $after, filter: {includeCancelled: true})
      { nodes { startsAt endsAt title status event { id } } pageInfo { hasNextPage endCursor } } }"""
    found: list[Found] = []
    window = {"from": kept_since(visit.clock.now()).isoformat(), "to": UNTIL.isoformat()}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        given = {**window, "after": page["endCursor"]}
        answer = await visit.http.post("/graphql", json={"query": asked, "variables": given})
        dates = answer.json()["data"]["occurrences"]
        page = dates["pageInfo"]
        found += [
            Found(
                each["event"]["id"],
                datetime.fromisoformat(each["startsAt"]),
                datetime.fromisoformat(each["endsAt"]),
                each["title"],
                STATUSES[each["status"]],
            )
            for each in dates["nodes"]
        ]
    return sorted(found)


async def test_ical_js_finds_the_dates_that_we_say_there_are(visit: Visit) -> None:
    await fill(visit)
    calendar = await visit.get("/events.ics")
    found = found_by_ical_js(calendar.content)
    expected = await told(visit)
    assert len(expected) > 55
    assert sorted(found) == expected


def found_by_ical_js(calendar: bytes) -> list[Found]:
    done = subprocess.run(
        [
            NODE,
            str(HERE / "expanding.mjs"),
            str(fetched(HERE, "calendar-readers")),
            UNTIL.isoformat(),
        ],
        input=calendar,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [
        Found(
            each["uid"],
            datetime.fromisoformat(each["starts"]),
            datetime.fromisoformat(each["ends"]),
            each["title"],
            each["status"],
        )
        for each in json.loads(done.stdout)
    ]


async def test_icalendar_reads_every_entry_without_an_error(visit: Visit) -> None:
    await fill(visit)
    calendar = icalendar.Calendar.from_ical((await visit.get("/events.ics")).content)
    assert {each.name for each in calendar.subcomponents} == {"VTIMEZONE", "VEVENT"}
    assert _errors(calendar.walk()) == []
    for entry in calendar.events:
        for name in ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "URL"):
            assert name in entry, name


def _errors(components: Iterable[icalendar.Component]) -> list[object]:
    return [error for each in components for error in each.errors]
