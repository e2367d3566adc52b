"""Introspection: what tools send is answered in full, and nothing that costs more than that."""

from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query, graphql_sync, print_schema
from starlette.types import ASGIApp

from schema.documents import Asked
from schema.introspection import Wanted
from schema.limits import Limits
from schema.run import Operations
from tests.web.edge.asking import asking, call
from tests.web.edge.conftest import Hall, small_schema

EVERYTHING: dict[str, Any] = {
    "specified_by_url": True,
    "directive_is_repeatable": True,
    "schema_description": True,
    "input_value_deprecation": True,
    "experimental_directive_deprecation": True,
    "one_of": True,
    "type_depth": 25,
}
OF_TYPE = "ofType { name kind " * 6 + "}" * 6
# As older graphql-js writes it, and as Apollo's tools do: no fragments, __typename everywhere.
OTHERS = [
    "{ __schema { queryType { name } } }",
    "query { __schema { types { name } } }",
    "{ __typename __schema { __typename types { __typename name fields { __typename name } } } }",
    "{ __schema { types { kind name fields { name isDeprecated } } } }",  # without the deprecated
    "query Any { ... on Query { __schema { ...S } } } "
    "fragment S on __Schema { directives { name locations args { name type { name "
    + OF_TYPE
    + " } } } }",
    "{ __schema { types { ...A ...B } } } fragment A on __Type { kind } "
    "fragment B on __Type { name enumValues(includeDeprecated: false) { name } }",
]


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        get_introspection_query(descriptions=False),
        get_introspection_query(**EVERYTHING),
        get_introspection_query(type_depth=3).replace("IntrospectionQuery", "MyTool"),
        *OTHERS,
    ],
)
async def test_what_tools_send_is_answered_as_graphql_answers_it(
    app: ASGIApp, hall: Hall, query: str
) -> None:
    told = await call(app, **asking(query))
    truth = graphql_sync(small_schema()._schema, query)
    assert truth.errors is None
    assert told.json == {"data": truth.data}
    assert hall.contexts_made == 0


async def test_a_client_can_be_built_from_it(app: ASGIApp) -> None:
    told = await call(app, **asking(get_introspection_query()))
    assert "rename(title: String!): String!" in print_schema(build_client_schema(told.json["data"]))


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { fields { type { fields { name } } } } } }",
        "{ __schema { types { possibleTypes { fields { name } } } } }",
        "{ __schema { types { a: name } } }",
        "{ s: __schema { types { name } } }",
        "{ __schema { types { name } } hello }",
        "{ __schema { types { name @skip(if: false) } } }",
        "query @x { __schema { types { name } } }",
        "query Q($d: Boolean) { __schema { types { fields(includeDeprecated: $d) { name } } } }",
        "{ __schema { types { fields(includeDeprecated: true) { name } fields { name } } } }",
        "{ __schema { types(first: 1) { name } } }",
        "{ __schema { ...A } } fragment A on __Type { name }",
        "{ __schema { types { nope } } }",
        "{ __schema }",
        "{ __schema { types } }",
        "{ __schema { types { name { name } } } }",
        "{ __schema { types { " + "ofType { " * 45 + "name" + " }" * 45 + " } } }",
        "query A { __schema { types { name } } } query B { hello }",
        "{ __schema { ...A } } fragment A on __Schema { ...A }",
        "{ __schema { ...A0 } } "
        + " ".join(f"fragment A{n} on __Schema {{ ...A{n + 1} ...A{n + 1} }}" for n in range(30))
        + " fragment A30 on __Schema { queryType { name } }",
        "mutation { __schema { types { name } } }",
    ],
)
async def test_anything_else_of_the_schema_is_refused_with_a_way_out(
    app: ASGIApp, query: str
) -> None:
    told = await call(app, **asking(query, "application/graphql-response+json"))
    assert told.status == 400
    (error,) = told.json["errors"]
    assert error["extensions"]["code"] == "INTROSPECTION_LIMIT"
    assert "/schema.graphql" in error["message"]


async def test_one_type_may_be_asked_for(app: ASGIApp) -> None:
    query = '{ __type(name: "Event") { name fields { name args { name } type { name } } } }'
    told = await call(app, **asking(query))
    assert [each["name"] for each in told.json["data"]["__type"]["fields"]] == [
        "id",
        "title",
        "host",
        "secretPlan",
    ]


async def test_each_variant_is_worked_out_once_and_few_are_kept() -> None:
    operations = Operations(small_schema()._schema, Limits())
    answers: dict[str, bytes] = {}
    for query in OTHERS[:4]:
        wanted = operations.prepare(Asked(query))
        assert isinstance(wanted, Wanted)
        answers[query] = (await operations.introspect(wanted)).body
    again = operations.prepare(Asked("query Renamed " + OTHERS[0]))
    assert isinstance(again, Wanted)
    assert (await operations.introspect(again)).body is answers[OTHERS[0]]
    for n in range(1, 17):
        levels = "ofType { " * n + "name" + " }" * n
        other = operations.prepare(Asked(f"{{ __schema {{ types {{ {levels} }} }} }}"))
        assert isinstance(other, Wanted)
        await operations.introspect(other)
    assert (await operations.introspect(again)).body is not answers[OTHERS[0]]
