"""What anybody may see, as people see it."""

from tests.cast import publish, start_group
from tests.pictures.looking import Studio


async def test_an_event(studio: Studio) -> None:
    anna, table = studio.counter.cast.anna, studio.counter.cast.city_table
    event_id = await publish(studio.context, anna, title="Food drive", share_with=(table,))
    await studio.pictures("event", f"/events/{event_id}", studio.counter.browser)


async def test_an_organization(studio: Studio) -> None:
    anna = studio.counter.cast.anna
    await publish(studio.context, anna, title="Food drive")
    await start_group(studio.context, anna, "drivers", purpose="To drive.")
    path = f"/organizations/{studio.counter.cast.pantry}"
    await studio.pictures("organization", path, studio.counter.browser)


async def test_an_alliance(studio: Studio) -> None:
    path = f"/alliances/{studio.counter.cast.city_table}"
    await studio.pictures("alliance", path, studio.counter.browser)


async def test_a_group(studio: Studio) -> None:
    group_id = await start_group(studio.context, studio.counter.cast.anna, "drivers")
    await studio.pictures("group", f"/groups/{group_id}", studio.counter.browser)


async def test_nothing_there(studio: Studio) -> None:
    await studio.pictures("nothing-there", "/events/none", studio.counter.browser)
