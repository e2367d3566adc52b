"""Somebody's own calendar, for programs that cannot sign in: under an address that is a secret.

It holds what is theirs alone, so it is kept by no cache, found by no search engine, and told to no
other site. Who has no such address, and what is no address, get the same answer.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import icalendar
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth import calendar_keys
from auth.desk import Desk
from domain import letter_texts
from domain.events import EventStatus
from domain.recurrence import horizon
from domain.rsvps import RsvpStatus
from storage import own_calendar
from storage.own_calendar import OwnDate
from web.feeds import answers, calendar
from web.feeds.lists import LOOKING_BACK, MOST

PATH = "/calendar/{secret}.ics"
HEADERS = {
    **answers.GUARDED,
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_NOTHING = b"There is no such calendar. Its address may have been made anew: see your account.\n"
_LONGEST = 100
_ANSWERS = {
    RsvpStatus.ACCEPTED: "You said that you come.",
    RsvpStatus.TENTATIVE: "You said that you may come.",
    RsvpStatus.PENDING_APPROVAL: "The host has yet to say whether you can come.",
    RsvpStatus.WAITLISTED: "You are in line for a place.",
}
_UNSURE = frozenset({EventStatus.TENTATIVE, EventStatus.POSTPONED})


def routes(open_desk: Callable[[Request], Desk], hub_url: str, site: str) -> list[Route]:
    async def own(request: Request) -> Response:
        desk = open_desk(request)
        person_id = await calendar_keys.person_of(desk, request.path_params["secret"][:_LONGEST])
        if person_id is None:
            return Response(_NOTHING, 404, HEADERS, media_type="text/plain; charset=utf-8")
        now = desk.clock.now()
        async with desk.database.reading() as db:
            found = await own_calendar.dates(db, person_id, now - LOOKING_BACK, horizon(now), MOST)
        body = calendar_of(found, hub_url, site)
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = {**HEADERS, "ETag": tag, "Content-Disposition": 'inline; filename="mine.ics"'}
        if answers.has(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, media_type=calendar.MEDIA)

    return [Route(PATH, own)]


def calendar_of(dates: Sequence[OwnDate], hub_url: str, site: str) -> bytes:
    whole = calendar.begun(f"{letter_texts.line(site)}: my calendar")
    for each in dates:
        whole.add_component(_entry(each, hub_url))
    if dates:
        first, last = dates[0].starts_at.year, dates[-1].starts_at.year
        for name in sorted(whole.get_missing_tzids()):
            zone = calendar.zone_of(name, date(first - 1, 1, 1), date(last + 2, 1, 1))
            whole.subcomponents.insert(0, zone)
    else:
        whole.add_component(calendar.universal_time())
    data: bytes = whole.to_ical()
    return data


def _entry(own: OwnDate, hub_url: str) -> icalendar.Event:
    changed = own.updated_at.replace(microsecond=0)
    entry = icalendar.Event()
    entry.add("UID", own.uid)
    entry.add("DTSTAMP", changed)
    entry.add("LAST-MODIFIED", changed)
    entry.add("CREATED", own.created_at.replace(microsecond=0))
    entry.add("SEQUENCE", own.version)
    entry.add("STATUS", _status(own))
    entry.add("SUMMARY", letter_texts.line(own.title))
    entry.add("DTSTART", _value(own.starts_at, own))
    if own.ends_at is not None:
        entry.add("DTEND", _value(own.ends_at, own))
    said = [_ANSWERS[own.answer]] if own.answer else []
    said.append(f"Hosted by {letter_texts.line(own.host_name)}.")
    entry.add("DESCRIPTION", "\n".join(said))
    entry.add("URL", f"{hub_url}/events/{own.event_id}")
    # Whoever only works for a host is free then, as far as anybody knows (RFC 5545 s3.8.2.7).
    entry.add("TRANSP", "OPAQUE" if own.answer is RsvpStatus.ACCEPTED else "TRANSPARENT")
    where = own.place or letter_texts.web_address(own.online_url)
    if where:
        entry.add("LOCATION", letter_texts.line(where))
    return entry


def _status(own: OwnDate) -> str:
    if own.status is EventStatus.CANCELLED:
        return "CANCELLED"
    is_sure = own.answer in {None, RsvpStatus.ACCEPTED} and own.status not in _UNSURE
    return "CONFIRMED" if is_sure else "TENTATIVE"


def _value(at: datetime, own: OwnDate) -> date | datetime:
    local = at.astimezone(ZoneInfo(own.time_zone))
    if own.all_day:
        return local.date()
    return at.astimezone(UTC) if local.fold else local
