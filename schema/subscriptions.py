"""What can be followed: a field tells how something stands, and again whenever that is different.

A field is read as one of `Query` is (`schema.reading`), by the same statement, each time it is told;
which thing or feed it follows is kept beside it, for `schema.subscribing`. docs/subscriptions.md
says how a client asks.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from domain.channels import PUBLIC
from domain.errors import NotFound
from resolvers.following import Channel, Thing, Topic
from resolvers.reading import feed_heads
from resolvers.reading.sources import by_id
from schema import loading, readings
from schema.access import public, requires_any
from schema.alliances import Alliance
from schema.events import Event
from schema.filters import Id, known
from schema.reading import Asking, Under, column

FOLLOWED = "followed"
# A feed tells of all kinds of things, and its head of none in particular.
ANY_OF_IT = requires_any(
    ["organizations:read"],
    ["groups:read"],
    ["events:read"],
    ["alliances:read"],
    ["federation:sync"],
)

Feed = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The public one where it is left out, or that of an alliance, by its id."
    ),
]


def followed(
    result: Any,
    type_name: str,
    rows_of: readings.RowsOf,
    topic: Callable[[str], Topic],
    description: str,
    directives: Iterable[object] = (),
) -> Callable[[readings.Asked], Any]:
    """One thing, by what is asked. There is none for whoever may not see it, and then no more is
    told."""

    def field(asked: readings.Asked) -> Any:
        reading = readings.Found(rows_of, readings.Asking.of(asked), type_name, is_list=False)

        async def read(parent: Under, info: Asking, **arguments: Any) -> Any:
            ctx = info.context
            items = reading.asking.items(arguments, ctx.viewer)
            rows = await loading.found(ctx, type_name, rows_of, items)
            if not rows:
                raise NotFound("There is no such thing, or you may not see it.")
            return rows[0]

        def follows(arguments: dict[str, Any]) -> Topic:
            (name,) = asked(**arguments)
            return topic(name)

        return strawberry.field(
            resolver=readings.signed(read, asked, result, Under, Asking),
            description=description,
            directives=list(directives),
            metadata={readings.KEY: reading, FOLLOWED: follows},
        )

    return field


@strawberry.type(
    description="Where a feed stands: that it moved, and when. What is new in it, `changes` tells."
)
class FeedHead:
    channel: strawberry.ID = column("`public`, or the id of the alliance or hub it is for.")
    moved_at: datetime | None = column("When it moved last; null where all in it was forgotten.")


@strawberry.type(
    description="What can be followed: each field tells at once how something stands, and again whenever that changes, until you may no longer see it. Where it changes faster than you read, you are told of the last."
)
class Subscription:
    @followed(
        Event,
        "Event",
        by_id("Event"),
        Thing,
        "An event: told again when its version is another one, or when something that you asked for is.",
        directives=[public],
    )
    @staticmethod
    def event_changed(id: Id) -> tuple[str]:
        return (known(id),)

    @followed(
        Alliance,
        "Alliance",
        by_id("Alliance"),
        Thing,
        "An alliance: told again when its version is another one, or when something that you asked for is.",
        directives=[public],
    )
    @staticmethod
    def alliance_changed(id: Id) -> tuple[str]:
        return (known(id),)

    @followed(
        FeedHead,
        "FeedHead",
        feed_heads.by_channel,
        Channel,
        "A feed: told again when something was published into it, changed in it or taken from it.",
        directives=[ANY_OF_IT, public],
    )
    @staticmethod
    def feed_advanced(channel: Feed = UNSET) -> tuple[str]:
        return (known(channel) if channel else PUBLIC,)
