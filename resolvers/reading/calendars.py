"""The ways of a calendar: every date in a window, of the events asked for."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, literal_column, select, true

from resolvers.reading.entrances import Entrance
from resolvers.reading.listing import Way
from resolvers.reading.narrowing import Condition, in_window
from resolvers.reading.ways_in_time import Asked, fenced, meets_by_id
from resolvers.reading.windows import (
    LAST_SHORT,
    SHORT_HOURS,
    Window,
    is_on,
    number,
    span_classes,
    span_of,
)
from storage import tables as t
from storage.words import exists_for_row


def dates_in_order(
    entrance: Entrance, window: Window, asked: Asked, shown: Asked
) -> tuple[Way, ...]:
    """Every date in the window, of the events asked for. `shown` is asked of the date itself."""
    if entrance.has_all:
        date, lasting, spans = t.occurrences.alias(), t.occurrences.alias(), span_classes()
        starting = [date.c.starts_at >= window.from_, *window.holds_start(date.c.starts_at)]
        return (
            _dates(date, starting, asked, shown),
            _dates(lasting, is_on(lasting, window, spans), asked, shown, spans),
        )
    if entrance.is_wide or not entrance.is_sorted:
        return (
            _dates_of(entrance, [entrance.row.c.over_at >= window.from_], window, asked, shown),
        )
    return (
        _dates_of_once(entrance, window, asked, shown),
        _dates_of(entrance, _is_lasting(entrance, window), window, asked, shown),
        _moved_dates_of_once(entrance, window, asked, shown),
    )


def _dates(
    date: FromClause,
    conditions: list[Condition],
    asked: Asked,
    shown: Asked,
    each: FromClause | None = None,
) -> Way:
    rows = select(date.c.id).where(*conditions, *shown(date), meets_by_id(date.c.event_id, asked))
    return Way(rows, (date.c.starts_at, date.c.id), each)


def _dates_of(
    entrance: Entrance,
    conditions: list[Condition],
    window: Window,
    asked: Asked,
    shown: Asked,
) -> Way:
    """All dates in the window of each of these, sorted."""
    row, date = entrance.row, t.occurrences.alias()
    columns: list[ColumnElement[Any]] = [date.c.id, date.c.starts_at, date.c.event_id]
    inside = (
        select(*columns)
        .select_from(row.join(date, date.c.event_id == entrance.event_id))
        .where(*conditions, *entrance.checked(row))
        .where(*in_window(date, window.from_, window.to), *shown(date))
    )
    found = fenced(entrance, inside, [date.c.starts_at, date.c.id])
    rows = select(found.c.id).where(meets_by_id(found.c.event_id, asked))
    return Way(rows, (found.c.starts_at, found.c.id), entrance.each)


def _dates_of_once(entrance: Entrance, window: Window, asked: Asked, shown: Asked) -> Way:
    """What takes place once and not for long has its date at its own start, as a rule."""
    row, date = entrance.row, t.occurrences.alias()
    earliest = window.earlier(SHORT_HOURS)
    found = (
        select(date.c.id)
        .where(
            date.c.event_id == entrance.event_id,
            date.c.starts_at == row.c.starts_at,
            *in_window(date, window.from_, window.to),
            *shown(date),
        )
        .limit(number(1))
        .lateral()
    )
    rows = (
        select(found.c.id)
        .select_from(row.join(found, true()))
        .where(
            entrance.once,
            span_of(row) <= number(LAST_SHORT),
            row.c.starts_at > earliest,
            *window.holds_start(row.c.starts_at),
            *entrance.where,
            *entrance.checked(row),
            *(asked(row) if entrance.is_events else [meets_by_id(entrance.event_id, asked)]),
        )
    )
    return Way(rows, (row.c.starts_at, found.c.id), entrance.each)


def _moved_dates_of_once(entrance: Entrance, window: Window, asked: Asked, shown: Asked) -> Way:
    """A date that was moved by itself stays where it is when its event recurs no more: there are
    few of these on a hub, and they have an index of their own."""
    row, date = entrance.row, t.occurrences.alias()
    inside = row if entrance.each is None else row.join(entrance.each, true())
    among = (
        select(entrance.event_id)
        .select_from(inside)
        .where(
            entrance.event_id == date.c.event_id,
            entrance.once,
            span_of(row) <= number(LAST_SHORT),
            row.c.starts_at != date.c.starts_at,
            *entrance.where,
            *entrance.checked(row),
        )
        .correlate(date)
    )
    moved = [
        date.c.follows_at.is_(None),
        date.c.overrides != literal_column("'{}'"),
        *in_window(date, window.from_, window.to),
        exists_for_row(among),
    ]
    return _dates(date, moved, asked, shown)


def _is_lasting(entrance: Entrance, window: Window) -> list[Condition]:
    row = entrance.row
    lasting = entrance.recurs | (span_of(row) > number(LAST_SHORT))
    return [lasting, row.c.over_at >= window.from_]
