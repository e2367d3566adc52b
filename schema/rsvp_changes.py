"""Answering to an event, taking it back, letting people in, and checking them in."""

from typing import Annotated, Any

import strawberry

from domain.rsvps import RsvpStatus
from resolvers import check_in, rsvps
from resolvers.rsvps import NewRsvp
from schema.access import public, requires
from schema.filters import known
from schema.inputs import optional, outcome, renamed, required, values, without_nulls
from schema.reading import Asking
from schema.rsvps import Rsvp
from schema.scalars import EmailAddress
from schema.shared import UserError

SIGNING_UP = [requires("attendance:write")]


@strawberry.input(
    description="Exactly one of person (the viewer, by default) or a guest's name and address; `consentTo` are the organizations that may have the contact."
)
class RsvpInput:
    event: strawberry.ID = required("The event.")
    occurrence: strawberry.ID | None = optional("The date; the next one where it is left out.")
    status: RsvpStatus | None = optional("ACCEPTED, TENTATIVE or DECLINED.", RsvpStatus.ACCEPTED)
    guest_name: str | None = optional("The name of a guest without an account.")
    guest_email: EmailAddress | None = optional(
        "Their address, which is sent a link to confirm. The hosts may leave it out: for who is "
        "written down on paper, or stands at the door."
    )
    additional_guests: int | None = optional("How many they bring along.", 0)
    attended: bool | None = optional(
        "A guest without an address stands at the door: written down and checked in at once. Who is "
        "expected by that name already is checked in, and not written down twice. For the hosts' "
        "event staff.",
        False,
    )
    referred_by: strawberry.ID | None = optional(
        "The organization that brought them: one that stands on the event."
    )
    consent_to: list[strawberry.ID] | None = optional(
        "Organizations on the event that may have the name and address, each ticked by whoever "
        "answers. Left out, it stays as it was; empty takes it back."
    )


@strawberry.type(description="What became of an answer.")
class RsvpPayload:
    rsvp: Rsvp | None = strawberry.field(
        description="The answer as it stands. Null also where it is not shared with you, and for a "
        "guest with an address: they find a link in their mail."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


Answer = Annotated[strawberry.ID, strawberry.argument(description="The answer.")]


@strawberry.type
class RsvpMutations:
    @strawberry.mutation(
        description="Answer to a date of an event, or change your answer. Where all places are taken, you wait in line.",
        directives=[*SIGNING_UP, public],
    )
    async def rsvp(
        self,
        info: Asking,
        input: Annotated[RsvpInput, strawberry.argument(description="Who comes.")],
    ) -> RsvpPayload:
        given = values(input)
        new: dict[str, Any] = renamed(
            without_nulls(given),
            event="event_id",
            occurrence="occurrence_id",
            referred_by="referred_by_id",
        )
        work = rsvps.answer(info.context, NewRsvp(**new))
        return _payload(await outcome(info, "Rsvp", work))

    @strawberry.mutation(
        description="Take an answer back: yours, or one to an event that your organization hosts. Its place is offered to the next in line.",
        directives=SIGNING_UP,
    )
    async def cancel_rsvp(self, info: Asking, rsvp: Answer) -> RsvpPayload:
        work = rsvps.cancel(info.context, known(rsvp))
        return _payload(await outcome(info, "Rsvp", work))

    @strawberry.mutation(
        description="Let somebody come who asked to, or not. For the host's event staff.",
        directives=SIGNING_UP,
    )
    async def respond_to_rsvp(
        self,
        info: Asking,
        rsvp: Answer,
        accept: Annotated[bool, strawberry.argument(description="They may come.")],
    ) -> RsvpPayload:
        work = rsvps.respond(info.context, known(rsvp), accept=accept)
        return _payload(await outcome(info, "Rsvp", work))

    @strawberry.mutation(
        description="Say whether somebody was there, from one hour before the start. Saying the other undoes it. For the hosts' event staff.",
        directives=SIGNING_UP,
    )
    async def check_in(
        self,
        info: Asking,
        rsvp: Answer,
        attended: Annotated[bool, strawberry.argument(description="They were there.")],
    ) -> RsvpPayload:
        work = check_in.check_in(info.context, known(rsvp), attended=attended)
        return _payload(await outcome(info, "Rsvp", work))


def _payload(done: tuple[object, list[UserError]]) -> RsvpPayload:
    return RsvpPayload(rsvp=done[0], user_errors=done[1])  # type: ignore[arg-type]
