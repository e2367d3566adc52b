"""Whatever the event is, our own importer reads the same event from the calendar we write."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import CalendarItem
from domain.events import EventStatus
from domain.recurrence import Recurrence, dates_between
from federation.ics import read_calendar
from web.feeds.calendar import calendar_of, description_of, location_of
from web.feeds.differing import series_of
from web.feeds.events import Shown, moment, written
from web.feeds.told import Event, Place, Repeating

ZONES = ("America/Indiana/Indianapolis", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")
RULES = (
    "FREQ=DAILY;COUNT=40",
    "FREQ=WEEKLY;BYDAY=TU,SA",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20280101",
    "FREQ=WEEKLY;UNTIL=20270930T120000Z",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=29",
    "",
)
SINCE, UNTIL = datetime(2027, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
# What an importer would take for HTML is another matter (federation/ics_texts.py).
LETTERS = st.sampled_from("abcdef ,;:\\\"'()éßж中س🎈\n-=")
LINES = st.text(LETTERS, min_size=1, max_size=120).filter(lambda words: words.strip())
moments = st.datetimes(datetime(2027, 1, 2), datetime(2027, 12, 30)).map(  # noqa: DTZ001 - given a zone below
    lambda at: at.replace(second=0, microsecond=0)
)


def one_line(words: str) -> str:
    return " ".join(words.split())


@st.composite
def places(draw: st.DrawFn) -> Place:
    exact = draw(st.booleans())
    return Place(
        name=draw(LINES.map(one_line)),
        streetAddress=draw(st.none() | LINES.map(one_line)),
        locality="River City",
        region=None,
        postalCode=draw(st.none() | st.just("47401")),
        country="US",
        latitude=draw(st.floats(-89, 89).map(lambda x: round(x, 5))) if exact else None,
        longitude=draw(st.floats(1, 179).map(lambda x: round(x, 5))) if exact else None,
        precision="PRECISE" if exact else "NEAR",
    )


@st.composite
def events(draw: st.DrawFn) -> Event:
    zone = draw(st.sampled_from(ZONES))
    all_day = draw(st.booleans())
    local = draw(moments)
    if all_day:
        local = local.replace(hour=0, minute=0)
    starts = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    hours = draw(st.none() | st.integers(1, 60))
    ends = None if hours is None else starts + timedelta(hours=hours)
    if all_day:  # midnight to midnight, on the clocks there
        days = timedelta(days=draw(st.integers(1, 3)))
        ends = (local + days).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    changed = "2027-01-01T08:30:00+00:00"
    return Event(
        id="evt_01JD8X5V0M7Q2K3B4N6P8R9S1T@hub.test",
        url="http://hub.test/events/evt_01JD8X5V0M7Q2K3B4N6P8R9S1T@hub.test",
        title=draw(LINES.map(one_line)),
        summary=None,
        description=draw(st.none() | LINES),
        translations=[],
        visibility="PUBLIC",
        version=draw(st.integers(1, 1000)),
        createdAt=changed,
        updatedAt=changed,
        cancellationReason=draw(st.none() | st.just("The hall is flooded.")),
        status=draw(st.sampled_from(["SCHEDULED", "TENTATIVE", "CANCELLED"])),
        startsAt=written(starts),
        endsAt=written(ends) if ends else None,
        timeZone=zone,
        allDay=all_day,
        recurrence=draw(st.none() | repeating(starts, zone, all_day)),
        attendanceMode="IN_PERSON",
        place=draw(st.none() | places()),
        onlineUrl=None,
        accessibility=None,
        image=None,
        causes=draw(st.lists(st.sampled_from(["food", "housing", "a,b", "x;y"]), unique=True)),
        languages=[],
        isFree=None,
        remainingCapacity=None,
        origin={"name": "River City", "isLocal": True},
        capacity=None,
        joinMode="OPEN",
        registrationUrl=None,
        host={"name": "River City Pantry", "url": "http://hub.test/organizations/org"},
        hosts=[],
        group=None,
        sharedWith=[],
        follows=None,
        links={"page": "", "ics": "", "jsonLd": "", "googleCalendar": "", "outlook": ""},
    )


@st.composite
def repeating(draw: st.DrawFn, starts: datetime, zone: str, all_day: bool) -> Repeating:
    rule = draw(st.sampled_from(RULES))
    offsets = st.lists(st.integers(1, 90), min_size=0 if rule else 1, max_size=4, unique=True)
    exceptions = dates_between(Recurrence(rule), starts, zone, SINCE, UNTIL, 8) if rule else []
    return Repeating(
        rrule=rule,
        dates=[written(_days_later(starts, days, zone)) for days in draw(offsets)],
        exceptions=[
            written(at)
            for at in draw(
                st.lists(st.sampled_from(exceptions), unique=True) if exceptions else st.just([])
            )
        ],
    )


def _days_later(starts: datetime, days: int, zone: str) -> datetime:
    local = starts.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def read_back(event: Event) -> CalendarItem:
    body = calendar_of(Shown(event, [], SINCE, more=False))
    calendar = read_calendar(body, "UTC")
    assert not calendar.problems
    (item,) = calendar.items
    return item


@given(events())
def test_the_event_is_read_back_as_it_was(event: Event) -> None:
    item = read_back(event)
    assert item.uid == event["id"]
    assert item.title == event["title"]
    words = description_of(event, event["status"])
    assert (item.description or "").split() == words.split()
    assert item.starts_at == moment(event["startsAt"])
    assert item.ends_at == (moment(event["endsAt"]) if event["endsAt"] else None)
    assert item.all_day == event["allDay"]
    assert item.time_zone == event["timeZone"]
    assert item.status == EventStatus(event["status"])
    assert item.sequence == event["version"]
    assert item.last_modified == moment(event["updatedAt"])
    assert item.url == event["url"]
    assert item.categories == tuple(event["causes"])
    assert item.recurrence_id is None
    place = event["place"]
    if place is None:
        assert item.place is None
    else:
        assert item.place is not None
        assert item.place.name == location_of(event, place)
        assert (item.place.latitude, item.place.longitude) == (
            place["latitude"],
            place["longitude"],
        )


@given(events())
def test_a_series_is_read_back_with_the_same_dates(event: Event) -> None:
    item = read_back(event)
    told = series_of(event)
    assert (item.recurrence is None) == (told is None)
    if told is not None and item.recurrence is not None:
        given_dates, read_dates = (
            dates_between(series, item.starts_at, item.time_zone, SINCE, UNTIL)
            for series in (told, item.recurrence)
        )
        assert read_dates == given_dates
