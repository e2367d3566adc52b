"""Events that may be another one: for whoever keeps a calendar clean."""

from typing import Annotated

import strawberry

from domain.errors import BadInput
from domain.words import say
from resolvers.reading import duplicates
from resolvers.reading.listing import MOST
from schema.access import public, requires
from schema.filters import known
from schema.later import LaterEvent
from schema.loading import by_id
from schema.reading import Asking

USUAL = 10


@strawberry.type(
    description="An event that may be the same as another one: for a person to look at, and to merge (`mergeEvents`).",
    directives=[requires("events:read"), public],
)
class DuplicateCandidate:
    event: LaterEvent = strawberry.field(description="The event that may be the same.")
    score: float = strawberry.field(
        description="How alike the two are, from 0 to 1: by their names in other systems, title, time, place and host. Below 0.6 nothing is told."
    )
    reasons: list[str] = strawberry.field(
        description="Why, in words: `same identifier mobilize:123`, `title 92 % alike`, `starts 15 minutes apart`, `400 m apart`."
    )


@strawberry.type
class DuplicateQueries:
    @strawberry.field(
        description="Other events that may be this one, the likeliest first; none where there is no such event for you. Looked for are events of the same name in another system, or of the same calendar entry, and those that start within a day of it, near it or with words of its title.",
        directives=[requires("events:read"), public],
    )
    async def possible_duplicates(
        self,
        info: Asking,
        event: Annotated[strawberry.ID, strawberry.argument(description="The event.")],
        first: Annotated[
            int | None, strawberry.argument(description=f"How many at most, from 0 to {MOST}.")
        ] = USUAL,
    ) -> list[DuplicateCandidate]:
        most = USUAL if first is None else first
        if not 0 <= most <= MOST:
            raise BadInput(say("first: ask for 0 to %(most)s.", most=MOST), ("first",))
        found = await duplicates.possible(info.context, known(event), most)
        things = [(await by_id(info.context, "Event", one), likeness) for one, likeness in found]
        return [
            DuplicateCandidate(
                event=thing,  # type: ignore[arg-type]  # a row, which is read as the type
                score=likeness.score,
                reasons=list(likeness.reasons),
            )
            for thing, likeness in things
            if thing is not None
        ]
