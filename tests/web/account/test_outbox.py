"""The demo's letters on a page; and on no other hub's."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from storage import mail
from storage.mail import Letter
from tests.outside import StandingClock
from tests.web.account.browsing import Browser
from tests.web.account.conftest import Counter
from web.account.outbox import OUTBOX, linked
from web.app import create_app


@pytest.fixture
async def visitor(counter: Counter) -> AsyncIterator[Browser]:
    """Of the same hub, run as the demo."""
    settings = replace(counter.service.settings, outbox_page=True)
    transport = httpx.ASGITransport(app=create_app(replace(counter.service, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as http:
        yield Browser(http)


async def post(counter: Counter, letter: Letter) -> None:
    async with counter.desk.database.writing() as db:
        await mail.post(db, counter.desk.names, [letter], counter.desk.clock.now())


async def test_the_demo_shows_its_letters_the_newest_first(
    counter: Counter, visitor: Browser, clock: StandingClock
) -> None:
    assert "None yet." in (await visitor.open(OUTBOX)).text
    await post(counter, Letter("lee@library.example", "First", "Hello"))
    clock.forward(minutes=1)
    link = "http://hub.test/account/sign-in/link?letter=abc&then=x"
    await post(counter, Letter("sam@shelter.example", "Second <b>", f"Open\n{link}\nor not."))
    page = await visitor.open(OUTBOX)
    assert page.headers["cache-control"] == "no-store"
    assert page.text.index("Second &lt;b&gt;") < page.text.index("First")
    assert link in visitor.links
    assert "sam@shelter.example" in page.text


async def test_no_other_hub_shows_any(counter: Counter) -> None:
    await post(counter, Letter("lee@library.example", "First", "Hello"))
    for browser in (counter.browser, counter.anna):
        assert (await browser.open(OUTBOX)).status_code == 404


def test_only_addresses_become_links() -> None:
    said = linked('<script>alert("1")</script> javascript:alert(1) https://hub.test/a?b=1&c="x"')
    assert str(said) == (
        "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; javascript:alert(1) "
        '<a href="https://hub.test/a?b=1&amp;c=">https://hub.test/a?b=1&amp;c=</a>&#34;x&#34;'
    )
