"""Making and changing organizations."""

from typing import Annotated

import strawberry

from domain.sharing import Visibility
from resolvers import organizations
from resolvers.organizations import NewOrganization
from schema.access import requires
from schema.inputs import (
    ContactInput,
    IdentifierInput,
    PlaceInput,
    optional,
    outcome,
    required,
    values,
    without_nulls,
)
from schema.organizations import Organization
from schema.reading import Asking
from schema.scalars import URL, Locale, TimeZone
from schema.shared import UserError


@strawberry.input(description="A new organization.")
class CreateOrganizationInput:
    slug: str = required("Its short name on this hub: small letters, digits, hyphens.")
    name: str = required("What it is called.")
    summary: str | None = optional("What it is, in a sentence or two.")
    description: str | None = optional("What it is and does, at length.")
    website: URL | None = optional("Its own site.")
    causes: list[str] | None = optional("What it works for.")
    languages: list[Locale] | None = optional(
        "The languages it works in; its words here are in the first."
    )
    time_zone: TimeZone = required("The time zone it works in.")
    place: PlaceInput | None = optional("Where it is at home.")
    contact: ContactInput | None = optional("How to reach it.")
    visibility: Visibility | None = optional("Who sees it.", Visibility.PUBLIC)
    identifiers: list[IdentifierInput] | None = optional("Names it bears in other systems.")


@strawberry.input(description="A change to an organization: what is left out stays, null empties.")
class UpdateOrganizationInput:
    id: strawberry.ID = required("Its id.")
    version: int = required("Its version when you read it.")
    name: str | None = optional("What it is called.")
    summary: str | None = optional("What it is, in a sentence or two.")
    description: str | None = optional("What it is and does, at length.")
    website: URL | None = optional("Its own site.")
    causes: list[str] | None = optional("What it works for.")
    languages: list[Locale] | None = optional("The languages it works in.")
    time_zone: TimeZone | None = optional("The time zone it works in.")
    place: PlaceInput | None = optional("Where it is at home.")
    contact: ContactInput | None = optional("How to reach it.")
    visibility: Visibility | None = optional("Who sees it.")


@strawberry.type(description="What became of a change to an organization.")
class OrganizationPayload:
    organization: Organization | None = strawberry.field(
        description="The organization as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class OrganizationMutations:
    @strawberry.mutation(
        description="Make an organization. Whoever makes it is its owner.",
        directives=[requires("organization:admin")],
    )
    async def create_organization(
        self,
        info: Asking,
        input: Annotated[CreateOrganizationInput, strawberry.argument(description="What it is.")],
    ) -> OrganizationPayload:
        new = NewOrganization(**without_nulls(values(input)))
        return _payload(
            await outcome(info, "Organization", organizations.create(info.context, new))
        )

    @strawberry.mutation(
        description="Change an organization.", directives=[requires("organization:admin")]
    )
    async def update_organization(
        self,
        info: Asking,
        input: Annotated[
            UpdateOrganizationInput, strawberry.argument(description="What to change.")
        ],
    ) -> OrganizationPayload:
        changes = values(input)
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = organizations.update(info.context, thing_id, version, changes)  # type: ignore[arg-type]
        return _payload(await outcome(info, "Organization", work, changing=thing_id))


def _payload(done: tuple[object, list[UserError]]) -> OrganizationPayload:
    return OrganizationPayload(organization=done[0], user_errors=done[1])  # type: ignore[arg-type]
