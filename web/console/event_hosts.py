"""Who hosts an event: who may change what, whose attendees go to whom; inviting others, asking for a
place, and handing the lead over."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Refused
from languages import N_
from languages import gettext as _
from web.console.cohosting import OF_LEARNING, OF_MAY, OF_PART, OF_STATUS, PLACE, line_of
from web.console.events import when_of
from web.console.outcomes import DONE, notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.talking import Done
from web.console.typed import Typed
from web.forms import Form

SAID = {
    "hosts": N_("The organization is asked, or stands on the event already."),
    "asked": N_("The host is asked. You see the answer under Co-hosting."),
}
HOSTS = f"""
query HostsOfEvent($id: ID!) {{
  event(id: $id) {{
    id title startsAt endsAt timeZone allDay nextActions status publicationStatus
    host {{ id name }}
    hosts(first: 60) {{ nodes {{ ...place }} }}
  }}
}}
{PLACE}
"""
FOUND = """
query OrganizationsToInvite($search: String!, $after: String) {
  organizations(filter: {search: $search}, first: 20, after: $after) {
    nodes { id name summary place { locality } origin { name isLocal } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CHOSEN = """
query OrganizationToInvite($id: ID!) {
  organization(id: $id) { id name summary place { locality } origin { name isLocal } }
}
"""
INVITE = """
mutation InviteHost(
  $event: ID!, $organization: ID!, $role: EventHostRole!, $mayEdit: HostEditing, $message: String
) {
  inviteEventHost(
    event: $event, organization: $organization, role: $role, mayEdit: $mayEdit, message: $message
  ) { eventHost { status } userErrors { code field message } }
}
"""
OFFER = """
mutation OfferLead($subject: ID!, $to: ID!, $message: String) {
  proposeHandover(subject: $subject, to: $to, message: $message) {
    userErrors { code field message }
  }
}
"""
_UNDER_WAY = ("ACCEPTED", "INVITED", "REQUESTED")
_MAY = tuple(OF_MAY)


def routes(console: Console) -> list[Route]:
    hosts = _Hosts(console)
    return [
        console.route("/events/{id}/hosts", hosts.all_of_them),
        console.route("/events/{id}/hosts/invite", hosts.invite, "GET", "POST"),
        console.route("/events/{id}/ask", hosts.ask, "GET", "POST"),
        console.route("/events/{id}/handover", hosts.hand_over, "GET", "POST"),
    ]


async def _event(room: Room) -> Mapping[str, Any]:
    return there((await room.talk.ask(HOSTS, id=given_id(room)))["event"])


class _Hosts:
    def __init__(self, console: Console) -> None:
        self.console = console

    async def all_of_them(self, room: Room) -> Response:
        event = await _event(room)
        lines = [line_of(room, one) for one in event["hosts"]["nodes"]]
        return self._shown(
            room,
            "console_event_hosts.html",
            event,
            None,
            {},
            lines=[one for one in lines if one["place"]["status"] in _UNDER_WAY],
            ended=[one for one in lines if one["place"]["status"] not in _UNDER_WAY],
            notice=notice_of(room, SAID),
            may_ask=_may_ask(room, event),
        )

    async def invite(self, room: Room) -> Response:
        """First the organization is found by its name, then it is asked."""
        form = await self.console.form(room) if room.is_sent else None
        event = await _event(room)
        if not _is_ours(room, event) or "inviteEventHost" not in event["nextActions"]:
            raise Refused("Its host invites others to it. You may ask for a place of your own.")
        chosen = (form or room.said).get("organization", "")
        if not chosen:
            return await self._search(room, event)
        asked = await room.talk.ask(CHOSEN, id=chosen)
        organization = there(asked["organization"])
        typed = Typed(form or Form({}))
        done = None if form is None else await self._asked(room, typed, event, organization["id"])
        if done is not None and not done.problems:
            return self._to(room, event, "hosts")
        return self._shown(
            room,
            "console_event_invite.html",
            event,
            done,
            typed.problems,
            asked=organization,
            filled=form or {},
        )

    async def ask(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        event = await _event(room)
        if not _may_ask(room, event):
            raise Refused(
                "You stand on it or are asked already, or you may not ask for your organization."
            )
        typed = Typed(form or Form({}))
        done = None if form is None else await self._asked(room, typed, event, room.organization_id)
        if done is not None and not done.problems:
            is_on = (done.payload["eventHost"] or {}).get("status") == "ACCEPTED"
            return self._to(room, event, "hosts" if is_on else "asked")
        return self._shown(
            room, "console_event_ask.html", event, done, typed.problems, filled=form or {}
        )

    async def hand_over(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        event = await _event(room)
        if "proposeHandover" not in event["nextActions"]:
            raise Refused(
                "Its host hands it over, to an organization that hosts it too: invite one first."
            )
        typed = Typed(form or Form({}))
        message, to = typed.text("message"), typed.form.get("to", "")
        done = None
        if form is not None and not to:
            typed.wrong("to", _("Choose who takes it over."))
        if form is not None and not typed.problems:
            done = await room.talk.change(OFFER, form, subject=event["id"], to=to, message=message)
        if done is not None and not done.problems:
            return self.console.sent_on(room.to("cohosting", **{DONE: "offered"}))
        return self._shown(
            room,
            "console_event_handover.html",
            event,
            done,
            typed.problems,
            co_hosts=[
                one["organization"]
                for one in event["hosts"]["nodes"]
                if one["status"] == "ACCEPTED" and one["role"] == "CO_HOST"
            ],
            filled=form or {},
        )

    async def _search(self, room: Room, event: Mapping[str, Any]) -> Response:
        search = room.said.get("search", "").strip()[:200]
        found: list[Mapping[str, Any]] = []
        further = None
        if search:
            asked = await room.talk.ask(FOUND, search=search, after=room.said.get("after") or None)
            standing = {
                one["organization"]["id"]
                for one in event["hosts"]["nodes"]
                if one["status"] in _UNDER_WAY
            }
            page = asked["organizations"]["pageInfo"]
            found = [
                {**one, "is_on": one["id"] in standing} for one in asked["organizations"]["nodes"]
            ]
            here = ("events", event["id"], "hosts", "invite")
            more = page["endCursor"] if page["hasNextPage"] else None
            further = room.to(*here, search=search, after=more) if more else None
        return self._shown(
            room,
            "console_event_find_host.html",
            event,
            None,
            {},
            search=search,
            found=found,
            further=further,
        )

    async def _asked(
        self, room: Room, typed: Typed, event: Mapping[str, Any], organization_id: str
    ) -> Done | None:
        """Asks an organization, or the host; None where the message cannot be read."""
        message = typed.text("message")
        may = typed.chosen("mayEdit", _MAY, "")
        if typed.problems:
            return None
        return await room.talk.change(
            INVITE,
            typed.form,
            event=event["id"],
            organization=organization_id,
            role=typed.chosen("role", tuple(OF_PART), "CO_HOST"),
            mayEdit=may or None,
            message=message,
        )

    def _shown(
        self,
        room: Room,
        template: str,
        event: Mapping[str, Any],
        done: Done | None,
        problems: Mapping[str, str],
        **given: Any,
    ) -> Response:
        problems = {**problems, **by_field(done, {"organization": "main", "event": "main"})}
        about = {
            "event": event,
            "here": room.to("events", event["id"]),
            "when": when_of(event, event),
            "problems": problems,
            "is_ours": _is_ours(room, event),
            "of_part": OF_PART,
            "of_may": OF_MAY,
            "of_learning": OF_LEARNING,
            "of_status_of_place": OF_STATUS,
            **given,
        }
        status = status_of(problems, done)
        return self.console.shown(room, template, status, page="events", **about)

    def _to(self, room: Room, event: Mapping[str, Any], done: str) -> Response:
        return self.console.sent_on(room.to("events", event["id"], "hosts", **{DONE: done}))


def _is_ours(room: Room, event: Mapping[str, Any]) -> bool:
    return bool(event["host"]["id"] == room.organization_id)


def _may_ask(room: Room, event: Mapping[str, Any]) -> bool:
    """For a place on another's event."""
    return not _is_ours(room, event) and "inviteEventHost" in event["nextActions"]
