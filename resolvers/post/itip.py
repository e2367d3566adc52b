"""The date in a letter as iCalendar, for the reader's own calendar (RFC 5546, RFC 6047).

It is PUBLISH, and not REQUEST: whoever reads it has answered, on the hub's pages or an app, and no
calendar is to ask them once more, or to answer to an address that nobody reads; and who else comes
is in none (RFC 5546 s3.2.1). What they need not come to any more is CANCEL, under the same UID and a
higher SEQUENCE (s3.2.5), so that the entry goes where the first one went.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import icalendar

from domain import letter_texts
from domain.events import EventStatus
from domain.news_of_dates import IS_TO_COME, Standing, Told
from domain.rsvps import TENTATIVE

PRODUCT = "-//Convoke//Convoke//EN"
PUBLISH, CANCEL = "PUBLISH", "CANCEL"
_TENTATIVE = frozenset({EventStatus.TENTATIVE, EventStatus.POSTPONED})


def calendar_of(standing: Standing, known: Told, now: datetime, page: str, host: str) -> str:
    """`page` and `host` are the addresses of the event's and its host's pages. Whoever sends the
    letter says who can be written to about it (RFC 5546 wants an ORGANIZER)."""
    is_off = _is_off(standing, known)
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("METHOD", CANCEL if is_off else PUBLISH)
    entry = _entry(standing, known, now, page, host, is_off=is_off)
    calendar.add_component(entry)
    first = standing.starts_at.year - 1
    for name in sorted(calendar.get_missing_tzids()):
        zone = icalendar.Timezone.from_tzid(
            name, first_date=date(first, 1, 1), last_date=date(first + 4, 1, 1)
        )
        calendar.subcomponents.insert(0, zone)
    data: bytes = calendar.to_ical()
    return data.decode()


def _is_off(standing: Standing, known: Told) -> bool:
    return known.date_status is EventStatus.CANCELLED or standing.status not in IS_TO_COME


def _entry(
    standing: Standing, known: Told, now: datetime, page: str, host: str, *, is_off: bool
) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("UID", known.uid)
    if known.recurrence_id is not None:
        entry.add("RECURRENCE-ID", _value(known.recurrence_id, standing))
    entry.add("SEQUENCE", known.sequence)
    entry.add("DTSTAMP", now.replace(microsecond=0))
    entry.add("DTSTART", _value(standing.starts_at, standing))
    if standing.ends_at is not None:
        entry.add("DTEND", _value(standing.ends_at, standing))
    entry.add("SUMMARY", letter_texts.line(standing.title))
    entry.add("STATUS", _status(standing, is_off=is_off))
    organizer = icalendar.vCalAddress(host)
    organizer.params["CN"] = _named(standing.host_name)
    entry.add("ORGANIZER", organizer)
    entry.add("URL", page)
    where = standing.place or letter_texts.web_address(standing.online_url)
    if where:
        entry.add("LOCATION", letter_texts.line(where))
    return entry


def _status(standing: Standing, *, is_off: bool) -> str:
    if is_off:
        return "CANCELLED"
    unsure = standing.date_status in _TENTATIVE or standing.status is TENTATIVE
    return "TENTATIVE" if unsure else "CONFIRMED"


def _named(name: str) -> str:
    """A parameter holds no quotation mark (RFC 5545 s3.2)."""
    return letter_texts.line(name).replace('"', "'")


def _value(at: datetime, standing: Standing) -> date | datetime:
    """As the clocks show it there; the second of two hours that they show twice, in UTC."""
    local = at.astimezone(ZoneInfo(standing.time_zone))
    if standing.all_day:
        return local.date()
    return at.astimezone(UTC) if local.fold else local
