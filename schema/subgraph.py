"""The contract as a gateway asks it: with `_service` and `_entities` (Apollo's subgraph
specification). Built of the same classes as `schema.root.graphql_schema`, and guarded the same.
"""

from graphql import GraphQLObjectType
from strawberry.federation import Schema

from schema import words as words  # gives the enums their words, before a type names them
from schema.entities import read_strictly
from schema.root import built, graphql_schema


def tell(schema: Schema, sdl: str) -> None:
    """Have `_service` answer with this: Strawberry would print the contract for each who asks."""
    service = schema._schema.type_map["_Service"]
    if not isinstance(service, GraphQLObjectType):
        raise TypeError("_Service is no object.")
    service.fields["sdl"].resolve = lambda *_: sdl


subgraph_schema, _ = built(Schema)
read_strictly(subgraph_schema)
# A composer adds what the protocol adds; what it reads here is /schema.graphql.
tell(subgraph_schema, graphql_schema.as_str())
