"""Who asks, in the contract: whom the token speaks for, and what it may do."""

import strawberry

from resolvers.reading import group_memberships as places
from resolvers.reading import handovers
from resolvers.reading import viewers as reading
from schema.access import signed_in
from schema.handovers import Handover
from schema.organizations import Organization
from schema.people import GroupMembership, Person, TeamMember
from schema.reading import found, here, of_viewer, page, several
from schema.shared import CountedConnection


@strawberry.type(
    description="Who this token speaks for, and what it may do.", directives=[signed_in]
)
class Viewer:
    @found(
        Person | None,
        "Person",
        reading.person,
        "The person; null where an organization's own app asks.",
    )
    @staticmethod
    def person() -> tuple[()]:
        return ()

    @found(
        Organization | None, "Organization", reading.organization, "The organization it speaks for."
    )
    @staticmethod
    def organization() -> tuple[()]:
        return ()

    client: str | None = of_viewer(
        lambda viewer: viewer.client_id, "The client that asks, by its client id."
    )
    scopes: list[str] = of_viewer(
        lambda viewer: tuple(sorted(viewer.scopes)), "What the token may do."
    )
    memberships: list[TeamMember] = several(
        reading.memberships, "The person's places in teams, as far as this token may know."
    )

    @page(
        CountedConnection[GroupMembership],
        places.of_viewer,
        "The person's own places in groups, in the order that they came to be, those that wait for an answer among them.",
    )
    @staticmethod
    def groups() -> tuple[()]:
        return ()

    @page(
        CountedConnection[Handover],
        handovers.of_viewer,
        "Handovers in which the person or the organization is a side, the newest first.",
    )
    @staticmethod
    def handovers() -> tuple[()]:
        return ()


@strawberry.type
class ViewerQueries:
    viewer: Viewer = here(
        Viewer, "Who this token speaks for, and what it may do.", directives=[signed_in]
    )
