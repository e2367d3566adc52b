"""What a document may ask for: each limit, each way around it that somebody has thought of."""

import time
from contextlib import suppress
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, parse

from schema.documents import Asked, Documents, Prepared, Refused
from schema.guard import Guard
from schema.limits import Limits

SDL = """
type Query {
  event(id: ID!): Event
  events(filter: Filter, first: Int = 20, after: String): EventConnection!
  freely(first: Int): EventConnection!
  likely(first: Int! = 10): [Event!]!
  nodes(ids: [ID!]!): [Event]!
  tags(first: Int): [String!]!
  hub: Hub!
}
type Mutation { rename(title: String!): Event! }
input Filter { title: String  inner: Filter  many: [Filter!] }
type Hub { name: String!  hub: Hub!  events(first: Int = 20): EventConnection! }
type Event {
  id: ID!
  title: String!
  causes: [String!]!
  host: Hub!
  alliances: [Hub!]!
  hosts(first: Int = 20): EventConnection!
}
type EventConnection { edges: [EventEdge!]!  nodes: [Event!]!  pageInfo: PageInfo!  totalCount: Int }
type EventEdge { cursor: String!  node: Event! }
type PageInfo { hasNextPage: Boolean!  endCursor: String }
"""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SDL)


@pytest.fixture(scope="module")
def documents(schema: GraphQLSchema) -> Documents:
    return Documents(schema, Limits())


def cost(documents: Documents, query: str, **variables: Any) -> int:
    prepared = documents.prepare(Asked(query, variables=variables))
    assert isinstance(prepared, Prepared)
    return prepared.cost


def refused(documents: Documents, query: str, **variables: Any) -> dict[str, Any]:
    """What the caller is told, as `message` and the error's extensions."""
    with pytest.raises(Refused) as caught:
        documents.prepare(Asked(query, variables=variables))
    error = caught.value.errors[0]
    return {"message": error.message, **(error.extensions or {})}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ hub { name } }", 2),
        ('{ event(id: "1") { id title causes } }', 4),
        ("{ events { totalCount } }", 2),
        ("{ events { nodes { id } } }", 1 + 1 + 20 * 2),
        ("{ events(first: 3) { nodes { id } } }", 1 + 1 + 3 * 2),
        ("{ events(first: 0) { nodes { id } } }", 1 + 1 + 1 * 2),
        ("{ events(first: 3) { nodes { id } pageInfo { endCursor } } }", 1 + 1 + 3 * 2 + 2),
        ("{ events(first: 3) { edges { cursor node { id } } } }", 1 + 1 + 3 * 4),
        ("{ events(first: 3) { a: nodes { id } b: nodes { id } } }", 1 + 2 + 6 * 2),
        ("{ events(first: null) { nodes { id } } }", 1 + 1 + 100 * 2),
        ("{ freely { nodes { id } } }", 1 + 1 + 100 * 2),
        ("{ likely { id } }", 1 + 10 * 2),
        ('{ nodes(ids: ["1", "2", "3"]) { id } }', 1 + 3 * 2),
        ('{ event(id: "1") { alliances { name } } }', 2 + 10 * 2),
        (
            "{ events(first: 2) { nodes { hosts(first: 5) { nodes { id } } } } }",
            2 + 2 * (1 + 2 + 5 * 2),
        ),
        ('mutation { rename(title: "x") { id } }', 2),
        ("{ __typename hub { __typename } }", 3),
        ("{ tags(first: 30) }", 1 + 30),
    ],
)
def test_the_cost_is_what_may_come(documents: Documents, query: str, expected: int) -> None:
    assert cost(documents, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "{ events(first: 7) { nodes { id } } }",
        "{ events(first: 7) { ... { nodes { id } } } }",
        "{ events(first: 7) { ... on EventConnection { nodes { ... on Event { id } } } } }",
        "{ ...A } fragment A on Query { events(first: 7) { nodes { id } } }",
        "{ events(first: 7) { ...A } } fragment A on EventConnection { nodes { id } }",
        "{ events(first: 7) { ...A } } fragment A on EventConnection { nodes { ...B } } "
        "fragment B on Event { id }",
        "fragment B on Event { id } fragment A on EventConnection { nodes { ...B } } "
        "query Q { e: events(first: 7) { n: nodes { ...B } } }",
    ],
)
def test_however_it_is_written_it_costs_the_same(documents: Documents, query: str) -> None:
    if "fragment A" in query and "...A" not in query:
        assert refused(documents, query)["code"] == "GRAPHQL_VALIDATION_FAILED"  # A is not used
        return
    assert cost(documents, query) == 1 + 1 + 7 * 2


PAGE = "query Q($n: Int) { events(first: $n) { nodes { id } } }"
DEFAULTED = "query Q($n: Int = 9) { events(first: $n) { nodes { id } } }"
IN_A_FRAGMENT = (
    "query Q($n: Int = 9) { ...A ...A } fragment A on Query { events(first: $n) { nodes { id } } }"
)


@pytest.mark.parametrize(
    ("query", "variables", "items"),
    [
        (PAGE, {"n": 7}, 7),
        (PAGE, {"n": 7.0}, 7),
        (PAGE, {}, 20),
        (PAGE, {"n": None}, 100),
        (PAGE, {"n": "7"}, 100),  # the variable is then refused
        (PAGE, {"n": True}, 100),
        (DEFAULTED, {}, 9),
        (DEFAULTED, {"n": 30}, 30),
    ],
)
def test_a_variable_counts_with_its_value_or_its_default(
    documents: Documents, query: str, variables: dict[str, Any], items: int
) -> None:
    assert cost(documents, query, **variables) == 1 + 1 + items * 2


def test_a_fragment_counts_once_for_each_spread_with_the_same_variables(
    documents: Documents,
) -> None:
    assert cost(documents, IN_A_FRAGMENT) == 2 * (1 + 1 + 9 * 2)
    assert cost(documents, IN_A_FRAGMENT, n=4) == 2 * (1 + 1 + 4 * 2)


@pytest.mark.parametrize(
    ("query", "variables", "field"),
    [
        (PAGE, {"n": 101}, "first"),
        (PAGE, {"n": -1}, "first"),
        (PAGE, {"n": 10**30}, "first"),
        (PAGE, {"n": 1e30}, "first"),
        ("query Q($n: Int = 101) { events(first: $n) { nodes { id } } }", {}, "first"),
        ("{ events(first: 101) { nodes { id } } }", {}, "first"),
        ("{ tags(first: 101) }", {}, "first"),
        ("{ events(first: -5) { totalCount } }", {}, "first"),
        ("{ events(first: " + "9" * 5_000 + ") { totalCount } }", {}, "first"),
        ("query Q($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["x"] * 101}, "ids"),
        ("{ nodes(ids: [" + '"x" ' * 101 + "]) { id } }", {}, "ids"),
    ],
)
def test_a_page_too_large_is_refused_by_the_arguments_name(
    documents: Documents, query: str, variables: dict[str, Any], field: str
) -> None:
    told = refused(documents, query, **variables)
    assert (told["code"], told["field"], told["limit"]) == ("BAD_USER_INPUT", [field], 100)
    assert f"({field}:)" in told["message"]
    assert len(told["message"]) <= 200


def test_a_page_too_large_behind_an_unused_branch_is_refused_too(documents: Documents) -> None:
    query = "query Q($n: Int) { hub { events(first: 100) { nodes { hosts(first: $n) { totalCount } } } } }"
    assert refused(documents, query, n=1_000)["code"] == "BAD_USER_INPUT"


def test_a_cost_over_the_limit_is_told_with_both_figures(documents: Documents) -> None:
    query = "{ events(first: 100) { nodes { hosts(first: 50) { nodes { id title } } } } }"
    told = refused(documents, query)
    assert (told["code"], told["limit"]) == ("COST_LIMIT", 5_000)
    assert told["cost"] == 2 + 100 * (1 + 2 + 50 * 3)
    assert "15,302" in told["message"]
    assert "5,000" in told["message"]


def test_a_list_given_as_one_value_counts_one(documents: Documents) -> None:
    assert cost(documents, "{ nodes(ids: 5000) { id } }") == 1 + 2
    assert cost(documents, "query Q($i: [ID!]!) { nodes(ids: $i) { id } }", i="x") == 1 + 2


def nested(levels: int) -> str:
    return "{ " + "hub { " * (levels - 1) + "name" + " }" * levels


@pytest.mark.parametrize(
    "query",
    [
        nested(13),
        "{ " + "...A " + "} fragment A on Query { " + "hub { " * 12 + "name" + " }" * 13,
        "{ hub { hub { hub { hub { hub { ...A } } } } } } fragment A on Hub " + nested(8)[0:],
        "{ ...A hub { hub { hub { hub { hub { ...B } } } } } } "
        "fragment A on Query { hub { ...B } } fragment B on Hub " + nested(8),
        "{ " + "... { " * 25 + "hub { name }" + " }" * 26,
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(30))
        + " fragment F30 on Query { hub { name } }",
    ],
)
def test_too_deep_is_too_deep_by_any_road(documents: Documents, query: str) -> None:
    assert refused(documents, query)["code"] == "DEPTH_LIMIT"


def test_twelve_levels_are_allowed(documents: Documents) -> None:
    assert cost(documents, nested(12)) == 12


NAMES = " ".join(f"$v{n}: Int" for n in range(41))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ " + " ".join(f"a{n}: hub {{ name }}" for n in range(21)) + " }", "ALIAS_LIMIT"),
        (
            "{ hub { "
            + " ".join(f"a{n}: name" for n in range(11))
            + " ...A } } fragment A on Hub { "
            + " ".join(f"b{n}: name" for n in range(11))
            + " }",
            "ALIAS_LIMIT",
        ),
        ("{ hub { " + "name " * 51 + "} }", "REPEATED_FIELD_LIMIT"),
        ("{ " + " ".join(f"f{n}" for n in range(21)) + " }", "ROOT_FIELD_LIMIT"),
        (
            "{ ...A ...B } fragment A on Query { " + " ".join(f"f{n}" for n in range(11)) + " } "
            "fragment B on Query { " + " ".join(f"g{n}" for n in range(11)) + " }",
            "ROOT_FIELD_LIMIT",
        ),
        ("{ " + ("hub { " + "name " * 40 + "} ") * 10 + "}", "SELECTION_LIMIT"),
        ("{ hub { name " + "@skip(if: false) " * 21 + "} }", "DIRECTIVE_LIMIT"),
        ("query Q " + "@a " * 21 + "{ hub { name } }", "DIRECTIVE_LIMIT"),
        ("{ hub(" + " ".join(f"a{n}: 1" for n in range(21)) + ") { name } }", "ARGUMENT_LIMIT"),
        ("{ hub @a(" + " ".join(f"a{n}: 1" for n in range(21)) + ") { name } }", "ARGUMENT_LIMIT"),
        (f"query Q({NAMES}) {{ hub {{ name }} }}", "VARIABLE_LIMIT"),
        (" ".join(f"query Q{n} {{ hub {{ name }} }}" for n in range(6)), "OPERATION_LIMIT"),
        (
            "{ hub { name } } " + " ".join(f"fragment F{n} on Hub {{ name }}" for n in range(41)),
            "FRAGMENT_LIMIT",
        ),
        ("{ " + "n" * 81 + " }", "NAME_LIMIT"),
        ("{ " + "a" * 81 + ": hub { name } }", "NAME_LIMIT"),
        ("{ hub @" + "d" * 81 + " { name } }", "NAME_LIMIT"),
        ("{ hub(" + "a" * 81 + ": 1) { name } }", "NAME_LIMIT"),
        ("query " + "q" * 81 + " { hub { name } }", "NAME_LIMIT"),
        ("query Q($" + "v" * 81 + ": Int) { hub { name } }", "NAME_LIMIT"),
        (
            "{ ..." + "f" * 81 + " } fragment " + "f" * 81 + " on Query { hub { name } }",
            "NAME_LIMIT",
        ),
        ("{ hub { name } } #" + "x" * 17_000, "SOURCE_LIMIT"),
        ("{ hub { name } } " + "#\n" * 60, "GRAPHQL_PARSE_FAILED"),
        ("{ hub { name } } " + "{ a } " * 500, "GRAPHQL_PARSE_FAILED"),
        ("{ ...A } fragment A on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("type A { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ events(filter: " + "{inner: " * 25 + "{}" + "}" * 25 + ") { totalCount } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ events(filter: {many: " + "[" * 30 + "]" * 30 + "}) { totalCount } }",
            "BAD_USER_INPUT",
        ),
        ("{ __schema { types { fields { type { fields { name } } } } } }", "INTROSPECTION_LIMIT"),
        ("{ hub { name } __schema { queryType { name } } }", "INTROSPECTION_LIMIT"),
        ("{ s: __schema { queryType { name } } }", "INTROSPECTION_LIMIT"),
        ("subscription { hub { name } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_each_limit_has_its_code(documents: Documents, query: str, code: str) -> None:
    assert refused(documents, query)["code"] == code


def test_fragments_that_spread_one_another_doubly_are_walked_once(schema: GraphQLSchema) -> None:
    # A walk without memory would take 2 to the 38th steps.
    query = "{ ...F0 } " + " ".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20)
    )
    guard = Guard(schema, Limits(depth=40))
    began = time.perf_counter()
    examined = guard.examine(parse(query + " fragment F20 on Query { hub { name } }"))
    with pytest.raises(GraphQLError, match="2,097,152 values"):
        guard.cost(examined, 0, {})
    variable = query + " fragment F20 on Query { events(first: $n) { nodes { id } } }"
    examined = guard.examine(parse(variable.replace("{ ...F0 }", "query Q($n: Int) { ...F0 }", 1)))
    with pytest.raises(GraphQLError, match="values"):
        guard.cost(examined, 0, {"n": 1})
    assert time.perf_counter() - began < 1


def test_the_worst_documents_take_little_time(documents: Documents) -> None:
    worst = [
        "{ "
        + " ".join(f"...F{n}" for n in range(40))
        + " } "
        + " ".join(
            f"fragment F{n} on Query {{ hub {{ name }} events {{ totalCount }} }}"
            for n in range(40)
        ),
        "{ hub { " + ("... { name } " * 190) + "} }",
        "{ " + ("hub { name } " * 49) + "}",
    ]
    for query in worst:
        began = time.perf_counter()
        with suppress(Refused):
            documents.prepare(Asked(query))
        assert time.perf_counter() - began < 0.5


def test_a_good_document_is_checked_once_and_forgotten_when_others_come(
    schema: GraphQLSchema,
) -> None:
    documents = Documents(schema, Limits(cached_document_characters=50))
    query = "{ hub { name } }"
    first = documents.prepare(Asked(query))
    again = documents.prepare(Asked(query))
    assert isinstance(first, Prepared)
    assert isinstance(again, Prepared)
    assert first.document is again.document
    for n in range(10):
        documents.prepare(Asked(f"{{ hub {{ name }} }} #{n}"))
    later = documents.prepare(Asked(query))
    assert isinstance(later, Prepared)
    assert later.document is not first.document


def test_the_document_asked_last_is_kept_longest(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits(cached_document_characters=40))
    often, once, other = "{ hub { name } }", "{hub { name }}#1", "{hub { name }}#2"
    kept = documents.prepare(Asked(often))
    for query in (once, often, other):
        documents.prepare(Asked(query))
    again = documents.prepare(Asked(often))
    assert isinstance(kept, Prepared)
    assert isinstance(again, Prepared)
    assert again.document is kept.document


def test_fields_that_take_long_to_compare_are_refused_with_a_way_out(
    schema: GraphQLSchema,
) -> None:
    query = "{ hub { " + "name " * 40 + "} }"
    assert cost(Documents(schema, Limits()), query) == 41
    told = refused(Documents(schema, Limits(comparisons=100)), query)
    assert told["code"] == "SELECTION_LIMIT"
    assert "Write fewer" in told["message"]
