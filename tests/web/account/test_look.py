"""What a page of identity asks of a phone on a poor line: itself, and one small stylesheet."""

from pathlib import Path

from tests.web.account.apps_of_people import asking, food_map
from tests.web.account.conftest import Counter
from tests.web.pages.reading import read
from web.settings import TREE

STYLE = Path(TREE) / "web" / "static" / "pages.css"


def test_the_stylesheet_is_small_loads_nothing_and_moves_nothing() -> None:
    style = STYLE.read_text("utf-8")
    assert len(style.encode()) < 15_000
    for unwanted in ("url(", "@import", "@font-face", "animation", "transition"):
        assert unwanted not in style
    # What is left in one script is right in another.
    for side in ("-left", "-right", "left:", "right:"):
        assert side not in style


async def test_a_page_loads_its_stylesheet_and_nothing_else(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    for path in (
        asking(app),
        "/device",
        "/account",
        "/account/connected",
        "/account/apps/river-city-pantry",
        "/account/apps/river-city-pantry/register",
        "/account/sessions",
    ):
        page = await counter.anna.open(path)
        assert page.status_code == 200, page.text
        found = read(page.text)
        assert len(found.loaded) == 1, path
        assert found.loaded[0].startswith("/static/pages.css?"), path
        assert not [name for _, name, _ in found.attributes if name == "style" or name[:2] == "on"]
        assert len(page.content) < 12_000, path
