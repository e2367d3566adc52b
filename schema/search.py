"""Anything by its id, and everything by its words."""

from asyncio import gather
from typing import Annotated

import strawberry

from domain.errors import BadInput
from domain.ids import kind_of
from resolvers.reading import search as reading
from resolvers.reading.listing import asked, cursor, page_of
from resolvers.reading.sources import SOURCE_OF_KIND
from schema.access import public, requires_any
from schema.alliances import Alliance
from schema.events import Event
from schema.filters import Id, search_text
from schema.groups import Group
from schema.loading import Row, by_id
from schema.organizations import Organization
from schema.reading import After, Asking, First
from schema.shared import Node, PageInfo, Source, local_source

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
    edges: list[SearchEdge] = strawberry.field(description="What was found, with cursors.")
    nodes: list[SearchResult] = strawberry.field(description="What was found.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    sources: list[Source] = strawberry.field(
        description="Whose things were searched, and how fresh they are."
    )


@strawberry.type
class SearchQueries:
    @strawberry.field(
        description="Anything, by its id; null where there is none for you.", directives=[public]
    )
    async def node(self, info: Asking, id: Id) -> Node | None:
        return await any_by_id(info, id)  # type: ignore[return-value]

    @strawberry.field(
        description="Things by their ids, in that order; null where there is none for you.",
        directives=[public],
    )
    async def nodes(
        self,
        info: Asking,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"At most {MOST_IDS} ids.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MOST_IDS:
            raise BadInput(f"ids: at most {MOST_IDS} at a time.", ("ids",))
        return list(await gather(*(any_by_id(info, one) for one in ids)))  # type: ignore[arg-type]

    @strawberry.field(
        description="Organizations, groups, events and alliances by their words, best first: in any language, accents folded.",
        directives=[READABLE, public],
    )
    async def search(
        self,
        info: Asking,
        text: Annotated[
            str,
            strawberry.argument(
                description='Words; "in quotes" for a phrase, -word to leave out, or for either.'
            ),
        ],
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> SearchConnection:
        return await found(info, search_text(text, ("text",)), first, after or None)


async def any_by_id(info: Asking, id: str) -> Row | None:
    kind = kind_of(id)
    source = SOURCE_OF_KIND.get(kind) if kind else None
    return await by_id(info.context, source.type_name, id) if source else None


async def found(info: Asking, text: str, first: int | None, after: str | None) -> SearchConnection:
    ctx = info.context
    names = [
        name
        for name, scope in SCOPE_OF.items()
        if ctx.viewer.is_nobody or scope in ctx.viewer.scopes
    ]
    listing = reading.found(ctx.eyes, text, names)
    wanted = asked(listing, 20 if first is None else first, after)
    matches = await ctx.rows(page_of(listing, wanted))
    shown = [Row(match["type_name"], match) for match in matches[: wanted.first]]
    things = await gather(*(by_id(ctx, row.type_name, row.id) for row in shown))
    cursors = [cursor(listing, row.values.__getitem__) for row in shown]
    return SearchConnection(
        edges=[
            SearchEdge(node=thing, cursor=place)  # type: ignore[arg-type]
            for thing, place in zip(things, cursors, strict=True)
        ],
        nodes=things,  # type: ignore[arg-type]
        page_info=PageInfo(
            has_next_page=len(matches) > wanted.first,
            has_previous_page=wanted.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        sources=await local_source(info),
    )
