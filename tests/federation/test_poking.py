"""Peers are told that something moved, if they may read it; and none is told too often."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from auth import addresses
from domain.peering import PeeringStatus
from storage import pokes
from storage.moved import Moved
from tests.federation.neighbourhood import Neighbour, Neighbourhood, knows, peered
from tests.federation.test_reading_changes import an_alliance, founded, joined
from web.poking import Pokes, Poking

SOON = 5.0  # seconds, in which a poke arrives


class Poked:
    """What arrives at a hub's door in the place of the hub."""

    def __init__(self, hub: Neighbour, answer: int = 202) -> None:
        self.heard: list[httpx.Request] = []
        self._came = asyncio.Event()
        self._answer = answer
        hub.roads.instead[hub.url + addresses.POKE] = self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        self._came.set()
        return httpx.Response(self._answer)

    async def again(self) -> None:
        """Until it is poked."""
        async with asyncio.timeout(SOON):
            await self._came.wait()
        self._came.clear()


@asynccontextmanager
async def poking(hub: Neighbour, pause_seconds: float = 0.0) -> AsyncIterator[Moved]:
    send, moved = Pokes(hub.database, hub.service.abroad).send, Moved(hub.database)
    told_to_stop = asyncio.Event()
    running = asyncio.create_task(
        Poking(hub.database, moved, send, pause_seconds).run(told_to_stop)
    )
    try:
        yield moved
    finally:
        told_to_stop.set()
        await running


async def test_a_peer_is_poked_as_something_public_moves_and_is_shown_who_does(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        await founded(a, "pantry")
        poked = Poked(b)
        async with poking(a):
            await poked.again()  # at its start, for it knows nothing of before
            await founded(a, "shelter")
            await poked.again()
    request = poked.heard[-1]
    assert request.content == b""
    assert request.headers["authorization"].startswith("Bearer ey")
    assertions = {each.headers["authorization"] for each in poked.heard}
    assert len(assertions) == len(poked.heard)  # each is good for one time


async def test_the_hub_that_is_poked_believes_it(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        assertion = await a.service.hub_tokens.assertion(await a.peer(b))
        shown = {"Authorization": f"Bearer {assertion}"}
        assert (await b.http.post(addresses.POKE, headers=shown)).status_code == 202
        assert (await b.http.post(addresses.POKE, headers=shown)).status_code == 401  # used
        await Pokes(a.database, a.service.abroad).send(b.hub_id)
        assert f"POST {b.url}{addresses.POKE}" in b.roads.asked


async def test_only_those_are_poked_that_may_read_what_moved(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b, c)
        pantry, clinic = await founded(a, "pantry"), await founded(b, "clinic")
        table = await an_alliance(a, pantry)
        await joined(a, b, table, clinic)

        async with a.database.reading(fresh=True) as db:
            assert await pokes.concerned(db, ["public"]) == sorted([b.hub_id, c.hub_id])
            assert await pokes.concerned(db, [table]) == [b.hub_id]
            assert await pokes.concerned(db, [c.hub_id]) == [c.hub_id]
            assert await pokes.concerned(db, ["aln_of_nobody"]) == []
        await knows(a, b, PeeringStatus.SUSPENDED)
        async with a.database.reading(fresh=True) as db:
            assert await pokes.concerned(db, ["public", table]) == [c.hub_id]


async def test_however_much_moves_a_peer_is_poked_once_in_a_while(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        await founded(a, "pantry")
        poked = Poked(b)
        async with poking(a, pause_seconds=60.0) as moved:
            await poked.again()
            for number in range(5):
                await founded(a, f"shelter-{number}")
            assert await moved.wait("public", beyond=5, seconds=SOON)
        assert len(poked.heard) == 1


async def test_a_peer_that_is_gone_or_in_trouble_keeps_nobody_from_being_poked(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test", "c.test", "d.test") as (a, b, c, d):
        await peered(a, b, c, d)
        await founded(a, "pantry")
        b.roads.closed.add("b.test")
        Poked(c, answer=500)
        poked = Poked(d)
        async with poking(a):
            await poked.again()
            await founded(a, "shelter")
            await poked.again()
