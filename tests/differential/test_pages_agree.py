"""Turning the pages of a list: both ways give the same pages, and together they are the list."""

from typing import Any

import pytest

from auth.scopes import SCOPES
from domain.actors import NOBODY, Viewer
from tests.differential.trying import BothWays, Operation

# Each answers with one list under `list`, or under `one { list }`.
LISTS = {
    "organizations": "list: organizations(%s) { ...page nodes { id name } }",
    "groups": "list: groups(%s) { ...page nodes { id name } }",
    "alliances": "list: alliances(%s) { ...page nodes { id name } }",
    "events by start": "list: events(%s) { ...page nodes { id startsAt } }",
    "events from a day on": (
        'list: events(filter: {from: "2027-03-01T09:00:00Z"}, %s) { ...page nodes { id startsAt } }'
    ),
    "events, the last first": "list: events(orderBy: STARTS_AT_DESC, %s) { ...page nodes { id } }",
    "events as they changed": "list: events(orderBy: UPDATED_AT_DESC, %s) { ...page nodes { id } }",
    "events, the nearest first": (
        "list: events(filter: {near: {latitude: 39.2, longitude: -86.5, radiusKm: 500}},"
        " orderBy: DISTANCE_ASC, %s) { ...page nodes { id } }"
    ),
    "dates": (
        'list: occurrences(from: "1970-01-01T00:00:00Z", to: "2201-01-01T00:00:00Z", %s)'
        " { ...page nodes { id startsAt } }"
    ),
    "what is found": 'list: search(text: "soup or food or brot", %s) { ...page nodes { __typename } }',
    "the groups of an alliance": (
        'one: alliance(slug: "alliance-0") { list: groups(%s) { ...page nodes { id } } }'
    ),
    "the members of an alliance": (
        'one: alliance(slug: "alliance-0") { list: members(%s) { ...page nodes { id } } }'
    ),
}
PAGE = """
query ($first: Int, $after: String) { %s }
fragment page on %s { edges { cursor node { __typename } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
"""
KIND_OF = {
    "organizations": "OrganizationConnection",
    "groups": "GroupConnection",
    "the groups of an alliance": "GroupConnection",
    "alliances": "AllianceConnection",
    "dates": "OccurrenceConnection",
    "what is found": "SearchConnection",
    "the members of an alliance": "AllianceMembershipConnection",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("somebody", [False, True], ids=["nobody", "an ally"])
def test_the_pages_of_a_list_are_the_list(ways: BothWays, name: str, somebody: bool) -> None:
    viewer = NOBODY
    if somebody:
        organization = ways.world.organizations[0]["id"]
        viewer = Viewer(organization, client_id="app", scopes=frozenset(SCOPES))
    document = PAGE % (
        LISTS[name] % "first: $first, after: $after",
        KIND_OF.get(name, "EventConnection"),
    )

    def page(first: int, after: str | None) -> Any:
        operation = Operation(document, {"first": first, "after": after}, viewer)
        tried = ways.asked(operation)
        assert tried is not None, operation
        assert tried.planned, operation
        assert tried.agrees, operation
        data = tried.answer["data"]
        return (data.get("one") or data)["list"]

    whole = page(100, None)["edges"]
    assert len(whole) > 1, "a list of several pages"
    size = max(1, len(whole) // 3)
    found: list[Any] = []
    after = None
    while True:
        shown = page(size, after)
        found += shown["edges"]
        assert shown["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not shown["pageInfo"]["hasNextPage"]:
            break
        after = shown["pageInfo"]["endCursor"]
    assert found == whole
