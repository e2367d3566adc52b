"""`_entities`, by which a gateway reads things by their keys (Apollo's subgraph specification).

Strawberry's own resolver believes what a representation says: a missing or unknown type, and a
field more than the key, are exceptions of Python's, and any type of the schema may be made of them.
"""

from asyncio import gather
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLUnionType
from strawberry.federation import Schema

from domain.errors import BadInput
from resolvers.context import Context
from schema.loading import Row, by_id

MOST_ENTITIES = 100


def read_strictly(schema: Schema) -> None:
    """Put ours in the place of the resolver of `_entities`."""
    built = schema._schema
    union = built.type_map.get("_Entity")
    if built.query_type is None or not isinstance(union, GraphQLUnionType):
        raise RuntimeError("No type of the contract has a key, so that there are no entities.")
    names = frozenset(each.name for each in union.types)

    async def entities(
        _source: object, info: GraphQLResolveInfo[Context], representations: list[Any]
    ) -> list[Row | None]:
        if len(representations) > MOST_ENTITIES:
            raise BadInput(f"representations: at most {MOST_ENTITIES} at a time.", _FIELD)
        keys = [_key(each, names) for each in representations]
        return list(await gather(*(by_id(info.context, name, key) for name, key in keys)))

    built.query_type.fields["_entities"].resolve = entities


_FIELD = ("representations",)


def _key(representation: Any, names: frozenset[str]) -> tuple[str, str]:
    """The type and the id. What else a gateway sends along is of no use here."""
    if not isinstance(representation, dict) or representation.get("__typename") not in names:
        raise BadInput(
            f"representations: each has a __typename, of {', '.join(sorted(names))}.", _FIELD
        )
    key = representation.get("id")
    if not isinstance(key, str):
        raise BadInput("representations: each has an id, as text.", _FIELD)
    return representation["__typename"], key
