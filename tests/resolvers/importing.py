"""The Pantry's calendar, as tests import it: from a file, and with changes made to its words."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from domain.calendars import Calendar
from domain.events import Event
from domain.importing import Outcome, Planned
from federation.ics import read_calendar
from resolvers import imports
from resolvers.imports import File, Report, Wanted
from resolvers.operating import operator_for
from storage import events
from storage.engine import Database
from storage.tables import audit_entries, import_items, occurrences
from tests.cast import Cast, MakeContext

PANTRY = (Path(__file__).parents[1] / "data" / "import_pantry.ics").read_text(encoding="utf-8")
ZONE = "America/Indiana/Indianapolis"
EVENTS = 7  # in the file: one of them cannot be read, and two are dates of another


def without(calendar: str, summary: str) -> str:
    """The calendar without the entry of that title."""
    begin, *entries = calendar.partition("END:VCALENDAR")[0].split("BEGIN:VEVENT")
    kept = [entry for entry in entries if f"SUMMARY:{summary}\n" not in entry]
    assert len(kept) == len(entries) - 1
    return "BEGIN:VEVENT".join([begin, *kept]) + "END:VCALENDAR\n"


@dataclass(frozen=True)
class Desk:
    """The operator's desk, for the Pantry."""

    context: MakeContext
    cast: Cast
    database: Database

    def wanted(self, **given: Any) -> Wanted:
        return replace(Wanted(self.cast.pantry, "pantry.ics", ZONE), **given)

    async def take_in(self, calendar: str = PANTRY, **given: Any) -> Report:
        """Imports it. What is `given` is wanted otherwise than usual."""
        wanted = self.wanted(**given)
        body = calendar.encode()
        file = File(sha256(body).hexdigest(), '"v1"', None)
        ctx = self.context(operator_for(wanted.organization_id))
        return await imports.run(ctx, wanted, read_calendar(body, wanted.time_zone), file)

    async def preview(self, calendar: str = PANTRY, **given: Any) -> Report:
        wanted = self.wanted(**given)
        ctx = self.context(operator_for(wanted.organization_id))
        return await imports.preview(ctx, wanted, self.read(calendar))

    def read(self, calendar: str = PANTRY) -> Calendar:
        return read_calendar(calendar.encode(), ZONE)

    async def event_of(self, uid: str, date: str = "") -> Event:
        item = select(import_items.c.event_id).where(
            import_items.c.uid == uid, import_items.c.recurrence_id == date
        )
        async with self.database.reading() as db:
            ids = set(await db.scalars(item))
            assert len(ids) == 1, ids
            event = await events.by_id(db, ids.pop())
        assert event is not None
        return event

    async def dates_of(self, event_id: str) -> list[Any]:
        found = select(occurrences).where(occurrences.c.event_id == event_id)
        async with self.database.reading() as db:
            return list(await db.execute(found.order_by(occurrences.c.recurrence_id)))

    async def audited(self, event_id: str) -> list[tuple[str, str | None]]:
        found = select(audit_entries.c.action, audit_entries.c.detail).where(
            audit_entries.c.subject_id == event_id
        )
        async with self.database.reading() as db:
            rows = await db.execute(found.order_by(audit_entries.c.at, audit_entries.c.id))
            return [(row.action, row.detail) for row in rows]


def told(report: Report, title: str) -> Planned:
    """What is told of the one entry of that title."""
    (one,) = [entry for entry in report.entries if entry.title == title]
    return one


def counts(report: Report) -> dict[Outcome, int]:
    return {outcome: count for outcome, count in report.counts.items() if count}
