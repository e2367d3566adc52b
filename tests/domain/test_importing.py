"""The rules of importing, on paper: what is followed, what is a person's, and what is the same."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import importing
from domain.calendars import CalendarItem
from domain.errors import Invalid
from domain.events import AttendanceMode, Event, EventStatus, JoinMode
from domain.importing import Wishes
from domain.places import Place
from domain.recurrence import Recurrence
from domain.sharing import Visibility

STARTS = datetime(2027, 3, 2, 18, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)
ITEM = CalendarItem("kitchen", "Open kitchen", STARTS, "Europe/Berlin", ends_at=STARTS + TWO_HOURS)
EVENT = Event(
    id="evt_1",
    hub_id="hub_1",
    organization_id="org_1",
    title="Open kitchen",
    description="Soup.",
    place=Place(name="Kitchen", latitude=52.1, longitude=13.4),
    starts_at=STARTS,
    ends_at=STARTS + TWO_HOURS,
    time_zone="Europe/Berlin",
    created_at=STARTS,
    updated_at=STARTS,
)
SERIES = replace(EVENT, recurrence=Recurrence("FREQ=WEEKLY;COUNT=5"))
A_WEEK_ON = STARTS + timedelta(days=7)


def kept(event: Event) -> importing.Said:
    """What is said of it, as it comes back from where it is kept."""
    said: importing.Said = json.loads(json.dumps(importing.said_of(event)))
    return said


def test_what_nobody_edited_follows() -> None:
    told = replace(SERIES, title="Kitchen", place=None, causes=("food",))
    merged = importing.merged([kept(SERIES)], SERIES, told)
    assert merged.changes == {"title": "Kitchen", "place": None, "causes": ("food",)}
    assert merged.kept == ()


def test_what_a_person_edited_stays() -> None:
    edited = replace(EVENT, title="Anna's kitchen", place=None)
    merged = importing.merged([kept(EVENT)], edited, replace(EVENT, title="Kitchen"))
    assert merged.changes == {}
    assert merged.kept == ("title", "place")


def test_a_series_kept_and_read_again_is_the_same() -> None:
    other_hours = replace(
        SERIES, recurrence=Recurrence("FREQ=WEEKLY", (A_WEEK_ON,), (A_WEEK_ON + TWO_HOURS,))
    )
    assert kept(other_hours) == importing.said_of(other_hours)
    assert importing.merged([kept(other_hours)], other_hours, other_hours).changes == {}


def test_of_two_calendars_either_may_have_said_it() -> None:
    april = replace(EVENT, title="April kitchen")
    merged = importing.merged([kept(EVENT), kept(april)], april, replace(EVENT, title="May"))
    assert merged.changes == {"title": "May"}


def test_an_event_that_no_calendar_brought_is_people_s_own() -> None:
    merged = importing.merged([], EVENT, replace(EVENT, title="Kitchen", status="CANCELLED"))  # type: ignore[arg-type]
    assert merged.changes == {}
    assert set(merged.kept) == {"title", "status"}


def test_two_events_differ_only_where_a_source_says_so() -> None:
    richer = replace(EVENT, summary="Soup for all.", capacity=40, version=9, updated_at=A_WEEK_ON)
    assert importing.merged([kept(EVENT)], EVENT, richer).changes == {}


def test_what_a_program_writes_anew_at_every_export_is_no_change() -> None:
    wishes = Wishes(share_with=("aln_1", "aln_2"))
    stamped = replace(ITEM, sequence=4, last_modified=A_WEEK_ON)
    same = Wishes(share_with=("aln_2", "aln_1"))
    assert importing.checksum(stamped, same) == importing.checksum(ITEM, wishes)
    for other in (
        replace(ITEM, title="Kitchen"),
        replace(ITEM, private=True),
        replace(ITEM, recurrence=Recurrence("FREQ=DAILY")),
        replace(ITEM, place=Place(name="Hall")),
    ):
        assert importing.checksum(other, wishes) != importing.checksum(ITEM, wishes)
    for otherwise in (Wishes(), Wishes(Visibility.UNLISTED, share_with=wishes.share_with)):
        assert importing.checksum(ITEM, otherwise) != importing.checksum(ITEM, wishes)


def test_what_is_private_there_is_private_here() -> None:
    wishes = Wishes(Visibility.ALLIANCE)
    assert importing.visibility_of(ITEM, wishes) is Visibility.ALLIANCE
    assert importing.visibility_of(replace(ITEM, private=True), wishes) is Visibility.PRIVATE


def test_where_one_takes_part_and_signs_up() -> None:
    hall, call = Place(name="Hall"), "https://meet.example/1"
    assert importing.attendance_of(ITEM) is AttendanceMode.IN_PERSON
    assert importing.attendance_of(replace(ITEM, place=hall)) is AttendanceMode.IN_PERSON
    assert importing.attendance_of(replace(ITEM, online_url=call)) is AttendanceMode.ONLINE
    both = replace(ITEM, place=hall, online_url=call)
    assert importing.attendance_of(both) is AttendanceMode.HYBRID
    assert importing.join_mode_of(ITEM) is JoinMode.NONE
    assert importing.join_mode_of(replace(ITEM, url="https://x.example")) is JoinMode.EXTERNAL


def test_an_event_is_called_by_its_uid_and_a_lone_date_by_its_date_too() -> None:
    lone = replace(ITEM, recurrence_id=A_WEEK_ON)
    assert importing.name_of(importing.key_of(ITEM)).value == "kitchen"
    assert importing.name_of(importing.key_of(lone)).value == (
        "kitchen;RECURRENCE-ID=20270309T180000Z"
    )
    with pytest.raises(Invalid):
        importing.name_of(("x" * 501, ""))


def test_only_dates_that_the_series_has_can_be_replaced() -> None:
    assert importing.is_date_of(SERIES, STARTS)
    assert importing.is_date_of(SERIES, A_WEEK_ON)
    assert not importing.is_date_of(SERIES, A_WEEK_ON + TWO_HOURS)
    assert not importing.is_date_of(SERIES, STARTS + timedelta(days=35))
    excluded = Recurrence("FREQ=WEEKLY", (), (A_WEEK_ON,))
    assert not importing.is_date_of(replace(SERIES, recurrence=excluded), A_WEEK_ON)
    assert not importing.is_date_of(EVENT, STARTS)


def test_a_date_says_only_what_differs() -> None:
    same = replace(EVENT, starts_at=A_WEEK_ON, ends_at=A_WEEK_ON + TWO_HOURS)
    assert importing.one_date("evt_1", A_WEEK_ON, same, SERIES).overrides == ()
    other = replace(
        same, title="Stew", ends_at=None, status=EventStatus.CANCELLED, description=None
    )
    date = importing.one_date("evt_1", A_WEEK_ON, other, SERIES)
    assert date.overrides == ("ends_at", "status", "title")
    assert (date.title, date.description, date.place) == ("Stew", None, None)


def test_a_source_has_four_turns_in_any_hour() -> None:
    runs = [STARTS + timedelta(minutes=10 * n) for n in range(6)]
    now = STARTS + timedelta(minutes=59)
    assert importing.next_turn(runs[:3], now) is None
    assert importing.next_turn(runs[:4], now) == STARTS + timedelta(hours=1)
    assert importing.next_turn(runs[:4], STARTS + timedelta(hours=1)) is None
    assert importing.next_turn(runs, now) == runs[2] + timedelta(hours=1)


def test_a_position_is_given_to_what_has_a_place_and_no_position() -> None:
    here = (39.17, -86.53)
    hall = replace(ITEM, place=Place(name="Hall", latitude=1.0, longitude=2.0))
    call = replace(ITEM, place=None, online_url="https://meet.example/x")
    assert importing.placed(hall, here) == hall
    assert importing.placed(call, here) == call
    assert importing.placed(ITEM, None) == ITEM
    found = importing.placed(ITEM, here).place
    assert found is not None
    assert (found.latitude, found.longitude) == here
