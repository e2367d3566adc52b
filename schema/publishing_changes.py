"""Bringing an event before its audience, calling it off, and sharing it with alliances."""

from typing import Annotated

import strawberry

from resolvers import publishing
from schema.access import requires
from schema.event_changes import EventPayload
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

TheEvent = Annotated[strawberry.ID, strawberry.argument(description="The event.")]
Seen = Annotated[int, strawberry.argument(description="Its version when you read it.")]
Alliances = Annotated[list[strawberry.ID], strawberry.argument(description="The alliances.")]


@strawberry.type
class PublishingMutations:
    @strawberry.mutation(
        description="Publish a draft: from now on its audience sees it.",
        directives=[requires("events:publish")],
    )
    async def publish_event(self, info: Asking, event: TheEvent, version: Seen) -> EventPayload:
        work = publishing.publish(info.context, event, version)
        return _payload(await outcome(info, "Event", work, changing=event))

    @strawberry.mutation(
        description="Call an event off, with every date of it that is not over. It stays where it was published, so that those who meant to come learn of it.",
        directives=[requires("events:write")],
    )
    async def cancel_event(
        self,
        info: Asking,
        event: TheEvent,
        version: Seen,
        reason: Annotated[
            str | None, strawberry.argument(description="Why, for everybody who sees the event.")
        ] = None,
    ) -> EventPayload:
        work = publishing.cancel(info.context, event, version, reason)
        return _payload(await outcome(info, "Event", work, changing=event))

    @strawberry.mutation(
        description="Share an event with alliances in which its host stands.",
        directives=[requires("events:publish")],
    )
    async def share_event(
        self, info: Asking, event: TheEvent, alliances: Alliances
    ) -> EventPayload:
        work = publishing.share(info.context, event, alliances)
        return _payload(await outcome(info, "Event", work))

    @strawberry.mutation(
        description="Take an event back from alliances. Organizations that host it with you stay.",
        directives=[requires("events:publish")],
    )
    async def unshare_event(
        self, info: Asking, event: TheEvent, alliances: Alliances
    ) -> EventPayload:
        work = publishing.unshare(info.context, event, alliances)
        return _payload(await outcome(info, "Event", work))


def _payload(done: tuple[object, list[UserError]]) -> EventPayload:
    return EventPayload(event=done[0], user_errors=done[1])  # type: ignore[arg-type]
