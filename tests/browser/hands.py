"""Somebody before a browser, with a mouse or with the keys alone: what they follow, press and fill in.

By the keys every control is reached with Tab, and where it is must be seen. Whatever leads on is
waited for. The same journey is gone in all of `WAYS`.
"""

from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Locator, Page

from tests.pictures.chromium import Chromium

MOST_TABS = 150
Role = Literal["link", "button", "radio", "checkbox"]

# A ring of its own, or of the label that it stands in; and not outside of what is shown.
_IS_SEEN = """(each) => {
  const ringed = (one) => one && getComputedStyle(one).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
  const box = each.getBoundingClientRect();
  return Boolean(ringed(each) || ringed(each.closest('label')))
    && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}"""
_HAS_FOCUS = "(each) => each === document.activeElement"
# Of radio buttons with one name, Tab reaches the one that is chosen (ARIA, radio group).
_ITS_GROUP_HAS = """(each) => { const at = document.activeElement;
  return at === each || (at.type === 'radio' && at.name === each.name && at.form === each.form) }"""


@dataclass(frozen=True)
class Way:
    """How somebody goes: how wide their screen is, with scripts or without, and with what."""

    name: str
    width: int
    scripts: bool
    by_keys: bool = False


WAYS = (
    Way("phone", 360, scripts=True),
    Way("desk", 1280, scripts=True),
    Way("phone-without-script", 360, scripts=False),
    Way("desk-without-script", 1280, scripts=False),
    Way("keys-alone", 1280, scripts=True, by_keys=True),
)


@dataclass(frozen=True)
class Hands:
    """One person's browser. Each step is done in Chromium's thread, while the hubs answer in this."""

    chromium: Chromium
    page: Page
    way: Way

    async def opens(self, address: str) -> None:
        """A link from elsewhere: out of a letter, or kept."""
        await self.chromium.do(self.page.goto(address))

    async def follows(self, name: str) -> None:
        await self._leads_on(self._called("link", name))

    async def presses(self, name: str) -> None:
        await self._leads_on(self._called("button", name))

    async def fills(self, label: str, words: str) -> None:
        field = self.page.get_by_label(label)
        if not self.way.by_keys:
            await self.chromium.do(field.fill(words))
            return
        await self._reaches(field, _HAS_FOCUS)
        await self.chromium.do(self._typed(words))

    async def chooses(self, role: Literal["radio", "checkbox"], words: str) -> None:
        """What stands beside it says more than its first words."""
        choice = self.page.get_by_role(role, name=words)
        if not self.way.by_keys:
            await self.chromium.do(choice.check())
            return
        await self._reaches(choice, _ITS_GROUP_HAS if role == "radio" else _HAS_FOCUS)
        await self.chromium.do(self._chosen(choice, "ArrowDown" if role == "radio" else "Space"))

    async def reads(self) -> str:
        """The words of the page before them."""
        return await self.chromium.do(self.page.inner_text("main"))

    async def heading(self) -> str:
        return await self.chromium.do(self.page.inner_text("h1"))

    async def is_as_wide_as_the_screen(self) -> bool:
        wide = await self.chromium.do(
            self.page.evaluate("() => document.scrollingElement.scrollWidth")
        )
        return bool(wide <= self.way.width)

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    def _called(self, role: Role, name: str) -> Locator:
        return self.page.get_by_role(role, name=name, exact=True)

    async def _leads_on(self, control: Locator) -> None:
        if self.way.by_keys:
            await self._reaches(control, _HAS_FOCUS)
        await self.chromium.do(self._led_on(control))
        assert await self.is_as_wide_as_the_screen(), self.page.url

    async def _led_on(self, control: Locator) -> None:
        async with self.page.expect_navigation():
            if self.way.by_keys:
                await self.page.keyboard.press("Enter")
            else:
                await control.click()

    async def _reaches(self, control: Locator, has_focus: str) -> None:
        await self.chromium.do(self._tabbed(control, has_focus))

    async def _tabbed(self, control: Locator, has_focus: str) -> None:
        """Fails where Tab does not lead there, or where nobody sees that it did."""
        for _ in range(MOST_TABS):
            if await control.evaluate(has_focus):
                break
            await self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"Tab does not lead to {control} on {self.page.url}")
        assert await self.page.locator(":focus").evaluate(_IS_SEEN), (
            f"Nobody sees that {control} has the focus, on {self.page.url}"
        )

    async def _typed(self, words: str) -> None:
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(words)

    async def _chosen(self, choice: Locator, key: str) -> None:
        for _ in range(MOST_TABS):
            if await choice.is_checked():
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not choose {choice} on {self.page.url}")
