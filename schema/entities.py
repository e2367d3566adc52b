"""`_entities`, by which a gateway reads things by their keys (Apollo's subgraph specification).

Strawberry's own resolver believes what a representation says: a missing or unknown type, and a
field more than the key, are exceptions of Python's, and any type of the schema may be made of them.
"""

from asyncio import gather
from itertools import repeat
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLUnionType
from strawberry.federation import Schema

from domain.errors import BadInput
from resolvers.context import Context
from resolvers.reading.sources import named
from schema.filters import known
from schema.loading import Row, by_id
from schema.readings import KEY, Asking, Found

MOST_ENTITIES = 100


def read_strictly(schema: Schema) -> None:
    """Put ours in the place of the resolver of `_entities`."""
    built = schema._schema
    union = built.type_map.get("_Entity")
    if built.query_type is None or not isinstance(union, GraphQLUnionType):
        raise RuntimeError("No type of the contract has a key, so that there are no entities.")
    names = frozenset(each.name for each in union.types)

    def asked(
        representations: list[Any],
    ) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
        if len(representations) > MOST_ENTITIES:
            raise BadInput(f"representations: at most {MOST_ENTITIES} at a time.", _FIELD)
        keys = [key_of(each, names) for each in representations]
        type_names = tuple(name for name, _ in keys)
        return frozenset(type_names), type_names, tuple(key for _, key in keys)

    async def entities(
        _source: object, info: GraphQLResolveInfo[Context], representations: list[Any]
    ) -> list[Row | None]:
        _, type_names, ids = asked(representations)
        return list(await gather(*map(by_id, repeat(info.context), type_names, ids)))

    field = built.query_type.fields["_entities"]
    field.resolve = entities
    field.extensions[KEY] = Found(named, Asking(asked, False), None, is_list=True)


_FIELD = ("representations",)


def key_of(representation: Any, names: frozenset[str]) -> tuple[str, str]:
    """The type and the id. What else a gateway sends along is of no use here."""
    if not isinstance(representation, dict) or representation.get("__typename") not in names:
        raise BadInput(
            f"representations: each has a __typename, of {', '.join(sorted(names))}.", _FIELD
        )
    key = representation.get("id")
    if not isinstance(key, str):
        raise BadInput("representations: each has an id, as text.", _FIELD)
    return representation["__typename"], known(key)
