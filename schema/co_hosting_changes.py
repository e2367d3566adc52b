"""Inviting organizations to host an event together, answering, and leaving."""

from typing import Annotated

import strawberry

from domain.events import EventHostRole
from domain.sharing import HostEditing
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from schema.access import requires
from schema.events import EventHost
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

ThePlace = Annotated[
    strawberry.ID, strawberry.argument(description="The organization's place on the event.")
]


@strawberry.type(description="What became of an organization's place on an event.")
class EventHostPayload:
    event_host: EventHost | None = strawberry.field(
        description="The place as it stands; null where there is none for you, as where you no "
        "longer see the event."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class CoHostingMutations:
    @strawberry.mutation(
        description="Ask an organization to host an event with you; or, naming your own organization, ask the host for a place on its event. To pass on what is public (PROMOTER) takes no answer.",
        directives=[requires("events:hosts")],
    )
    async def invite_event_host(
        self,
        info: Asking,
        event: Annotated[strawberry.ID, strawberry.argument(description="The event.")],
        organization: Annotated[
            strawberry.ID,
            strawberry.argument(description="The organization that is to have the place."),
        ],
        role: Annotated[
            EventHostRole, strawberry.argument(description="Its part; not HOST.")
        ] = EventHostRole.CO_HOST,
        may_edit: Annotated[
            HostEditing | None,
            strawberry.argument(
                description="What it may change. Left out: DETAILS for a co-host, NONE for others."
            ),
        ] = None,
        message: Annotated[
            str | None, strawberry.argument(description="A word with it, for the other side.")
        ] = None,
    ) -> EventHostPayload:
        wish = Wish(
            event_id=event,
            organization_id=organization,
            role=role,
            may_edit=may_edit,
            message=message,
        )
        return _payload(await outcome(info, "EventHost", co_hosting.ask(info.context, wish)))

    @strawberry.mutation(
        description="Accept or decline an invitation, or what another organization asks of you.",
        directives=[requires("events:hosts")],
    )
    async def respond_to_event_host(
        self,
        info: Asking,
        event_host: ThePlace,
        accept: Annotated[bool, strawberry.argument(description="Whether you agree.")],
    ) -> EventHostPayload:
        work = co_hosting.respond(info.context, event_host, accept)
        return _payload(await outcome(info, "EventHost", work))

    @strawberry.mutation(
        description="End a place on an event, alone and at once: withdraw from it, take back what you asked, or, as its host, remove another organization.",
        directives=[requires("events:hosts")],
    )
    async def withdraw_event_host(
        self,
        info: Asking,
        event_host: ThePlace,
        reason: Annotated[
            str | None,
            strawberry.argument(
                description="Why, for the other side; needed to remove an organization."
            ),
        ] = None,
    ) -> EventHostPayload:
        work = co_hosting.withdraw(info.context, event_host, reason)
        return _payload(await outcome(info, "EventHost", work))


def _payload(done: tuple[object, list[UserError]]) -> EventHostPayload:
    return EventHostPayload(event_host=done[0], user_errors=done[1])  # type: ignore[arg-type]
