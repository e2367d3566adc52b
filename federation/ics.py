"""A stranger's iCalendar file (RFC 5545) as records, and a list of what was wrong with it.

Whatever the bytes are, the answer is a `Calendar` in which every event is an item or a dropped
problem, or one `Invalid` for the whole file: too big, or no calendar. It connects to nothing, and
a file at its limits takes seconds, so call it in a thread.

`ics_lines` cuts the file up, `ics_items` reads one event, `ics_dates`, `ics_zones` and `ics_texts`
its values.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from domain.calendars import Calendar, CalendarItem, ItemProblem, ProblemReason
from domain.events import EventStatus
from domain.texts import LINE
from federation import ics_texts as texts
from federation.ics_items import Dropped, EventReader
from federation.ics_lines import Block, File, read_file, read_property
from federation.ics_zones import Zones, iana_name

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def read_calendar(data: bytes, time_zone: str) -> Calendar:
    """`time_zone` is for times without one, where the file does not name its own. `Invalid` for a
    file that is too big or no calendar."""
    file = read_file(data)
    problems = _about_the_file(file)
    stated = iana_name(_head(file, "X-WR-TIMEZONE") or _head(file, "TIMEZONE-ID"))
    zones = Zones(file.zones, stated, time_zone)
    cancelled = _head(file, "METHOD").upper() == "CANCEL"
    items: list[CalendarItem] = []
    events = [block for block in file.entries if block.kind == "VEVENT"]
    for block in events:
        reader = EventReader(block, zones)
        try:
            item = _item(block, reader)
        except Dropped as dropped:
            problems.append(ItemProblem(reader.name, dropped.reason, dropped.message, True))
        else:
            items.append(replace(item, status=EventStatus.CANCELLED) if cancelled else item)
        problems.extend(reader.problems)
    kept, doubles = _without_doubles(items)
    name = texts.one_line(texts.text(_head(file, "X-WR-CALNAME") or _head(file, "NAME")))
    return Calendar(
        name=texts.shortened(name, LINE) or None,
        time_zone=zones.fallback,
        items=tuple(kept),
        problems=(*problems, *doubles),
        component_count=len(file.entries),
        event_count=len(events),
    )


def _item(block: Block, reader: EventReader) -> CalendarItem:
    if not block.finished:
        raise Dropped(
            ProblemReason.CUT_OFF,
            "It has no END:VEVENT, so a part of it may be missing. Fetch the calendar again.",
        )
    return reader.item()


def _without_doubles(
    items: list[CalendarItem],
) -> tuple[list[CalendarItem], list[ItemProblem]]:
    """One item for each uid and date of the series: the last one changed (RFC 5546 s2.1.5), and
    the later in the file where they say nothing of that."""
    kept: dict[tuple[str, datetime | None], CalendarItem] = {}
    problems: list[ItemProblem] = []
    for given in items:
        item, other = given, kept.get((given.uid, given.recurrence_id))
        if other is not None and _is_another_date(item, other):
            problems.append(_double(item, _SEVERAL_DATES, dropped=False))
            item = replace(item, recurrence_id=item.starts_at)
            other = kept.get((item.uid, item.recurrence_id))
        if other is not None:
            problems.append(_double(item, _TWICE, dropped=True))
        if other is None or _changed(item) >= _changed(other):
            kept[item.uid, item.recurrence_id] = item
    return list(kept.values()), problems


_TWICE = "It stands in the file more than once; the last one changed is kept."
_SEVERAL_DATES = (
    "Several events have this UID. Each is kept, known by its start too; "
    "when the start changes it will look like another event. Give each a UID of its own."
)


def _is_another_date(item: CalendarItem, other: CalendarItem) -> bool:
    """Some programs write each date of an event by itself, all with one UID and no rule."""
    return (
        item.recurrence_id is None
        and item.starts_at != other.starts_at
        and item.sequence == other.sequence
        and item.recurrence is None
        and other.recurrence is None
    )


def _double(item: CalendarItem, message: str, dropped: bool) -> ItemProblem:
    return ItemProblem(
        texts.shortened(item.uid, 200), ProblemReason.DUPLICATE, message, dropped=dropped
    )


def _changed(item: CalendarItem) -> tuple[int, datetime]:
    return item.sequence, item.last_modified or _LONG_AGO


def _about_the_file(file: File) -> list[ItemProblem]:
    problems: list[ItemProblem] = []
    if file.not_unicode:
        problems.append(
            ItemProblem(
                "file",
                ProblemReason.ENCODING,
                f"{file.not_unicode} lines are not UTF-8; they were read as Windows Latin. "
                "Look for odd letters, and have the calendar sent as UTF-8.",
            )
        )
    others = Counter(block.kind for block in file.entries if block.kind != "VEVENT")
    problems.extend(
        ItemProblem(
            "file",
            ProblemReason.UNSUPPORTED,
            f"{count} entries are {kind} and not events; they are not read.",
        )
        for kind, count in sorted(others.items())
    )
    return problems


def _head(file: File, wanted: str) -> str:
    """A line of the calendar itself."""
    for block in file.calendars:
        for name, line in block.lines:
            if name == wanted and (read := read_property(line)) is not None:
                return read.value.strip()
    return ""
