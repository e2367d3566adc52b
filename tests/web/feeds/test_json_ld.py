"""An event as search engines and other calendars read it: schema.org JSON-LD."""

import json
from typing import Any

import pytest

from domain.alliances import SharingPolicy
from domain.events import AttendanceMode, EventStatus
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import alliances
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from tests.cast import STARTS, publish
from tests.web.visiting import Visit


async def told(visit: Visit, event_id: str) -> dict[str, Any]:
    answer = await visit.get(f"/events/{event_id}.jsonld")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    found: dict[str, Any] = answer.json()
    return found


async def test_a_search_engine_reads_the_event(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        summary="Bring tins.",
        languages=("en", "es"),
        causes=("food",),
        is_free=True,
    )
    page = f"http://hub.test/events/{event_id}"
    pantry = f"http://hub.test/organizations/{visit.cast.pantry}"
    assert await told(visit, event_id) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page,
        "identifier": event_id,
        "url": page,
        "name": "Food drive",
        "description": "Bring tins.",
        "disambiguatingDescription": "Bring tins.",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "startDate": "2027-03-06T09:00:00-05:00",
        "endDate": "2027-03-06T12:00:00-05:00",
        "location": [
            {
                "@type": "Place",
                "name": "Town Hall",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "1 Main Street",
                    "addressLocality": "River City",
                    "addressRegion": "Indiana",
                    "addressCountry": "US",
                },
                "geo": {"@type": "GeoCoordinates", "latitude": 39.1653, "longitude": -86.5264},
            }
        ],
        "organizer": [{"@type": "Organization", "name": "River City Pantry", "url": pantry}],
        "inLanguage": ["en", "es"],
        "keywords": ["food"],
        "isAccessibleForFree": True,
        "dateModified": "2027-03-01T09:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (EventStatus.CANCELLED, "EventCancelled"),
        (EventStatus.POSTPONED, "EventPostponed"),
        (EventStatus.RESCHEDULED, "EventRescheduled"),
        (EventStatus.MOVED_ONLINE, "EventMovedOnline"),
    ],
)
async def test_it_says_where_an_event_stands(visit: Visit, status: EventStatus, word: str) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=status)
    assert (await told(visit, event_id))["eventStatus"] == f"https://schema.org/{word}"


async def test_nobody_is_sent_to_a_place_that_an_event_has_left(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        status=EventStatus.MOVED_ONLINE,
        attendance_mode=AttendanceMode.HYBRID,
        online_url="https://meet.example/drive",
    )
    found = await told(visit, event_id)
    assert found["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert found["location"] == [{"@type": "VirtualLocation", "url": "https://meet.example/drive"}]
    for path in (f"/events/{event_id}", f"/events/{event_id}.ics"):
        text = (await visit.get(path)).text
        assert "https://meet.example/drive" in text
        assert "Town Hall" not in text


async def test_a_series_says_how_it_repeats_and_its_next_dates(visit: Visit) -> None:
    series = Recurrence("FREQ=MONTHLY;BYDAY=1SA;COUNT=3")
    event_id = await publish(visit.context, visit.cast.anna, recurrence=series)
    found = await told(visit, event_id)
    assert found["eventSchedule"] == {
        "@type": "Schedule",
        "repeatFrequency": "P1M",
        "byDay": ["1SA"],
        "startDate": "2027-03-06",
        "repeatCount": 3,
        "startTime": "09:00:00",
        "endTime": "12:00:00",
        "scheduleTimezone": "America/Indiana/Indianapolis",
    }
    assert [each["startDate"] for each in found["subEvent"]] == [
        "2027-03-06T09:00:00-05:00",
        "2027-04-03T09:00:00-04:00",
        "2027-05-01T09:00:00-04:00",
    ]


async def test_a_rule_without_words_there_is_told_by_its_dates_alone(visit: Visit) -> None:
    series = Recurrence("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
    event_id = await publish(visit.context, visit.cast.anna, recurrence=series)
    found = await told(visit, event_id)
    assert "eventSchedule" not in found
    assert len(found["subEvent"]) > 10


async def test_whole_days_are_told_as_days(visit: Visit) -> None:
    midnight = STARTS.replace(hour=5)
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        starts_at=midnight,
        ends_at=midnight.replace(day=8),
        all_day=True,
    )
    found = await told(visit, event_id)
    assert (found["startDate"], found["endDate"]) == ("2027-03-06", "2027-03-07")


async def test_an_event_online_has_an_address_there(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        attendance_mode=AttendanceMode.HYBRID,
        online_url="https://meet.example/drive",
    )
    found = await told(visit, event_id)
    assert found["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [each["@type"] for each in found["location"]] == ["Place", "VirtualLocation"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/ld+json", "application/ld+json"),
        ("text/html;q=0.4, application/ld+json;q=0.9", "application/ld+json"),
        ("text/html, application/ld+json;q=0.9", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
    ],
)
async def test_the_page_gives_it_to_whoever_would_rather_have_it(
    visit: Visit, accept: str, media: str
) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    answer = await visit.get(f"/events/{event_id}", accept=accept)
    assert answer.headers["content-type"] == media
    assert answer.headers["vary"].split(", ")[0] == "Accept"
    if media == "application/ld+json":
        assert answer.json() == await told(visit, event_id)


async def test_the_page_holds_the_same_and_nothing_ends_its_element(visit: Visit) -> None:
    event_id = await publish(
        visit.context, visit.cast.anna, title="</script><script>alert(1)</script>&amp;\u2028"
    )
    page = (await visit.get(f"/events/{event_id}")).text
    assert page.count("<script") == page.count("</script") == 2  # beside the page's own
    inside = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert json.loads(inside) == await told(visit, event_id)


async def test_an_alliance_that_is_not_public_is_not_named(visit: Visit) -> None:
    """On no page and in no feed."""
    anna = visit.cast.anna
    quiet = await alliances.create(
        visit.context(operator_for(visit.cast.pantry)),
        NewAlliance(
            convener_id=visit.cast.pantry,
            slug="quiet-table",
            name="Quiet Table",
            purpose="To talk.",
            visibility=Visibility.PRIVATE,
            sharing=SharingPolicy(default_event_visibility=Visibility.PUBLIC),
        ),
    )
    event_id = await publish(visit.context, anna, share_with=(quiet, visit.cast.city_table))
    for suffix in ("", ".ics", ".jsonld"):
        assert "Quiet" not in (await visit.get(f"/events/{event_id}{suffix}")).text
    assert "City Table" in (await visit.get(f"/events/{event_id}")).text
