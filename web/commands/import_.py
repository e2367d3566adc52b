"""Take the events of a calendar in, and follow it when it changes.

Look next at docs/importing.md, for the rules, and at `resolvers/imports.py`, which does it.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from domain import texts
from domain.calendars import MOST_BYTES, Calendar
from domain.errors import Invalid, NotFound
from domain.importing import Outcome, Planned
from domain.sharing import Visibility
from resolvers import imports
from resolvers.context import Context
from resolvers.imports import File, Report, Wanted
from storage import groups, organizations
from web.commands._hub import DataOption
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, console, print_json

GROUP = "Use it"
app = command("import")

SHOWN = 20
_DONE = {
    Outcome.CREATE: ("created", "would be created"),
    Outcome.UPDATE: ("updated", "would be updated"),
    Outcome.KEEP: ("kept as people edited them", "would be kept as people edited them"),
    Outcome.UNCHANGED: ("unchanged", "unchanged"),
    Outcome.VANISHED: ("not in the source any more", "not in the source any more"),
    Outcome.DROPPED: ("left out", "would be left out"),
}
_MEDIA = "text/calendar, text/plain;q=0.5, application/octet-stream;q=0.3"


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line."""

    place: str
    organization: str
    share_with: Sequence[str]
    visibility: Visibility | None
    group: str | None
    time_zone: str | None
    preview: bool

    @property
    def address(self) -> str | None:
        """The place as an address of the web. webcal:// is what calendar programs write."""
        if urlsplit(self.place).scheme.lower() in {"webcal", "webcals"}:
            return "https" + self.place[self.place.index(":") :]
        return self.place if "://" in self.place else None


@dataclass(frozen=True, slots=True)
class Done:
    asked: Asked
    location: str
    report: Report
    calendar: Calendar | None  # None where it is the one of the last run


@app.callback(epilog="Example: [bold]./convoke import ics events.ics --organization pantry[/]")
def import_() -> None:
    """Takes the events of a calendar in, and follows it when it changes."""


@app.command(
    epilog="Example: [bold]./convoke import ics https://pantry.example/events.ics "
    "--organization pantry --share-with city-table --dry-run[/]"
)
def ics(
    place: Annotated[
        str,
        typer.Argument(metavar="PATH_OR_URL", help="An iCalendar file, or an address of one."),
    ],
    organization: Annotated[
        str, typer.Option("--organization", metavar="SLUG", help="Whose events they are.")
    ],
    share_with: Annotated[
        list[str] | None,
        typer.Option(
            "--share-with",
            metavar="SLUG",
            help="An alliance to share them with; more than once for more. Private entries are "
            "never shared.",
            show_default=False,
        ),
    ] = None,
    visibility: Annotated[
        Visibility | None,
        typer.Option(
            "--visibility",
            help="Who may see them, but for private entries, which are PRIVATE. Where it is not "
            "given: as at the last run, and at first PUBLIC.",
            show_default=False,
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="SLUG",
            help="The organization's group that new ones belong to.",
            show_default=False,
        ),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            metavar="IANA",
            help="For times that name none, where the file does not either. Where it is not "
            "given: the organization's.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done, and write nothing.")
    ] = False,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Takes the events of an iCalendar file in, or brings them to what the file says now.

    What people edited here stays. What left the file is told, and never deleted.

    An address is fetched at most four times an hour.

    Exit code 0, also where entries were left out: they are listed, with why. 1 where the file as
    a whole could not be read.
    """
    asked = Asked(
        place, organization, tuple(share_with or ()), visibility, group, time_zone, dry_run
    )
    done = asyncio.run(imported(data, asked))
    if as_json:
        print_json(shown(done))
    else:
        show(done)


async def imported(data: Path | None, asked: Asked) -> Done:
    async with operating(data) as operator:
        wanted = await wanted_of(operator, asked)
        async with operator.context(wanted.organization_id) as ctx:
            source = await imports.source_of(ctx, wanted)
            received = await fetched(ctx, wanted, source, asked) if asked.address else read(asked)
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
    )


# ── the file ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Received:
    """`digest` is None where its server says that the file is the one it was."""

    body: bytes
    digest: str | None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def file(self) -> File:
        return File(self.digest or "", self.etag, self.last_modified)


def read(asked: Asked) -> Received:
    path = Path(asked.place).expanduser()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB. Split it up.")
        body = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{asked.place} cannot be read: {error.strerror}.") from error
    return Received(body, hashlib.sha256(body).hexdigest())


async def fetched(
    ctx: Context, wanted: Wanted, source: imports.Source | None, asked: Asked
) -> Received:
    """Asked for only if it changed, where the last run took it in whole and wished the same."""
    from federation.client import OutgoingClient

    await imports.take_turn(ctx, wanted, counted=not asked.preview)
    known = source if source is not None and imports.is_as_before(source, wanted, None) else None
    answer = await OutgoingClient().fetch(
        wanted.location,
        accept=_MEDIA,
        max_bytes=MOST_BYTES,
        etag=known.etag if known else None,
        last_modified=known.last_modified if known else None,
        redirects=3,
    )
    digest = None if answer.status == 304 else hashlib.sha256(answer.body).hexdigest()
    return Received(answer.body, digest, answer.etag, answer.last_modified)


# ── telling ──────────────────────────────────────────────────────────────────────────────────


@contextmanager
def progress(total: int) -> Iterator[imports.Progress]:
    """A bar on a terminal, nothing elsewhere. On standard error: what is printed stays clean."""
    terminal = Console(stderr=True)
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=terminal, transient=True, disable=not terminal.is_terminal
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def show(done: Done) -> None:
    report, asked = done.report, done.asked
    if done.calendar is None:
        print(
            f"{done.location} is what it was at the last run: nothing to do "
            f"({report.as_before:,} events unchanged)."
        )
        return
    counted = [
        f"{count:,} {_DONE[outcome][asked.preview]}"
        for outcome, count in report.counts.items()
        if count
    ]
    print(
        f"{done.location} for {asked.organization}: {done.calendar.event_count:,} events in it; "
        f"{', '.join(counted) or 'nothing to do'}."
    )
    remarks = list(remarks_of(report))
    if remarks:
        print()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("entry", "what", "why"):
            table.add_column(heading, overflow="fold")
        for remark in remarks[:SHOWN]:
            table.add_row(*remark)
        console().print(table)
    if len(remarks) > SHOWN:
        print(f"… and {len(remarks) - SHOWN:,} more; --json lists all.")
    if asked.preview:
        print("\nNothing was written: this is what a run would do.")


def remarks_of(report: Report) -> Iterator[tuple[str, str, str]]:
    """Whatever somebody should look at: the entry, a word for it, and why."""
    for outcome in (Outcome.DROPPED, Outcome.VANISHED):
        for one in report.entries:
            if one.outcome is outcome:
                yield called(one), one.reason or outcome, one.message or ""
    for one in report.entries:
        if one.kept:
            yield (
                called(one),
                "KEPT",
                f"edited here, so the source's is not taken: {listed(one.kept)}",
            )
        if one.possible_duplicate_of:
            others = listed(one.possible_duplicate_of)
            yield called(one), "POSSIBLE_DUPLICATE", f"the same title and start as {others}"
        if one.message and one.outcome not in {Outcome.DROPPED, Outcome.VANISHED}:
            yield called(one), one.outcome, one.message
    for problem in report.problems:
        yield problem.item, problem.reason, problem.message


def called(one: Planned) -> str:
    date = f" ({one.recurrence_id})" if one.recurrence_id else ""
    return f"{one.title or one.uid}{date}"


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)


def shown(done: Done) -> Mapping[str, Any]:
    report = done.report
    unread = [] if done.calendar is None else done.calendar.problems
    return {
        "source": done.location,
        "organization": done.asked.organization,
        "dryRun": done.asked.preview,
        "asBefore": done.calendar is None,
        "events": report.as_before if done.calendar is None else done.calendar.event_count,
        "counts": {outcome.value: count for outcome, count in report.counts.items()},
        "entries": [shown_entry(one) for one in report.entries],
        "problems": [
            {
                "item": problem.item,
                "reason": problem.reason,
                "message": problem.message,
                "dropped": problem.dropped,
            }
            for problem in unread
        ],
    }


def shown_entry(one: Planned) -> Mapping[str, Any]:
    return {
        "uid": one.uid,
        "recurrenceId": one.recurrence_id or None,
        "title": one.title,
        "outcome": one.outcome,
        "event": one.event_id,
        "changed": list(one.changed),
        "kept": list(one.kept),
        "possibleDuplicateOf": list(one.possible_duplicate_of),
        "reason": one.reason,
        "message": one.message,
    }
