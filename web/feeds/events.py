"""One event with its dates, read for a page or a feed by a single operation.

A series of more dates than one page of the contract holds takes further ones, and only where a
feed wants them all.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from domain.occurrences import kept_since
from domain.recurrence import horizon
from web.feeds.asking import Ask
from web.feeds.told import Entry, Event, OneDate

PAGE = 100  # dates; the most that the contract gives at a time
MOST_PAGES = 6  # more than a series has kept (domain/recurrence.py)

PLACE = "{ name streetAddress locality region postalCode country latitude longitude precision }"
DATES = (
    f"nodes {{ id recurrenceId startsAt endsAt status title(language: $language) place {PLACE} }}"
)
EVENT = f"""
query EventToShow($id: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $language: Locale) {{
  event(id: $id) {{
    id replacedBy {{ id }} url visibility version createdAt updatedAt status startsAt endsAt timeZone allDay
    title(language: $language) summary(language: $language) description(language: $language)
    translations {{ language }}
    cancellationReason recurrence {{ rrule dates exceptions }}
    attendanceMode place {PLACE} onlineUrl
    accessibility {{ status notes features }}
    image {{ url alternativeText }}
    causes languages isFree capacity remainingCapacity joinMode registrationUrl
    origin {{ name isLocal }}
    host {{ name url }}
    hosts(first: 50) {{ nodes {{ role attendeeSharing organization {{ id name url }} }} }}
    group {{ name url }}
    sharedWith {{ name url }}
    follows {{ id }}
    links {{ page ics jsonLd googleCalendar outlook }}
    occurrences(from: $from, to: $to, first: $first) {{
      {DATES} pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""
MORE_DATES = f"""
query MoreDates(
  $id: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $language: Locale, $after: String
) {{
  event(id: $id) {{
    occurrences(from: $from, to: $to, first: $first, after: $after) {{
      {DATES} pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dated:
    """An event, and its dates from `since` on."""

    event: Entry
    dates: list[OneDate]
    since: datetime


@dataclass(frozen=True, slots=True)
class Shown(Dated):
    """All that is public of an event; `more` says that there are further dates."""

    event: Event
    more: bool
    instead_of: Event | None = None  # that was merged into it


async def to_come(
    ask: Ask, event_id: str, now: datetime, first: int, language: str | None = None
) -> Shown | None:
    """The event and its next dates; None where there is no such event for the public."""
    return await _read(ask, event_id, now, now, first, language)


async def with_every_date(ask: Ask, event_id: str, now: datetime) -> Shown | None:
    """The event and all of its dates that are kept, from a month ago on."""
    since = kept_since(now)
    shown = await _read(ask, event_id, now, since, PAGE, None)
    if shown is None:
        return None
    if shown.instead_of is not None:
        shown = _as_known_before(shown, shown.instead_of)
    return shown if shown.event["recurrence"] else _of_one_date(shown)


async def _read(
    ask: Ask, event_id: str, now: datetime, since: datetime, first: int, language: str | None
) -> Shown | None:
    window: dict[str, Any] = {
        "id": event_id,
        "from": written(since),
        "to": written(horizon(now)),
        "first": first,
    }
    found = (await ask(EVENT, language=language, **window))["event"]
    if found is None:
        return None
    merged = None
    if found["replacedBy"] is not None:
        # One step: what replaces an event is itself replaced by none.
        merged, window["id"] = found, found["replacedBy"]["id"]
        found = (await ask(EVENT, language=language, **window))["event"]
    dates, page = found["occurrences"]["nodes"], found["occurrences"]["pageInfo"]
    for _ in range(MOST_PAGES if first == PAGE else 0):
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]
        further = (await ask(MORE_DATES, after=after, **window))["event"]["occurrences"]
        dates, page = dates + further["nodes"], further["pageInfo"]
    more = page["hasNextPage"]
    return Shown(_told(found), dates, since, more, None if merged is None else _told(merged))


def _told(found: dict[str, Any]) -> Event:
    event = {name: value for name, value in found.items() if name != "occurrences"}
    event["hosts"] = found["hosts"]["nodes"]
    return cast("Event", event)


def _as_known_before(shown: Shown, merged: Event) -> Shown:
    """For calendars that know the event by the id of a duplicate: its entry there becomes this one,
    by a SEQUENCE that is higher than any that it had (RFC 5545 s3.8.7.4)."""
    version = shown.event["version"] + merged["version"]
    event: Event = {**shown.event, "id": merged["id"], "version": version}
    return replace(shown, event=event)


def _of_one_date(shown: Shown) -> Shown:
    """What takes place once needs no list of its dates."""
    return replace(shown, dates=[], more=False)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def local(told: str, time_zone: str) -> datetime:
    """On the clocks of the place."""
    return datetime.fromisoformat(told).astimezone(ZoneInfo(time_zone))
