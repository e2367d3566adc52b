"""The next events stand in the order in which people can go to them."""

from datetime import UTC, datetime
from typing import Any

from graphql import graphql

from domain.actors import Viewer
from domain.recurrence import Recurrence
from schema.root import graphql_schema
from tests import cast as people
from tests.cast import Cast, MakeContext

NEXT = """query ($after: String) {
  events(filter: {from: "2027-03-10T00:00:00Z"}, first: 2, after: $after) {
    nodes { title } pageInfo { endCursor hasNextPage } totalCount } }"""


async def ask(context: MakeContext, query: str, **variables: Any) -> dict[str, Any]:
    answer = await graphql(
        graphql_schema._schema, query, variable_values=variables, context_value=context(Viewer())
    )
    assert not answer.errors, answer.errors
    assert answer.data is not None
    found: dict[str, Any] = answer.data["events"]
    return found


async def test_a_series_stands_at_its_next_date(context: MakeContext, cast: Cast) -> None:
    await made(context, cast)
    first = await ask(context, NEXT)
    then = await ask(context, NEXT, after=first["pageInfo"]["endCursor"])
    titles = [node["title"] for page in (first, then) for node in page["nodes"]]
    # The series began before them all; its next date is Saturday the 13th.
    assert titles == ["Thursday talk", "Saturday kitchen", "Sunday walk"]
    assert first["totalCount"] == 3
    assert not then["pageInfo"]["hasNextPage"]


async def test_without_a_window_a_series_stands_at_its_start(
    context: MakeContext, cast: Cast
) -> None:
    await made(context, cast)
    shown = await ask(context, "{ events { nodes { title } } }")
    assert shown["nodes"][0] == {"title": "Saturday kitchen"}


async def made(context: MakeContext, town: Cast) -> None:
    kitchen = {"title": "Saturday kitchen", "recurrence": Recurrence("FREQ=WEEKLY;COUNT=8")}
    await people.publish(context, town.pantry_app, **kitchen)  # from Saturday, March 6
    for title, day in (("Thursday talk", 11), ("Sunday walk", 14), ("Long ago", 7)):
        starts = datetime(2027, 3, day, 18, tzinfo=UTC)
        await people.publish(context, town.shelter_app, title=title, starts_at=starts, ends_at=None)
