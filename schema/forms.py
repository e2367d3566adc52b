"""In which form the value of a field stands in an answer."""

from graphql import (
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
)

from resolvers.reading.json_text import Form

_PLAIN = {"Int", "Float", "Boolean"}


def form_of(kind: GraphQLOutputType) -> Form:
    shown = get_nullable_type(kind)
    named = get_named_type(shown)
    if is_list_type(shown):
        return Form.JSON
    if is_enum_type(named) or named.name == "ID":
        return Form.WORD
    return Form.PLAIN if named.name in _PLAIN else Form.JSON
