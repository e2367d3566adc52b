"""Who changed what of an event, and for which organization."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from languages import gettext as _
from languages.dates import listed
from web.console.event_words import OF_FIELD
from web.console.rooms import Console, Room, given_id, there
from web.feeds.events import local, written
from web.pages.words import moment

ENTRIES = """
  nodes {
    id at action person { displayName } organization { id name } hub { name isLocal } client detail
  }
  pageInfo { hasNextPage endCursor }
"""
HISTORY = f"""
query HistoryOfEvent($id: ID!, $after: String) {{
  event(id: $id) {{ id title timeZone host {{ id name }} }}
  audit(subject: $id, first: 30, after: $after) {{ {ENTRIES} }}
}}
"""
SINCE = f"""
query ChangesSince($id: ID!, $from: DateTime) {{
  event(id: $id) {{ timeZone }}
  audit(subject: $id, from: $from, first: 10) {{ {ENTRIES} }}
}}
"""
OF_ACTION = {
    "event.created": N_("made it"),
    "event.updated": N_("changed it"),
    "event.continued": N_("made it of the later dates of a series"),
    "event.published": N_("published it"),
    "event.cancelled": N_("cancelled it"),
    "event.shared": N_("shared it with alliances"),
    "event.unshared": N_("took it back from alliances"),
    "event.reported": N_("told how it was"),
    "event.merged": N_("made it one with another event"),
    "event.unmerged": N_("took it apart from another event"),
    "event.merged_into": N_("made another event one with it"),
    "event.unmerged_from": N_("took another event apart from it"),
    "handover.proposed": N_("offered to hand it over"),
    "handover.effective": N_("took over the lead"),
    "handover.declined": N_("declined to take it over"),
    "handover.canceled": N_("took back the offer to hand it over"),
    "handover.expired": N_("nobody answered in time to the offer to hand it over"),
    "handover.closed": N_("the hand-over is a month old"),
    "occurrence.updated": N_("changed one date"),
    "event_host.invited": N_("invited a co-host"),
    "event_host.requested": N_("asked for a place on it"),
    "event_host.accepted": N_("accepted a place on it"),
    "event_host.declined": N_("declined a place on it"),
    "event_host.canceled": N_("took back what was asked"),
    "event_host.expired": N_("nobody answered in time"),
    "event_host.withdrawn": N_("withdrew from it"),
    "event_host.removed": N_("removed a co-host"),
}

_OF_PART = {"rsvp": N_("changed who comes")}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done. `who` is the organization, `person` where one may know them."""

    when: Markup
    did: str
    who: str | None
    person: str | None
    fields: str | None
    is_ours: bool


def routes(console: Console) -> list[Route]:
    async def history(room: Room) -> Response:
        asked = await room.talk.ask(
            HISTORY, id=given_id(room), after=room.said.get("after") or None
        )
        event = there(asked["event"])
        audit = asked["audit"] or {
            "nodes": (),
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        }
        page = audit["pageInfo"]
        here = ("events", event["id"], "history")
        return console.shown(
            room,
            "console_event_history.html",
            page="events",
            event=event,
            lines=[_line(room, one, event["timeZone"]) for one in audit["nodes"]],
            is_told=asked["audit"] is not None,
            further=room.to(*here, after=page["endCursor"] or "") if page["hasNextPage"] else None,
        )

    return [console.route("/events/{id}/history", history)]


async def changes_since(room: Room, event_id: str, since: str) -> Sequence[Line]:
    """Nothing where that is not told: by a hub that does not answer, or to whoever hosts it no more."""
    try:
        begins = datetime.fromisoformat(since).astimezone(UTC)
    except (ValueError, OverflowError):
        return []
    asked = await room.talk.ask(SINCE, id=event_id, **{"from": written(begins)})
    if asked["event"] is None or asked["audit"] is None:
        return []
    zone = asked["event"]["timeZone"]
    return [
        _line(room, one, zone)
        for one in asked["audit"]["nodes"]
        if datetime.fromisoformat(one["at"]) > begins
    ]


def _line(room: Room, one: dict[str, Any], zone: str) -> Line:
    person, organization = one["person"], one["organization"]
    action = OF_ACTION.get(one["action"]) or _OF_PART.get(one["action"].partition(".")[0])
    return Line(
        moment(local(one["at"], zone)),
        _(action) if action else str(one["action"]),
        organization["name"] if organization else None,
        person["displayName"] if person else None,
        _fields(one["detail"]),
        organization is not None and organization["id"] == room.organization_id,
    )


def _fields(detail: str | None) -> str | None:
    """The fields that were changed, as the form calls them; other words are for programs."""
    named = [
        OF_FIELD[each] for each in (detail or "").replace(",", " ").split() if each in OF_FIELD
    ]
    return listed([_(each) for each in named]) if named else None
