"""The Pantry and the Shelter host one event; then the Shelter withdraws alone. Each is asked by its
own app, over HTTP, and everybody else sees only what both agreed to."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from domain.actors import TeamRole
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.tables import team_members
from tests.cast import MakeContext
from tests.journeys.conftest import READING, RiverCity

BOTH_WAYS = (
    Operations(graphql_schema, Limits()),
    Operations(graphql_schema, Limits(), planned=False),
)

EVERY = (*READING, "events:write", "events:publish", "events:hosts")
CREATE = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
    event { id version publicationStatus } userErrors { code message } } }"""
PUBLISH = """mutation ($event: ID!, $version: Int!) { publishEvent(event: $event, version: $version) {
    event { version publicationStatus } userErrors { code field message } } }"""
CANCEL = """mutation ($event: ID!, $version: Int!, $reason: String) {
    cancelEvent(event: $event, version: $version, reason: $reason) {
        event { version status publicationStatus cancellationReason
            occurrences(from: "2027-03-01T00:00:00Z", to: "2027-04-01T00:00:00Z") {
                nodes { status } } }
        userErrors { code field message } } }"""
SHARE = """mutation ($event: ID!, $alliances: [ID!]!) { shareEvent(event: $event, alliances: $alliances) {
    event { sharedWith { name } } userErrors { code field } } }"""
UNSHARE = """mutation ($event: ID!, $alliances: [ID!]!) {
    unshareEvent(event: $event, alliances: $alliances) {
        event { sharedWith { name } } userErrors { code field } } }"""
PLACE = """{ id role status mayEdit attendeeSharing message nextActions isFinal endReason
    organization { name } }"""
INVITE = f"""mutation ($event: ID!, $organization: ID!, $message: String) {{
    inviteEventHost(event: $event, organization: $organization, message: $message) {{
        eventHost {PLACE} userErrors {{ code field message }} }} }}"""
RESPOND = f"""mutation ($place: ID!, $accept: Boolean!) {{
    respondToEventHost(eventHost: $place, accept: $accept) {{
        eventHost {PLACE} userErrors {{ code field message }} }} }}"""
WITHDRAW = f"""mutation ($place: ID!, $reason: String) {{
    withdrawEventHost(eventHost: $place, reason: $reason) {{
        eventHost {PLACE} userErrors {{ code field message }} }} }}"""
UPDATE = """mutation ($input: UpdateEventInput!) { updateEvent(input: $input) {
    event { version title } userErrors { code field message } } }"""
HOSTS = f"""query ($event: ID!) {{ event(id: $event) {{ title version status cancellationReason
    hosts {{ totalCount nodes {PLACE} }} }} }}"""

ONE_PLACE = """query ($place: ID!) { node(id: $place) { ... on EventHost {
    nextActions isFinal message endReason expiresAt endedAt } } }"""


class Company:
    """Who asks: the Pantry's app, the Shelter's, the Library's, or nobody."""

    def __init__(self, city: RiverCity, tokens: dict[str, str]) -> None:
        self.city = city
        self.tokens: dict[str, str | None] = {**tokens, "nobody": None}

    async def does(self, who: str, change: str, **variables: Any) -> dict[str, Any]:
        """What came of a change; it has one field at its top."""
        data = await self.city.data(change, self.tokens[who], **variables)
        (payload,) = data.values()
        found: dict[str, Any] = payload
        return found

    async def done(self, who: str, change: str, **variables: Any) -> dict[str, Any]:
        """The thing, where nothing was refused."""
        payload = await self.does(who, change, **variables)
        assert payload.pop("userErrors") == []
        (thing,) = payload.values()
        found: dict[str, Any] = thing
        return found

    async def refused(self, who: str, change: str, **variables: Any) -> dict[str, Any]:
        payload = await self.does(who, change, **variables)
        (error,) = payload["userErrors"]
        found: dict[str, Any] = error
        return found

    async def hosts(self, who: str, event_id: str) -> dict[str, dict[str, Any]]:
        """The places on the event that are shown, by the organization's name."""
        data = await self.city.data(HOSTS, self.tokens[who], event=event_id)
        hosts = data["event"]["hosts"]
        assert hosts["totalCount"] == len(hosts["nodes"])
        return {place["organization"]["name"]: place for place in hosts["nodes"]}


@pytest.fixture
async def company(river_city: RiverCity) -> Company:
    names = ("pantry", "shelter", "library")
    return Company(river_city, {name: await river_city.token(name, *EVERY) for name in names})


async def drafted(company: Company, **given: Any) -> str:
    evening = {
        "organization": company.city.cast.pantry,
        "title": "Shared supper",
        "startsAt": "2027-03-06T18:00:00-05:00",
        "endsAt": "2027-03-06T21:00:00-05:00",
        "timeZone": "America/Indiana/Indianapolis",
        "publish": False,
    }
    event = await company.done("pantry", CREATE, input=evening | given)
    assert event["publicationStatus"] == "DRAFT"
    return str(event["id"])


async def test_two_organizations_host_one_event_and_one_withdraws_alone(company: Company) -> None:
    cast = company.city.cast
    event_id = await drafted(company)

    # The draft is the Pantry's alone, until the Shelter is asked.
    assert (await company.city.data(HOSTS, company.tokens["shelter"], event=event_id)) == {
        "event": None
    }
    invited = await company.done(
        "pantry", INVITE, event=event_id, organization=cast.shelter, message="Will you cook?"
    )
    assert invited["status"] == "INVITED"
    assert (invited["role"], invited["mayEdit"]) == ("CO_HOST", "DETAILS")
    assert invited["nextActions"] == ["withdrawEventHost"]
    place_id = invited["id"]
    asked = (await company.hosts("shelter", event_id))["Harbor Shelter"]
    assert asked["message"] == "Will you cook?"
    assert asked["nextActions"] == ["respondToEventHost"]

    # Published, it names the Pantry; of who is asked nobody else learns.
    published = await company.done("pantry", PUBLISH, event=event_id, version=1)
    assert published == {"version": 2, "publicationStatus": "PUBLISHED"}
    for stranger in ("library", "nobody"):
        assert list(await company.hosts(stranger, event_id)) == ["River City Pantry"]
    answering = {"place": place_id, "accept": True}
    assert (await company.refused("library", RESPOND, **answering))["code"] == "NOT_FOUND"
    assert (await company.refused("pantry", RESPOND, **answering))["code"] == "INVALID_TRANSITION"

    # The Shelter accepts: now everybody reads both names, and nobody else what was said.
    accepted = await company.done("shelter", RESPOND, **answering)
    assert accepted["status"] == "ACCEPTED"
    assert accepted["nextActions"] == ["withdrawEventHost"]
    for stranger in ("library", "nobody"):
        shown = await company.hosts(stranger, event_id)
        assert set(shown) == {"River City Pantry", "Harbor Shelter"}
        assert shown["Harbor Shelter"]["message"] is None
        assert shown["Harbor Shelter"]["nextActions"] == []
    assert (await company.refused("library", RESPOND, **answering))["code"] == "FORBIDDEN"

    # It changes the words, and not the date.
    words = {"id": event_id, "version": 2, "title": "Shared supper with soup"}
    changed = await company.done("shelter", UPDATE, input=words)
    assert changed == {"version": 3, "title": "Shared supper with soup"}
    earlier = {"id": event_id, "version": 3, "startsAt": "2027-03-05T18:00:00-05:00"}
    error = await company.refused("shelter", UPDATE, input=earlier)
    assert error["code"] == "FORBIDDEN"
    assert error["message"].startswith("Only the host may change: startsAt.")
    for change in (PUBLISH, CANCEL):
        error = await company.refused("shelter", change, event=event_id, version=3)
        assert error["code"] == "FORBIDDEN"

    # It withdraws, and asks nobody. The event goes on with its host.
    left = await company.done("shelter", WITHDRAW, place=place_id, reason="Our cook is ill.")
    assert (left["status"], left["isFinal"], left["nextActions"]) == ("WITHDRAWN", True, [])
    for who in ("library", "nobody"):
        assert list(await company.hosts(who, event_id)) == ["River City Pantry"]
    to_the_host = (await company.hosts("pantry", event_id))["Harbor Shelter"]
    assert to_the_host["endReason"] == "Our cook is ill."
    words["version"] = 3
    assert (await company.refused("shelter", UPDATE, input=words))["code"] == "FORBIDDEN"
    again = await company.done("shelter", WITHDRAW, place=place_id)
    assert again == left


async def test_the_library_asks_the_pantry_and_is_removed_with_a_reason(company: Company) -> None:
    cast = company.city.cast
    event_id = await drafted(company)
    await company.done("pantry", PUBLISH, event=event_id, version=1)
    request = {"event": event_id, "organization": cast.library}
    asked = await company.done("library", INVITE, **request)
    assert asked["status"] == "REQUESTED"
    waiting = (await company.hosts("pantry", event_id))["Northside Library"]
    assert waiting["nextActions"] == ["respondToEventHost"]
    place_id = asked["id"]
    await company.done("pantry", RESPOND, place=place_id, accept=True)
    error = await company.refused("pantry", WITHDRAW, place=place_id)
    assert (error["code"], error["field"]) == ("INVALID", ["reason"])
    removed = await company.done("pantry", WITHDRAW, place=place_id, reason="The room is full.")
    assert removed["status"] == "REMOVED"
    assert (await company.hosts("library", event_id))["Northside Library"]["endReason"] == (
        "The room is full."
    )
    assert list(await company.hosts("nobody", event_id)) == ["River City Pantry"]


async def test_everybody_learns_that_it_was_called_off(company: Company) -> None:
    event_id = await drafted(company)
    await company.done("pantry", PUBLISH, event=event_id, version=1)
    stale = await company.does("pantry", CANCEL, event=event_id, version=1, reason="Flood.")
    assert [error["code"] for error in stale["userErrors"]] == ["STALE"]
    assert stale["event"]["version"] == 2
    cancelled = await company.done("pantry", CANCEL, event=event_id, version=2, reason="Flood.")
    assert cancelled == {
        "version": 3,
        "status": "CANCELLED",
        "publicationStatus": "PUBLISHED",
        "cancellationReason": "Flood.",
        "occurrences": {"nodes": [{"status": "CANCELLED"}]},
    }
    to_all = (await company.city.data(HOSTS, None, event=event_id))["event"]
    assert (to_all["status"], to_all["cancellationReason"]) == ("CANCELLED", "Flood.")


async def test_it_is_shared_with_the_city_table_and_taken_back(company: Company) -> None:
    cast = company.city.cast
    event_id = await drafted(company, visibility="ALLIANCE")
    await company.done("pantry", PUBLISH, event=event_id, version=1)
    with_them = {"event": event_id, "alliances": [cast.city_table]}
    ask = "query ($event: ID!) { event(id: $event) { title } }"
    seen = []
    for change in (None, SHARE, UNSHARE):
        if change is not None:
            await company.done("pantry", change, **with_them)
        for who in ("shelter", "library"):
            found = await company.city.data(ask, company.tokens[who], event=event_id)
            seen.append(found["event"] is not None)
    assert seen == [False, False, True, False, False, False]


async def test_an_app_without_the_scope_is_told_which(company: Company) -> None:
    event_id = await drafted(company)
    reading = await company.city.token("pantry")
    for change, variables, scope in (
        (INVITE, {"event": event_id, "organization": company.city.cast.shelter}, "events:hosts"),
        (PUBLISH, {"event": event_id, "version": 1}, "events:publish"),
        (CANCEL, {"event": event_id, "version": 1}, "events:write"),
        (SHARE, {"event": event_id, "alliances": []}, "events:publish"),
    ):
        answer = await company.city.ask(change, reading, **variables)
        (error,) = answer["errors"]
        assert error["extensions"]["missingScopes"] == [scope]


async def test_one_who_only_looks_is_offered_nothing(
    company: Company, context: MakeContext
) -> None:
    """By one statement as by graphql-core: what may be done next goes by one's role in the team."""
    cast = company.city.cast
    event_id = await drafted(company)
    asked = await company.done("pantry", INVITE, event=event_id, organization=cast.shelter)
    may = {
        (cast.anna, TeamRole.EVENT_MANAGER): ["withdrawEventHost"],
        (cast.anna, TeamRole.VIEWER): [],
        (cast.sam, TeamRole.EDITOR): ["respondToEventHost"],
        (cast.sam, TeamRole.VIEWER): [],
    }
    for (person, role), actions in may.items():
        async with context().writing() as db:
            await db.execute(
                update(team_members)
                .where(team_members.c.person_id == person.person_id)
                .values(role=role)
            )
        viewer = replace(person, role=role, scopes=frozenset({"events:read"}))
        answers = []
        for operations in BOTH_WAYS:
            prepared = operations.prepare(Asked(ONE_PLACE, variables={"place": asked["id"]}))
            assert isinstance(prepared, Prepared)
            answered = await operations.run(prepared, context(viewer), "req")
            answers.append(orjson.loads(answered.body))
        assert answers[0] == answers[1]
        assert answers[0]["data"]["node"]["nextActions"] == actions, (person, role)
