"""Signing in through an organization's own provider: in Chromium, and as its pages look."""

import pytest
from playwright.async_api import Page
from starlette.responses import Response

from tests.auth.lying_provider import CLOSING, Provider
from tests.pictures.chromium import HUB
from tests.pictures.looking import Studio, press
from tests.web.account.providers.conftest import patience, service, there
from tests.web.account.providers.pantry import MINE, Pantry, set_up

__all__ = ["patience", "service", "there"]

BUTTON = "River City Pantry: Pantry login"


@pytest.fixture
async def pantry(studio: Studio, there: Provider) -> Pantry:  # the fixture
    return await set_up(studio.counter, there)


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_browser_is_led_there_and_back(
    studio: Studio, pantry: Pantry, scripts: bool
) -> None:
    """Its policy lets no form lead elsewhere, so that this is worth a real one."""
    await pantry.connect(studio.counter.cast.anna_id)

    async def led(page: Page) -> str:
        await page.goto(f"{HUB}/account/sign-in?next=/account/sessions")
        await page.get_by_role("button", name=BUTTON).click()
        await page.wait_for_url(f"{HUB}/account/sessions")
        return await page.inner_text("footer")

    assert "Anna" in await studio.chromium.look(led, scripts=scripts)


async def test_the_pages_of_providers(studio: Studio, pantry: Pantry) -> None:
    anna, nobody = studio.counter.anna, studio.counter.browser
    pantry.there.instead["/authorize"] = Response(status_code=204, headers=CLOSING)  # one stays

    async def go(page: Page) -> None:
        await press(page, BUTTON)

    await studio.pictures("providers-sign-in", "/account/sign-in", nobody)
    await studio.pictures("providers", "/account/providers", nobody)
    await studio.pictures("providers-going", "/account/providers", nobody, go)
    await studio.pictures("providers-failed", f"{pantry.callback}?state=none", nobody)
    await studio.pictures("providers-none-connected", MINE, anna)
    pantry.there.repent()
    for name, who, page in (("stranger", nobody, "/account/sign-in"), ("waiting", anna, MINE)):
        waits = (await pantry.sign_in(who, page)).headers["location"]
        await studio.pictures(f"providers-{name}", waits, who)
    await studio.pictures("providers-waits", MINE, anna)
    await studio.pictures("providers-security-waits", "/account/security", anna)
    await pantry.connect(studio.counter.cast.anna_id)
    await studio.pictures("providers-connected", MINE, anna)
    await studio.pictures("providers-security", "/account/security", anna)
    team = "/account/team/river-city-pantry/providers"
    await studio.pictures("providers-team", team, anna)
    await studio.pictures("providers-remove", f"{team}/{pantry.provider.id}/remove", anna)
