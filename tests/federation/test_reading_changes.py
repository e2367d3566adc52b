"""A hub reads what another one publishes, with its own token, at the other's ordinary endpoint."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update

from domain.peering import PeeringStatus
from federation.mirroring.document import CHANGES
from resolvers import organizations
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage.tables import alliance_members, alliances
from storage.tables import organizations as rows
from tests.federation.neighbourhood import Neighbour, Neighbourhood, knows, peered

SCOPES = (
    "federation:sync",
    "organizations:read",
    "groups:read",
    "events:read",
    "alliances:read",
)
SOON = 5.0  # seconds, in which a request that waits is to come back


async def founded(hub: Neighbour, slug: str) -> str:
    async with hub.operator as ctx:
        return await organizations.create(
            ctx,
            NewOrganization(slug=slug, name=slug.capitalize(), languages=("en",), time_zone="UTC"),
        )


async def read(
    reader: Neighbour,
    hub: Neighbour,
    after: str | None = None,
    headers: Mapping[str, str] | None = None,
    channel: str | None = None,
) -> dict[str, Any]:
    token = await reader.service.hub_tokens.token(await reader.peer(hub), SCOPES)
    given = {"channel": channel, "after": after, "first": 1_000}
    return await hub.ask(CHANGES, given, token=token, headers=headers)


def ids(answer: dict[str, Any]) -> list[str]:
    assert "errors" not in answer, answer
    return [edge["node"]["entity"]["id"] for edge in answer["data"]["changes"]["edges"]]


def end(answer: dict[str, Any]) -> str:
    cursor: str = answer["data"]["changes"]["pageInfo"]["endCursor"]
    return cursor


async def test_a_peer_reads_a_thousand_at_a_time_and_others_do_not(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        pantry = await founded(a, "pantry")
        assert ids(await read(b, a)) == [pantry]
        refused = await a.ask(CHANGES, {"first": 1_000})
        assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        too_many = await a.ask("{ organizations(first: 101) { nodes { id } } }")
        assert too_many["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_peer_that_was_suspended_reads_nothing_more(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        await founded(a, "pantry")
        token = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        await knows(a, b, PeeringStatus.SUSPENDED)
        refused = await a.ask(CHANGES, {"first": 10}, token=token)
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_it_reads_the_channel_of_an_alliance_while_one_of_its_own_is_in_it(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        pantry, clinic = await founded(a, "pantry"), await founded(b, "clinic")
        table = await an_alliance(a, pantry)
        refused = await read(b, a, channel=table)
        assert refused["errors"][0]["extensions"]["code"] == "CHANNEL_CLOSED"
        await joined(a, b, table, clinic)
        assert set(ids(await read(b, a, channel=table))) == {pantry, table}
        assert set(ids(await read(b, a, channel=b.hub_id))) == {pantry, table}


async def test_who_wishes_to_wait_is_told_as_soon_as_something_moves(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        async with a.service.moved.running():
            await founded(a, "pantry")
            place = end(await read(b, a))
            waiting = asyncio.create_task(read(b, a, place, {"Prefer": "wait=25"}))
            await while_it_waits(a, waiting)
            shelter = await founded(a, "shelter")
            async with asyncio.timeout(SOON):
                assert ids(await waiting) == [shelter]


async def test_who_waits_in_vain_is_told_that_there_is_nothing(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        async with a.service.moved.running():
            await founded(a, "pantry")
            place = end(await read(b, a))
            began = time.monotonic()
            answer = await read(b, a, place, {"Prefer": "respond-async, wait=1"})
            assert time.monotonic() - began >= 1
            assert ids(answer) == []
            assert end(answer) == place


async def test_while_it_waits_it_keeps_no_connection_of_the_hub(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        async with a.service.moved.running():
            await founded(a, "pantry")
            place = end(await read(b, a))
            waiting = [
                asyncio.create_task(read(b, a, place, {"Prefer": "wait=25"})) for _ in range(12)
            ]
            for each in waiting:
                await while_it_waits(a, each)
            assert a.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            async with asyncio.timeout(SOON):
                assert ids(await read(b, a)) != []  # nobody stands in its way
                await founded(a, "shelter")
                assert [len(ids(each)) for each in await asyncio.gather(*waiting)] == [1] * 12


async def while_it_waits(hub: Neighbour, waiting: asyncio.Task[Any]) -> None:
    """Until it is heard of as somebody who waits."""
    async with asyncio.timeout(SOON):
        while not hub.service.moved.watched:
            assert not waiting.done(), waiting.result()
            await asyncio.sleep(0.01)


async def an_alliance(hub: Neighbour, convener: str) -> str:
    from resolvers import alliances as use_cases
    from resolvers.alliances import NewAlliance

    async with hub.context(operator_for(convener)) as ctx:
        return await use_cases.create(
            ctx,
            NewAlliance(
                convener_id=convener, slug="table", name="Table", purpose="To eat.", causes=()
            ),
        )


async def joined(hub: Neighbour, other: Neighbour, alliance: str, organization: str) -> None:
    """As its mirror would have it known, and its people would have joined."""
    async with other.database.reading() as theirs:
        from sqlalchemy import select

        told = (
            (await theirs.execute(select(rows).where(rows.c.id == organization))).mappings().one()
        )
    async with hub.database.writing() as db:
        await db.execute(insert(rows).values(**told))
        await db.execute(
            insert(alliance_members).values(
                id=f"alm_of_{organization}",
                alliance_id=alliance,
                organization_id=organization,
                role="MEMBER",
                status="ACTIVE",
                initiated_by="ALLIANCE",
                created_at=hub.clock.now(),
            )
        )
        await db.execute(update(alliances).values(version=alliances.c.version + 1))
