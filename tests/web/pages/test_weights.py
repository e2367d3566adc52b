"""A first view is light: what docs/pages.md says that pages weigh, on a hub where much is on."""

from datetime import timedelta
from math import ceil

from domain.places import Place
from domain.recurrence import Recurrence
from resolvers import co_hosting
from resolvers.operating import operator_for
from tests.cast import STARTS, publish, start_group
from tests.web.pages.reading import read
from tests.web.pages.weights import LIMIT, WEIGHTS
from tests.web.visiting import Visit


async def busy(visit: Visit) -> dict[str, str]:
    """A month with more dates than a page shows; and the ids that the addresses name."""
    cast, anna = visit.cast, visit.cast.anna
    group = await start_group(visit.context, anna, "drivers", purpose="To drive food about.")
    event = await publish(
        visit.context,
        anna,
        title="Saturday food pantry",
        summary="Vegetables, bread and dry goods, chosen by you from the shelves.",
        description="Bring bags, and a friend. " * 150,
        group_id=group,
        share_with=(cast.city_table,),
        recurrence=Recurrence("FREQ=WEEKLY"),
    )
    ctx = visit.context(operator_for(cast.pantry))
    async with ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, event, cast.shelter)
    for number in range(4):
        await publish(
            visit.context,
            anna,
            title=f"Kitchen number {number} cooks food for all",
            place=Place(
                name=f"Kitchen {number}",
                locality="River City",
                latitude=39.1 + number / 100,
                longitude=-86.5,
            ),
            group_id=group,
            share_with=(cast.city_table,),
            starts_at=STARTS + timedelta(hours=number),
            ends_at=STARTS + timedelta(hours=number + 2),
            recurrence=Recurrence("FREQ=DAILY"),
        )
    return {
        "event": event,
        "organization": cast.pantry,
        "group": group,
        "alliance": cast.city_table,
    }


async def test_pages_weigh_what_the_docs_say(visit: Visit) -> None:
    ids = await busy(visit)
    found: dict[str, tuple[int, int]] = {}
    told = {each.page: (each.requests, each.most) for each in WEIGHTS}
    for each in WEIGHTS:
        page = await visit.get(each.path.format(**ids))
        assert page.status_code == 200, each.page
        loaded = read(page.text).loaded
        weight = len(page.content)
        for address in loaded:
            weight += len((await visit.get(address)).content)
        found[each.page] = (1 + len(loaded), ceil(weight / 5_000) * 5)
    assert found == told
    assert max(most for _, most in told.values()) <= LIMIT
