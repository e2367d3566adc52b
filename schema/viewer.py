"""Who asks, in the contract: whom the token speaks for, and what it may do."""

import strawberry

from resolvers.reading import people as reading
from schema.access import signed_in
from schema.loading import Row, by_id
from schema.organizations import Organization
from schema.people import Person, TeamMember
from schema.reading import Asking


@strawberry.type(
    description="Who this token speaks for, and what it may do.", directives=[signed_in]
)
class Viewer:
    @strawberry.field(description="The person; null where an organization's own app asks.")
    async def person(self, info: Asking) -> Person | None:
        return await by_id(info.context, "Person", info.context.viewer.person_id)  # type: ignore[return-value]

    @strawberry.field(description="The organization it speaks for.")
    async def organization(self, info: Asking) -> Organization | None:
        ctx = info.context
        return await by_id(ctx, "Organization", ctx.viewer.organization_id)  # type: ignore[return-value]

    @strawberry.field(description="The client that asks, by its client id.")
    def client(self, info: Asking) -> str | None:
        return info.context.viewer.client_id

    @strawberry.field(description="What the token may do.")
    def scopes(self, info: Asking) -> list[str]:
        return sorted(info.context.viewer.scopes)

    @strawberry.field(description="The person's places in teams, as far as this token may know.")
    async def memberships(self, info: Asking) -> list[TeamMember]:
        ctx = info.context
        if ctx.viewer.person_id is None:
            return []
        rows = await ctx.rows(reading.memberships_of(ctx.eyes, ctx.viewer.person_id))
        return [Row("TeamMember", values) for values in rows]  # type: ignore[misc]


@strawberry.type
class ViewerQueries:
    @strawberry.field(
        description="Who this token speaks for, and what it may do.", directives=[signed_in]
    )
    def viewer(self) -> Viewer:
        return Viewer()
