"""Organizations in the contract."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.events import EventHostStatus
from resolvers.reading import events as reading_events
from resolvers.reading import groups as reading_groups
from resolvers.reading import hostings as reading_hostings
from resolvers.reading import impact as reading_impact
from resolvers.reading import openings
from resolvers.reading import organizations as reading
from resolvers.reading.events import EventOrder
from resolvers.reading.hubs import contacts_known
from resolvers.reading.sources import by_id_or_slug
from resolvers.reading.wanted import GroupsWanted, OrganizationsWanted
from schema.access import public, requires, requires_any
from schema.filters import (
    Events,
    Groups,
    InOrder,
    MaybeId,
    MaybeSlug,
    OfEvents,
    Organizations,
    given,
    id_or_slug,
    of_events,
)
from schema.impact import Impact, impact
from schema.later import LaterAllianceMembership, LaterEvent, LaterEventHost, LaterGroup
from schema.loading import Row
from schema.people import TeamMember
from schema.reading import column, embedded, expression, found, page, text
from schema.scalars import URL, Locale, TimeZone
from schema.shared import (
    A_CONTACT,
    A_PLACE,
    Contact,
    CountedConnection,
    Image,
    Place,
    Publication,
    SourcedConnection,
)

# Met as the host of an event, the home of a group, a member of an alliance: whoever may read one
# of those may read the organization it names. Looking for organizations needs their own scope.
MET = requires_any(["organizations:read"], ["groups:read"], ["events:read"], ["alliances:read"])


@strawberry.federation.type(
    keys=["id"],
    description="An organization that publishes on a hub (schema.org Organization).",
    directives=[MET, public],
)
class Organization(Publication):
    slug: str = column("Its short name on its hub, as in addresses.")
    name: str = text("name", "What it is called.")
    summary: str | None = text("summary", "What it is, in a sentence or two.")
    description: str | None = text("description", "What it is and does, at length.")
    website: URL | None = column("Its own site.")
    logo: Image | None = embedded("logo_", "Its logo.", ("logo_url",))
    causes: list[str] = column("What it works for, as slugs: `food-justice`.")
    languages: list[Locale] = column("The languages it works in.")
    time_zone: TimeZone = column("The time zone it works in.")
    place: Place | None = embedded("place_", "Where it is at home.", A_PLACE)
    is_verified: bool = column("The hub's operators have checked that it is who it says.")

    contact: Contact | None = embedded(
        "contact_",
        "How to reach it: for its team, and for its allies.",
        A_CONTACT,
        known=contacts_known,
    )

    @page(
        SourcedConnection[LaterGroup],
        reading_groups.of_organization,
        "Its groups, by name.",
        directives=[requires("groups:read"), public],
    )
    @staticmethod
    def groups(filter: Groups = None) -> tuple[GroupsWanted]:
        return (given(filter, GroupsWanted()),)

    @page(
        SourcedConnection[LaterEvent],
        reading_events.of_organization,
        "The events it hosts, alone or with others.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def events(filter: Events = None, order_by: InOrder = EventOrder.STARTS_AT_ASC) -> OfEvents:
        return of_events(filter, order_by)

    impact: Impact | None = impact(
        reading_impact.of_organization,
        Impact | None,
        "What came of the events it hosts; null for all but its own event staff.",
        directives=[requires("organizations:read", "events:read")],
    )

    @page(
        CountedConnection[LaterAllianceMembership],
        reading.memberships_of,
        "Its places in alliances: where it is active, and for itself also where it is asked or asks.",
        directives=[requires("alliances:read"), public],
    )
    @staticmethod
    def alliances() -> tuple[()]:
        return ()

    @page(
        CountedConnection[LaterEventHost],
        reading_hostings.of_organization,
        "Where it hosts together with others, the newest first: its places on their events, and theirs "
        "on its own. Those that are accepted; and for the two sides of each also what waits for an "
        "answer, and what ended.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def hostings(
        statuses: Annotated[
            list[EventHostStatus] | None,
            strawberry.argument(description="In any of these states; all where it is left out."),
        ] = None,
    ) -> tuple[tuple[EventHostStatus, ...] | None]:
        return (None if statuses is None or statuses is UNSET else tuple(statuses),)

    @page(
        CountedConnection[TeamMember],
        reading.team_of,
        "Who works for it; empty for all but the team itself.",
    )
    @staticmethod
    def team() -> tuple[()]:
        return ()

    next_actions: list[str] = expression(
        openings.of_organization, "What you may begin with it next: names of mutations."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Organization"


@strawberry.type
class OrganizationQueries:
    @found(
        Organization | None,
        "Organization",
        by_id_or_slug("Organization", reading.by_slug),
        "One organization, by its id or by its slug on this hub; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def organization(id: MaybeId = UNSET, slug: MaybeSlug = UNSET) -> tuple[str | None, str | None]:
        return id_or_slug(id, slug)

    @page(
        SourcedConnection[Organization],
        reading.listed,
        "Organizations, by name.",
        directives=[requires("organizations:read"), public],
    )
    @staticmethod
    def organizations(filter: Organizations = None) -> tuple[OrganizationsWanted]:
        return (given(filter, OrganizationsWanted()),)
