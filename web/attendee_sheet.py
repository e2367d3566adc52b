"""A sheet of attendees as CSV: to be printed, ticked by hand or in a spreadsheet, and read back.

The last column says whose line it is, and its heading which date the sheet is of. A cell that a
spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV injection").
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.errors import Invalid
from domain.rsvps import RsvpStatus
from domain.words import say
from resolvers.attendee_sheets import Sheet, Ticked
from resolvers.post.guest_words import when

EMPTY_LINES = 12  # for those who walk in
_DATE = re.compile(r"answer to (\S+)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_YES = frozenset({"x", "yes", "y", "1", "true", "✓", "✔", "ja", "si", "sí", "oui"})
_NO = frozenset({"no", "n", "0", "false", "nein", "non"})
_NOTES = {
    RsvpStatus.ACCEPTED: "",
    RsvpStatus.TENTATIVE: "perhaps",
    RsvpStatus.WAITLISTED: "in line",
    RsvpStatus.PENDING_APPROVAL: "not let in yet",
    RsvpStatus.NEEDS_ACTION: "not confirmed",
}


@dataclass(frozen=True, slots=True)
class Read:
    occurrence_id: str
    ticked: tuple[Ticked, ...]
    problems: tuple[tuple[int, str], ...]


def written(sheet: Sheet) -> str:
    """With a byte order mark: without one spreadsheets take UTF-8 for something else."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([_safe(f"{sheet.date.title}, {when(sheet.date)}")])
    lines.writerow(["there", "name", "party", "note", f"answer to {sheet.date.occurrence_id}"])
    for one in sheet.lines:
        there = {None: "", True: "x", False: "no"}[one.attended]
        note = _NOTES.get(one.status, "")
        lines.writerow([there, _safe(one.name), str(one.party), note, one.rsvp_id])
    for _ in range(EMPTY_LINES):
        lines.writerow([""] * 5)
    return "\ufeff" + out.getvalue()


def read(text: str) -> Read:
    """Raises Invalid where it is no sheet of ours."""
    rows = list(_rows(text))
    for number, row in enumerate(rows):
        heading = _DATE.fullmatch(row[4].strip()) if len(row) > 4 else None
        if heading:
            return _read_lines(heading[1], rows[number + 1 :], number + 2)
    raise Invalid(
        "This is no sheet of attendees: keep the line with the headings as it was printed."
    )


def _rows(text: str) -> Iterator[list[str]]:
    """Spreadsheets of many countries write semicolons."""
    text = text.removeprefix("\ufeff")
    mark = next((line for line in text.splitlines() if "answer to " in line), "")
    return csv.reader(io.StringIO(text), delimiter=max(",;\t", key=mark.count))


def _read_lines(occurrence_id: str, rows: Sequence[list[str]], first: int) -> Read:
    ticked: list[Ticked] = []
    problems: list[tuple[int, str]] = []
    for number, row in enumerate(rows, start=first):
        try:
            one = _line(number, [cell.strip() for cell in [*row, *[""] * 5][:5]])
        except Invalid as problem:
            problems.append((number, problem.message))
        else:
            if one is not None:
                ticked.append(one)
    return Read(occurrence_id, tuple(ticked), tuple(problems))


def _line(number: int, cells: list[str]) -> Ticked | None:
    there, name, party, _, rsvp_id = cells
    name = _unguarded(name)
    said = _unguarded(there).casefold()
    if not said:
        if name and not rsvp_id:
            raise Invalid(say("%(name)s: put an x before who was there.", name=name))
        return None
    if said not in _YES | _NO:
        raise Invalid(
            say(
                "%(there)s: write x for who was there, no for who was not, or nothing.",
                there=f"{there!r}",
            )
        )
    if not rsvp_id:
        if not name:
            raise Invalid("There is a tick, and no name.")
        if said in _NO:
            return None  # nobody expected them, and they did not come
    return Ticked(number, name, said in _YES, rsvp_id or None, _number(party))


def _number(party: str) -> int:
    if not party:
        return 1
    if not re.fullmatch(r"[0-9]{1,3}", party) or int(party) == 0:
        raise Invalid(
            say(
                "%(party)s: write how many came together, as a number from 1 on.",
                party=f"{party!r}",
            )
        )
    return int(party)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell
