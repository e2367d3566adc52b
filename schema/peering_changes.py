"""Working with other hubs, for the people who operate this one."""

from typing import Annotated

import strawberry

from resolvers import peering, peering_steps
from schema.access import requires
from schema.hubs import Hub
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

HubId = Annotated[strawberry.ID, strawberry.argument(description="The other hub.")]
_ADMIN = requires("hubs:admin")


@strawberry.type(description="A hub after the change, or why it was not made.")
class HubPayload:
    hub: Hub | None = strawberry.field(description="The hub as it stands; null if refused.")
    user_errors: list[UserError] = strawberry.field(description="Why it was not done.")


@strawberry.type
class PeeringMutations:
    @strawberry.mutation(
        description="Propose to the hub at that address that you work together: this hub reads what the other says of itself, and agrees. Where it proposed before, this is your agreement. For owners and admins of the organization that operates this hub.",
        directives=[_ADMIN],
    )
    async def propose_peering(
        self,
        info: Asking,
        url: Annotated[
            str, strawberry.argument(description="Its own address: `https://pantry.example`.")
        ],
    ) -> HubPayload:
        hub, errors = await outcome(info, "Hub", peering_steps.propose(info.context, url))
        return HubPayload(hub=hub, user_errors=errors)  # type: ignore[arg-type]

    @strawberry.mutation(
        description="Agree to what the other hub says of itself now: its proposal, or keys of which none was there before.",
        directives=[_ADMIN],
    )
    async def accept_peering(self, info: Asking, hub: HubId) -> HubPayload:
        found, errors = await outcome(info, "Hub", peering_steps.accept(info.context, hub))
        return HubPayload(hub=found, user_errors=errors)  # type: ignore[arg-type]

    @strawberry.mutation(
        description="Stop for a while: neither hub reads at the other, and nobody of the other acts here. What is held of it stays.",
        directives=[_ADMIN],
    )
    async def suspend_peering(
        self,
        info: Asking,
        hub: HubId,
        reason: Annotated[str, strawberry.argument(description="Why, for the other admins here.")],
    ) -> HubPayload:
        work = peering.suspend(info.context, hub, reason)
        found, errors = await outcome(info, "Hub", work)
        return HubPayload(hub=found, user_errors=errors)  # type: ignore[arg-type]

    @strawberry.mutation(description="Go on after a stop.", directives=[_ADMIN])
    async def resume_peering(self, info: Asking, hub: HubId) -> HubPayload:
        found, errors = await outcome(info, "Hub", peering.resume(info.context, hub))
        return HubPayload(hub=found, user_errors=errors)  # type: ignore[arg-type]

    @strawberry.mutation(
        description="End it: what the other hub and its people hold here ends at once, and what is held of its things goes. It may be proposed anew.",
        directives=[_ADMIN],
    )
    async def end_peering(self, info: Asking, hub: HubId) -> HubPayload:
        found, errors = await outcome(info, "Hub", peering.end(info.context, hub))
        return HubPayload(hub=found, user_errors=errors)  # type: ignore[arg-type]
