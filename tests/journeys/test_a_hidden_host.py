"""The Night Shelter keeps to itself. It asks the Library to host an evening with it, and into the
Quiet Circle, which it convenes; Lee is in its group. They see who asks. Nobody else learns of it,
and they learn of nothing else that it has."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from domain.actors import Viewer
from domain.events import EventHostStatus
from domain.sharing import MembershipStatus, Visibility
from resolvers import alliances, co_hosting, groups, organizations
from resolvers.alliances import NewAgreement, NewAlliance
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.tables import alliance_members, event_hosts
from tests import cast
from tests.cast import MakeContext
from tests.journeys.conftest import READING, RiverCity

BOTH_WAYS = (
    Operations(graphql_schema, Limits()),
    Operations(graphql_schema, Limits(), planned=False),
)
SHELTER = "Night Shelter"
EVENT = "query ($evening: ID!) { event(id: $evening) { title host { id name } } }"
HOSTS = """query ($evening: ID!) { event(id: $evening) {
    hosts { totalCount nodes { role status organization { name } event { title } } } } }"""
ALLIANCE = "query ($circle: ID!) { alliance(id: $circle) { name convener { id name } } }"
MEMBERS = """query ($circle: ID!) { alliance(id: $circle) {
    members { nodes { organization { name } alliance { name } } }
    agreements { acceptances { nodes { organization { name } } } } } }"""
GROUP = """query ($group: ID!) { group(id: $group) { name organization { name }
    members { nodes { group { name } person { displayName } } } } }"""
ITSELF = "query ($shelter: ID!) { organization(id: $shelter) { name } }"
# Each way that leads from the organization, or past it, to what else it does.
ITS_OTHER_THINGS = {
    "its events": """query ($shelter: ID!) { organization(id: $shelter) {
        events { nodes { title } } } }""",
    "its events, last changed first": """query ($shelter: ID!) { organization(id: $shelter) {
        events(orderBy: UPDATED_AT_DESC) { nodes { title } } } }""",
    "its events of some time": """query ($shelter: ID!) { organization(id: $shelter) {
        events(filter: {from: "2027-03-01T00:00:00Z"}) { nodes { title } } } }""",
    "its groups": """query ($shelter: ID!) { organization(id: $shelter) {
        groups { nodes { name } } } }""",
    "its alliances": """query ($shelter: ID!) { organization(id: $shelter) {
        alliances { nodes { alliance { name } } } } }""",
    "its team": "query ($shelter: ID!) { organization(id: $shelter) { team { nodes { id } } } }",
    "its contact": "query ($shelter: ID!) { organization(id: $shelter) { contact { name } } }",
    "an event that it did not ask to": "query ($other: ID!) { event(id: $other) { title } }",
    "an unlisted group": "query ($otherGroup: ID!) { group(id: $otherGroup) { name } }",
    "an open alliance": "query ($openCircle: ID!) { alliance(id: $openCircle) { name } }",
}
# Lists, counts and searches in which it does not stand, for anybody but itself.
LISTS = {
    "organizations": "{ organizations { totalCount nodes { name } } }",
    "organizations by words": '{ organizations(filter: {search: "night"}) { totalCount } }',
    "search": """{ search(text: "night") {
        nodes { ... on Organization { name } } } }""",
    "organizations of the hub": "{ hub { organizations { totalCount nodes { name } } } }",
    "members of the circle": """query ($circle: ID!) {
        organizations(filter: {alliance: $circle}) { totalCount nodes { name } } }""",
    "events by host": """query ($shelter: ID!) {
        events(filter: {organizations: [$shelter]}) { totalCount nodes { title } } }""",
    "who hosts the food drive": """query ($drive: ID!) { event(id: $drive) {
        hosts { totalCount nodes { organization { name } } } } }""",
    "who is at the City Table": """{ alliance(slug: "city-table") {
        members { nodes { organization { name } } } } }""",
}
# What the Library has no part in is told it as it is told nobody.
ALSO_FOR_STRANGERS = LISTS.keys() - {"members of the circle"}
EVERY = (*READING, "contacts:read")


@dataclass(frozen=True)
class NightShelter:
    ids: dict[str, str]
    lee: Viewer


@pytest.fixture
async def shelter(river_city: RiverCity, context: MakeContext, database: Database) -> NightShelter:
    people = river_city.cast
    shelter = await organizations.create(
        context(operator_for()),
        NewOrganization(
            slug="night-shelter",
            name=SHELTER,
            languages=("en",),
            time_zone="America/Indiana/Indianapolis",
            visibility=Visibility.PRIVATE,
        ),
    )
    app, operator = Viewer(shelter, client_id="shelter-app"), context(operator_for(shelter))
    private = {"visibility": Visibility.PRIVATE}
    evening = await cast.publish(context, app, title="An evening", **private)
    other = await cast.publish(context, app, title="Hidden away", visibility=Visibility.UNLISTED)
    group = await cast.start_group(context, app, "night-watch", **private)
    other_group = await cast.start_group(
        context, app, "hidden-crew", visibility=Visibility.UNLISTED
    )
    await groups.add_member(operator, group, people.lee_id)

    async def alliance(slug: str, name: str, visibility: Visibility) -> str:
        new = NewAlliance(
            convener_id=shelter, slug=slug, name=name, purpose=name, visibility=visibility
        )
        return await alliances.create(operator, new)

    circle = await alliance("quiet-circle", "Quiet Circle", Visibility.PRIVATE)
    open_circle = await alliance("hidden-circle", "Hidden Circle", Visibility.PUBLIC)
    await alliances.add_member(operator, circle, people.library)
    charter = await alliances.publish_agreement(
        operator, NewAgreement(alliance_id=circle, title="Charter", body="We are quiet.")
    )
    await alliances.accept_agreement(operator, charter, shelter)
    await alliances.add_member(context(operator_for(people.pantry)), people.city_table, shelter)
    drive = await cast.publish(context, people.pantry_app, title="Hidden partner's drive")
    async with context(operator_for(shelter)).writing() as db:
        await co_hosting.add_by_operator(operator, db, evening, people.library)
    async with context(operator_for(people.pantry)).writing() as db:
        await co_hosting.add_by_operator(context(operator_for(people.pantry)), db, drive, shelter)
    async with database.writing() as db:
        # As they stand when they were asked and have not answered.
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.event_id == evening)
            .where(event_hosts.c.organization_id == people.library)
            .values(status=EventHostStatus.INVITED)
        )
        await db.execute(
            update(alliance_members)
            .where(alliance_members.c.alliance_id == circle)
            .where(alliance_members.c.organization_id == people.library)
            .values(status=MembershipStatus.INVITED)
        )
    ids = {
        "shelter": shelter,
        "evening": evening,
        "other": other,
        "group": group,
        "otherGroup": other_group,
        "circle": circle,
        "openCircle": open_circle,
        "drive": drive,
    }
    return NightShelter(ids, replace(people.lee, group_ids=frozenset({group})))


def asked_by(query: str, shelter: NightShelter) -> dict[str, str]:
    return {name: value for name, value in shelter.ids.items() if f"${name}:" in query}


async def test_the_co_host_reads_whose_event_it_is(
    river_city: RiverCity, shelter: NightShelter
) -> None:
    library = await river_city.token("library")
    host = {"id": shelter.ids["shelter"], "name": SHELTER}
    evening = shelter.ids["evening"]
    assert await river_city.data(EVENT, library, evening=evening) == {
        "event": {"title": "An evening", "host": host}
    }
    hosts = (await river_city.data(HOSTS, library, evening=evening))["event"]["hosts"]
    assert hosts["totalCount"] == 2
    assert {(host["organization"]["name"], host["status"]) for host in hosts["nodes"]} == {
        (SHELTER, "ACCEPTED"),
        ("Northside Library", "INVITED"),
    }
    listed = await river_city.data("{ events { nodes { title host { name } } } }", library)
    assert {"title": "An evening", "host": {"name": SHELTER}} in listed["events"]["nodes"]


async def test_who_is_asked_into_an_alliance_reads_who_convenes_it(
    river_city: RiverCity, shelter: NightShelter
) -> None:
    library, circle = await river_city.token("library"), shelter.ids["circle"]
    assert await river_city.data(ALLIANCE, library, circle=circle) == {
        "alliance": {
            "name": "Quiet Circle",
            "convener": {"id": shelter.ids["shelter"], "name": SHELTER},
        }
    }
    found = await river_city.data(MEMBERS, library, circle=circle)
    members = found["alliance"]["members"]["nodes"]
    assert [member["organization"]["name"] for member in members] == [SHELTER]
    (charter,) = found["alliance"]["agreements"]
    assert charter["acceptances"] == {"nodes": [{"organization": {"name": SHELTER}}]}


async def test_a_member_of_its_group_reads_whose_group_it_is(
    context: MakeContext, shelter: NightShelter
) -> None:
    answered = await told(context, GROUP, shelter)
    assert answered == {
        "group": {
            "name": "Night Watch",
            "organization": {"name": SHELTER},
            "members": {
                "nodes": [{"group": {"name": "Night Watch"}, "person": {"displayName": "Lee"}}]
            },
        }
    }
    for what, query in ITS_OTHER_THINGS.items():
        assert "Hidden" not in str(await told(context, query, shelter)), what


async def told(context: MakeContext, query: str, shelter: NightShelter) -> Any:
    """To Lee, by one statement and by graphql-core."""
    lee = replace(shelter.lee, scopes=frozenset({"groups:read", "organizations:read"}))
    answers = []
    for operations in BOTH_WAYS:
        prepared = operations.prepare(Asked(query, variables=asked_by(query, shelter)))
        assert isinstance(prepared, Prepared)
        answered = await operations.run(prepared, context(lee), "req")
        answers.append(orjson.loads(answered.body))
    assert answers[0] == answers[1]
    return answers[0]["data"]


@pytest.mark.parametrize("who", ["harbor-shelter", None])
async def test_for_strangers_there_is_nobody_and_nothing(
    river_city: RiverCity, shelter: NightShelter, who: str | None
) -> None:
    token = await river_city.token(who) if who else None
    for query in (EVENT, HOSTS, ALLIANCE, MEMBERS, ITSELF):
        answer = await river_city.data(query, token, **asked_by(query, shelter))
        assert list(answer.values()) == [None], query


@pytest.mark.parametrize("way", ITS_OTHER_THINGS)
async def test_the_co_host_learns_of_nothing_else_that_it_has(
    river_city: RiverCity, shelter: NightShelter, way: str
) -> None:
    query, ids = ITS_OTHER_THINGS[way], asked_by(ITS_OTHER_THINGS[way], shelter)
    to_library = await river_city.ask(query, await river_city.token("library", *EVERY), **ids)
    assert "Hidden" not in str(to_library)
    assert "City Table" not in str(to_library)
    found = to_library["data"]
    if "organization" in found:
        assert found["organization"] is not None
    else:
        assert list(found.values()) == [None]


@pytest.mark.parametrize("name", LISTS)
async def test_it_stands_in_no_list_that_it_did_not_stand_in(
    river_city: RiverCity, shelter: NightShelter, name: str
) -> None:
    query, ids = LISTS[name], asked_by(LISTS[name], shelter)
    to_library = await river_city.data(query, await river_city.token("library"), **ids)
    assert SHELTER not in str(to_library)
    if name in ALSO_FOR_STRANGERS:
        to_nobody = await river_city.data(query, **ids)
        assert to_library == to_nobody
    to_itself = await river_city.data(query, await river_city.token("night-shelter"), **ids)
    assert to_itself != to_library, "itself it does stand there"
