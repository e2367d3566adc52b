"""Which time zone a calendar means by the name it gives (RFC 5545 s3.2.19, s3.6.5).

Names are free text: an IANA name, one of Windows, one with a vendor's prefix, or a VTIMEZONE's own
invention. Here each becomes an IANA zone, because only that knows what a government decides next
year; where none fits, the VTIMEZONE's own offsets give the moment.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from domain.errors import Invalid
from domain.recurrence_dates import local_dates
from domain.recurrence_rule import Frequency, Rule, parsed
from domain.texts import available_zones
from federation.ics_dates import local_time
from federation.ics_lines import Block, read_property

_MOST_OWN_ZONES = 10  # worked out in one file; each costs some milliseconds
_MOST_OBSERVANCES = 100  # in one zone; a full history of London has 90
_MOST_YEARS = 40  # for which one such zone is worked out
_FIXED = re.compile(r"(?:UTC|GMT)\s?([+-])0?([0-9]|1[0-4])(?::?00)?", re.ASCII)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?", re.ASCII)
_OVER_A_YEAR = timedelta(days=400)
# One for each habit of clocks where many people live, for a VTIMEZONE whose name says nothing.
_WELL_KNOWN = (
    *("UTC", "Europe/Berlin", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "Europe/London", "Europe/Helsinki", "Europe/Moscow", "Asia/Kolkata"),
    *("Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland"),
    *("America/Sao_Paulo", "America/Mexico_City", "America/Bogota", "America/Phoenix"),
    *("America/Halifax", "America/St_Johns", "America/Anchorage", "Pacific/Honolulu"),
    *("America/Caracas", "America/Santiago", "Africa/Lagos", "Africa/Nairobi", "Africa/Cairo"),
    *("Asia/Dubai", "Asia/Tehran", "Asia/Karachi", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon"),
    *("Asia/Bangkok", "Asia/Jerusalem", "Asia/Beirut", "Atlantic/Azores", "Pacific/Apia"),
    *("Australia/Darwin", "Australia/Lord_Howe", "Pacific/Chatham", "America/Havana"),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """`name` is an IANA zone. `own` has the offsets of a VTIMEZONE that is like none of them, and
    `guessed` says that the name given was not understood."""

    name: str
    own: "OwnOffsets | None" = None
    guessed: bool = False

    def moment(self, local: datetime) -> datetime:
        """When the clocks there show that; of two times the first (RFC 5545 s3.3.5)."""
        if self.own is not None:
            return (local - self.own.offset(local)).replace(tzinfo=UTC)
        return local.replace(tzinfo=ZoneInfo(self.name)).astimezone(UTC)


class Zones:
    """The zones of one file, each worked out once. Times without one are of the zone the file
    states for itself, or else of the one given."""

    def __init__(self, blocks: list[Block], stated: str | None, given: str) -> None:
        self.stated = stated
        self.fallback = stated or given
        self._known: dict[str, Zone] = {}
        self._blocks: dict[str, Block] = {}
        for block in blocks:
            name = _value(block, "TZID")
            if name is not None:
                self._blocks.setdefault(name, block)
        self._worked_out = 0

    def find(self, name: str | None, around: datetime) -> Zone:
        """The zone meant by a TZID, or the calendar's own for a time that names none."""
        if name is None:
            return Zone(self.fallback)
        if name not in self._known:
            self._known[name] = self._worked(name, around)
        return self._known[name]

    def _worked(self, name: str, around: datetime) -> Zone:
        iana, block = iana_name(name), self._blocks.get(name)
        if iana is None and block is not None:
            iana = iana_name(_value(block, "X-LIC-LOCATION") or "")
        if iana is not None:
            return Zone(iana)
        if block is None or self._worked_out >= _MOST_OWN_ZONES:
            return Zone(self.fallback, guessed=True)
        self._worked_out += 1
        own = OwnOffsets.read(block)
        if own is None:
            return Zone(self.fallback, guessed=True)
        alike = _alike(own, around.year, (self.fallback, *_WELL_KNOWN))
        return Zone(alike) if alike else Zone(self.fallback, own=own, guessed=True)


@cache
def _by_lower_case() -> dict[str, str]:
    windows = {name.casefold(): iana for name, iana in WINDOWS_TO_OLSON.items()}
    return windows | {name.casefold(): name for name in available_zones()}


def iana_name(name: str) -> str | None:
    """The IANA zone that a name clearly means, or None."""
    cleaned = " ".join(name.strip("\"'/ ").split())[:200]
    known = _by_lower_case()
    parts = cleaned.split("/")
    # Vendors put themselves in front, /freeassociation.sourceforge.net/Europe/Berlin: longest first.
    for start in range(len(parts)):
        found = known.get("/".join(parts[start:]).casefold())
        if found is not None:
            return found
    fixed = _FIXED.fullmatch(cleaned.upper())
    if fixed is None:
        return None
    # POSIX counts west: Etc/GMT-2 is two hours ahead of Greenwich.
    return f"Etc/GMT{'-' if fixed[1] == '+' else '+'}{fixed[2]}" if fixed[2] != "0" else "UTC"


@dataclass(frozen=True, slots=True)
class _Observance:
    """From `start` on, and again on each date of its rule, clocks are `offset` from UTC."""

    start: datetime
    before: timedelta
    offset: timedelta
    rule: Rule | None
    dates: tuple[datetime, ...]

    def onsets(self, year: int) -> list[datetime]:
        """When it begins, as far as matters for the times of one year."""
        begins = [moment for moment in (self.start, *self.dates) if moment.year <= year]
        if self.rule is None:
            return begins
        last = datetime(year, 12, 31, 23, 59, 59)  # noqa: DTZ001 - on the clocks there
        until = self.rule.until
        if until is not None:
            end = datetime(until.year, until.month, until.day) + timedelta(days=1)  # noqa: DTZ001
            last = min(last, end)
        made = local_dates(self.rule, self.start, last - _OVER_A_YEAR, last)
        return [*begins, *made]


class OwnOffsets:
    """The offsets that a VTIMEZONE itself defines."""

    def __init__(self, observances: list[_Observance]) -> None:
        self._observances = observances
        self._years: dict[int, tuple[list[datetime], list[timedelta]]] = {}

    @classmethod
    def read(cls, block: Block) -> "OwnOffsets | None":
        read = [_observance(part) for part in block.parts[:_MOST_OBSERVANCES]]
        found = [observance for observance in read if observance is not None]
        return cls(found) if found else None

    def offset(self, local: datetime) -> timedelta:
        onsets, offsets = self._changes(local.year)
        at = bisect_right(onsets, local)
        if at == 0:
            return min(self._observances, key=lambda observance: observance.start).before
        return offsets[at - 1]

    def _changes(self, year: int) -> tuple[list[datetime], list[timedelta]]:
        """When the clocks change in a year, or before it, and to what."""
        if year not in self._years and len(self._years) < _MOST_YEARS:
            changes = sorted(
                (onset, observance.offset)
                for observance in self._observances
                for onset in observance.onsets(year)
            )
            self._years[year] = [at for at, _ in changes], [to for _, to in changes]
        nearest = min(self._years, key=lambda known: abs(known - year))
        return self._years[nearest]


def _observance(part: Block) -> _Observance | None:
    start = local_time(_value(part, "DTSTART") or "")
    before, offset = (_offset(_value(part, f"TZOFFSET{way}") or "") for way in ("FROM", "TO"))
    if start is None or before is None or offset is None:
        return None
    dates = [
        moment
        for name, text in part.lines
        if name == "RDATE" and (line := read_property(text)) is not None
        for value in line.value.split(",")[:100]
        if (moment := local_time(value)) is not None
    ]
    return _Observance(start, before, offset, _rule(part), tuple(dates))


def _rule(part: Block) -> Rule | None:
    """Its rule, where that is one by which clocks change: some day of a month, every year. A
    stranger's FREQ=SECONDLY, or one that is much work for each event, is not."""
    text = _value(part, "RRULE")
    try:
        rule = parsed(text) if text else None
    except Invalid:
        return None
    if rule is None or rule.frequency is not Frequency.YEARLY or rule.count is not None:
        return None
    within_the_day = rule.hours or rule.minutes or rule.seconds
    return rule if len(rule.months) == 1 and not within_the_day else None


def _alike(own: OwnOffsets, year: int, candidates: tuple[str, ...]) -> str | None:
    """The first zone whose clocks agree with these all through the year, week by week."""
    first = datetime(year, 1, 1, 12)  # noqa: DTZ001 - on the clocks of each zone in turn
    probes = [first + timedelta(days=7 * week) for week in range(52)]
    offsets = [own.offset(probe) for probe in probes]
    for name in candidates:
        zone = ZoneInfo(name)
        if all(
            probe.replace(tzinfo=zone).utcoffset() == offset
            for probe, offset in zip(probes, offsets, strict=True)
        ):
            return name
    return None


def _offset(value: str) -> timedelta | None:
    shape = _OFFSET.fullmatch(value.strip())
    if shape is None or int(shape[2]) > 23 or int(shape[3]) > 59:
        return None
    length = timedelta(hours=int(shape[2]), minutes=int(shape[3]))
    return -length if shape[1] == "-" else length


def _value(block: Block, wanted: str) -> str | None:
    text = next((text for name, text in block.lines if name == wanted), None)
    line = read_property(text) if text is not None else None
    return line.value.strip() if line is not None else None
