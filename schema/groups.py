"""Groups in the contract."""

from typing import Optional

import strawberry

from domain.groups import GroupKind
from domain.sharing import JoinPolicy
from resolvers.context import Eyes
from resolvers.reading import events as reading_events
from resolvers.reading import groups as reading
from resolvers.reading.batches import Thing
from resolvers.reading.events import EventOrder
from resolvers.reading.listing import Listing
from resolvers.reading.wanted import EventsWanted, GroupsWanted
from schema.access import public, requires, requires_any
from schema.filters import Events, Groups, Id, InOrder, given
from schema.later import LaterAlliance, LaterEvent
from schema.loading import Row, by_id
from schema.organizations import Organization
from schema.people import GroupMembership
from schema.reading import Asking, column, embedded, expression, one, page, several, text
from schema.scalars import URL, Locale
from schema.shared import CountedConnection, Place, Publication, SourcedConnection, place_of

# Met as the group of an event: whoever may read the event may read the group it names.
MET = requires_any(["groups:read"], ["events:read"])


@strawberry.federation.type(
    keys=["id"],
    description="People who organize together where they live: a chapter, a local group, a working group.",
    directives=[MET, public],
)
class Group(Publication):
    organization: Organization = one(
        "organization_id", "Organization", "The organization it belongs to."
    )
    parent: Optional["Group"] = one("parent_id", "Group", "The group it is a part of.")
    slug: str = column("Its short name in its organization, as in addresses.")
    name: str = text("name", "What it is called.")
    purpose: str | None = text("purpose", "What it is for.")
    description: str | None = text("description", "What it is and does, at length.")
    kind: GroupKind = column("What kind of group it is.")
    causes: list[str] = column("What it works for, as slugs.")
    languages: list[Locale] = column("The languages it works in.")
    place: Place | None = embedded(place_of, "Where it is at home.")
    join_policy: JoinPolicy = column("How one joins.")
    links: list[URL] = column("Where else to find it: a chat, a mailing list.")
    member_count: int = expression(reading.member_count, "How many active members it has.")
    shared_with: list[LaterAlliance] = several(
        reading.alliances_of, "The alliances it is shared with."
    )

    @page(
        CountedConnection[GroupMembership] | None,
        "Its active members: for its members, and for the organization it belongs to.",
    )
    @staticmethod
    def members(parent: Thing, eyes: Eyes) -> Listing:
        return reading.members_of(eyes, parent)

    @page(SourcedConnection["Group"], "The groups that are parts of it, by name.")
    @staticmethod
    def subgroups(parent: Thing, eyes: Eyes) -> Listing:
        return reading.subgroups_of(eyes, parent)

    @page(
        SourcedConnection[LaterEvent], "Its events.", directives=[requires("events:read"), public]
    )
    @staticmethod
    def events(
        parent: Thing,
        eyes: Eyes,
        filter: Events = None,
        order_by: InOrder = EventOrder.STARTS_AT_ASC,
    ) -> Listing:
        return reading_events.of_group(
            eyes, parent, given(filter, EventsWanted()), order_by or EventOrder.STARTS_AT_ASC
        )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Group"

    @classmethod
    async def resolve_reference(cls, info: Asking, id: strawberry.ID) -> "Group | None":
        return await by_id(info.context, "Group", id)  # type: ignore[return-value]


@strawberry.type
class GroupQueries:
    @strawberry.field(
        description="One group; null where there is none for you.", directives=[public]
    )
    async def group(
        self,
        info: Asking,
        id: Id,
    ) -> Group | None:
        return await by_id(info.context, "Group", id)  # type: ignore[return-value]

    @page(
        SourcedConnection[Group], "Groups, by name.", directives=[requires("groups:read"), public]
    )
    @staticmethod
    def groups(eyes: Eyes, filter: Groups = None) -> Listing:
        return reading.listed(eyes, given(filter, GroupsWanted()))
