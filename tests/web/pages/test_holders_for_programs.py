"""What the pages of organizations, groups and alliances have for programs: JSON-LD and feeds."""

import json
from typing import Any

import pytest

from domain.events import EventStatus
from resolvers import organizations
from tests.cast import publish, start_group
from tests.web.pages.reading import read
from tests.web.visiting import Visit

MEDIA = {
    "text/calendar": "ics",
    "application/atom+xml": "atom",
    "text/csv": "csv",
    "application/ld+json": "jsonld",
}


async def told(visit: Visit, path: str) -> dict[str, Any]:
    answer = await visit.get(f"{path}.jsonld")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    found: dict[str, Any] = answer.json()
    assert found["@context"] == "https://schema.org"
    return found


async def test_a_search_engine_learns_what_an_organization_is(visit: Visit) -> None:
    anna, pantry = visit.cast.anna, visit.cast.pantry
    words: organizations.OrganizationChanges = {
        "summary": "Food for all.",
        "website": "https://pantry.example/",
        "causes": ("food",),
    }
    await organizations.update(visit.context(anna), pantry, 1, words)
    drivers = await start_group(visit.context, anna, "drivers")
    event_id = await publish(visit.context, anna, status=EventStatus.CANCELLED)
    page = f"http://hub.test/organizations/{pantry}"
    address = {
        "@type": "PostalAddress",
        "streetAddress": "1 Main Street",
        "addressLocality": "River City",
        "addressRegion": "Indiana",
        "addressCountry": "US",
    }
    place = {
        "@type": "Place",
        "name": "Town Hall",
        "address": address,
        "geo": {"@type": "GeoCoordinates", "latitude": 39.1653, "longitude": -86.5264},
    }
    assert await told(visit, f"/organizations/{pantry}") == {
        "@context": "https://schema.org",
        "@type": "NGO",
        "@id": page,
        "identifier": pantry,
        "url": page,
        "name": "River City Pantry",
        "keywords": ["food"],
        "description": "Food for all.",
        "disambiguatingDescription": "Food for all.",
        "sameAs": "https://pantry.example/",
        "knowsLanguage": ["en"],
        "location": place,
        "subOrganization": [
            {
                "@type": "Organization",
                "name": "Drivers",
                "url": f"http://hub.test/groups/{drivers}",
            }
        ],
        "memberOf": [
            {
                "@type": "Organization",
                "name": "City Table",
                "url": f"http://hub.test/alliances/{visit.cast.city_table}",
            }
        ],
        "event": [
            {
                "@type": "Event",
                "name": "Food drive",
                "url": f"http://hub.test/events/{event_id}",
                "eventStatus": "https://schema.org/EventCancelled",
                "startDate": "2027-03-06T09:00:00-05:00",
                "endDate": "2027-03-06T12:00:00-05:00",
                "location": place,
                "organizer": {"@type": "Organization", "name": "River City Pantry", "url": page},
            }
        ],
    }


async def test_a_group_is_part_of_its_organization(visit: Visit) -> None:
    anna = visit.cast.anna
    drivers = await start_group(visit.context, anna, "drivers", purpose="To drive.")
    vans = await start_group(visit.context, anna, "vans", parent_id=drivers)
    found = await told(visit, f"/groups/{drivers}")
    assert (found["@type"], found["name"], found["description"]) == (
        "Organization",
        "Drivers",
        "To drive.",
    )
    assert found["parentOrganization"]["name"] == "River City Pantry"
    assert [each["name"] for each in found["subOrganization"]] == ["Vans"]
    part = await told(visit, f"/groups/{vans}")
    assert part["parentOrganization"]["name"] == "Drivers"
    assert "event" not in part


async def test_an_alliance_has_its_members(visit: Visit) -> None:
    table = visit.cast.city_table
    await publish(visit.context, visit.cast.sam, title="Supper for all", share_with=(table,))
    found = await told(visit, f"/alliances/{table}")
    assert found["description"] == "Nobody in River City goes to bed hungry."
    convener, member = found["member"]
    assert (convener["@type"], convener["roleName"]) == ("OrganizationRole", "convener")
    assert convener["member"]["name"] == "River City Pantry"
    assert (member["@type"], member["name"]) == ("NGO", "Harbor Shelter")
    assert [each["name"] for each in found["event"]] == ["Supper for all"]


async def paths(visit: Visit) -> list[str]:
    group_id = await start_group(visit.context, visit.cast.anna, "drivers")
    await publish(
        visit.context,
        visit.cast.anna,
        group_id=group_id,
        title="</script><script>alert(1)</script>&amp;\u2028",
        share_with=(visit.cast.city_table,),
    )
    return [
        f"/organizations/{visit.cast.pantry}",
        f"/groups/{group_id}",
        f"/alliances/{visit.cast.city_table}",
    ]


async def test_the_page_holds_the_same_and_nothing_ends_its_element(visit: Visit) -> None:
    for path in await paths(visit):
        page = (await visit.get(path)).text
        assert page.count("<script") == page.count("</script") == 1
        inside = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        assert json.loads(inside) == await told(visit, path)
        assert "alert(1)" in inside


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/ld+json", "application/ld+json"),
        ("text/html, application/ld+json;q=0.9", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
    ],
)
async def test_the_page_gives_it_to_whoever_would_rather_have_it(
    visit: Visit, accept: str, media: str
) -> None:
    for path in await paths(visit):
        answer = await visit.get(path, accept=accept)
        assert answer.headers["content-type"] == media
        assert answer.headers["vary"].split(", ")[0] == "Accept"
        if media == "application/ld+json":
            assert answer.json() == await told(visit, path)


async def test_every_page_leads_to_its_feeds(visit: Visit) -> None:
    for path in await paths(visit):
        text = await visit.page(path)
        page = read(text)
        for media, ending in MEDIA.items():
            assert f'<link rel="alternate" type="{media}"' in text
            assert ("link", "href", f"{path}.{ending}") in page.attributes
            answer = await visit.get(f"{path}.{ending}")
            assert answer.headers["content-type"].startswith(media)
        assert "Subscribe in a calendar News (Atom) Table (CSV)" in page.words
        for ending in ("ics", "atom", "csv"):
            assert f"{path}.{ending}" in page.links
