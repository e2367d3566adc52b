"""Telling how an event was."""

from typing import Annotated

import strawberry

from resolvers import reports
from schema.access import requires
from schema.event_changes import EventPayload
from schema.inputs import outcome
from schema.reading import Asking


@strawberry.type
class ReportMutations:
    @strawberry.mutation(
        description="Tell how an event was, once it has started; telling it again replaces what was told. Everybody who sees the event reads it.",
        directives=[requires("events:write")],
    )
    async def report_event(
        self,
        info: Asking,
        event: Annotated[strawberry.ID, strawberry.argument(description="The event.")],
        text: Annotated[str, strawberry.argument(description="How it was.")],
        attended: Annotated[
            int | None,
            strawberry.argument(
                description="How many people came, by your own count. Where people were checked in, leave it out: they are counted."
            ),
        ] = None,
    ) -> EventPayload:
        work = reports.report(info.context, event, text, attended)
        event_as_it_stands, errors = await outcome(info, "Event", work)
        return EventPayload(event=event_as_it_stands, user_errors=errors)  # type: ignore[arg-type]
