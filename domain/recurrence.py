"""When an event that repeats takes place: a rule, dates beside it, and dates that fall out.

A series is made in the event's own time zone, so that a weekly 18:00 stays 18:00 when the clocks
change. A rule is read in `domain/recurrence_rule.py` and worked out in `recurrence_dates.py`.

- A local time that the clocks jump over (02:30 on a spring Sunday) takes place the length of the
  jump later, at 03:30. RFC 5545 s3.3.5 reads a single time so; s3.3.10 would let such a date fall
  out of a series, but nobody expects their meeting to vanish for a week.
- A local time that happens twice (02:30 on an autumn Sunday) is the first of the two (s3.3.5).
- The event's own start is always the first date, and the first that COUNT counts.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.recurrence_dates import MOST_DAYS, local_dates
from domain.recurrence_rule import Rule, parsed, parts_of, written
from domain.words import Count, say

MOST = 500  # dates of one series that are kept
WINDOW_MONTHS = 18  # how far ahead they are kept
MOST_DATES = 500
MOST_EXCEPTIONS = 1_000

# Where series live. Before 1900 zones have odd offsets, and no calendar is planned past 2400.
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2400, 1, 1, tzinfo=UTC)
_A_DAY = timedelta(days=1)
_TWO_YEARS = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`rrule` as in RFC 5545, without its name; empty where only `dates` repeat the event.
    `dates` take place too, and `exceptions` do not: moments, with their zone."""

    rrule: str
    dates: tuple[datetime, ...] = ()
    exceptions: tuple[datetime, ...] = ()


def check(recurrence: Recurrence, field: tuple[str, ...] = ("recurrence",)) -> None:
    """`Invalid`, naming the field, unless the series can be made with bounded work."""
    if recurrence.rrule:
        try:
            parsed(recurrence.rrule)
        except Invalid as refusal:
            raise Invalid(refusal.message, (*field, "rrule")) from None
    elif not recurrence.dates:
        raise Invalid("Say how it repeats: a rule, or dates.", (*field, "rrule"))
    _check_moments(recurrence.dates, MOST_DATES, (*field, "dates"))
    _check_moments(recurrence.exceptions, MOST_EXCEPTIONS, (*field, "exceptions"))


def dates_between(
    recurrence: Recurrence,
    starts_at: datetime,
    time_zone: str,
    from_: datetime,
    to: datetime,
    most: int = MOST,
) -> list[datetime]:
    """When it starts, from `from_` until before `to`: moments in UTC, in order, each once."""
    zone = ZoneInfo(time_zone)
    from_, to = max(from_, _EARLIEST), min(to, _LATEST)
    excluded = {moment.astimezone(UTC) for moment in recurrence.exceptions}
    found = {moment.astimezone(UTC) for moment in recurrence.dates if from_ <= moment < to}
    made = 0
    if from_ < to and _EARLIEST <= starts_at < _LATEST:
        for at in _made_by_rule(recurrence, starts_at, zone, from_, to):
            found.add(at)
            made += at not in excluded
            # The clocks can put two neighbours out of order, so look a little past the last.
            if made >= most + 2:
                break
    return sorted(found - excluded)[:most]


def ends_last(
    recurrence: Recurrence, starts_at: datetime, ends_at: datetime | None, time_zone: str
) -> datetime | None:
    """When the last date is over, or None for a series without an end."""
    since = _EARLIEST
    if recurrence.rrule:
        rule = parsed(recurrence.rrule)
        limit = _limit(rule, ZoneInfo(time_zone))
        if rule.count is None and (limit is None or limit.year >= _LATEST.year):
            return None
        if limit is not None:  # most series have a date shortly before their UNTIL
            since = max(since, limit.replace(tzinfo=UTC) - _TWO_YEARS)
    dates = dates_between(recurrence, starts_at, time_zone, since, _LATEST, most=MOST_DAYS)
    if not dates and since > _EARLIEST:
        dates = dates_between(recurrence, starts_at, time_zone, _EARLIEST, _LATEST, most=MOST_DAYS)
    last = dates[-1] if dates else starts_at.astimezone(UTC)
    return end_of(last, starts_at, ends_at, time_zone) or last


def end_of(
    date: datetime, starts_at: datetime, ends_at: datetime | None, time_zone: str
) -> datetime | None:
    """When the date that starts at `date` is over: as long after as on the clocks of the first
    one, so that a night from 22:00 to 06:00 ends at 06:00 also when the clocks change in it."""
    if ends_at is None or date == starts_at:
        return None if ends_at is None else ends_at.astimezone(UTC)
    zone = ZoneInfo(time_zone)
    length = _local(ends_at, zone) - _local(starts_at, zone)
    ends = _moment(_local(date, zone) + length, zone)
    return ends if ends > date else (date + (ends_at - starts_at)).astimezone(UTC)


def split(
    recurrence: Recurrence, starts_at: datetime, time_zone: str, at: datetime
) -> tuple[Recurrence | None, Recurrence | None] | None:
    """The series before `at`, and as it goes on where another begins then; either is None where it
    is one date alone. None altogether where no series could begin at `at`: it is no date of this
    one, or one that stands beside the rule."""
    zone, at = ZoneInfo(time_zone), at.astimezone(UTC)
    rules: tuple[str, str] | None = ("", "")
    if recurrence.rrule:
        rules = _split_rule(recurrence, starts_at, zone, at)
    elif at not in recurrence.dates:
        return None
    if rules is None or at in recurrence.exceptions:
        return None
    first, second = rules
    return (
        _those(recurrence, first, lambda moment: moment < at),
        _those(recurrence, second, lambda moment: moment > at),
    )


def horizon(now: datetime) -> datetime:
    """Until when the dates of a series are kept, seen from now."""
    years, month = divmod(now.month - 1 + WINDOW_MONTHS, 12)
    year, month = now.year + years, month + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def _those(
    recurrence: Recurrence, rrule: str, chosen: Callable[[datetime], bool]
) -> Recurrence | None:
    dates = tuple(filter(chosen, recurrence.dates))
    if not rrule and not dates:
        return None
    return Recurrence(rrule, dates, tuple(filter(chosen, recurrence.exceptions)))


def _split_rule(
    recurrence: Recurrence, starts_at: datetime, zone: ZoneInfo, at: datetime
) -> tuple[str, str] | None:
    rule, start, local = parsed(recurrence.rrule), _local(starts_at, zone), _local(at, zone)
    just_after = at + timedelta(microseconds=1)
    made = list(_made_by_rule(recurrence, starts_at, zone, _EARLIEST, just_after))
    if at not in made:
        return None
    passed = [moment for moment in made if moment < at]
    first, second = dict(parts_of(recurrence.rrule)), dict(parts_of(recurrence.rrule))
    if rule.count is not None:
        first["COUNT"], second["COUNT"] = str(len(passed)), str(rule.count - len(passed))
    elif any(_local(moment, zone).date() == local.date() for moment in passed):
        first["UNTIL"] = f"{at - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    else:
        first["UNTIL"] = f"{local - _A_DAY:%Y%m%d}"
    if local.time() != start.time() and not (rule.hours or rule.minutes or rule.seconds):
        # The clocks moved this one date: those behind it are at their hour again.
        second |= {"BYHOUR": str(start.hour), "BYMINUTE": str(start.minute)}
    return written(first), written(second)


def _made_by_rule(
    recurrence: Recurrence, starts_at: datetime, zone: ZoneInfo, from_: datetime, to: datetime
) -> Iterator[datetime]:
    start = _local(starts_at, zone)
    if not recurrence.rrule:
        locals_: Iterable[datetime] = (start,)
    else:
        rule = parsed(recurrence.rrule)
        limit, end = _limit(rule, zone), _local(to, zone) + _A_DAY
        last = end if limit is None else min(limit, end)
        locals_ = local_dates(rule, start, _local(from_, zone) - _A_DAY, last)
    for local in locals_:
        # The start itself may be the second 02:30 of an autumn Sunday: it is what it is.
        at = starts_at.astimezone(UTC) if local == start else _moment(local, zone)
        if from_ <= at < to:
            yield at


def _limit(rule: Rule, zone: ZoneInfo) -> datetime | None:
    """UNTIL on the clocks of the event, the whole day where it is a day."""
    until = rule.until
    if isinstance(until, datetime):
        if until.tzinfo is None or until.year == 9999:  # "for ever", as some write it
            return until.replace(tzinfo=None)
        return _local(until, zone)
    return None if until is None else datetime.combine(until, time.max)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """`fold=0` is what RFC 5545 s3.3.5 asks: the first of two, and the offset before a gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _check_moments(moments: tuple[datetime, ...], most: int, field: tuple[str, ...]) -> None:
    if len(moments) > most:
        raise Invalid(
            say(
                "At most %(most)s %(field)s; there are %(count)s.",
                most=Count(most),
                field=field[-1],
                count=Count(len(moments)),
            ),
            field,
        )
    for moment in moments:
        if moment.tzinfo is None:
            raise Invalid("Write each date with its offset, like 2027-05-01T18:00:00Z.", field)
        if not _EARLIEST.year <= moment.year < _LATEST.year:
            raise Invalid(
                say("%(year)s is no year of a calendar here (1900 to 2399).", year=moment.year),
                field,
            )
