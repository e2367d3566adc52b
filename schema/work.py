"""What fields cost beyond the values they give: the work that the database has with them.

A list at the top is a statement of its own over everything there is, and may be narrowed by words
and distances; a count walks the whole list for one number; a search ranks all that it finds. In
values, as `Limits.cost` counts: the figures are such that what is just allowed takes no longer
than a quarter of a second on two cores (tests/hostile).
"""

from collections.abc import Mapping

from graphql import GraphQLSchema, get_named_type, is_interface_type, is_object_type

TOP_LIST = 1_000
SEARCH = 1_500
LOOKED_AT = {
    "DuplicateCandidate": 1_500,
    "Impact": 1_500,
}  # what is worked out over many rows, by its type
LIST = 20
COUNT = 60


def work_of(schema: GraphQLSchema) -> Mapping[str, int]:
    """By coordinates: `Query.events`."""
    root = schema.query_type.name if schema.query_type else ""
    found: dict[str, int] = {}
    for name, kind in schema.type_map.items():
        if not (is_object_type(kind) or is_interface_type(kind)) or name.startswith("__"):
            continue
        for field_name, field in kind.fields.items():
            result = get_named_type(field.type).name
            if field_name == "totalCount":
                found[f"{name}.{field_name}"] = COUNT
            elif result == "SearchConnection":
                found[f"{name}.{field_name}"] = SEARCH
            elif result in LOOKED_AT:
                found[f"{name}.{field_name}"] = LOOKED_AT[result]
            elif result.endswith("Connection"):
                found[f"{name}.{field_name}"] = TOP_LIST if name == root else LIST
    return found
