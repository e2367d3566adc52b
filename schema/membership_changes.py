"""Coming into alliances and leaving them."""

from typing import Annotated

import strawberry

from domain.alliances import AllianceRole
from resolvers import memberships
from schema.access import requires
from schema.alliances import AllianceMembership
from schema.inputs import outcome
from schema.reading import Asking
from schema.shared import UserError

Membership = Annotated[strawberry.ID, strawberry.argument(description="The membership.")]
AllianceId = Annotated[strawberry.ID, strawberry.argument(description="The alliance.")]
Reason = Annotated[
    str | None,
    strawberry.argument(description="Why, for the organization and the alliance's members."),
]
ReasonGiven = Annotated[
    str, strawberry.argument(description="Why, for the organization and the alliance's members.")
]
WRITING = [requires("alliances:write")]


@strawberry.type(description="What became of a step of an organization's place in an alliance.")
class AllianceMembershipPayload:
    membership: AllianceMembership | None = strawberry.field(
        description="The membership as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class MembershipMutations:
    @strawberry.mutation(
        description="Invite an organization into an alliance that your organization convenes or stewards. It has 30 days to answer.",
        directives=WRITING,
    )
    async def invite_to_alliance(
        self,
        info: Asking,
        alliance: AllianceId,
        organization: Annotated[
            strawberry.ID, strawberry.argument(description="The organization to invite.")
        ],
        role: Annotated[
            AllianceRole,
            strawberry.argument(description="Its part in the alliance; there is one convener."),
        ] = AllianceRole.MEMBER,
        message: Annotated[
            str | None, strawberry.argument(description="What is said with the invitation.")
        ] = None,
    ) -> AllianceMembershipPayload:
        work = memberships.invite(info.context, alliance, organization, role, message)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Ask to come into an alliance, for your organization. Where it is OPEN, asking is entering; where it is INVITE_ONLY, it is refused.",
        directives=WRITING,
    )
    async def request_to_join_alliance(
        self,
        info: Asking,
        alliance: AllianceId,
        organization: Annotated[
            strawberry.ID, strawberry.argument(description="The organization that asks: yours.")
        ],
        message: Annotated[
            str | None, strawberry.argument(description="What is said with the request.")
        ] = None,
    ) -> AllianceMembershipPayload:
        work = memberships.ask(info.context, alliance, organization, message)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Answer an invitation, for the organization invited, or a request, for the alliance. Not accepting, for the side that began, takes it back.",
        directives=WRITING,
    )
    async def respond_to_alliance_membership(
        self,
        info: Asking,
        membership: Membership,
        accept: Annotated[bool, strawberry.argument(description="Whether it is to come in.")],
        reason: Reason = None,
    ) -> AllianceMembershipPayload:
        work = memberships.respond(info.context, membership, accept, reason)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Leave an alliance, for your organization: alone and at once. What was shared with it is seen through it no more, either way.",
        directives=WRITING,
    )
    async def leave_alliance(
        self, info: Asking, membership: Membership, reason: Reason = None
    ) -> AllianceMembershipPayload:
        work = memberships.leave(info.context, membership, reason)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Set a member aside, for the alliance: nothing is shared either way until it is reinstated.",
        directives=WRITING,
    )
    async def suspend_alliance_member(
        self, info: Asking, membership: Membership, reason: ReasonGiven
    ) -> AllianceMembershipPayload:
        work = memberships.suspend(info.context, membership, reason)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Take a suspended member back, for the alliance.", directives=WRITING
    )
    async def reinstate_alliance_member(
        self, info: Asking, membership: Membership
    ) -> AllianceMembershipPayload:
        work = memberships.reinstate(info.context, membership)
        return payload(await outcome(info, "AllianceMembership", work))

    @strawberry.mutation(
        description="Put a member out, for an alliance whose rule leaves it to the convener. Elsewhere the members decide: openProposal.",
        directives=WRITING,
    )
    async def remove_alliance_member(
        self, info: Asking, membership: Membership, reason: ReasonGiven
    ) -> AllianceMembershipPayload:
        work = memberships.remove(info.context, membership, reason)
        return payload(await outcome(info, "AllianceMembership", work))


def payload(done: tuple[object, list[UserError]]) -> AllianceMembershipPayload:
    return AllianceMembershipPayload(membership=done[0], user_errors=done[1])  # type: ignore[arg-type]
