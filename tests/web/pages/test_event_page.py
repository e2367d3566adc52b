"""The page of an event: what a visitor learns, and what nobody may slip into it."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha384

import pytest

from domain.events import Accessibility, AccessibilityStatus, EventStatus
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import co_hosting, events, publishing
from resolvers.operating import operator_for
from tests.cast import STARTS, publish, start_group
from tests.one_date import change_one
from tests.web.pages.reading import Read, read
from tests.web.visiting import Visit


async def shown(visit: Visit, event_id: str, query: str = "") -> Read:
    return read(await visit.page(f"/events/{event_id}{query}"))


async def test_a_visitor_learns_when_where_and_with_whom(visit: Visit) -> None:
    anna = visit.cast.anna
    group_id = await start_group(visit.context, anna, "drivers")
    event_id = await publish(
        visit.context,
        anna,
        summary="Bring tins.",
        group_id=group_id,
        share_with=(visit.cast.city_table,),
        languages=("en", "ar"),
        accessibility=Accessibility(AccessibilityStatus.PARTLY, "One step at the door."),
        is_free=True,
        capacity=80,
        causes=("food",),
    )
    ctx = visit.context(operator_for(visit.cast.pantry))
    async with ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, event_id, visit.cast.shelter)
    page = await shown(visit, event_id)
    for said in (
        "Food drive",
        "Bring tins.",
        "Saturday, 6 March 2027, 09:00 to 12:00",
        "Time of America/Indiana/Indianapolis (UTC-05:00)",
        "Town Hall 1 Main Street River City, Indiana, US",
        "Hosted by River City Pantry and Harbor Shelter",
        "Group Drivers",
        "Shared with City Table",
        "Partly accessible for people with disabilities One step at the door.",
        "Languages English, العربية",
        "Cost Free",
        "Room for 80 people",
        "Topics food",
    ):
        assert said in page.words, said
    address = f"http://hub.test/events/{event_id}"
    assert f"http://hub.test/groups/{group_id}" in page.links
    assert f"http://hub.test/alliances/{visit.cast.city_table}" in page.links
    assert f"{address}.ics" in page.links
    assert (
        "https://www.openstreetmap.org/?mlat=39.16530&mlon=-86.52640#map=17/39.16530/-86.52640"
        in page.links
    )
    assert ("link", "href", address) in page.attributes
    assert page.metas["og:title"] == "Food drive"
    assert page.metas["og:url"] == address
    assert page.metas["og:description"] == "Bring tins."
    assert "robots" not in page.metas


async def test_a_cancelled_event_says_so_first_and_in_every_title(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=EventStatus.CANCELLED)
    page = await shown(visit, event_id)
    assert page.words.startswith("Cancelled: Food drive · River City")
    _, _, body = page.words.partition("To the content")
    assert body.index("Cancelled. It does not take place.") < body.index("Food drive")
    assert page.metas["og:title"] == "Cancelled. Food drive"
    assert "Add to calendar" not in page.words


async def test_a_cancelled_event_says_why(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    await publishing.cancel(visit.context(visit.cast.anna), event_id, 1, "Flood & mud.")
    page = await shown(visit, event_id)
    assert "Cancelled. It does not take place. Flood & mud." in page.words
    calendar = (await visit.get(f"/events/{event_id}.ics")).text
    assert "Cancelled. It does not take place.\\n\\nFlood & mud." in calendar.replace("\r\n ", "")


async def test_a_postponed_event_says_so_first(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=EventStatus.POSTPONED)
    page = await shown(visit, event_id)
    assert "Postponed. It does not take place then." in page.words
    visit.clock.forward(days=6)
    assert "It has taken place." not in (await shown(visit, event_id)).words


async def test_an_event_that_is_over_says_so(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    visit.clock.forward(days=6)
    page = await shown(visit, event_id)
    assert "Over. It has taken place." in page.words
    assert "Add to calendar" not in page.words


async def test_of_a_series_the_next_dates_are_shown_and_which_differ(visit: Visit) -> None:
    series = Recurrence("FREQ=WEEKLY;COUNT=4")
    event_id = await publish(visit.context, visit.cast.anna, recurrence=series)
    second, third = STARTS + timedelta(days=7), STARTS + timedelta(days=13, hours=23)
    database, names, barn = visit.database, visit.context().names, Place(name="The Barn")
    await change_one(database, names, event_id, second, status=EventStatus.CANCELLED)
    await change_one(database, names, event_id, third, title="Barn drive", place=barn)
    visit.clock.at = STARTS + timedelta(days=1)
    page = await shown(visit, event_id)
    assert "Next Saturday, 13 March 2027, 09:00 to 12:00" in page.words
    assert "Repeats every week" in page.words
    assert "13 March 2027, 09:00 to 12:00 Cancelled." in page.words
    assert "20 March 2027, 09:00 to 12:00 Barn drive The Barn" in page.words
    assert "6 March" not in page.words


async def test_peoples_words_are_words_whatever_they_look_like(visit: Visit) -> None:
    attack = "<img src=x onerror=alert(1)> \"'><script>alert(2)</script> {{ 7*7 }}"
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        title=attack,
        summary=attack,
        description=f"{attack}\n\nhttps://tins.example/a?b=1&c=2. javascript:alert(3)",
        place=Place(name=attack, locality=attack),
        causes=(attack[:60],),
        accessibility=Accessibility(AccessibilityStatus.PARTLY, attack),
    )
    text = await visit.page(f"/events/{event_id}")
    page = read(text)
    assert "<img" not in text
    assert "<script>" not in text
    assert not [each for each in page.attributes if each[1].startswith("on")]
    assert attack in page.words
    assert page.links["https://tins.example/a?b=1&c=2"]["rel"] == "nofollow noopener"
    assert not [link for link in page.links if "javascript" in link.split("?")[0]]
    assert "\n\n<a" in text  # its lines are kept


async def test_the_page_runs_its_one_script_and_loads_nothing_from_elsewhere(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    answer = await visit.get(f"/events/{event_id}")
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; script-src 'self'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in answer.headers
    page = read(answer.text)
    style, script = page.loaded
    sheet = await visit.get(style)
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text
    run = await visit.get(script)
    assert run.headers["content-type"] == "text/javascript; charset=utf-8"
    assert run.headers["cache-control"] == "public, max-age=31536000, immutable"
    digest = b64encode(sha384(run.content).digest()).decode()
    assert ("script", "integrity", f"sha384-{digest}") in page.attributes


async def test_a_page_of_a_long_series_is_small(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        description="word " * 1_500,
        recurrence=Recurrence("FREQ=DAILY"),
    )
    body = (await visit.get(f"/events/{event_id}")).content
    assert len(body) < 50_000


async def test_a_translation_is_shown_to_whoever_asks_for_it(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        translations={"ar": {"title": "حملة الغذاء", "description": "أحضروا المعلبات"}},
        recurrence=Recurrence("FREQ=WEEKLY;COUNT=3"),
    )
    page = await shown(visit, event_id)
    assert page.links["?lang=ar"]["hreflang"] == "ar"
    translated = await shown(visit, event_id, "?lang=ar-EG")
    assert "حملة الغذاء" in translated.words
    assert "أحضروا المعلبات" in translated.words
    assert "Food drive" not in translated.words
    assert ("h1", "lang", "ar") in translated.attributes
    assert ("h1", "dir", "auto") in translated.attributes
    for unknown in ("?lang=sw", "?lang=%00", "?lang="):
        assert (await shown(visit, event_id, unknown)).words == page.words


async def test_an_unlisted_event_is_shown_and_kept_out_of_search_engines(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, visibility=Visibility.UNLISTED)
    assert (await shown(visit, event_id)).metas["robots"] == "noindex"
    assert event_id not in await visit.page(f"/organizations/{visit.cast.pantry}")


async def test_a_place_that_is_only_roughly_public_is_on_no_map(visit: Visit) -> None:
    rough = Place("Anna's", "3 Mill Lane", "River City", precision=PlacePrecision.NEAR)
    event_id = await publish(visit.context, visit.cast.anna, place=rough)
    page = await shown(visit, event_id)
    assert "Anna's River City Only roughly here" in page.words
    assert "Mill Lane" not in page.words
    assert not [link for link in page.links if "openstreetmap" in link]


@pytest.mark.parametrize(
    ("starts", "ends", "all_day", "said"),
    [
        ((6, 5), (7, 5), True, "When Saturday, 6 March 2027 I will come Where"),
        ((6, 5), (8, 5), True, "Saturday, 6 March 2027 to Sunday, 7 March 2027"),
        ((7, 3), (7, 8), False, "Saturday, 6 March 2027, 22:00 to 03:00"),
        ((6, 14), (7, 20), False, "Saturday, 6 March 2027, 09:00 to Sunday, 7 March 2027, 15:00"),
        ((6, 14), None, False, "When Saturday, 6 March 2027, 09:00 Time"),
    ],
)
async def test_times_are_said_as_people_say_them(
    visit: Visit, starts: tuple[int, int], ends: tuple[int, int] | None, all_day: bool, said: str
) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        starts_at=datetime(2027, 3, *starts, tzinfo=UTC),
        ends_at=datetime(2027, 3, *ends, tzinfo=UTC) if ends else None,
        all_day=all_day,
    )
    assert said in (await shown(visit, event_id)).words


async def test_a_change_is_seen_and_what_did_not_change_is_not_sent_again(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    first = await visit.get(f"/events/{event_id}")
    tag = first.headers["etag"]
    again = await visit.get(f"/events/{event_id}", if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"]
    await events.update(visit.context(visit.cast.anna), event_id, 1, {"title": "Blanket drive"})
    changed = await visit.get(f"/events/{event_id}", if_none_match=tag)
    assert changed.status_code == 200
    assert "Blanket drive" in changed.text
