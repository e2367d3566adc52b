"""Anything by its id, and everything by its words."""

from typing import Annotated

import strawberry

from domain.actors import Viewer
from domain.errors import BadInput
from domain.words import say
from resolvers.reading import search as reading
from resolvers.reading.freshness import sources_of_lists
from resolvers.reading.sources import named, type_of
from schema.access import public, requires_any
from schema.alliances import Alliance
from schema.events import Event
from schema.filters import Id, known, search_text
from schema.groups import Group
from schema.loading import PageOfRows
from schema.organizations import Organization
from schema.reading import found, found_in_order, page, several
from schema.shared import Node, PageInfo, Source, page_info_of

MOST_IDS = 100

SearchResult = Annotated[
    Organization | Group | Event | Alliance,
    strawberry.union("SearchResult", description="Something a search finds."),
]

READABLE = requires_any(
    ["organizations:read"], ["groups:read"], ["events:read"], ["alliances:read"]
)
# A search looks through what the token may look for; each by the scope of its own list.
SCOPE_OF = {
    "Organization": "organizations:read",
    "Group": "groups:read",
    "Event": "events:read",
    "Alliance": "alliances:read",
}


@strawberry.type(description="Something a search found, and its place among what it found.")
class SearchEdge:
    node: SearchResult = strawberry.field(description="What was found.")
    cursor: str = strawberry.field(description="Its place: give it to `after` to go on behind it.")


@strawberry.type(description="A page of what a search found, best first.")
class SearchConnection:
    @strawberry.field(description="What was found, with cursors.")
    @staticmethod
    def edges(parent: strawberry.Parent[PageOfRows]) -> list[SearchEdge]:
        placed = zip(parent.rows, parent.cursors, strict=True)
        return [SearchEdge(node=row, cursor=cursor) for row, cursor in placed]

    @strawberry.field(description="What was found.")
    @staticmethod
    def nodes(parent: strawberry.Parent[PageOfRows]) -> list[SearchResult]:
        return parent.rows

    @strawberry.field(description="Where the page stands in the list.")
    @staticmethod
    def page_info(parent: strawberry.Parent[PageOfRows]) -> PageInfo:
        return page_info_of(parent)

    sources: list[Source] = several(
        sources_of_lists, "Whose things were searched, and how fresh they are."
    )


Named = tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MOST_IDS} ids.")]
SearchWords = Annotated[
    str,
    strawberry.argument(
        description='Words; "in quotes" for a phrase, -word to leave out, or for either.'
    ),
]


@strawberry.type
class SearchQueries:
    @found(
        Node | None,
        None,
        named,
        "Anything, by its id; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def node(id: Id) -> Named:
        return by_their_ids([id])

    @found_in_order(
        list[Node | None],
        named,
        "Things by their ids, in that order; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def nodes(ids: Ids) -> Named:
        if len(ids) > MOST_IDS:
            raise BadInput(say("ids: at most %(most)s at a time.", most=MOST_IDS), ("ids",))
        return by_their_ids(ids)

    @page(
        SearchConnection,
        reading.found,
        "Organizations, groups, events and alliances by their words, best first: in any language, accents folded.",
        directives=[READABLE, public],
    )
    @staticmethod
    def search(viewer: Viewer, text: SearchWords) -> tuple[str, frozenset[str]]:
        names = (
            name for name, scope in SCOPE_OF.items() if viewer.is_nobody or scope in viewer.scopes
        )
        return search_text(text, ("text",)), frozenset(names)


def by_their_ids(ids: list[strawberry.ID]) -> Named:
    """The types there are among them, and of each its type and itself."""
    names = tuple(type_of(one) or "" for one in ids)
    return frozenset(names) - {""}, names, tuple(known(one) for one in ids)
