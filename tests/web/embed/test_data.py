"""What the element on another site is told: as text, ready to be shown."""

import json
from base64 import b64encode
from hashlib import sha384
from typing import Any

from tests.web.embed.shown import ATTACK, something_on
from tests.web.visiting import Visit
from web.embed.routes import integrity


async def told(visit: Visit, address: str) -> dict[str, Any]:
    answer = await visit.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-robots-tag"] == "noindex"
    found: dict[str, Any] = json.loads(answer.content)
    return found


async def test_a_list_says_each_date_in_the_words_of_the_page(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    found = await told(visit, f"{paths.alliance}.json")
    assert (found["name"], found["language"], found["direction"]) == ("City Table", "en", "ltr")
    assert found["url"] == f"http://hub.test/alliances/{visit.cast.city_table}"
    (day,) = found["days"]
    assert (day["day"], day["said"]) == ("2027-03-06", "Saturday, 6 March 2027")
    by_title = {date["title"]: date for date in day["dates"]}
    assert set(by_title) == {"Food drive", "Called off", ATTACK}
    food = by_title["Food drive"]
    assert food["url"].startswith("http://hub.test/events/evt_")
    assert food["when"] == "09:00 to 12:00"
    assert food["where"] == ["Town Hall", "River City Pantry"]
    assert (food["isOff"], food["said"]) == (False, None)
    off = by_title["Called off"]
    assert (off["isOff"], off["said"]) == (True, "Cancelled.")
    assert found["words"]["none"] is None
    assert found["words"]["all"] == "All dates of City Table"
    assert found["before"] is None


async def test_a_month_has_all_its_days_and_the_way_to_the_next(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    found = await told(visit, f"{paths.organization}.json?view=month&on=2027-03-06&lang=de")
    assert found["title"] == "März 2027"
    assert found["words"]["behind"] == "Monat danach"
    assert len(found["days"]) == 35
    assert [day["day"] for day in found["days"] if day["dates"]] == ["2027-03-06"]
    assert sum(day["isOther"] for day in found["days"]) == 4
    behind = await told(visit, found["behind"])
    assert behind["title"] == "April 2027"
    assert behind["words"]["none"] == "Keine Termine in diesem Monat."


async def test_a_map_has_its_places_by_number(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    found = await told(visit, f"{paths.hub}.json?view=map")
    assert sorted(place["name"] for place in found["places"]) == ["The Barn", "Town Hall"]
    assert sorted(spot[2] for spot in found["map"]["spots"]) == ["1", "2"]
    assert found["map"]["scale"]["words"].endswith("km")
    assert found["days"] == []


async def test_the_language_is_that_of_the_address_alone(visit: Visit) -> None:
    """Caches keep one copy for all who ask."""
    paths = await something_on(visit.context, visit.cast)
    answer = await visit.get(f"{paths.organization}.json", accept_language="de")
    assert answer.json()["language"] == "en"
    assert "vary" not in answer.headers
    other = await told(visit, f"{paths.organization}.json?lang=ar")
    assert (other["language"], other["direction"]) == ("ar", "rtl")
    assert "حملة الغذاء" in {date["title"] for day in other["days"] for date in day["dates"]}


async def test_any_page_may_load_the_script_and_pin_it(visit: Visit) -> None:
    answer = await visit.get("/static/convoke-events.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert integrity() == f"sha384-{b64encode(sha384(answer.content).digest()).decode()}"
    assert len(answer.content) < 10_000
    for other in ("/static/pages.css", "/static/pages.js"):
        headers = (await visit.get(other)).headers
        assert "access-control-allow-origin" not in headers
        assert "cross-origin-resource-policy" not in headers
