"""What is of people is not mirrored: it is asked of its owner, for the person who asks here."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from resolvers import memberships
from resolvers.operating import operator_for
from storage.tables import organizations
from tests.federation.acting import Town, a_town, contents, place_of
from tests.federation.neighbourhood import Neighbour, Neighbourhood

ASKED = """query($id: ID!, $email: Boolean = true) {
  pantry: organization(id: $id) { name reach: contact { ...How } }
  nodes(ids: [$id]) { __typename ... on Organization { contact { email } } }
  organizations(first: 5) { nodes { name contact { email } } }
}
fragment How on Contact { name mail: email @include(if: $email) }"""
SHELTERS_OWN = {"name": "Shelter", "contact": {"email": "sam@shelter.test"}}


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        town = await a_town(here, there)
        await reached(here, town.pantry, "Anna", "anna@pantry.test")
        await reached(there, town.shelter, "Sam", "sam@shelter.test")
        yield town


async def reached(hub: Neighbour, organization: str, name: str, address: str) -> None:
    async with hub.database.writing() as db:
        await db.execute(
            update(organizations)
            .where(organizations.c.id == organization)
            .values(contact_name=name, contact_email=address)
        )


def told(said: dict[str, Any]) -> Any:
    assert "errors" not in said, said["errors"]
    return said["data"]


async def test_a_contact_of_an_ally_elsewhere_comes_from_its_own_hub(town: Town) -> None:
    mirror = await contents(town.there, "audit_entries", "audit_concerned")
    assert told(await town.sam.ask(ASKED, {"id": town.pantry})) == {
        "pantry": {"name": "Pantry", "reach": {"name": "Anna", "mail": "anna@pantry.test"}},
        "nodes": [{"__typename": "Organization", "contact": {"email": "anna@pantry.test"}}],
        "organizations": {
            "nodes": [{"name": "Pantry", "contact": {"email": "anna@pantry.test"}}, SHELTERS_OWN]
        },
    }
    assert await contents(town.there, "audit_entries", "audit_concerned") == mirror


async def test_where_the_hub_is_away_that_field_alone_is_null(town: Town) -> None:
    town.here.roads.closed.add("a.test")
    said = await town.sam.ask(ASKED, {"id": town.pantry})
    assert said["data"] == {
        "pantry": {"name": "Pantry", "reach": None},
        "nodes": [{"__typename": "Organization", "contact": None}],
        "organizations": {"nodes": [{"name": "Pantry", "contact": None}, SHELTERS_OWN]},
    }
    assert sorted((each["path"], each["extensions"]["code"]) for each in said["errors"]) == [
        (["nodes", 0, "contact"], "PEER_UNREACHABLE"),
        (["organizations", "nodes", 0, "contact"], "PEER_UNREACHABLE"),
        (["pantry", "reach"], "PEER_UNREACHABLE"),
    ]


async def test_the_owner_decides_who_is_told(town: Town) -> None:
    """The Shelter stands in no alliance with the Pantry any more, and its hub does not know yet."""
    await leaves(town)
    said = await town.sam.ask(
        "query($id: ID!) { organization(id: $id) { name contact { email } } }", {"id": town.pantry}
    )
    assert said["data"]["organization"] == {"name": "Pantry", "contact": None}


async def test_nobody_is_asked_for_who_may_not_know(town: Town) -> None:
    asked = list(town.here.roads.asked)
    for token in (None, town.sam.token("organizations:read")):
        said = await town.there.ask(ASKED, {"id": town.pantry}, token=token)
        assert said["data"]["pantry"]["reach"] is None
        assert said["data"]["pantry"].keys() == {"name", "reach"}
    assert town.here.roads.asked == asked


async def leaves(town: Town) -> None:
    async with town.here.context(operator_for(town.shelter)) as ctx:
        place = await place_of(town, town.shelter)
        await memberships.leave(ctx, place)
