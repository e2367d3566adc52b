"""The dates of events as rows, which lists, calendars and (later) RSVPs hold on to.

A date keeps its row, and so its id, when the event is changed: by the date the rule gives
(`recurrence_id`), or else by its day, where the event moved to another hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ARRAY, Text, bindparam, delete, func, select, text, update

from domain import occurrences as rules
from domain.events import Event, EventStatus
from domain.ids import Kind, Names
from domain.places import Place
from storage import columns
from storage.engine import Writing
from storage.tables import Instant, events, occurrences


class OccurrenceChanges(TypedDict, total=False):
    """What differs on one date."""

    title: str
    description: str
    place: Place
    starts_at: datetime
    ends_at: datetime
    status: EventStatus


@dataclass(frozen=True, slots=True)
class Date:
    id: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime | None
    status: EventStatus
    overrides: frozenset[str] = field(default_factory=frozenset)


async def materialize(db: Writing, names: Names, event: Event, now: datetime) -> None:
    """Makes the rows what the event says, keeping the ids and what was changed on one date.

    The caller's transaction holds the event's row, so that two do not do this at once.
    """
    kept = await _kept(db, event.id)
    wanted = rules.dates(event, now)
    dates = _placed(kept, dict(wanted), event, names, now)
    going = set(kept) - {date.id for date in dates} - _history(kept, event, now)
    if going:
        await db.execute(delete(occurrences).where(occurrences.c.id.in_(sorted(going))))
    changed = [date for date in dates if kept.get(date.id) != date]
    if changed:
        await _write(db, event.id, changed)
    if any(date.overrides for date in dates):
        await _last_to_longest(db, event.id)


async def override(
    db: Writing, event_id: str, recurrence_id: datetime, changes: OccurrenceChanges
) -> str | None:
    """One date differs from the series, until told otherwise; its id, or None where the event
    has no such date. A change of the series leaves what differs alone."""
    values: dict[str, Any] = {name: value for name, value in changes.items() if name != "place"}
    if "place" in changes:
        values |= columns.of_place(changes["place"])
    changing = (
        update(occurrences)
        .where(occurrences.c.event_id == event_id, occurrences.c.recurrence_id == recurrence_id)
        .values(overrides=sorted(changes), **values)
        .returning(occurrences.c.id)
    )
    found: str | None = await db.scalar(changing)
    if found is not None:
        await _last_to_longest(db, event_id)
    return found


async def _kept(db: Writing, event_id: str) -> dict[str, Date]:
    found = await db.execute(
        select(
            occurrences.c.id,
            occurrences.c.recurrence_id,
            occurrences.c.starts_at,
            occurrences.c.ends_at,
            occurrences.c.status,
            occurrences.c.overrides,
        ).where(occurrences.c.event_id == event_id)
    )
    return {
        row.id: Date(
            row.id,
            row.recurrence_id,
            row.starts_at,
            row.ends_at,
            EventStatus(row.status),
            frozenset(row.overrides),
        )
        for row in found
    }


def _placed(
    kept: Mapping[str, Date],
    wanted: Mapping[datetime, datetime | None],
    event: Event,
    names: Names,
    now: datetime,
) -> list[Date]:
    """A row for each wanted date: the one it has, one that moved to it, or a new one."""
    by_date = {date.recurrence_id: date for date in kept.values()}
    added = wanted.keys() - by_date.keys()
    if event.recurrence is None and by_date and added:
        moved = {min(by_date): next(iter(added))}
    else:
        moved = rules.moved(by_date.keys() - wanted.keys(), added, event.time_zone)
    for old, new in moved.items():
        by_date[new] = replace(by_date[old], recurrence_id=new)
    placed = []
    for start, end in wanted.items():
        date = by_date.get(start)
        if date is None:
            placed.append(Date(names.new(Kind.OCCURRENCE), start, start, end, event.status))
        else:
            placed.append(_as_series_says(date, end, event, now))
    return placed


def _as_series_says(date: Date, end: datetime | None, event: Event, now: datetime) -> Date:
    if "starts_at" not in date.overrides:
        date = replace(date, starts_at=date.recurrence_id)
        if "ends_at" not in date.overrides:
            date = replace(date, ends_at=end)
    # What took place stays as it was, when the rest of a series is cancelled.
    is_history = event.recurrence is not None and date.starts_at < now
    if "status" not in date.overrides and not is_history:
        date = replace(date, status=event.status)
    return date


def _history(kept: Mapping[str, Date], event: Event, now: datetime) -> set[str]:
    """Dates of a series that lie behind: they took place, whatever the series is now."""
    if event.recurrence is None:
        return set()
    since, excluded = rules.kept_since(now), set(event.recurrence.exceptions)
    return {
        date.id
        for date in kept.values()
        if date.recurrence_id < since and date.recurrence_id not in excluded
    }


async def _write(db: Writing, event_id: str, dates: Sequence[Date]) -> None:
    await db.execute(
        _WRITING,
        {
            "event_id": event_id,
            "ids": [date.id for date in dates],
            "recurrence_ids": [date.recurrence_id for date in dates],
            "starts": [date.starts_at for date in dates],
            "ends": [date.ends_at for date in dates],
            "statuses": [date.status for date in dates],
        },
    )


_WRITING = text(
    """
    insert into occurrences (event_id, id, recurrence_id, starts_at, ends_at, status)
    select :event_id, dates.*
    from unnest(:ids, :recurrence_ids, :starts, :ends, :statuses) as dates
    on conflict (id) do update set
      recurrence_id = excluded.recurrence_id, starts_at = excluded.starts_at,
      ends_at = excluded.ends_at, status = excluded.status
    """
).bindparams(
    bindparam("event_id", type_=Text),
    bindparam("ids", type_=ARRAY(Text)),
    bindparam("recurrence_ids", type_=ARRAY(Instant)),
    bindparam("starts", type_=ARRAY(Instant)),
    bindparam("ends", type_=ARRAY(Instant)),
    bindparam("statuses", type_=ARRAY(Text)),
)


async def _last_to_longest(db: Writing, event_id: str) -> None:
    """A single date may have been moved past the end of the series."""
    last = (
        select(func.max(func.coalesce(occurrences.c.ends_at, occurrences.c.starts_at)))
        .where(occurrences.c.event_id == event_id)
        .scalar_subquery()
    )
    await db.execute(
        update(events).where(events.c.id == event_id, events.c.over_at < last).values(over_at=last)
    )
