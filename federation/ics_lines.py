"""An iCalendar file as blocks of lines (RFC 5545 s3.1, s3.6), however badly it was written.

The file is cut into its components here rather than by the icalendar library's own parser, which
gives up on the whole file for one bad line outside an event, and which keeps every VTIMEZONE it
reads for the whole process: one stranger's "Eastern" would become the next one's. The library
reads the single lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from domain.calendars import MOST_BYTES, MOST_COMPONENTS
from domain.errors import Invalid
from domain.words import Count, say

MOST_LINE = 100_000  # characters; longer ones are pictures and attachments, never words
ENTRIES = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"})
_MOST_LINES = 400_000
_MOST_LINES_IN_A_BLOCK = 2_000
_DEEPEST = 8  # components within components; honest files have 3
_KEPT = ENTRIES | {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
_BLOCKS = ENTRIES | {"VTIMEZONE"}  # what stands in a calendar, and never in one another

# A line goes on where the next begins with a blank. Files with a doubled CR exist.
_LOGICAL_LINE = re.compile(rb"[^\r\n]+(?:(?:\r*\n|\r)[ \t][^\r\n]*)*")
_FOLD = re.compile(rb"(?:\r*\n|\r)[ \t]")
_NAME = re.compile(r"\s{0,8}([A-Za-z0-9-]{1,64})[ \t]{0,8}[:;]")


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its value as it stands, still escaped."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Block:
    """A component: its own lines, and the ones within it that matter."""

    kind: str
    line: int
    lines: list[tuple[str, str]] = field(default_factory=list)  # name and text
    parts: list["Block"] = field(default_factory=list)
    bad_lines: int = 0
    finished: bool = False


@dataclass(slots=True)
class File:
    calendars: list[Block]
    entries: list[Block]
    zones: list[Block]
    not_unicode: int  # lines that were no UTF-8


def read_file(data: bytes) -> File:
    """The file's blocks. `Invalid` where it is too big, or no calendar at all."""
    if len(data) > MOST_BYTES:
        raise Invalid(
            say(
                "The calendar has %(count)s bytes, and at most %(most)s are read. Ask for a "
                "feed of fewer months.",
                count=Count(len(data)),
                most=Count(MOST_BYTES),
            ),
            ("file",),
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    builder = _Builder()
    for count, (number, raw) in enumerate(_logical_lines(data.removeprefix(b"\xef\xbb\xbf"))):
        if count >= _MOST_LINES:
            raise Invalid(
                say(
                    "The calendar has more than %(most)s lines.",
                    most=Count(_MOST_LINES),
                ),
                ("file",),
            )
        builder.add(number, raw)
    return builder.finish()


def read_property(text: str) -> Property | None:
    """The line's parts, or None for one that cannot be read."""
    try:
        name, parameters, value = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    flat = {
        key.upper(): value if isinstance(value, str) else ",".join(value)
        for key, value in parameters.items()
    }
    return Property(name.upper(), flat, value)


def _logical_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    number, before = 1, 0
    for found in _LOGICAL_LINE.finditer(data):
        number += data.count(b"\n", before, found.start())
        before = found.start()
        # Unfolded as bytes: some fold in the middle of a letter's UTF-8.
        yield number, _FOLD.sub(b"", found[0])


class _Builder:
    """Puts lines into blocks, forgiving what is missing: an END, a BEGIN, the calendar itself."""

    def __init__(self) -> None:
        self._file = File([], [], [], 0)
        self._open: list[Block] = []

    def add(self, number: int, raw: bytes) -> None:
        text = self._decoded(raw)
        named = _NAME.match(text)
        if named is None:
            if self._open and text.strip():
                self._open[-1].bad_lines += 1
            return
        name = named[1].upper()
        if name == "BEGIN":
            self._begin(text[named.end() :].strip().upper()[:64], number)
        elif name == "END":
            self._end(text[named.end() :].strip().upper()[:64])
        elif self._open:
            block = self._open[-1]
            if len(text) > MOST_LINE or len(block.lines) >= _MOST_LINES_IN_A_BLOCK:
                block.bad_lines += 1
            elif block.kind in _KEPT:
                block.lines.append((name, text))

    def finish(self) -> File:
        if not self._file.calendars and not self._file.entries:
            raise Invalid(
                "This is no iCalendar file: it has no BEGIN:VCALENDAR. "
                "Check that the address leads to the calendar, and not to a page about it.",
                ("file",),
            )
        return self._file

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            # RFC 5545 s3.1.4 wants UTF-8; what is not is nearly always the Latin of old Windows.
            self._file.not_unicode += 1
            return raw.decode("cp1252", "replace")

    def _begin(self, kind: str, number: int) -> None:
        block = Block(kind, number)
        if kind == "VCALENDAR":
            self._open = [block]
            self._file.calendars.append(block)
            return
        if kind in _BLOCKS:
            # Entries never stand in one another: the one before lacks its END.
            self._open = [one for one in self._open if one.kind == "VCALENDAR"]
            self._keep(block)
        elif not self._open or len(self._open) >= _DEEPEST:
            return
        elif self._open[-1].kind == "VTIMEZONE":
            self._open[-1].parts.append(block)
        self._open.append(block)

    def _keep(self, block: Block) -> None:
        if block.kind == "VTIMEZONE":
            self._file.zones.append(block)
            return
        self._file.entries.append(block)
        if len(self._file.entries) > MOST_COMPONENTS:
            raise Invalid(
                say(
                    "The calendar has more than %(most)s entries. Ask for a feed of fewer months.",
                    most=Count(MOST_COMPONENTS),
                ),
                ("file",),
            )

    def _end(self, kind: str) -> None:
        at = next((n for n in reversed(range(len(self._open))) if self._open[n].kind == kind), None)
        if at is not None:
            self._open[at].finished = True
            del self._open[at:]
