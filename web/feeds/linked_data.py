"""An event as schema.org JSON-LD: what search engines and other calendars read.

The same words stand in the event's page, and answer to `Accept: application/ld+json`.
"""

from datetime import timedelta
from typing import Any

import orjson

from domain.recurrence_rule import Frequency, Rule, parsed
from web.feeds.events import Shown, local
from web.feeds.told import Event, Named, OnClocks, OneDate, Place
from web.feeds.words import hosts, is_exact, meets_in_place, supporters

MEDIA = "application/ld+json"
STATUS = {
    "TENTATIVE": "EventScheduled",
    "SCHEDULED": "EventScheduled",
    "POSTPONED": "EventPostponed",
    "RESCHEDULED": "EventRescheduled",
    "MOVED_ONLINE": "EventMovedOnline",
    "CANCELLED": "EventCancelled",
}
MODES = {"IN_PERSON": "Offline", "ONLINE": "Online", "HYBRID": "Mixed"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LETTERS = {
    Frequency.DAILY: "D",
    Frequency.WEEKLY: "W",
    Frequency.MONTHLY: "M",
    Frequency.YEARLY: "Y",
}


def linked_data_of(shown: Shown) -> bytes:
    return orjson.dumps(_event(shown), option=orjson.OPT_INDENT_2)


def _event(shown: Shown) -> dict[str, Any]:
    event = shown.event
    rule = event["recurrence"] and event["recurrence"]["rrule"]
    return said(
        {
            "@context": "https://schema.org",
            "@type": "Event",
            "@id": event["url"],
            "identifier": event["id"],
            "url": event["url"],
            "name": event["title"],
            "description": event["description"] or event["summary"],
            "disambiguatingDescription": event["summary"],
            "eventStatus": f"https://schema.org/{STATUS[event['status']]}",
            "eventAttendanceMode": (f"https://schema.org/{_mode(event)}EventAttendanceMode"),
            **times_of(event, event["startsAt"], event["endsAt"]),
            "location": _locations(event, event["status"], event["place"]),
            "organizer": [_organization(each["organization"]) for each in hosts(event)],
            "sponsor": [
                _organization(each["organization"])
                for each in supporters(event)
                if each["role"] == "SPONSOR"
            ],
            "inLanguage": event["languages"],
            "keywords": event["causes"],
            "isAccessibleForFree": event["isFree"],
            "maximumAttendeeCapacity": event["capacity"],
            "accessibilityFeature": event["accessibility"] and event["accessibility"]["features"],
            "image": _picture(event),
            "offers": _offer(event),
            "eventSchedule": _schedule(parsed(rule), event) if rule else None,
            "subEvent": [_date(each, event) for each in shown.dates if event["recurrence"]],
            "dateModified": event["updatedAt"],
        }
    )


def _mode(event: Event) -> str:
    return "Online" if event["status"] == "MOVED_ONLINE" else MODES[event["attendanceMode"]]


def times_of(event: OnClocks, starts: str, ends: str | None) -> dict[str, Any]:
    """With the offset of the place; an event of whole days by its days, the last included."""
    starts_at, ends_at = (
        local(each, event["timeZone"]) if each else None for each in (starts, ends)
    )
    if event["allDay"]:
        # Its end is the midnight after it: the moment before lies on its last day.
        last = ends_at - timedelta(seconds=1) if ends_at else None
        return {"startDate": starts_at and starts_at.date(), "endDate": last and last.date()}
    return {"startDate": starts_at, "endDate": ends_at}


def _date(date: OneDate, event: Event) -> dict[str, Any]:
    """What it does not say is as the whole event has it."""
    return said(
        {
            "@type": "Event",
            "name": date["title"],
            "url": event["url"],
            "eventStatus": f"https://schema.org/{STATUS[date['status']]}",
            **times_of(event, date["startsAt"], date["endsAt"]),
            "location": _where_else(date, event),
        }
    )


def _where_else(date: OneDate, event: Event) -> list[dict[str, Any]] | None:
    if date["place"] is None and date["status"] == event["status"]:
        return None
    return _locations(event, date["status"], date["place"] or event["place"])


def _locations(event: Event, status: str, place: Place | None) -> list[dict[str, Any]]:
    found = []
    if place is not None and meets_in_place(event, status):
        found.append(place_of(place))
    if event["onlineUrl"]:
        found.append({"@type": "VirtualLocation", "url": event["onlineUrl"]})
    return found


def place_of(place: Place) -> dict[str, Any]:
    address = said(
        {
            "@type": "PostalAddress",
            "streetAddress": place["streetAddress"],
            "addressLocality": place["locality"],
            "addressRegion": place["region"],
            "postalCode": place["postalCode"],
            "addressCountry": place["country"],
        }
    )
    geo = {
        "@type": "GeoCoordinates",
        "latitude": place["latitude"],
        "longitude": place["longitude"],
    }
    return said(
        {
            "@type": "Place",
            "name": place["name"] or place["locality"],
            "address": address if len(address) > 1 else None,
            "geo": geo if is_exact(place) else None,
        }
    )


def _organization(organization: Named) -> dict[str, Any]:
    return {"@type": "Organization", "name": organization["name"], "url": organization["url"]}


def _picture(event: Event) -> dict[str, Any] | None:
    image = event["image"]
    if image is None:
        return None
    return {"@type": "ImageObject", "url": image["url"], "caption": image["alternativeText"]}


def _offer(event: Event) -> dict[str, Any] | None:
    if event["registrationUrl"] is None:
        return None
    return {"@type": "Offer", "url": event["registrationUrl"]}


def _schedule(rule: Rule, event: Event) -> dict[str, Any] | None:
    """None where schema.org has no words for the rule; its dates are told all the same."""
    if rule.positions or rule.week_numbers or rule.year_days or rule.hours or rule.minutes:
        return None
    starts = local(event["startsAt"], event["timeZone"])
    ends = local(event["endsAt"], event["timeZone"]) if event["endsAt"] else None
    told = event["recurrence"]
    exceptions = told["exceptions"] if told else []
    return said(
        {
            "@type": "Schedule",
            "repeatFrequency": f"P{rule.interval}{_LETTERS[rule.frequency]}",
            "byDay": [_day(which, day) for which, day in sorted(rule.weekdays, key=lambda d: d[1])],
            "byMonth": sorted(rule.months),
            "byMonthDay": sorted(rule.month_days),
            "startDate": starts.date(),
            "endDate": rule.until and rule.until.strftime("%Y-%m-%d"),
            "repeatCount": rule.count,
            "startTime": None if event["allDay"] else starts.time(),
            "endTime": None if event["allDay"] or ends is None else ends.time(),
            "scheduleTimezone": event["timeZone"],
            "exceptDate": [local(each, event["timeZone"]) for each in exceptions],
        }
    )


def _day(which: int, day: int) -> str:
    """`https://schema.org/Tuesday`; the second of a month as iCalendar writes it, which
    schema.org's byDay takes as text."""
    return f"{which}{_DAYS[day][:2].upper()}" if which else f"https://schema.org/{_DAYS[day]}"


def said(parts: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody said."""
    return {name: value for name, value in parts.items() if value not in (None, [], "", {})}
