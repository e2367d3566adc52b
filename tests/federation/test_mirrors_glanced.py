"""Hubs that have read everything: one question about all channels, and what comes of its answer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.channels import PUBLIC
from domain.peering import POLL_SECONDS
from storage import mirrors, mirrors_quiet
from storage.mirrors import Place
from storage.mirrors_told import ToldPage
from storage.peer_tables import mirror_channels, peerings
from tests.cast import publish
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.side_by_side import SideBySide, rows, side_by_side

TITLE = "query ($id: ID!) { event(id: $id) { title } }"


@pytest.fixture
async def hubs(neighbourhood: Neighbourhood) -> AsyncIterator[SideBySide]:
    """B has read everything of A's three channels: the public one, its own, and an alliance's."""
    async with side_by_side(neighbourhood) as opened:
        await publish(opened.at_a, opened.cast.anna)
        await opened.ally(opened.cast.city_table)
        await opened.follow()
        yield opened


async def look(hubs: SideBySide) -> int:
    """B's next turn with A, when its time has come; how many questions it asked."""
    hubs.b.clock.at = max(hubs.a.clock.at, hubs.b.clock.at)
    hubs.a.clock.at = hubs.b.clock.forward(seconds=POLL_SECONDS + 1)
    begun = len(hubs.a.roads.asked)
    await hubs.pull_b.turn(hubs.a.hub_id)
    return hubs.a.roads.asked[begun:].count(f"POST {hubs.a.url}/graphql")


async def places(hubs: SideBySide) -> dict[str, dict[str, Any]]:
    kept = await rows(hubs.b.database, mirror_channels, hub_id=hubs.a.hub_id)
    return {str(each["channel"]): each for each in kept}


async def title_at_b(hubs: SideBySide, event_id: str) -> str | None:
    event = (await hubs.b.ask(TITLE, {"id": event_id}))["data"]["event"]
    return event["title"] if event else None


async def test_where_nothing_changed_one_question_is_enough(hubs: SideBySide) -> None:
    before = await places(hubs)
    assert before.keys() == {PUBLIC, hubs.b.hub_id, hubs.cast.city_table}

    assert await look(hubs) == 1

    now = hubs.b.clock.now()
    after = await places(hubs)
    assert {each["current_at"] for each in after.values()} == {now}
    assert [after[name]["cursor"] for name in before] == [before[name]["cursor"] for name in before]
    (peering,) = await rows(hubs.b.database, peerings, hub_id=hubs.a.hub_id)
    assert peering["last_synced_at"] == now
    assert await look(hubs) == 1


async def test_what_changed_is_read_and_nothing_else(hubs: SideBySide) -> None:
    event = await publish(hubs.at_a, hubs.cast.anna, title="Soup for all")

    assert await look(hubs) == 2  # the glance, and the channel of what everybody finds

    assert await title_at_b(hubs, event) == "Soup for all"
    assert await look(hubs) == 1


async def test_who_was_poked_does_not_ask_twice(hubs: SideBySide) -> None:
    event = await publish(hubs.at_a, hubs.cast.anna, title="Soup for all")
    begun = len(hubs.a.roads.asked)

    await hubs.follow()

    assert hubs.a.roads.asked[begun:].count(f"POST {hubs.a.url}/graphql") == 3
    assert await title_at_b(hubs, event) == "Soup for all"


ODD_ANSWERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "of no JSON": lambda asked: httpx.Response(
        200, content=b"{", headers={"content-type": "application/json"}
    ),
    "of another type": lambda asked: httpx.Response(200, text="All is well."),
    "without what was asked": lambda asked: httpx.Response(200, json={"data": {}}),
    "with an error": lambda asked: httpx.Response(
        200, json={"errors": [{"message": "No.", "extensions": {"code": "RESYNC"}}], "data": None}
    ),
    "with a cursor that is none": lambda asked: httpx.Response(
        200,
        json={
            "data": {
                f"of{index}": {"pageInfo": {"hasNextPage": False, "endCursor": 7}}
                for index in range(3)
            }
        },
    ),
    "that is no object": lambda asked: httpx.Response(200, json=["yes"]),
}


@pytest.mark.parametrize("odd", ODD_ANSWERS.values(), ids=ODD_ANSWERS.keys())
async def test_an_odd_answer_tells_nothing_and_each_channel_is_read(
    hubs: SideBySide, odd: Callable[[httpx.Request], httpx.Response]
) -> None:
    event = await publish(hubs.at_a, hubs.cast.anna, title="Soup for all")
    roads, address = hubs.a.roads, f"{hubs.a.url}/graphql"

    def once(asked: httpx.Request) -> httpx.Response:
        del roads.instead[address]
        return odd(asked)

    roads.instead[address] = once

    assert await look(hubs) == 4

    assert await title_at_b(hubs, event) == "Soup for all"
    assert all(each["failures"] == 0 for each in (await places(hubs)).values())


async def test_a_hub_that_does_not_answer_is_asked_once_and_left_alone_for_a_while(
    hubs: SideBySide,
) -> None:
    before = await places(hubs)
    hubs.a.roads.closed.add(hubs.a.authority)

    assert await look(hubs) == 1

    after = await places(hubs)
    assert sum(each["failures"] for each in after.values()) == 1
    assert [each["cursor"] for each in after.values()] == [
        each["cursor"] for each in before.values()
    ]
    assert [each["current_at"] for each in after.values()] == [
        each["current_at"] for each in before.values()
    ]
    hubs.a.roads.closed.clear()
    assert await look(hubs) == 3  # what failed is read by itself, and so is the rest of that turn
    assert all(each["failures"] == 0 for each in (await places(hubs)).values())


async def test_a_poke_that_comes_while_a_page_is_on_its_way_is_not_forgotten(
    hubs: SideBySide,
) -> None:
    kept = (await places(hubs))[PUBLIC]
    place = Place(**{each.name: kept[each.name] for each in fields(Place)})
    assert place.next_at is not None
    nothing_new = ToldPage(cursor=str(place.cursor), is_all=True)
    async with hubs.b.database.writing() as db:
        await mirrors.hasten(db, hubs.a.hub_id)
        poll = timedelta(seconds=POLL_SECONDS)
        await mirrors.apply(db, place, nothing_new, hubs.b.clock.now(), poll)

    assert (await places(hubs))[PUBLIC]["next_at"] is None
    # Nor is one that comes while a peer is glanced at.
    async with hubs.b.database.writing() as db:
        cursors = {PUBLIC: str(place.cursor)}
        await mirrors_quiet.note(db, [place], cursors, hubs.b.clock.now(), poll)
    assert (await places(hubs))[PUBLIC]["next_at"] is None
