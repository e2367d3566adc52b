"""The demo's hubs come to work together once, and as long as people wish: here in one process."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from domain.peering import PeeringStatus
from resolvers import peering
from storage.peer_tables import peerings
from storage.tables import audit_entries
from tests.federation.neighbourhood import Neighbourhood
from web.demo.around import AROUND
from web.demo.hubs import Hub, NotSeen
from web.demo.together import Side, peer


@pytest.fixture
async def hubs(neighbourhood: Neighbourhood) -> AsyncIterator[tuple[Hub, Hub]]:
    async with neighbourhood("valley.test", "county.test") as (one, other):
        valley, county = AROUND
        yield (
            Hub(one.service, one.service.outgoing(), valley.voices),
            Hub(other.service, other.service.outgoing(), county.voices),
        )


async def stands(one: Hub, other: Hub) -> list[str | None]:
    return [await Side(one, other).status(), await Side(other, one).status()]


async def noted(hub: Hub) -> list[str]:
    async with hub.service.database.reading(fresh=True) as db:
        return sorted(await db.scalars(select(audit_entries.c.id)))


async def test_two_hubs_agree_as_their_operators_would(hubs: tuple[Hub, Hub]) -> None:
    one, other = hubs
    await peer(one, other)
    assert await stands(one, other) == [PeeringStatus.ACTIVE, PeeringStatus.ACTIVE]


async def test_a_second_start_leaves_it_as_it_is(hubs: tuple[Hub, Hub]) -> None:
    one, other = hubs
    await peer(one, other)
    before = [await noted(one), await noted(other)]
    await peer(one, other)
    assert [await noted(one), await noted(other)] == before


async def test_a_start_that_was_interrupted_is_gone_on_with(hubs: tuple[Hub, Hub]) -> None:
    """Proposed, and nobody had accepted yet."""
    one, other = hubs
    async with one.operator as ctx:
        assert ctx.neighbours is not None
        facts = await ctx.neighbours.look(other.url)
        await peering.propose(ctx, facts)
        await ctx.neighbours.tell(facts)
    await peer(one, other)
    assert await stands(one, other) == [PeeringStatus.ACTIVE, PeeringStatus.ACTIVE]


async def test_what_people_ended_is_not_begun_again(hubs: tuple[Hub, Hub]) -> None:
    one, other = hubs
    await peer(one, other)
    async with other.operator as ctx:
        await peering.end(ctx, one.service.hub.id)
    before = [await noted(one), await noted(other)]
    with pytest.raises(NotSeen) as refusal:
        await peer(one, other)
    assert refusal.value.message == f"{one.name} and {other.name} do not work together any more."
    assert [await noted(one), await noted(other)] == before
    async with other.service.database.reading(fresh=True) as db:
        assert set(await db.scalars(select(peerings.c.status))) == {PeeringStatus.ENDED}
