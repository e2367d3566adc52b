"""The dates of events as rows, which lists, calendars and RSVPs hold on to.

A date keeps its row, and so its id, when the event is changed: by the date the rule gives
(`recurrence_id`), or else by its day, where the event moved to another hour, or else by how far
the event moved. One that people answered is kept in any case.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Text, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain import occurrences as rules
from domain.events import Event, EventStatus
from domain.ids import Kind, Names
from domain.occurrences import OneDate
from storage import columns, rolling
from storage.engine import Reading, Writing
from storage.tables import Instant, events, occurrences, rsvps

# Among the overrides of a date that people answered, which its event has no more.
LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Date:
    id: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime | None
    status: EventStatus
    overrides: frozenset[str] = field(default_factory=frozenset)


async def materialize(
    db: Writing, names: Names, event: Event, now: datetime, before: Event | None = None
) -> None:
    """Makes the rows what the event says, keeping the ids and what was changed on one date, and
    the dates that people answered: those that the event has no more are called off. `before` is
    the event as it was, where it was changed.

    The caller's transaction holds the event's row, so that two do not do this at once.
    """
    kept = await _kept(db, event.id)
    wanted = rules.dates(event, now)
    dates = _placed(kept, dict(wanted), event, names, now, before)
    going = set(kept) - {date.id for date in dates} - _history(kept, event, now)
    answered = await _answered(db, going)
    if going - answered:
        await db.execute(delete(occurrences).where(occurrences.c.id.in_(sorted(going - answered))))
    dates += [_left_out(kept[date_id], event, now) for date_id in sorted(answered)]
    changed = [date for date in dates if kept.get(date.id) != date]
    if changed:
        await _write(db, [(event.id, date) for date in changed])
    if any(date.overrides for date in dates):
        await _last_to_longest(db, event.id)
    if kept or event.recurrence is not None:
        await rolling.keep(db, {event.id: rules.more_due_at(event, wanted[-1][0], now)})


async def make_many(db: Writing, names: Names, made: Sequence[Event], now: datetime) -> None:
    """`materialize` for events that are new, all at once."""
    wanted = [(event, rules.dates(event, now)) for event in made]
    dates = [
        (event.id, Date(names.new(Kind.OCCURRENCE), start, start, end, event.status))
        for event, found in wanted
        for start, end in found
    ]
    await _write(db, dates)
    due = {
        event.id: rules.more_due_at(event, found[-1][0], now)
        for event, found in wanted
        if event.recurrence is not None
    }
    await rolling.keep(db, due)


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


async def event_of(db: Reading, date_id: str) -> str | None:
    """The id of the event it is a date of."""
    found: str | None = await db.scalar(
        select(occurrences.c.event_id).where(occurrences.c.id == date_id)
    )
    return found


async def one(db: Reading, date_id: str) -> OneDate | None:
    """The date as it is kept."""
    found = await db.execute(select(occurrences).where(occurrences.c.id == date_id))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    return OneDate(
        event_id=row["event_id"],
        recurrence_id=row["recurrence_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        status=EventStatus(row["status"]),
        title=row["title"],
        description=row["description"],
        place=columns.place(row),
        overrides=tuple(sorted(row["overrides"])),
    )


_IDENTITY = {"id", "event_id", "recurrence_id"}


async def call_off(db: Writing, event: Event, now: datetime) -> None:
    """Every date that is not over is cancelled, whatever was said of it alone."""
    # A whole day without an end lasts until the next one begins.
    lasting = timedelta(days=1) if event.all_day else timedelta()
    until = func.coalesce(occurrences.c.ends_at, occurrences.c.starts_at + lasting)
    await db.execute(
        update(occurrences)
        .where(occurrences.c.event_id == event.id, until > now)
        .values(status=EventStatus.CANCELLED)
    )


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


async def _answered(db: Writing, date_ids: Collection[str]) -> set[str]:
    """Those of the dates that somebody answered. Who answers holds the date, so that no answer
    comes between this look and what is done with it."""
    if not date_ids:
        return set()
    those = occurrences.c.id.in_(sorted(date_ids))
    await db.execute(
        select(occurrences.c.id).where(those).order_by(occurrences.c.id).with_for_update()
    )
    answered = select(rsvps.c.occurrence_id).where(rsvps.c.occurrence_id.in_(sorted(date_ids)))
    return set(await db.scalars(answered.distinct()))


def _placed(
    kept: Mapping[str, Date],
    wanted: Mapping[datetime, datetime | None],
    event: Event,
    names: Names,
    now: datetime,
    before: Event | None,
) -> list[Date]:
    """A row for each wanted date: the one it has, one that moved to it, or a new one."""
    by_date = {date.recurrence_id: date for date in kept.values()}
    for old, new in _moved(kept, wanted, event, now, before).items():
        by_date[new] = replace(by_date[old], recurrence_id=new)
    placed = []
    for start, end in wanted.items():
        date = by_date.get(start)
        if date is None:
            placed.append(Date(names.new(Kind.OCCURRENCE), start, start, end, event.status))
        else:
            placed.append(_as_series_says(date, end, event, now))
    return placed


def _moved(
    kept: Mapping[str, Date],
    wanted: Mapping[datetime, datetime | None],
    event: Event,
    now: datetime,
    before: Event | None,
) -> dict[datetime, datetime]:
    """Which rows come to stand for which of the wanted dates that have none."""
    by_date = {date.recurrence_id: date for date in kept.values()}
    added, dropped = wanted.keys() - by_date.keys(), by_date.keys() - wanted.keys()
    if event.recurrence is None:
        standing = {at for at in dropped if LEFT_OUT not in by_date[at].overrides} or dropped
        return {min(standing): next(iter(added))} if standing and added else {}
    if min(wanted) >= rules.kept_since(
        now
    ):  # else the series is over, and its dates are all behind
        dropped -= {kept[date_id].recurrence_id for date_id in _history(kept, event, now)}
    by = rules.moved_by(before, event)
    return rules.moved(dropped, added, event.time_zone, by)


def _as_series_says(date: Date, end: datetime | None, event: Event, now: datetime) -> Date:
    if LEFT_OUT in date.overrides:
        date = replace(date, status=event.status, overrides=date.overrides - {LEFT_OUT})
    if "starts_at" not in date.overrides:
        date = replace(date, starts_at=date.recurrence_id)
        if "ends_at" not in date.overrides:
            date = replace(date, ends_at=end)
    # What took place stays as it was, when the rest of a series is cancelled.
    is_history = event.recurrence is not None and date.starts_at < now
    if "status" not in date.overrides and not is_history:
        date = replace(date, status=event.status)
    return date


def _left_out(date: Date, event: Event, now: datetime) -> Date:
    """As it stays for those who answered, when the event has it no more."""
    if rules.stays_as_it_was(event, date.starts_at, now):
        return date
    overrides = date.overrides - {"status"} | {LEFT_OUT}
    return replace(date, status=EventStatus.CANCELLED, overrides=overrides)


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
            "overrides": [",".join(sorted(date.overrides)) for _, date in dates],
        },
    )


_WRITING = text(
    """
    insert into occurrences (event_id, id, recurrence_id, starts_at, ends_at, status, overrides)
    select event_id, id, recurrence_id, starts_at, ends_at, status, string_to_array(overrides, ',')
    from unnest(:event_ids, :ids, :recurrence_ids, :starts, :ends, :statuses, :overrides)
      as dates (event_id, id, recurrence_id, starts_at, ends_at, status, overrides)
    on conflict (id) do update set
      recurrence_id = excluded.recurrence_id, starts_at = excluded.starts_at,
      ends_at = excluded.ends_at, status = excluded.status, overrides = excluded.overrides
    """
).bindparams(
    bindparam("event_ids", type_=ARRAY(Text)),
    bindparam("ids", type_=ARRAY(Text)),
    bindparam("recurrence_ids", type_=ARRAY(Instant)),
    bindparam("starts", type_=ARRAY(Instant)),
    bindparam("ends", type_=ARRAY(Instant)),
    bindparam("statuses", type_=ARRAY(Text)),
    bindparam("overrides", type_=ARRAY(Text)),
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
