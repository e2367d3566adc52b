"""Coming into groups, being let in, and leaving again."""

from typing import Annotated

import strawberry

from resolvers import group_memberships
from schema.access import requires
from schema.inputs import outcome
from schema.people import GroupMembership
from schema.reading import Asking
from schema.shared import UserError

TheGroup = Annotated[strawberry.ID, strawberry.argument(description="The group.")]
Said = Annotated[
    str | None, strawberry.argument(description="A word to whoever answers, for them alone.")
]


@strawberry.type(description="What became of a person's place in a group.")
class GroupMembershipPayload:
    membership: GroupMembership | None = strawberry.field(
        description="The place as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class GroupMembershipMutations:
    @strawberry.mutation(
        description="Come into a group, as the person that you are: at once where it is open or you were invited; where it is by request, its admins or its organization answer.",
        directives=[requires("groups:write")],
    )
    async def join_group(
        self, info: Asking, group: TheGroup, message: Said = None
    ) -> GroupMembershipPayload:
        work = group_memberships.join(info.context, group, message)
        return _payload(await outcome(info, "GroupMembership", work))

    @strawberry.mutation(
        description="Leave a group, alone and at once; take back a request to come in. The last admin hands over first (proposeHandover), unless nobody else is in it.",
        directives=[requires("groups:write")],
    )
    async def leave_group(self, info: Asking, group: TheGroup) -> GroupMembershipPayload:
        work = group_memberships.leave(info.context, group)
        return _payload(await outcome(info, "GroupMembership", work))

    @strawberry.mutation(
        description="Invite somebody you know into a group: as one of its admins, or as an editor of its organization.",
        directives=[requires("groups:write")],
    )
    async def invite_to_group(
        self,
        info: Asking,
        group: TheGroup,
        person: Annotated[strawberry.ID, strawberry.argument(description="Whom.")],
        message: Said = None,
    ) -> GroupMembershipPayload:
        work = group_memberships.invite(info.context, group, person, message)
        return _payload(await outcome(info, "GroupMembership", work))

    @strawberry.mutation(
        description="Answer a request to come into a group, as one of its admins or an editor of its organization; or an invitation, as the person invited. Who invited takes that back by not accepting.",
        directives=[requires("groups:write")],
    )
    async def respond_to_group_membership(
        self,
        info: Asking,
        membership: Annotated[
            strawberry.ID, strawberry.argument(description="The place that is asked for.")
        ],
        accept: Annotated[bool, strawberry.argument(description="Whether it comes to be.")],
    ) -> GroupMembershipPayload:
        work = group_memberships.respond(info.context, membership, accept)
        return _payload(await outcome(info, "GroupMembership", work))


def _payload(done: tuple[object, list[UserError]]) -> GroupMembershipPayload:
    return GroupMembershipPayload(membership=done[0], user_errors=done[1])  # type: ignore[arg-type]
