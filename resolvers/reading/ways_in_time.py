"""The ways of a list of events: what is ahead, what is going on, and what recurs.

A list from a moment on has each event at its first date that counts from there
(docs/decisions/0006). No one index has that order, but each part of it has one:

- what takes place once and starts then or later: by start;
- what takes place once, has begun and is still going on: it began within a day, or is one of the
  few that last longer;
- what recurs: of a group, a place, an organization or an alliance each series' next date is looked
  up, for they are few; of all events the dates themselves are read, each of which knows since when
  it is the next one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Interval,
    Select,
    column,
    func,
    literal_column,
    select,
    true,
    values,
)

from resolvers.reading.entrances import Entrance
from resolvers.reading.given import Given
from resolvers.reading.listing import Way
from resolvers.reading.narrowing import (
    Condition,
    has_date,
    in_window,
    moment_of,
    next_date,
    takes_place,
)
from resolvers.reading.wanted import EventsWanted
from storage import tables as t
from storage.tables import Instant
from storage.words import exists_for_row

Asked = Callable[[FromClause], Sequence[Condition]]  # what else is asked of an event's row

# How many hours something lasts at most in each class of convoke_span (migration 0005); in the
# last one, for ever.
SPANS = (3, 12, 25, 48, 169, 337, 745, 841, 2233, 8785, None)
LAST_SHORT = 3  # the class up to which a list looks at all that began so shortly before
SHORT_HOURS = 25
_HOUR = literal_column("interval '1 hour'", Interval)
_LONG_AGO = literal_column("'-infinity'", Instant)
_NEVER = literal_column("'infinity'", Instant)


@dataclass(frozen=True, slots=True)
class Window:
    from_: ColumnElement[datetime]
    to: Given[datetime] | None

    def holds_start(self, *moments: ColumnElement[Any]) -> list[Condition]:
        """They lie before its end."""
        return [] if self.to is None else [moment < self.to for moment in moments]

    def began_before(
        self, starts_at: ColumnElement[Any], hours: ColumnElement[int]
    ) -> list[Condition]:
        """Before it, and at most so long."""
        earliest = func.coalesce(self.from_ - hours * _HOUR, _LONG_AGO, type_=Instant)
        return [starts_at < self.from_, starts_at > earliest, *self.holds_start(starts_at)]

    def follows_within(
        self, starts_at: ColumnElement[Any], hours: ColumnElement[int]
    ) -> list[Condition]:
        latest = func.coalesce(self.from_ + hours * _HOUR, _NEVER, type_=Instant)
        return [starts_at >= self.from_, starts_at <= latest, *self.holds_start(starts_at)]


def by_start(
    entrance: Entrance, wanted: EventsWanted, asked: Asked, *, descending: bool
) -> tuple[Way, ...]:
    if wanted.from_ is None:
        return (_by_first_date(entrance, wanted, asked),)
    window = Window(moment_of(wanted.from_), wanted.to)
    ahead = _ahead(entrance, window, asked)
    if entrance.has_all:
        return (
            ahead,
            _going_on_by_span(entrance, window, asked),
            _dates_ahead(window, asked),
            _dates_going_on(window, asked),
        )
    return (
        ahead,
        _began_shortly_before(entrance, window, asked),
        _long_going_on(entrance, window, asked),
        _series(entrance, window, asked, descending),
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
    found = _fenced(entrance, inside, [place, event.c.id], descending)
    rows = select(found.c.id).where(*takes_place(found, wanted), *asked(found))
    return Way(rows, (found.c.place, found.c.id), entrance.each)


def where(ways: tuple[Way, ...], condition: Condition) -> tuple[Way, ...]:
    """The same, of no rows where the condition, which does not depend on them, does not hold."""
    return tuple(replace(way, rows=way.rows.where(condition)) for way in ways)


def dates_in_order(
    entrance: Entrance, window: Window, asked: Asked, shown: Asked
) -> tuple[Way, ...]:
    """Every date in the window, of the events asked for. `shown` is asked of the date itself."""
    if entrance.has_all:
        date, lasting, spans = t.occurrences.alias(), t.occurrences.alias(), _spans()
        starting = [date.c.starts_at >= window.from_, *window.holds_start(date.c.starts_at)]
        return (
            _dates(date, starting, asked, shown),
            _dates(lasting, _is_on(lasting, window, spans), asked, shown, spans),
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
    rows = select(date.c.id).where(*conditions, *shown(date), _event(date.c.event_id, asked))
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
    found = _fenced(entrance, inside, [date.c.starts_at, date.c.id])
    rows = select(found.c.id).where(_event(found.c.event_id, asked))
    return Way(rows, (found.c.starts_at, found.c.id), entrance.each)


def _dates_of_once(entrance: Entrance, window: Window, asked: Asked, shown: Asked) -> Way:
    """What takes place once and not for long has its date at its own start, as a rule."""
    row, date = entrance.row, t.occurrences.alias()
    earliest = window.from_ - _number(SHORT_HOURS) * _HOUR
    found = (
        select(date.c.id)
        .where(
            date.c.event_id == entrance.event_id,
            date.c.starts_at == row.c.starts_at,
            *in_window(date, window.from_, window.to),
            *shown(date),
        )
        .limit(_number(1))
        .lateral()
    )
    rows = (
        select(found.c.id)
        .select_from(row.join(found, true()))
        .where(
            entrance.once,
            _span(row) <= _number(LAST_SHORT),
            row.c.starts_at > earliest,
            *window.holds_start(row.c.starts_at),
            *entrance.where,
            *entrance.checked(row),
            *(asked(row) if entrance.is_events else [_event(entrance.event_id, asked)]),
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
            _span(row) <= _number(LAST_SHORT),
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
    lasting = entrance.recurs | (_span(row) > _number(LAST_SHORT))
    return [lasting, row.c.over_at >= window.from_]


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


def _began_shortly_before(entrance: Entrance, window: Window, asked: Asked) -> Way:
    row = entrance.row
    began = window.began_before(row.c.starts_at, _number(SHORT_HOURS))
    short = _span(row) <= _number(LAST_SHORT)
    return _way(entrance, [entrance.once, *began, short, row.c.over_at > window.from_], asked)


def _long_going_on(entrance: Entrance, window: Window, asked: Asked) -> Way:
    row = entrance.row
    began = [row.c.starts_at < window.from_, *window.holds_start(row.c.starts_at)]
    long = _span(row) > _number(LAST_SHORT)
    return _way(entrance, [entrance.once, *began, long, row.c.over_at > window.from_], asked)


def _going_on_by_span(entrance: Entrance, window: Window, asked: Asked) -> Way:
    row, spans = entrance.row, _spans()
    began = window.began_before(row.c.starts_at, spans.c.hours)
    lasting = [_span(row) == spans.c.span, row.c.over_at > window.from_]
    return _way(entrance, [entrance.once, *began, *lasting], asked, each=spans)


# ── what recurs ──────────────────────────────────────────────────────────────────────────────


def _series(entrance: Entrance, window: Window, asked: Asked, descending: bool) -> Way:
    """Each series' next date, sorted; what else is asked is asked of the first of them only."""
    row = entrance.row
    next_at = next_date(entrance.event_id, window.from_).label("next_at")
    conditions = [
        entrance.recurs,
        row.c.over_at > window.from_,
        *window.holds_start(row.c.starts_at),
    ]
    inside = select(*row.c, next_at).where(*conditions)
    found = _fenced(entrance, inside, [next_at, entrance.event_id], descending)
    event_id = found.c.id if entrance.is_events else found.c.event_id
    rows = select(event_id).where(
        found.c.next_at.is_not(None),
        *window.holds_start(found.c.next_at),
        *entrance.checked(found),
        *(asked(found) if entrance.is_events else [_event(event_id, asked)]),
    )
    return Way(rows, (found.c.next_at, event_id), entrance.each)


def _dates_ahead(window: Window, asked: Asked) -> Way:
    """Every date starting from then on that is its series' next one. It follows the one before by
    a day, a week, a month: class by class, none is further ahead than that."""
    date, spans = t.occurrences.alias(), _spans()
    conditions = [
        func.convoke_span(date.c.follows_at, date.c.starts_at) == spans.c.span,
        *window.follows_within(date.c.starts_at, spans.c.hours),
    ]
    return _next_dates(date, conditions, window, asked, spans)


def _dates_going_on(window: Window, asked: Asked) -> Way:
    date, spans = t.occurrences.alias(), _spans()
    return _next_dates(date, _is_on(date, window, spans), window, asked, spans)


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
    rows = select(date.c.event_id).where(*conditions, _event(date.c.event_id, asked_of_series))
    return Way(rows, (date.c.starts_at, date.c.event_id), each)


def _is_on(date: FromClause, window: Window, spans: FromClause) -> list[Condition]:
    return [
        func.convoke_span(date.c.starts_at, date.c.ends_at) == spans.c.span,
        *window.began_before(date.c.starts_at, spans.c.hours),
        date.c.ends_at > window.from_,
    ]


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
        every = _fenced(entrance, select(*row.c).where(*conditions), places)
        rows = select(every.c.id).where(*asked(every))
        return Way(rows, (every.c.starts_at, every.c.id))
    if entrance.is_events:
        found = [*entrance.where, *asked(row)]
    else:
        found = [*entrance.where, *entrance.checked(row), _event(entrance.event_id, asked)]
    rows = select(entrance.event_id).where(*conditions, *found)
    return Way(rows, (row.c.starts_at, entrance.event_id), entrance.each if each is None else each)


def _event(event_id: ColumnElement[str], asked: Asked) -> Condition:
    event = t.events.alias()
    return exists_for_row(select(event.c.id).where(event.c.id == event_id, *asked(event)))


def _fenced(
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
        .offset(_number(0))
    )
    return (inside.correlate(*outer) if outer else inside).subquery()


def _span(row: FromClause) -> ColumnElement[int]:
    return func.convoke_span(row.c.starts_at, row.c.over_at, type_=Integer)


def _spans() -> FromClause:
    classes = values(
        column("span", Integer), column("hours", Integer), name="spans", literal_binds=True
    )
    return classes.data(list(enumerate(SPANS, start=1)))


def _number(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer)
