"""How dates are looked at: as a list, a week, a month or a map; and the addresses that lead from one
to the next.

Days are those of the clocks of each event's place. A week of a hub that has places in several zones
is asked for with a margin, and what is of other days in its own place is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from domain.recurrence import horizon
from languages import dates
from languages import gettext as _
from web.feeds.events import written
from web.pages.dates import Line, by_day

LISTED = 30  # dates on a page of a list
SHOWN = 100  # dates of a week or a month: the most that the contract gives at a time
SPOTTED = 60  # dates on a map, each with its place
MAPPED = timedelta(days=60)
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)  # how far clocks are from UTC
_DAY = timedelta(days=1)
_FARTHEST = 366 * 5  # days from now that anybody looks at


class View(StrEnum):
    LIST = "list"
    WEEK = "week"
    MONTH = "month"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Looking:
    """What the address of a page says about the dates on it. `given` are its other words."""

    view: View
    on: date  # in the week or month
    now: datetime
    after: str | None
    path: str
    given: tuple[tuple[str, str], ...]

    @property
    def days(self) -> tuple[date, date]:
        """The first, and the first that is not shown any more: whole weeks from Monday on."""
        if self.view is View.WEEK:
            first = _monday(self.on)
            return first, first + 7 * _DAY
        first = self.on.replace(day=1)
        last = _next_month(first) - _DAY
        return _monday(first), _monday(last) + 7 * _DAY

    @property
    def window(self) -> dict[str, Any]:
        """For the contract: `from`, `to`, `first` and `after`."""
        if self.view in (View.WEEK, View.MONTH):
            first, end = (datetime.combine(each, time(), UTC) for each in self.days)
            return _asked(first - _EAST, end + _WEST, SHOWN, None)
        if self.view is View.MAP:
            return _asked(self.now, self.now + MAPPED, SPOTTED, None)
        return _asked(self.now, horizon(self.now), LISTED, self.after)

    @property
    def title(self) -> str:
        """Of the week or the month."""
        first, end = self.days
        if self.view is View.MONTH:
            return dates.month(self.on)
        last = end - _DAY
        start = dates.day_and_month(first)
        if first.year != last.year:
            start = dates.day(first)
        elif first.month == last.month:
            start = str(first.day)
        return _("%(first)s to %(last)s", first=start, last=dates.day(last))

    def to(self, **said: str) -> str:
        """The address of the same things, looked at otherwise."""
        query = urlencode([*self.given, *said.items()], safe=",@:")
        return f"{quote(self.path, safe='/@:')}?{query}" if query else quote(self.path, safe="/@:")

    def of(self, view: View) -> str:
        return self.to() if view is View.LIST else self.to(view=view.value)

    @property
    def before(self) -> str:
        first = self.days[0] - _DAY if self.view is View.WEEK else self.on.replace(day=1) - _DAY
        return self.to(view=self.view.value, on=first.isoformat())

    @property
    def behind(self) -> str:
        end = self.days[1] if self.view is View.WEEK else _next_month(self.on.replace(day=1))
        return self.to(view=self.view.value, on=end.isoformat())

    def further(self, page: dict[str, Any]) -> str | None:
        """The address of what follows on a list."""
        return self.to(after=page["endCursor"]) if page["hasNextPage"] else None

    def by_day(self, lines: Sequence[Line]) -> list[tuple[date, list[Line]]]:
        """Of a week or a month each of its days; of a list those on which there is something."""
        lines = sorted(lines, key=lambda line: line.day)
        if self.view not in (View.WEEK, View.MONTH):
            return by_day(lines)
        first, end = self.days
        known = dict(by_day(lines))
        days = [first + _DAY * number for number in range((end - first).days)]
        return [(day, known.get(day, [])) for day in days]


def looking(request: Request, now: datetime, path: str, kept: Sequence[str] = ()) -> Looking:
    """An address with a word in it that is not understood still shows something. `kept` are the
    names of the words that go along."""
    query = request.query_params
    view = query.get("view", "")
    after = query.get("after", "")
    return Looking(
        View(view) if view in list(View) else View.LIST,
        _day(query.get("on", ""), now.date()),
        now,
        after[:500] or None,
        path,
        tuple((name, query[name]) for name in (*kept, "lang") if query.get(name)),
    )


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs((day - today).days) < _FARTHEST else today


def _monday(day: date) -> date:
    return day - _DAY * day.weekday()


def _next_month(first: date) -> date:
    return (first + 31 * _DAY).replace(day=1)


def _asked(begins: datetime, ends: datetime, first: int, after: str | None) -> dict[str, Any]:
    return {"from": written(begins), "to": written(ends), "first": first, "after": after}
