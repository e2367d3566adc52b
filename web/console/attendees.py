"""Who comes to a date of an event: the list of them, who waits for an answer, and what is said to one.

Look next at `door.py`, for the day itself, and at `sheets.py`, for paper. Whom one may know of is the
contract's: its host everybody, others whoever agreed to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from web.console.dates_of_event import Dates, dates_of
from web.console.names_elsewhere import NUMBERS, asked_of, numbers_of
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.talking import Done
from web.console.typed import Typed
from web.forms import Form

LISTED = 50
ATTENDEES = f"""
query Attendees(
  $event: ID!, $waiting: RsvpFilter!, $filter: RsvpFilter!, $first: Int!, $after: String,
  $date: ID!, $elsewhere: Boolean!
) {{
  event(id: $event) {{
    waiting: rsvps(filter: $waiting, first: 100) {{ totalCount nodes {{ ...answer }} }}
    rsvps(filter: $filter, orderBy: NAME_ASC, first: $first, after: $after) {{
      totalCount nodes {{ ...answer }} pageInfo {{ hasNextPage endCursor }}
    }}
    {NUMBERS}
  }}
}}
fragment answer on Rsvp {{
  id guestName person {{ displayName }} status additionalGuests attended nextActions
  referredBy {{ name }}
}}
"""
ONE = """
query OneAttendee($rsvp: ID!) {
  node(id: $rsvp) {
    ... on Rsvp {
      id guestName status additionalGuests attended nextActions
      person { displayName contact { email telephone } }
      referredBy { name } event { id } occurrence { id }
    }
  }
}
"""
RESPOND = """
mutation RespondToRsvp($rsvp: ID!, $accept: Boolean!) {
  respondToRsvp(rsvp: $rsvp, accept: $accept) { userErrors { code field message } }
}
"""
CANCEL = """
mutation CancelRsvp($rsvp: ID!) {
  cancelRsvp(rsvp: $rsvp) { userErrors { code field message } }
}
"""
ADD = """
mutation AddAttendee($input: RsvpInput!) {
  rsvp(input: $input) { rsvp { delivery } userErrors { code field message } }
}
"""
OF_ANSWER = {
    "NEEDS_ACTION": N_("Has yet to confirm"),
    "ACCEPTED": N_("Comes"),
    "TENTATIVE": N_("Perhaps"),
    "DECLINED": N_("Does not come"),
    "PENDING_APPROVAL": N_("Asks to come"),
    "WAITLISTED": N_("In line for a place"),
    "CANCELLED": N_("Took it back"),
    "REFUSED": N_("Not expected by you"),
}
DONE = {
    "let-in": N_("They may come, and are told so."),
    "refused": N_("They are not expected, and are told so."),
    "cancelled": N_("Their answer was taken back, and they are told so."),
    "added": N_("Added to the list."),
    "kept": N_("Kept. The hub of this event is told as soon as it answers."),
    "asked": N_("They get a letter with a link. They are on the list when they follow it."),
}
ADDING = {  # the names of the form's fields
    "guestName": "name",
    "guestEmail": "email",
    "additionalGuests": "guests",
    "occurrence": "date",
    "event": "main",
}
_ASKS = ["PENDING_APPROVAL"]


def name_of(answer: Mapping[str, Any]) -> str:
    person = answer["person"]
    return str(person["displayName"] if person else answer["guestName"] or "")


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/events/{id}/attendees"
    return [
        console.route(at, pages.attendees, "GET", "POST"),
        console.route(f"{at}/add", pages.add, "GET", "POST"),
        console.route(f"{at}/{{rsvp}}", pages.one, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def attendees(self, room: Room) -> Response:
        done: Done | None = None
        if room.is_sent:
            form = await self.console.form(room)
            accept = form.get("do") == "let-in"
            done = await room.talk.change(RESPOND, form, rsvp=form.get("rsvp", ""), accept=accept)
            if not done.problems:
                word = "let-in" if accept else "refused"
                return self._back(room, form.get("date", ""), word)
        dates = await dates_of(room)
        name, state = room.said.get("name", "")[:100], room.said.get("state", "")
        of_date = {"occurrence": dates.chosen.id}
        asked = await room.talk.ask(
            ATTENDEES,
            event=dates.event["id"],
            waiting={**of_date, "statuses": _ASKS},
            filter={
                **of_date,
                "search": name or None,
                "statuses": [state] if state in OF_ANSWER else None,
            },
            first=LISTED,
            after=room.said.get("after"),
            **asked_of(dates),
        )
        event = there(asked["event"])
        answers, waiting = event["rsvps"], event["waiting"]
        problems = by_field(done, {"rsvp": "main", "accept": "main"})
        kept = {"name": name, "state": state}
        said = {"date": dates.chosen.id, **{word: each for word, each in kept.items() if each}}
        return self.console.shown(
            room,
            "console_attendees.html",
            status_of(problems, done),
            page="events",
            dates=dates,
            is_host=dates.hosted_by(room),
            numbers=numbers_of(dates, event),
            is_silent=answers is None,
            waiting=waiting or {"nodes": ()},
            answers=answers["nodes"] if answers else (),
            name_of=name_of,
            of_answer=OF_ANSWER,
            given=kept,
            further=_further(room, answers, said),
            problems=problems,
            notice=notice_of(room, DONE),
        )

    async def one(self, room: Room) -> Response:
        """An answer, and what can be said to whoever gave it. They are told of it by letter."""
        rsvp_id = room.visit.request.path_params["rsvp"]
        done: Done | None = None
        if room.is_sent:
            form = await self.console.form(room)
            match form.get("do"):
                case "cancelled":
                    done = await room.talk.change(CANCEL, form, rsvp=rsvp_id)
                case "let-in" | "refused" as word:
                    done = await room.talk.change(
                        RESPOND, form, rsvp=rsvp_id, accept=word == "let-in"
                    )
            if done is not None and not done.problems:
                return self._back(room, form.get("date", ""), form["do"])
        answer = there((await room.talk.ask(ONE, rsvp=rsvp_id))["node"])
        if answer.get("event", {}).get("id") != given_id(room):
            there(None)
        problems = by_field(done, {"rsvp": "main", "accept": "main"})
        return self.console.shown(
            room,
            "console_attendee.html",
            status_of(problems, done),
            page="events",
            answer=answer,
            name=name_of(answer),
            of_answer=OF_ANSWER,
            back=room.to(*_at(room), date=answer["occurrence"]["id"]),
            problems=problems,
        )

    async def add(self, room: Room) -> Response:
        """Somebody who said so by telephone, or on paper."""
        form = await self.console.form(room) if room.is_sent else Form({})
        dates = await dates_of(room)
        typed, done = Typed(form), None
        date = form.get("date", dates.chosen.id)
        if room.is_sent:
            wish = _wish(typed, dates, date)
            done = None if typed.problems else await room.talk.change(ADD, form, input=wish)
            if done is not None and not done.problems:
                word = "asked" if wish["guestEmail"] else "added"
                return self._back(room, date, "kept" if done.is_kept("rsvp") else word)
        problems = {**typed.problems, **by_field(done, ADDING)}
        return self.console.shown(
            room,
            "console_attendee_add.html",
            status_of(problems, done),
            page="events",
            dates=dates,
            date=date,
            given=form,
            problems=problems,
            back=room.to(*_at(room), date=dates.chosen.id),
        )

    def _back(self, room: Room, date: str, word: str) -> Response:
        return self.console.sent_on(room.to(*_at(room), date=date, done=word))


def _further(room: Room, answers: Mapping[str, Any] | None, said: Mapping[str, str]) -> str | None:
    page = answers["pageInfo"] if answers else {}
    if not page.get("hasNextPage"):
        return None
    return room.to(*_at(room), **said, after=page["endCursor"])


def _at(room: Room) -> tuple[str, str, str]:
    return "events", given_id(room), "attendees"


def _wish(typed: Typed, dates: Dates, date: str) -> dict[str, Any]:
    return {
        "event": dates.event["id"],
        "occurrence": date,
        "guestName": typed.form.get("name", ""),
        "guestEmail": typed.mail_address("email"),
        "additionalGuests": typed.number("guests") or 0,
        "status": typed.chosen("status", ("ACCEPTED", "TENTATIVE"), "ACCEPTED"),
    }
