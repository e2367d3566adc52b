"""Changing a part of a series: one date of it, or one date and all that follow."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.events import EventStatus
from resolvers import series
from schema.access import requires
from schema.event_changes import (
    EventPayload,
    UpdateEventInput,
    in_languages,
    require_publishing,
)
from schema.events import Occurrence
from schema.inputs import PlaceInput, optional, outcome, required, values
from schema.reading import Asking
from schema.shared import UserError


@strawberry.input(
    description="What is different on one date of a series: what is left out stays, null takes it back to what the series says."
)
class UpdateOccurrenceInput:
    id: strawberry.ID = required("The date's id.")
    version: int = required("Its event's version when you read it.")
    title: str | None = optional("What it is called on this date.")
    description: str | None = optional("What it is on this date, at length.")
    starts_at: datetime | None = optional("When it starts on this date.")
    ends_at: datetime | None = optional(
        "When it ends on this date; a date that is moved lasts as long as the others."
    )
    place: PlaceInput | None = optional("Where it is on this date.")
    status: EventStatus | None = optional("Whether it takes place on this date.")


@strawberry.type(description="What became of a change to one date.")
class OccurrencePayload:
    occurrence: Occurrence | None = strawberry.field(
        description="The date as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class SeriesMutations:
    @strawberry.mutation(
        description="Change one date of a series. The others, and later changes of the series, leave it so.",
        directives=[requires("events:write")],
    )
    async def update_occurrence(
        self,
        info: Asking,
        input: Annotated[UpdateOccurrenceInput, strawberry.argument(description="What to change.")],
    ) -> OccurrencePayload:
        changes = values(input)
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = series.update_date(info.context, thing_id, version, changes)  # type: ignore[arg-type]
        date, refusals = await outcome(info, "Occurrence", work, changing=thing_id)
        return OccurrencePayload(occurrence=date, user_errors=refusals)  # type: ignore[arg-type]

    @strawberry.mutation(
        description="Change a date of a series and all that follow it. The series ends before that date, and the event given back goes on from there, with its hosts, with whom it is shared, and with the answers to its dates.",
        directives=[requires("events:write")],
    )
    async def update_event_from(
        self,
        info: Asking,
        occurrence: Annotated[
            strawberry.ID, strawberry.argument(description="The first date to change.")
        ],
        input: Annotated[
            UpdateEventInput,
            strawberry.argument(description="The series, and what to change from then on."),
        ],
    ) -> EventPayload:
        changes = in_languages(values(input))
        if "visibility" in changes:
            require_publishing(info, "Mutation.updateEventFrom")
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = series.update_from(info.context, occurrence, thing_id, version, changes)  # type: ignore[arg-type]
        event, refusals = await outcome(info, "Event", work, changing=thing_id)
        return EventPayload(event=event, user_errors=refusals)  # type: ignore[arg-type]
