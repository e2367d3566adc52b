"""Events as iCalendar (RFC 5545, RFC 7986), for calendars to open or to subscribe to.

Written from what is public alone, and only by what changes with the events: the same events give
the same bytes. No ORGANIZER is named: RFC 5545 s3.8.4.3 wants an address of theirs, and contacts
are not public. `federation/ics.py` reads the same event from it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from domain.recurrence_rule import parsed
from web.feeds.differing import differing
from web.feeds.events import Dated, Shown, moment
from web.feeds.lists import Feed
from web.feeds.told import Entry, OneDate, Place
from web.feeds.words import hosted_by, is_exact, lines_of, meets_in_place, said_of

MEDIA = "text/calendar; charset=utf-8"
PRODUCT = "-//Convoke//Convoke//EN"
REFRESH = timedelta(hours=1)
# RFC 5545 s3.8.1.11 has three words; what they lose is said in the description.
_STATUS = {"TENTATIVE": "TENTATIVE", "POSTPONED": "TENTATIVE", "CANCELLED": "CANCELLED"}


def calendar_of(shown: Shown) -> bytes:
    event = shown.event
    calendar = begun(event["title"])
    calendar.add("X-WR-TIMEZONE", event["timeZone"])
    return _with_entries(calendar, [shown])


def calendar_of_feed(feed: Feed) -> bytes:
    calendar = begun(feed.holder.name)
    calendar.add("NAME", _text(feed.holder.name))
    calendar.add("URL", feed.holder.url)
    calendar.add("SOURCE", feed.address, parameters={"VALUE": "URI"})
    if feed.changed is not None:
        calendar.add("LAST-MODIFIED", moment(feed.changed).replace(microsecond=0))
    if feed.further is not None:
        said = f"The first {len(feed.entries):,} events. What follows: {feed.further}"
        calendar.add("DESCRIPTION", said)
        calendar.add("X-WR-CALDESC", said)
    # By what stays: which date of a series is next changes without anything having changed.
    entries = sorted(feed.entries, key=lambda each: (moment(each["startsAt"]), each["id"]))
    dated = [Dated(each, feed.dates.get(each["id"], []), feed.since) for each in entries]
    if not dated:
        # RFC 5545 s3.6: a calendar has one component at the least.
        calendar.add_component(universal_time())
    return _with_entries(calendar, dated)


def begun(name: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("X-WR-CALNAME", _text(name))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    return calendar


def _with_entries(calendar: icalendar.Calendar, events: Sequence[Dated]) -> bytes:
    for dated in events:
        differ = differing(dated)
        calendar.add_component(_whole(dated.event, differ.beside))
        for replaced, one in differ.instead:
            calendar.add_component(_one_date(dated.event, replaced, one))
    if events:
        spans = [_span(dated) for dated in events]
        first, last = min(each[0] for each in spans), max(each[1] for each in spans)
        zones = [zone_of(name, first, last) for name in sorted(calendar.get_missing_tzids())]
        calendar.subcomponents[:0] = zones
    data: bytes = calendar.to_ical()
    return data


def zone_of(name: str, first: date, last: date) -> icalendar.Timezone:
    return icalendar.Timezone.from_tzid(name, first_date=first, last_date=last)


def universal_time() -> icalendar.Timezone:
    standard = icalendar.TimezoneStandard()
    standard.add("DTSTART", datetime(1970, 1, 1))  # noqa: DTZ001 - local (RFC 5545 s3.6.5)
    standard.add("TZOFFSETFROM", timedelta())
    standard.add("TZOFFSETTO", timedelta())
    standard.add("TZNAME", "UTC")
    zone = icalendar.Timezone()
    zone.add("TZID", "Etc/UTC")
    zone.add_component(standard)
    return zone


def _whole(event: Entry, beside: list[datetime]) -> icalendar.Event:
    entry = _entry(event, event["title"], event["status"], event["place"])
    _add_times(entry, event, event["startsAt"], event["endsAt"])
    told = event["recurrence"]
    if told is None:
        return entry
    if told["rrule"]:
        entry.add("RRULE", _rule(told["rrule"], event))
    for name, moments in (
        ("RDATE", [*map(moment, told["dates"]), *beside]),
        ("EXDATE", [*map(moment, told["exceptions"])]),
    ):
        # One kind of value a line: days, times of the zone, or the few that only UTC can say.
        written = [_value(at, event) for at in sorted(set(moments))]
        for kind in (True, False):
            values = [at for at in written if _is_utc(at) is kind]
            if values:
                days = {} if isinstance(values[0], datetime) else {"VALUE": "DATE"}
                entry.add(name, values, parameters=days)
    return entry


def _one_date(event: Entry, replaced: datetime, one: OneDate) -> icalendar.Event:
    """RFC 5545 s3.8.4.4: the whole of a date that differs, under the series' own UID."""
    entry = _entry(event, one["title"], one["status"], one["place"] or event["place"])
    entry.add("RECURRENCE-ID", _value(replaced, event))
    _add_times(entry, event, one["startsAt"], one["endsAt"])
    return entry


def _entry(event: Entry, title: str, status: str, place: Place | None) -> icalendar.Event:
    """All but the times."""
    changed = moment(event["updatedAt"]).replace(microsecond=0)
    entry = icalendar.Event()
    entry.add("UID", event["id"])
    # In a calendar without METHOD this is when it was last revised (RFC 5545 s3.8.7.2).
    entry.add("DTSTAMP", changed)
    entry.add("LAST-MODIFIED", changed)
    entry.add("CREATED", moment(event["createdAt"]).replace(microsecond=0))
    entry.add("SEQUENCE", event["version"])
    entry.add("STATUS", _STATUS.get(status, "CONFIRMED"))
    entry.add("SUMMARY", _text(title))
    entry.add("DESCRIPTION", _text(description_of(event, status)))
    entry.add("URL", event["url"])
    if event["follows"] is not None:  # a series that was cut in two (RFC 5545 s3.8.4.5)
        entry.add("RELATED-TO", event["follows"]["id"], parameters={"RELTYPE": "SIBLING"})
    if event["causes"]:
        entry.add("CATEGORIES", [_text(cause) for cause in event["causes"]])
    if not meets_in_place(event, status):
        place = None
    where = location_of(event, place)
    if where:
        entry.add("LOCATION", _text(where))
    if place is not None and is_exact(place):
        entry.add("GEO", (place["latitude"], place["longitude"]))
    if event["onlineUrl"]:
        entry.add("CONFERENCE", event["onlineUrl"], parameters={"VALUE": "URI"})
    return entry


def description_of(event: Entry, status: str) -> str:
    """Its words; with what STATUS cannot say before them, and who holds it behind."""
    why = event["cancellationReason"]
    words = event["description"] or event["summary"]
    return "\n\n".join(part for part in (said_of(status), why, words, hosted_by(event)) if part)


def location_of(event: Entry, place: Place | None) -> str | None:
    """One line; of what is online alone its address, because that is where calendars look."""
    return ", ".join(lines_of(place) if place else ()) or event["onlineUrl"]


def _add_times(entry: icalendar.Event, event: Entry, starts: str, ends: str | None) -> None:
    repeats = event["recurrence"] is not None
    entry.add("DTSTART", _value(moment(starts), event, in_zone=repeats))
    if ends is not None:
        entry.add("DTEND", _value(moment(ends), event))


def _value(at: datetime, event: Entry, *, in_zone: bool = False) -> date | datetime:
    """As the clocks show it there. The second of two hours that the clocks show twice in autumn
    cannot be written so (RFC 5545 s3.3.5), and is written in UTC; but a series must be
    `in_zone`, to stay at its hour."""
    local = at.astimezone(ZoneInfo(event["timeZone"]))
    if event["allDay"]:
        return local.date()
    return at.astimezone(UTC) if local.fold and not in_zone else local


def _is_utc(value: date | datetime) -> bool:
    return isinstance(value, datetime) and value.tzinfo is UTC


def _rule(rrule: str, event: Entry) -> icalendar.vRecur:
    """UNTIL is of the kind of DTSTART: a day, or a moment in UTC (RFC 5545 s3.3.10)."""
    written: Any = icalendar.vRecur.from_ical(rrule)
    until, zone = parsed(rrule).until, ZoneInfo(event["timeZone"])
    if isinstance(until, datetime) and event["allDay"]:
        written["UNTIL"] = [(until.astimezone(zone) if until.tzinfo else until).date()]
    elif isinstance(until, datetime):
        written["UNTIL"] = [(until if until.tzinfo else until.replace(tzinfo=zone)).astimezone(UTC)]
    elif until is not None and not event["allDay"]:
        evening = datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=zone)
        written["UNTIL"] = [evening.astimezone(UTC)]
    recur: icalendar.vRecur = written
    return recur


def _span(dated: Dated) -> tuple[date, date]:
    """The years in which a calendar must know its clocks: a series may go on for ever, and who
    subscribes asks again long before ten years are over."""
    event = dated.event
    starts = moment(event["startsAt"]).year
    told = [moment(each["startsAt"]).year for each in dated.dates]
    last = max([starts, dated.since.year, *told])
    return date(starts - 1, 1, 1), date(last + (10 if event["recurrence"] else 2), 1, 1)


def _text(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")
