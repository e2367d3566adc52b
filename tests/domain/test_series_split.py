"""A series cut in two: every date is in one of the parts, at the hour it had."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.recurrence import Recurrence, dates_between, split

FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
TUESDAY = datetime(2027, 3, 2, 17, tzinfo=UTC)  # 18:00 in Berlin
BERLIN = "Europe/Berlin"


def dates_of(
    series: Recurrence | None, starts_at: datetime, zone: str = BERLIN, to: datetime = TO
) -> list[datetime]:
    if series is None:
        return [starts_at]
    return dates_between(series, starts_at, zone, FROM, to)


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        ("FREQ=WEEKLY", "FREQ=WEEKLY;UNTIL=20270315", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;COUNT=5", "FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;COUNT=3"),
        (
            "FREQ=WEEKLY;UNTIL=20271231;BYDAY=TU",
            "FREQ=WEEKLY;UNTIL=20270315;BYDAY=TU",
            "FREQ=WEEKLY;UNTIL=20271231;BYDAY=TU",
        ),
        (
            "FREQ=DAILY;BYHOUR=9,18",
            "FREQ=DAILY;BYHOUR=9,18;UNTIL=20270316T165959Z",
            "FREQ=DAILY;BYHOUR=9,18",
        ),
    ],
)
def test_a_series_ends_on_the_day_before_or_after_fewer_dates(
    rule: str, first: str, second: str
) -> None:
    parts = split(Recurrence(rule), TUESDAY, BERLIN, TUESDAY + timedelta(weeks=2))
    assert parts == (Recurrence(first), Recurrence(second))


@pytest.mark.parametrize(
    "at",
    [
        TUESDAY + timedelta(days=1),  # none of its dates
        TUESDAY + timedelta(weeks=1),  # left out
        TUESDAY + timedelta(days=3),  # beside the rule
    ],
)
def test_no_series_begins_at_a_date_that_the_rule_does_not_give(at: datetime) -> None:
    series = Recurrence(
        "FREQ=WEEKLY", (TUESDAY + timedelta(days=3),), (TUESDAY + timedelta(weeks=1),)
    )
    assert split(series, TUESDAY, BERLIN, at) is None


def test_dates_alone_are_dealt_out() -> None:
    one, two, three = (TUESDAY + timedelta(days=days) for days in (3, 10, 20))
    assert split(Recurrence("", (one, two, three)), TUESDAY, BERLIN, two) == (
        Recurrence("", (one,)),
        Recurrence("", (three,)),
    )
    assert split(Recurrence("", (one,)), TUESDAY, BERLIN, one) == (None, None)


def test_dates_and_exceptions_go_with_the_part_that_they_are_in() -> None:
    early, late = TUESDAY + timedelta(days=2), TUESDAY + timedelta(days=30)
    series = Recurrence(
        "FREQ=WEEKLY",
        (early, late),
        (TUESDAY + timedelta(weeks=1), TUESDAY + timedelta(weeks=5)),
    )
    parts = split(series, TUESDAY, BERLIN, TUESDAY + timedelta(weeks=3))
    assert parts is not None
    first, second = parts
    assert first is not None
    assert second is not None
    assert (first.dates, first.exceptions) == ((early,), (TUESDAY + timedelta(weeks=1),))
    assert (second.dates, second.exceptions) == ((late,), (TUESDAY + timedelta(weeks=5),))


@pytest.mark.parametrize(
    ("zone", "before", "gap"),
    [
        (BERLIN, "2027-03-21T02:30", "2027-03-28T03:30"),
        ("America/New_York", "2027-03-07T02:30", "2027-03-14T03:30"),
    ],
)
def test_a_date_that_the_clocks_moved_does_not_move_those_behind_it(
    zone: str, before: str, gap: str
) -> None:
    starts_at, at = (
        datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for local in (before, gap)
    )
    parts = split(Recurrence("FREQ=WEEKLY"), starts_at, zone, at)
    assert parts is not None
    _, second = parts
    found = dates_of(second, at, zone)
    hours = [f"{moment.astimezone(ZoneInfo(zone)):%H:%M}" for moment in found[:4]]
    assert hours == ["03:30", "02:30", "02:30", "02:30"]


rules = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=40",
        "FREQ=DAILY;BYHOUR=2,9,18",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA;COUNT=30",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
        "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20280101",
        "FREQ=MONTHLY;BYDAY=1TU",
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=12",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    ]
)
zones = st.sampled_from([BERLIN, "America/Indiana/Indianapolis", "Australia/Lord_Howe"])
starts = st.integers(0, 2_000).map(lambda hours: TUESDAY + timedelta(hours=hours, minutes=30))


@given(rules, zones, starts, st.integers(1, 60))
def test_no_date_is_lost_and_none_comes_twice(
    rule: str, zone: str, starts_at: datetime, number: int
) -> None:
    # A repeated local time is the first of two, but a start may be the second: see recurrence.py.
    if starts_at.astimezone(ZoneInfo(zone)).fold:
        return
    series = Recurrence(rule)
    whole = dates_of(series, starts_at, zone)
    at = whole[number % len(whole)]
    if at == starts_at:
        return
    parts = split(series, starts_at, zone, at)
    assert parts is not None
    first, second = dates_of(parts[0], starts_at, zone), dates_of(parts[1], at, zone)
    assert first == [moment for moment in whole if moment < at]
    # Each part keeps as many as a series may, so the second reaches further.
    expected = [moment for moment in whole if moment >= at]
    assert second[: len(expected)] == expected
