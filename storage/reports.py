"""What hosts told of their events, in the events' own rows."""

from datetime import datetime

from sqlalchemy import func, select

from domain.reports import Report
from storage.engine import Reading, Writing
from storage.tables import events, rsvps


async def of_event(db: Reading, event_id: str) -> tuple[datetime, Report | None]:
    """When the event first started, or will; and what was told of it."""
    found = await db.execute(
        select(
            events.c.starts_at,
            events.c.report_text,
            events.c.report_attended,
            events.c.report_published_at,
        ).where(events.c.id == event_id)
    )
    row = found.mappings().one()
    told = None
    if row["report_published_at"] is not None:
        told = Report(row["report_text"], row["report_attended"])
    return row["starts_at"], told


async def checked_in(db: Reading, event_id: str) -> int:
    """How many people were, on all its dates, guests counted."""
    counted = await db.scalar(
        select(func.coalesce(func.sum(1 + rsvps.c.additional_guests), 0)).where(
            rsvps.c.event_id == event_id, rsvps.c.attended
        )
    )
    return int(counted or 0)


async def keep(db: Writing, event_id: str, report: Report, at: datetime) -> None:
    await db.execute(
        events.update()
        .where(events.c.id == event_id)
        .values(
            report_text=report.text,
            report_attended=report.attended,
            report_published_at=at,
            version=events.c.version + 1,
            updated_at=at,
        )
    )
