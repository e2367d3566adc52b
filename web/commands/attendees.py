"""Print the list of who comes to a date, and read back who was there.

Look next at `resolvers/attendee_sheets.py`, which does it, and `web/attendee_sheet.py`, the format.
"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import Invalid, NotFound
from resolvers import attendee_sheets
from storage import events, rsvps
from web.attendee_sheet import Read, read, written
from web.commands import Exit
from web.commands._hub import DataOption
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, print_json

GROUP = "Use it"
MOST_BYTES = 5_000_000
app = command("attendees")


@app.callback(epilog="Example: [bold]./convoke attendees sheet EVENT > sheet.csv[/]")
def attendees() -> None:
    """Keeps the list at the door on paper: print it, tick who was there, type it in."""


@app.command(epilog="Example: [bold]./convoke attendees sheet evt_… > sheet.csv[/]")
def sheet(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The event, by its id.")],
    occurrence: Annotated[
        str | None,
        typer.Option(
            "--occurrence",
            metavar="ID",
            help="The date; where it is left out, the one that is nearest to now.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Prints who is expected, as CSV: by name, with a column to tick and room for more names."""

    async def made() -> str:
        async with operating(data) as operator:
            host_id = await _host(operator, event)
            async with operator.context(host_id) as ctx:
                return written(await attendee_sheets.sheet(ctx, event, occurrence))

    sys.stdout.write(asyncio.run(made()))


@app.command("check-in", epilog="Example: [bold]./convoke attendees check-in sheet.csv[/]")
def check_in(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The sheet, ticked: x for who was there.")
    ],
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Reads a sheet back. Names that are not on the list become guests; twice is once."""
    ticked = read(_text_of(file))

    async def taken_in() -> dict[str, Any]:
        async with operating(data) as operator:
            return await _taken_in(operator, ticked)

    found = asyncio.run(taken_in())
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if found["problems"]:
        raise typer.Exit(Exit.FAILED)


async def _taken_in(operator: Operating, ticked: Read) -> dict[str, Any]:
    async with operator.database.reading() as db:
        event_id = await rsvps.event_of_date(db, ticked.occurrence_id)
    if event_id is None:
        raise NotFound("This hub has no such date: the sheet is of another one, or its date moved.")
    host_id = await _host(operator, event_id)
    async with operator.context(host_id) as ctx:
        outcome = await attendee_sheets.take_in(ctx, event_id, ticked.occurrence_id, ticked.ticked)
    problems = sorted([*ticked.problems, *outcome.problems])
    return {
        "checkedIn": outcome.checked_in,
        "walkedIn": outcome.walked_in,
        "asBefore": outcome.as_before,
        "problems": [{"line": line, "problem": said} for line, said in problems],
    }


async def _host(operator: Operating, event_id: str) -> str:
    async with operator.database.reading() as db:
        found = await events.by_id(db, event_id)
    if found is None:
        raise NotFound(f"This hub has no event {event_id}.")
    return found.organization_id


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise Invalid(f"{file} is larger than any sheet: 5 MB at most.")
        return found.decode("utf-8")
    except OSError as problem:
        raise Invalid(f"{file} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise Invalid(f"{file} is not in UTF-8; save it as CSV UTF-8.") from problem


def _tell(found: dict[str, Any]) -> None:
    print(
        f"{found['checkedIn']} checked in, {found['walkedIn']} walked in, "
        f"{found['asBefore']} as before."
    )
    for each in found["problems"]:
        print(f"line {each['line']}: {each['problem']}")
