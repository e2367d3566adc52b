"""Somebody acts on things of another hub, at home: their hub passes it on, and the owner decides."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from domain.actors import TeamRole
from resolvers import events
from resolvers.operating import operator_for
from schema.elsewhere import DECIDES
from schema.root import graphql_schema
from storage import credentials
from storage.credential_tables import grants
from storage.credentials import Grant
from storage.tables import audit_entries, done_once, rsvps, team_members
from tests.cast import food_drive
from tests.federation.acting import APP, Town, a_town, contents, somebody
from tests.federation.neighbourhood import Neighbourhood

UPDATE = """mutation Edit($input: UpdateEventInput!) {
  updateEvent(input: $input) { event { id title version } userErrors { code field message } }
}"""
RSVP = """mutation($input: RsvpInput!) {
  rsvp(input: $input) { rsvp { id status } userErrors { code message } }
}"""
# What it is known of a change at home: who did it, and to what.
NOTED = {"audit_entries", "audit_concerned"}


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        yield await a_town(here, there)


def edit(town: Town, version: int, title: str = "Bigger drive") -> dict[str, Any]:
    return {"input": {"id": town.drive, "version": version, "title": title}}


def test_of_every_change_it_is_said_whose_thing_it_changes() -> None:
    changes = graphql_schema._schema.mutation_type
    assert changes is not None
    assert set(changes.fields) <= set(DECIDES)
    for name, deciding in DECIDES.items():
        if deciding is None or name not in changes.fields:
            continue
        first, _, within = deciding.partition(".")
        argument = changes.fields[name].args[first]
        kind: Any = argument.type
        kind = kind.of_type.fields[within].type if within else kind
        assert str(kind) == "ID!", name


async def test_a_co_host_at_another_hub_changes_the_words_of_the_event(town: Town) -> None:
    version, at_home = await town.version(), await contents(town.there, *NOTED)
    said = await town.sam.ask(UPDATE, edit(town, version))
    event = {"id": town.drive, "title": "Bigger drive", "version": version + 1}
    assert said == {"data": {"updateEvent": {"event": event, "userErrors": []}}}
    assert await contents(town.there, *NOTED) == at_home  # it comes by the feed
    noted = select(
        audit_entries.c.person_id, audit_entries.c.hub_id, audit_entries.c.organization_id
    )
    async with town.here.database.reading() as db:
        done = await db.execute(noted.where(audit_entries.c.action == "event.updated"))
        assert done.all() == [(town.sam.id, town.there.hub_id, town.shelter)]
    async with town.there.database.reading() as db:
        done = await db.execute(noted.where(audit_entries.c.action == "elsewhere.changed"))
        assert done.all() == [(town.sam.id, town.there.hub_id, town.shelter)]


async def test_somebody_else_was_first_and_the_thing_as_it_stands_comes_back(town: Town) -> None:
    version = await town.version()
    await town.anna.ask(UPDATE, edit(town, version, "Anna was first"))
    before = await contents(town.here, *CREDENTIALS)
    said = await town.sam.ask(UPDATE, edit(town, version))
    outcome = said["data"]["updateEvent"]
    assert outcome["userErrors"][0]["code"] == "STALE"
    assert outcome["event"] == {
        "id": town.drive,
        "title": "Anna was first",
        "version": version + 1,
    }
    assert await contents(town.here, *CREDENTIALS) == before


async def test_the_owner_says_which_fields_are_not_lent(town: Town) -> None:
    before = await contents(town.here, *CREDENTIALS)
    variables = {"input": {"id": town.drive, "version": await town.version(), "capacity": 5}}
    said = await town.sam.ask(UPDATE, variables)
    refused = said["data"]["updateEvent"]["userErrors"][0]
    assert (refused["code"], "capacity" in refused["message"]) == ("FORBIDDEN", True)
    assert await contents(town.here, *CREDENTIALS) == before


async def test_it_is_asked_in_the_clients_own_words(town: Town) -> None:
    """Names, fragments, variables, defaults, and what is left out."""
    document = """
    mutation A($id: ID!, $title: String = "By default", $v: Int!, $no: Boolean!, $yes: Boolean!) {
      mine: updateEvent(input: {id: $id, version: $v, title: $title}) @include(if: $yes) {
        ...Outcome
        __typename
      }
      never: publishEvent(event: $id, version: $v) @skip(if: $yes) { userErrors { code } }
    }
    fragment Outcome on EventPayload {
      thing: event { ...Words createdAt @include(if: $no) host { name } }
      wrong: userErrors { code }
    }
    fragment Words on Event { called: title ... on Node { id } }
    """
    variables = {"id": town.drive, "v": await town.version(), "no": False, "yes": True}
    said = await town.sam.ask(document, variables)
    assert said == {
        "data": {
            "mine": {
                "thing": {
                    "called": "By default",
                    "id": town.drive,
                    "host": {"name": "Pantry"},
                },
                "wrong": [],
                "__typename": "EventPayload",
            }
        }
    }


async def test_changes_of_one_document_go_in_order_each_to_its_owner(town: Town) -> None:
    async with town.there.context(operator_for(town.shelter)) as ctx:
        own = await events.create(ctx, food_drive(town.shelter, title="Soup"))
    document = """mutation($a: UpdateEventInput!, $b: UpdateEventInput!, $c: UpdateEventInput!) {
      one: updateEvent(input: $a) { event { title } userErrors { code } }
      two: updateEvent(input: $b) { event { title } userErrors { code } }
      three: updateEvent(input: $c) { event { title } userErrors { code } }
    }"""
    version = await town.version()
    said = await town.sam.ask(
        document,
        {
            "a": edit(town, version, "First")["input"],
            "b": {"id": own, "version": 1, "title": "Stew"},
            "c": edit(town, version + 1, "Third")["input"],
        },
    )
    assert said == {
        "data": {
            "one": {"event": {"title": "First"}, "userErrors": []},
            "two": {"event": {"title": "Stew"}, "userErrors": []},
            "three": {"event": {"title": "Third"}, "userErrors": []},
        }
    }


async def test_a_member_answers_to_a_date_takes_it_back_and_is_checked_in(town: Town) -> None:
    said = await town.sam.ask(RSVP, {"input": {"event": town.drive, "additionalGuests": 1}})
    answer = said["data"]["rsvp"]["rsvp"]
    assert answer["status"] == "ACCEPTED"
    assert answer["id"].endswith("@a.test")
    async with town.here.database.reading() as db:
        came = await db.execute(select(rsvps.c.person_id, rsvps.c.additional_guests))
        assert came.all() == [(town.sam.id, 1)]
    async with town.there.database.reading() as db:
        assert (await db.execute(select(rsvps.c.id))).all() == []
    cancel = "mutation($r: ID!) { cancelRsvp(rsvp: $r) { rsvp { status } userErrors { code } } }"
    said = await town.sam.ask(cancel, {"r": answer["id"]})
    assert said["data"]["cancelRsvp"] == {"rsvp": {"status": "CANCELLED"}, "userErrors": []}
    said = await town.sam.ask(RSVP, {"input": {"event": town.drive}})
    answer = said["data"]["rsvp"]["rsvp"]
    town.here.clock.at = food_drive(town.pantry).starts_at
    check = """mutation($r: ID!) {
      checkIn(rsvp: $r, attended: true) { rsvp { attended } userErrors { code message } }
    }"""
    said = await town.sam.ask(check, {"r": answer["id"]})
    assert said["data"]["checkIn"] == {"rsvp": {"attended": True}, "userErrors": []}


async def test_a_viewer_of_the_team_answers_and_edits_nothing(town: Town) -> None:
    vera = await somebody(town.there, town.shelter, "Vera", TeamRole.VIEWER)
    said = await vera.ask(RSVP, {"input": {"event": town.drive}})
    assert said["data"]["rsvp"]["rsvp"]["status"] == "ACCEPTED"
    before = await contents(town.here, *CREDENTIALS)
    said = await vera.ask(UPDATE, edit(town, await town.version()))
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] == "FORBIDDEN"
    assert await contents(town.here, *CREDENTIALS) == before


async def test_who_left_the_team_is_vouched_for_no_more(town: Town) -> None:
    await town.sam.ask(UPDATE, edit(town, await town.version()))
    async with town.there.database.writing() as db:
        await db.execute(team_members.delete().where(team_members.c.person_id == town.sam.id))
    before = await contents(town.here)
    said = await town.sam.ask(UPDATE, edit(town, await town.version(), "Once more"))
    assert said["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await contents(town.here) == before


async def test_an_app_by_itself_and_nobody_do_nothing_elsewhere(town: Town) -> None:
    before = await contents(town.here)
    async with town.there.database.writing() as db:
        await credentials.add_grant(
            db,
            Grant(
                id="grant_of_the_app",
                client_id=APP,
                organization_id=town.shelter,
                person_id=None,
                scopes=town.sam.scopes,
                created_at=town.there.clock.now(),
            ),
        )
    token = town.there.service.tokens.mint.token(
        client_id=APP,
        organization_id=town.shelter,
        grant_id="grant_of_the_app",
        scopes=("events:write", "events:read", "attendance:write"),
    )
    said = await town.there.ask(UPDATE, edit(town, await town.version()), token=token)
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] == "FORBIDDEN"
    said = await town.there.ask(
        RSVP, {"input": {"event": town.drive, "guestName": "Gus", "guestEmail": "g@x.test"}}
    )
    assert said["data"]["rsvp"]["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await contents(town.here) == before


async def test_a_token_without_the_scope_is_refused_at_home(town: Town) -> None:
    before = await contents(town.here)
    variables = edit(town, await town.version())
    said = await town.there.ask(UPDATE, variables, token=town.sam.token("events:read"))
    assert said["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    assert await contents(town.here) == before


# ── once, and where the owner is away ────────────────────────────────────────────────────────────


async def test_what_is_sent_again_under_its_key_is_done_once(town: Town) -> None:
    variables = edit(town, await town.version())
    first = await town.sam.ask(UPDATE, variables, key="one")
    again = await town.sam.ask(UPDATE, variables, key="one")
    assert first == again
    assert first["data"]["updateEvent"]["userErrors"] == []
    assert await town.version() == variables["input"]["version"] + 1
    other = await town.sam.ask(UPDATE, edit(town, await town.version(), "Other"), key="one")
    assert other["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_an_answer_that_was_lost_is_had_again_under_its_key(town: Town) -> None:
    """The owner did it, and its answer did not arrive: neither hub does it twice."""
    variables, roads = edit(town, await town.version()), town.here.roads
    application = roads.apps["a.test"]

    async def lost(scope: Any, receive: Any, send: Any) -> None:
        await application(scope, receive, send)
        if scope["path"] == "/graphql":
            raise httpx.ReadError("cut")

    roads.apps["a.test"] = lost
    said = await town.sam.ask(UPDATE, variables, key="one")
    roads.apps["a.test"] = application
    refused = said["data"]["updateEvent"]["userErrors"][0]
    assert (refused["code"], "not known whether" in refused["message"]) == (
        "PEER_UNREACHABLE",
        True,
    )
    forget_that_it_was_away(town)
    said = await town.sam.ask(UPDATE, variables, key="one")
    assert said["data"]["updateEvent"]["userErrors"] == []
    assert await town.version() == variables["input"]["version"] + 1
    async with town.here.database.reading() as db:
        assert len((await db.execute(select(done_once.c.key))).all()) == 1


async def test_an_owner_that_is_away_is_said_to_be_and_nothing_was_done(town: Town) -> None:
    before, at_home = await contents(town.here), await contents(town.there)
    variables = edit(town, 1)
    town.here.roads.closed.add("a.test")
    for _ in range(3):
        said = await town.sam.ask(UPDATE, variables)
        refused = said["data"]["updateEvent"]["userErrors"][0]
        assert (refused["code"], "Nothing was done" in refused["message"]) == (
            "PEER_UNREACHABLE",
            True,
        )
    tries = [each for each in town.here.roads.asked if "a.test" in each]
    assert len(tries) == 1  # it is not asked by everybody while it is away
    assert await contents(town.here) == before
    assert await contents(town.there) == at_home


async def test_a_token_that_was_revoked_there_is_asked_for_anew(town: Town) -> None:
    await town.sam.ask(UPDATE, edit(town, await town.version()))
    async with town.here.database.writing() as db:
        await db.execute(
            update(grants)
            .where(grants.c.person_id == town.sam.id)
            .values(revoked_at=town.here.clock.now())
        )
    said = await town.sam.ask(UPDATE, edit(town, await town.version(), "Again"))
    assert said["data"]["updateEvent"]["userErrors"] == []


LIES: list[tuple[Any, str]] = [
    (b"no json", "not what was asked"),
    ([], "not what was asked"),
    ({}, "not what was asked"),
    ({"data": {"other": {}}}, "not what was asked"),
    ({"data": {"updateEvent": []}}, "something else than was asked"),
    ({"data": {"updateEvent": {"event": None}}}, "something else than was asked"),
    ({"data": {"updateEvent": {"event": "x", "userErrors": []}}}, "something else"),
    (
        {"data": {"updateEvent": {"event": {"id": "x", "title": 5, "version": 1}}}},
        "something else",
    ),
    (
        {"data": {"updateEvent": {"event": None, "userErrors": [None]}}},
        "something else",
    ),
    ({"data": None, "errors": [{"message": "No."}]}, "No."),
    ({"data": None, "errors": ["No.", 5]}, "not what was asked"),
]


async def test_what_a_hub_answers_that_was_not_asked_is_not_shown(town: Town) -> None:
    version = await town.version()
    for lie, why in LIES:
        answer_instead(town, lie if isinstance(lie, bytes) else json.dumps(lie).encode())
        said = await town.sam.ask(UPDATE, edit(town, version))
        refused = said["data"]["updateEvent"]["userErrors"][0]
        assert (refused["code"], why in refused["message"]) == ("PEER_REFUSED", True), refused
    answer = {
        "event": {"id": "x", "title": "t", "version": 2, "secret": "s"},
        "userErrors": [],
        "more": {"of": "it"},
    }
    answer_instead(town, json.dumps({"data": {"updateEvent": answer}}).encode())
    said = await town.sam.ask(UPDATE, edit(town, version))
    assert said["data"]["updateEvent"] == {
        "event": {"id": "x", "title": "t", "version": 2},
        "userErrors": [],
    }


async def test_a_hub_that_is_no_peer_is_not_asked(town: Town) -> None:
    asked = list(town.here.roads.asked)
    stranger = town.drive.replace("a.test", "c.test")
    said = await town.sam.ask(UPDATE, {"input": {"id": stranger, "version": 1, "title": "Whose?"}})
    assert said["data"]["updateEvent"]["userErrors"][0]["code"] == "NOT_FOUND"
    assert town.here.roads.asked == asked


# ── ways of tests ────────────────────────────────────────────────────────────────────────────────

# What acting for somebody leaves at the owner, whatever comes of it.
CREDENTIALS = {"grants", "clients", "used_assertions", "persons", *NOTED}


def answer_instead(town: Town, body: bytes) -> None:
    """The owner's endpoint says that, whatever it is asked."""

    def answered(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"content-type": "application/json"})

    town.here.roads.instead["https://a.test/graphql"] = answered


def forget_that_it_was_away(town: Town) -> None:
    town.there.service.forwarding._away_until.clear()
