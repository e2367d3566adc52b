"""The contract as a file: what clients and gateways read is what the hub serves."""

from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from schema.root import graphql_schema

CONTRACT = Path(__file__).parents[2] / "schema" / "schema.graphql"
# What Apollo's subgraph protocol brings; its words are not ours.
PROTOCOL = {"_service", "_entities", "representations"}
STANDARD = {"String", "Int", "Float", "Boolean", "ID"}


def test_the_file_says_what_the_hub_serves() -> None:
    assert CONTRACT.read_text() == graphql_schema.as_str() + "\n", (
        "Run: ./convoke sdl > schema/schema.graphql"
    )


def test_everything_in_the_contract_is_explained() -> None:
    unexplained = []
    for name, shown in graphql_schema._schema.type_map.items():
        if name.startswith(("_", "link__")) or name in STANDARD:
            continue
        if not shown.description:
            unexplained.append(name)
        if isinstance(shown, GraphQLEnumType):
            unexplained += [f"{name}.{k}" for k, v in shown.values.items() if not v.description]
        if isinstance(shown, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in shown.fields.items():
                if field_name in PROTOCOL:
                    continue
                if not field.description:
                    unexplained.append(f"{name}.{field_name}")
                unexplained += [
                    f"{name}.{field_name}({argument_name}:)"
                    for argument_name, argument in getattr(field, "args", {}).items()
                    if not argument.description
                ]
    assert not unexplained
