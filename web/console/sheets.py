"""The list at the door on paper: to print, to download as CSV, and to read back when it was ticked.

What a sheet would change is shown first, line by line; then it is taken in. The use cases are those
of the command line (`resolvers/attendee_sheets.py`), as the contract has no word for a sheet. A partner
prints the names that it may know, as the contract tells them; they are ticked in at the door.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Invalid
from domain.rsvps import UNDER_WAY, RsvpStatus
from languages import N_
from resolvers import attendee_sheets
from resolvers.attendee_sheets import Becomes, Expected
from web.account.visits import HEADERS
from web.attendee_sheet import EMPTY_LINES, Read, read, written
from web.console.attendees import OF_ANSWER, name_of
from web.console.dates_of_event import Dates, dates_of
from web.console.outcomes import status_of
from web.console.rooms import Console, Room, given_id, there
from web.forms import Form
from web.speaking import refusal

MOST_BYTES = 1_000_000
MOST_PAGES = 20  # of a hundred names
SHEET = """
query Sheet($event: ID!, $filter: RsvpFilter!, $after: String) {
  event(id: $event) {
    rsvps(filter: $filter, orderBy: NAME_ASC, first: 100, after: $after) {
      nodes { id guestName person { displayName } status additionalGuests attended }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
BECOMES = {
    Becomes.HERE: N_("was there"),
    Becomes.NOT_HERE: N_("was not there"),
    Becomes.WALKS_IN: N_("new on the list, and was there"),
    Becomes.AS_BEFORE: N_("as before"),
    Becomes.PROBLEM: N_("cannot be done"),
}


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/events/{id}/sheet"
    return [
        console.route(at, pages.sheet),
        console.route(f"{at}.csv", pages.csv),
        console.route(f"{at}/return", pages.returned, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def sheet(self, room: Room) -> Response:
        dates = await dates_of(room)
        is_host = dates.hosted_by(room)
        is_partner = dates.names(room) and not is_host
        lines = await (_known if is_partner else _whole)(room, dates)
        return self.console.shown(
            room,
            "console_sheet.html",
            page="events",
            dates=dates,
            is_host=is_host,
            is_silent=lines is None,
            address=room.to("events", given_id(room), "sheet", date=dates.chosen.id),
            door=room.to("events", given_id(room), "door", date=dates.chosen.id),
            lines=lines,
            empty=range(EMPTY_LINES),
            of_answer=OF_ANSWER,
        )

    async def csv(self, room: Room) -> Response:
        dates = await dates_of(room)
        async with room.talk.working() as ctx:
            sheet = await attendee_sheets.sheet(ctx, dates.event["id"], dates.chosen.id)
        name = f"attendees-{dates.chosen.starts_at:%Y-%m-%d}.csv"
        kept = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(written(sheet).encode(), 200, kept, media_type="text/csv; charset=utf-8")

    async def returned(self, room: Room) -> Response:
        form = await self.console.form(room, MOST_BYTES) if room.is_sent else Form({})
        dates = await dates_of(room)
        problems: dict[str, str] = {}
        if room.is_sent:
            try:
                text = _text_of(form)
                return await self._taken(room, form, text, read(text))
            except Invalid as problem:
                problems = {"file": refusal(problem.message)}
        return self.console.shown(
            room,
            "console_sheet_return.html",
            status_of(problems),
            page="events",
            dates=dates,
            text=form.get("text", ""),
            problems=problems,
        )

    async def _taken(self, room: Room, form: Form, text: str, ticked: Read) -> Response:
        """What it would do; with a yes to that, what it did."""
        event_id = given_id(room)
        is_sure = form.get("do") == "take-in"
        async with room.talk.working() as ctx:
            asked = (ctx, event_id, ticked.occurrence_id, ticked.ticked)
            lines = await attendee_sheets.preview(*asked)
            outcome = await attendee_sheets.take_in(*asked) if is_sure else None
        problems = [*ticked.problems]
        if outcome is None:
            problems += [(one.of.line, one.problem) for one in lines if one.problem]
        else:
            problems += outcome.problems
        return self.console.shown(
            room,
            "console_sheet_taken.html" if outcome else "console_sheet_preview.html",
            page="events",
            back=room.to("events", event_id, "sheet", "return", date=ticked.occurrence_id),
            door=room.to("events", event_id, "door", date=ticked.occurrence_id),
            lines=[one for one in lines if one.becomes is not Becomes.PROBLEM],
            counts=Counter(one.becomes for one in lines),
            outcome=outcome,
            becomes=BECOMES,
            text=text,
            refused=[(line, refusal(said)) for line, said in sorted(problems)],
        )


async def _whole(room: Room, dates: Dates) -> Sequence[Expected] | None:
    async with room.talk.working() as ctx:
        return (await attendee_sheets.sheet(ctx, dates.event["id"], dates.chosen.id)).lines


async def _known(room: Room, dates: Dates) -> Sequence[Expected] | None:
    """As far as the partner is told who comes; None where the event is another hub's, and that hub does
    not answer: a sheet of some of the names would look like all of them."""
    lines: list[Expected] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        asked = await room.talk.ask(
            SHEET,
            event=dates.event["id"],
            filter={
                "occurrence": dates.chosen.id,
                "statuses": [each.value for each in UNDER_WAY],
            },
            after=after,
        )
        listed = there(asked["event"])["rsvps"]
        if listed is None:
            return None
        lines += [_line(answer) for answer in listed["nodes"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            break
    return lines


def _line(answer: Mapping[str, Any]) -> Expected:
    return Expected(
        rsvp_id=answer["id"],
        name=name_of(answer),
        party=1 + answer["additionalGuests"],
        status=RsvpStatus(answer["status"]),
        attended=answer["attended"],
    )


def _text_of(form: Form) -> str:
    """Of the file, or what was pasted. Raises `Invalid`."""
    if "file" not in form.files:
        return form.get("text", "")
    try:
        return form.files["file"].body.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The file is not in UTF-8: save it as CSV UTF-8.", ("file",)) from None
