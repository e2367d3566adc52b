"""Where organizations host together: an organization's list has both sides, for whoever may know."""

from dataclasses import replace

import orjson
import pytest

from auth.scopes import FOR_PEOPLE
from domain.actors import NOBODY, Viewer
from domain.sharing import Visibility
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from tests.cast import Cast, MakeContext, publish
from tests.outside import StandingClock

LIST = """query ($id: ID!, $statuses: [EventHostStatus!], $after: String) {
  organization(id: $id) {
    hostings(statuses: $statuses, first: 2, after: $after) {
      nodes { id role } pageInfo { hasNextPage endCursor } totalCount
    }
  }
}"""
Places = list[str]


async def listed(
    operations: Operations, context: MakeContext, viewer: Viewer, of: str, *statuses: str
) -> Places:
    """Page by page; each once."""
    found: Places = []
    after = None
    may = viewer if viewer.is_nobody else replace(viewer, scopes=frozenset(FOR_PEOPLE))
    while True:
        variables = {"id": of, "statuses": list(statuses) or None, "after": after}
        prepared = operations.prepare(Asked(LIST, variables=variables))
        assert isinstance(prepared, Prepared)
        answer = orjson.loads((await operations.run(prepared, context(may), "req")).body)
        assert "errors" not in answer, answer
        page = answer["data"]["organization"]["hostings"]
        assert all(each["role"] != "HOST" for each in page["nodes"])
        found += [each["id"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found) == len(set(found))
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.fixture(params=[True, False], ids=["in one statement", "field by field"])
def operations(request: pytest.FixtureRequest) -> Operations:
    return Operations(graphql_schema, Limits(), planned=request.param)


async def test_both_sides_are_there_the_newest_first(
    operations: Operations, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    made = []
    for host, guest in (
        (cast.anna, cast.shelter),
        (cast.sam, cast.pantry),
        (cast.anna, cast.library),
    ):
        event_id = await publish(context, host)
        clock.forward(minutes=1)
        made.append(
            await co_hosting.ask(context(host), Wish(event_id=event_id, organization_id=guest))
        )
    await co_hosting.respond(context(cast.sam), made[0], True)
    newest_first = made[::-1]
    assert await listed(operations, context, cast.anna, cast.pantry) == newest_first
    assert await listed(operations, context, cast.anna, cast.pantry, "ACCEPTED") == made[:1]
    assert await listed(operations, context, cast.anna, cast.pantry, "INVITED") == newest_first[:2]
    assert await listed(operations, context, cast.sam, cast.shelter) == [made[1], made[0]]
    # Others are told what was agreed, and not what waits for an answer.
    assert await listed(operations, context, NOBODY, cast.pantry) == made[:1]
    assert await listed(operations, context, cast.lee, cast.pantry) == [made[2], made[0]]
    assert await listed(operations, context, cast.lee, cast.shelter) == made[:1]


async def test_what_one_may_not_see_is_in_no_list(
    operations: Operations, context: MakeContext, cast: Cast
) -> None:
    event_id = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    place = await co_hosting.ask(
        context(cast.anna), Wish(event_id=event_id, organization_id=cast.shelter)
    )
    await co_hosting.respond(context(cast.sam), place, True)
    for viewer, seen in ((cast.anna, [place]), (cast.sam, [place]), (cast.lee, []), (NOBODY, [])):
        for organization in (cast.pantry, cast.shelter):
            assert await listed(operations, context, viewer, organization) == seen
