"""Every page there is, on a phone and on a desk, and on a phone in Arabic: nothing that shuts people
out, nothing wider than the screen. With --screenshots there is a picture of each.

Which pages there are says the application itself (`tests/web/every_page`).
"""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.pictures.chromium import HUB
from tests.pictures.looking import DESK, HIGH, PHONE, Studio
from tests.web.every_page.addresses import Address, Who
from tests.web.every_page.conftest import ids, service
from tests.web.every_page.furnished import Ids
from tests.web.every_page.test_every_page import pages

__all__ = ["ids", "service"]

PARTS = 4  # so that none takes long
Faults = dict[str, Any]


@pytest.mark.parametrize("who", ["nobody", "anna"])
@pytest.mark.parametrize("part", range(PARTS))
async def test_it_is_legible_and_shuts_nobody_out(
    studio: Studio, ids: Ids, who: Who, part: int
) -> None:
    all_of_them = [each for each in pages(studio.counter, ids) if each.who == who]
    found = all_of_them[part::PARTS]
    assert found
    browser = {"anna": studio.counter.anna, "nobody": studio.counter.browser}[who]

    async def english(page: Page) -> Faults:
        return await looked_at(studio, page, found, (PHONE, DESK))

    async def arabic(page: Page) -> Faults:
        return await looked_at(studio, page, found, (PHONE,), "ar")

    for walk in (english, arabic):
        cookies = dict(browser.http.cookies)
        assert await studio.chromium.look(walk, cookies, held_to_the_policy=False) == {}


async def looked_at(
    studio: Studio,
    page: Page,
    addresses: list[Address],
    widths: tuple[int, ...],
    tongue: str = "en",
) -> Faults:
    """What is wrong with each, by the name of its picture."""
    wrong: Faults = {}
    for where in addresses:
        sign = "&" if "?" in where.path else "?"
        await page.set_viewport_size({"width": widths[0], "height": HIGH})
        answer = await page.goto(f"{HUB}{where.path}{sign}lang={tongue}")
        assert answer is not None
        assert answer.status == 200, where
        for width in widths:
            name = f"every-{where.name}-{width}" + (f"-{tongue}" if tongue != "en" else "")
            # Colours and names are the same at each width and in each language.
            by_axe = width == PHONE and tongue == "en"
            found = await studio.seen(page, name, width, by_axe=by_axe)
            if found != ([], [], 0):
                wrong[name] = found
    return wrong
