"""A table that repeats the code says what the code says."""

import pytest

from tests.docs.pages import Page, pages
from tests.docs.tables import MARKED, TABLES, TEXTS, written


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))
def test_the_tables_of_a_page_are_those_of_the_code(page: Page) -> None:
    assert page.text == written(page.text), "Run: .venv/bin/python -m tests.docs.tables"


def test_every_table_stands_in_one_place() -> None:
    placed = [name for page in pages() for name, _ in MARKED.findall(page.text)]
    assert sorted(placed) == sorted([*TABLES, *TEXTS])


def test_a_table_that_differs_is_noticed() -> None:
    page = next(page for page in pages() if "<!-- table: codes -->" in page.text)
    assert written(page.text.replace("| 401 |", "| 402 |")) == page.text
