"""Handing over: offering a lead, answering, taking it back."""

from typing import Annotated

import strawberry

from domain.handovers import subject_kind
from domain.ids import Kind
from resolvers import handovers
from schema.access import Need, refusal, requires_any
from schema.handovers import Handover
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

# By what is handed over; the contract says that one of them is needed.
SCOPES = {
    Kind.ORGANIZATION: "organization:admin",
    Kind.GROUP: "groups:write",
    Kind.ALLIANCE: "alliances:write",
    Kind.EVENT: "events:hosts",
}
NEEDED = requires_any(*([scope] for scope in SCOPES.values()))
BY_KIND = (
    "Needs the scope of what is handed over: "
    + ", ".join(f"`{scope}` for {kind.name.lower()}s" for kind, scope in SCOPES.items())
    + "."
)
TheHandover = Annotated[strawberry.ID, strawberry.argument(description="The handover.")]


@strawberry.type(description="What became of a handover.")
class HandoverPayload:
    handover: Handover | None = strawberry.field(
        description="The handover as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class HandoverMutations:
    @strawberry.mutation(
        description=f"Offer a lead: an organization you own to a person of its team or groups, a group to one of its active members, an alliance you convene to an active member organization, an event you host to an accepted co-host. {BY_KIND}",
        directives=[NEEDED],
    )
    async def propose_handover(
        self,
        info: Asking,
        subject: Annotated[strawberry.ID, strawberry.argument(description="What is handed over.")],
        to: Annotated[
            strawberry.ID, strawberry.argument(description="The person or organization to lead it.")
        ],
        message: Annotated[
            str | None, strawberry.argument(description="A word to whoever is to take it.")
        ] = None,
    ) -> HandoverPayload:
        work = _proposed(info, subject, to, message)
        return _payload(await outcome(info, "Handover", work))

    @strawberry.mutation(
        description=f"Take a lead that was offered, or decline it. Groups and events pass on at once; organizations and alliances after a week, until which both sides may cancel. {BY_KIND}",
        directives=[NEEDED],
    )
    async def respond_to_handover(
        self,
        info: Asking,
        handover: TheHandover,
        accept: Annotated[bool, strawberry.argument(description="Whether you take it.")],
    ) -> HandoverPayload:
        await _require_scope(info, "Mutation.respondToHandover", handover)
        work = handovers.respond(info.context, handover, accept)
        return _payload(await outcome(info, "Handover", work))

    @strawberry.mutation(
        description=f"Take back a handover before it takes effect: alone, by either side; before it is answered, by the one that offered it. {BY_KIND}",
        directives=[NEEDED],
    )
    async def cancel_handover(self, info: Asking, handover: TheHandover) -> HandoverPayload:
        await _require_scope(info, "Mutation.cancelHandover", handover)
        work = handovers.cancel(info.context, handover)
        return _payload(await outcome(info, "Handover", work))


async def _proposed(info: Asking, subject: str, to: str, message: str | None) -> str:
    _require(info, "Mutation.proposeHandover", subject_kind(subject))
    return await handovers.propose(info.context, subject, to, message)


async def _require_scope(info: Asking, coordinate: str, handover_id: str) -> None:
    """Of a handover that the viewer knows; what they do not know is not found, whatever they hold."""
    kind = await handovers.kind_known(info.context, handover_id)
    if kind is not None:
        _require(info, coordinate, kind)


def _require(info: Asking, coordinate: str, kind: Kind) -> None:
    need = Need(token=True, scopes=(frozenset({SCOPES[kind]}),))
    if not need.met_by(info.context.viewer):
        raise refusal(coordinate, need, info.context.viewer)


def _payload(done: tuple[object, list[UserError]]) -> HandoverPayload:
    return HandoverPayload(handover=done[0], user_errors=done[1])  # type: ignore[arg-type]
