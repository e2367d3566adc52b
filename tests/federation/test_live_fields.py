"""What is of people is not mirrored: it is asked of its owner, for the person who asks here."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from domain.sharing import AttendeeSharing
from resolvers import memberships
from resolvers.operating import operator_for
from storage import consents, credentials
from storage.credential_tables import grants
from storage.credentials import Grant
from storage.tables import event_hosts, occurrences, organizations
from storage.tables import events as event_rows
from tests.federation.acting import APP, Town, a_town, contents, copied, place_of
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


# ── who comes ────────────────────────────────────────────────────────────────────────────────────

COMING = """query($id: ID!, $first: Int = 10, $search: String) {
  event(id: $id) {
    title
    rsvps(filter: {search: $search}, orderBy: NAME_ASC, first: $first) {
      totalCount nodes { id guestName attended nextActions } pageInfo { hasNextPage endCursor }
    }
  }
}"""


@pytest.fixture
async def invited(town: Town) -> Town:
    """The Shelter's hub knows the drive, and the Shelter is told of whoever agrees to it; two did."""
    for row in (event_rows, occurrences):
        await copied_all(row, town)
    async with town.here.database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.organization_id == town.shelter)
            .values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT)
        )
    for name in ("Vera", "Ali"):
        made = await town.anna.ask(
            "mutation($i: RsvpInput!) { rsvp(input: $i) { rsvp { id } userErrors { message } } }",
            {"i": {"event": town.drive, "guestName": name}},
        )
        answer = made["data"]["rsvp"]["rsvp"]["id"]
        async with town.here.database.writing() as db:
            yes = {town.shelter: "Yes."}
            await consents.agree(db, town.here.names, answer, yes, town.here.clock.now())
    return town


async def copied_all(table: Table, town: Town) -> None:
    async with town.here.database.reading(fresh=True) as db:
        found = await db.scalars(select(table.c.id))
    for each in found:
        await copied(table, each, town.here, town.there)


async def test_names_come_from_the_owner_with_its_ids_in_pages_order_and_filter(
    invited: Town,
) -> None:
    rsvps = told(await invited.sam.ask(COMING, {"id": invited.drive, "first": 1}))["event"]["rsvps"]
    (first,) = rsvps["nodes"]
    assert (first["guestName"], rsvps["totalCount"]) == ("Ali", 2)
    assert first["id"].endswith("@a.test")
    assert rsvps["pageInfo"]["hasNextPage"]
    found = told(await invited.sam.ask(COMING, {"id": invited.drive, "search": "ver"}))
    assert [one["guestName"] for one in found["event"]["rsvps"]["nodes"]] == ["Vera"]


async def test_of_a_hub_that_is_away_the_list_is_null_and_never_empty(invited: Town) -> None:
    invited.here.roads.closed.add("a.test")
    said = await invited.sam.ask(COMING, {"id": invited.drive})
    assert said["data"]["event"]["rsvps"] is None
    assert said["data"]["event"]["title"]
    (error,) = said["errors"]
    assert (error["path"], error["extensions"]["code"]) == (
        ["event", "rsvps"],
        "PEER_UNREACHABLE",
    )


async def test_an_app_by_itself_is_told_that_it_is_not_told(invited: Town) -> None:
    """Its hub has nobody to speak for."""
    asked = list(invited.here.roads.asked)
    async with invited.there.database.writing() as db:
        await credentials.add_grant(
            db,
            Grant(
                id="grant_of_the_app",
                client_id=APP,
                organization_id=invited.shelter,
                person_id=None,
                scopes=invited.sam.scopes,
                created_at=invited.there.clock.now(),
            ),
        )
    token = invited.there.service.tokens.mint.token(
        client_id=APP,
        organization_id=invited.shelter,
        grant_id="grant_of_the_app",
        scopes=("attendance:read", "events:read", "contacts:read"),
    )
    said = await invited.there.ask(COMING, {"id": invited.drive}, token=token)
    assert said["data"]["event"]["rsvps"] is None
    (error,) = said["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["event", "rsvps"], "FORBIDDEN")
    assert invited.here.roads.asked == asked


async def test_a_token_that_was_revoked_there_is_asked_for_anew(invited: Town) -> None:
    told(await invited.sam.ask(COMING, {"id": invited.drive}))
    async with invited.here.database.writing() as db:
        await db.execute(
            update(grants)
            .where(grants.c.person_id == invited.sam.id)
            .values(revoked_at=invited.here.clock.now())
        )
    found = told(await invited.sam.ask(COMING, {"id": invited.drive}))
    assert found["event"]["rsvps"]["totalCount"] == 2


async def leaves(town: Town) -> None:
    async with town.here.context(operator_for(town.shelter)) as ctx:
        place = await place_of(town, town.shelter)
        await memberships.leave(ctx, place)
