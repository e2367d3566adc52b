"""Every field of every type there is, asked by name: what the generator is sure not to leave out.

For each kind of thing one document that asks all of its fields, and of what these give all that is
plain; and one for each field of the root.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from auth.scopes import SCOPES
from domain.actors import Viewer
from tests.differential.documents import LOOKED_AT
from tests.differential.knowledge import Knowledge
from tests.differential.trying import CONTRACT, Operation

# What must be given; an id is of a thing of its own.
GIVEN = {
    "from": '"1970-01-01T00:00:00Z"',
    "to": '"2201-01-01T00:00:00Z"',
    "text": '"food or soup or brot"',
}
DAYS = {"from": '"2026-03-01"', "to": '"2027-02-28"'}  # where days are asked for
AROUND = ("Connection", "Edge", "PageInfo", "Source", "Viewer")  # between a thing and the next

A_FEW = 4  # with all they lead to in one answer, which may have 250,000 bytes


def tour(known: Knowledge) -> Iterator[Operation]:
    root = CONTRACT.query_type
    assert root is not None
    for viewer in guests(known):
        for name, ids in known.ids.items():
            few = some(ids, viewer)
            for given, depth in (
                (ids[:100], 0),
                *((few[at : at + A_FEW], 1) for at in range(0, len(few), A_FEW)),
            ):
                body = f"nodes(ids: $ids) {{ ... on {name} {all_of(name, depth)} }}"
                yield Operation(f"query ($ids: [ID!]!) {{ {body} }}", {"ids": given}, viewer)
            yield from looked_at(name, some(ids, viewer), viewer)
        for name, field in root.fields.items():
            of = get_named_type(field.type).name
            if of in LOOKED_AT:
                continue
            ids = known.ids.get(of, known.ids["Event"])
            yield Operation(f"{{ {asked(name, field, ids, 1)} }}", {}, viewer)


def looked_at(name: str, ids: list[str], viewer: Viewer) -> Iterator[Operation]:
    """What came of each of these, and what else it may be."""
    root, kind = CONTRACT.query_type, CONTRACT.type_map[name]
    assert root is not None
    for one in ids:
        for each, field in getattr(kind, "fields", {}).items():
            if get_named_type(field.type).name in LOOKED_AT:
                body = f"node(id: $id) {{ ... on {name} {{ {asked(each, field, [one], 1)} }} }}"
                yield Operation(f"query ($id: ID!) {{ {body} }}", {"id": one}, viewer)
        for each, field in root.fields.items() if name == "Event" else ():
            if get_named_type(field.type).name in LOOKED_AT:
                yield Operation(f"{{ {asked(each, field, [one], 1)} }}", {}, viewer)


def some(ids: list[str], viewer: Viewer) -> list[str]:
    """A few from all over; the viewer's own organization, where it is one of them."""
    own = [each for each in ids if each == viewer.organization_id]
    return list(dict.fromkeys([*own, *ids[:: len(ids) // 3 + 1], *ids[:: len(ids) // 30 + 1]]))


def guests(known: Knowledge) -> Iterator[Viewer]:
    """An organization's app, a person, and a peer hub, who may do everything."""
    everything = frozenset(SCOPES)
    app = next(viewer for viewer in known.viewers if not viewer.is_nobody)
    person = next(viewer for viewer in known.viewers if viewer.person_id is not None)
    hub = next(viewer for viewer in known.viewers if viewer.is_hub)
    for viewer in (app, person, hub):
        yield replace(viewer, scopes=everything)


def all_of(name: str, depth: int) -> str:
    """With depth 0 the thing itself; with 1 those it leads to, and what its lists hold, as well."""
    kind: Any = CONTRACT.type_map[name]
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        possible = " ".join(
            f"... on {one.name} {'{ id }' if 'id' in one.fields else all_of(one.name, 1)}"
            for one in CONTRACT.get_possible_types(kind)
        )
        return f"{{ __typename {possible} }}"
    parts = [
        asked(each, field, [""], depth)
        for each, field in kind.fields.items()
        if get_named_type(field.type).name not in LOOKED_AT
    ]
    return "{ " + " ".join(filter(None, parts)) + " }"


def asked(name: str, field: GraphQLField, ids: list[str], depth: int) -> str:
    named: Any = get_named_type(field.type)
    given = GIVEN | {
        "id": f'"{ids[0]}"',
        "ids": f'["{ids[0]}"]',
        "event": f'"{ids[0]}"',
        "representations": f'[{{__typename: "Event", id: "{ids[0]}"}}]',
    }
    arguments = ", ".join(
        f"{argument}: {(DAYS if _is_day(of) else given)[argument]}"
        for argument, of in field.args.items()
        if is_required_argument(of) or argument == "id"
    )
    head = f"{name}({arguments})" if arguments else name
    if not is_composite_type(named):
        return head
    if named.name.endswith(AROUND):
        return f"{head} {all_of(named.name, depth)}" if depth else ""
    if "id" in getattr(named, "fields", "id"):  # a thing of its own, and no part of this one
        return f"{head} {all_of(named.name, depth - 1)}" if depth else ""
    return f"{head} {all_of(named.name, depth)}"


def _is_day(argument: GraphQLArgument) -> bool:
    return get_named_type(argument.type).name == "Date"
