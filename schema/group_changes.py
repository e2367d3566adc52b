"""Making and changing groups."""

from typing import Annotated

import strawberry

from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from resolvers import groups
from resolvers.groups import NewGroup
from schema.access import requires
from schema.groups import Group
from schema.inputs import (
    PlaceInput,
    optional,
    outcome,
    renamed,
    required,
    values,
    without_nulls,
)
from schema.reading import Asking
from schema.scalars import URL, Locale
from schema.shared import UserError


@strawberry.input(description="A new group.")
class CreateGroupInput:
    organization: strawberry.ID = required("The organization it belongs to.")
    parent: strawberry.ID | None = optional("The group of that organization it is a part of.")
    slug: str = required("Its short name in its organization: small letters, digits, hyphens.")
    name: str = required("What it is called.")
    purpose: str | None = optional("What it is for.")
    description: str | None = optional("What it is and does, at length.")
    kind: GroupKind | None = optional("What kind of group it is.", GroupKind.LOCAL)
    causes: list[str] | None = optional("What it works for.")
    languages: list[Locale] | None = optional(
        "The languages it works in; its words here are in the first."
    )
    place: PlaceInput | None = optional("Where it is at home.")
    join_policy: JoinPolicy | None = optional("How one joins.", JoinPolicy.OPEN)
    visibility: Visibility | None = optional("Who sees it.", Visibility.PUBLIC)
    links: list[URL] | None = optional("Where else to find it.")
    share_with: list[strawberry.ID] | None = optional(
        "Alliances to share it with; its organization stands in each."
    )


@strawberry.input(description="A change to a group: what is left out stays, null empties.")
class UpdateGroupInput:
    id: strawberry.ID = required("Its id.")
    version: int = required("Its version when you read it.")
    name: str | None = optional("What it is called.")
    purpose: str | None = optional("What it is for.")
    description: str | None = optional("What it is and does, at length.")
    kind: GroupKind | None = optional("What kind of group it is.")
    causes: list[str] | None = optional("What it works for.")
    languages: list[Locale] | None = optional("The languages it works in.")
    place: PlaceInput | None = optional("Where it is at home.")
    join_policy: JoinPolicy | None = optional("How one joins.")
    visibility: Visibility | None = optional("Who sees it.")
    links: list[URL] | None = optional("Where else to find it.")


@strawberry.type(description="What became of a change to a group.")
class GroupPayload:
    group: Group | None = strawberry.field(
        description="The group as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class GroupMutations:
    @strawberry.mutation(
        description="Make a group of an organization.", directives=[requires("groups:write")]
    )
    async def create_group(
        self,
        info: Asking,
        input: Annotated[CreateGroupInput, strawberry.argument(description="What it is.")],
    ) -> GroupPayload:
        given = without_nulls(values(input))
        new = NewGroup(**renamed(given, organization="organization_id", parent="parent_id"))
        return _payload(await outcome(info, "Group", groups.create(info.context, new)))

    @strawberry.mutation(description="Change a group.", directives=[requires("groups:write")])
    async def update_group(
        self,
        info: Asking,
        input: Annotated[UpdateGroupInput, strawberry.argument(description="What to change.")],
    ) -> GroupPayload:
        changes = values(input)
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = groups.update(info.context, thing_id, version, changes)  # type: ignore[arg-type]
        return _payload(await outcome(info, "Group", work, changing=thing_id))


def _payload(done: tuple[object, list[UserError]]) -> GroupPayload:
    return GroupPayload(group=done[0], user_errors=done[1])  # type: ignore[arg-type]
