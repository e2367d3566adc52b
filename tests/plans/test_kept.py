"""Plans are made once for each way of asking, kept within a bound, and forgotten by last use."""

import gc
from typing import Any

import pytest

from domain.errors import BadInput, Problem
from resolvers.reading.listing import Listing
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.plans.conftest import READING, Board, Door, with_scopes
from tests.plans.documents import ANNA

TITLE = "query ($id: ID!) { event(id: $id) { title } }"
LISTED = "query ($f: EventFilter) { events(filter: $f) { nodes { title } } }"
BY_WISH = """
query ($title: Boolean!, $no: Boolean!) {
  events { nodes { id title @include(if: $title) ...Where @include(if: $title) } }
}
fragment Where on Event { place @skip(if: $no) { locality } }
"""
NOWHERE = "{ a%s: events(filter: { near: { latitude: 200, longitude: 0 } }) { totalCount } %s }"
PAGES = """
query ($f: EventFilter, $after: String) {
  events(filter: $f, after: $after) { nodes { id } }
}
"""


async def test_other_values_are_told_by_the_same_plan(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    soup = await publish(context, cast.anna, title="Soup")
    songs = await publish(context, cast.sam, title="Songs")
    plan = door.plan(TITLE, id=soup).plan
    size = door.plans.characters
    assert (await door.both(TITLE, id=songs)).data == {"event": {"title": "Songs"}}
    assert (await door.both(TITLE, id=soup)).data == {"event": {"title": "Soup"}}
    assert door.plan(TITLE, id=songs).plan is plan
    assert door.plans.characters == size


async def test_each_value_goes_to_its_own_place(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    """Two of one kind, asked in an order that is not the order of their names."""
    soup = await publish(context, cast.anna, title="Soup")
    songs = await publish(context, cast.sam, title="Songs")
    two = "query ($b: ID!, $a: ID!) { b: event(id: $b) { title } a: event(id: $a) { title } }"
    assert (await door.both(two, a=soup, b=songs)).data == {
        "b": {"title": "Songs"},
        "a": {"title": "Soup"},
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, {"causes": ["food"]}),
        ({"causes": ["food"]}, {"causes": ["food"], "from": "2027-03-01T00:00:00Z"}),
        ({"causes": ["food"]}, {"languages": ["en"]}),
        ({"accessible": True}, {"accessible": False}),
    ],
)
async def test_another_shape_is_another_plan_and_both_are_kept(
    one: Any, other: Any, door: Door, cast: Cast, context: MakeContext
) -> None:
    await publish(context, cast.anna)
    first, second = door.plan(LISTED, f=one).plan, door.plan(LISTED, f=other).plan
    assert first is not second
    assert first.statement.text != second.statement.text
    for given, plan in ((one, first), (other, second), (one, first)):
        assert door.plan(LISTED, f=given).plan is plan
        assert (await door.both(LISTED, f=given)).planned


def test_a_longer_list_of_words_is_the_same_shape(board: Board) -> None:
    one = board.plan(LISTED, f={"causes": ["food"]})
    three = board.plan(LISTED, f={"causes": ["food", "housing", "youth"]})
    assert one.plan is three.plan
    assert one.values != three.values


async def test_the_page_after_a_cursor_is_a_plan_of_its_own(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    for _ in range(3):
        await publish(context, cast.anna)
    document = """query ($after: String) {
        events(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"""
    seen, plans_seen, after = [], set(), None
    for _ in range(3):
        told = await door.both(document, after=after)
        assert told.planned
        plans_seen.add(id(door.plan(document, after=after).plan))
        (node,) = told.data["events"]["nodes"]
        seen.append(node["id"])
        after = told.data["events"]["pageInfo"]["endCursor"]
    assert len(set(seen)) == 3
    assert len(plans_seen) == 2


async def test_include_and_skip_by_a_variable_make_plans_of_their_own(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    place = {"place": {"locality": "River City"}}
    seen = set()
    for title in (True, False):
        for no in (True, False):
            for _ in range(2):  # made, and found again
                told = await door.both(BY_WISH, title=title, no=no)
                assert told.planned
                shown = {"title": "Food drive", **({} if no else place)} if title else {}
                (node,) = told.data["events"]["nodes"]
                assert node == {"id": event, **shown}
                seen.add(id(door.plan(BY_WISH, title=title, no=no).plan))
    assert len(seen) == 4


def test_plans_are_of_what_the_viewer_may_read(board: Board) -> None:
    """Nobody, an app and a person, with all or some scopes, looked up already or not."""
    person, app = with_scopes(ANNA), with_scopes(ANNA.__class__(organization_id="o", client_id="c"))
    some = with_scopes(person, "events:read")
    ways = [board.plan(TITLE, id="evt_1@hub.test").plan]
    for viewer in (person, app, some):
        for presumed in (True, False):
            ways.append(board.plan(TITLE, viewer, presumed, id="evt_1@hub.test").plan)
            again = board.plan(TITLE, viewer, presumed, id="evt_2@hub.test").plan
            assert again is ways[-1]
    assert len({id(plan) for plan in ways}) == 7


async def test_a_plan_made_for_many_scopes_is_not_used_for_fewer(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    document = "query ($id: ID!) { event(id: $id) { title } organizations { totalCount } }"
    for scopes in (READING, ("organizations:read",), READING):
        told = await door.both(document, with_scopes(cast.anna, *scopes), id=event)
        may = "events:read" in scopes
        assert told.body["data"]["event"] == ({"title": "Food drive"} if may else None)
        assert told.body["data"]["organizations"] == {"totalCount": 3}
        assert told.errors == ([] if may else [("INSUFFICIENT_SCOPE", ["event"])])
        assert told.planned


def test_plans_are_forgotten_the_longest_unused_first(board: Board) -> None:
    documents = [f"query ($id: ID!) {{ event(id: $id) {{ a{n}: title }} }}" for n in range(4)]

    def plan(number: int) -> object:
        return board.plan(documents[number], id="evt_1@hub.test").plan

    first = plan(0)
    board.plans.most_characters = (
        board.plans.characters * 3 + board.plans.characters // 2
    )  # there is room for three
    second, third = plan(1), plan(2)
    assert plan(0) is first  # used just now, and so the second is the longest unused
    fourth = plan(3)
    assert board.plans.characters <= board.plans.most_characters
    assert plan(0) is first
    assert plan(2) is third
    assert plan(3) is fourth
    assert plan(1) is not second


def test_one_document_asked_in_many_shapes_is_bounded_too(board: Board) -> None:
    """Each part of a filter, there or not, is another statement: of one document thousands."""
    parts = {
        "causes": ["food"],
        "languages": ["en"],
        "organizations": ["org_1@hub.test"],
        "from": STARTS.isoformat(),
        "includeCancelled": True,
    }
    board.plans.most_characters = 60_000  # some ten of them
    for wanted in range(2 ** len(parts)):
        chosen = [name for bit, name in enumerate(parts) if wanted >> bit & 1]
        found = board.plan(LISTED, f={name: parts[name] for name in chosen})
        assert found.plan.statement.text
        assert board.plans.characters <= board.plans.most_characters


def test_documents_that_are_asked_wrongly_leave_nothing_behind(board: Board) -> None:
    """What is refused is kept by the text of its document, which may be long."""
    board.plans.most_characters = 60_000
    documents = [NOWHERE % (number, " " * 10_000) for number in range(20)]
    for document in documents:
        with pytest.raises(Problem):
            board.plan(document)
    kept = [source for source, *_ in board.plans._kept]
    assert sum(map(len, kept)) <= board.plans.most_characters + len(documents[0])
    assert kept == documents[-len(kept) :]


def test_cursors_that_are_none_leave_nothing_behind(board: Board) -> None:
    """A cursor is read by the order of the list it is of, which is made for each shape."""
    board.plan(PAGES)
    parts = ("causes", "languages", "organizations", "groups", "alliances", "hubs", "statuses")
    before = listings()
    for wanted in range(2 ** len(parts)):
        chosen = [name for bit, name in enumerate(parts) if wanted >> bit & 1]
        values = {name: ["SCHEDULED"] if name == "statuses" else ["en"] for name in chosen}
        with pytest.raises(BadInput):
            board.plan(PAGES, f=values, after="none")
    assert listings() - before <= 64


def listings() -> int:
    gc.collect()
    return sum(isinstance(each, Listing) for each in gc.get_objects())
