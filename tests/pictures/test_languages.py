"""The pages in languages that go the other way, or have long words."""

import pytest
from playwright.async_api import Page

from tests.cast import publish
from tests.pictures.chromium import HUB
from tests.pictures.looking import Studio
from tests.pictures.test_public_pages import busy

PUBLIC = {
    "home": "/",
    "events": "/events",
    "events-month": "/events?view=month&on=2027-03-06",
    "events-map": "/events?view=map",
    "organizations": "/organizations",
    "organization": "/organizations/{organization}",
    "alliance": "/alliances/{alliance}",
    "search": "/search?q=food",
    "sign-in": "/account/sign-in",
}
OWN = {
    "account": "/account",
    "security": "/account/security",
    "sessions": "/account/sessions",
    "team": "/account/team/river-city-pantry",
    "apps": "/account/apps/river-city-pantry/register/app",
}


@pytest.mark.parametrize("tag", ["ar", "de"])
async def test_what_anybody_may_see(studio: Studio, tag: str) -> None:
    event_id = await busy(studio)
    cast = studio.counter.cast
    for name, path in {**PUBLIC, "event": f"/events/{event_id}"}.items():
        asked = path.format(organization=cast.pantry, alliance=cast.city_table)
        asked += f"{'&' if '?' in asked else '?'}lang={tag}"
        await studio.pictures(f"{name}-{tag}", asked, studio.counter.browser)


@pytest.mark.parametrize("tag", ["ar", "de"])
async def test_what_is_somebodys_own(studio: Studio, tag: str) -> None:
    for name, path in OWN.items():
        await studio.pictures(f"{name}-{tag}", f"{path}?lang={tag}", studio.counter.anna)


async def test_a_title_in_other_letters_begins_where_the_page_does(studio: Studio) -> None:
    event_id = await publish(studio.context, studio.counter.cast.anna, title="Soup")

    async def side(page: Page) -> str:
        await page.goto(f"{HUB}/events/{event_id}?lang=ar")
        title = page.locator("h1")
        return str(await title.evaluate("(each) => getComputedStyle(each).textAlign"))

    assert await studio.chromium.look(side) == "right"


@pytest.mark.parametrize("tag", ["ar", "de"])
async def test_why_something_was_not_done(studio: Studio, tag: str) -> None:
    event_id = await publish(studio.context, studio.counter.cast.anna, title="Soup", capacity=2)

    async def sent(page: Page) -> None:
        await page.fill("[name=name]", "Kim")
        await page.fill("[name=email]", "kim@street.example")
        await page.fill("[name=guests]", "4")
        await page.locator("main form button").first.click()
        assert await page.locator("main [lang=en]").count() == 0
        assert "places" not in await page.locator("main").inner_text()

    path = f"/events/{event_id}/rsvp?lang={tag}"
    await studio.pictures(f"refused-guest-{tag}", path, studio.counter.browser, sent)
    await studio.pictures(
        f"refused-{tag}", f"/events?near=nowhere&lang={tag}", studio.counter.browser
    )
