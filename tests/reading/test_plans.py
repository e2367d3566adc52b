"""Every list comes from indexes: no statement reads a table that grows with the hub."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.reading.asking import Asked, Desk, Statement, count, page
from tests.reading.conftest import BUSY
from tests.reading.lists import ALL_THERE_IS, LISTS

# Rows that are looked at for a page of fifty: some are not for everybody, some are over.
MOST = 3_000
# To count all there is, all is read, as far as anything is counted.
PARTS = {name: asked for name, asked in LISTS.items() if not name.startswith(ALL_THERE_IS)}


async def check(desk: Desk, statement: Statement, most: int) -> None:
    plan = await desk.plan(statement)
    assert plan.read_whole() == [], f"{statement.sql}\n\n{plan}"
    assert plan.looked_at() <= most, f"{statement.sql}\n\n{plan}"


@pytest.mark.parametrize("asked", LISTS.values(), ids=LISTS)
async def test_a_page_is_read_by_index(desk: Desk, asked: Asked) -> None:
    await check(desk, page(asked, 50), MOST)


@pytest.mark.parametrize("asked", PARTS.values(), ids=PARTS)
async def test_a_part_of_the_hub_is_counted_by_index(desk: Desk, asked: Asked) -> None:
    await check(desk, count(asked), BUSY)


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("event_shares_by_start_ix", "a great alliance's next"),
        ("events_by_start_ix", "the next events"),
        ("events_by_span_ix", "the next events"),
        ("event_shares_lasting_ix", "a great alliance's next"),
        ("events_near_ix", "the next events near here"),
        ("events_lasting_near_ix", "the next events near here"),
        ("occurrences_next_ix", "the next events"),
        ("organizations_by_name_ix", "organizations"),
    ],
)
async def test_the_check_notices_that_an_index_is_missing(
    busy: AsyncConnection, desk: Desk, index: str, name: str
) -> None:
    await busy.execute(text(f"drop index {index}"))  # rolled back after the test
    with pytest.raises(AssertionError):
        await check(desk, page(LISTS[name], 50), MOST)
