"""The dates of events as rows, which lists, calendars and (later) RSVPs hold on to.

A date keeps its row, and so its id, when the event is changed: by the date the rule gives
(`recurrence_id`), or else by its day, where the event moved to another hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ARRAY, Text, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain import occurrences as rules
from domain.events import Event, EventStatus
from domain.ids import Kind, Names
from domain.occurrences import OneDate
from storage import columns
from storage.engine import Writing
from storage.tables import Instant, events, occurrences


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
        await _write(db, [(event.id, date) for date in changed])
    if any(date.overrides for date in dates):
        await _last_to_longest(db, event.id)


async def make_many(db: Writing, names: Names, made: Sequence[Event], now: datetime) -> None:
    """`materialize` for events that are new, all at once."""
    dates = [
        (event.id, Date(names.new(Kind.OCCURRENCE), start, start, end, event.status))
        for event in made
        for start, end in rules.dates(event, now)
    ]
    await _write(db, dates)


async def override_many(db: Writing, names: Names, given: Sequence[OneDate]) -> None:
    """Each of these dates is what it says, and what differs from its series stays so when the
    series is changed. A date that has no row gets one: it may lie further back than those made."""
    if not given:
        return
    values = [
        {
            "id": names.new(Kind.OCCURRENCE),
            "event_id": date.event_id,
            "recurrence_id": date.recurrence_id,
            "starts_at": date.starts_at,
            "ends_at": date.ends_at,
            "status": date.status,
            "overrides": list(date.overrides),
            "title": date.title,
            "description": date.description,
            **columns.of_place(date.place),
        }
        for date in given
    ]
    adding = insert(occurrences)
    kept = {name: adding.excluded[name] for name in values[0].keys() - _IDENTITY}
    overriding = adding.on_conflict_do_update(
        index_elements=["event_id", "recurrence_id"], set_=kept
    )
    await db.execute(overriding, values)
    await _last_to_longest(db, *{date.event_id for date in given})


_IDENTITY = {"id", "event_id", "recurrence_id"}


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


async def _write(db: Writing, dates: Sequence[tuple[str, Date]]) -> None:
    """Each date with the event that it is of."""
    await db.execute(
        _WRITING,
        {
            "event_ids": [event_id for event_id, _ in dates],
            "ids": [date.id for _, date in dates],
            "recurrence_ids": [date.recurrence_id for _, date in dates],
            "starts": [date.starts_at for _, date in dates],
            "ends": [date.ends_at for _, date in dates],
            "statuses": [date.status for _, date in dates],
        },
    )


_WRITING = text(
    """
    insert into occurrences (event_id, id, recurrence_id, starts_at, ends_at, status)
    select dates.*
    from unnest(:event_ids, :ids, :recurrence_ids, :starts, :ends, :statuses) as dates
    on conflict (id) do update set
      recurrence_id = excluded.recurrence_id, starts_at = excluded.starts_at,
      ends_at = excluded.ends_at, status = excluded.status
    """
).bindparams(
    bindparam("event_ids", type_=ARRAY(Text)),
    bindparam("ids", type_=ARRAY(Text)),
    bindparam("recurrence_ids", type_=ARRAY(Instant)),
    bindparam("starts", type_=ARRAY(Instant)),
    bindparam("ends", type_=ARRAY(Instant)),
    bindparam("statuses", type_=ARRAY(Text)),
)


async def _last_to_longest(db: Writing, *event_ids: str) -> None:
    """A single date may have been moved past the end of the series."""
    last = (
        select(func.max(func.coalesce(occurrences.c.ends_at, occurrences.c.starts_at)))
        .where(occurrences.c.event_id == events.c.id)
        .correlate(events)
        .scalar_subquery()
    )
    lasting = update(events).where(events.c.id.in_(sorted(event_ids)), events.c.over_at < last)
    await db.execute(lasting.values(over_at=last))
