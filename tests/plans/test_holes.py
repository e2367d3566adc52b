"""What no statement tells costs only itself: a refused field, a live one; and what cannot be."""

import logging
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import delete, text

from storage.engine import Database
from storage.tables import organizations
from tests.cast import RIVER_CITY, Cast, MakeContext, publish
from tests.plans.conftest import Board, Door, Heard, Told, with_scopes

REFUSED = """
query ($pantry: ID!) {
  mine: organization(id: $pantry) { name contact { email } ...Who }
  organizations { nodes { who: contact { name } ...Who } edges { node { contact { email } } } }
  alliances { totalCount nodes { name } pageInfo { hasNextPage endCursor } edges { cursor } }
}
fragment Who on Organization { slug reach: contact { telephone } }
"""
LIVE = """
{
  events {
    nodes { title links { page } ...Kept }
    edges { node { place { latitude } where: links { ics kind: __typename } } }
  }
}
fragment Kept on Event { kept: links { google: googleCalendar outlook } }
"""


async def one(told: Told, heard: Heard) -> Told:
    assert told.planned
    assert len(heard.statements) == 1
    return told


async def test_a_refused_field_is_null_and_told_wherever_it_stands(
    door: Door, heard: Heard, cast: Cast
) -> None:
    viewer = with_scopes(cast.pantry_app, "organizations:read")
    told = await one(await door.ask(REFUSED, viewer, pantry=cast.pantry), heard)
    nothing = {"contact": None, "reach": None}
    data = told.body["data"]
    assert data["mine"] == {
        "name": "River City Pantry",
        "slug": "river-city-pantry",
        **nothing,
    }
    slugs = ["harbor-shelter", "northside-library", "river-city-pantry"]
    assert data["organizations"]["nodes"] == [
        {"who": None, "slug": slug, "reach": None} for slug in slugs
    ]
    assert data["organizations"]["edges"] == [{"node": {"contact": None}}] * 3
    assert data["alliances"] == {
        "totalCount": None,
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "edges": [],
    }
    paths = [path for _, path in told.errors]
    assert {code for code, _ in told.errors} == {"INSUFFICIENT_SCOPE"}
    assert paths[:3] == [["alliances"], ["mine", "contact"], ["mine", "reach"]]
    of_lists = [["organizations", "edges", n, "node", "contact"] for n in range(3)]
    assert paths[3:6] == of_lists
    assert len(paths) == 10  # of the twelve; more are not told
    assert (await door.both(REFUSED, viewer, pantry=cast.pantry)).planned


async def test_what_is_refused_in_what_is_not_there_is_not_told(door: Door, cast: Cast) -> None:
    viewer = with_scopes(cast.anna, "organizations:read")
    document = '{ organization(slug: "none") { contact { email } } }'
    told = await door.both(document, viewer)
    assert told.planned
    assert told.body == {"data": {"organization": None}}


async def test_the_place_of_a_refusal_among_types_is_that_of_its_own(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna)
    viewer = with_scopes(cast.anna, "organizations:read", "events:read")
    document = """query ($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Organization { x: contact { email } } ... on Event { title } } }"""
    told = await door.both(document, viewer, ids=[event, "x", cast.pantry])
    assert told.planned
    assert told.body["data"] == {"nodes": [{"title": "Food drive"}, None, {"x": None}]}
    assert told.errors == [("INSUFFICIENT_SCOPE", ["nodes", 2, "x"])]


async def test_a_refused_field_that_was_asked_wrongly_is_told_so(door: Door, cast: Cast) -> None:
    """What was asked comes before who may ask it, as graphql-core has it."""
    viewer = with_scopes(cast.anna, "organizations:read")
    document = """query ($from: DateTime = "2027-03-01T00:00:00Z") {
        occurrences(from: $from, to: "2027-04-01T00:00:00Z") { nodes { id } } }"""
    told = await door.both(document, viewer)
    assert told.errors == [("INSUFFICIENT_SCOPE", ["occurrences"])]
    assert told.planned
    wrongly = await door.both(document, viewer, **{"from": None})
    assert wrongly.errors == [("BAD_USER_INPUT", ["occurrences"])]
    assert not wrongly.planned


async def test_a_live_field_is_worked_out_wherever_it_stands_and_asks_nothing_more(
    door: Door, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.anna, title="Soup & songs")
    heard.listen()
    told = await one(await door.ask(LIVE), heard)
    (node,), (edge,) = told.data["events"]["nodes"], told.data["events"]["edges"]
    page = node["links"]["page"]
    assert (node["title"], node["links"]) == ("Soup & songs", {"page": page})
    assert page.startswith("http://hub.test/")
    assert event.partition("@")[0] in page
    assert edge["node"]["where"] == {"ics": f"{page}.ics", "kind": "EventLinks"}
    google = parse_qs(urlsplit(node["kept"]["google"]).query)
    assert google["text"] == ["Soup & songs"]
    assert google["dates"] == ["20270306T140000Z/20270306T170000Z"]
    assert google["location"] == ["Town Hall"]
    assert urlsplit(node["kept"]["outlook"]).netloc == "outlook.live.com"
    assert edge["node"]["place"] == {"latitude": 39.1653}
    assert (await door.both(LIVE)).planned


async def test_numbers_beside_a_hole_stay_as_postgresql_wrote_them(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    await publish(context, cast.anna, place=replace(RIVER_CITY, latitude=40.0, longitude=1e-05))
    told = await door.both("{ events { nodes { links { page } place { latitude longitude } } } }")
    assert told.planned
    assert b'{"latitude":40,"longitude":1e-05}' in told.answer.body


def test_an_answer_without_holes_is_read_by_nobody(board: Board) -> None:
    assert not board.plan("{ events { nodes { title place { latitude } } } }").plan.has_holes
    assert board.plan("{ events { nodes { title links { page } } } }").plan.has_holes


async def test_a_live_field_in_an_empty_list_or_nothing_is_nowhere(door: Door, cast: Cast) -> None:
    document = """{ events { nodes { links { page } } }
        event(id: "evt_1@hub.test") { links { page } } }"""
    told = await door.both(document)
    assert told.planned
    assert told.data == {"events": {"nodes": []}, "event": None}


async def test_a_thing_that_must_be_there_and_is_not_is_told_by_graphql_core(
    door: Door,
    cast: Cast,
    context: MakeContext,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = await publish(context, cast.anna)
    document = "query ($id: ID!) { event(id: $id) { title host { name } } hub { name } }"
    viewer = with_scopes(cast.anna)
    assert (await door.both(document, viewer, id=event)).planned
    async with database.writing() as db:  # as no use case does
        await db.execute(text("set local session_replication_role = replica"))
        await db.execute(delete(organizations).where(organizations.c.id == cast.pantry))
    with caplog.at_level(logging.ERROR):
        told = await door.ask(document, viewer, id=event)
    assert not told.planned
    assert told.body["data"] == {"event": None, "hub": {"name": "Hub of tests"}}
    assert told.errors == [("INTERNAL", ["event", "host"])]
    (line,) = [record.message for record in caplog.records]
    assert "req_asked" in line


async def test_a_thing_of_a_type_that_the_token_may_not_read_is_told_by_graphql_core(
    door: Door, cast: Cast
) -> None:
    viewer = with_scopes(cast.anna, "events:read")
    told = await door.both("query ($id: ID!) { node(id: $id) { id } }", viewer, id=cast.anna_id)
    assert told.data == {"node": {"id": cast.anna_id}}
    group = "query ($id: ID!) { node(id: $id) { id } hub { name } }"
    contactless = with_scopes(cast.anna, "contacts:read")
    told = await door.both(group, contactless, id=cast.city_table)
    assert not told.planned
    assert told.body["data"] == {"node": None, "hub": {"name": "Hub of tests"}}
    assert told.errors == [("INSUFFICIENT_SCOPE", ["node"])]


async def test_text_that_looks_like_trouble_is_told_as_it_was_written(
    door: Door, cast: Cast, context: MakeContext
) -> None:
    odd = 'a \\u0000 and "\\\\u0000"'
    event = await publish(context, cast.anna, title=odd)
    told = await door.both("query ($id: ID!) { event(id: $id) { title } }", id=event)
    assert told.data == {"event": {"title": odd}}


async def test_what_only_graphql_core_knows_is_asked_of_it_with_all_the_rest(
    door: Door, cast: Cast
) -> None:
    told = await door.both('{ __type(name: "Hub") { name } hub { name } }')
    assert not told.planned
    assert told.data == {"__type": {"name": "Hub"}, "hub": {"name": "Hub of tests"}}
