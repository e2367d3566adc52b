"""Groups in the contract."""

from typing import Optional

import strawberry

from domain.groups import GroupKind
from domain.sharing import JoinPolicy
from resolvers.reading import events as reading_events
from resolvers.reading import group_memberships as reading_places
from resolvers.reading import groups as reading
from resolvers.reading import openings
from resolvers.reading.events import EventOrder
from resolvers.reading.sources import by_id
from resolvers.reading.wanted import GroupsWanted
from schema.access import public, requires, requires_any
from schema.filters import Events, Groups, Id, InOrder, OfEvents, given, known, of_events
from schema.later import LaterAlliance, LaterEvent
from schema.loading import Row
from schema.organizations import Organization
from schema.people import GroupMembership
from schema.reading import column, embedded, expression, found, one, page, several, text
from schema.scalars import URL, Locale
from schema.shared import A_PLACE, CountedConnection, Place, Publication, SourcedConnection

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
    place: Place | None = embedded("place_", "Where it is at home.", A_PLACE)
    join_policy: JoinPolicy = column("How one joins.")
    links: list[URL] = column("Where else to find it: a chat, a mailing list.")
    member_count: int = expression(reading.member_count, "How many active members it has.")
    shared_with: list[LaterAlliance] = several(
        reading.alliances_of, "The alliances it is shared with."
    )

    @page(
        CountedConnection[GroupMembership] | None,
        reading.members_of,
        "Its active members: for its members, and for the organization it belongs to.",
    )
    @staticmethod
    def members() -> tuple[()]:
        return ()

    @page(
        CountedConnection[GroupMembership] | None,
        reading_places.awaited_in,
        "Who asks to come in, and who was invited, the longest first: for those who answer, its admins and the editors of its organization.",
    )
    @staticmethod
    def requests() -> tuple[()]:
        return ()

    @page(
        SourcedConnection["Group"],
        reading.subgroups_of,
        "The groups that are parts of it, by name.",
    )
    @staticmethod
    def subgroups() -> tuple[()]:
        return ()

    @page(
        SourcedConnection[LaterEvent],
        reading_events.of_group,
        "Its events.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def events(filter: Events = None, order_by: InOrder = EventOrder.STARTS_AT_ASC) -> OfEvents:
        return of_events(filter, order_by)

    next_actions: list[str] = expression(
        openings.of_group, "What you may begin with it next: names of mutations."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Group"


@strawberry.type
class GroupQueries:
    @found(
        Group | None,
        "Group",
        by_id("Group"),
        "One group; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def group(id: Id) -> tuple[str]:
        return (known(id),)

    @page(
        SourcedConnection[Group],
        reading.listed,
        "Groups, by name.",
        directives=[requires("groups:read"), public],
    )
    @staticmethod
    def groups(filter: Groups = None) -> tuple[GroupsWanted]:
        return (given(filter, GroupsWanted()),)
