"""The list at the door on paper: to print, to download as CSV, and to read back when it was ticked.

What a sheet would change is shown first, line by line; then it is taken in. The use cases are those
of the command line (`resolvers/attendee_sheets.py`), as the contract has no word for a sheet.
"""

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Invalid
from languages import N_
from resolvers import attendee_sheets
from resolvers.attendee_sheets import Becomes
from web.account.visits import HEADERS
from web.attendee_sheet import EMPTY_LINES, Read, read, written
from web.console.attendees import OF_ANSWER
from web.console.dates_of_event import dates_of
from web.console.outcomes import status_of
from web.console.rooms import Console, Room, given_id
from web.forms import Form

MOST_BYTES = 1_000_000
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
        async with room.talk.working() as ctx:
            sheet = await attendee_sheets.sheet(ctx, dates.event["id"], dates.chosen.id)
        return self.console.shown(
            room,
            "console_sheet.html",
            page="events",
            dates=dates,
            lines=sheet.lines,
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
                problems = {"file": problem.message}
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
            refused=sorted(problems),
        )


def _text_of(form: Form) -> str:
    """Of the file, or what was pasted. Raises `Invalid`."""
    if "file" not in form.files:
        return form.get("text", "")
    try:
        return form.files["file"].body.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The file is not in UTF-8: save it as CSV UTF-8.", ("file",)) from None
