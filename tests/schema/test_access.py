"""The SDL is the policy: what a field or a type says it needs is what it takes to read it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Annotated, Any, Final

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLError, execute, parse, subscribe
from strawberry.federation import Schema

from domain.actors import NOBODY, Viewer
from schema.access import (
    NOTHING,
    Need,
    UnsafeContract,
    enforce,
    needs,
    public,
    requires,
    requires_any,
    signed_in,
)

VERSION: Final = "2.7"


@dataclass(frozen=True, slots=True)
class Asking:
    viewer: Viewer
    withheld: list[GraphQLError] = field(default_factory=list)


def app(*scopes: str) -> Viewer:
    return Viewer(organization_id="org_pantry", client_id="app_1", scopes=frozenset(scopes))


@strawberry.federation.interface
class Node:
    id: strawberry.ID


@strawberry.federation.type(directives=[requires("contacts:read")])
class Contact:
    email: str = "anna@pantry.test"


@strawberry.federation.type(keys=["id"], directives=[requires("groups:read"), public])
class Group(Node):
    name: str = "Cooks"

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Group":  # noqa: A002
        return cls(id=id)


@strawberry.federation.type(keys=["id"], directives=[requires("events:read"), public])
class Event(Node):
    title: str = "Food drive"
    notes: str = strawberry.federation.field(directives=[requires("events:write")], default="quiet")

    @strawberry.field
    async def contact(self) -> Contact | None:
        return Contact()

    @strawberry.field
    def group(self) -> Group | None:
        return Group(id=strawberry.ID("g"))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Event":  # noqa: A002
        return cls(id=id)


@strawberry.federation.type
class EventEdge:
    cursor: str = "c"

    @strawberry.field
    def node(self) -> Event:
        return Event(id=strawberry.ID("e"))


@strawberry.federation.type
class PageInfo:
    has_next_page: bool = False


@strawberry.federation.type
class EventConnection:
    """Its resolvers know nothing of refusals: they show what they have whenever they are asked."""

    page_info: PageInfo
    total_count: int | None = 1

    @strawberry.field
    def nodes(self) -> list[Event]:
        return [Event(id=strawberry.ID("e"))]

    @strawberry.field
    def edges(self) -> list[EventEdge]:
        return [EventEdge()]


@strawberry.federation.type
class EventPayload:
    problems: list[str]

    @strawberry.field
    def event(self) -> Event | None:
        return Event(id=strawberry.ID("e"))


Found = Annotated[Event | Group, strawberry.union("Found")]


@strawberry.federation.type
class Query:
    @strawberry.federation.field(directives=[public])
    def hub(self) -> str:
        return "Hub"

    @strawberry.federation.field(directives=[requires("events:read"), public])
    async def event(self) -> Event | None:
        return Event(id=strawberry.ID("e"))

    @strawberry.federation.field(directives=[requires("events:read"), public])
    def events(self) -> EventConnection | None:
        return EventConnection(page_info=PageInfo(has_next_page=True))

    @strawberry.federation.field(directives=[requires("events:read"), public])
    def all_events(self) -> EventConnection:
        return EventConnection(page_info=PageInfo(has_next_page=True))

    @strawberry.federation.field(directives=[signed_in])
    def me(self) -> str | None:
        return "me"

    @strawberry.federation.field(
        directives=[requires_any(["audit:read"], ["hubs:read", "hubs:admin"])]
    )
    def audit(self) -> str | None:
        return "audit"

    @strawberry.federation.field(directives=[public])
    async def node(self, id: strawberry.ID) -> Node | None:  # noqa: A002
        return Group(id=id) if id == "g" else Event(id=id)

    @strawberry.federation.field(directives=[public])
    def search(self) -> list[Found | None]:
        return [Event(id=strawberry.ID("e")), Group(id=strawberry.ID("g"))]


@strawberry.federation.type
class Mutation:
    @strawberry.federation.field(directives=[requires("events:write")])
    def create_event(self) -> EventPayload:
        CREATED.append("event")
        return EventPayload(problems=[])

    @strawberry.federation.field(directives=[requires("alliances:agree")])
    async def agree(self) -> str | None:
        CREATED.append("agreement")
        return "agreed"


@strawberry.federation.type
class Subscription:
    @strawberry.subscription(directives=[requires("events:read")])
    async def heard(self) -> AsyncIterator[str]:
        yield "news"


CREATED: list[str] = []
guarded = Schema(Query, Mutation, Subscription, federation_version=VERSION)
TABLE = enforce(guarded)


async def ask(viewer: Viewer, query: str, **variables: Any) -> ExecutionResult:
    """The answer; of lists that were refused, the errors come first."""
    asking = Asking(viewer)
    answer = execute(guarded._schema, parse(query), context_value=asking, variable_values=variables)
    result = answer if isinstance(answer, ExecutionResult) else await answer
    assert isinstance(result, ExecutionResult)
    return ExecutionResult(result.data, [*asking.withheld, *(result.errors or [])] or None)


def refusals(result: ExecutionResult) -> list[tuple[str, str]]:
    found = []
    for error in result.errors or []:
        extensions = error.extensions or {}
        found.append((extensions["code"], extensions["coordinate"]))
    return found


async def test_anybody_reads_what_is_public() -> None:
    result = await ask(NOBODY, "{ hub event { title group { name } } events { totalCount } }")
    assert result.errors is None
    assert result.data == {
        "hub": "Hub",
        "event": {"title": "Food drive", "group": {"name": "Cooks"}},
        "events": {"totalCount": 1},
    }


async def test_with_a_token_the_scopes_apply_to_the_public_too() -> None:
    result = await ask(app("groups:read"), "{ hub event { title } }")
    assert result.data == {"hub": "Hub", "event": None}
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Query.event")]


async def test_a_refusal_says_what_is_needed_and_what_is_missing() -> None:
    result = await ask(app("hubs:read"), "{ audit }")
    assert result.errors is not None
    (error,) = result.errors
    assert error.path == ["audit"]
    assert error.extensions == {
        "code": "INSUFFICIENT_SCOPE",
        "coordinate": "Query.audit",
        "requiredScopes": [["audit:read"], ["hubs:admin", "hubs:read"]],
        "missingScopes": ["audit:read"],
    }
    assert "the scope audit:read" in error.message


async def test_one_of_the_alternatives_is_enough_and_half_of_one_is_not() -> None:
    assert (await ask(app("audit:read"), "{ audit }")).data == {"audit": "audit"}
    assert (await ask(app("hubs:admin", "hubs:read"), "{ audit }")).data == {"audit": "audit"}
    assert (await ask(app("hubs:admin"), "{ audit }")).data == {"audit": None}


async def test_without_a_token_it_is_said_where_to_get_one_and_the_rest_is_answered() -> None:
    result = await ask(NOBODY, "{ hub me audit }")
    assert result.data == {"hub": "Hub", "me": None, "audit": None}
    assert refusals(result) == [("UNAUTHENTICATED", "Query.me"), ("UNAUTHENTICATED", "Query.audit")]
    assert "Bearer" in str(result.errors)


async def test_any_token_is_enough_where_one_must_only_be_signed_in() -> None:
    assert (await ask(app(), "{ me }")).data == {"me": "me"}


async def test_a_type_is_refused_wherever_it_is_returned() -> None:
    """Event.contact says nothing itself; its type does."""
    query = "{ event { title contact { email } } }"
    for viewer, code in ((app("events:read"), "INSUFFICIENT_SCOPE"), (NOBODY, "UNAUTHENTICATED")):
        result = await ask(viewer, query)
        assert result.data == {"event": {"title": "Food drive", "contact": None}}
        assert refusals(result) == [(code, "Event.contact")]
    every = await ask(app("events:read", "contacts:read"), query)
    assert every.data == {
        "event": {"title": "Food drive", "contact": {"email": "anna@pantry.test"}}
    }


async def test_a_page_needs_what_its_lines_need() -> None:
    result = await ask(app("groups:read"), "{ events { totalCount } }")
    assert result.data == {"events": None}
    assert TABLE.of_type("EventConnection") == TABLE.of_type("EventEdge") == TABLE.of_type("Event")


async def test_a_list_that_is_never_null_is_refused_by_being_empty() -> None:
    query = """{ hub allEvents { totalCount nodes { title } edges { node { title } }
        pageInfo { hasNextPage } } }"""
    result = await ask(app("groups:read"), query)
    empty: dict[str, Any] = {
        "totalCount": None,
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False},
    }
    assert result.data == {"hub": "Hub", "allEvents": empty}
    assert result.errors is not None
    assert [error.path for error in result.errors] == [["allEvents"]]
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Query.allEvents")]
    shown = await ask(app("events:read"), query)
    assert shown.errors is None
    assert shown.data is not None
    assert shown.data["allEvents"]["nodes"] == [{"title": "Food drive"}]


async def test_writing_does_not_imply_reading_back() -> None:
    CREATED.clear()
    result = await ask(app("events:write"), "mutation { createEvent { problems event { title } } }")
    assert result.data == {"createEvent": {"problems": [], "event": None}}
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "EventPayload.event")]
    assert CREATED == ["event"]


async def test_a_machines_token_on_a_persons_mutation_changes_nothing() -> None:
    CREATED.clear()
    result = await ask(app("events:write", "alliances:read"), "mutation { agree }")
    assert result.data == {"agree": None}
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Mutation.agree")]
    assert CREATED == []


async def test_a_thing_behind_an_interface_is_refused_by_its_own_type() -> None:
    query = '{ e: node(id: "e") { id __typename } g: node(id: "g") { id } }'
    result = await ask(app("events:read"), query)
    assert result.data == {"e": {"id": "e", "__typename": "Event"}, "g": None}
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Group")]


async def test_a_thing_behind_a_union_is_refused_by_its_own_type() -> None:
    query = "{ search { ... on Event { title } ... on Group { name } } }"
    result = await ask(app("groups:read"), query)
    assert result.data == {"search": [None, {"name": "Cooks"}]}
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Event")]
    assert (await ask(NOBODY, query)).data == {
        "search": [{"title": "Food drive"}, {"name": "Cooks"}]
    }


async def test_the_router_gets_no_entity_that_the_token_may_not_read() -> None:
    """Scopes on root fields alone would leak here."""
    query = """query ($r: [_Any!]!) { _entities(representations: $r) {
        ... on Event { title notes contact { email } } ... on Group { name } } }"""
    things = [{"__typename": "Event", "id": "e"}, {"__typename": "Group", "id": "g"}]
    result = await ask(app("groups:read"), query, r=[dict(thing) for thing in things])
    assert result.data == {"_entities": [None, {"name": "Cooks"}]}
    result = await ask(
        app("events:read", "events:write"), query, r=[dict(thing) for thing in things]
    )
    assert result.data == {
        "_entities": [{"title": "Food drive", "notes": "quiet", "contact": None}, None]
    }
    assert sorted(refusals(result)) == [
        ("INSUFFICIENT_SCOPE", "Event.contact"),
        ("INSUFFICIENT_SCOPE", "Group"),
    ]


async def test_a_plain_field_with_a_need_is_guarded_also_where_its_type_was_passed() -> None:
    result = await ask(app("events:read"), "{ event { title notes } }")
    assert result.data == {"event": None}, "notes is not nullable"
    assert refusals(result) == [("INSUFFICIENT_SCOPE", "Event.notes")]


async def test_a_subscription_is_refused_before_it_begins() -> None:
    async def heard(viewer: Viewer) -> Any:
        stream = subscribe(
            guarded._schema, parse("subscription { heard }"), context_value=Asking(viewer)
        )
        return await stream if isawaitable(stream) else stream

    refused = await heard(app())
    assert isinstance(refused, ExecutionResult)
    assert refusals(refused) == [("INSUFFICIENT_SCOPE", "Subscription.heard")]
    stream = await heard(app("events:read"))
    assert [result.data async for result in stream] == [{"heard": "news"}]


def test_a_field_that_needs_no_more_than_its_type_costs_nothing() -> None:
    plain = Schema(Query, Mutation, Subscription, federation_version=VERSION)._schema.type_map
    free = [("Event", "title"), ("Event", "id"), ("EventEdge", "node")]
    paid = [("Event", "notes"), ("Event", "contact"), ("Event", "group"), ("Query", "event")]
    for name, plain_field in [*free, *paid]:
        ours: Any = guarded._schema.type_map[name]
        theirs: Any = plain[name]
        same = (
            ours.fields[plain_field].resolve.__qualname__
            == theirs.fields[plain_field].resolve.__qualname__
        )
        assert same is ((name, plain_field) in free), (name, plain_field)


# ── what does not start ──────────────────────────────────────────────────────────────────────────


def test_a_list_that_would_have_to_show_something_when_refused_stops_the_start() -> None:
    @strawberry.federation.type
    class CountConnection:
        total: int = 1

    @strawberry.federation.type
    class Query:
        @strawberry.federation.field(directives=[public])
        def counts(self) -> CountConnection:
            return CountConnection()

    with pytest.raises(UnsafeContract, match=r"CountConnection\.total"):
        enforce(Schema(Query, federation_version=VERSION))


def schema_of(*directives: object, on: str = "field") -> Schema:
    @strawberry.federation.type(directives=directives if on == "type" else [])
    class Thing:
        name: str = "thing"

    def thing() -> Thing:
        return Thing()

    fields = {
        "thing": strawberry.federation.field(
            resolver=thing, directives=directives if on == "field" else [public]
        )
    }
    query = strawberry.federation.type(type("Query", (), {"__annotations__": {}, **fields}))
    return Schema(query, federation_version=VERSION)


def test_a_root_field_that_does_not_say_who_may_read_it_stops_the_start() -> None:
    with pytest.raises(UnsafeContract, match=r"Query\.thing"):
        needs(schema_of())


@pytest.mark.parametrize("on", ["field", "type"])
@pytest.mark.parametrize(
    "directive",
    [
        requires("events:everything"),
        requires("events:read", "Events:Read"),
        requires(),
        requires_any(),
    ],
)
def test_an_unknown_scope_or_none_stops_the_start(directive: object, on: str) -> None:
    with pytest.raises(UnsafeContract, match="unknown scope"):
        needs(schema_of(directive, on=on))


def test_a_policy_that_nobody_enforces_stops_the_start() -> None:
    from strawberry.federation.schema_directives import Policy

    with pytest.raises(UnsafeContract, match="@policy"):
        needs(schema_of(Policy(policies=[["anything"]]), public))


def test_another_tag_does_not_make_public() -> None:
    from strawberry.federation.schema_directives import Tag

    with pytest.raises(UnsafeContract, match=r"Query\.thing"):
        needs(schema_of(Tag(name="internal")))


# ── the meaning of needs together ────────────────────────────────────────────────────────────────

A, B = frozenset({"a"}), frozenset({"b"})


def test_needs_together_are_all_of_them() -> None:
    assert Need(True, (A,)) & Need(True, (B,)) == Need(True, (A | B,))
    assert Need(True, (A, B)) & Need(True, (A,)) == Need(True, (A,)), "b alone never decides"
    assert Need(False, (A,)) & Need(True) == Need(True, (A,)), "one of the two wants a token"
    assert NOTHING & NOTHING == NOTHING
    assert not NOTHING
    assert Need(False, (A,))


def test_the_fewest_missing_scopes_are_named() -> None:
    need = Need(True, (frozenset({"a", "b", "c"}), frozenset({"d", "e"})))
    assert need.missing_from(app("a", "b")) == ["c"]
    assert need.missing_from(app()) == ["d", "e"]
    assert Need(True).missing_from(app()) == []


def test_the_error_is_the_callers_own_and_may_be_shown() -> None:
    from schema.access import refusal

    assert isinstance(refusal("Query.me", Need(True), NOBODY), GraphQLError)
