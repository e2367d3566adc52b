"""What is looked for in the pages is found where it is."""

import pytest
from playwright.async_api import Page

from tests.pictures.looking import Studio


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ("<input name='address'>", "label"),
        ("<p style='color: #bbb; background: #fff'>Hardly to be read</p>", "color-contrast"),
        ("<button style='height: 20px; min-height: 0; padding: 0'>Small</button>", ">Small<"),
        ("<p style='width: 700px'>Wide</p>", ", 396)"),
    ],
)
async def test_a_page_that_shuts_people_out_is_noticed(
    studio: Studio, spoilt: str, found: str
) -> None:
    async def spoil(page: Page) -> None:
        await page.evaluate("(html) => { document.querySelector('main').innerHTML = html }", spoilt)

    with pytest.raises(AssertionError) as noticed:
        await studio.pictures("spoilt", "/account/connected", studio.counter.anna, spoil)
    assert found in str(noticed.value)
