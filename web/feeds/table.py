"""The events of a feed as CSV (RFC 4180): one line for each, under headings that stay as they are.

Times are ISO 8601 on the clocks of the place, with their offset. A cell that a spreadsheet would
take for a formula gets an apostrophe before it (OWASP, "CSV injection").
"""

import csv
import io
from datetime import timedelta

from web.feeds.events import local
from web.feeds.lists import Feed
from web.feeds.told import Place, Row
from web.feeds.words import hosts, is_exact, meets_in_place

MEDIA = "text/csv; charset=utf-8; header=present"
MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else
# Also as they look in full width, which some spreadsheets take for the same.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HEADINGS = (
    "id",
    "title",
    "starts_at",
    "ends_at",
    "all_day",
    "time_zone",
    "repeats",
    "next_starts_at",
    "status",
    "host",
    "co_hosts",
    "group",
    "place",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
    "latitude",
    "longitude",
    "online_url",
    "registration_url",
    "is_free",
    "languages",
    "causes",
    "summary",
    "url",
    "updated_at",
)


def table_of(feed: Feed, *, with_mark: bool) -> bytes:
    out = io.StringIO(MARK if with_mark else "")
    out.seek(0, io.SEEK_END)
    lines = csv.writer(out)
    lines.writerow(HEADINGS)
    for event in feed.entries:
        cells = _cells(event)
        lines.writerow([cells[heading] for heading in HEADINGS])
    return out.getvalue().encode()


def _cells(event: Row) -> dict[str, str]:
    host, *others = (each["organization"]["name"] for each in hosts(event))
    return {
        "id": _safe(event["id"]),
        "title": _safe(event["title"]),
        "starts_at": _time(event, event["startsAt"]),
        "ends_at": _time(event, event["endsAt"], is_end=True),
        "all_day": _claim(event["allDay"]),
        "time_zone": event["timeZone"],
        "repeats": _safe(event["recurrence"]["rrule"]) if event["recurrence"] else "",
        "next_starts_at": _time(event, event["nextAt"]),
        "status": event["status"],
        "host": _safe(host),
        "co_hosts": _safe("; ".join(others)),
        "group": _safe(event["group"]["name"]) if event["group"] else "",
        **_where(event["place"] if meets_in_place(event, event["status"]) else None),
        "online_url": _safe(event["onlineUrl"]),
        "registration_url": _safe(event["registrationUrl"]),
        "is_free": _claim(event["isFree"]),
        "languages": _safe("; ".join(event["languages"])),
        "causes": _safe("; ".join(event["causes"])),
        "summary": _safe(event["summary"]),
        "url": _safe(event["url"]),
        "updated_at": event["updatedAt"],
    }


def _where(place: Place | None) -> dict[str, str]:
    if place is None:
        return dict.fromkeys(HEADINGS[HEADINGS.index("place") : HEADINGS.index("online_url")], "")
    exact = is_exact(place)
    return {
        "place": _safe(place["name"]),
        "street_address": _safe(place["streetAddress"]),
        "locality": _safe(place["locality"]),
        "region": _safe(place["region"]),
        "postal_code": _safe(place["postalCode"]),
        "country": _safe(place["country"]),
        # Numbers, which may begin with a minus.
        "latitude": str(place["latitude"]) if exact else "",
        "longitude": str(place["longitude"]) if exact else "",
    }


def _time(event: Row, told: str | None, *, is_end: bool = False) -> str:
    """Of whole days the day; the last one, where it is the end."""
    if told is None:
        return ""
    at = local(told, event["timeZone"])
    if not event["allDay"]:
        return at.isoformat()
    # An end is the midnight after: the moment before lies on the last day.
    return (at - timedelta(seconds=1) if is_end else at).date().isoformat()


def _claim(claim: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[claim]


def _safe(words: str | None) -> str:
    """No formula, also behind spaces, which some spreadsheets pass over."""
    cell = words or ""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA) else cell
