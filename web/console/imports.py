"""A calendar taken in: what a run would do is shown first, entry by entry; then it is done.

The use case is that of the command line (`resolvers/imports.py`, docs/importing.md), as the contract
has no word for it. A file is handed over by the form, an address is fetched by the guarded client.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Invalid, Passing, Problem
from domain.importing import Outcome, Planned
from domain.sharing import Visibility
from federation.ics import read_calendar
from languages import N_
from resolvers import imports
from resolvers.context import Context
from resolvers.imports import File, Report, Wanted
from web.calendar_source import Received, address_of, fetched
from web.console.event_choices import standing_in
from web.console.outcomes import status_of
from web.console.rooms import Console, Room, there
from web.console.typed import Typed
from web.forms import Form
from web.outgoing import WayOut
from web.speaking import refusal

MOST_BYTES = (
    1_000_000  # of a file; larger ones are imported by their address, or at the command line
)
SHOWN = 200  # entries on the page
SECONDS = 120.0
ABOUT: Final = """
query ToImportInto($id: ID!) {
  organization(id: $id) {
    timeZone nextActions groups(first: 100) { nodes { id name } }
    alliances(first: 100) { nodes { status alliance { id name status } } }
  }
}
"""
SEEN = ("PUBLIC", "UNLISTED", "ALLIANCE", "ORGANIZATION")
OF_OUTCOME = {
    Outcome.CREATE: N_("new"),
    Outcome.UPDATE: N_("changed"),
    Outcome.KEEP: N_("kept as people edited them"),
    Outcome.UNCHANGED: N_("as before"),
    Outcome.VANISHED: N_("not in the calendar any more"),
    Outcome.DROPPED: N_("left out"),
}


def routes(console: Console, way_out: WayOut) -> list[Route]:
    pages = _Pages(console, way_out)
    return [console.route("/imports", pages.imports, "GET", "POST")]


@dataclass(frozen=True, slots=True)
class _Given:
    """What the form brought: an address, or a file by its name."""

    location: str
    is_address: bool
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console
    way_out: WayOut

    async def imports(self, room: Room) -> Response:
        form = await self.console.form(room, 2 * MOST_BYTES) if room.is_sent else Form({})
        about = there((await room.talk.ask(ABOUT, id=room.organization_id))["organization"])
        problems: dict[str, str] = {}
        if room.is_sent:
            try:
                given = _given(form)
                return await self._taken(room, form, about, given)
            except Passing:
                raise  # nothing is wrong with what was sent
            except Problem as problem:
                problems = {_field_of(problem): refusal(problem.message)}
        return self.console.shown(
            room,
            "console_imports.html",
            status_of(problems),
            page="more",
            filled=form,
            shared=form.every("alliance"),
            alliances=standing_in(about["alliances"]),
            groups=[(each["id"], each["name"]) for each in about["groups"]["nodes"]],
            seen=SEEN,
            may="createEvent" in about["nextActions"],
            problems=problems,
        )

    async def _taken(
        self, room: Room, form: Form, about: Mapping[str, Any], given: _Given
    ) -> Response:
        is_sure = form.get("do") == "import"
        wanted = _wanted(room, form, about, given)
        async with room.talk.working(SECONDS) as ctx:
            source = await imports.source_of(ctx, wanted)
            if given.is_address:
                received = await fetched(ctx, wanted, source, self.way_out(), counted=is_sure)
            else:
                received = Received(given.body, hashlib.sha256(given.body).hexdigest())
            if source is not None and imports.is_as_before(source, wanted, received.digest):
                report, is_same = await imports.unchanged(ctx, source), True
            else:
                report, is_same = await _report(ctx, wanted, received, is_sure=is_sure), False
        return self.console.shown(
            room,
            "console_import_report.html",
            page="more",
            given=given,
            text=given.body.decode("utf-8", "replace"),
            filled=form,
            shared=form.every("alliance"),
            is_done=is_sure or is_same,
            is_same=is_same,
            counts=[(each, count) for each, count in report.counts.items() if count],
            of_outcome=OF_OUTCOME,
            entries=[one for one in report.entries if one.outcome is not Outcome.UNCHANGED][:SHOWN],
            more=max(0, len(report.entries) - SHOWN),
            refused=_refused(report),
        )


async def _report(ctx: Context, wanted: Wanted, received: Received, *, is_sure: bool) -> Report:
    calendar = await asyncio.to_thread(read_calendar, received.body, wanted.time_zone)
    if not is_sure:
        return await imports.preview(ctx, wanted, calendar)
    file = File(received.digest or "", received.etag, received.last_modified)
    return await imports.run(ctx, wanted, calendar, file)


def _given(form: Form) -> _Given:
    """Raises `Invalid`, naming the field."""
    if "file" in form.files:
        chosen = form.files["file"]
        return _of_file(chosen.name, chosen.body)
    if form.get("text"):
        return _of_file(form.get("name", ""), form["text"].encode())
    if not form.get("address", "").strip():
        raise Invalid("Choose a file, or give the address of a calendar.", ("file",))
    return _Given(address_of(form["address"].strip()), is_address=True)


def _of_file(name: str, body: bytes) -> _Given:
    if len(body) > MOST_BYTES:
        raise Invalid(
            "The file is larger than 1 MB. Give the address of the calendar instead, or split it.",
            ("file",),
        )
    last = name.replace("\\", "/").rpartition("/")[2].strip()[:200]
    return _Given(last or "calendar.ics", is_address=False, body=body)


def _wanted(room: Room, form: Form, about: Mapping[str, Any], given: _Given) -> Wanted:
    """Only what the page offers is taken; the use case decides about each once more."""
    alliances = {each for each, _name in standing_in(about["alliances"])}
    groups = {each["id"] for each in about["groups"]["nodes"]}
    group = form.get("group", "")
    seen = Typed(form).chosen("visibility", ("", *SEEN), "")
    return Wanted(
        organization_id=room.organization_id,
        location=given.location,
        time_zone=about["timeZone"],
        visibility=Visibility(seen) if seen else None,
        group_id=group if group in groups else None,
        share_with=tuple(each for each in form.every("alliance") if each in alliances),
    )


def _refused(report: Report) -> list[tuple[str, str]]:
    """What somebody should look at: the entry, and why."""
    found = [(called(one), refusal(one.message)) for one in report.entries if one.message]
    return [*found, *((each.item, refusal(each.message)) for each in report.problems)][:SHOWN]


def called(one: Planned) -> str:
    date = f" ({one.recurrence_id})" if one.recurrence_id else ""
    return f"{one.title or one.uid}{date}"


def _field_of(problem: Problem) -> str:
    name = problem.field[0] if problem.field else ""
    return {"source": "address", "file": "file", "address": "address"}.get(name, "file")
