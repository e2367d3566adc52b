"""Dates on other sites, as a browser shows them: where they are allowed, and where not."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Request

from resolvers import embedding
from tests.pictures.chromium import HUB
from tests.pictures.elsewhere import Elsewhere, site_elsewhere
from tests.pictures.looking import HIGH, Studio
from tests.web.embed.shown import ATTACK, Paths, something_on
from web.embed.routes import integrity
from web.embed.snippets import Wanted, snippets_of
from web.pages.views import View

NARROW, WIDE = 240, 1280
VIEWS = list(View)
_LINKS = """(one) => [...one.shadowRoot.querySelectorAll("a")]
  .map((link) => `${link.href} ${link.target} ${link.rel}`)"""
_WORDS = "(one) => one.shadowRoot.firstElementChild.innerText"


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    async with site_elsewhere() as site:
        yield site


async def allow(studio: Studio, *sites: str) -> None:
    ctx = studio.context(studio.counter.cast.anna)
    await embedding.allow(ctx, studio.counter.cast.pantry, sites, (), allow_loopback=True)


def wanted(studio: Studio, view: View = View.LIST, language: str = "en") -> Wanted:
    pantry = studio.counter.cast.pantry
    path = f"/organizations/{pantry}"
    return Wanted(path, "River City Pantry", HUB + path, view, language, 700)


async def shown(studio: Studio) -> Paths:
    return await something_on(studio.context, studio.counter.cast)


async def kept(studio: Studio, page: Page, name: str, width: int, high: int = HIGH) -> None:
    if studio.kept is not None:
        await page.set_viewport_size({"width": width, "height": high})
        await page.screenshot(path=studio.kept / f"{name}-{width}.png", full_page=True)


async def in_the_frame(page: Page) -> str:
    """The words that somebody reads there."""
    frame = page.frames[1]
    await frame.wait_for_load_state()
    return await frame.inner_text("body")


async def test_a_frame_is_shown_where_it_is_allowed_and_nowhere_else(
    studio: Studio, elsewhere: Elsewhere
) -> None:
    """Proof 5: the same page at two origins."""
    await shown(studio)
    allowed, other = elsewhere.origins
    await allow(studio, allowed)
    elsewhere.has("frame", snippets_of(HUB, wanted(studio)).frame)

    async def at(page: Page) -> tuple[str, str, list[str], list[str]]:
        said: list[str] = []
        await page.goto(f"{allowed}/frame")
        words = await in_the_frame(page)
        await kept(studio, page, "embed-frame-elsewhere", 360)
        page.on("console", lambda told: said.append(told.text))
        await page.goto(f"{other}/frame")
        await page.wait_for_timeout(300)
        await kept(studio, page, "embed-frame-refused", 360)
        link = page.get_by_role("link", name="All dates of River City Pantry")
        await link.wait_for()
        return words, page.frames[1].url, said, [await link.get_attribute("href") or ""]

    words, refused, said, links = await studio.chromium.look(at)
    assert "Food drive" in words
    assert ATTACK in words
    assert refused.startswith("chrome-error:")
    assert any("frame-ancestors" in each for each in said), said
    assert links == [wanted(studio).page]


async def test_the_hubs_other_pages_are_in_no_frame_even_where_embeds_are(
    studio: Studio, elsewhere: Elsewhere
) -> None:
    await shown(studio)
    allowed, _ = elsewhere.origins
    await allow(studio, allowed)
    paths = ("/", "/events", wanted(studio).path, "/account/sign-in", "/embed/events")
    for number, path in enumerate(paths):
        elsewhere.has(f"page{number}", f'<iframe src="{HUB}{path}"></iframe>')

    async def at(page: Page) -> list[str]:
        found = []
        for number in range(len(paths)):
            await page.goto(f"{allowed}/page{number}")
            await page.wait_for_timeout(200)
            found.append(page.frames[1].url)
        return found

    urls = await studio.chromium.look(at)
    assert all(each.startswith("chrome-error:") for each in urls), dict(
        zip(paths, urls, strict=True)
    )


@pytest.mark.parametrize("view", VIEWS)
async def test_the_element_shows_dates_on_any_site_as_words(
    studio: Studio, elsewhere: Elsewhere, view: View
) -> None:
    """Under the strictest policy, asked for once, and whatever somebody called their event."""
    await shown(studio)
    element = snippets_of(HUB, wanted(studio, view)).element
    elsewhere.has("element", f"{element}<hr>{element.partition('</script>')[2]}")

    async def at(page: Page) -> tuple[str, list[str], list[str], list[str], int]:
        asked: list[str] = []
        wrong: list[str] = []

        def note(request: Request) -> None:
            if request.url.startswith(HUB):
                asked.append(request.url)

        page.on("request", note)
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda told: wrong.append(told.text))
        await page.goto(f"{elsewhere.origins[1]}/element")
        hosts = page.locator("convoke-events")
        await hosts.first.locator("a.all").wait_for()
        for width in (NARROW, 360, WIDE):
            await kept(studio, page, f"embed-element-{view}", width)
        links = await hosts.first.evaluate(_LINKS)
        inner = await hosts.first.evaluate(
            "(one) => one.shadowRoot.querySelectorAll('img, script').length"
        )
        return await hosts.first.evaluate(_WORDS), asked, links, wrong, inner

    words, asked, links, wrong, inner = await studio.chromium.look(at)
    assert "Food drive" in words
    assert ATTACK in words
    assert (inner, wrong) == (0, [])
    assert [each.partition("?")[0].rpartition("/")[2] for each in asked] == [
        "convoke-events.js",
        f"{studio.counter.cast.pantry}.json",
    ]
    assert links
    assert all(re.fullmatch(r"http://hub\.test/\S+ _blank noopener", each) for each in links)


async def test_a_month_is_turned_with_the_keyboard_and_stays_where_it_was(
    studio: Studio, elsewhere: Elsewhere
) -> None:
    await shown(studio)
    elsewhere.has("element", snippets_of(HUB, wanted(studio, View.MONTH)).element)

    async def at(page: Page) -> tuple[str, str]:
        await page.goto(f"{elsewhere.origins[0]}/element")
        await page.get_by_role("button", name="Month after").focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("No dates in this month.").wait_for()
        title = await page.locator("convoke-events h3").inner_text()
        focused = await page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")
        return title, focused

    assert await studio.chromium.look(at) == ("April 2027", "Month after")


async def test_the_element_speaks_the_language_of_the_page_around_it(
    studio: Studio, elsewhere: Elsewhere
) -> None:
    paths = await shown(studio)
    script = f'<script type="module" src="{HUB}/static/convoke-events.js"></script>'
    for language in ("ar", "de"):
        within = f'{script}<convoke-events src="{HUB}{paths.organization}"></convoke-events>'
        elsewhere.has(language, within, language)

    async def at(page: Page) -> list[str]:
        found = []
        for language in ("ar", "de"):
            await page.goto(f"{elsewhere.origins[0]}/{language}")
            await page.locator("convoke-events a.all").wait_for()
            await kept(studio, page, f"embed-element-{language}", 360)
            found.append(await page.locator("convoke-events").evaluate(_WORDS))
            found.append(
                await page.locator("convoke-events").evaluate(
                    "(one) => getComputedStyle(one.shadowRoot.firstElementChild).direction"
                )
            )
        return found

    arabic, turned, german, straight = await studio.chromium.look(at)
    assert "حملة الغذاء" in arabic
    assert "Samstag, 6. März 2027" in german
    assert (turned, straight) == ("rtl", "ltr")


@pytest.mark.parametrize(
    ("trouble", "attributes", "scripts"),
    [
        ("no script", "", False),
        ("another script than was pinned", f'integrity="sha384-{"x" * 64}" crossorigin', True),
        ("a hub that knows nothing of it", f'integrity="{integrity()}" crossorigin', True),
    ],
)
async def test_the_plain_link_stays_where_the_dates_cannot_be_had(
    studio: Studio, elsewhere: Elsewhere, trouble: str, attributes: str, scripts: bool
) -> None:
    await shown(studio)
    element = snippets_of(HUB, wanted(studio)).element
    element = element.replace('type="module"', f'type="module" {attributes}')
    if "knows nothing" in trouble:
        element = element.replace("/embed/organizations/org_", "/embed/organizations/org_0")
    elsewhere.has("element", element)

    async def at(page: Page) -> tuple[str | None, bool]:
        said: list[str] = []
        page.on("console", lambda told: said.append(told.text))
        await page.goto(f"{elsewhere.origins[0]}/element", wait_until="networkidle")
        link = page.get_by_role("link", name="All dates of River City Pantry")
        assert await link.is_visible()
        return await link.get_attribute("href"), any("convoke-events:" in each for each in said)

    href, told = await studio.chromium.look(at, scripts=scripts)
    assert href == wanted(studio).page
    assert told == ("knows nothing" in trouble), trouble


@pytest.mark.parametrize("view", VIEWS)
async def test_the_frame_is_legible_and_usable_by_itself(studio: Studio, view: View) -> None:
    paths = await shown(studio)
    path = f"{paths.alliance}?view={view}&on=2027-03-06"
    await studio.pictures(f"embed-{view}", path, studio.counter.browser)

    async def at(page: Page) -> tuple[int, str]:
        await page.set_viewport_size({"width": NARROW, "height": HIGH})
        await page.goto(HUB + path)
        await kept(studio, page, f"embed-{view}", NARROW)
        wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        return await page.evaluate(wide), await page.evaluate(
            "document.querySelector('h1 a').target || document.querySelector('base').target"
        )

    assert await studio.chromium.look(at) == (0, "_blank")


async def test_the_frame_in_arabic(studio: Studio) -> None:
    paths = await shown(studio)
    await studio.pictures("embed-arabic", f"{paths.alliance}?lang=ar", studio.counter.browser)


async def test_the_page_that_writes_it(studio: Studio) -> None:
    await shown(studio)
    await allow(studio, "http://localhost:8000")
    anna, here = studio.counter.anna, "/console/river-city-pantry/embed"

    async def seen(page: Page) -> None:
        """The picture of the frame is there, on this page of ours."""
        assert "Food drive" in await in_the_frame(page)

    await studio.pictures("console-embed", here, anna, seen)
    await studio.pictures("console-embed-sites", f"{here}/sites", anna)
