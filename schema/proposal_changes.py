"""Putting questions to an alliance's members, and voting on them."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.proposals import BallotChoice, ProposalKind
from resolvers import proposals
from resolvers.proposals import NewProposal
from schema.access import requires
from schema.inputs import optional, outcome, renamed, required, values, without_nulls
from schema.proposals import Proposal
from schema.reading import Asking
from schema.shared import UserError


@strawberry.input(description="A question to an alliance's members.")
class OpenProposalInput:
    alliance: strawberry.ID = required("The alliance whose members decide.")
    organization: strawberry.ID = required("Who puts it: yours, an active member with a vote.")
    title: str = required("What is to be decided, in a line; of an agreement, its title.")
    body: str = required("What is to be decided, and why; of an agreement, its words.")
    kind: ProposalKind | None = optional("What it is about.", ProposalKind.OTHER)
    subject: strawberry.ID | None = optional(
        "The membership that ADMIT_MEMBER or REMOVE_MEMBER is about; nothing else has one."
    )
    closes_at: datetime = required("Until when ballots are cast: one hour to 90 days from now.")


@strawberry.type(description="What became of a change to a proposal.")
class ProposalPayload:
    proposal: Proposal | None = strawberry.field(
        description="The proposal as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


ProposalId = Annotated[strawberry.ID, strawberry.argument(description="The proposal's id.")]


@strawberry.type
class ProposalMutations:
    @strawberry.mutation(
        description="Put a question to the members of an alliance in which your organization has a vote. Its owners and admins do.",
        directives=[requires("alliances:write")],
    )
    async def open_proposal(
        self,
        info: Asking,
        input: Annotated[OpenProposalInput, strawberry.argument(description="The question.")],
    ) -> ProposalPayload:
        given = renamed(
            without_nulls(values(input)),
            alliance="alliance_id",
            organization="organization_id",
            subject="subject_id",
        )
        work = proposals.open_proposal(info.context, NewProposal(**given))
        return _payload(await outcome(info, "Proposal", work))

    @strawberry.mutation(
        description="Take back an open proposal that your organization has put.",
        directives=[requires("alliances:write")],
    )
    async def withdraw_proposal(self, info: Asking, proposal: ProposalId) -> ProposalPayload:
        work = proposals.withdraw(info.context, proposal)
        return _payload(await outcome(info, "Proposal", work))

    @strawberry.mutation(
        description="Say what your organization says to an open proposal, or say something else than before. Where that decides it, what was decided is done at once.",
        directives=[requires("alliances:write")],
    )
    async def cast_ballot(
        self,
        info: Asking,
        proposal: ProposalId,
        organization: Annotated[
            strawberry.ID, strawberry.argument(description="Whose ballot: your organization's.")
        ],
        choice: Annotated[BallotChoice, strawberry.argument(description="What it says.")],
        reason: Annotated[
            str | None, strawberry.argument(description="Why. A BLOCK needs it.")
        ] = UNSET,
    ) -> ProposalPayload:
        work = proposals.cast_ballot(info.context, proposal, organization, choice, reason or None)
        return _payload(await outcome(info, "Proposal", work))


def _payload(done: tuple[object, list[UserError]]) -> ProposalPayload:
    return ProposalPayload(proposal=done[0], user_errors=done[1])  # type: ignore[arg-type]
