"""Who did what: everything that concerned the organization, the newest first; of one thing, of some
days, page by page."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from languages import gettext as _
from web.console.rooms import Console, Room, there
from web.feeds.events import local, written
from web.pages.words import moment

HISTORY: Final = """
query HistoryOfOrganization(
  $organization: ID!, $subject: ID, $from: DateTime, $to: DateTime, $after: String
) {
  organization(id: $organization) { timeZone }
  audit(subject: $subject, from: $from, to: $to, first: 50, after: $after) {
    nodes {
      id at action subject detail client person { displayName } organization { id name }
      hub { name isLocal }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NAMES: Final = """
query NamesOfThings($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename id
    ... on Event { title }
    ... on Group { name }
    ... on Alliance { name }
    ... on Organization { name }
    ... on Rsvp { event { id title } }
    ... on EventHost { event { id title } organization { name } }
    ... on AllianceMembership { alliance { id name } organization { name } }
    ... on Agreement { title }
    ... on Proposal { alliance { id name } title }
  }
}
"""
# What a thing is, by the first word of what was done to it.
OF_KIND = {
    "event": N_("Event"),
    "occurrence": N_("A date"),
    "event_host": N_("Co-hosting"),
    "rsvp": N_("Who comes"),
    "alliance": N_("Alliance"),
    "membership": N_("Membership"),
    "agreement": N_("Agreement"),
    "proposal": N_("Question to members"),
    "ballot": N_("Ballot"),
    "group": N_("Group"),
    "group_membership": N_("Place in a group"),
    "organization": N_("Organization"),
    "handover": N_("Handing over"),
    "peering": N_("Other hub"),
    "console": N_("Console"),
    "client": N_("App"),
}
_ROOMS = {"Event": "events", "Alliance": "alliances", "Group": "groups"}


def routes(console: Console) -> list[Route]:
    async def history(room: Room) -> Response:
        subject = room.said.get("subject", "").strip()
        first, last = _day(room.said.get("from")), _day(room.said.get("to"))
        zone = await _zone(room)
        asked = await room.talk.ask(
            HISTORY,
            organization=room.organization_id,
            subject=subject or None,
            to=_written(last + timedelta(days=1), zone) if last else None,
            after=room.said.get("after"),
            **{"from": _written(first, zone) if first else None},
        )
        audit = asked["audit"] or {"nodes": [], "pageInfo": {"hasNextPage": False}}
        entries, page = audit["nodes"], audit["pageInfo"]
        names = await _names(room, {each["subject"] for each in entries if each["subject"]})
        kept = {
            "subject": subject,
            "from": first.isoformat() if first else "",
            "to": last.isoformat() if last else "",
        }
        words = {name: word for name, word in kept.items() if word}
        return console.shown(
            room,
            "console_history.html",
            page="more",
            entries=[_line(room, each, names, str(zone)) for each in entries],
            subject=names.get(subject),
            given=kept,
            whole=room.to("history"),
            further=room.to("history", **words, after=page["endCursor"])
            if page["hasNextPage"]
            else None,
        )

    return [console.route("/history", history)]


async def _zone(room: Room) -> ZoneInfo:
    document = "query ZoneOfOrganization($id: ID!) { organization(id: $id) { timeZone } }"
    asked = await room.talk.ask(document, id=room.organization_id)
    return ZoneInfo(there(asked["organization"])["timeZone"])


async def _names(room: Room, ids: set[str]) -> dict[str, tuple[str, str | None]]:
    """What the things are called, and where their rooms are; of those that may be seen."""
    if not ids:
        return {}
    asked = await room.talk.ask(NAMES, ids=sorted(ids)[:100])
    return {each["id"]: _name(room, each) for each in asked["nodes"] if each is not None}


def _name(room: Room, thing: Mapping[str, Any]) -> tuple[str, str | None]:
    kind = thing["__typename"]
    if kind in _ROOMS:
        name = thing.get("title") or thing.get("name") or ""
        return name, room.to(_ROOMS[kind], thing["id"])
    about = thing.get("event") or thing.get("alliance")
    names = [
        (thing.get("organization") or {}).get("name"),
        thing.get("title") or thing.get("name"),
        about and (about.get("title") or about.get("name")),
    ]
    at = None
    if about:
        at = room.to("events" if thing.get("event") else "alliances", about["id"])
    return ", ".join(name for name in names if name), at


def _line(
    room: Room, one: Mapping[str, Any], names: Mapping[str, tuple[str, str | None]], zone: str
) -> dict[str, Any]:
    kind, _dot, what = one["action"].partition(".")
    name, at = names.get(one["subject"] or "", ("", None))
    known = OF_KIND.get(kind)
    return {
        "at": moment(local(one["at"], zone)),
        "kind": _(known) if known else kind,
        "what": what.replace("_", " "),
        "name": name,
        "link": at,
        "only": room.to("history", subject=one["subject"]) if one["subject"] else None,
        "who": (one["person"] or {}).get("displayName"),
        "organization": (one["organization"] or {}).get("name"),
        "hub": None if (one["hub"] or {"isLocal": True})["isLocal"] else one["hub"]["name"],
        "client": one["client"],
        "detail": one["detail"],
    }


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None


def _written(day: date, zone: ZoneInfo) -> str:
    return written(datetime(day.year, day.month, day.day, tzinfo=zone))
