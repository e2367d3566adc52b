"""The door: who is here, on a phone, with large buttons; fast on a poor line, and without a script.

Each tap is one small form. A name is looked for by a part of it; whoever is not on the list is
added and checked in at once.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.rsvps import CHECK_IN_OPENS, UNDER_WAY
from languages import N_
from web.account.parts import WITH_SCRIPT
from web.console.attendees import ADD, OF_ANSWER, name_of
from web.console.dates_of_event import Dates, dates_of
from web.console.names_elsewhere import NUMBERS, asked_of, numbers_of
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.typed import Typed
from web.feeds import answers
from web.forms import Form
from web.pages.words import time_of

SCRIPT = "/static/door.js"
_SCRIPT = Path(__file__).parent.parent / "static" / "door.js"
LISTED = 100
DOOR = f"""
query Door(
  $event: ID!, $filter: RsvpFilter!, $first: Int!, $after: String, $date: ID!, $elsewhere: Boolean!
) {{
  event(id: $event) {{
    rsvps(filter: $filter, orderBy: NAME_ASC, first: $first, after: $after) {{
      nodes {{
        id guestName person {{ displayName }} status additionalGuests attended nextActions
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}
    {NUMBERS}
  }}
}}
"""
CHECK_IN = """
mutation CheckIn($rsvp: ID!, $attended: Boolean!) {
  checkIn(rsvp: $rsvp, attended: $attended) {
    rsvp { delivery } userErrors { code field message }
  }
}
"""
DONE = {
    "here": N_("Checked in."),
    "undone": N_("Taken back: not here."),
    "walked-in": N_("Added to the list, and checked in."),
    "kept": N_("Kept. The hub of this event is told as soon as it answers."),
}
_NAMES = {
    "rsvp": "main",
    "attended": "main",
    "occurrence": "main",
    "event": "main",
    "guestName": "new",
    "guestEmail": "new",
    "additionalGuests": "guests",
}


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    return [
        console.route("/events/{id}/door", pages.door, "GET", "POST"),
        Route(SCRIPT, _script),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def door(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        dates = await dates_of(room)
        problems: dict[str, str] = {}
        if room.is_sent:
            word, problems = await _changed(room, form, dates)
            if not problems:
                said = {"name": form["name"]} if form.get("name") and "new" not in form else {}
                return self.console.sent_on(
                    room.to(
                        "events", given_id(room), "door", date=dates.chosen.id, **said, done=word
                    )
                )
        name = (form.get("name") or room.said.get("name", ""))[:100]
        asked = await room.talk.ask(
            DOOR,
            event=dates.event["id"],
            filter={
                "occurrence": dates.chosen.id,
                "search": name or None,
                "statuses": [each.value for each in UNDER_WAY],
            },
            first=LISTED,
            after=room.said.get("after"),
            **asked_of(dates),
        )
        event = there(asked["event"])
        listed = event["rsvps"]
        answers = listed["nodes"] if listed else ()
        opens = dates.chosen.starts_at - CHECK_IN_OPENS
        is_early = room.visit.desk.clock.now() < opens
        here = room.to("events", given_id(room), "door", date=dates.chosen.id)
        return self.console.shown(
            room,
            "console_door.html",
            status_of(problems),
            page="events",
            dates=dates,
            is_host=dates.hosted_by(room),
            is_at_the_door=dates.checked_in_by(room),
            numbers=numbers_of(dates, event),
            is_silent=listed is None,
            expected=[each for each in answers if not each["attended"]],
            present=[each for each in answers if each["attended"]],
            name_of=name_of,
            of_answer=OF_ANSWER,
            name=name,
            given=form,
            address=here,
            opens=(opens, time_of(opens)) if is_early else None,
            further=_further(room, dates, name, listed["pageInfo"]) if listed else None,
            problems=problems,
            notice=notice_of(room, DONE),
            narrowing=_text()[1],
            headers=WITH_SCRIPT,
        )


async def _changed(room: Room, form: Form, dates: Dates) -> tuple[str, dict[str, str]]:
    """What was done, or what hindered it."""
    for field, attended, word in (("here", True, "here"), ("undo", False, "undone")):
        if form.get(field):
            done = await room.talk.change(CHECK_IN, form, rsvp=form[field], attended=attended)
            return "kept" if done.is_kept("rsvp") else word, by_field(done, _NAMES)
    return await _walked_in(room, form, dates)


async def _walked_in(room: Room, form: Form, dates: Dates) -> tuple[str, dict[str, str]]:
    typed = Typed(form)
    wish: dict[str, Any] = {
        "event": dates.event["id"],
        "occurrence": dates.chosen.id,
        "guestName": form.get("new", ""),
        "additionalGuests": typed.number("guests") or 0,
        "attended": True,
    }
    if typed.problems:
        return "", typed.problems
    added = await room.talk.change(ADD, form, input=wish)
    return "kept" if added.is_kept("rsvp") else "walked-in", by_field(added, _NAMES)


def _further(room: Room, dates: Dates, name: str, page: dict[str, Any]) -> str | None:
    if not page["hasNextPage"]:
        return None
    found = {"name": name} if name else {}
    said = {"date": dates.chosen.id, **found, "after": page["endCursor"]}
    return room.to("events", given_id(room), "door", **said)


async def _script(request: Request) -> Response:
    """Its address has its digest, so that it may be kept for ever."""
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return answers.sent(request, _text()[0], "text/javascript; charset=utf-8", kept)


@cache
def _text() -> tuple[bytes, str]:
    """The script and its address."""
    text = _SCRIPT.read_bytes()
    return text, f"{SCRIPT}?{sha256(text).hexdigest()[:12]}"
