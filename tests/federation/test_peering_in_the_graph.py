"""Other hubs as GraphQL tells of them, and as whoever operates this one manages them there."""

from typing import Any

import pytest
from sqlalchemy import update

from auth.built_in import COMMAND_LINE
from auth.peer_clients import SCOPES
from domain.actors import TeamRole
from resolvers import peering, peering_steps
from storage.tables import team_members
from tests.federation.neighbourhood import Contents, Neighbour, Neighbourhood, knows, peered

HUBS = "{ hubs { nodes { name isLocal url } pageInfo { hasNextPage } } }"
PEERINGS = """{ hubs { nodes { name peering {
  status since lastSyncedAt lagSeconds lastError pendingDeliveries } } } }"""
RESULT = "{ hub { name peering { status } } userErrors { code field message } }"
OPERATOR = {"CONVOKE_OPERATOR": "pantry"}


async def token_of(hub: Neighbour, slug: str, role: TeamRole, *scopes: str) -> str:
    """Of somebody in that role of the organization's team."""
    town = hub.town
    organization = await town.organization(slug)
    person = await town.person("Anna", organization)
    async with hub.database.writing() as db:
        of_person = update(team_members).where(team_members.c.person_id == person)
        await db.execute(of_person.values(role=role))
    grant = await town.consent(COMMAND_LINE, organization, person, *scopes)
    return hub.service.tokens.mint.token(
        client_id=COMMAND_LINE,
        organization_id=organization,
        grant_id=grant,
        scopes=scopes,
        person_id=person,
    )


async def changed(hub: Neighbour, mutation: str, token: str) -> dict[str, Any]:
    """What it answers: the payload of the one change."""
    said = await hub.ask(f"mutation {{ change: {mutation} {RESULT} }}", token=token)
    assert "errors" not in said, said
    payload: dict[str, Any] = said["data"]["change"]
    return payload


async def test_everybody_sees_which_hubs_work_together(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b)
        await peering_steps.propose(c.operator, a.url)  # a stranger, whom nobody answered
        said = await a.ask(HUBS)
        assert said["data"]["hubs"]["nodes"] == [
            {"name": "Hub a.test", "isLocal": True, "url": "https://a.test"},
            {"name": "Hub b.test", "isLocal": False, "url": "https://b.test"},
        ]
        await peering.end(a.operator, b.hub_id)
        said = await a.ask(HUBS)
        assert [each["name"] for each in said["data"]["hubs"]["nodes"]] == ["Hub a.test"]


async def test_how_it_stands_is_for_who_may_know(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await knows(a, b)
        token = await token_of(a, "shelter", TeamRole.VIEWER, "hubs:read")
        said = await a.ask(PEERINGS, token=token)
        assert "errors" not in said, said
        ours, theirs = said["data"]["hubs"]["nodes"]
        assert ours == {"name": "Hub a.test", "peering": None}
        assert theirs["peering"] == {
            "status": "ACTIVE",
            "since": a.clock.now().isoformat(),
            "lastSyncedAt": None,
            "lagSeconds": None,
            "lastError": None,
            "pendingDeliveries": 0,
        }
        less = await token_of(a, "library", TeamRole.OWNER, "events:read")
        for nobody in (None, less):
            said = await a.ask(PEERINGS, token=nobody)
            assert said["data"]["hubs"]["nodes"][1]["peering"] is None
            assert said["errors"]


async def test_the_admin_of_the_operating_organization_does_all_of_it(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test", environment=OPERATOR) as (a, b):
        anna = await token_of(a, "pantry", TeamRole.ADMIN, "hubs:admin", "hubs:read")
        done = await changed(a, 'proposePeering(url: "https://b.test")', anna)
        assert done == {
            "hub": {"name": "Hub b.test", "peering": {"status": "PROPOSED"}},
            "userErrors": [],
        }
        await peering_steps.accept(b.operator, a.hub_id)
        steps = {
            f'suspendPeering(hub: "{b.hub_id}", reason: "It sends rubbish")': "SUSPENDED",
            f'resumePeering(hub: "{b.hub_id}")': "ACTIVE",
            f'endPeering(hub: "{b.hub_id}")': "ENDED",
        }
        for step, status in steps.items():
            done = await changed(a, step, anna)
            assert done["userErrors"] == []
            assert done["hub"]["peering"]["status"] == status


async def test_accepting_what_another_hub_proposed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", environment=OPERATOR) as (a, b):
        await peering_steps.propose(b.operator, a.url)
        anna = await token_of(a, "pantry", TeamRole.OWNER, "hubs:admin", "hubs:read")
        done = await changed(a, f'acceptPeering(hub: "{b.hub_id}")', anna)
        assert done["hub"]["peering"]["status"] == "ACTIVE"
        assert (await b.peer(a)).is_active


@pytest.mark.parametrize(
    ("slug", "role", "is_operated"),
    [
        ("pantry", TeamRole.EDITOR, True),
        ("pantry", TeamRole.VIEWER, True),
        ("shelter", TeamRole.OWNER, True),
        ("pantry", TeamRole.OWNER, False),
    ],
)
async def test_whoever_does_not_operate_the_hub_is_refused_and_nothing_is_asked(
    neighbourhood: Neighbourhood, slug: str, role: TeamRole, is_operated: bool
) -> None:
    environment = OPERATOR if is_operated else {}
    async with neighbourhood("a.test", "b.test", "c.test", environment=environment) as (a, b, c):
        await knows(a, b)
        if slug != "pantry":
            await a.town.organization("pantry")
        sam = await token_of(a, slug, role, "hubs:admin", "hubs:read")
        before = await Contents(a)()
        for mutation in (
            f'proposePeering(url: "{c.url}")',
            f'acceptPeering(hub: "{b.hub_id}")',
            f'suspendPeering(hub: "{b.hub_id}", reason: "why")',
            f'resumePeering(hub: "{b.hub_id}")',
            f'endPeering(hub: "{b.hub_id}")',
        ):
            done = await changed(a, mutation, sam)
            assert [one["code"] for one in done["userErrors"]] == ["FORBIDDEN"]
        assert await Contents(a)() == before
        assert a.roads.asked == []


async def test_without_the_scope_nothing_is_done(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", environment=OPERATOR) as (a, b):
        await peered(a, b)
        anna = await token_of(a, "pantry", TeamRole.OWNER, "hubs:read")
        peer = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        before = await Contents(a)()
        for token in (None, anna, peer):
            said = await a.ask(
                f'mutation {{ endPeering(hub: "{b.hub_id}") {RESULT} }}', token=token
            )
            assert said["errors"]
        assert await Contents(a)() == before


async def test_a_lie_is_told_to_who_proposed_and_names_the_field(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", environment=OPERATOR) as (a,):
        anna = await token_of(a, "pantry", TeamRole.ADMIN, "hubs:admin", "hubs:read")
        for url, code in (
            ("http://b.test", "PEER_DOCUMENTS"),
            ("https://a.test", "PEER_DOCUMENTS"),
            ("https://nobody.test", "FETCH_FAILED"),
        ):
            done = await changed(a, f'proposePeering(url: "{url}")', anna)
            assert done["hub"] is None
            assert [(one["code"], one["field"]) for one in done["userErrors"]] == [(code, ["url"])]
