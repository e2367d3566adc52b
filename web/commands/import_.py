"""Take the events of a calendar in, and follow it when it changes.

Look next at docs/importing.md, for the rules, and at `resolvers/imports.py`, which does it.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain import texts
from domain.errors import NotFound
from domain.sharing import Visibility
from resolvers import imports
from resolvers.imports import Wanted
from storage import groups, organizations
from web.commands._calendar_file import Asked, fetched, read
from web.commands._hub import DataOption
from web.commands._import_report import Done, progress, show, shown
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, print_json

if TYPE_CHECKING:
    from federation.client import OutgoingClient

GROUP = "Use it"
app = command("import")


@app.callback(epilog="Example: [bold]./convoke import ics events.ics --organization pantry[/]")
def import_() -> None:
    """Takes the events of a calendar in, and follows it when it changes."""


Place = Annotated[
    str, typer.Argument(metavar="PATH_OR_URL", help="An iCalendar file, or an address of one.")
]
Organization = Annotated[
    str, typer.Option("--organization", metavar="SLUG", help="Whose events they are.")
]
ShareWith = Annotated[
    list[str] | None,
    typer.Option(
        "--share-with",
        metavar="SLUG",
        help="An alliance to share them with; more than once for more. Private entries are never "
        "shared.",
        show_default=False,
    ),
]
Seen = Annotated[
    Visibility | None,
    typer.Option(
        "--visibility",
        help="Who may see them, but for private entries, which are PRIVATE. Where it is not "
        "given: as at the last run, and at first PUBLIC.",
        show_default=False,
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="SLUG",
        help="The organization's group that new ones belong to.",
        show_default=False,
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        "--time-zone",
        metavar="IANA",
        help="For times that name none, where the file does not either. Where it is not given: "
        "the organization's.",
        show_default=False,
    ),
]
Position = Annotated[
    str | None,
    typer.Option(
        "--position",
        metavar="LAT,LON",
        help="Where entries that say no position are, to about a kilometre: for a town's "
        "calendars, so that they are found by place.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Tell what would be done, and write nothing.")
]


@app.command(
    epilog="Example: [bold]./convoke import ics https://pantry.example/events.ics "
    "--organization pantry --share-with city-table --dry-run[/]"
)
def ics(
    place: Place,
    organization: Organization,
    share_with: ShareWith = None,
    visibility: Seen = None,
    group: Group = None,
    time_zone: TimeZone = None,
    position: Position = None,
    dry_run: DryRun = False,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Takes the events of an iCalendar file in, or brings them to what the file says now.

    What people edited here stays. What left the file is told, and never deleted.

    An address is fetched at most four times an hour.

    Exit code 0, also where entries were left out: they are listed, with why.

    Exit code 1 where the file as a whole could not be read.
    """
    asked = Asked(
        place,
        organization,
        tuple(share_with or ()),
        visibility,
        group,
        time_zone,
        dry_run,
        position,
    )
    done = asyncio.run(imported(data, asked))
    if as_json:
        print_json(shown(done))
    else:
        show(done)


async def imported(data: Path | None, asked: Asked, client: "OutgoingClient | None" = None) -> Done:
    """`client` is for an address, in place of the usual one."""
    async with operating(data) as operator:
        wanted = await wanted_of(operator, asked)
        async with operator.context(wanted.organization_id) as ctx:
            source = await imports.source_of(ctx, wanted)
            received = (
                await fetched(ctx, wanted, source, asked, client) if asked.address else read(asked)
            )
            if source is not None and imports.is_as_before(source, wanted, received.digest):
                return Done(asked, wanted.location, await imports.unchanged(ctx, source), None)
            # Here, and not above: reading calendars takes libraries that --help can do without.
            from federation.ics import read_calendar

            calendar = read_calendar(received.body, wanted.time_zone)
            if asked.preview:
                report = await imports.preview(ctx, wanted, calendar)
            else:
                with progress(len(calendar.items)) as told:
                    report = await imports.run(ctx, wanted, calendar, received.file, told)
            return Done(asked, wanted.location, report, calendar)


async def wanted_of(operator: Operating, asked: Asked) -> Wanted:
    """What the slugs stand for, or `NotFound`."""
    organization_id = await operator.organization_called(asked.organization)
    async with operator.database.reading() as db:
        organization = await organizations.by_id(db, organization_id)
        group_id = await groups.called(db, organization_id, asked.group) if asked.group else None
    if organization is None:
        raise NotFound(f"This hub has no organization {asked.organization}.")
    if asked.group and group_id is None:
        raise NotFound(f"{organization.name} has no group {asked.group}.")
    return Wanted(
        organization_id,
        asked.address or Path(asked.place).name,
        texts.time_zone(asked.time_zone or organization.time_zone),
        asked.visibility,
        group_id,
        tuple([(await operator.alliance_called(slug)).id for slug in asked.share_with]),
        asked.latitude_and_longitude,
    )
