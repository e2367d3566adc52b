"""Organizations in the contract."""

import strawberry
from strawberry import UNSET

from domain.errors import BadInput
from resolvers.context import Eyes
from resolvers.reading import alliances as reading_alliances
from resolvers.reading import events as reading_events
from resolvers.reading import groups as reading_groups
from resolvers.reading import organizations as reading
from resolvers.reading.batches import Thing
from resolvers.reading.events import EventOrder
from resolvers.reading.hubs import contacts_known
from resolvers.reading.listing import Listing
from resolvers.reading.wanted import EventsWanted, GroupsWanted, OrganizationsWanted
from schema.access import public, requires, requires_any
from schema.filters import Events, Groups, InOrder, MaybeId, MaybeSlug, Organizations, given
from schema.later import LaterAllianceMembership, LaterEvent, LaterGroup
from schema.loading import Row, by_id, first_of
from schema.people import TeamMember
from schema.reading import Asking, ask, column, embedded, page, text
from schema.scalars import URL, Locale, TimeZone
from schema.shared import (
    Contact,
    CountedConnection,
    Image,
    Place,
    Publication,
    SourcedConnection,
    contact_of,
    place_of,
)

# Met as the host of an event, the home of a group, a member of an alliance: whoever may read one
# of those may read the organization it names. Looking for organizations needs their own scope.
MET = requires_any(["organizations:read"], ["groups:read"], ["events:read"], ["alliances:read"])


def logo_of(row: Row) -> Image | None:
    return (
        Image(url=row.logo_url, alternative_text=row.logo_alternative_text)
        if row.logo_url
        else None
    )


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
    logo: Image | None = embedded(logo_of, "Its logo.")
    causes: list[str] = column("What it works for, as slugs: `food-justice`.")
    languages: list[Locale] = column("The languages it works in.")
    time_zone: TimeZone = column("The time zone it works in.")
    place: Place | None = embedded(place_of, "Where it is at home.")
    is_verified: bool = column("The hub's operators have checked that it is who it says.")

    @strawberry.field(description="How to reach it: for its team, and for its allies.")
    @staticmethod
    async def contact(parent: strawberry.Parent[Row], info: Asking) -> Contact | None:
        return contact_of(parent) if await ask(info, parent, contacts_known) else None

    @page(
        SourcedConnection[LaterGroup],
        "Its groups, by name.",
        directives=[requires("groups:read"), public],
    )
    @staticmethod
    def groups(parent: Thing, eyes: Eyes, filter: Groups = None) -> Listing:
        return reading_groups.of_organization(eyes, parent, given(filter, GroupsWanted()))

    @page(
        SourcedConnection[LaterEvent],
        "The events it hosts, alone or with others.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def events(
        parent: Thing,
        eyes: Eyes,
        filter: Events = None,
        order_by: InOrder = EventOrder.STARTS_AT_ASC,
    ) -> Listing:
        return reading_events.of_organization(
            eyes, parent, given(filter, EventsWanted()), order_by or EventOrder.STARTS_AT_ASC
        )

    @page(
        CountedConnection[LaterAllianceMembership],
        "Its places in alliances: where it is active, and for itself also where it is asked or asks.",
        directives=[requires("alliances:read"), public],
    )
    @staticmethod
    def alliances(parent: Thing, eyes: Eyes) -> Listing:
        return reading.memberships_of(eyes, parent)

    @page(CountedConnection[TeamMember], "Who works for it; empty for all but the team itself.")
    @staticmethod
    def team(parent: Thing, eyes: Eyes) -> Listing:
        return reading.team_of(eyes, parent)

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Organization"

    @classmethod
    async def resolve_reference(cls, info: Asking, id: strawberry.ID) -> "Organization | None":
        return await by_id(info.context, "Organization", id)  # type: ignore[return-value]


@strawberry.type
class OrganizationQueries:
    @strawberry.field(
        description="One organization, by its id or by its slug on this hub; null where there is none for you.",
        directives=[public],
    )
    async def organization(
        self,
        info: Asking,
        id: MaybeId = UNSET,
        slug: MaybeSlug = UNSET,
    ) -> Organization | None:
        return await by_id_or_slug(info, "Organization", id, slug)  # type: ignore[return-value]

    @page(
        SourcedConnection[Organization],
        "Organizations, by name.",
        directives=[requires("organizations:read"), public],
    )
    @staticmethod
    def organizations(eyes: Eyes, filter: Organizations = None) -> Listing:
        return reading.listed(eyes, given(filter, OrganizationsWanted()))


BY_SLUG = {"Organization": reading.by_slug, "Alliance": reading_alliances.by_slug}


async def by_id_or_slug(
    info: Asking, type_name: str, id: str | None, slug: str | None
) -> Row | None:
    if bool(id) is bool(slug):
        raise BadInput("Give either an id or a slug.", ("id",))
    if id:
        return await by_id(info.context, type_name, id)
    rows = BY_SLUG[type_name](info.context.eyes, slug or "")
    return await first_of(info.context, type_name, rows)
