"""The ways of a list of events: what is ahead, what is going on, and what recurs.

A list from a moment on has each event at its first date that counts from there
(docs/decisions/0006). No one index has that order, but each part of it has one. Of a group, a
place, an organization or an alliance:

- what takes place once and began within a day before, or starts later: by start;
- what lasts, because it recurs or takes more than a day: an index has these few alone. Each
  series' next date is looked up, and then they are sorted.

Of all events too many last. What takes place once and is going on is found class by class of how
long it takes; and of what recurs the dates themselves are read, each of which knows since when it
is the next one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    case,
    func,
    select,
)

from resolvers.reading.entrances import Entrance
from resolvers.reading.listing import Way
from resolvers.reading.narrowing import (
    Condition,
    has_date,
    moment_of,
    next_date,
    reaches,
    takes_place,
)
from resolvers.reading.wanted import EventsWanted
from resolvers.reading.windows import (
    LAST_SHORT,
    Window,
    is_on,
    number,
    span_classes,
    span_of,
)
from storage import tables as t
from storage.words import exists_for_row

Asked = Callable[[FromClause], Sequence[Condition]]  # what else is asked of an event's row


def by_start(
    entrance: Entrance, wanted: EventsWanted, asked: Asked, *, descending: bool
) -> tuple[Way, ...]:
    parts = entrance.parts or (entrance,)
    if wanted.from_ is None:
        return tuple(_by_first_date(part, wanted, asked) for part in parts)
    window = Window(moment_of(wanted.from_), wanted.to)
    if entrance.has_all:
        return (
            _ahead(entrance, window, asked),
            _going_on_by_span(entrance, window, asked),
            _dates_ahead(window, asked),
            _dates_going_on(window, asked),
        )
    return (
        *(_around_then(part, window, asked) for part in parts),
        _lasting(entrance, window, asked, descending),
    )


def sorted_by(
    entrance: Entrance,
    wanted: EventsWanted,
    asked: Asked,
    place_of: Callable[[FromClause], ColumnElement[Any]],
    *,
    descending: bool,
) -> Way:
    """All events of the entrance, put in an order that it does not have. What else is asked is
    asked of the first of them only. All events have an index for every order asked of them."""
    row = entrance.row
    if entrance.has_all:
        rows = select(row.c.id).where(*takes_place(row, wanted), *asked(row))
        return Way(rows, (place_of(row), row.c.id))
    event = row if entrance.is_events else t.events.alias()
    place = place_of(event).label("place")
    inside = select(*event.c, place)
    if not entrance.is_events:
        inside = inside.select_from(row.join(event, event.c.id == entrance.event_id))
        inside = inside.where(*entrance.checked(row))
    found = fenced(entrance, inside, [place, event.c.id], descending)
    rows = select(found.c.id).where(*takes_place(found, wanted), *asked(found))
    return Way(rows, (found.c.place, found.c.id), entrance.each)


def where(ways: tuple[Way, ...], condition: Condition) -> tuple[Way, ...]:
    """The same, of no rows where the condition, which does not depend on them, does not hold."""
    return tuple(replace(way, rows=way.rows.where(condition)) for way in ways)


# ── what takes place once ────────────────────────────────────────────────────────────────────


def _by_first_date(entrance: Entrance, wanted: EventsWanted, asked: Asked) -> Way:
    """Without a moment to begin from: each at its start, as its row says."""
    conditions: list[Condition] = []
    if wanted.to is not None:
        conditions += [
            entrance.row.c.starts_at < wanted.to,
            entrance.once | has_date(entrance.event_id, wanted),
        ]
    return _way(entrance, conditions, asked)


def _ahead(entrance: Entrance, window: Window, asked: Asked) -> Way:
    starts_at = entrance.row.c.starts_at
    conditions = [entrance.once, starts_at >= window.from_, *window.holds_start(starts_at)]
    return _way(entrance, conditions, asked)


def _around_then(entrance: Entrance, window: Window, asked: Asked) -> Way:
    """What begins then or later, and what began so shortly before that it need not last."""
    row = entrance.row
    near = row.c.starts_at > window.shortly_before()
    on = reaches(row.c.starts_at, row.c.over_at, window.from_)
    return _way(entrance, [entrance.once, near, on, *window.holds_start(row.c.starts_at)], asked)


def _going_on_by_span(entrance: Entrance, window: Window, asked: Asked) -> Way:
    row, spans = entrance.row, span_classes()
    began = window.began_before(row.c.starts_at, spans.c.hours)
    lasting = [span_of(row) == spans.c.span, row.c.over_at > window.from_]
    return _way(entrance, [entrance.once, *began, *lasting], asked, each=spans)


# ── what lasts, and what recurs ──────────────────────────────────────────────────────────────


def _lasting(entrance: Entrance, window: Window, asked: Asked, descending: bool) -> Way:
    """What began longer before, at its start; a series at its next date. Sorted; what else is
    asked is asked of the first of them only."""
    row = entrance.row
    its_place = case(
        (entrance.recurs, next_date(entrance.event_id, window.from_)), else_=row.c.starts_at
    )
    next_at = its_place.label("next_at")
    conditions = [
        entrance.recurs | (span_of(row) > number(LAST_SHORT)),  # as the index has it
        entrance.recurs | (row.c.starts_at <= window.shortly_before()),
        row.c.over_at > window.from_,
    ]
    inside = select(*row.c, next_at).where(*conditions)
    found = fenced(entrance, inside, [next_at, entrance.event_id], descending)
    event_id = found.c.id if entrance.is_events else found.c.event_id
    rows = select(event_id).where(
        found.c.next_at.is_not(None),
        # Not asked inside: PostgreSQL would take the index of the starts for it.
        *window.holds_start(found.c.next_at, found.c.starts_at),
        *entrance.checked(found),
        *(asked(found) if entrance.is_events else [meets_by_id(event_id, asked)]),
    )
    return Way(rows, (found.c.next_at, event_id), entrance.each)


def _dates_ahead(window: Window, asked: Asked) -> Way:
    """Every date starting from then on that is its series' next one. It follows the one before by
    a day, a week, a month: class by class, none is further ahead than that."""
    date, spans = t.occurrences.alias(), span_classes()
    conditions = [
        func.convoke_span(date.c.follows_at, date.c.starts_at) == spans.c.span,
        *window.follows_within(date.c.starts_at, spans.c.hours),
    ]
    return _next_dates(date, conditions, window, asked, spans)


def _dates_going_on(window: Window, asked: Asked) -> Way:
    date, spans = t.occurrences.alias(), span_classes()
    return _next_dates(date, is_on(date, window, spans), window, asked, spans)


def _next_dates(
    date: FromClause,
    conditions: list[Condition],
    window: Window,
    asked: Asked,
    each: FromClause,
) -> Way:
    def asked_of_series(event: FromClause) -> list[Condition]:
        lasting = [event.c.over_at > window.from_, *window.holds_start(event.c.starts_at)]
        return [*lasting, *asked(event)]

    conditions += [date.c.follows_at.is_not(None), date.c.follows_at <= window.from_]
    rows = select(date.c.event_id).where(*conditions, meets_by_id(date.c.event_id, asked_of_series))
    return Way(rows, (date.c.starts_at, date.c.event_id), each)


# ── beneath ──────────────────────────────────────────────────────────────────────────────────


def _way(
    entrance: Entrance,
    conditions: list[Condition],
    asked: Asked,
    each: FromClause | None = None,
) -> Way:
    row = entrance.row
    if entrance.is_wide:
        places = [row.c.starts_at, row.c.id]
        every = fenced(entrance, select(*row.c).where(*conditions), places)
        rows = select(every.c.id).where(*asked(every))
        return Way(rows, (every.c.starts_at, every.c.id))
    if entrance.is_events:
        found = [*entrance.where, *asked(row)]
    else:
        found = [*entrance.where, *entrance.checked(row), meets_by_id(entrance.event_id, asked)]
    rows = select(entrance.event_id).where(*conditions, *found)
    return Way(rows, (row.c.starts_at, entrance.event_id), entrance.each if each is None else each)


def meets_by_id(event_id: ColumnElement[str], asked: Asked) -> Condition:
    event = t.events.alias()
    return exists_for_row(select(event.c.id).where(event.c.id == event_id, *asked(event)))


def fenced(
    entrance: Entrance,
    inside: Select[Any],
    places: Sequence[ColumnElement[Any]] = (),
    descending: bool = False,
) -> FromClause:
    """What the entrance has, found and sorted before anything else is asked: PostgreSQL does not
    mix what is outside into a subquery with an OFFSET."""
    outer = entrance.outer if entrance.each is None else (*entrance.outer, entrance.each)
    inside = (
        inside.where(*entrance.where)
        .order_by(*(place.desc() if descending else place.asc() for place in places))
        .offset(number(0))
    )
    return (inside.correlate(*outer) if outer else inside).subquery()
