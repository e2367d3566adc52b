"""Publishing what members of an alliance agree to, and accepting it."""

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers import agreements
from resolvers.agreements import NewAgreement
from schema.access import requires
from schema.alliances import Agreement
from schema.inputs import optional, outcome, renamed, required, values, without_nulls
from schema.membership_changes import AllianceMembershipPayload, payload
from schema.reading import Asking
from schema.shared import UserError


@strawberry.input(
    description="An agreement, or the next version of one: that of the same title in its alliance."
)
class PublishAgreementInput:
    alliance: strawberry.ID = required("The alliance whose members agree to it.")
    title: str = required("What it is called; the same title again is its next version.")
    body: str = required("Its words.")
    required: bool | None = optional("Members must accept it.", True)
    active_from: datetime | None = optional(
        "Since when it holds: now, where it is left out. Members then have 30 days to accept it."
    )


@strawberry.type(description="What became of an agreement.")
class AgreementPayload:
    agreement: Agreement | None = strawberry.field(
        description="The agreement as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class AgreementMutations:
    @strawberry.mutation(
        description="Publish what members of an alliance agree to, for its convener or a steward. What binds members of an alliance that decides together is decided by them: openProposal.",
        directives=[requires("alliances:write")],
    )
    async def publish_agreement(
        self,
        info: Asking,
        input: Annotated[PublishAgreementInput, strawberry.argument(description="What it says.")],
    ) -> AgreementPayload:
        new = NewAgreement(**renamed(without_nulls(values(input)), alliance="alliance_id"))
        done = await outcome(info, "Agreement", agreements.publish(info.context, new))
        return AgreementPayload(agreement=done[0], user_errors=done[1])  # type: ignore[arg-type]

    @strawberry.mutation(
        description="Accept an agreement on behalf of your organization, as a person: an app alone cannot. With the last one that it lacked, the organization comes in, or comes back.",
        directives=[requires("alliances:agree")],
    )
    async def accept_agreement(
        self,
        info: Asking,
        agreement: Annotated[
            strawberry.ID,
            strawberry.argument(description="The agreement, in the version that is accepted."),
        ],
        organization: Annotated[
            strawberry.ID, strawberry.argument(description="The organization that accepts: yours.")
        ],
    ) -> AllianceMembershipPayload:
        work = agreements.accept(info.context, agreement, organization)
        return payload(await outcome(info, "AllianceMembership", work))
