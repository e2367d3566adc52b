"""Strangers' calendars: what they say is kept, and what cannot be kept is said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.calendars import Calendar, CalendarItem, ProblemReason
from domain.errors import Invalid
from domain.events import EventStatus
from domain.places import Place
from domain.recurrence import dates_between
from federation.ics import read_calendar

DATA = Path(__file__).parents[1] / "data"
CHICAGO = "America/Chicago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_calendar(*lines: str, head: tuple[str, ...] = (), zone: str = CHICAGO) -> Calendar:
    """A file of one event with these lines, or of several where they say so themselves."""
    event = lines if "BEGIN:VEVENT" in lines else ("BEGIN:VEVENT", *lines, "END:VEVENT")
    text = "\r\n".join(("BEGIN:VCALENDAR", *head, *event, "END:VCALENDAR", ""))
    return read_calendar(text.encode(), zone)


def an_item(*lines: str, head: tuple[str, ...] = (), zone: str = CHICAGO) -> CalendarItem:
    """The one item of a file without any problem."""
    start = (
        () if any(line.startswith("DTSTART") for line in lines) else ("DTSTART:20261001T180000Z",)
    )
    calendar = a_calendar("UID:one", "SUMMARY:One", *start, *lines, head=head, zone=zone)
    assert calendar.problems == ()
    assert len(calendar.items) == 1
    return calendar.items[0]


def a_note(*lines: str, head: tuple[str, ...] = ()) -> tuple[CalendarItem, ProblemReason, str]:
    """The one item, and the one thing that was said about it."""
    start = (
        () if any(line.startswith("DTSTART") for line in lines) else ("DTSTART:20261001T180000Z",)
    )
    calendar = a_calendar("UID:one", "SUMMARY:One", *start, *lines, head=head)
    assert len(calendar.items) == 1
    assert [(problem.item, problem.dropped) for problem in calendar.problems] == [("one", False)]
    return calendar.items[0], calendar.problems[0].reason, calendar.problems[0].message


# ── a whole file ───────────────────────────────────────────────────────────────────────────────


def test_the_neighbours_calendar_is_read_as_they_wrote_it() -> None:
    calendar = read_calendar((DATA / "neighbours.ics").read_bytes(), "Europe/Berlin")
    assert (calendar.name, calendar.time_zone) == ("River City, neighbours", CHICAGO)
    assert (calendar.component_count, calendar.event_count) == (5, 4)
    assert [(problem.item, problem.message) for problem in calendar.problems] == [
        ("file", "1 entries are VTODO and not events; they are not read.")
    ]
    supper, outdoors, cancelled, market = calendar.items
    assert supper.recurrence is not None
    assert supper == CalendarItem(
        uid="supper@rivercity.example",
        title="Community supper",
        starts_at=utc("2026-10-13T23:00"),
        time_zone=CHICAGO,
        description="Everyone eats.\nBring a dish if you can; bread and soup are here."
        "\n\nNo sign-up.",
        ends_at=utc("2026-10-14T01:00"),
        recurrence=supper.recurrence,
        place=Place(
            "Pantry Hall, 12 Mill Street, River City", latitude=39.165325, longitude=-86.526386
        ),
        url="https://pantry.example/supper",
        categories=("Food", "Neighbours, all", "Free"),
        sequence=3,
        last_modified=utc("2026-08-30T10:15"),
        language="en",
    )
    dates = dates_between(
        supper.recurrence, supper.starts_at, CHICAGO, utc("2026-01-01"), utc("2028-01-01")
    )
    assert len(dates) == 12  # eleven more Tuesdays, one Thursday, less the one before Thanksgiving
    assert (outdoors.recurrence_id, outdoors.starts_at, outdoors.ends_at) == (
        utc("2026-10-20T23:00"),
        utc("2026-10-20T22:00"),
        utc("2026-10-20T23:30"),
    )
    assert outdoors.recurrence_id in dates
    assert cancelled.status is EventStatus.CANCELLED
    assert cancelled.recurrence_id in dates
    assert (market.all_day, market.status) == (True, EventStatus.TENTATIVE)
    assert (market.starts_at, market.ends_at) == (utc("2026-10-31T05:00"), utc("2026-11-02T06:00"))
    assert (market.place, market.online_url) == (None, "https://meet.example/market?room=1")


def test_personal_data_is_not_read() -> None:
    calendar = read_calendar((DATA / "neighbours.ics").read_bytes(), CHICAGO)
    for word in ("anna", "sam@", "mailto", "555", "AAAA", "alarm"):
        assert word not in repr(calendar.items).lower()


def test_every_trouble_is_listed_and_every_event_accounted_for() -> None:
    calendar = read_calendar((DATA / "troubles.ics").read_bytes(), CHICAGO)
    found = [(problem.item, problem.reason, problem.dropped) for problem in calendar.problems]
    nameless = calendar.items[0].uid
    assert nameless.startswith("derived-")
    assert found == [
        ("no-start@troubles.example", ProblemReason.NO_START, True),
        ("bad-start@troubles.example", ProblemReason.BAD_DATE, True),
        ("line 13", ProblemReason.NO_UID, False),
        ("backwards@troubles.example", ProblemReason.BAD_END, False),
        ("too-often@troubles.example", ProblemReason.BAD_RECURRENCE, False),
        ("future@troubles.example", ProblemReason.UNSUPPORTED, False),
        ("mars@troubles.example", ProblemReason.UNKNOWN_TIME_ZONE, False),
        ("bad-lines@troubles.example", ProblemReason.BAD_LINE, False),
        ("bad-lines@troubles.example", ProblemReason.BAD_VALUE, False),
        ("bad-lines@troubles.example", ProblemReason.BAD_VALUE, False),
        ("untitled@troubles.example", ProblemReason.NO_TITLE, False),
        ("cut-off@troubles.example", ProblemReason.CUT_OFF, True),
        ("twice@troubles.example", ProblemReason.DUPLICATE, True),
    ]
    dropped = [problem for problem in calendar.problems if problem.dropped]
    assert calendar.event_count == len(calendar.items) + len(dropped) == 12
    assert all(problem.message.endswith((".", "first.")) for problem in calendar.problems)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"<!doctype html><html><body>Not found</body></html>",
        b"NAME;DATE\r\nSupper;tomorrow\r\n",
        b'{"events": []}',
    ],
)
def test_what_is_no_calendar_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Invalid, match="no iCalendar file") as refusal:
        read_calendar(data, CHICAGO)
    assert refusal.value.field == ("file",)


def test_a_file_that_is_too_big_is_refused_as_a_whole() -> None:
    with pytest.raises(Invalid, match="at most 5,000,000"):
        read_calendar(b"BEGIN:VCALENDAR\n" + b" " * 5_000_000, CHICAGO)
    event = b"BEGIN:VEVENT\nDTSTART:20261001\nEND:VEVENT\n"
    with pytest.raises(Invalid, match="more than 5,000 entries"):
        read_calendar(b"BEGIN:VCALENDAR\n" + event * 5_001, CHICAGO)
    with pytest.raises(Invalid, match="400,000 lines"):
        read_calendar(b"BEGIN:VCALENDAR\n" + b"X:\n" * 400_001, CHICAGO)


def test_an_empty_calendar_is_a_calendar() -> None:
    calendar = read_calendar(b"BEGIN:VCALENDAR\nEND:VCALENDAR", CHICAGO)
    assert (calendar.items, calendar.problems, calendar.event_count) == ((), (), 0)


# ── how files are written ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\r\r\n"])
def test_a_file_may_come_in_any_unicode_and_with_any_line_end(encoding: str, line_end: str) -> None:
    lines = (
        *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:one", "DTSTART:20261001T180000Z"),
        *("SUMMARY:Nachbarschafts", " café für ", "\talle", "END:VEVENT", "END:VCALENDAR", ""),
    )
    calendar = read_calendar(line_end.join(lines).encode(encoding), CHICAGO)
    assert [item.title for item in calendar.items] == ["Nachbarschaftscafé für alle"]
    assert calendar.problems == ()


def test_a_line_folded_within_a_letter_is_whole_again() -> None:
    data = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTART:20261001T180000Z\r\n"
        b"SUMMARY:Caf\xc3\r\n \xa9\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert read_calendar(data, CHICAGO).items[0].title == "Café"


def test_lines_of_old_windows_are_read_and_said() -> None:
    data = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:one\nDTSTART:20261001T180000Z\n"
        "SUMMARY:Repair-Café\nDESCRIPTION:“Kommt!”\nEND:VEVENT\n"
    ).encode("cp1252")
    data += "BEGIN:VEVENT\nUID:two\nDTSTART:20261001\nSUMMARY:Über\nEND:VEVENT\n".encode()
    calendar = read_calendar(data, CHICAGO)
    assert [item.title for item in calendar.items] == ["Repair-Café", "Über"]
    assert calendar.items[0].description == "“Kommt!”"
    assert [(one.item, one.reason) for one in calendar.problems] == [
        ("file", ProblemReason.ENCODING)
    ]
    assert "2 lines are not UTF-8" in calendar.problems[0].message


def test_small_letters_and_blanks_about_a_name_do_no_harm() -> None:
    data = b"begin:vcalendar\nbegin:vevent\nuid:one\nDtStart :20261001T180000Z\nsummary:Hi\nend:vevent\n"
    assert read_calendar(data, CHICAGO).items[0].title == "Hi"


def test_an_event_without_its_end_does_not_swallow_the_next() -> None:
    calendar = a_calendar(
        *("BEGIN:VEVENT", "UID:one", "SUMMARY:One", "DTSTART:20261001"),
        *("BEGIN:VEVENT", "UID:two", "SUMMARY:Two", "DTSTART:20261002", "END:VEVENT"),
    )
    assert [item.uid for item in calendar.items] == ["two"]
    assert [(one.item, one.reason) for one in calendar.problems] == [("one", ProblemReason.CUT_OFF)]


def test_an_alarm_without_its_end_does_not_swallow_the_event() -> None:
    item = an_item("BEGIN:VALARM", "TRIGGER:-PT5M", "DESCRIPTION:Wake up")
    assert (item.uid, item.description) == ("one", None)


def test_components_stacked_a_thousand_deep_do_no_harm() -> None:
    calendar = a_calendar(
        *("BEGIN:VEVENT", "UID:one", "SUMMARY:One", "DTSTART:20261001"),
        *(["BEGIN:X-DEEP"] * 1_000 + ["END:X-DEEP"] * 1_000),
        "END:VEVENT",
    )
    assert [item.uid for item in calendar.items] == ["one"]


# ── when ───────────────────────────────────────────────────────────────────────────────────────


def test_times_without_a_zone_are_of_the_calendars_own() -> None:
    berlin = ("X-WR-TIMEZONE:Europe/Berlin",)
    assert an_item("DTSTART:20261001T180000", head=berlin).starts_at == utc("2026-10-01T16:00")
    assert an_item("DTSTART:20261001T180000").starts_at == utc("2026-10-01T23:00")
    assert an_item("DTSTART;VALUE=DATE:20261001").starts_at == utc("2026-10-01T05:00")


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        (
            "/mozilla.org/20050126_1/America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("UTC", "UTC"),
        ("GMT+0200", "Etc/GMT-2"),
        ("UTC-5", "Etc/GMT+5"),
    ],
)
def test_zones_are_known_by_all_their_names(tzid: str, zone: str) -> None:
    assert an_item(f"DTSTART;TZID={tzid}:20261001T180000").time_zone == zone


OWN_ZONE = (
    *("BEGIN:VTIMEZONE", "TZID:Our clocks", "BEGIN:STANDARD", "DTSTART:16010101T030000"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
    *("END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100"),
    *("TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT"),
    "END:VTIMEZONE",
)


def test_a_zone_of_its_own_making_is_the_one_whose_clocks_agree() -> None:
    item = an_item("DTSTART;TZID=Our clocks:20260701T180000", head=OWN_ZONE)
    assert (item.time_zone, item.starts_at) == ("Europe/Berlin", utc("2026-07-01T16:00"))


def test_a_zone_may_stand_after_the_events_that_need_it() -> None:
    calendar = a_calendar(
        *("BEGIN:VEVENT", "UID:one", "SUMMARY:One", "DTSTART;TZID=Our clocks:20261201T180000"),
        *("END:VEVENT", *OWN_ZONE),
    )
    assert calendar.items[0].starts_at == utc("2026-12-01T17:00")
    assert calendar.problems == ()


def test_a_zone_like_no_other_is_read_by_its_own_offsets() -> None:
    odd = tuple(line.replace("+0200", "+0217").replace("+0100", "+0117") for line in OWN_ZONE)
    item, reason, message = a_note("DTSTART;TZID=Our clocks:20260701T180000", head=odd)
    assert (item.time_zone, item.starts_at) == (CHICAGO, utc("2026-07-01T15:43"))
    assert reason is ProblemReason.UNKNOWN_TIME_ZONE
    assert "by its own offsets" in message
    winter, _, _ = a_note("DTSTART;TZID=Our clocks:20261201T180000", head=odd)
    assert winter.starts_at == utc("2026-12-01T16:43")


def test_one_strangers_zone_is_never_the_next_ones() -> None:
    west = tuple(line.replace("+0", "-0") for line in OWN_ZONE)
    for head, starts_at in [(OWN_ZONE, "16:00"), (west, "20:00"), (OWN_ZONE, "16:00")]:
        calendar = a_calendar(
            *("UID:one", "SUMMARY:One", "DTSTART;TZID=Our clocks:20260701T180000"), head=head
        )
        assert calendar.items[0].starts_at == utc(f"2026-07-01T{starts_at}")


def test_a_zone_that_changes_its_clocks_every_second_is_no_work() -> None:
    hostile = tuple(line.replace("YEARLY", "SECONDLY") for line in OWN_ZONE)
    calendar = a_calendar(
        *("UID:one", "SUMMARY:One", "DTSTART;TZID=Our clocks:20260701T180000"), head=hostile
    )
    assert len(calendar.items) == 1


def test_an_unknown_zone_is_read_as_the_calendars_own_and_said() -> None:
    item, reason, message = a_note("DTSTART;TZID=Mars/Olympus:20261001T180000")
    assert (item.time_zone, item.starts_at) == (CHICAGO, utc("2026-10-01T23:00"))
    assert reason is ProblemReason.UNKNOWN_TIME_ZONE
    assert "'Mars/Olympus' is not known; read as America/Chicago" in message


@pytest.mark.parametrize(
    ("written", "starts_at"),
    [
        ("DTSTART:2026-10-01T18:00:00Z", "2026-10-01T18:00"),
        ("DTSTART:20261001T180000-0500", "2026-10-01T23:00"),
        ("DTSTART:2026-10-01 18:00", "2026-10-01T23:00"),
        ("DTSTART:20261001T1800", "2026-10-01T23:00"),
        ("DTSTART:20161231T235960Z", "2016-12-31T23:59:59"),
        ("DTSTART;TZID=America/New_York:20261001T180000Z", "2026-10-01T18:00"),
    ],
)
def test_dates_written_by_hand_are_understood(written: str, starts_at: str) -> None:
    assert an_item(written).starts_at == utc(starts_at)


@pytest.mark.parametrize(
    "value",
    ["", "tomorrow", "20260230", "20261301T000000Z", "20261001T250000Z", "00010101", "99990101"],
)
def test_an_event_on_no_day_is_left_out_and_said(value: str) -> None:
    calendar = a_calendar("UID:one", "SUMMARY:One", f"DTSTART:{value}")
    assert calendar.items == ()
    assert [(one.reason, one.dropped) for one in calendar.problems] == [
        (ProblemReason.BAD_DATE, True)
    ]


@pytest.mark.parametrize(
    ("lines", "ends_at"),
    [
        ((), None),
        (("DTEND:20261001T200000Z",), "2026-10-01T20:00"),
        (("DTEND:20261001T180000Z",), None),
        (("DURATION:PT90M",), "2026-10-01T19:30"),
        (("DURATION:P1D",), "2026-10-02T18:00"),
        (("DURATION:PT0S",), None),
        (("DTSTART;TZID=America/Chicago:20261031T180000", "DURATION:P1D"), "2026-11-02T00:00"),
        (("DTSTART;TZID=America/Chicago:20261031T180000", "DURATION:PT24H"), "2026-11-01T23:00"),
        (("DTSTART;VALUE=DATE:20261001",), "2026-10-02T05:00"),
        (("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261001"), "2026-10-02T05:00"),
        (("DTSTART;VALUE=DATE:20261031", "DTEND;VALUE=DATE:20261103"), "2026-11-03T06:00"),
        (("DTSTART;VALUE=DATE:20261001", "DURATION:P2D"), "2026-10-03T05:00"),
    ],
)
def test_an_event_ends_when_it_says(lines: tuple[str, ...], ends_at: str | None) -> None:
    assert an_item(*lines).ends_at == (None if ends_at is None else utc(ends_at))


@pytest.mark.parametrize(
    "line",
    [
        "DTEND:20261001T170000Z",
        "DTEND:20361001T170000Z",
        "DTEND:never",
        "DURATION:-PT1H",
        "DURATION:P9999999999D",
        "DURATION:long",
    ],
)
def test_an_end_that_cannot_be_is_left_out_and_said(line: str) -> None:
    item, reason, _ = a_note(line)
    assert (item.ends_at, reason) == (None, ProblemReason.BAD_END)


# ── series ─────────────────────────────────────────────────────────────────────────────────────


def the_dates(item: CalendarItem) -> list[str]:
    assert item.recurrence is not None
    window = utc("2026-01-01"), utc("2027-12-31")
    dates = dates_between(item.recurrence, item.starts_at, item.time_zone, *window, most=4)
    return [date.strftime("%m-%d %H:%M") for date in dates]


def test_exceptions_are_understood_as_days_and_as_times() -> None:
    item = an_item(
        "DTSTART;TZID=America/Chicago:20261006T180000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;VALUE=DATE:20261013",
        "EXDATE;TZID=America/Chicago:20261020T180000,20261021T180000",
        "EXDATE:",
    )
    assert the_dates(item) == ["10-06 23:00", "10-27 23:00"]


def test_whole_days_recur_until_the_day_written() -> None:
    item = an_item(
        "DTSTART;VALUE=DATE:20261005",
        "RRULE:FREQ=DAILY;UNTIL=20261007T000000Z",
        zone="America/Chicago",
    )
    assert the_dates(item) == ["10-05 05:00", "10-06 05:00", "10-07 05:00"]


def test_a_series_in_utc_recurs_in_utc_unless_the_file_says_whose_clocks_it_means() -> None:
    lines = ("DTSTART:20261027T230000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert the_dates(an_item(*lines)) == ["10-27 23:00", "11-03 23:00"]
    stated = an_item(*lines, head=("X-WR-TIMEZONE:America/Chicago",))
    assert the_dates(stated) == ["10-27 23:00", "11-04 00:00"]


def test_dates_of_periods_begin_where_the_period_does() -> None:
    item = an_item("RDATE;VALUE=PERIOD:20261008T180000Z/PT1H,20261015T180000Z/PT1H")
    assert the_dates(item) == ["10-01 18:00", "10-08 18:00", "10-15 18:00"]


@pytest.mark.parametrize(
    ("lines", "reason", "words"),
    [
        (("RRULE:FREQ=HOURLY",), ProblemReason.BAD_RECURRENCE, "HOURLY is too often"),
        (("RRULE:",), ProblemReason.BAD_RECURRENCE, "first date only"),
        (("RRULE:FREQ=DAILY;BYEASTER=1",), ProblemReason.BAD_RECURRENCE, "BYEASTER"),
        (
            ("RDATE:" + ",".join(f"2027{m:02}{d:02}" for m in range(1, 13) for d in range(1, 29)),)
            * 1
            + (
                "RDATE:"
                + ",".join(f"2028{m:02}{d:02}" for m in range(1, 13) for d in range(1, 29)),
            ),
            ProblemReason.BAD_RECURRENCE,
            "At most 500 dates",
        ),
    ],
)
def test_a_series_that_cannot_be_made_is_kept_for_its_first_date(
    lines: tuple[str, ...], reason: ProblemReason, words: str
) -> None:
    item, got, message = a_note(*lines)
    assert item.recurrence is None
    assert got is reason
    assert words in message


def test_several_rules_are_more_than_one_event_can_have() -> None:
    item, reason, _ = a_note("RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=9")
    assert reason is ProblemReason.UNSUPPORTED
    assert the_dates(item) == ["10-01 18:00", "10-08 18:00"]


def test_a_replaced_date_without_its_series_is_an_event_by_itself() -> None:
    item = an_item("RECURRENCE-ID:20261001T170000Z", "RRULE:FREQ=DAILY")
    assert item.recurrence_id == utc("2026-10-01T17:00")
    assert item.recurrence is None


def test_a_replaced_date_that_cannot_be_read_is_left_out() -> None:
    calendar = a_calendar("UID:one", "DTSTART:20261001", "RECURRENCE-ID:soon")
    assert calendar.items == ()
    assert [one.reason for one in calendar.problems if one.dropped] == [ProblemReason.BAD_DATE]


# ── which ──────────────────────────────────────────────────────────────────────────────────────


def test_of_doubles_the_last_one_changed_is_kept_wherever_it_stands() -> None:
    new = ("BEGIN:VEVENT", "UID:one", "DTSTART:20261001", "SUMMARY:New", "SEQUENCE:2", "END:VEVENT")
    old = ("BEGIN:VEVENT", "UID:one", "DTSTART:20261001", "SUMMARY:Old", "SEQUENCE:1", "END:VEVENT")
    for lines in ((*new, *old), (*old, *new)):
        calendar = a_calendar(*lines)
        assert [item.title for item in calendar.items] == ["New"]
        assert [(one.reason, one.dropped) for one in calendar.problems] == [
            (ProblemReason.DUPLICATE, True)
        ]


def test_dates_written_one_by_one_under_one_uid_are_all_kept() -> None:
    calendar = a_calendar(
        *("BEGIN:VEVENT", "UID:one", "DTSTART:20261001T180000Z", "SUMMARY:Choir", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:one", "DTSTART:20261008T180000Z", "SUMMARY:Choir", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:one", "DTSTART:20261008T180000Z", "SUMMARY:Choir", "END:VEVENT"),
    )
    assert [(item.recurrence_id, item.starts_at) for item in calendar.items] == [
        (None, utc("2026-10-01T18:00")),
        (utc("2026-10-08T18:00"), utc("2026-10-08T18:00")),
    ]
    assert calendar.event_count == 3
    assert sum(problem.dropped for problem in calendar.problems) == 1


def test_an_event_without_a_uid_has_the_same_name_each_time() -> None:
    lines = ("SUMMARY:Choir", "DTSTART:20261001T180000Z")
    first, again = (a_calendar(*lines).items[0].uid for _ in range(2))
    other = a_calendar("SUMMARY:Choir", "DTSTART:20261002T180000Z").items[0].uid
    assert first == again != other


def test_a_uid_too_long_to_keep_is_replaced_by_one_made_of_it() -> None:
    lines = ("DTSTART:20261001", "SUMMARY:x")
    one, other = (a_calendar("UID:" + "x" * 600 + end, *lines).items[0].uid for end in "ab")
    assert one != other
    assert len(one) < 60


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("STATUS:CONFIRMED", EventStatus.SCHEDULED),
        ("STATUS:tentative", EventStatus.TENTATIVE),
        ("STATUS:CANCELLED", EventStatus.CANCELLED),
        ("STATUS:MAYBE", EventStatus.SCHEDULED),
        ("COMMENT:none", EventStatus.SCHEDULED),
    ],
)
def test_the_status_is_one_of_ours(line: str, status: EventStatus) -> None:
    assert an_item(line).status is status


def test_a_calendar_sent_to_cancel_cancels() -> None:
    assert an_item(head=("METHOD:CANCEL",)).status is EventStatus.CANCELLED


def test_what_is_marked_private_is_known_to_be() -> None:
    assert [an_item(f"CLASS:{word}").private for word in ("PUBLIC", "PRIVATE", "confidential")] == [
        False,
        True,
        True,
    ]


# ── words ──────────────────────────────────────────────────────────────────────────────────────


def test_words_keep_nothing_that_cannot_be_stored() -> None:
    item = an_item("DESCRIPTION:a\x00b\x1bc\ufeffd\\ne\tf", "SUMMARY:ignored: the first counts")
    assert item.description == "abcd\ne\tf"


def test_html_is_told_as_text() -> None:
    item = an_item(
        "DESCRIPTION:<p onclick='x()'>Come <b>all</b>!</p><script>alert(1)</script>"
        "<ul><li>soup</li><li>bread &amp\\; tea</li></ul>"
        '<a href="https://pantry.example/a?b=1&amp\\;c=2">Sign up</a>'
        '<a href="javascript:alert(1)">no</a><img src=x onerror=y>'
    )
    assert item.description == (
        "Come all!\n\n- soup\n- bread & tea\nSign up (https://pantry.example/a?b=1&c=2)no"
    )


def test_plain_words_are_not_taken_for_html() -> None:
    item = an_item("DESCRIPTION:We <3 you\\, 5 < 6 > 4 & more <you@pantry.example>")
    assert item.description == "We <3 you, 5 < 6 > 4 & more <you@pantry.example>"


def test_a_html_version_is_read_where_there_is_no_text() -> None:
    item = an_item("DESCRIPTION:Plain", "X-ALT-DESC;FMTTYPE=text/html:<p>Rich\\\\n</p>")
    assert item.description == "Plain"
    alone = an_item("X-ALT-DESC;FMTTYPE=text/html:<p>Rich</p>")
    assert alone.description == "Rich"


def test_a_title_is_one_line_of_text() -> None:
    calendar = a_calendar(
        "UID:one", "DTSTART:20261001", "SUMMARY:Soup &amp\\; <b>bread</b>\\n  for   all"
    )
    assert calendar.items[0].title == "Soup & bread for all"


def test_what_is_too_long_is_cut_and_said() -> None:
    item, reason, message = a_note("DESCRIPTION:" + "word " * 5_000)
    assert item.description is not None
    assert len(item.description) <= 20_000
    assert item.description.endswith("…")
    assert (reason, "24,999 characters" in message) == (ProblemReason.SHORTENED, True)
    placed, reason, _ = a_note("LOCATION:" + "far " * 200)
    assert placed.place is not None
    assert placed.place.name is not None
    assert len(placed.place.name) <= 300
    tagged, reason, _ = a_note("CATEGORIES:" + ",".join(f"tag {n}" for n in range(30)))
    assert len(tagged.categories) == 20
    assert reason is ProblemReason.SHORTENED


@pytest.mark.parametrize(
    ("line", "place", "online_url"),
    [
        ("LOCATION:", None, None),
        (
            "LOCATION:Hall\\n12 Mill Street\\,\\nRiver City",
            "Hall, 12 Mill Street, River City",
            None,
        ),
        ("LOCATION:https://meet.example/x", None, "https://meet.example/x"),
        ("LOCATION:Hall https://meet.example/x", "Hall https://meet.example/x", None),
        ("LOCATION:javascript:alert(1)", "javascript:alert(1)", None),
        ("CONFERENCE;VALUE=URI:https://meet.example/y", None, "https://meet.example/y"),
        ("X-GOOGLE-CONFERENCE:https://meet.example/z", None, "https://meet.example/z"),
    ],
)
def test_a_place_is_a_place_and_a_web_address_a_meeting(
    line: str, place: str | None, online_url: str | None
) -> None:
    item = an_item(line)
    assert (item.place.name if item.place else None, item.online_url) == (place, online_url)


@pytest.mark.parametrize(
    "line",
    [
        *("URL:javascript:alert(1)", "URL:file:///etc/passwd", "URL:data:text/html,x"),
        *("URL:https://", "URL:https://a b", "URL:https://x/" + "y" * 3_000),
        *("GEO:north", "GEO:91;0", "GEO:nan;0", "GEO:1;2;3", "CONFERENCE:tel:+15550100"),
    ],
)
def test_addresses_and_positions_that_are_none_are_left_out_and_said(line: str) -> None:
    item, reason, _ = a_note(line)
    assert (item.url, item.online_url, item.place) == (None, None, None)
    assert reason is ProblemReason.BAD_VALUE


def test_nowhere_is_not_an_island_in_the_gulf_of_guinea() -> None:
    assert an_item("GEO:0;0").place is None
    assert an_item("GEO:0.0;10.5").place == Place(latitude=0.0, longitude=10.5)
