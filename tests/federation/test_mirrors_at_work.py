"""Mirrors from day to day: pokes, turns of many peers, what time brings, and what lists say of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, update

from domain.hubs import LocalHub
from domain.outside import Chance
from domain.peering import PeeringStatus
from resolvers.what_time_brings import DUTIES, Time
from storage import mirrors_channels, peers, rsvps
from storage import tables as t
from storage.engine import Database
from storage.peer_tables import mirror_channels, peerings
from tests.cast import publish
from tests.federation.neighbourhood import Neighbour, Neighbourhood, peered
from tests.federation.side_by_side import rows, side_by_side
from tests.federation.telling import connection
from tests.federation.test_mirrors_kept import Mirror, a_peer, mirror, there
from tests.outside import SeededChance, StandingClock
from web.mirroring import Mirroring

__all__ = ["mirror"]  # a fixture

LONG_AGO = "2026-01-01T00:00:00+00:00"


# ── what time brings ─────────────────────────────────────────────────────────────────────────────


async def a_world_of_others(mirror: Mirror) -> dict[str, str]:
    """In which every duty would find something to do, were it ours."""
    mosque, other = there.organization(), there.organization()
    member = there.member(other["id"])
    asked = there.member(there.organization()["id"], status="INVITED", joinedAt=None)
    alliance = there.alliance(
        mosque["id"],
        reviewAt="2026-01-01",
        members=connection(there.member(mosque["id"], role="CONVENER"), member, asked),
        agreements=[there.agreement(mosque["id"], activeFrom=LONG_AGO)],
    )
    weekly = there.event(
        mosque["id"],
        recurrence={"rrule": "FREQ=WEEKLY", "dates": [], "exceptions": []},
        hosts=connection(
            there.host(mosque["id"], role="HOST"),
            there.host(other["id"], status="INVITED", respondedAt=None, expiresAt=LONG_AGO),
        ),
    )
    await mirror.hear(mosque, other, alliance, weekly)
    past = datetime(2026, 1, 1, tzinfo=UTC)
    async with mirror.database.writing() as db:  # what is never told, told all the same
        await db.execute(
            update(t.alliance_members)
            .where(t.alliance_members.c.id == asked["id"])
            .values(expires_at=past)
        )
        await db.execute(update(t.events).values(rolls_on_at=past))
    return {"event": weekly["id"], "alliance": alliance["id"]}


THEIRS: tuple[Table, ...] = (
    t.alliances,
    t.alliance_members,
    t.events,
    t.event_hosts,
    t.occurrences,
)


@pytest.mark.parametrize("name", [duty.name for duty in DUTIES])
async def test_time_brings_nothing_to_things_of_other_hubs(
    mirror: Mirror, hub: LocalHub, clock: StandingClock, chance: SeededChance, name: str
) -> None:
    await a_world_of_others(mirror)
    before = [await mirror.rows(table) for table in THEIRS]
    clock.forward(days=400)
    duties = [duty for duty in DUTIES if duty.name == name]

    await Time(mirror.database, hub, clock, chance, duties).pass_once()

    assert [await mirror.rows(table) for table in THEIRS] == before
    assert await mirror.rows(t.audit_entries) == []


async def test_nobody_holds_a_place_on_anothers_date(mirror: Mirror) -> None:
    world = await a_world_of_others(mirror)
    (date,) = await mirror.rows(t.occurrences, event_id=world["event"])

    async with mirror.database.writing() as db:
        assert await rsvps.date(db, world["event"], date["id"]) is not None
        assert await rsvps.hold(db, world["event"], date["id"]) is None


# ── pokes ────────────────────────────────────────────────────────────────────────────────────────


async def poked(hub: Neighbour, assertion: str | None) -> int:
    headers = {} if assertion is None else {"Authorization": f"Bearer {assertion}"}
    return (await hub.http.post("/federation/poke", headers=headers)).status_code


async def next_looks(hub: Neighbour) -> set[Any]:
    return {row["next_at"] for row in await rows(hub.database, mirror_channels)}


async def test_a_poke_of_a_peer_makes_us_look_at_once_and_is_good_for_once(
    neighbourhood: Neighbourhood,
) -> None:
    async with side_by_side(neighbourhood) as hubs:
        await hubs.follow()
        later = await next_looks(hubs.b)
        assert None not in later
        assertion = await hubs.a.service.hub_tokens.assertion(await hubs.a.peer(hubs.b))

        assert await poked(hubs.b, assertion) == 202
        assert await next_looks(hubs.b) == {None}

        await hubs.pull_b.turn(hubs.a.hub_id)
        assert await poked(hubs.b, assertion) == 401
        assert await poked(hubs.b, None) == 401
        assert await poked(hubs.b, "nonsense") == 401
        for_itself = await hubs.a.service.hub_tokens.assertion(
            await hubs.b.peer(hubs.a)  # meant for another
        )
        assert await poked(hubs.b, for_itself) == 401
        assert None not in await next_looks(hubs.b)


async def test_only_peers_that_are_active_poke(neighbourhood: Neighbourhood) -> None:
    async with side_by_side(neighbourhood) as hubs:
        await hubs.follow()
        async with hubs.b.database.writing() as db:
            await db.execute(update(peerings).values(status=PeeringStatus.SUSPENDED.value))
        assertion = await hubs.a.service.hub_tokens.assertion(await hubs.a.peer(hubs.b))

        assert await poked(hubs.b, assertion) == 401
        assert None not in await next_looks(hubs.b)


async def test_whoever_pokes_all_the_time_is_told_to_wait(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test") as (a,):
        answers = {await poked(a, "nonsense") for _ in range(70)}

    assert answers == {401, 429}


# ── many peers ───────────────────────────────────────────────────────────────────────────────────


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - a turn that goes on tells nobody
            await asyncio.sleep(0.01)


async def test_a_peer_that_takes_for_ever_keeps_nobody_waiting(
    mirror: Mirror, clock: StandingClock
) -> None:
    other = await another_peer(mirror.database, clock)
    taken: list[str] = []

    async def turn(hub_id: str) -> None:
        taken.append(hub_id)
        if hub_id == mirror.hub_id:
            await asyncio.Event().wait()
        if taken.count(hub_id) > 1:
            raise RuntimeError("broken")

    stop = asyncio.Event()
    mirroring = Mirroring(mirror.database, clock, turn, look_seconds=0.01)
    running = asyncio.ensure_future(mirroring.run(stop))
    await until(lambda: taken.count(other) == 2)  # the second breaks down, and it rests
    clock.forward(seconds=31)
    await until(lambda: taken.count(other) == 3)
    stop.set()
    await asyncio.wait([running], timeout=10)

    assert running.done()
    assert running.exception() is None
    assert taken.count(mirror.hub_id) == 1


async def another_peer(database: Database, clock: StandingClock) -> str:
    hub_id = "hub_01JD8000000000000000000000@third.test"
    async with database.writing() as db:
        await peers.keep(db, a_peer(hub_id, "third.test", clock), clock.now())
    return hub_id


async def test_the_worker_follows_a_peer_by_itself(
    neighbourhood: Neighbourhood, clock: StandingClock, chance: Chance
) -> None:
    async with side_by_side(neighbourhood) as hubs:
        drive = await publish(hubs.at_a, hubs.cast.anna)
        service = hubs.b.service
        opened = Mirroring.opened(
            service.database.url, service.hub, clock, service.chance, service.abroad
        )
        stop = asyncio.Event()
        async with opened as mirroring:
            mirroring.look_seconds = 0.05
            running = asyncio.ensure_future(mirroring.run(stop))
            async with asyncio.timeout(60):
                while not await rows(  # noqa: ASYNC110 - PostgreSQL tells nobody
                    hubs.b.database, t.events, id=drive
                ):
                    await asyncio.sleep(0.05)
            stop.set()
            await running

        async with hubs.b.database.reading(fresh=True) as db:
            assert await mirrors_channels.due(db, clock.now()) == []


# ── what lists say ───────────────────────────────────────────────────────────────────────────────


async def test_lists_say_whose_things_they_speak_for_and_how_fresh_they_are(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(b, a)
        asked = "{ events { sources { hub { url } status asOf } } }"

        async def source(**stands: Any) -> tuple[str, bool]:
            async with b.database.writing() as db:
                await db.execute(update(peerings).values(**stands))
            told = (await b.ask(asked))["data"]["events"]["sources"]
            (of_a,) = [each for each in told if each["hub"]["url"] == a.url]
            (own,) = [each for each in told if each["hub"]["url"] == b.url]
            assert (own["status"], own["asOf"]) == ("LOCAL", None)
            return of_a["status"], of_a["asOf"] is not None

        now = datetime.now(UTC)  # the database's clock is asked, which nobody sets
        assert await source(faults=0) == ("BEHIND", False)
        assert await source(last_synced_at=now) == ("CURRENT", True)
        assert await source(last_synced_at=now - timedelta(minutes=5)) == ("BEHIND", True)
        assert await source(last_error="Nobody answers.") == ("UNREACHABLE", True)
        assert await source(last_synced_at=now) == ("UNREACHABLE", True)  # and not since
        assert await source(status="SUSPENDED") == ("UNREACHABLE", True)
        async with b.database.writing() as db:
            await db.execute(update(peerings).values(status="ENDED"))
        (only,) = (await b.ask(asked))["data"]["events"]["sources"]
        assert only["status"] == "LOCAL"
