"""A group that Anna's organization began is led by somebody who lives there; an event and an
alliance follow. Whoever is on neither side learns nothing of it, on any way of asking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from auth.scopes import SCOPES
from domain.actors import BY_TIME, NOBODY, TeamRole, Viewer
from domain.sharing import Visibility
from resolvers import co_hosting, handovers
from resolvers.operating import operator_for
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage import teams
from tests import cast as town
from tests.cast import Cast, MakeContext
from tests.conftest import Contents
from tests.outside import StandingClock

PLANNED = Operations(graphql_schema, Limits())
BOTH_WAYS = (PLANNED, Operations(graphql_schema, Limits(), planned=False))
ALL = frozenset(SCOPES)
HANDOVER = """id status message nextActions isFinal effectiveAt endReason
  subject { __typename id ... on Group { memberCount } ... on Event { host { id } } }
  from { id ... on Person { displayName } ... on Organization { slug } }
  to { id ... on Person { displayName } ... on Organization { slug } }"""
PLACE = "id status role message nextActions isFinal joinedAt askedAt person { displayName }"


@dataclass
class Town:
    """What people ask, by plans and by graphql-core: the two tell the same."""

    context: MakeContext
    cast: Cast

    @property
    def anna(self) -> Viewer:
        return replace(self.cast.anna, scopes=ALL)

    @property
    def sam(self) -> Viewer:
        return replace(self.cast.sam, role=TeamRole.ADMIN, scopes=ALL)

    @property
    def lee(self) -> Viewer:
        return replace(self.cast.lee, scopes=ALL)

    async def read(self, viewer: Viewer, query: str) -> Any:
        planned, core = [await self._run(way, viewer, query) for way in BOTH_WAYS]
        assert planned == core
        assert "errors" not in planned, planned["errors"]
        return planned["data"]

    async def do(self, viewer: Viewer, mutation: str) -> Any:
        """The thing, after a change that nobody minds."""
        answer = await self._run(PLANNED, viewer, f"mutation {{ done: {mutation} }}")
        assert "errors" not in answer, answer["errors"]
        thing, errors = _parts(answer["data"]["done"])
        assert errors == [], errors
        return thing

    async def refused(self, viewer: Viewer, mutation: str) -> str:
        """The code of the refusal."""
        answer = await self._run(PLANNED, viewer, f"mutation {{ done: {mutation} }}")
        if "errors" in answer:
            (error,) = answer["errors"]
            return str(error["extensions"]["code"])
        thing, (error,) = _parts(answer["data"]["done"])
        assert thing is None
        return str(error["code"])

    async def _run(self, way: Operations, viewer: Viewer, query: str) -> dict[str, Any]:
        prepared = way.prepare(Asked(query))
        assert isinstance(prepared, Prepared)
        answer = await way.run(prepared, self.context(viewer), "req")
        found: dict[str, Any] = orjson.loads(answer.body)
        return found


def _parts(payload: Mapping[str, Any]) -> tuple[Any, Any]:
    (thing,) = (value for name, value in payload.items() if name != "userErrors")
    return thing, payload["userErrors"]


def mutation(name: str, arguments: str, thing: str, parts: str) -> str:
    return f"{name}({arguments}) {{ {thing} {{ {parts} }} userErrors {{ code field message }} }}"


def member(name: str, arguments: str) -> str:
    return mutation(name, arguments, "membership", PLACE)


def handing(name: str, arguments: str) -> str:
    return mutation(name, arguments, "handover", HANDOVER)


@pytest.fixture
def people(context: MakeContext, cast: Cast) -> Town:
    return Town(context, cast)


async def test_a_group_comes_into_the_hands_of_those_who_live_there(
    people: Town, context: MakeContext, cast: Cast, contents: Contents
) -> None:
    group = await town.start_group(context, cast.anna, "night-market")
    changed = f'mutation {{ updateGroup(input: {{id: "{group}", version: 1, joinPolicy: BY_REQUEST}}) {{ userErrors {{ code }} }} }}'
    await people._run(PLANNED, people.anna, changed)
    asked = await people.do(people.sam, member("joinGroup", f'group: "{group}", message: "Hi!"'))
    assert (asked["status"], asked["nextActions"]) == ("REQUESTED", ["leaveGroup"])
    waiting = f'{{ group(id: "{group}") {{ requests {{ totalCount nodes {{ {PLACE} }} }} }} }}'
    shown = (await people.read(people.anna, waiting))["group"]["requests"]
    assert shown["totalCount"] == 1
    assert shown["nodes"][0]["message"] == "Hi!"
    assert shown["nodes"][0]["nextActions"] == ["respondToGroupMembership"]
    for other in (people.sam, people.lee):
        there = (await people.read(other, waiting))["group"]["requests"]
        assert there == {"totalCount": 0, "nodes": []}
    answer = f'membership: "{asked["id"]}", accept: true'
    assert await people.refused(people.lee, member("respondToGroupMembership", answer)) == (
        "NOT_FOUND"
    )
    place = await people.do(people.anna, member("respondToGroupMembership", answer))
    assert (place["status"], place["nextActions"]) == ("ACTIVE", [])

    offer = f'subject: "{group}", to: "{cast.sam_id}", message: "It is yours."'
    offered = await people.do(people.anna, handing("proposeHandover", offer))
    assert offered["from"] == {"id": cast.pantry, "slug": "river-city-pantry"}
    assert offered["to"] == {"id": cast.sam_id, "displayName": "Sam"}
    assert offered["nextActions"] == ["cancelHandover"]
    mine = f"{{ viewer {{ handovers {{ totalCount nodes {{ {HANDOVER} }} }} }} }}"
    seen = (await people.read(people.sam, mine))["viewer"]["handovers"]
    assert (seen["totalCount"], seen["nodes"][0]["nextActions"]) == (1, ["respondToHandover"])
    before = await contents()
    this = f'handover: "{offered["id"]}"'
    for stranger in (people.lee, replace(people.lee, person_id=None)):
        assert await people.read(stranger, f'{{ node(id: "{offered["id"]}") {{ id }} }}') == {
            "node": None
        }
        empty = (await people.read(stranger, mine))["viewer"]["handovers"]
        assert empty == {"totalCount": 0, "nodes": []}
        yes = handing("respondToHandover", f"{this}, accept: true")
        assert await people.refused(stranger, yes) == "NOT_FOUND"
        assert await people.refused(stranger, handing("cancelHandover", this)) == "NOT_FOUND"
    assert await contents() == before
    taken = await people.do(people.sam, handing("respondToHandover", f"{this}, accept: true"))
    assert (taken["status"], taken["nextActions"]) == ("EFFECTIVE", [])
    own = "{ viewer { groups { totalCount nodes { role status group { slug } } } } }"
    places = (await people.read(people.sam, own))["viewer"]["groups"]
    assert places["nodes"] == [
        {"role": "ADMIN", "status": "ACTIVE", "group": {"slug": "night-market"}}
    ]
    leaving = await people.do(people.sam, member("leaveGroup", f'group: "{group}"'))
    assert (leaving["status"], leaving["isFinal"]) == ("LEFT", True)


async def test_an_event_passes_on_and_its_report_is_told_to_all(
    people: Town, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    event = await town.publish(context, cast.anna)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event, cast.shelter)
    offer = f'subject: "{event}", to: "{cast.shelter}"'
    offered = await people.do(people.anna, handing("proposeHandover", offer))
    answer = f'handover: "{offered["id"]}", accept: true'
    taken = await people.do(people.sam, handing("respondToHandover", answer))
    assert taken["subject"]["host"] == {"id": cast.shelter}
    for side in (people.anna, people.sam):
        found = await people.read(
            side, f'{{ node(id: "{offered["id"]}") {{ ... on Handover {{ {HANDOVER} }} }} }}'
        )
        assert found["node"]["to"]["slug"] == "harbor-shelter"
    clock.at = town.ENDS
    told = mutation(
        "reportEvent", f'event: "{event}", text: "We fed all.", attended: 80', "event", "id"
    )
    assert await people.refused(people.anna, told) == "FORBIDDEN"
    await people.do(people.sam, told)
    report = f'{{ event(id: "{event}") {{ report {{ text attended publishedAt }} }} }}'
    read = (await people.read(NOBODY, report))["event"]["report"]
    assert read == {
        "text": "We fed all.",
        "attended": 80,
        "publishedAt": "2027-03-06T17:00:00+00:00",
    }


async def test_an_alliance_is_convened_by_another_after_a_week(
    people: Town, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    async with context().writing() as db:  # of Sam's team, whose role says who speaks for it
        await teams.give_role(db, "-", cast.shelter, cast.sam_id, TeamRole.ADMIN, clock.now())
    offer = f'subject: "{cast.city_table}", to: "{cast.shelter}"'
    offered = await people.do(people.anna, handing("proposeHandover", offer))
    answer = f'handover: "{offered["id"]}", accept: true'
    taken = await people.do(people.sam, handing("respondToHandover", answer))
    assert (taken["status"], taken["nextActions"]) == ("ACCEPTED", ["cancelHandover"])
    assert taken["effectiveAt"] == "2027-03-08T09:00:00+00:00"
    await handovers.make_effective(context(BY_TIME), clock.forward(days=7))
    convener = f'{{ alliance(id: "{cast.city_table}") {{ convener {{ slug }} }} }}'
    assert (await people.read(NOBODY, convener))["alliance"]["convener"] == {
        "slug": "harbor-shelter"
    }


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("organization", "organization:admin"),
        ("group", "groups:write"),
        ("alliance", "alliances:write"),
        ("event", "events:hosts"),
    ],
)
async def test_each_kind_of_thing_is_handed_over_by_its_own_scope(
    people: Town, context: MakeContext, cast: Cast, contents: Contents, kind: str, scope: str
) -> None:
    group = await town.start_group(context, cast.anna, "night-market")
    event = await town.publish(context, cast.anna)
    subjects = {
        "organization": cast.pantry,
        "group": group,
        "alliance": cast.city_table,
        "event": event,
    }
    before = await contents()
    bare = replace(people.anna, scopes=ALL - {scope})
    offer = f'subject: "{subjects[kind]}", to: "{cast.sam_id}"'
    assert await people.refused(bare, handing("proposeHandover", offer)) == "INSUFFICIENT_SCOPE"
    assert await people.refused(people.anna, handing("proposeHandover", offer)) == "INVALID"
    assert await contents() == before


async def test_what_only_one_side_may_still_see_is_not_shown_to_the_other(
    people: Town, context: MakeContext, cast: Cast
) -> None:
    """A handover says what, from whom and to whom: without any of these there is nothing to say."""
    event = await town.publish(context, cast.anna, visibility=Visibility.PRIVATE)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        place = await co_hosting.add_by_operator(operator, db, event, cast.shelter)
    offer = f'subject: "{event}", to: "{cast.shelter}"'
    offered = await people.do(people.anna, handing("proposeHandover", offer))
    one = f'{{ node(id: "{offered["id"]}") {{ ... on Handover {{ {HANDOVER} }} }} }}'
    assert (await people.read(people.sam, one))["node"]["status"] == "PROPOSED"
    await co_hosting.withdraw(context(cast.sam), place)
    assert (await people.read(people.sam, one))["node"] is None
    assert (await people.read(people.anna, one))["node"]["status"] == "PROPOSED"
