"""Which events may be another one: only those that whoever asks would find."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.actors import NOBODY, Viewer
from domain.identifiers import Identifier
from domain.sharing import Visibility
from resolvers import merging
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from tests.cast import STARTS, Cast, MakeContext, publish

BOTH_WAYS = (
    Operations(graphql_schema, Limits()),
    Operations(graphql_schema, Limits(), planned=False),
)
QUERY = """query ($event: ID!, $first: Int) {
  possibleDuplicates(event: $event, first: $first) { event { id title } score reasons }
}"""


async def candidates(
    context: MakeContext, viewer: Viewer, event_id: str, first: int = 10
) -> list[dict[str, Any]]:
    asking = viewer if viewer.is_nobody else replace(viewer, scopes=frozenset({"events:read"}))
    answers = []
    for way in BOTH_WAYS:
        prepared = way.prepare(Asked(QUERY, variables={"event": event_id, "first": first}))
        assert isinstance(prepared, Prepared)
        answers.append((await way.run(prepared, context(asking), "req")).body)
    assert answers[0] == answers[1]
    answer = orjson.loads(answers[0])
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["data"]["possibleDuplicates"]
    return found


async def test_another_organizations_entry_of_it_is_found(context: MakeContext, cast: Cast) -> None:
    drive = await publish(context, cast.anna)
    soon = STARTS + timedelta(minutes=15)
    other = await publish(context, cast.lee, title="The food drive", starts_at=soon)
    await publish(context, cast.lee, title="Chess club")
    for viewer in (NOBODY, cast.anna, cast.sam):
        (found,) = await candidates(context, viewer, drive)
        assert found["event"] == {"id": other, "title": "The food drive"}
        assert 0.6 < found["score"] < 1
        assert "starts 15 minutes apart" in found["reasons"]
    (back,) = await candidates(context, NOBODY, other)
    assert back["event"]["id"] == drive
    assert await candidates(context, NOBODY, drive, 0) == []


async def test_one_name_in_another_system_finds_it_at_any_time(
    context: MakeContext, cast: Cast
) -> None:
    drive = await publish(context, cast.anna, identifiers=(Identifier("mobilize", "123"),))
    other = await publish(
        context,
        cast.lee,
        title="Something else",
        place=None,
        starts_at=STARTS + timedelta(days=30),
        ends_at=None,
        identifiers=(Identifier("mobilize", "123"),),
    )
    (found,) = await candidates(context, NOBODY, drive)
    assert found["event"]["id"] == other
    assert found["reasons"][0] == "same identifier mobilize:123"


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.UNLISTED])
async def test_what_somebody_would_not_find_is_not_told(
    context: MakeContext, cast: Cast, visibility: Visibility
) -> None:
    drive = await publish(context, cast.anna)
    hidden = await publish(context, cast.lee, visibility=visibility)
    assert await candidates(context, cast.sam, drive) == []
    (found,) = await candidates(context, cast.lee, drive)
    assert found["event"]["id"] == hidden
    if visibility is Visibility.PRIVATE:
        assert await candidates(context, cast.sam, hidden) == []


async def test_what_was_merged_into_it_is_told_no_more(context: MakeContext, cast: Cast) -> None:
    drive = await publish(context, cast.anna)
    other = await publish(context, cast.anna)
    assert len(await candidates(context, NOBODY, drive)) == 1
    await merging.merge(context(cast.anna), other, drive)
    assert await candidates(context, NOBODY, drive) == []
    (found,) = await candidates(context, NOBODY, other)
    assert found["event"]["id"] == drive


async def test_a_client_merges_what_it_found_and_takes_it_back(
    context: MakeContext, cast: Cast
) -> None:
    drive = await publish(context, cast.anna)
    other = await publish(context, cast.anna, title="Food drive (copy)")
    scopes = frozenset({"events:read", "events:write", "events:publish"})

    async def ask(document: str) -> Any:
        prepared = BOTH_WAYS[0].prepare(Asked(document))
        assert isinstance(prepared, Prepared)
        asking = context(replace(cast.anna, scopes=scopes))
        answer = orjson.loads((await BOTH_WAYS[0].run(prepared, asking, "req")).body)
        assert "errors" not in answer, answer
        return answer["data"]

    payload = "{ event { id replacedBy { id } } userErrors { code field } }"
    merged = await ask(
        f'mutation {{ mergeEvents(duplicate: "{other}", into: "{drive}") {payload} }}'
    )
    assert merged["mergeEvents"] == {"event": {"id": drive, "replacedBy": None}, "userErrors": []}
    listed = await ask("{ events { totalCount nodes { id } } }")
    assert listed["events"] == {"totalCount": 1, "nodes": [{"id": drive}]}
    opened = await ask(f'{{ event(id: "{other}") {{ title replacedBy {{ id }} }} }}')
    assert opened["event"] == {"title": "Food drive (copy)", "replacedBy": {"id": drive}}
    again = await ask(
        f'mutation {{ mergeEvents(duplicate: "{drive}", into: "{other}") {payload} }}'
    )
    assert again["mergeEvents"] == {
        "event": None,
        "userErrors": [{"code": "INVALID_TRANSITION", "field": ["into"]}],
    }
    apart = await ask(f'mutation {{ unmergeEvents(duplicate: "{other}") {payload} }}')
    assert apart["unmergeEvents"]["event"] == {"id": other, "replacedBy": None}
    assert (await ask("{ events { totalCount } }"))["events"]["totalCount"] == 2
