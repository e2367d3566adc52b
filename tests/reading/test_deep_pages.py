"""A page deep in a list costs what the first costs: told by the pages that PostgreSQL reads."""

import pytest

from tests.reading.asking import Asked, Desk, page
from tests.reading.lists import FOR_NOBODY, IN_TIME

PAGES, FIRST = 200, 10
# Those with so many pages that come in order from an index; what is found by words, or of a few
# organizations, is sorted.
LONG = {
    name: IN_TIME[name]
    for name in (
        "the next events",
        "the next events, the last first",
        "all events by start",
        "all events, the last first",
        "what began before",
        "the next events near here",
        "a great alliance's events by start",
        "a great alliance's past",
    )
} | {name: FOR_NOBODY[name] for name in ("what changed last", "organizations", "groups")}


@pytest.mark.parametrize("asked", LONG.values(), ids=LONG)
async def test_a_deep_page_costs_what_the_first_costs(desk: Desk, asked: Asked) -> None:
    first = page(asked, FIRST)
    cost = (await desk.plan(first)).pages_read
    rows = await desk.rows(first)
    following = page(asked, FIRST, (None,) * len(first.listing.keys))
    deep, deepest = first, 0
    while deepest < PAGES and len(rows) > FIRST:
        deep = following.after(rows[FIRST - 1])
        rows, deepest = await desk.rows(deep), deepest + 1
    assert deepest >= 100
    plan = await desk.plan(deep)
    assert plan.pages_read <= 2 * cost + 100, f"{cost}, {plan.pages_read}\n{plan}"
