"""An organization joins an alliance of another hub, and hosts an event there: its hub writes down first
that somebody here did, and takes it back where the owner refuses.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import TeamRole
from domain.sharing import JoinPolicy
from resolvers import alliances, events
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from storage.peer_tables import joined_elsewhere
from storage.tables import alliance_members, event_hosts
from storage.tables import alliances as alliance_rows
from storage.tables import events as event_rows
from tests.cast import food_drive
from tests.federation.acting import Town, a_town, contents, copied, somebody
from tests.federation.neighbourhood import Neighbourhood

JOIN = """mutation($alliance: ID!, $organization: ID!) {
  requestToJoinAlliance(alliance: $alliance, organization: $organization) {
    membership { id status } userErrors { code message }
  }
}"""
# What acting for somebody leaves at the owner, whatever comes of it.
CREDENTIALS = {
    "grants",
    "clients",
    "used_assertions",
    "persons",
    "audit_entries",
    "audit_concerned",
}


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        yield await a_town(here, there)


async def joined(town: Town) -> list[tuple[str, str]]:
    async with town.there.database.reading(fresh=True) as db:
        found = await db.execute(
            select(joined_elsewhere.c.thing_id, joined_elsewhere.c.organization_id)
        )
        return [(row.thing_id, row.organization_id) for row in found]


async def an_alliance(town: Town, **given: Any) -> str:
    async with town.here.context(operator_for(town.pantry)) as ctx:
        new = NewAlliance(
            convener_id=town.pantry,
            slug="warm-rooms",
            name="Warm Rooms",
            purpose="Warmth.",
            **given,
        )
        made = await alliances.create(ctx, new)
    await copied(alliance_rows, made, town.here, town.there)
    return made


async def test_an_organization_asks_to_join_and_it_is_written_down_that_it_did(town: Town) -> None:
    alliance = await an_alliance(town, join_policy=JoinPolicy.BY_REQUEST)
    variables = {"alliance": alliance, "organization": town.shelter}
    said = await town.sam.ask(JOIN, variables)
    outcome = said["data"]["requestToJoinAlliance"]
    assert (outcome["userErrors"], outcome["membership"]["status"]) == ([], "REQUESTED")
    assert await joined(town) == [(alliance, town.shelter)]
    async with town.here.database.reading() as db:
        place = await db.scalar(
            select(alliance_members.c.status).where(
                alliance_members.c.alliance_id == alliance,
                alliance_members.c.organization_id == town.shelter,
            )
        )
    assert place == "REQUESTED"


async def test_what_the_owner_refuses_is_not_kept_as_joined(town: Town) -> None:
    alliance = await an_alliance(town, join_policy=JoinPolicy.INVITE_ONLY)
    before = await contents(town.here, *CREDENTIALS)
    said = await town.sam.ask(JOIN, {"alliance": alliance, "organization": town.shelter})
    assert said["data"]["requestToJoinAlliance"]["userErrors"]
    assert await joined(town) == []
    assert await contents(town.here, *CREDENTIALS) == before


async def test_an_invitation_from_elsewhere_is_accepted_and_left_again(town: Town) -> None:
    alliance = await an_alliance(town)
    invite = """mutation($a: ID!, $o: ID!) {
      inviteToAlliance(alliance: $a, organization: $o) {
        membership { id } userErrors { code message }
      }
    }"""
    said = await town.anna.ask(invite, {"a": alliance, "o": town.shelter})
    place = said["data"]["inviteToAlliance"]["membership"]["id"]
    await copied(alliance_members, place, town.here, town.there)
    accept = """mutation($m: ID!, $yes: Boolean!) {
      respondToAllianceMembership(membership: $m, accept: $yes) {
        membership { status } userErrors { code message }
      }
    }"""
    said = await town.sam.ask(accept, {"m": place, "yes": True})
    assert said["data"]["respondToAllianceMembership"]["userErrors"] == []
    assert await joined(town) == [(alliance, town.shelter)]
    leave = "mutation($m: ID!) { leaveAlliance(membership: $m) { userErrors { code message } } }"
    said = await town.sam.ask(leave, {"m": place})
    assert said["data"]["leaveAlliance"]["userErrors"] == []
    assert await joined(town) == []


async def test_who_does_not_lead_joins_nothing_for_the_organization(town: Town) -> None:
    alliance = await an_alliance(town, join_policy=JoinPolicy.BY_REQUEST)
    vera = await somebody(town.there, town.shelter, "Vera", TeamRole.EDITOR)
    before = await contents(town.here, *CREDENTIALS)
    said = await vera.ask(JOIN, {"alliance": alliance, "organization": town.shelter})
    assert said["data"]["requestToJoinAlliance"]["userErrors"][0]["code"] == "FORBIDDEN"
    assert await joined(town) == []
    assert await contents(town.here, *CREDENTIALS) == before


async def test_nobody_joins_for_another_organization(town: Town) -> None:
    alliance = await an_alliance(town, join_policy=JoinPolicy.BY_REQUEST)
    before = await contents(town.here, *CREDENTIALS)
    said = await town.sam.ask(JOIN, {"alliance": alliance, "organization": town.pantry})
    assert said["data"]["requestToJoinAlliance"]["userErrors"]
    assert await joined(town) == []
    assert await contents(town.here, *CREDENTIALS) == before


@pytest.mark.parametrize("is_known", [False, True], ids=["before it is mirrored", "mirrored"])
async def test_a_place_on_an_event_elsewhere_is_taken_and_given_back(
    town: Town, is_known: bool
) -> None:
    async with town.here.context(operator_for(town.pantry)) as ctx:
        event = await events.create(ctx, food_drive(town.pantry, title="Soup"))
    invite = """mutation($e: ID!, $o: ID!) {
      inviteEventHost(event: $e, organization: $o) { eventHost { id } userErrors { message } }
    }"""
    said = await town.anna.ask(invite, {"e": event, "o": town.shelter})
    place = said["data"]["inviteEventHost"]["eventHost"]["id"]
    if is_known:
        await copied(event_rows, event, town.here, town.there)
        await copied(event_hosts, place, town.here, town.there)
    answer = """mutation($p: ID!) {
      respondToEventHost(eventHost: $p, accept: true) {
        eventHost { status organization { id } } userErrors { message }
      }
    }"""
    said = await town.sam.ask(answer, {"p": place})
    assert said["data"]["respondToEventHost"] == {
        "eventHost": {"status": "ACCEPTED", "organization": {"id": town.shelter}},
        "userErrors": [],
    }
    assert await joined(town) == [(event if is_known else place, town.shelter)]
    leave = """mutation($p: ID!) {
      withdrawEventHost(eventHost: $p) { eventHost { status } userErrors { message } }
    }"""
    said = await town.sam.ask(leave, {"p": place})
    assert said["data"]["withdrawEventHost"]["eventHost"] == {"status": "WITHDRAWN"}
    assert await joined(town) == []


async def test_a_place_is_asked_for_on_an_event_elsewhere(town: Town) -> None:
    async with town.here.context(operator_for(town.pantry)) as ctx:
        event = await events.create(ctx, food_drive(town.pantry, title="Soup"))
    ask = """mutation($e: ID!, $o: ID!) {
      inviteEventHost(event: $e, organization: $o) {
        eventHost { status } userErrors { code message }
      }
    }"""
    said = await town.sam.ask(ask, {"e": event, "o": town.shelter})
    assert said["data"]["inviteEventHost"]["eventHost"] == {"status": "REQUESTED"}
    assert await joined(town) == [(event, town.shelter)]
    said = await town.sam.ask(ask, {"e": event, "o": town.pantry})
    assert said["data"]["inviteEventHost"]["userErrors"]
    assert await joined(town) == [(event, town.shelter)]


async def test_a_place_that_is_declined_or_refused_is_not_taken(town: Town) -> None:
    async with town.here.context(operator_for(town.pantry)) as ctx:
        event = await events.create(ctx, food_drive(town.pantry, title="Soup"))
    invite = """mutation($e: ID!, $o: ID!) {
      inviteEventHost(event: $e, organization: $o) { eventHost { id } userErrors { message } }
    }"""
    said = await town.anna.ask(invite, {"e": event, "o": town.shelter})
    place = said["data"]["inviteEventHost"]["eventHost"]["id"]
    answer = """mutation($p: ID!, $yes: Boolean!) {
      respondToEventHost(eventHost: $p, accept: $yes) {
        eventHost { status } userErrors { code message }
      }
    }"""
    said = await town.sam.ask(answer, {"p": place, "yes": False})
    assert said["data"]["respondToEventHost"]["eventHost"] == {"status": "DECLINED"}
    assert await joined(town) == []
    said = await town.sam.ask(answer, {"p": place, "yes": True})
    assert said["data"]["respondToEventHost"]["userErrors"]
    assert await joined(town) == []
