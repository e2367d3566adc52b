"""The dates of an event that are kept as rows, and when the last of them is over.

An event that takes place once has one. Of a series, those from a month ago to `WINDOW_MONTHS`
ahead are kept, at most `MOST`; rows that were made while they were ahead stay when they are past.
A series without a date in that time keeps those it had, from the first on, or else its first one
ahead: every event has a date.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain import recurrence
from domain.events import Event, EventStatus
from domain.places import Place
from domain.recurrence import MOST

LOOKING_BACK = timedelta(days=31)
ROLLING = timedelta(days=30)  # how long dates that were made far enough ahead suffice
_LAST = datetime(2400, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDate:
    """A date of a series as it is to be kept; `overrides` names what differs from the series."""

    event_id: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime | None
    status: EventStatus
    title: str | None
    description: str | None
    place: Place | None
    overrides: tuple[str, ...]


def dates(event: Event, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """Start and end of each date to be kept, in order."""
    if event.recurrence is None:
        return [(event.starts_at.astimezone(UTC), event.ends_at)]
    until = recurrence.horizon(now)
    starts = (
        _starts(event, kept_since(now), until, MOST)
        or _starts(event, event.starts_at, until, MOST)
        or _starts(event, event.starts_at, _LAST, 1)
        or [event.starts_at.astimezone(UTC)]
    )
    return [
        (start, recurrence.end_of(start, event.starts_at, event.ends_at, event.time_zone))
        for start in starts
    ]


def kept_since(now: datetime) -> datetime:
    """Dates before that are history: they are not made any more, nor taken away."""
    return now - LOOKING_BACK


def over_at(event: Event) -> datetime | None:
    """When the last of its dates is over, or None for a series without an end."""
    if event.recurrence is None:
        last: datetime | None = event.ends_at or event.starts_at
    else:
        last = recurrence.ends_last(
            event.recurrence, event.starts_at, event.ends_at, event.time_zone
        )
    if last is None or not (event.all_day and event.ends_at is None):
        return last
    return end_of_day(last, event.time_zone)


def end_of_day(moment: datetime, time_zone: str) -> datetime:
    """The midnight after it, on the clocks of the place."""
    zone = ZoneInfo(time_zone)
    tomorrow = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def moved(
    dropped: Collection[datetime],
    added: Collection[datetime],
    time_zone: str,
    by: timedelta = timedelta(),
) -> dict[datetime, datetime]:
    """Which of the new dates are old ones at another time: those on the same day, at another hour;
    else those that moved as far as the start of the series did, `by` its clocks."""
    zone = ZoneInfo(time_zone)
    pairs = _moved_on_their_day(dropped, added, zone)
    left = dict.fromkeys(set(added) - set(pairs.values()))
    by_local = {new.astimezone(zone).replace(tzinfo=None): new for new in left}
    for old in sorted(set(dropped) - pairs.keys()):
        new = by_local.get(old.astimezone(zone).replace(tzinfo=None) + by)
        if by and new is not None:
            pairs[old] = new
    return pairs


def moved_by(before: Event | None, after: Event) -> timedelta:
    """How far the start of an event was moved, on the clocks of the place."""
    if before is None:
        return timedelta()
    old, new = (one.starts_at.astimezone(ZoneInfo(one.time_zone)) for one in (before, after))
    return new.replace(tzinfo=None) - old.replace(tzinfo=None)


def takes_place_before(event: Event, at: datetime) -> bool:
    """Whether the event has a date before that moment."""
    return bool(_starts(event, event.starts_at, at, 1))


def stays_as_it_was(event: Event, date: datetime, now: datetime) -> bool:
    """Whether a date that the event has no more stays as it was: it is over, and nobody says
    that it did not take place."""
    if event.recurrence is None:
        return False
    return date < now and date not in event.recurrence.exceptions


def more_due_at(event: Event, last: datetime, now: datetime) -> datetime | None:
    """When more dates of the event are to be made, where `last` is the last that has a row; None
    where none are to come. Usually in a month, so that 17 months are always ahead; sooner where a
    series has so many dates that fewer months of it are kept."""
    further = _starts(event, max(last + timedelta(microseconds=1), now), _LAST, 1)
    if not further:
        return None
    if further[0] >= recurrence.horizon(now):
        return now + ROLLING
    return max(now + timedelta(days=1), min(now + ROLLING, now + (last - now) / 2))


def _moved_on_their_day(
    dropped: Iterable[datetime], added: Iterable[datetime], zone: ZoneInfo
) -> dict[datetime, datetime]:
    on_day: dict[object, list[datetime]] = {}
    for new in sorted(added, reverse=True):
        on_day.setdefault(new.astimezone(zone).date(), []).append(new)
    pairs: dict[datetime, datetime] = {}
    for old in sorted(dropped):
        free = on_day.get(old.astimezone(zone).date())
        if free:
            pairs[old] = free.pop()
    return pairs


def _starts(event: Event, since: datetime, until: datetime, most: int) -> list[datetime]:
    if event.recurrence is None:
        return []
    return recurrence.dates_between(
        event.recurrence, event.starts_at, event.time_zone, since, until, most
    )
