"""One date of a series made to differ from it, as an import does it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.events import EventStatus
from domain.ids import Names
from domain.occurrences import OneDate
from storage import columns, occurrences
from storage.engine import Database
from storage.tables import occurrences as table


async def change_one(
    database: Database, names: Names, event_id: str, recurrence_id: datetime, **changes: Any
) -> str:
    """The id of the date, which says what is given and otherwise what it said."""
    named = (table.c.event_id == event_id, table.c.recurrence_id == recurrence_id)
    async with database.writing() as db:
        row = (await db.execute(select(table).where(*named))).mappings().one()
        said: dict[str, Any] = {
            "starts_at": row["starts_at"],
            "ends_at": row["ends_at"],
            "status": EventStatus(row["status"]),
            "title": row["title"],
            "description": row["description"],
            "place": columns.place(row),
        }
        given: dict[str, Any] = {**said, **changes, "overrides": tuple(sorted(changes))}
        date = OneDate(event_id=event_id, recurrence_id=recurrence_id, **given)
        await occurrences.override_many(db, names, [date])
    return str(row["id"])
