"""One VEVENT (RFC 5545 s3.6.1) as a `CalendarItem`, and what had to be said about it.

Personal data stays out: ATTENDEE, ORGANIZER, CONTACT, ATTACH and alarms are never read.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain import recurrence
from domain.calendars import CalendarItem, ItemProblem, ProblemReason
from domain.errors import Invalid
from domain.events import LONGEST_DAYS, EventStatus
from domain.geo import check_position
from domain.places import Place
from domain.recurrence import Recurrence
from domain.texts import LINE, PAGE, language
from federation import ics_texts as texts
from federation.ics_dates import BadDate, Written, last_day, read_date, read_duration
from federation.ics_lines import Block, Property, read_property
from federation.ics_zones import Zone, Zones

NO_TITLE = "(untitled)"
_MOST_UID = 500
_MOST_MOMENTS = 1_001  # dates beside a rule that are read: enough to see that they are too many
_READ = frozenset(
    (
        *("UID", "SUMMARY", "DESCRIPTION", "X-ALT-DESC", "STYLED-DESCRIPTION", "CATEGORIES"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
        *("LOCATION", "GEO", "URL", "CONFERENCE", "X-GOOGLE-CONFERENCE"),
        *("STATUS", "CLASS", "SEQUENCE", "LAST-MODIFIED"),
    )
)
_STATUS = {"TENTATIVE": EventStatus.TENTATIVE, "CANCELLED": EventStatus.CANCELLED}


class Dropped(Exception):  # noqa: N818 - told to the calendar's owner
    """This entry cannot become an item."""

    def __init__(self, reason: ProblemReason, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


class EventReader:
    """Reads one entry; `problems` is what was found on the way, in the order it was found."""

    def __init__(self, block: Block, zones: Zones) -> None:
        self._zones = zones
        self._line = block.line
        self._properties: dict[str, list[Property]] = {}
        bad = block.bad_lines
        for name, text in block.lines:
            if name in _READ:
                line = read_property(text)
                if line is None:
                    bad += 1
                else:
                    self._properties.setdefault(name, []).append(line)
        self.uid = texts.one_line(texts.text(self._value("UID")))
        self._notes: list[tuple[ProblemReason, str]] = []
        if bad:
            self._note(ProblemReason.BAD_LINE, f"{bad} of its lines cannot be read; left out.")

    @property
    def name(self) -> str:
        """What the entry is called in a list of problems."""
        return texts.shortened(self.uid, 200) or f"line {self._line}"

    @property
    def problems(self) -> Iterator[ItemProblem]:
        return (ItemProblem(self.name, reason, message) for reason, message in self._notes)

    def item(self) -> CalendarItem:
        """The event, or `Dropped`."""
        starts = self._start()
        zone = self._zone(starts)
        starts_at = _moment(starts, zone)
        replaces = self._recurrence_id(zone)
        place, online_url = self._place()
        description = self._description()
        return CalendarItem(
            uid=self._named(starts_at),
            title=self._title(),
            starts_at=starts_at,
            time_zone=zone.name,
            recurrence_id=replaces,
            description=description,
            ends_at=self._end(starts, starts_at, zone),
            all_day=starts.is_day,
            recurrence=self._recurrence(starts, zone) if replaces is None else None,
            status=_STATUS.get(self._value("STATUS").strip().upper(), EventStatus.SCHEDULED),
            place=place,
            url=self._address("URL"),
            online_url=online_url or self._address("CONFERENCE", "X-GOOGLE-CONFERENCE"),
            categories=self._categories(),
            sequence=self._sequence(),
            last_modified=self._last_modified(),
            language=self._language(),
            private=self._value("CLASS").strip().upper() in ("PRIVATE", "CONFIDENTIAL"),
        )

    # ── when ───────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> Written:
        line = self._first("DTSTART")
        if line is None:
            raise Dropped(
                ProblemReason.NO_START, "It does not say when it starts: DTSTART is missing."
            )
        try:
            return _written(line)
        except BadDate as bad:
            raise Dropped(ProblemReason.BAD_DATE, f"DTSTART: {bad}. Correct it there.") from None

    def _zone(self, starts: Written) -> Zone:
        line = self._first("DTSTART")
        tzid = line.parameters.get("TZID") if line is not None else None
        if starts.moment is not None:
            # A series written in UTC recurs in UTC (RFC 5545 s3.3.5), unless the file says whose
            # clocks it means: Google writes X-WR-TIMEZONE then.
            recurs = "RRULE" in self._properties and not self._zones.stated
            return Zone("UTC") if recurs else Zone(self._zones.fallback)
        zone = self._zones.find(tzid, starts.local)
        if zone.guessed:
            how = "by its own offsets" if zone.own else f"as {zone.name}"
            self._note(
                ProblemReason.UNKNOWN_TIME_ZONE,
                f"The time zone {texts.shortened(tzid or '', 80)!r} is not known; read {how}.",
            )
        return zone

    def _end(self, starts: Written, starts_at: datetime, zone: Zone) -> datetime | None:
        try:
            ends_at = self._written_end(starts, starts_at, zone)
        except BadDate as bad:
            self._note(ProblemReason.BAD_END, f"Its end is left out: {bad}.")
            ends_at = None
        a_day_later = zone.moment(starts.local + timedelta(days=1)) if starts.is_day else None
        if ends_at is None or (starts.is_day and ends_at == starts_at):
            return a_day_later
        if ends_at == starts_at:  # how many programs say that no end is known
            return None
        if ends_at < starts_at:
            self._note(ProblemReason.BAD_END, "It would end before it starts; the end is left out.")
            return a_day_later
        if ends_at - starts_at > timedelta(days=LONGEST_DAYS):
            self._note(
                ProblemReason.BAD_END,
                f"It would last more than {LONGEST_DAYS} days; the end is left out.",
            )
            return a_day_later
        return ends_at

    def _written_end(self, starts: Written, starts_at: datetime, zone: Zone) -> datetime | None:
        line = self._first("DTEND")
        if line is not None:
            ends = _written(line)
            tzid = line.parameters.get("TZID")
            return _moment(ends, self._zones.find(tzid, ends.local) if tzid else zone)
        line = self._first("DURATION")
        if line is None:
            return None
        length = read_duration(line.value)
        if abs(length) > timedelta(days=LONGEST_DAYS + 1):
            raise BadDate(f"it would last more than {LONGEST_DAYS} days")
        # Days are counted on the clocks, hours as they pass (RFC 5545 s3.3.6).
        if starts.moment is None and "T" not in line.value.upper():
            return zone.moment(starts.local + length)
        return starts_at + length

    def _recurrence_id(self, zone: Zone) -> datetime | None:
        line = self._first("RECURRENCE-ID")
        if line is None:
            return None
        try:
            written = _written(line)
        except BadDate as bad:
            raise Dropped(
                ProblemReason.BAD_DATE, f"RECURRENCE-ID: {bad}, so it is unknown which date it is."
            ) from None
        if line.parameters.get("RANGE", "").upper() == "THISANDFUTURE":
            self._note(
                ProblemReason.UNSUPPORTED,
                "It changes this date and all later ones (RANGE=THISANDFUTURE); only this date is "
                "changed here. Split the series there instead.",
            )
        tzid = line.parameters.get("TZID")
        return _moment(written, self._zones.find(tzid, written.local) if tzid else zone)

    def _recurrence(self, starts: Written, zone: Zone) -> Recurrence | None:
        rules = self._properties.get("RRULE", [])
        dates = tuple(self._moments("RDATE", starts, zone))
        if not rules and not dates:
            return None
        if len(rules) > 1:
            self._note(ProblemReason.UNSUPPORTED, "It has several rules; only the first is kept.")
        if "EXRULE" in self._properties:
            self._note(
                ProblemReason.UNSUPPORTED, "EXRULE is not read: list the dates as EXDATE instead."
            )
        rule = re.sub(r"\s", "", rules[0].value).upper() if rules else ""
        series = Recurrence(
            last_day(rule) if starts.is_day else rule,
            dates,
            tuple(self._moments("EXDATE", starts, zone)),
        )
        try:
            recurrence.check(series)
        except Invalid as refusal:
            self._note(
                ProblemReason.BAD_RECURRENCE,
                f"It is kept for its first date only: {texts.shortened(refusal.message, 300)}",
            )
            return None
        return series

    def _moments(self, name: str, starts: Written, zone: Zone) -> Iterator[datetime]:
        seen: set[datetime] = set()
        for line in self._properties.get(name, []):
            tzid = line.parameters.get("TZID")
            for value in line.value.split(",", _MOST_MOMENTS)[:_MOST_MOMENTS]:
                if not value.strip() or len(seen) > _MOST_MOMENTS:
                    continue  # some write an empty RDATE or EXDATE
                try:
                    written = read_date(value.partition("/")[0])  # of a period, its beginning
                except BadDate as bad:
                    self._note(ProblemReason.BAD_RECURRENCE, f"{name}: {bad}; left out.")
                    continue
                at = _moment(
                    _at_the_time_of(starts, written),
                    self._zones.find(tzid, written.local) if tzid else zone,
                )
                if at not in seen:
                    seen.add(at)
                    yield at

    def _last_modified(self) -> datetime | None:
        line = self._first("LAST-MODIFIED")
        try:
            written = read_date(line.value) if line is not None else None
        except BadDate:
            return None  # it only helps to choose between doubles
        return None if written is None else written.moment or written.local.replace(tzinfo=UTC)

    # ── what and where ─────────────────────────────────────────────────────────────────────────

    def _named(self, starts_at: datetime) -> str:
        if self.uid and len(self.uid) <= _MOST_UID:
            return self.uid
        if self.uid:
            known_by = self.uid
        else:
            self._note(
                ProblemReason.NO_UID,
                "It has no UID. It is known by its start and title, so when either changes it "
                "will look like another event.",
            )
            known_by = f"{starts_at.isoformat()} {texts.title(self._value('SUMMARY'))}"
        return "derived-" + sha256(known_by.encode()).hexdigest()[:40]

    def _title(self) -> str:
        title = texts.title(self._value("SUMMARY"))
        if not title:
            self._note(ProblemReason.NO_TITLE, f"It has no title; shown as {NO_TITLE}.")
        return title or NO_TITLE

    def _description(self) -> str | None:
        """Plain text; an HTML version beside it is read only where it stands alone."""
        words = texts.text(self._value("DESCRIPTION"))
        styled = texts.text(self._value("STYLED-DESCRIPTION") or self._value("X-ALT-DESC"))
        styled = styled.replace("\\n", "\n")  # often escaped twice
        if texts.looks_like_html(words) or not words:
            words = texts.plain(words or styled)
        if len(words) > PAGE:
            self._note(
                ProblemReason.SHORTENED,
                f"Its description has {len(words):,} characters; {PAGE:,} are kept.",
            )
        return texts.shortened(words, PAGE) or None

    def _place(self) -> tuple[Place | None, str | None]:
        """The place, or the address of a meeting on the web where that is all the place says."""
        words = texts.text(self._value("LOCATION"))
        words = texts.plain(words) if texts.looks_like_html(words) else words
        latitude, longitude = self._position()
        online = texts.web_address(words)
        parts = (line.strip().rstrip(",").strip() for line in words.split("\n"))
        name = texts.one_line(", ".join(part for part in parts if part)) if online is None else ""
        if len(name) > LINE:
            self._note(ProblemReason.SHORTENED, f"Its place is cut to {LINE} characters.")
        if not name and latitude is None:
            return None, online
        place = Place(texts.shortened(name, LINE) or None, latitude=latitude, longitude=longitude)
        return place, online

    def _position(self) -> tuple[float | None, float | None]:
        written = self._value("GEO").replace("\\", "").strip()
        if not written:
            return None, None
        try:
            latitude, longitude = (float(number) for number in re.split("[;,]", written))
            check_position(latitude, longitude)
        except (ValueError, Invalid):
            self._note(ProblemReason.BAD_VALUE, "GEO is no position, like 39.16;-86.52; left out.")
            return None, None
        # Many write 0;0 for a place they do not know.
        return (None, None) if latitude == longitude == 0 else (latitude, longitude)

    def _address(self, *names: str) -> str | None:
        for name in names:
            value = self._value(name).strip()
            address = texts.web_address(value)
            if address is not None:
                return address
            if value:
                self._note(
                    ProblemReason.BAD_VALUE, f"{name} is no http or https address; left out."
                )
        return None

    def _categories(self) -> tuple[str, ...]:
        found = dict.fromkeys(
            word
            for line in self._properties.get("CATEGORIES", [])
            for word in texts.categories(line.value)
        )
        if len(found) > texts.MOST_CATEGORIES:
            self._note(
                ProblemReason.SHORTENED,
                f"Of its {len(found)} categories the first {texts.MOST_CATEGORIES} are kept.",
            )
        return tuple(found)[: texts.MOST_CATEGORIES]

    def _sequence(self) -> int:
        written = self._value("SEQUENCE").strip()
        return int(written) if re.fullmatch("[0-9]{1,9}", written) else 0

    def _language(self) -> str | None:
        line = self._first("SUMMARY")
        written = line.parameters.get("LANGUAGE") if line is not None else None
        try:
            return language(written) if written else None
        except Invalid:
            return None  # en_US and the like: no language is better than a wrong one

    # ── lines ──────────────────────────────────────────────────────────────────────────────────

    def _first(self, name: str) -> Property | None:
        found = self._properties.get(name)
        return found[0] if found else None

    def _value(self, name: str) -> str:
        line = self._first(name)
        return "" if line is None else line.value

    def _note(self, reason: ProblemReason, message: str) -> None:
        if (reason, message) not in self._notes and len(self._notes) < 20:
            self._notes.append((reason, message))


def _written(line: Property) -> Written:
    return read_date(line.value, only_day=line.parameters.get("VALUE", "").upper() == "DATE")


def _moment(written: Written, zone: Zone) -> datetime:
    return written.moment or zone.moment(written.local)


def _at_the_time_of(starts: Written, written: Written) -> Written:
    """A day beside a series with a time means that time of the day: EXDATE;VALUE=DATE is common."""
    if not written.is_day or starts.is_day or starts.moment is not None:
        return written
    local = datetime.combine(written.local.date(), starts.local.time())
    return Written(local, is_day=False, moment=None)
