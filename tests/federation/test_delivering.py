"""An owner that is away is told later: once, in order, and the person hears where it came to nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, text, update

from domain.actors import BY_TIME
from federation.delivering import PAUSES_SECONDS, Delivering
from storage.account_tables import accounts, sign_in_addresses
from storage.peer_tables import deliveries, peerings
from storage.tables import outgoing_mail, rsvps, team_members
from tests.federation.acting import Somebody, Town, a_town, contents, somebody
from tests.federation.neighbourhood import Neighbourhood
from web.worker import worker_of

RSVP = """mutation($input: RsvpInput!) {
  rsvp(input: $input) {
    rsvp { id status delivery additionalGuests event { id } } userErrors { code message }
  }
}"""


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        yield await a_town(here, there)


async def answers(town: Town, who: Somebody, guests: int = 0) -> dict[str, Any]:
    said = await who.ask(RSVP, {"input": {"event": town.drive, "additionalGuests": guests}})
    outcome: dict[str, Any] = said["data"]["rsvp"]
    assert outcome["userErrors"] == []
    return dict(outcome["rsvp"])


async def deliver(town: Town) -> None:
    """What the worker of the Shelter's hub does when it comes by."""
    there = town.there
    delivering = Delivering(there.service.forwarding, there.service.chance)
    async with there.context(BY_TIME) as ctx:
        await delivering.deliver(ctx, there.clock.now(), 20)


async def stands(town: Town) -> list[tuple[str, int]]:
    async with town.there.database.reading(fresh=True) as db:
        rows = await db.execute(
            select(deliveries.c.status, deliveries.c.attempts).order_by(deliveries.c.position)
        )
        return [(row.status, row.attempts) for row in rows]


async def coming(town: Town) -> list[tuple[str, int]]:
    async with town.here.database.reading(fresh=True) as db:
        rows = await db.execute(
            select(rsvps.c.person_id, rsvps.c.additional_guests).order_by(rsvps.c.created_at)
        )
        return [(row.person_id, row.additional_guests) for row in rows]


async def test_an_answer_waits_for_an_owner_that_is_away_and_then_is_there_once(
    town: Town,
) -> None:
    town.here.roads.closed.add("a.test")
    answer = await answers(town, town.sam, guests=1)
    assert answer["id"].endswith("@b.test")
    del answer["id"]
    assert answer == {
        "status": "ACCEPTED",
        "delivery": "PENDING",
        "additionalGuests": 1,
        "event": {"id": town.drive},
    }
    await deliver(town)
    assert (await stands(town), await coming(town)) == ([("PENDING", 1)], [])
    town.here.roads.closed.clear()
    town.there.clock.forward(seconds=10)
    await deliver(town)
    assert (await stands(town), await coming(town)) == ([("DELIVERED", 2)], [(town.sam.id, 1)])
    await deliver(town)
    assert await coming(town) == [(town.sam.id, 1)]


async def test_what_was_done_and_whose_answer_was_lost_is_not_done_again(town: Town) -> None:
    application, roads = town.here.roads.apps["a.test"], town.here.roads

    async def lost(scope: Any, receive: Any, send: Any) -> None:
        await application(scope, receive, send)
        if scope["path"] == "/graphql":
            raise httpx.ReadError("cut")

    roads.apps["a.test"] = lost
    answer = await answers(town, town.sam)
    assert answer["delivery"] == "PENDING"
    assert await coming(town) == [(town.sam.id, 0)]
    before = await contents(town.here)
    roads.apps["a.test"] = application
    await deliver(town)
    assert await stands(town) == [("DELIVERED", 1)]
    assert await coming(town) == [(town.sam.id, 0)]
    assert (await contents(town.here))["rsvps"] == before["rsvps"]


async def test_who_comes_later_waits_behind_and_all_arrive_in_order(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    vera = await somebody(town.there, town.shelter, "Vera")
    for who in (town.sam, vera):
        await answers(town, who)
    town.here.roads.closed.clear()
    await answers(town, town.sam, guests=3)  # it is there again, and there is a line
    assert [status for status, _ in await stands(town)] == ["PENDING"] * 3
    await deliver(town)
    assert [status for status, _ in await stands(town)] == ["DELIVERED"] * 3
    assert sorted(await coming(town)) == sorted([(town.sam.id, 3), (vera.id, 0)])


async def test_it_is_tried_for_more_than_a_day_and_then_the_person_is_told(town: Town) -> None:
    await write_to(town, town.sam)
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam)
    for pause in PAUSES_SECONDS:
        await deliver(town)
        assert (await stands(town))[0][0] == "PENDING"
        town.there.clock.forward(seconds=0.85 * pause)
        tries = (await stands(town))[0][1]
        await deliver(town)
        assert (await stands(town))[0][1] == tries  # not yet
        town.there.clock.forward(seconds=0.3 * pause)
    await deliver(town)
    assert await stands(town) == [("FAILED", len(PAUSES_SECONDS) + 1)]
    assert await coming(town) == []
    async with town.there.database.reading() as db:
        letters = (await db.execute(select(outgoing_mail.c.to, outgoing_mail.c.text))).all()
    assert [letter.to for letter in letters] == ["sam@shelter.test"]
    assert "did not come to pass" in letters[0].text


async def test_an_owner_that_is_too_busy_just_now_has_refused_nothing(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam, guests=1)
    town.here.roads.closed.clear()
    async with town.here.database.writing() as db:
        await db.execute(text("lock table rsvps in access exclusive mode"))
        await deliver(town)
    assert (await stands(town), await coming(town)) == ([("PENDING", 1)], [])
    town.there.clock.forward(seconds=10)
    await deliver(town)
    assert (await stands(town), await coming(town)) == ([("DELIVERED", 2)], [(town.sam.id, 1)])


async def test_what_the_owner_refuses_in_the_end_is_told(town: Town) -> None:
    await write_to(town, town.sam)
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam)
    version = await town.version()
    cancel = """mutation($e: ID!, $v: Int!) {
      cancelEvent(event: $e, version: $v) { userErrors { code message } }
    }"""
    said = await town.anna.ask(cancel, {"e": town.drive, "v": version})
    assert said["data"]["cancelEvent"]["userErrors"] == []
    town.here.roads.closed.clear()
    await deliver(town)
    assert await stands(town) == [("FAILED", 1)]
    assert await coming(town) == []
    async with town.there.database.reading() as db:
        letters = (await db.execute(select(outgoing_mail.c.text))).all()
        kept = (await db.execute(select(deliveries.c.document, deliveries.c.last_error))).one()
    assert len(letters) == 1
    assert kept.document == ""
    assert kept.last_error in letters[0].text


async def test_who_left_the_team_meanwhile_answers_no_more(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam)
    async with town.there.database.writing() as db:
        await db.execute(team_members.delete().where(team_members.c.person_id == town.sam.id))
    town.here.roads.closed.clear()
    await deliver(town)
    assert await stands(town) == [("FAILED", 1)]
    assert await coming(town) == []


async def test_what_waits_outlives_a_pause_of_the_peering_and_not_its_end(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam)
    town.here.roads.closed.clear()
    for status, expected in (("SUSPENDED", ("PENDING", 1)), ("ENDED", ("FAILED", 2))):
        async with town.there.database.writing() as db:
            await db.execute(update(peerings).values(status=status))
        town.there.clock.forward(seconds=10)
        await deliver(town)
        assert await stands(town) == [expected]
    assert await coming(town) == []


async def test_what_cannot_be_known_yet_is_said_to_be_on_its_way(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    document = """mutation($e: ID!) {
      rsvp(input: {event: $e}) { rsvp { id event { title } } userErrors { code } }
    }"""
    said = await town.sam.ask(document, {"e": town.drive})
    assert said["data"]["rsvp"] == {"rsvp": None, "userErrors": []}
    assert said["errors"][0]["extensions"]["code"] == "PEER_UNREACHABLE"
    assert "This is kept" in said["errors"][0]["message"]
    assert await stands(town) == [("PENDING", 0)]


async def test_the_same_key_keeps_one(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    variables = {"input": {"event": town.drive}}
    first = await town.sam.ask(RSVP, variables, key="mine")
    assert await town.sam.ask(RSVP, variables, key="mine") == first
    assert await stands(town) == [("PENDING", 0)]


async def test_a_worker_sees_to_it(town: Town) -> None:
    there = town.there
    town.here.roads.closed.add("a.test")
    await answers(town, town.sam)
    town.here.roads.closed.clear()
    beside = worker_of(
        there.database.url,
        there.service.hub,
        there.clock,
        there.service.chance,
        duties=(),
        forwarding=there.service.forwarding,
    )
    async with beside as worker:
        assert worker.deliveries is not None
        await worker.deliveries.pass_once()
    assert await stands(town) == [("DELIVERED", 1)]
    assert await coming(town) == [(town.sam.id, 0)]


async def write_to(town: Town, who: Somebody) -> None:
    """They have an account, with an address."""
    now = town.there.clock.now()
    async with town.there.database.writing() as db:
        await db.execute(
            insert(accounts).values(person_id=who.id, handle=b"handle" * 10, created_at=now)
        )
        await db.execute(
            insert(sign_in_addresses).values(
                person_id=who.id, address="sam@shelter.test", confirmed_at=now
            )
        )
