"""What anybody may see, as people see it."""

import pytest
from playwright.async_api import Page

from domain.events import EventStatus
from domain.places import Place
from domain.recurrence import Recurrence
from tests.cast import publish, start_group
from tests.pictures.chromium import HUB
from tests.pictures.looking import PHONE, Studio, press


async def busy(studio: Studio) -> str:
    """Some dates in several places, shared with the alliance; the id of a series."""
    anna, table = studio.counter.cast.anna, studio.counter.cast.city_table
    barn = Place(name="The Barn", locality="River City", latitude=39.2, longitude=-86.4)
    series = await publish(
        studio.context,
        anna,
        title="Food drive",
        summary="Bring tins.",
        description="Everybody is welcome.\n\nhttps://tins.example",
        share_with=(table,),
        causes=("food", "poverty"),
        recurrence=Recurrence("FREQ=WEEKLY"),
        translations={"ar": {"title": "حملة الغذاء", "description": "أحضروا المعلبات"}},
    )
    await publish(studio.context, anna, title="Barn dance", place=barn, share_with=(table,))
    await publish(
        studio.context,
        anna,
        title="Called off",
        status=EventStatus.CANCELLED,
        share_with=(table,),
    )
    await start_group(studio.context, anna, "drivers", purpose="To drive.")
    return series


async def test_the_first_page(studio: Studio) -> None:
    await busy(studio)
    await studio.pictures("home", "/", studio.counter.browser)


@pytest.mark.parametrize("view", ["list", "week", "month", "map"])
async def test_the_events_of_the_hub(studio: Studio, view: str) -> None:
    await busy(studio)
    path = f"/events?view={view}&on=2027-03-06"
    await studio.pictures(f"events-{view}", path, studio.counter.browser)


async def test_what_is_near(studio: Studio) -> None:
    await busy(studio)
    await studio.pictures("near", "/events?near=39.17,-86.53", studio.counter.browser)


@pytest.mark.parametrize("name", ["organizations", "alliances", "search?q=food", "search"])
async def test_what_is_listed_and_found(studio: Studio, name: str) -> None:
    await busy(studio)
    await studio.pictures(name.replace("?q=", "-"), f"/{name}", studio.counter.browser)


async def test_an_event(studio: Studio) -> None:
    event_id = await busy(studio)
    await studio.pictures("event", f"/events/{event_id}", studio.counter.browser)


async def test_an_event_in_arabic(studio: Studio) -> None:
    event_id = await busy(studio)
    await studio.pictures("event-ar", f"/events/{event_id}?lang=ar", studio.counter.browser)


async def test_an_event_that_was_called_off(studio: Studio) -> None:
    event_id = await publish(studio.context, studio.counter.cast.anna, status=EventStatus.CANCELLED)
    await studio.pictures("event-off", f"/events/{event_id}", studio.counter.browser)


async def test_a_form_with_mistakes_in_it(studio: Studio) -> None:
    event_id = await busy(studio)

    async def mistaken(page: Page) -> None:
        await page.evaluate("document.querySelector('#rsvp').noValidate = true")
        await page.locator("#rsvp-email").fill("mei")
        await press(page, "Send")

    await studio.pictures("answer", f"/events/{event_id}", studio.counter.browser, mistaken)


async def test_somebody_finds_an_event_and_says_that_they_come_without_a_script(
    studio: Studio,
) -> None:
    await busy(studio)

    async def journey(page: Page) -> str:
        await page.set_viewport_size({"width": PHONE, "height": 780})
        await page.goto(f"{HUB}/")
        await page.get_by_label("What are you looking for?").fill("tins")
        await press(page, "Search")
        await page.get_by_role("link", name="Food drive").click()
        await page.get_by_role("link", name="I will come").click()
        await page.get_by_label("Your name").fill("Mei")
        await page.get_by_label("Your email address").fill("mei@people.example")
        await press(page, "Send")
        return await page.inner_text("h1")

    assert await studio.chromium.look(journey, scripts=False) == "Look into your mail"


async def test_with_a_script_a_page_says_the_time_on_the_readers_clock(studio: Studio) -> None:
    event_id = await busy(studio)

    async def clock(page: Page) -> tuple[str, list[str]]:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(error.message))
        await page.goto(f"{HUB}/events/{event_id}")
        return await page.get_by_text("On your clock:").inner_text(), said

    told, said = await studio.chromium.look(clock)
    assert "6" in told
    assert said == []


async def test_an_organization(studio: Studio) -> None:
    await busy(studio)
    path = f"/organizations/{studio.counter.cast.pantry}"
    await studio.pictures("organization", path, studio.counter.browser)


@pytest.mark.parametrize("view", ["list", "week", "month", "map"])
async def test_an_alliance(studio: Studio, view: str) -> None:
    await busy(studio)
    path = f"/alliances/{studio.counter.cast.city_table}?view={view}&on=2027-03-06"
    await studio.pictures(f"alliance-{view}", path, studio.counter.browser)


async def test_a_group(studio: Studio) -> None:
    group_id = await start_group(studio.context, studio.counter.cast.anna, "drivers")
    await studio.pictures("group", f"/groups/{group_id}", studio.counter.browser)


async def test_nothing_there(studio: Studio) -> None:
    await studio.pictures("nothing-there", "/events/none", studio.counter.browser)


async def test_an_address_that_is_not_understood(studio: Studio) -> None:
    await studio.pictures("trouble", "/events?near=here", studio.counter.browser)
