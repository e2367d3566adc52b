"""One graph of a hub and of a partner's service, as people and apps ask it.

All of it is real: the hub listens, deploy/supergraph/run is started beside it, Hive Gateway answers.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws

from tests.auth.signing import made_key
from tests.supergraph.conftest import Graph, asked

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ, WRITE = ("events:read", "organizations:read"), "attendance:write"
OFFER = """mutation ($event: ID!, $seats: Int = 3) {
  offerCarpool(input: {
    event: $event, start: " Mill Street ", leavesAt: "2031-03-06T09:00:00+01:00", seats: $seats
  }) { start leavesAt seats event { title } organization { name } }
}"""
EVENT = "query ($event: ID!) { event(id: $event) { title carpools { start seats } } }"
OURS = "{ ourCarpools { seats event { title } } }"


def codes(answer: dict[str, Any]) -> set[str]:
    return {each["extensions"]["code"] for each in answer["errors"]}


async def test_a_car_is_offered_and_found_at_the_event(graph: Graph) -> None:
    """What the hub knows and what the partner knows come as one answer."""
    token = await graph.token("shelter", *READ, WRITE)
    assert await graph.data(OFFER, token, event=graph.drive) == {
        "offerCarpool": {
            "start": "Mill Street",
            "leavesAt": "2031-03-06T08:00:00+00:00",
            "seats": 3,
            "event": {"title": "Food drive"},
            "organization": {"name": "Harbor Shelter"},
        }
    }
    found = {"title": "Food drive", "carpools": [{"start": "Mill Street", "seats": 3}]}
    library = await graph.token("library", *READ)
    assert await graph.data(EVENT, library, event=graph.drive) == {"event": found}
    listed = await graph.data("{ events { nodes { title carpools { start seats } } } }", library)
    assert listed == {"events": {"nodes": [found]}}
    assert await graph.data(OURS, library) == {"ourCarpools": []}


async def test_what_the_token_may_not_see_is_not_there_by_any_way(graph: Graph) -> None:
    """The meeting is for the City Table, of which the Library is no member."""
    shelter = await graph.token("shelter", *READ, WRITE)
    await graph.data(OFFER, shelter, event=graph.meeting, seats=1)
    seen = await graph.data(EVENT, shelter, event=graph.meeting)
    assert seen == {
        "event": {
            "title": "Meeting of the table",
            "carpools": [{"start": "Mill Street", "seats": 1}],
        }
    }
    library = await graph.token("library", *READ, WRITE)
    assert await graph.data(EVENT, library, event=graph.meeting) == {"event": None}
    refused = await graph.ask(OFFER, library, event=graph.meeting)
    assert codes(refused) == {"NOT_FOUND"}
    assert await graph.data(OURS, library) == {"ourCarpools": []}
    behind = await asked(graph.carpools, ENTITY, library, event=graph.meeting)
    assert behind == {"data": {"_entities": [{"carpools": []}]}}, "also without the gateway"


ENTITY = """query ($event: ID!) {
  _entities(representations: [{__typename: "Event", id: $event}]) {
    ... on Event { carpools { seats } }
  }
}"""


async def test_an_offer_to_what_is_no_longer_seen_stays_without_its_event(graph: Graph) -> None:
    """The partner still names a thing of the hub's, which this token may no longer see."""
    pantry = await graph.token("pantry", *READ, "events:write", "events:publish")
    table, soup = graph.people.city_table, await published(graph, pantry, "Soup")
    shared = {"event": soup, "alliances": [table]}
    done = await graph.data(SHARE.format("shareEvent"), pantry, **shared)
    assert done == {"shareEvent": {"userErrors": []}}
    shelter = await graph.token("shelter", *READ, WRITE)
    await graph.data(OFFER, shelter, event=soup, seats=7)
    assert {"seats": 7, "event": {"title": "Soup"}} in await ours(graph, shelter)
    done = await graph.data(SHARE.format("unshareEvent"), pantry, **shared)
    assert done == {"unshareEvent": {"userErrors": []}}
    answer = await graph.ask(OURS, shelter)
    listed = answer["data"]["ourCarpools"]
    place = listed.index({"seats": 7, "event": None})
    assert [each["path"][:3] for each in answer["errors"]] == [["ourCarpools", place, "event"]]


SHARE = """mutation ($event: ID!, $alliances: [ID!]!) {{
  {}(event: $event, alliances: $alliances) {{ userErrors {{ message }} }} }}"""


async def ours(graph: Graph, token: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await graph.data(OURS, token))["ourCarpools"]
    return listed


async def published(graph: Graph, token: str, title: str, **headers: str) -> str:
    """An event of the Pantry's own circle, made through the gateway; its id."""
    answer = await graph.gateway.post(
        "/graphql",
        json={
            "query": """mutation ($of: ID!, $title: String!) {
              createEvent(input: {
                organization: $of, title: $title, timeZone: "America/Indiana/Indianapolis"
                startsAt: "2031-03-06T14:00:00Z", endsAt: "2031-03-06T17:00:00Z"
                visibility: ALLIANCE
              }) { event { id } userErrors { message } } }""",
            "variables": {"of": graph.people.pantry, "title": title},
        },
        headers={"Authorization": f"Bearer {token}", **headers},
    )
    told = answer.json()
    assert "errors" not in told, told
    assert told["data"]["createEvent"]["userErrors"] == []
    identifier: str = told["data"]["createEvent"]["event"]["id"]
    return identifier


async def test_a_change_sent_twice_with_one_key_is_made_once(graph: Graph) -> None:
    """The gateway passes `Idempotency-Key` on."""
    pantry = await graph.token("pantry", *READ, "events:write", "events:publish")
    first = await published(graph, pantry, "Bread", **{"Idempotency-Key": "bread-of-the-sixth"})
    again = await published(graph, pantry, "Bread", **{"Idempotency-Key": "bread-of-the-sixth"})
    assert first == again
    assert first != await published(graph, pantry, "Bread")


async def test_without_the_scope_the_same_question_is_refused(graph: Graph) -> None:
    """By the gateway, which reads what the contract says; and behind it by each service."""
    narrow = await graph.token("pantry", "organizations:read")
    refused = await graph.ask(EVENT, narrow, event=graph.drive)
    assert refused["data"] is None
    assert codes(refused) == {"UNAUTHORIZED_FIELD_OR_TYPE"}
    hub = await asked(
        graph.hub, "query ($id: ID!) { event(id: $id) { title } }", narrow, id=graph.drive
    )
    assert hub["data"] == {"event": None}
    assert codes(hub) == {"INSUFFICIENT_SCOPE"}
    behind = await asked(graph.carpools, ENTITY, narrow, event=graph.drive)
    assert behind["data"] == {"_entities": [{"carpools": None}]}
    assert codes(behind) == {"INSUFFICIENT_SCOPE"}


async def test_to_read_is_not_to_offer(graph: Graph) -> None:
    reader = await graph.token("library", *READ)
    for door in (graph.gateway, graph.carpools):
        refused = await asked(
            door, OFFER.partition(" event {")[0] + " } }", reader, event=graph.drive
        )
        assert refused["data"] is None
        assert codes(refused) <= {"UNAUTHORIZED_FIELD_OR_TYPE", "INSUFFICIENT_SCOPE"}
    assert await graph.data(OURS, reader) == {"ourCarpools": []}


async def test_nobody_is_answered_what_needs_no_token_and_nothing_else(graph: Graph) -> None:
    assert await graph.data("{ hub { name } }") == {"hub": {"name": "River City"}}
    assert codes(await graph.ask(EVENT, event=graph.drive)) == {"UNAUTHORIZED_FIELD_OR_TYPE"}
    behind = await asked(graph.carpools, ENTITY, event=graph.drive)
    assert codes(behind) == {"UNAUTHENTICATED"}


def claims_of(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return read


SPOILT: dict[str, Callable[[Graph, str], str]] = {
    "no token at all": lambda graph, token: "x.y.z",
    "another signature": lambda graph, token: f"{token[:-9]}{token[-9:].swapcase()}",
    "of a key that there is not": lambda graph, token: by_another_key(claims_of(token)),
    # What the hub signs as well, with the same key, and is meant for others.
    "an ID token": lambda graph, token: signed(graph, token, "JWT"),
    "for another address": lambda graph, token: signed(graph, token, aud="https://other.example"),
    "of another hub": lambda graph, token: signed(graph, token, iss="https://other.example"),
    "over": lambda graph, token: signed(graph, token, seconds=-120),
}


def signed(
    graph: Graph, token: str, kind: str = "at+jwt", seconds: int = 300, **claims: str
) -> str:
    return graph.mint.signed(kind, claims_of(token) | claims, seconds)


def by_another_key(claims: dict[str, Any]) -> str:
    key = made_key(kid="of-nobody")
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_a_token_that_is_none_is_refused_at_every_door(graph: Graph, spoilt: str) -> None:
    token = await graph.token("pantry", *READ)
    good = signed(graph, token)
    questions = {
        graph.gateway: "{ ourCarpools { seats } }",
        graph.carpools: "{ ourCarpools { seats } }",
        graph.hub: "{ hub { name } }",
    }
    for door, question in questions.items():
        assert "errors" not in await asked(door, question, good)
        refused = await asked(door, question, SPOILT[spoilt](graph, token))
        assert refused.get("data") is None
        assert codes(refused) == {"UNAUTHENTICATED"}


async def test_what_the_hub_refuses_is_told_with_its_code(graph: Graph) -> None:
    token = await graph.token("pantry", *READ)
    refused = await graph.ask('{ events(after: "nothing") { nodes { title } } }', token)
    assert codes(refused) == {"BAD_USER_INPUT"}


async def test_the_events_of_a_list_are_asked_for_at_once(graph: Graph) -> None:
    """A gateway gathers keys: a list of the partner's is one question to the hub."""
    token = await graph.token("pantry", *READ, WRITE)
    for event in (graph.drive, graph.meeting, graph.drive):
        await graph.data(OFFER, token, event=event)
    graph.heard.clear()
    assert len(await ours(graph, token)) >= 3
    assert graph.heard == [("/subgraph", "127.0.0.1")], "once, and for whoever asked the gateway"
