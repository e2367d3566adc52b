"""What a mutation hands out is read by a plan: one statement, after the change."""

import pytest

from domain.actors import Viewer
from tests.cast import Cast, MakeContext, publish, start_group
from tests.plans.conftest import READING, Door, Heard, Told, with_scopes

WRITING = (*READING, "events:write", "events:publish")
CREATE = """
mutation ($pantry: ID!, $group: ID, $table: ID!) {
  made: createEvent(input: {
    organization: $pantry, group: $group, title: "Soup", startsAt: "2027-03-06T14:00:00Z",
    timeZone: "America/Indiana/Indianapolis", shareWith: [$table]
  }) {
    event {
      title startsAt links { ics }
      host { name contact { email } }
      hosts { totalCount nodes { role organization { name } } }
      group { name events { nodes { title host { slug } } } }
      sharedWith { name events { nodes { title } } }
    }
    userErrors { code message }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $version: Int!, $title: String!) {
  updateEvent(input: { id: $id, version: $version, title: $title }) {
    event { title version host { name } hosts { nodes { role } } }
    userErrors { code field }
  }
}
"""


def after_the_change(heard: Heard) -> list[str]:
    """What was read behind the last commit."""
    asked = heard.statements
    commits = [at for at, each in enumerate(asked) if each.startswith("COMMIT")]
    assert len(commits) == 1
    return [each for each in asked[commits[0] + 1 :] if each.startswith("SELECT")]


def is_compiled(statement: str) -> bool:
    return statement.startswith(("SELECT coalesce(", "SELECT format("))


@pytest.fixture
def anna(cast: Cast) -> Viewer:
    return with_scopes(cast.anna, *WRITING)


async def created(door: Door, viewer: Viewer, cast: Cast, group: str | None) -> Told:
    given = {"pantry": cast.pantry, "table": cast.city_table, "group": group}
    return await door.ask(CREATE, viewer, **given)


async def test_a_new_thing_is_handed_out_by_one_statement_with_all_that_hangs_from_it(
    door: Door, heard: Heard, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    choir = await start_group(context, cast.anna, "soup-choir")
    heard.listen()
    told = await created(door, anna, cast, choir)
    looked_up, *handed_out = after_the_change(heard)
    assert not is_compiled(looked_up)
    assert [is_compiled(each) for each in handed_out] == [True]
    made = told.body["data"]["made"]
    assert made["userErrors"] == []
    links = made["event"].pop("links")
    assert links["ics"].startswith("http://hub.test/")
    assert made["event"] == {
        "title": "Soup",
        "startsAt": "2027-03-06T09:00:00-05:00",
        "host": {"name": "River City Pantry", "contact": None},
        "hosts": {
            "totalCount": 1,
            "nodes": [{"role": "HOST", "organization": {"name": "River City Pantry"}}],
        },
        "group": {
            "name": "Soup Choir",
            "events": {"nodes": [{"title": "Soup", "host": {"slug": "river-city-pantry"}}]},
        },
        "sharedWith": [{"name": "City Table", "events": {"nodes": [{"title": "Soup"}]}}],
    }
    assert told.errors == [("INSUFFICIENT_SCOPE", ["made", "event", "host", "contact"])]


async def test_graphql_core_hands_out_the_same_in_many(
    door: Door, heard: Heard, anna: Viewer, cast: Cast
) -> None:
    by_plan = await created(door, anna, cast, None)
    heard.listen()
    given = {"pantry": cast.pantry, "table": cast.city_table, "group": None}
    by_core = await door.ask_core(CREATE, anna, **given)
    assert len(after_the_change(heard)) > 5
    one, other = by_plan.body, by_core.body
    for told in (one, other):
        event = told["data"]["made"]["event"]
        event["links"] = event["sharedWith"] = None  # which are of two events
    assert one == other


async def test_the_second_of_a_kind_makes_no_new_plan(
    door: Door, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    one = await publish(context, cast.anna)
    other = await publish(context, cast.anna)
    first = await door.ask(UPDATE, anna, id=one, version=1, title="One")
    size = door.plans.characters
    assert size > 1_000
    second = await door.ask(UPDATE, anna, id=other, version=1, title="Other")
    assert door.plans.characters == size
    titles = [told.data["updateEvent"]["event"]["title"] for told in (first, second)]
    assert titles == ["One", "Other"]


async def test_two_changes_in_one_operation_are_handed_out_each_as_it_stands_then(
    door: Door, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    document = """mutation ($id: ID!) {
        one: updateEvent(input: { id: $id, version: 1, title: "One" }) { event { ...It } }
        two: updateEvent(input: { id: $id, version: 2, title: "Two" }) { event { ...It x: id } }
    } fragment It on Event { title version }"""
    told = await door.ask(document, anna, id=event)
    assert told.data == {
        "one": {"event": {"title": "One", "version": 2}},
        "two": {"event": {"title": "Two", "version": 3, "x": event}},
    }


async def test_who_was_second_is_handed_the_thing_as_it_stands(
    door: Door, heard: Heard, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    assert (await door.ask(UPDATE, anna, id=event, version=1, title="First")).data
    heard.listen()
    told = await door.ask(UPDATE, anna, id=event, version=1, title="Second")
    assert told.data == {
        "updateEvent": {
            "event": {
                "title": "First",
                "version": 2,
                "host": {"name": "River City Pantry"},
                "hosts": {"nodes": [{"role": "HOST"}]},
            },
            "userErrors": [{"code": "STALE", "field": ["version"]}],
        }
    }
    assert [is_compiled(each) for each in heard.statements].count(True) == 1


async def test_a_refused_change_hands_out_nothing_and_changes_nothing(
    door: Door, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    heard.listen()
    told = await door.ask(UPDATE, with_scopes(cast.lee, *WRITING), id=event, version=1, title="My")
    payload = told.data["updateEvent"]
    assert payload["event"] is None
    assert [each["code"] for each in payload["userErrors"]] == ["FORBIDDEN"]
    assert not any(is_compiled(each) for each in heard.statements)
    shown = await door.ask("query ($id: ID!) { event(id: $id) { title version } }", id=event)
    assert shown.data == {"event": {"title": "Food drive", "version": 1}}


async def test_a_change_that_cannot_be_handed_out_by_a_plan_is_by_graphql_core(
    door: Door, heard: Heard, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    """Its plan finds trouble where it cannot be: the answer is whole."""
    event = await publish(context, cast.anna)
    assert (await door.ask(UPDATE, anna, id=event, version=1, title="First")).data
    told = await door.ask(UPDATE, anna, id=event, version=2, title="a \\u0000 b")
    assert told.data["updateEvent"]["event"] == {
        "title": "a \\u0000 b",
        "version": 3,
        "host": {"name": "River City Pantry"},
        "hosts": {"nodes": [{"role": "HOST"}]},
    }
