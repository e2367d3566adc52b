"""Making two entries of one event one, and telling them apart again."""

from typing import Annotated

import strawberry

from resolvers import merging
from schema.access import requires
from schema.event_changes import EventPayload
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

Duplicate = Annotated[
    strawberry.ID, strawberry.argument(description="The entry that the other one replaces.")
]
Into = Annotated[strawberry.ID, strawberry.argument(description="The event that stays.")]


@strawberry.type
class MergingMutations:
    @strawberry.mutation(
        description="Make two entries of one event one. The duplicate leaves all lists, and its id leads to the event that stays (`replacedBy`), to which its co-hosts, its shares, its names, its calendars and the answers to dates that both have are brought. Gives the event that stays.",
        directives=[requires("events:write", "events:publish")],
    )
    async def merge_events(self, info: Asking, duplicate: Duplicate, into: Into) -> EventPayload:
        work = merging.merge(info.context, duplicate, into)
        return _payload(await outcome(info, "Event", work))

    @strawberry.mutation(
        description="Take a merge back: the duplicate is an event of its own again, with what was brought from it. Answers given since stay where they were given.",
        directives=[requires("events:write", "events:publish")],
    )
    async def unmerge_events(self, info: Asking, duplicate: Duplicate) -> EventPayload:
        return _payload(await outcome(info, "Event", merging.unmerge(info.context, duplicate)))


def _payload(done: tuple[object, list[UserError]]) -> EventPayload:
    return EventPayload(event=done[0], user_errors=done[1])  # type: ignore[arg-type]
