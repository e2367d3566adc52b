"""Dates, times and lengths as iCalendar writes them (RFC 5545 s3.3.4 to s3.3.6), and as others do."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar.prop import vDuration

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199

# 20260822T130000, and what hand-made files have: 2026-08-22T13:00:00-04:00, or no seconds.
_WRITTEN = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d{1,9})?\s?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)


class BadDate(ValueError):  # noqa: N818 - the source's mistake, not ours
    """No date, or one that cannot be; the text says which, for people."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it was written: what the clocks showed, and whether it said where."""

    local: datetime
    is_day: bool  # a day without a time
    moment: datetime | None  # in UTC, where it was written with Z or an offset


def read_date(value: str, only_day: bool = False) -> Written:
    """Raises `BadDate` in plain words. A VALUE=DATE that has a time is a day all the same."""
    shape = _WRITTEN.fullmatch(value.strip())
    if shape is None:
        raise BadDate(f"{value.strip()[:40]!r} is no date, like 20270501 or 20270501T180000Z")
    year, month, day, hour, minute, second, offset = shape.groups()
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        raise BadDate(f"{year} is no year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    try:
        whole_day = datetime(int(year), int(month), int(day))  # noqa: DTZ001 - its zone comes later
        if hour is None or only_day:
            return Written(whole_day, is_day=True, moment=None)
        # A leap second (RFC 5545 s3.3.12) has no place in a datetime: the one before it.
        local = whole_day.replace(
            hour=int(hour), minute=int(minute), second=min(int(second or 0), 59)
        )
        moment = None if offset is None else (local - _ahead(offset)).replace(tzinfo=UTC)
    except ValueError:
        raise BadDate(f"{value.strip()[:40]!r} is no day or time that exists") from None
    return Written(local, is_day=False, moment=moment)


def local_time(value: str) -> datetime | None:
    """The clocks of a VTIMEZONE's lines, where years like 1601 are usual."""
    shape = _WRITTEN.fullmatch(value.strip())
    if shape is None:
        return None
    year, month, day, hour, minute, second, _ = (part or "0" for part in shape.groups())
    try:
        # What is said of centuries ago matters no more; dates of the year 1 cannot be reckoned with.
        since = max(int(year), 1601)
        return datetime(since, int(month), int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    except ValueError:
        return None


def read_duration(value: str) -> timedelta:
    """Raises `BadDate` in plain words."""
    try:
        length: timedelta = vDuration.from_ical(value.strip().upper()[:40])  # type: ignore[no-untyped-call]
    except (ValueError, ArithmeticError):
        raise BadDate(f"{value.strip()[:40]!r} is no length of time, like PT1H30M") from None
    return length


def last_day(rrule: str) -> str:
    """A rule for whole days: where its UNTIL is a moment, the day of it. Some write
    UNTIL=20270131T000000Z for days, which west of Greenwich would be the day before."""
    return re.sub(r"(UNTIL=\d{8})T\d{6}Z?", r"\1", rrule, flags=re.IGNORECASE | re.ASCII)


def _ahead(offset: str) -> timedelta:
    if offset in "Zz":
        return timedelta(0)
    digits = offset[1:].replace(":", "")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if length > timedelta(hours=18):
        raise ValueError(offset)
    return -length if offset[0] == "-" else length
