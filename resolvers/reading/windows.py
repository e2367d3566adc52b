"""A stretch of time that is asked about, and how long things last: what is going on at a moment
began, class by class of `convoke_span` (migration 0005), within a known time before it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Interval,
    column,
    func,
    literal_column,
    values,
)

from resolvers.reading.given import Given
from resolvers.reading.narrowing import Condition
from storage.tables import Instant

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
    """From a moment on, and until another where one is given."""

    from_: ColumnElement[datetime]
    to: Given[datetime] | None

    def holds_start(self, *moments: ColumnElement[Any]) -> list[Condition]:
        """They lie before its end."""
        return [] if self.to is None else [moment < self.to for moment in moments]

    def earlier(self, hours: int) -> ColumnElement[datetime]:
        return self.from_ - number(hours) * _HOUR

    def shortly_before(self) -> ColumnElement[datetime]:
        """What is over by then, or lasts (`LAST_SHORT`), began at that moment or before it."""
        return func.coalesce(self.earlier(SHORT_HOURS), _LONG_AGO, type_=Instant)

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


def is_on(date: FromClause, window: Window, spans: FromClause) -> list[Condition]:
    return [
        func.convoke_span(date.c.starts_at, date.c.ends_at) == spans.c.span,
        *window.began_before(date.c.starts_at, spans.c.hours),
        date.c.ends_at > window.from_,
    ]


def span_of(row: FromClause) -> ColumnElement[int]:
    return func.convoke_span(row.c.starts_at, row.c.over_at, type_=Integer)


def span_classes() -> FromClause:
    classes = values(
        column("span", Integer), column("hours", Integer), name="spans", literal_binds=True
    )
    return classes.data(list(enumerate(SPANS, start=1)))


def number(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer)
