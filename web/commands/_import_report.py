"""What an import did, or would do: told to people, and to programs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from domain.calendars import Calendar
from domain.importing import Outcome, Planned
from resolvers import imports
from resolvers.imports import Report
from web.commands._calendar_file import Asked
from web.commands._output import console

SHOWN = 20
_DONE = {
    Outcome.CREATE: ("created", "would be created"),
    Outcome.UPDATE: ("updated", "would be updated"),
    Outcome.KEEP: ("kept as people edited them", "would be kept as people edited them"),
    Outcome.UNCHANGED: ("unchanged", "unchanged"),
    Outcome.VANISHED: ("not in the source any more", "not in the source any more"),
    Outcome.DROPPED: ("left out", "would be left out"),
}


@dataclass(frozen=True, slots=True)
class Done:
    asked: Asked
    location: str
    report: Report
    calendar: Calendar | None  # None where it is the one of the last run


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
