"""Making and changing alliances."""

from datetime import date
from typing import Annotated

import strawberry

from domain.alliances import AllianceKind, DecisionRule
from domain.alliances import SharingPolicy as DomainSharingPolicy
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from resolvers import alliances
from resolvers.alliances import NewAlliance
from schema.access import requires
from schema.alliances import Alliance
from schema.inputs import optional, outcome, renamed, required, values, without_nulls
from schema.reading import Asking
from schema.shared import UserError


@strawberry.input(description="What members grant one another by joining.")
class SharingPolicyInput:
    default_event_visibility: Visibility = required(
        "Who sees an event shared with the alliance: PUBLIC, UNLISTED or ALLIANCE."
    )
    member_editing: HostEditing = required("What co-hosts may change on each other's events.")
    attendee_sharing: AttendeeSharing = required("What co-hosts learn about who comes.")

    def value(self) -> DomainSharingPolicy:
        return DomainSharingPolicy(**values(self))


@strawberry.input(description="A new alliance.")
class CreateAllianceInput:
    convener: strawberry.ID = required("The organization that convenes it: yours.")
    slug: str = required("Its short name on this hub: small letters, digits, hyphens.")
    name: str = required("What it is called.")
    purpose: str = required("What it is for.")
    description: str | None = optional("What it is and does, at length.")
    kind: AllianceKind | None = optional("What kind of alliance it is.", AllianceKind.COALITION)
    join_policy: JoinPolicy | None = optional(
        "How an organization comes in.", JoinPolicy.INVITE_ONLY
    )
    decision_rule: DecisionRule | None = optional("How members decide.", DecisionRule.CONVENER)
    sharing: SharingPolicyInput | None = optional("What members grant one another by joining.")
    causes: list[str] | None = optional("What it works for.")
    visibility: Visibility | None = optional("Who sees it.", Visibility.PUBLIC)
    review_at: date | None = optional("When its members will look whether it is still needed.")


@strawberry.input(description="A change to an alliance: what is left out stays, null empties.")
class UpdateAllianceInput:
    id: strawberry.ID = required("Its id.")
    version: int = required("Its version when you read it.")
    name: str | None = optional("What it is called.")
    purpose: str | None = optional("What it is for.")
    description: str | None = optional("What it is and does, at length.")
    join_policy: JoinPolicy | None = optional("How an organization comes in.")
    decision_rule: DecisionRule | None = optional("How members decide.")
    sharing: SharingPolicyInput | None = optional("What members grant one another by joining.")
    causes: list[str] | None = optional("What it works for.")
    visibility: Visibility | None = optional("Who sees it.")
    review_at: date | None = optional("When its members will look whether it is still needed.")


@strawberry.type(description="What became of a change to an alliance.")
class AlliancePayload:
    alliance: Alliance | None = strawberry.field(
        description="The alliance as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class AllianceMutations:
    @strawberry.mutation(
        description="Found an alliance, which your organization convenes. It forms until a second organization is in it.",
        directives=[requires("alliances:write")],
    )
    async def create_alliance(
        self,
        info: Asking,
        input: Annotated[CreateAllianceInput, strawberry.argument(description="What it is.")],
    ) -> AlliancePayload:
        new = NewAlliance(**renamed(without_nulls(values(input)), convener="convener_id"))
        return _payload(await outcome(info, "Alliance", alliances.create(info.context, new)))

    @strawberry.mutation(
        description="Change an alliance that your organization convenes.",
        directives=[requires("alliances:write")],
    )
    async def update_alliance(
        self,
        info: Asking,
        input: Annotated[UpdateAllianceInput, strawberry.argument(description="What to change.")],
    ) -> AlliancePayload:
        changes = values(input)
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = alliances.update(info.context, thing_id, version, changes)  # type: ignore[arg-type]
        return _payload(await outcome(info, "Alliance", work, changing=thing_id))


def _payload(done: tuple[object, list[UserError]]) -> AlliancePayload:
    return AlliancePayload(alliance=done[0], user_errors=done[1])  # type: ignore[arg-type]
