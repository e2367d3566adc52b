"""`_entities`, by which a gateway reads things by their keys (Apollo's subgraph specification).

Strawberry's own resolver believes what a representation says: a missing or unknown type, and a
field more than the key, are exceptions of Python's, and any type of the schema may be made of them.
Here a representation only names what is looked up, as its token sees it. One that names nothing of
ours is an error in its own place, and the others are answered.
"""

from asyncio import gather
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
        """What the statement is made for. One bad representation, and graphql-core is asked, which
        says so where it stands."""
        _few_enough(representations)
        keys = [key_of(each, names, place) for place, each in enumerate(representations)]
        type_names = tuple(name for name, _ in keys)
        return frozenset(type_names), type_names, tuple(key for _, key in keys)

    async def entities(
        _source: object, info: GraphQLResolveInfo[Context], representations: list[Any]
    ) -> list[Row | BadInput | None]:
        _few_enough(representations)

        async def entity(place: int, representation: Any) -> Row | BadInput | None:
            try:
                key = key_of(representation, names, place)
            except BadInput as problem:
                return problem  # which graphql-core raises in its place of the list
            return await by_id(info.context, *key)

        return list(await gather(*(entity(*each) for each in enumerate(representations))))

    field = built.query_type.fields["_entities"]
    field.resolve = entities
    field.extensions[KEY] = Found(named, Asking(asked, False), None, is_list=True)


def key_of(representation: Any, names: frozenset[str], place: int) -> tuple[str, str]:
    """The type and the id. What else a gateway sends along is of no use here."""
    where = ("representations", str(place))
    if not isinstance(representation, dict):
        raise BadInput(f"representations[{place}]: an object with a __typename and an id.", where)
    name, key = representation.get("__typename"), representation.get("id")
    if not isinstance(name, str) or name not in names:
        raise BadInput(
            f"representations[{place}].__typename: one of {', '.join(sorted(names))}.", where
        )
    if not isinstance(key, str):
        raise BadInput(f"representations[{place}].id: an id, as text.", where)
    return name, known(key)


def _few_enough(representations: list[Any]) -> None:
    if len(representations) > MOST_ENTITIES:
        raise BadInput(f"representations: at most {MOST_ENTITIES} at a time.", ("representations",))
