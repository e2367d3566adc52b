"""What Apollo's subgraph suite asks of a service, for every directive that ours uses.

The suite (apollographql/apollo-federation-subgraph-compatibility) brings a schema of products and
runs in Docker. These are its requests and its checks, put to our own contract: the SDL by `_service`
in the form that it looks for, and a question that only a service passes which does what the
directive says. For @requiresScopes and @authenticated it has none; they are put the same way.
"""

import re
from typing import Any

import pytest
from graphql import (
    DirectiveNode,
    SchemaDefinitionNode,
    Visitor,
    parse,
    print_ast,
    strip_ignored_characters,
    visit,
)

from schema.root import graphql_schema
from tests.cast import MakeContext, publish, start_group
from tests.journeys.conftest import READING, RiverCity, river_city

__all__ = ["river_city"]

ENTITIES = {
    "Organization": ("name", "River City Pantry"),
    "Group": ("name", "Soup Choir"),
    "Event": ("title", "Food drive"),
    "Alliance": ("name", "City Table"),
}


async def sdl_of(river_city: RiverCity) -> str:
    """Asked by nobody, as a composer asks it."""
    answer = await asked(river_city, "query { _service { sdl } }")
    told: str = answer["data"]["_service"]["sdl"]
    return told


async def asked(
    river_city: RiverCity, query: str, token: str | None = None, **variables: Any
) -> dict[str, Any]:
    answer = await river_city.http.post(
        "/subgraph",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_service_introspection(river_city: RiverCity) -> None:
    sdl = await sdl_of(river_city)
    assert "type Query" in sdl
    parse(sdl)
    contract = await river_city.http.get("/schema.graphql")
    assert sdl == contract.text
    assert not re.search(r"\b_(service|entities|Service|Entity|Any)\b", sdl)


async def test_link(river_city: RiverCity) -> None:
    """One link to one version that the suite knows, importing what is used and nothing else."""
    sdl = await sdl_of(river_city)
    document = parse(sdl)
    (schema,) = [each for each in document.definitions if isinstance(each, SchemaDefinitionNode)]
    assert [print_ast(each) for each in schema.directives or ()] == [
        '@link(url: "https://specs.apollo.dev/federation/v2.7", '
        'import: ["@authenticated", "@key", "@requiresScopes", "@tag"])'
    ]
    used: set[str] = set()

    class Used(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            used.add(node.name.value)

    visit(document, Used())
    ours = {"link", "authenticated", "key", "requiresScopes", "tag"}
    assert used - {"deprecated", "specifiedBy", "oneOf"} == ours


@pytest.mark.parametrize("name", ENTITIES)
async def test_key(river_city: RiverCity, context: MakeContext, name: str) -> None:
    sdl = strip_ignored_characters(await sdl_of(river_city))
    assert re.search(rf'type {name} .*?@key\(fields:"id"\)\{{', sdl)
    people = river_city.cast
    identifier = {
        "Organization": people.pantry,
        "Group": await start_group(context, people.pantry_app, "soup-choir"),
        "Event": await publish(context, people.pantry_app),
        "Alliance": people.city_table,
    }[name]
    field, text = ENTITIES[name]
    answer = await asked(
        river_city,
        f"""query ($representations: [_Any!]!) {{
          _entities(representations: $representations) {{ ... on {name} {{ id {field} }} }} }}""",
        await river_city.token("pantry"),
        representations=[{"__typename": name, "id": identifier}],
    )
    assert answer == {"data": {"_entities": [{"id": identifier, field: text}]}}


async def test_tag(river_city: RiverCity) -> None:
    sdl = strip_ignored_characters(await sdl_of(river_city))
    assert '@tag(name:"public")' in sdl
    answer = await asked(river_city, "{ organizations { nodes { name } } }")
    assert "errors" not in answer, "what is tagged public needs no token"


async def test_requires_scopes(river_city: RiverCity) -> None:
    sdl = strip_ignored_characters(await sdl_of(river_city))
    assert re.search(r'type Event .*?@requiresScopes\(scopes:\[\["events:read"\]\]\)', sdl)
    token = await river_city.token("pantry", "organizations:read")
    answer = await asked(river_city, "{ events { nodes { title } } }", token)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    assert error["extensions"]["missingScopes"] == ["events:read"]


async def test_authenticated(river_city: RiverCity) -> None:
    sdl = strip_ignored_characters(await sdl_of(river_city))
    assert "viewer:Viewer!@authenticated" in sdl
    question = "{ viewer { scopes } }"
    (error,) = (await asked(river_city, question))["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    token = await river_city.token("pantry")
    answer = await asked(river_city, question, token)
    assert answer["data"] == {"viewer": {"scopes": sorted(READING)}}


async def test_everybody_s_endpoint_has_none_of_it(river_city: RiverCity) -> None:
    """What gateways ask is asked on their mount alone."""
    for question in (
        "{ _service { sdl } }",
        '{ _entities(representations: [{__typename: "Event", id: "x"}]) { __typename } }',
    ):
        answer = await river_city.http.post("/graphql", json={"query": question})
        codes = {each["extensions"]["code"] for each in answer.json()["errors"]}
        assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert "_service" not in graphql_schema.as_str()
