"""The list of an organization's events, and the room of one: all about it that staff need, and what
they may do to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from domain.recurrence import horizon
from languages import N_
from web.console import event_words
from web.console.event_documents import EVERY_DATE, LISTED, ROOM
from web.console.event_values import ORDER
from web.console.event_words import in_words
from web.console.outcomes import notice_of
from web.console.rooms import Console, Room, given_id, there
from web.feeds.events import local, written
from web.pages.words import when

# Each list by its word in the address: what it is called, and what it asks for.
LISTS = {
    "coming": N_("Coming"),
    "drafts": N_("Drafts"),
    "past": N_("Past"),
}
_DRAFTS = ("DRAFT", "PENDING_APPROVAL", "REJECTED")
_ROLES = ("HOST", "CO_HOST", "SPONSOR", "PROMOTER")
_LONG_AGO = timedelta(days=366 * 5)
DONE = {
    "made": N_("The event is made. Nobody sees it until you publish it."),
    "published": N_("The event is published."),
    "changed": N_("Your changes are saved."),
    "nothing": N_("Nothing was different, so nothing was changed."),
    "cancelled": N_("The event is cancelled. Those who meant to come are told."),
    "shared": N_("Who sees it through alliances is changed."),
    "reported": N_("What you told of it is published."),
    "onward": N_("These dates are an event of their own now. This is it."),
    "hosts": N_("Who hosts it is changed."),
    "asked": N_("The question is sent. You see the answer under Co-hosting."),
}


def routes(console: Console) -> list[Route]:
    pages = _Events(console)
    return [
        console.route("/events", pages.listed),
        console.route("/events/{id}", pages.one),
        console.route("/events/{id}/dates", pages.every_date),
    ]


@dataclass(frozen=True, slots=True)
class _Events:
    console: Console

    async def listed(self, room: Room) -> Response:
        shown = room.said.get("show", "coming")
        shown = shown if shown in LISTS else "coming"
        search = room.said.get("search", "").strip()[:200]
        now = room.visit.desk.clock.now()
        asked = await room.talk.ask(
            LISTED,
            organization=room.organization_id,
            now=written(now),
            horizon=written(horizon(now)),
            after=room.said.get("after") or None,
            **_wanted(shown, search, now),
        )
        organization = there(asked["organization"])
        events = organization["events"]
        words = {"search": search} if search else {}
        return self.console.shown(
            room,
            "console_events.html",
            page="events",
            may_create="createEvent" in organization["nextActions"],
            shown=shown,
            search=search,
            tabs=[(room.to("events", show=one, **words), one, said) for one, said in LISTS.items()],
            lines=[line_of(room, one) for one in events["nodes"]],
            further=_further(room, events["pageInfo"], "events", show=shown, **words),
        )

    async def one(self, room: Room) -> Response:
        now = room.visit.desk.clock.now()
        asked = await room.talk.ask(
            ROOM, id=given_id(room), now=written(now), horizon=written(horizon(now))
        )
        event = there(asked["event"])
        return self.console.shown(
            room,
            "console_event.html",
            page="events",
            event=event,
            here=room.to("events", event["id"]),
            when=when_of(event, event),
            repeats=_repeats(event),
            facts=_facts(event),
            dates=dates_of(room, event),
            has_begun=local(event["startsAt"], event["timeZone"]) <= now,
            notice=notice_of(room, DONE),
            words=event_words,
            zone=event["timeZone"],
            is_ours=event["host"]["id"] == room.organization_id,
            own_place=_own_place(room, event),
        )

    async def every_date(self, room: Room) -> Response:
        now = room.visit.desk.clock.now()
        is_past = room.said.get("show") == "past"
        begins, ends = (now - _LONG_AGO, now) if is_past else (now, horizon(now))
        asked = await room.talk.ask(
            EVERY_DATE,
            id=given_id(room),
            to=written(ends),
            after=room.said.get("after") or None,
            **{"from": written(begins)},
        )
        event = there(asked["event"])
        here = ("events", event["id"], "dates")
        kept = {"show": "past"} if is_past else {}
        return self.console.shown(
            room,
            "console_event_dates.html",
            page="events",
            event=event,
            here=room.to("events", event["id"]),
            dates=dates_of(room, event),
            words=event_words,
            is_past=is_past,
            other=room.to(*here, **({} if is_past else {"show": "past"})),
            further=_further(room, event["occurrences"]["pageInfo"], *here, **kept),
        )


def _further(room: Room, page: Mapping[str, Any], *parts: str, **words: str) -> str | None:
    """Where the list goes on."""
    return room.to(*parts, after=page["endCursor"], **words) if page["hasNextPage"] else None


def _wanted(shown: str, search: str, now: datetime) -> dict[str, Any]:
    """The filter and the order of a list."""
    filter_: dict[str, Any] = {"includeCancelled": True, "hostRoles": _ROLES}
    if search:
        filter_["search"] = search
    match shown:
        case "drafts":
            filter_["publicationStatuses"] = _DRAFTS
            return {"filter": filter_, "order": "UPDATED_AT_DESC"}
        case "past":
            return {"filter": {**filter_, "to": written(now)}, "order": "STARTS_AT_DESC"}
        case _:
            return {"filter": {**filter_, "from": written(now)}, "order": "STARTS_AT_ASC"}


def line_of(room: Room, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event in a list: at its next date, where it has one ahead."""
    ahead = event["occurrences"]["nodes"]
    is_other = event["host"]["id"] != room.organization_id
    return {
        "event": event,
        "address": room.to("events", event["id"]),
        "when": when_of(ahead[0] if ahead else event, event),
        "repeats": _repeats(event),
        "host": event["host"]["name"] if is_other else None,
    }


def when_of(one: Mapping[str, Any], event: Mapping[str, Any]) -> Markup:
    zone = event["timeZone"]
    ends = local(one["endsAt"], zone) if one["endsAt"] else None
    return when(local(one["startsAt"], zone), ends, all_day=event["allDay"])


def _repeats(event: Mapping[str, Any]) -> str | None:
    recurrence = event["recurrence"]
    return event_words.rule_in_words(recurrence["rrule"]) if recurrence else None


def dates_of(room: Room, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each with its own page, and what is different about it."""
    return [
        {
            "date": one,
            "address": room.to("events", event["id"], "dates", one["id"]),
            "when": when_of(one, event),
            "own_title": one["title"] if one["title"] != event["title"] else None,
            "said": one["status"] if one["status"] != event["status"] else None,
        }
        for one in event["occurrences"]["nodes"]
    ]


def _facts(event: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """What is set of it beyond its title, when and where."""
    elsewhere = ("title", "startsAt", "endsAt", "timeZone", "allDay", "recurrence", "status")
    names = [name for name in ORDER if name not in (*elsewhere, "summary", "description")]
    said = {name: event[name] for name in names if event[name] not in (None, "", [])}
    return [
        (event_words.OF_FIELD[name], in_words(name, value, event["timeZone"]))
        for name, value in said.items()
    ]


def _own_place(room: Room, event: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of those that are not over."""
    for one in event["hosts"]["nodes"]:
        under_way = one["status"] in ("ACCEPTED", "INVITED", "REQUESTED")
        if one["organization"]["id"] == room.organization_id and under_way:
            found: dict[str, Any] = one
            return found
    return None
