"""Series of dates: on the clocks of their own place, and never more work than is bounded."""

import cProfile
import pstats
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.recurrence import (
    MOST,
    Recurrence,
    check,
    dates_between,
    end_of,
    ends_last,
    horizon,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def clocks(moments: list[datetime], zone: str) -> list[str]:
    """What the clocks on the wall show."""
    return [moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") for moment in moments]


def first(rrule: str, start: str, zone: str = BERLIN, count: int = 5) -> list[str]:
    dates = dates_between(Recurrence(rrule), at(start, zone), zone, *ALWAYS, most=count)
    return clocks(dates, zone)


# ── on the clocks of the place ─────────────────────────────────────────────────────────────────


def test_a_weekly_evening_stays_at_six_when_the_clocks_change() -> None:
    weekly = Recurrence("FREQ=WEEKLY;BYDAY=TU")
    start = at("2026-10-13T18:00", BERLIN)
    dates = dates_between(weekly, start, BERLIN, *ALWAYS, most=4)
    assert clocks(dates, BERLIN) == [
        "2026-10-13 18:00",
        "2026-10-20 18:00",
        "2026-10-27 18:00",
        "2026-11-03 18:00",
    ]
    assert [date.hour for date in dates] == [16, 16, 17, 17]
    assert all(date.tzinfo is UTC for date in dates)


def test_a_time_the_clocks_jump_over_takes_place_an_hour_later() -> None:
    assert first("FREQ=DAILY", "2027-03-27T02:30", count=3) == [
        "2027-03-27 02:30",
        "2027-03-28 03:30",
        "2027-03-29 02:30",
    ]


def test_a_time_that_happens_twice_is_the_first_of_the_two() -> None:
    daily = Recurrence("FREQ=DAILY")
    dates = dates_between(daily, at("2026-10-24T02:30", BERLIN), BERLIN, *ALWAYS, most=3)
    assert [date.hour for date in dates] == [0, 0, 1]


def test_a_series_that_begins_in_the_second_half_past_two_begins_there() -> None:
    start = at("2026-10-25T02:30", BERLIN).replace(fold=1)
    dates = dates_between(Recurrence("FREQ=DAILY"), start, BERLIN, *ALWAYS, most=2)
    assert dates == [start.astimezone(UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_a_night_shift_ends_at_six_also_when_the_clocks_change() -> None:
    starts, ends = at("2026-10-17T22:00", BERLIN), at("2026-10-18T06:00", BERLIN)
    changing_night = at("2026-10-24T22:00", BERLIN)
    over = end_of(changing_night, starts, ends, BERLIN)
    assert over == at("2026-10-25T06:00", BERLIN).astimezone(UTC)
    assert end_of(starts, starts, ends, BERLIN) == ends
    assert end_of(changing_night, starts, None, BERLIN) is None


def test_dates_are_kept_for_eighteen_months_ahead() -> None:
    assert horizon(datetime(2026, 8, 31, tzinfo=UTC)) == datetime(2028, 2, 29, tzinfo=UTC)
    assert horizon(datetime(2026, 11, 20, 9, tzinfo=UTC)) == datetime(2028, 5, 20, 9, tzinfo=UTC)


# ── what rules mean ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rrule", "dates"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", ["2026-01-13", "2026-02-10", "2026-03-10"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-13", "2026-01-30", "2026-02-27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-13", "2026-01-31", "2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-13", "2026-01-31", "2026-02-28"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["2026-01-13", "2026-02-13", "2026-03-13"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ["2026-01-13", "2026-01-30", "2026-02-27"],
        ),
        ("FREQ=MONTHLY;BYDAY=MO,2TU", ["2026-01-13", "2026-01-19", "2026-01-26"]),
        ("FREQ=YEARLY", ["2026-01-13", "2027-01-13", "2028-01-13"]),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", ["2026-01-13", "2026-03-29", "2027-03-28"]),
        ("FREQ=YEARLY;BYDAY=20MO", ["2026-01-13", "2026-05-18", "2027-05-17"]),
        ("FREQ=YEARLY;BYWEEKNO=20", ["2026-01-13", "2026-05-12", "2027-05-18"]),
        ("FREQ=YEARLY;BYWEEKNO=-52;BYDAY=MO", ["2026-01-13", "2027-01-04", "2028-01-03"]),
        ("FREQ=YEARLY;BYYEARDAY=-1", ["2026-01-13", "2026-12-31", "2027-12-31"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2026-01-13", "2028-02-29", "2032-02-29"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", ["2026-01-13", "2026-01-25", "2026-02-08"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", ["2026-01-13", "2026-01-18", "2026-02-01"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", ["2026-01-13", "2026-01-14", "2026-01-21"]),
        ("freq=daily;byday=sa,su", ["2026-01-13", "2026-01-17", "2026-01-18"]),
        ("FREQ=WEEKLY;UNTIL=20260127", ["2026-01-13", "2026-01-20", "2026-01-27"]),
        ("FREQ=WEEKLY;UNTIL=20260127T165959Z", ["2026-01-13", "2026-01-20"]),
        ("FREQ=WEEKLY;UNTIL=20260127T170000Z", ["2026-01-13", "2026-01-20", "2026-01-27"]),
        ("FREQ=WEEKLY;UNTIL=20260127T175959", ["2026-01-13", "2026-01-20"]),
        ("FREQ=WEEKLY;COUNT=2", ["2026-01-13", "2026-01-20"]),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=2", ["2026-01-13", "2026-01-14"]),
        ("FREQ=WEEKLY;UNTIL=20251231", ["2026-01-13"]),
        ("FREQ=WEEKLY;UNTIL=99991231T235959Z", ["2026-01-13", "2026-01-20", "2026-01-27"]),
    ],
)
def test_a_rule_makes_the_dates_a_person_would_expect(rrule: str, dates: list[str]) -> None:
    check(Recurrence(rrule))
    got = first(rrule, "2026-01-13T18:00", count=3)  # a Tuesday
    assert got == [f"{date} 18:00" for date in dates]


def test_an_hour_may_be_named_up_to_twenty_four_times_a_day() -> None:
    got = first("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0", "2026-01-13T09:00", count=3)
    assert got == ["2026-01-13 09:00", "2026-01-13 17:00", "2026-01-14 09:00"]


def test_dates_beside_the_rule_take_place_and_exceptions_do_not() -> None:
    series = Recurrence(
        "FREQ=WEEKLY;COUNT=3",
        dates=(at("2026-01-15T20:00", BERLIN), at("2026-01-20T18:00", BERLIN)),
        exceptions=(at("2026-01-27T17:00"), at("2026-02-01T17:00")),
    )
    dates = dates_between(series, at("2026-01-13T18:00", BERLIN), BERLIN, *ALWAYS)
    assert clocks(dates, BERLIN) == ["2026-01-13 18:00", "2026-01-15 20:00", "2026-01-20 18:00"]


def test_the_first_date_too_can_fall_out() -> None:
    start = at("2026-01-13T18:00", BERLIN)
    series = Recurrence("FREQ=WEEKLY;COUNT=2", exceptions=(start,))
    assert clocks(dates_between(series, start, BERLIN, *ALWAYS), BERLIN) == ["2026-01-20 18:00"]


def test_a_series_may_be_dates_alone() -> None:
    series = Recurrence("", dates=(at("2026-03-01T12:00"),))
    check(series)
    dates = dates_between(series, at("2026-01-13T12:00"), "UTC", *ALWAYS)
    assert dates == [at("2026-01-13T12:00"), at("2026-03-01T12:00")]


def test_the_window_holds_its_beginning_and_not_its_end() -> None:
    start = at("2020-01-01T12:00")
    from_, to = at("2026-05-01T12:00"), at("2026-05-04T12:00")
    dates = dates_between(Recurrence("FREQ=DAILY"), start, "UTC", from_, to)
    assert dates == [from_, from_ + timedelta(days=1), from_ + timedelta(days=2)]
    assert dates_between(Recurrence("FREQ=DAILY"), start, "UTC", to, from_) == []


def test_no_more_dates_than_asked_for_and_never_a_gap_before_the_last() -> None:
    start = at("2026-01-01T12:00")
    dates = dates_between(Recurrence("FREQ=DAILY"), start, "UTC", *ALWAYS)
    assert dates == [start + timedelta(days=n) for n in range(MOST)]


# ── when it is over ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rrule", "over"),
    [
        ("FREQ=WEEKLY", None),
        ("FREQ=WEEKLY;UNTIL=99991231T235959Z", None),
        ("FREQ=WEEKLY;COUNT=3", "2026-01-27T20:00"),
        ("FREQ=WEEKLY;UNTIL=20301231", "2030-12-31T20:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=21030101", "2096-02-29T20:00"),
        ("FREQ=WEEKLY;UNTIL=20000101", "2026-01-13T20:00"),
    ],
)
def test_a_series_is_over_when_its_last_date_is(rrule: str, over: str | None) -> None:
    starts, ends = at("2026-01-13T18:00", BERLIN), at("2026-01-13T20:00", BERLIN)
    got = ends_last(Recurrence(rrule), starts, ends, BERLIN)
    assert got == (None if over is None else at(over, BERLIN).astimezone(UTC))


def test_a_series_without_an_end_time_is_over_when_its_last_date_starts() -> None:
    starts = at("2026-01-13T18:00", BERLIN)
    series = Recurrence("FREQ=WEEKLY;COUNT=2", dates=(at("2026-06-01T18:00", BERLIN),))
    assert ends_last(series, starts, None, BERLIN) == at("2026-06-01T16:00")
    nothing_left = Recurrence("FREQ=WEEKLY;COUNT=1", exceptions=(starts,))
    assert ends_last(nothing_left, starts, None, BERLIN) == starts


# ── refusals ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rrule", "words"),
    [
        ("", "how it repeats"),
        ("WEEKLY", "NAME=VALUE"),
        ("INTERVAL=2", "begins with FREQ"),
        ("FREQ=SECONDLY", "too often"),
        ("FREQ=MINUTELY;COUNT=3", "too often"),
        ("FREQ=HOURLY", "too often"),
        ("FREQ=FORTNIGHTLY", "one of DAILY"),
        ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
        ("FREQ=DAILY;BYDAY=", "NAME=VALUE"),
        ("FREQ=DAILY;COUNT=0", "COUNT is a number"),
        ("FREQ=DAILY;COUNT=5001", "COUNT is a number"),
        ("FREQ=DAILY;COUNT=-1", "COUNT is a number"),
        ("FREQ=DAILY;COUNT=" + "9" * 400, "COUNT is a number"),
        ("FREQ=DAILY;COUNT=٣", "COUNT is a number"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a number"),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL is a number"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL is like"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL is like"),
        ("FREQ=DAILY;UNTIL=00010101", "UNTIL is like"),
        ("FREQ=DAILY;UNTIL=20270101T250000Z", "UNTIL is like"),
        ("FREQ=MONTHLY;BYDAY=MONDAY", "BYDAY has days"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY has days"),
        ("FREQ=MONTHLY;BYDAY=60MO", "BYDAY has days"),
        ("FREQ=WEEKLY;BYDAY=2TU", "goes with FREQ=MONTHLY"),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=2TU", "goes with FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY has numbers"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY has numbers"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "does not go with FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH has numbers"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH has numbers"),
        ("FREQ=MONTHLY;BYWEEKNO=2", "BYWEEKNO goes with"),
        ("FREQ=DAILY;BYYEARDAY=2", "BYYEARDAY goes with"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses"),
        ("FREQ=DAILY;WKST=XX", "WKST is a day"),
        ("FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,30", "times a day"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR has numbers"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
        ("FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=-31", "never happens"),
        ("FREQ=YEARLY;BYEASTER=0", "no part of a rule"),
        ("RSCALE=HEBREW;FREQ=YEARLY", "no part of a rule"),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY", "Leave DTSTART out"),
        ("FREQ=DAILY;DTSTART=20260101", "Leave DTSTART out"),
        ("RRULE:FREQ=DAILY", "Leave 'RRULE:' out"),
        ("FREQ=DAILY;BYMINUTE=" + ",".join(["0"] * 300), "at most 500 characters"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_reason(rrule: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        check(Recurrence(rrule), ("input", "recurrence"))
    assert refusal.value.field == ("input", "recurrence", "rrule")


@pytest.mark.parametrize(
    ("recurrence", "field"),
    [
        (Recurrence("FREQ=DAILY", dates=(at("2026-01-01T00:00"),) * 501), "dates"),
        (Recurrence("FREQ=DAILY", exceptions=(at("2026-01-01T00:00"),) * 1001), "exceptions"),
        (Recurrence("FREQ=DAILY", dates=(at("2026-01-01").replace(tzinfo=None),)), "dates"),
        (Recurrence("FREQ=DAILY", exceptions=(at("0001-01-01"),)), "exceptions"),
    ],
)
def test_dates_beside_the_rule_are_few_and_have_their_zone(
    recurrence: Recurrence, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check(recurrence)
    assert refusal.value.field == ("recurrence", field)


# ── bounded work ───────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "FREQ=YEARLY;BYMONTHDAY=31;BYDAY=MO;BYMONTH=2,12;BYSETPOS=300",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=5000",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYSETPOS=-366",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2;COUNT=5000",
    "FREQ=YEARLY;BYYEARDAY=366;BYDAY=MO;BYWEEKNO=1",
    "FREQ=MONTHLY;BYMONTH=2;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=MONTHLY;INTERVAL=1000;BYMONTHDAY=31;BYDAY=5SU;COUNT=5000",
    "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;COUNT=5000",
    "FREQ=WEEKLY;BYMONTH=2;BYDAY=SU;BYSETPOS=7;COUNT=5000",
]


@pytest.mark.parametrize("rrule", HOSTILE)
def test_a_hostile_rule_is_a_bounded_amount_of_work(rrule: str) -> None:
    """Counted in calls, so that a slow machine cannot make it fail nor a fast one hide it."""
    check(Recurrence(rrule))
    start = at("1900-01-01T00:00")
    work = cProfile.Profile()
    work.enable()
    dates = dates_between(Recurrence(rrule), start, BERLIN, at("2026-01-01"), at("9999-12-31"))
    over = ends_last(Recurrence(rrule), start, None, BERLIN)
    work.disable()
    assert len(dates) <= MOST
    assert over is None or over >= start
    assert pstats.Stats(work).total_calls < 3_000_000  # type: ignore[attr-defined]


def test_the_usual_window_looks_at_little_also_long_after_the_start() -> None:
    """What the worker asks for each series: eighteen months, of a rule that began decades ago."""
    work = cProfile.Profile()
    work.enable()
    dates = dates_between(
        Recurrence("FREQ=YEARLY;BYMONTH=2;BYDAY=5MO;BYMONTHDAY=1"),
        at("1950-01-01T00:00"),
        BERLIN,
        at("2026-01-01"),
        at("2027-07-01"),
    )
    work.disable()
    assert dates == []
    assert pstats.Stats(work).total_calls < 2_000  # type: ignore[attr-defined]


# ── the same as dateutil, and as the zone database ─────────────────────────────────────────────

WEEKDAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


def some(values: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


def either_way(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most) | st.integers(-most, -1)


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(WEEKDAYS)}")

    def add(name: str, values: st.SearchStrategy[int]) -> None:
        if draw(st.integers(0, 2)) == 0:
            parts.append(f"{name}=" + ",".join(map(str, draw(some(values)))))

    add("BYMONTH", st.integers(1, 12))
    if frequency != "WEEKLY":
        add("BYMONTHDAY", either_way(31))
    numbered = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
    if frequency == "YEARLY" and not numbered:
        add("BYYEARDAY", either_way(366))
    if numbered or draw(st.booleans()):  # dateutil cannot have both kinds at once
        days = draw(st.lists(WEEKDAYS, min_size=1, max_size=3, unique=True))
        numbers = [f"{draw(either_way(5))}" if numbered else "" for _ in days]
        parts.append(
            "BYDAY=" + ",".join(number + day for number, day in zip(numbers, days, strict=True))
        )
        if frequency == "YEARLY" and not numbered:
            # dateutil does not look for week -52 of the next year in this one (a TODO of its own).
            add("BYWEEKNO", st.integers(1, 53) | st.integers(-50, -1))
    add("BYHOUR", st.integers(0, 23))
    # dateutil counts the positions of the first week from the start, not from the week's first day.
    if frequency != "WEEKLY" and any(part.startswith("BY") for part in parts):
        add("BYSETPOS", either_way(5))
    return ";".join(parts)


STARTS = st.datetimes(datetime(1970, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001 - local
    lambda moment: moment.replace(microsecond=0)
)


# The calendar repeats itself every 400 years. dateutil looks for the next date until the year 9999,
# which takes seconds where there is none; asked 8,000 years later, it is soon there.
LATER = 8_000
LATE_STARTS = st.datetimes(datetime(1990, 1, 1), datetime(1995, 12, 31)).map(  # noqa: DTZ001 - local
    lambda moment: moment.replace(microsecond=0)
)


def made_by_dateutil(rrule: str, start: datetime, until: datetime) -> list[datetime]:
    then = start.replace(year=start.year + LATER)
    last = until.replace(year=until.year + LATER)
    found: list[datetime] = []
    with suppress(OverflowError, ValueError):  # past the last year, having found all there is
        found.extend(rrulestr(f"{rrule};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=then))
    return [moment.replace(year=moment.year - LATER) for moment in found]


@given(rules(), LATE_STARTS)
def test_every_rule_makes_the_dates_that_dateutil_makes(rrule: str, start: datetime) -> None:
    try:
        check(Recurrence(rrule))
    except Invalid as refusal:
        assert "never happens" in refusal.message  # noqa: PT017 - the others make dates
        return
    until = datetime(1998, 12, 31, 23, 59, 59)  # noqa: DTZ001 - local
    expected = sorted({start, *made_by_dateutil(rrule, start, until)})
    window = start.replace(tzinfo=UTC), datetime(1999, 1, 1, tzinfo=UTC)
    ours = dates_between(Recurrence(rrule), window[0], "UTC", *window, most=20_000)
    assert [moment.replace(tzinfo=None) for moment in ours] == expected


@given(rules(), STARTS, st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "Asia/Kolkata"]))
def test_a_window_cut_in_two_holds_the_same_dates(rrule: str, start: datetime, zone: str) -> None:
    series, begins = Recurrence(rrule), start.replace(tzinfo=ZoneInfo(zone))
    try:
        check(series)
    except Invalid:
        return
    from_ = begins.astimezone(UTC) - timedelta(days=1)
    middle, to = from_ + timedelta(days=300), from_ + timedelta(days=800)
    whole = dates_between(series, begins, zone, from_, to, most=5_000)
    assert whole == sorted(set(whole))
    assert whole == [
        *dates_between(series, begins, zone, from_, middle, most=5_000),
        *dates_between(series, begins, zone, middle, to, most=5_000),
    ]
    assert whole[:7] == dates_between(series, begins, zone, from_, to, most=7)


@given(STARTS, st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "Africa/Casablanca"]))
def test_the_clocks_show_the_same_time_on_every_date_that_has_it(
    start: datetime, zone: str
) -> None:
    begins = start.replace(tzinfo=ZoneInfo(zone))
    shown = begins.astimezone(UTC).astimezone(ZoneInfo(zone)).time()
    dates = dates_between(Recurrence("FREQ=DAILY"), begins, zone, *ALWAYS, most=400)
    for date in dates:
        local = date.astimezone(ZoneInfo(zone))
        wished = datetime.combine(local.date(), shown, ZoneInfo(zone))
        exists = wished.astimezone(UTC).astimezone(ZoneInfo(zone)).time() == shown
        assert local.time() == shown or not exists
    gaps = {second - one for one, second in pairwise(dates)}
    assert all(timedelta(hours=22) <= gap <= timedelta(hours=26) for gap in gaps)
