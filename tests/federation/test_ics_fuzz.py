"""Whatever bytes a stranger sends: records that can be stored, or one refusal for the whole file."""

from datetime import UTC, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import recurrence
from domain.calendars import Calendar, CalendarItem
from domain.errors import Invalid
from domain.geo import check_position
from domain.texts import LINE, PAGE, available_zones
from federation.ics import read_calendar

DATA = Path(__file__).parents[1] / "data"
SAMPLES = [path.read_bytes() for path in sorted(DATA.glob("*.ics"))]
HOSTILE_BYTES = st.sampled_from(
    [b"\x00", b"\xff", b"\xed\xa0\x80", b"\r\n ", b"\r", b";", b":", b'"', b",", b"\\", b"=", b"<"]
)
NAMES = st.sampled_from(
    [
        *("UID", "SUMMARY", "DESCRIPTION", "X-ALT-DESC", "CATEGORIES", "LOCATION", "GEO", "URL"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "CLASS"),
        *("STATUS", "SEQUENCE", "LAST-MODIFIED", "CONFERENCE", "BEGIN", "END", "TZID", "METHOD"),
        *("TZOFFSETFROM", "TZOFFSETTO", "X-WR-TIMEZONE", "X-WR-CALNAME"),
    ]
)
PARAMETERS = st.sampled_from(
    ["", ";VALUE=DATE", ";TZID=Own", ";TZID=Europe/Berlin", ";TZID=", ";X=,", ';A="', ";RANGE="]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("20261001", "20261001T180000", "20261001T180000Z", "19000101T000000", "21991231"),
            *("21991231T235959-1800", "19000101T000000+1800", "20260329T023000", "PT1H", "-P1D"),
            *("P400D", "PT99999999999999999999S", "FREQ=DAILY", "FREQ=YEARLY;BYWEEKNO=53"),
            *("FREQ=WEEKLY;UNTIL=99991231T235959Z", "FREQ=MONTHLY;BYDAY=5SU;COUNT=5000"),
            *("VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VCALENDAR", "VALARM", "Own", "+0100"),
            *("-2359", "Europe/Berlin", "0;0", "39.16;-86.52", "nan;inf", "https://x.example/"),
            *("<p>", "<a href='https://x.example'>", "&#0;&#xD800;", "\\n\\,\\;\\\\", "1e309;0"),
        ]
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A calendar with lines lost, doubled, moved and made up, and a few bytes changed."""
    lines = draw(st.sampled_from(SAMPLES)).split(b"\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        change = draw(st.integers(0, 4))
        if change == 0 and len(lines) > 1:
            del lines[at]
        elif change == 1:
            lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
        elif change == 2:
            made_up = draw(NAMES) + draw(PARAMETERS) + ":" + draw(VALUES)
            lines.insert(at, made_up.encode("utf-8", "surrogatepass"))
        elif change == 3:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(HOSTILE_BYTES) + lines[at][cut:]
        else:
            lines = lines[: at + 1]
    return b"\n".join(lines)


@st.composite
def made_up(draw: st.DrawFn) -> bytes:
    """Events of made-up lines, with a time zone of their own making."""
    zone = [f"{draw(NAMES)}{draw(PARAMETERS)}:{draw(VALUES)}" for _ in range(3)]
    lines = ["BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:Own", "BEGIN:STANDARD"]
    lines += ["DTSTART:" + draw(VALUES), "RRULE:" + draw(VALUES)]
    lines += ["TZOFFSETFROM:+0100", "TZOFFSETTO:+0217", *zone, "END:VTIMEZONE"]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.sampled_from(["", ";VALUE=DATE", ";TZID=Own", ";TZID=Europe/Berlin"]))
        lines += ["BEGIN:VEVENT", f"DTSTART{start}:{draw(VALUES)}"]
        for _ in range(draw(st.integers(0, 8))):
            lines.append(f"{draw(NAMES)}{draw(PARAMETERS)}:{draw(VALUES)}")
        lines.append("END:VEVENT")
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")


@settings(max_examples=300, deadline=None)
@given(st.one_of(damaged(), made_up(), st.binary(max_size=200)))
def test_any_bytes_are_a_calendar_that_can_be_kept_or_one_refusal(data: bytes) -> None:
    try:
        calendar = read_calendar(data, "America/Chicago")
    except Invalid as refusal:
        assert refusal.field == ("file",)  # noqa: PT017 - not being refused is fine too
        return
    dropped = sum(problem.dropped for problem in calendar.problems)
    assert calendar.event_count == len(calendar.items) + dropped
    assert calendar.event_count <= calendar.component_count
    check_storable(calendar)
    for item in calendar.items:
        check_sound(item)
    names = [(item.uid, item.recurrence_id) for item in calendar.items]
    assert len(set(names)) == len(names)


def check_storable(calendar: Calendar) -> None:
    texts = [
        calendar.name or "",
        *(text for one in calendar.problems for text in (one.item, one.message)),
    ]
    for item in calendar.items:
        texts += [item.uid, item.title, item.description or ""]
        texts += [*item.categories, (item.place and item.place.name) or "", item.language or ""]
    for text in texts:
        assert "\x00" not in text
        text.encode("utf-8")


def check_sound(item: CalendarItem) -> None:
    assert item.uid
    assert item.title
    assert len(item.uid) <= 500
    assert len(item.title) <= LINE
    assert len(item.description or "") <= PAGE
    assert item.time_zone in available_zones()
    for moment in (item.starts_at, item.ends_at, item.recurrence_id, item.last_modified):
        assert moment is None or moment.tzinfo is UTC
    assert item.ends_at is None or item.starts_at < item.ends_at
    for address in (item.url, item.online_url):
        assert address is None or address.lower().startswith(("https://", "http://"))
    assert 0 <= item.sequence < 2**31
    if item.place is not None and item.place.latitude is not None:
        assert item.place.longitude is not None
        check_position(item.place.latitude, item.place.longitude)
    if item.recurrence is not None:
        recurrence.check(item.recurrence)
        window = item.starts_at, item.starts_at + timedelta(days=550)
        dates = recurrence.dates_between(item.recurrence, item.starts_at, item.time_zone, *window)
        assert len(dates) <= recurrence.MOST
