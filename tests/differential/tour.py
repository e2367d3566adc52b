"""Every field of every type there is, asked by name: what the generator is sure not to leave out.

For each kind of thing one document that asks all of its fields, and of what these give all that is
plain; and one for each field of the root.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from auth.scopes import SCOPES
from domain.actors import Viewer
from tests.differential.knowledge import Knowledge
from tests.differential.trying import CONTRACT, Operation

# What must be given; an id is of a thing of its own.
GIVEN = {
    "from": '"1970-01-01T00:00:00Z"',
    "to": '"2201-01-01T00:00:00Z"',
    "text": '"food or soup or brot"',
}
AT_A_TIME = 4  # things in a document: all of them would be too large an answer
AROUND = ("Connection", "Edge", "PageInfo", "Source")  # what stands between a thing and the next


def tour(known: Knowledge) -> Iterator[Operation]:
    for viewer in guests(known):
        for name, ids in known.ids.items():
            document = (
                f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {all_of(name)} }} }}"
            )
            for at in range(0, len(ids), len(ids) // 3 + 1):
                yield Operation(document, {"ids": ids[at : at + AT_A_TIME]}, viewer)
        root = CONTRACT.query_type
        assert root is not None
        for name, field in root.fields.items():
            of = get_named_type(field.type).name
            yield Operation(f"{{ {asked(name, field, known.ids.get(of, ['']), 1)} }}", {}, viewer)


def guests(known: Knowledge) -> Iterator[Viewer]:
    """Nobody, an app that may do everything, and a person who may."""
    everything = frozenset(SCOPES)
    nobody, app = known.viewers[:2]
    person = next(viewer for viewer in known.viewers if viewer.person_id is not None)
    yield nobody
    for viewer in (app, person):
        yield Viewer(viewer.organization_id, viewer.person_id, None, viewer.client_id, everything)


def all_of(name: str, depth: int = 1) -> str:
    kind: Any = CONTRACT.type_map[name]
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        possible = " ".join(
            f"... on {one.name} {{ id }}" for one in CONTRACT.get_possible_types(kind)
        )
        return f"{{ __typename {possible} }}"
    parts = [asked(each, field, [""], depth) for each, field in kind.fields.items()]
    return "{ " + " ".join(filter(None, parts)) + " }"


def asked(name: str, field: GraphQLField, ids: list[str], depth: int) -> str:
    named = get_named_type(field.type)
    given = GIVEN | {
        "id": f'"{ids[0]}"',
        "ids": f'["{ids[0]}"]',
        "representations": f'[{{__typename: "Event", id: "{ids[0]}"}}]',
    }
    arguments = ", ".join(
        f"{argument}: {given[argument]}"
        for argument, of in field.args.items()
        if is_required_argument(of) or argument == "id"
    )
    head = f"{name}({arguments})" if arguments else name
    if not is_composite_type(named):
        return head
    if named.name.endswith(AROUND):
        return f"{head} {all_of(named.name, depth)}"
    if depth:
        return f"{head} {all_of(named.name, depth - 1)}"
    return ""
