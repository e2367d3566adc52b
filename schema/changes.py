"""The feed in the contract: what changed in a channel, oldest first, as peer hubs read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from domain.channels import RemovalReason
from domain.peering import MOST_A_PAGE
from resolvers.context import Context
from resolvers.reading import changes as reading
from resolvers.reading.changes import ChangesWanted
from resolvers.reading.given import parametrized, taken_apart
from schema import readings
from schema.access import requires
from schema.loading import by_id
from schema.reading import Asking, Under
from schema.shared import PageInfo, Publication

FIRST = 100


@strawberry.type(description="A thing is there, or changed: as it stands now.")
class Upserted:
    entity: Publication = strawberry.field(description="The whole thing, in its latest state.")


@strawberry.type(description="A thing left the channel: whoever holds it by this channel drops it.")
class Removed:
    id: strawberry.ID = strawberry.field(description="Which.")
    reason: RemovalReason = strawberry.field(description="Why.")


Change = Annotated[
    Upserted | Removed,
    strawberry.union("Change", description="What became of a thing since the reader's place."),
]


@strawberry.type(
    description="A change, and its place. Keep the cursor; ask again after it. A cursor the hub no longer knows answers RESYNC, and the reader starts over."
)
class ChangeEdge:
    cursor: str = strawberry.field(
        description="Its place: give it to `after`, with the same channel, to go on behind it."
    )
    node: Change = strawberry.field(description="What became of the thing.")
    at: datetime = strawberry.field(description="When it was kept, by this hub's clock.")


@strawberry.type(description="A page of changes, oldest first, each thing once.")
class ChangeConnection:
    edges: list[ChangeEdge] = strawberry.field(description="The changes.")
    page_info: PageInfo = strawberry.field(
        description="Where the page stands. It has an endCursor though it be empty: all that was published by then is known."
    )


Channel = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="`public` (also where it is left out), an alliance's id, or the reading hub's own id: what concerns organizations of its by name."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(description="Go on after this cursor; without it, from the start."),
]
First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many at most: up to {MOST_A_PAGE:,} for a peer hub, up to 100 for others."
    ),
]


def _asked(
    channel: Channel = None, after: After = None, first: First = FIRST
) -> tuple[ChangesWanted]:
    return (reading.wanted(channel, after, FIRST if first is None else first),)


_FEED = readings.Feed(readings.Asking.of(_asked))


async def _changes(parent: Under, info: Asking, **arguments: Any) -> ChangeConnection:
    ctx = info.context
    (asked,) = items = _FEED.asking.items(arguments, ctx.viewer)
    _, values = taken_apart(items, "a_")
    (parameters,) = parametrized(items, "a_")
    rows = await ctx.rows(reading.with_cursors(ctx.eyes, parameters), values)
    if rows[0]["trouble"] is not None:
        raise reading.TROUBLES[rows[0]["trouble"]]()
    entries = [row for row in rows if row["seq"] is not None]
    has_next = len(entries) > asked.first
    shown = entries[: asked.first]
    end = rows[0]["start_cursor"] if has_next else rows[0]["head_cursor"]
    if has_next and shown:
        end = shown[-1]["cursor"]
    return ChangeConnection(
        edges=[await _edge(ctx, row) for row in shown],
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=asked.after is not None,
            start_cursor=shown[0]["cursor"] if shown else None,
            end_cursor=end,
        ),
    )


async def _edge(ctx: Context, row: Mapping[Any, Any]) -> ChangeEdge:
    thing = None
    if row["removed"] is None:
        thing = await by_id(ctx, reading.TYPES[row["kind"]], row["thing_id"])
    node: Upserted | Removed
    if thing is not None:
        node = Upserted(entity=thing)  # type: ignore[arg-type]  # a row, as all things are here
    else:
        reason = RemovalReason(row["removed"] or RemovalReason.NO_LONGER_VISIBLE)
        node = Removed(id=row["thing_id"], reason=reason)
    return ChangeEdge(cursor=row["cursor"], node=node, at=row["at"])


@strawberry.type
class ChangeQueries:
    changes: ChangeConnection = strawberry.field(
        resolver=readings.signed(_changes, _asked, ChangeConnection, Under, Asking),
        description="What changed in a channel, oldest first, each thing once in its latest state. With `Prefer: wait=25` (RFC 7240) a peer hub's request waits so many seconds for a change where there is none.",
        directives=[requires("federation:sync")],
        metadata={readings.KEY: _FEED},
    )
