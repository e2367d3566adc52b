"""People of another hub, and what they stand on here: what ends, ends at its next use; and among three
hubs each speaks for its own.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.actors import TeamRole, Viewer
from domain.errors import Problem
from domain.peering import PeeringStatus
from resolvers import groups, handovers, organizations
from resolvers.groups import NewGroup
from resolvers.operating import operator_for
from storage import accounts
from storage.peer_tables import peerings
from storage.tables import alliance_members, event_hosts, persons, team_members
from tests.federation.acting import Town, a_town, an_organization, contents
from tests.federation.neighbourhood import Neighbourhood, peered
from tests.federation.vouching import brought, claims_of, ended, given, kept, signed, vouched, words

READ = "{ viewer { organization { id } person { id displayName } scopes } }"
UPDATE = """mutation Edit($input: UpdateEventInput!) {
  updateEvent(input: $input) { event { title } userErrors { code message } }
}"""


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        yield await a_town(here, there)


async def test_the_end_of_the_peering_ends_a_token_at_its_next_use(town: Town) -> None:
    token = await given(town)
    for status in (PeeringStatus.SUSPENDED, PeeringStatus.ENDED):
        await stands(town, status=status.value)
        found = await town.here.ask(READ, token=token)
        assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        before = await kept(town)
        answer = await brought(vouched(town.sam, town.here), town.there, town.here)
        assert answer.status_code in {400, 401}, answer.text
        assert await kept(town) == before


async def test_new_keys_without_an_old_one_stop_people_and_not_the_hub(town: Town) -> None:
    token = await given(town)
    await stands(town, keys_replaced_at=town.here.clock.now())
    found = await town.here.ask(READ, token=token)
    assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    before = await kept(town)
    answer = await brought(vouched(town.sam, town.here), town.there, town.here)
    assert "may not act here now" in words(answer, 400, "invalid_grant")
    assert await kept(town) == before
    machine = town.there.service.hub_tokens
    assert await machine.token(await town.there.peer(town.here), ["events:read"])


async def test_keys_that_were_all_replaced_do_not_count(town: Town) -> None:
    """Before anybody has looked at them beside those that were agreed to."""
    await town.there.service.tokens.ring.renew()
    before = await kept(town)
    answer = await brought(vouched(town.sam, town.here), town.there, town.here)
    assert "not signed by a key" in words(answer, 400, "invalid_grant")
    assert await kept(town) == before


async def test_the_role_is_the_one_that_the_hub_told_last(town: Town) -> None:
    scope = "events:read events:write organizations:read"
    token = await given(town, scope=scope)
    await given(town, scope=scope, role="VIEWER")
    edit = {"input": {"id": town.drive, "version": await town.version(), "title": "Mine"}}
    before = await kept(town)
    said = await town.here.ask(UPDATE, edit, token=token)
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] == "FORBIDDEN"
    assert await kept(town) == before


async def test_who_leaves_the_alliance_and_the_event_edits_nothing_more(town: Town) -> None:
    token = await given(town, scope="events:read events:write organizations:read")
    await ended(town, event_hosts)
    edit = {"input": {"id": town.drive, "version": await town.version(), "title": "Mine"}}
    before = await kept(town)
    said = await town.here.ask(UPDATE, edit, token=token)
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] == "FORBIDDEN"
    await ended(town, alliance_members)
    assert await kept(town) != before
    before = await kept(town)
    said = await town.here.ask(UPDATE, edit, token=token)
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] in {"FORBIDDEN", "NOT_FOUND"}
    assert await kept(town) == before


# ── three hubs ───────────────────────────────────────────────────────────────────────────────────


async def test_among_three_hubs_each_speaks_for_its_own(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (here, there, third):
        town = await a_town(here, there)
        await peered(here, third)
        await peered(there, third)
        _, cleo = await an_organization(third, "third", "Cleo")
        before = await kept(town)
        its_own = third.service.tokens.ring.signing_key
        # C for B's person: under its own name, under B's, and through B's client.
        for assertion in (
            vouched(town.sam, here, iss="https://c.test", client_id=third.client_id),
            signed(
                claims_of(town.sam, here, iss="https://c.test", client_id=third.client_id), its_own
            ),
            signed(claims_of(town.sam, here, client_id=third.client_id), its_own),
            signed(claims_of(town.sam, here), its_own),
            vouched(town.sam, here),
        ):
            answer = await brought(assertion, third, here)
            assert words(answer, 400, "invalid_grant")
            answer = await brought(
                assertion,
                there,
                here,
                client_assertion=await third.service.hub_tokens.assertion(await third.peer(here)),
            )
            assert words(answer, 400, "invalid_grant")
        # C's person for B's organization, and what was meant for A at C.
        answer = await brought(vouched(cleo, here, org=town.shelter), third, here)
        assert "its org" in words(answer, 400, "invalid_grant")
        assert await kept(town) == before
        answer = await brought(vouched(town.sam, here), there, third)
        assert "its aud" in words(answer, 400, "invalid_grant")
        # A token of one hub is none at another.
        token = await given(town)
        for hub in (there, third):
            found = await hub.ask(READ, token=token)
            assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        found = await here.ask(READ, token=town.sam.token())
        assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_person_of_another_hub_is_not_passed_on(neighbourhood: Neighbourhood) -> None:
    """A acts for Sam as B says; to C it says nothing of him."""
    async with neighbourhood("a.test", "b.test", "c.test") as (here, there, third):
        town = await a_town(here, there)
        await peered(here, third)
        _, cleo = await an_organization(third, "third", "Cleo")
        token = await given(town, scope="attendance:write events:read")
        rsvp = "mutation($e: ID!) { rsvp(input: {event: $e}) { userErrors { code message } } }"
        event = f"evt_{cleo.organization[4:30]}@c.test"
        before = await contents(third)
        said = await here.ask(rsvp, {"e": event}, token=token)
        assert said["data"]["rsvp"]["userErrors"][0]["code"] == "FORBIDDEN"
        assert await contents(third) == before
        assert not [each for each in here.roads.asked if each.endswith("c.test/oauth/token")]


# ── what a person of another hub is not ──────────────────────────────────────────────────────────


async def test_they_have_no_way_in_of_their_own(town: Town) -> None:
    await given(town)
    async with town.here.database.reading() as db:
        assert await accounts.of_person(db, town.sam.id) is None
        assert await db.scalar(select(persons.c.display_name).where(persons.c.id == town.sam.id))
        assert not (
            await db.scalars(
                select(team_members.c.id).where(team_members.c.person_id == town.sam.id)
            )
        ).all()


async def test_they_come_into_no_team_here(town: Town) -> None:
    await given(town)
    before = await kept(town)
    with pytest.raises(Problem, match="at home at another hub"):
        async with town.here.context(operator_for(town.pantry)) as ctx:
            await organizations.add_team_member(ctx, town.pantry, town.sam.id, TeamRole.OWNER)
    assert await kept(town) == before


async def test_they_take_over_no_organization_here(town: Town) -> None:
    """Also where they are in a group of it: of those who are, one of this hub could."""
    await given(town)
    async with town.here.context(operator_for(town.pantry)) as ctx:
        group = await groups.create(
            ctx, NewGroup(organization_id=town.pantry, slug="cooks", name="Cooks")
        )
    async with town.here.context(operator_for(town.pantry)) as ctx:
        await groups.add_member(ctx, group, town.sam.id)
    before = await kept(town)
    anna = Viewer(town.pantry, town.anna.id, TeamRole.OWNER, "app")
    with pytest.raises(Problem, match="at home at another hub"):
        async with town.here.context(anna) as ctx:
            await handovers.propose(ctx, town.pantry, town.sam.id)
    assert await kept(town) == before


# ── ways of tests ────────────────────────────────────────────────────────────────────────────────


async def stands(town: Town, **values: Any) -> None:
    async with town.here.database.writing() as db:
        await db.execute(
            update(peerings).where(peerings.c.hub_id == town.there.hub_id).values(**values)
        )
