"""An operation is one statement: PostgreSQL is asked it, and nothing before or after it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import STARTS, Cast, MakeContext, publish, start_group
from tests.plans.conftest import Door, Heard, with_scopes
from tests.plans.documents import QUERIES

LATER = STARTS + timedelta(days=7)
EVERYTHING = """
query Everything($pantry: ID!, $table: ID!, $text: String!) {
  organization(id: $pantry) {
    ...Named
    again: name
    groups { totalCount nodes { name events { nodes { title host { ...Named } } } } }
    events(first: 1) {
      totalCount
      pageInfo { hasNextPage }
      edges { node { title hosts { nodes { role organization { ...Named } } } } }
    }
  }
  alliance(id: $table) { members { nodes { organization { ...Named } } } }
  search(text: $text) { nodes { __typename } }
  ids: nodes(ids: [$pantry, $table]) { id __typename }
}
fragment Named on Organization { name }
"""


async def test_each_of_the_ten_main_queries_is_one(door: Door, heard: Heard) -> None:
    for query in QUERIES.values():
        heard.listen()
        told = await door.ask(query.document, query.viewer, **query.variables)
        assert told.planned
        assert told.errors == []
        (asked,) = heard.statements
        assert asked.startswith("SELECT ")
        by_core = await door.ask_core(query.document, query.viewer, **query.variables)
        assert by_core.answer.body == told.answer.body


async def test_so_is_whatever_hangs_together_and_however_deep(
    door: Door, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    choir = await start_group(context, cast.anna, "soup-choir")
    await publish(context, cast.anna, title="Soup and songs", group_id=choir)
    await publish(context, cast.anna, title="Soup alone", starts_at=LATER, ends_at=None)
    heard.listen()
    given: dict[str, Any] = {"pantry": cast.pantry, "table": cast.city_table, "text": "soup"}
    told = await door.ask(EVERYTHING, **given)
    assert told.planned
    assert len(heard.statements) == 1
    assert "BEGIN" not in "".join(heard.statements)
    pantry = {"name": "River City Pantry"}
    songs = {"title": "Soup and songs", "host": pantry}
    host = {"role": "HOST", "organization": pantry}
    assert told.data["organization"] == {
        **pantry,
        "again": "River City Pantry",
        "groups": {
            "totalCount": 1,
            "nodes": [{"name": "Soup Choir", "events": {"nodes": [songs]}}],
        },
        "events": {
            "totalCount": 2,
            "pageInfo": {"hasNextPage": True},
            "edges": [{"node": {"title": "Soup and songs", "hosts": {"nodes": [host]}}}],
        },
    }
    members = told.data["alliance"]["members"]["nodes"]
    assert [each["organization"]["name"] for each in members] == [
        "River City Pantry",
        "Harbor Shelter",
    ]
    assert [each["id"] for each in told.data["ids"]] == [cast.pantry, cast.city_table]
    found = [each["__typename"] for each in told.data["search"]["nodes"]]
    assert sorted(found) == ["Event", "Event", "Group"]


async def test_graphql_core_tells_the_same_in_many(
    door: Door, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    """What is counted here is what the other way costs: so the counting is worth something."""
    choir = await start_group(context, cast.anna, "soup-choir")
    await publish(context, cast.anna, group_id=choir)
    given: dict[str, Any] = {"pantry": cast.pantry, "table": cast.city_table, "text": "soup"}
    by_plan = await door.ask(EVERYTHING, **given)
    heard.listen()
    by_core = await door.ask_core(EVERYTHING, **given)
    assert len(heard.statements) > 10
    assert heard.statements[0].startswith("BEGIN")
    assert by_core.answer.body == by_plan.answer.body


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ("{ __typename }", {"__typename": "Query"}),
        ('query ($no: Boolean!) { event(id: "evt_1") @include(if: $no) { id } }', {}),
        ('{ node(id: "nothing") { id } }', {"node": None}),
    ],
)
async def test_what_depends_on_no_row_asks_nothing_or_once(
    document: str, data: object, door: Door, heard: Heard
) -> None:
    given: dict[str, Any] = {"no": False} if "$no" in document else {}
    told = await door.ask(document, **given)
    assert told.data == data
    assert told.planned
    assert len(heard.statements) == ("node" in document)


async def test_a_person_is_told_what_nobody_is_not_by_the_same_one(
    door: Door, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    """Who asks is in the values: neither is looked up before."""
    event = await publish(context, cast.anna, title="Budget", publish=False)
    document = "query ($id: ID!) { event(id: $id) { title } }"
    for viewer, shown in ((cast.anna, {"title": "Budget"}), (cast.lee, None)):
        heard.listen()
        told = await door.ask(document, with_scopes(viewer), id=event)
        assert told.data == {"event": shown}
        assert told.planned
        assert len(heard.statements) == 1


async def test_two_people_with_one_plan_are_told_each_their_own(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    drafts = {
        viewer: await publish(context, viewer, title=title, publish=False)
        for viewer, title in ((cast.anna, "Anna's"), (cast.sam, "Sam's"))
    }
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Event { title } } }"
    given: dict[str, Any] = {"ids": list(drafts.values())}
    plans = [door.plan(document, with_scopes(each), **given).plan for each in drafts]
    assert plans[0] is plans[1]
    anna, sam = [await door.both(document, with_scopes(each), **given) for each in drafts]
    assert anna.data == {"nodes": [{"title": "Anna's"}, None]}
    assert sam.data == {"nodes": [None, {"title": "Sam's"}]}
