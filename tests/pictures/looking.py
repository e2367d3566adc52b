"""A page looked at as people have it: on a phone and on a desk, by day and by night."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Page

from tests.cast import MakeContext
from tests.pictures.chromium import HUB, Chromium
from tests.web.account.browsing import Browser
from tests.web.account.conftest import Counter

PHONE, DESK, HIGH = 360, 1280, 780
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
NARROWEST = 320  # WCAG 2.2 s1.4.10: 1280 px at 400 %
TOUCH = 44  # CSS px: WCAG 2.2 s2.5.5, and more than a shaky thumb needs
Steps = Callable[[Page], Awaitable[None]]
Seen = tuple[list[Any], list[str], int]  # axe's faults, what is too small, how much too wide it is

# Fields and buttons, and links that stand for themselves; a box or a dot by its label, which is
# what a thumb hits.
_SMALL = """(least) => [...document.querySelectorAll(
    'button, select, textarea, a.button, summary, nav a, .account .things > li > a, ' +
    'input:not([type=hidden])')]
  .map((each) => ['checkbox', 'radio'].includes(each.type) ? each.closest('label') || each : each)
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < least)
  .map((each) => each.outerHTML.slice(0, 120))"""
_WIDE = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
_FAULTS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map((each) => [each.impact, each.id, each.nodes.map((node) => node.html.slice(0, 200))])"""


@dataclass(frozen=True)
class Studio:
    chromium: Chromium
    axe: str
    counter: Counter
    context: MakeContext
    kept: Path | None

    async def pictures(self, name: str, path: str, who: Browser, then: Steps | None = None) -> None:
        """Looks at what is at the path, or at what the steps lead to; fails where it is no good."""

        async def at(page: Page) -> dict[str, Seen]:
            await page.goto(HUB + path)
            if then is not None:
                await then(page)
            return {
                f"{name}-{width}-{scheme}": await self._in_light(page, name, width, scheme)
                for width in (PHONE, DESK)
                for scheme in SCHEMES
            }

        seen = await self.chromium.look(at, dict(who.http.cookies), held_to_the_policy=False)
        wrong = {where: each for where, each in seen.items() if each != ([], [], 0)}
        assert not wrong, wrong

    async def _in_light(
        self, page: Page, name: str, width: int, scheme: Literal["light", "dark"]
    ) -> Seen:
        await page.emulate_media(color_scheme=scheme)
        return await self.seen(page, f"{name}-{width}-{scheme}", width)

    async def seen(self, page: Page, name: str, width: int, *, by_axe: bool = True) -> Seen:
        """What is wrong with the page as it stands; its picture goes by that name."""
        await page.set_viewport_size({"width": width, "height": HIGH})
        if self.kept is not None:
            await page.screenshot(path=self.kept / f"{name}.png", full_page=True)
        faults = await self._faults(page) if by_axe else []
        small = await page.evaluate(_SMALL, TOUCH)
        await page.set_viewport_size({"width": min(width, NARROWEST), "height": HIGH})
        return faults, small, await page.evaluate(_WIDE)

    async def _faults(self, page: Page) -> list[Any]:
        """What axe says; it is in the page from then on."""
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(self.axe)
        return [each for each in await page.evaluate(_FAULTS) if each[0] != "minor"]


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await page.wait_for_load_state()
