"""What a gateway asks for by keys: as the token sees it, in the order asked, by one statement."""

from dataclasses import replace
from typing import Any

import pytest

from domain.actors import NOBODY, Viewer
from domain.sharing import Visibility
from schema.documents import Refused
from schema.limits import Limits
from schema.run import Operations
from schema.subgraph import subgraph_schema
from tests.cast import Cast, MakeContext, publish, start_group
from tests.plans.conftest import Door, Heard, heard, with_scopes

__all__ = ["heard"]

ENTITIES = """query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Organization { name }
    ... on Group { name }
    ... on Event { title }
    ... on Alliance { name }
  }
}"""


def named(type_name: str, identifier: str, **more: Any) -> dict[str, Any]:
    return {"__typename": type_name, "id": identifier, **more}


@pytest.fixture
def gateway(context: MakeContext) -> Door:
    return Door(
        context=context,
        operations=Operations(subgraph_schema, Limits()),
        core=Operations(subgraph_schema, Limits(), planned=False),
    )


@pytest.fixture
def anna(cast: Cast) -> Viewer:
    return with_scopes(cast.anna)


async def test_the_four_kinds_are_found_by_their_ids(
    gateway: Door, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    choir = await start_group(context, cast.anna, "soup-choir")
    drive = await publish(context, cast.anna)
    told = await gateway.both(
        ENTITIES,
        anna,
        representations=[
            named("Event", drive),
            named("Organization", cast.shelter),
            named("Alliance", cast.city_table),
            named("Group", choir),
            named("Event", drive),
        ],
    )
    event = {"__typename": "Event", "title": "Food drive"}
    assert told.data["_entities"] == [
        event,
        {"__typename": "Organization", "name": "Harbor Shelter"},
        {"__typename": "Alliance", "name": "City Table"},
        {"__typename": "Group", "name": "Soup Choir"},
        event,
    ]


async def test_a_hundred_of_all_kinds_are_one_statement(
    gateway: Door, anna: Viewer, heard: Heard, cast: Cast, context: MakeContext
) -> None:
    events = [await publish(context, cast.anna, title=f"Soup {n}") for n in range(5)]
    kinds = [named("Event", each) for each in events]
    kinds += [named("Organization", each) for each in (cast.pantry, cast.shelter, cast.library)]
    kinds += [named("Alliance", cast.city_table), named("Event", "evt_of_nothing")]
    heard.listen()
    told = await gateway.ask(ENTITIES, anna, representations=kinds * 10)
    assert told.planned
    assert len(told.data["_entities"]) == 100
    assert told.data["_entities"].count(None) == 10
    assert len(selected(heard)) == 1
    heard.listen()
    by_core = await gateway.ask_core(ENTITIES, anna, representations=kinds * 10)
    assert by_core.answer.body == told.answer.body
    assert len(selected(heard)) > 1, "what is counted is worth counting"


def selected(heard: Heard) -> list[str]:
    """Without what tells other processes, in its own time, that something was published."""
    return [each for each in heard.statements if each.startswith("SELECT ")]


async def test_more_than_a_hundred_are_refused(gateway: Door, anna: Viewer, cast: Cast) -> None:
    with pytest.raises(Refused, match="at a time"):
        await gateway.ask(ENTITIES, anna, representations=[named("Event", "evt_1")] * 101)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (named("Carpool", "1"), "representations[1].__typename: one of Alliance, Event, Group"),
        (named("Hub", "hub_1"), "representations[1].__typename: one of Alliance, Event, Group"),
        (named("Query", "1"), "representations[1].__typename: one of Alliance, Event, Group"),
        ({"id": "evt_1"}, "representations[1].__typename: one of Alliance, Event, Group"),
        ({"__typename": ["Event"], "id": "x"}, "representations[1].__typename: one of Alliance"),
        ({"__typename": "Event"}, "representations[1].id: an id, as text."),
        ({"__typename": "Event", "id": 7}, "representations[1].id: an id, as text."),
        ("Event", "representations[1]: an object with a __typename and an id."),
    ],
)
async def test_one_that_names_nothing_of_ours_takes_no_other_with_it(
    gateway: Door, anna: Viewer, cast: Cast, context: MakeContext, bad: object, said: str
) -> None:
    drive = await publish(context, cast.anna)
    told = await gateway.both(
        ENTITIES,
        anna,
        representations=[named("Organization", cast.pantry), bad, named("Event", drive)],
    )
    assert told.body["data"]["_entities"] == [
        {"__typename": "Organization", "name": "River City Pantry"},
        None,
        {"__typename": "Event", "title": "Food drive"},
    ]
    assert told.errors == [("BAD_USER_INPUT", ["_entities", 1])]
    assert told.body["errors"][0]["message"].startswith(said)


async def test_what_a_gateway_says_of_a_thing_is_never_told_back(
    gateway: Door, anna: Viewer, cast: Cast
) -> None:
    """Neither fields that it brings along, nor a thing that is not there."""
    told = await gateway.both(
        ENTITIES,
        anna,
        representations=[
            named("Organization", cast.pantry, name="Pantry of others", __init__=1),
            named("Event", "evt_01JD8X5V0M7Q2K3B4N6P8R9S1T@hub.test", title="Never was"),
            named("Event", cast.pantry, title="An organization"),
        ],
    )
    assert told.data["_entities"] == [
        {"__typename": "Organization", "name": "River City Pantry"},
        None,
        None,
    ]


async def test_each_sees_what_the_hub_shows_them(
    gateway: Door, anna: Viewer, cast: Cast, context: MakeContext
) -> None:
    """The event is shared with the City Table: Anna's and Sam's, and not Lee's."""
    drive = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    found = {"__typename": "Event", "title": "Food drive"}
    for viewer, shown in (
        (anna, found),
        (with_scopes(cast.sam), found),
        (with_scopes(cast.lee), None),
        (NOBODY, None),
    ):
        told = await gateway.both(ENTITIES, viewer, representations=[named("Event", drive)])
        assert told.data == {"_entities": [shown]}


async def test_a_token_gets_no_thing_that_its_scopes_do_not_cover(
    gateway: Door, cast: Cast, context: MakeContext
) -> None:
    """Scopes on the fields of the root alone would leak here."""
    drive = await publish(context, cast.anna)
    asked = [named("Event", drive), named("Organization", cast.pantry)]
    viewer = replace(cast.anna, scopes=frozenset({"groups:read"}))
    told = await gateway.both(ENTITIES, viewer, representations=asked)
    assert told.body["data"] == {
        "_entities": [None, {"__typename": "Organization", "name": "River City Pantry"}]
    }
    assert told.errors == [("INSUFFICIENT_SCOPE", ["_entities", 0])]


async def test_without_a_token_only_what_is_public_is_there(
    gateway: Door, cast: Cast, context: MakeContext
) -> None:
    shown = await publish(context, cast.anna)
    hidden = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    told = await gateway.both(
        ENTITIES, representations=[named("Event", hidden), named("Event", shown)]
    )
    assert told.data == {"_entities": [None, {"__typename": "Event", "title": "Food drive"}]}
