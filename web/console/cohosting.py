"""Hosting together: what waits for an answer and what was asked, and each place of an organization on
an event with what it means."""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from languages import gettext as _
from web.console.events import when_of
from web.console.outcomes import DONE, notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.talking import Done
from web.console.typed import Typed
from web.feeds.events import local
from web.forms import Form
from web.pages.words import moment

PLACE = """
fragment place on EventHost {
  id role status mayEdit attendeeSharing nextActions isFinal message expiresAt endedAt endReason
  organization { id name url origin { name isLocal } }
  event {
    id title startsAt endsAt timeZone allDay status publicationStatus place { name locality }
    host { id name origin { name isLocal } }
  }
}
"""
OFFER = """
fragment offer on Handover {
  id status message expiresAt nextActions
  subject { __typename ... on Event { id title startsAt endsAt timeZone allDay } }
  from { ... on Organization { id name } }
  to { ... on Organization { id name } }
}
"""
INBOX = f"""
query CoHosting($organization: ID!, $after: String) {{
  organization(id: $organization) {{
    awaited: hostings(statuses: [INVITED, REQUESTED], first: 50) {{ nodes {{ ...place }} }}
    together: hostings(statuses: [ACCEPTED], first: 20, after: $after) {{
      nodes {{ ...place }} pageInfo {{ hasNextPage endCursor }}
    }}
    ended: hostings(statuses: [DECLINED, CANCELED, EXPIRED, WITHDRAWN, REMOVED], first: 10) {{
      nodes {{ ...place }}
    }}
  }}
  viewer {{ handovers(first: 20) {{ nodes {{ ...offer }} }} }}
}}
{PLACE}{OFFER}
"""
ONE = f"query PlaceOnEvent($id: ID!) {{ node(id: $id) {{ ...place }} }}{PLACE}"
OFFERED = f"query OfferOfLead($id: ID!) {{ node(id: $id) {{ ...offer }} }}{OFFER}"
# A place that has ended may be seen no more by whoever ended it.
_ANSWER = "userErrors { code field message }"
RESPOND = f"""
mutation AnswerPlace($place: ID!, $accept: Boolean!) {{
  respondToEventHost(eventHost: $place, accept: $accept) {{ {_ANSWER} }}
}}
"""
WITHDRAW = f"""
mutation EndPlace($place: ID!, $reason: String) {{
  withdrawEventHost(eventHost: $place, reason: $reason) {{ {_ANSWER} }}
}}
"""
TAKE = f"""
mutation AnswerOffer($offer: ID!, $accept: Boolean!) {{
  respondToHandover(handover: $offer, accept: $accept) {{ {_ANSWER} }}
}}
"""
TAKE_BACK = f"""
mutation TakeBackOffer($offer: ID!) {{ cancelHandover(handover: $offer) {{ {_ANSWER} }} }}
"""
OF_STATUS = {
    "INVITED": N_("Asked, no answer yet"),
    "REQUESTED": N_("Asks for a place, no answer yet"),
    "ACCEPTED": N_("Agreed"),
    "DECLINED": N_("Declined"),
    "CANCELED": N_("Taken back before an answer"),
    "EXPIRED": N_("Nobody answered in time"),
    "WITHDRAWN": N_("Withdrew"),
    "REMOVED": N_("Was removed by the host"),
}
OF_MAY = {
    "NONE": N_("Changes nothing of the event"),
    "DETAILS": N_(
        "May change its words, picture, topics, contact and what is said of accessibility"
    ),
    "ALL": N_(
        "May change its words, time and place; not who hosts it, who sees it, or whether it is "
        "published or cancelled"
    ),
}
OF_LEARNING = {
    "NONE": N_("Learns nothing of who comes"),
    "AGGREGATE_ONLY": N_("Learns how many come, and not who"),
    "REFERRED_ONLY": N_("Learns who comes of those it brought, where they agreed"),
    "ALL_WITH_CONSENT": N_("Learns who comes of those who agreed to it"),
}
OF_PART = {
    "CO_HOST": N_("Co-host: hosts it together with the host"),
    "SPONSOR": N_("Sponsor: supports it"),
    "PROMOTER": N_("Passes it on to others"),
}
SAID = {
    "accepted": N_("You accepted. Both are named on the event now."),
    "declined": N_("You declined."),
    "ended": N_("It is ended."),
    "offered": N_("The offer is sent. Until it is answered you can take it back."),
    "taken": N_("The lead has passed on."),
    "left": N_("The offer is declined."),
    "back": N_("The offer is taken back."),
}


def routes(console: Console) -> list[Route]:
    pages = _CoHosting(console)
    return [
        console.route("/cohosting", pages.inbox),
        console.route("/cohosting/{id}", pages.place, "GET", "POST"),
        console.route("/cohosting/offers/{id}", pages.offer, "GET", "POST"),
    ]


class _CoHosting:
    def __init__(self, console: Console) -> None:
        self.console = console

    async def inbox(self, room: Room) -> Response:
        asked = await room.talk.ask(
            INBOX, organization=room.organization_id, after=room.said.get("after") or None
        )
        organization = there(asked["organization"])
        awaited = [line_of(room, one) for one in organization["awaited"]["nodes"]]
        offers = [
            self._offer(room, one)
            for one in asked["viewer"]["handovers"]["nodes"]
            if one["subject"]["__typename"] == "Event" and one["status"] == "PROPOSED"
        ]
        page = organization["together"]["pageInfo"]
        return self.console.shown(
            room,
            "console_cohosting.html",
            page="cohosting",
            waiting=[one for one in awaited if one["is_asked"]],
            sent=[one for one in awaited if not one["is_asked"]],
            leads=[one for one in offers if one["is_taker"]],
            leads_offered=[one for one in offers if not one["is_taker"]],
            together=_lines(room, organization["together"]["nodes"]),
            ended=_lines(room, organization["ended"]["nodes"]),
            further=room.to("cohosting", after=page["endCursor"]) if page["hasNextPage"] else None,
            notice=notice_of(room, SAID),
            of_status_of_place=OF_STATUS,
        )

    async def place(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        place = there((await room.talk.ask(ONE, id=given_id(room)))["node"])
        there(place.get("event"))
        typed = Typed(form or Form({}))
        reason = typed.text("reason")
        done = None
        if form is not None and not typed.problems:
            done = await _answered(room, form, place, reason)
        if form is not None and done is not None and not done.problems:
            do = form.get("do")
            said = {"accept": "accepted", "decline": "declined"}.get(str(do), "ended")
            return self.console.sent_on(room.to("cohosting", **{DONE: said}))
        problems = {**typed.problems, **by_field(done, {"eventHost": "main"})}
        return self.console.shown(
            room,
            "console_place.html",
            status_of(problems, done),
            page="cohosting",
            line=line_of(room, place),
            here=room.to("cohosting", place["id"]),
            problems=problems,
            reason=reason or "",
            of_status_of_place=OF_STATUS,
            of_may=OF_MAY,
            of_learning=OF_LEARNING,
        )

    async def offer(self, room: Room) -> Response:
        """The lead of an event, offered: taking it, declining it, taking the offer back."""
        form = await self.console.form(room) if room.is_sent else None
        offer = there((await room.talk.ask(OFFERED, id=given_id(room)))["node"])
        there(offer.get("subject", {}).get("id") and offer)
        done = None
        if form is not None:
            do = form.get("do", "")
            if do == "back":
                done = await room.talk.change(TAKE_BACK, form, offer=offer["id"])
            else:
                done = await room.talk.change(TAKE, form, offer=offer["id"], accept=do == "take")
            if not done.problems:
                said = {"back": "back", "take": "taken"}.get(do, "left")
                return self.console.sent_on(room.to("cohosting", **{DONE: said}))
        problems = by_field(done, {"handover": "main"})
        return self.console.shown(
            room,
            "console_offer.html",
            status_of(problems, done),
            page="cohosting",
            line=self._offer(room, offer),
            here=room.to("cohosting", "offers", offer["id"]),
            problems=problems,
        )

    def _offer(self, room: Room, offer: Mapping[str, Any]) -> dict[str, Any]:
        event = offer["subject"]
        return {
            "offer": offer,
            "event": event,
            "address": room.to("cohosting", "offers", offer["id"]),
            "when": when_of(event, event),
            "is_taker": (offer["to"] or {}).get("id") == room.organization_id,
            "until": moment(local(offer["expiresAt"], event["timeZone"])),
        }


async def _answered(room: Room, form: Form, place: Mapping[str, Any], reason: str | None) -> Done:
    if form.get("do") in ("accept", "decline"):
        accept = form.get("do") == "accept"
        return await room.talk.change(RESPOND, form, place=place["id"], accept=accept)
    return await room.talk.change(WITHDRAW, form, place=place["id"], reason=reason)


def _lines(room: Room, places: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [line_of(room, one) for one in places]


def line_of(room: Room, place: Mapping[str, Any]) -> dict[str, Any]:
    """A place as one of its two sides looks at it: `is_asked` where the answer is theirs to give."""
    event, zone = place["event"], place["event"]["timeZone"]
    is_ours, is_host = (
        place["organization"]["id"] == room.organization_id,
        event["host"]["id"] == room.organization_id,
    )
    other = place["organization"] if is_host else event["host"]
    return {
        "place": place,
        "event": event,
        "address": room.to("cohosting", place["id"]),
        "at": room.to("events", event["id"]),
        "when": when_of(event, event),
        "other": other,
        "is_ours": is_ours,
        "is_host": is_host,
        "is_asked": (place["status"] == "INVITED" and is_ours)
        or (place["status"] == "REQUESTED" and is_host),
        "until": _moment(place["expiresAt"], zone),
        "ended": _moment(place["endedAt"], zone),
        "ending": _(_ending(place["status"], is_host=is_host)),
    }


def _moment(told: str | None, zone: str) -> Markup | None:
    return moment(local(told, zone)) if told else None


def _ending(status: str, *, is_host: bool) -> str:
    """How the side that looks calls what ends the place."""
    if status == "ACCEPTED":
        return N_("Remove it from the event") if is_host else N_("Withdraw from the event")
    return N_("Take back the invitation") if is_host else N_("Take back what you asked")
