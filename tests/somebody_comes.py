"""Somebody who said that they come to a date, as a row: for what dates do with their answers."""

from datetime import datetime
from itertools import count

from sqlalchemy import select

from domain.rsvps import RsvpStatus
from storage.engine import Database
from storage.tables import occurrences, rsvps

_numbers = count(1)


async def come_to(
    database: Database, event_id: str, date: datetime, status: RsvpStatus = RsvpStatus.ACCEPTED
) -> str:
    """The answer's id."""
    found = select(occurrences.c.id).where(
        occurrences.c.event_id == event_id, occurrences.c.recurrence_id == date
    )
    answer_id = f"rsv_{next(_numbers):026}@hub.test"
    async with database.writing() as db:
        await db.execute(
            rsvps.insert().values(
                id=answer_id,
                event_id=event_id,
                occurrence_id=(await db.execute(found)).scalar_one(),
                guest_name="Mei",
                status=status,
                created_at=date,
                updated_at=date,
            )
        )
    return answer_id


async def answered(database: Database, answer_id: str) -> tuple[str, str]:
    """The date and the event that an answer is to."""
    found = select(rsvps.c.occurrence_id, rsvps.c.event_id).where(rsvps.c.id == answer_id)
    async with database.reading() as db:
        row = (await db.execute(found)).one()
    return row.occurrence_id, row.event_id
