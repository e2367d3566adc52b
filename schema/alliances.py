"""Alliances in the contract: who is in them, and on which terms."""

from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.alliances import (
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    MembershipInitiator,
)
from domain.proposals import ProposalStatus
from domain.sharing import (
    AttendeeSharing,
    HostEditing,
    JoinPolicy,
    MembershipStatus,
    Visibility,
)
from resolvers.reading import alliances as reading
from resolvers.reading import events as reading_events
from resolvers.reading import groups as reading_groups
from resolvers.reading import impact as reading_impact
from resolvers.reading import memberships as reading_memberships
from resolvers.reading import openings
from resolvers.reading import proposals as reading_proposals
from resolvers.reading.events import EventOrder
from resolvers.reading.sources import by_id_or_slug
from resolvers.reading.wanted import AlliancesWanted, GroupsWanted
from schema.access import public, requires, requires_any
from schema.filters import (
    Alliances,
    Events,
    Groups,
    InOrder,
    MaybeId,
    MaybeSlug,
    OfEvents,
    given,
    id_or_slug,
    of_events,
)
from schema.groups import Group
from schema.impact import Impact, impact
from schema.later import LaterAlliance, LaterEvent
from schema.loading import Row
from schema.organizations import Organization
from schema.proposals import Proposal
from schema.reading import column, embedded, expression, found, one, page, several, text
from schema.shared import CountedConnection, Node, Publication, SourcedConnection

# Met as what an event or a group is shared with, or where an organization stands.
MET = requires_any(["alliances:read"], ["events:read"], ["groups:read"])


@strawberry.type(description="What members grant one another by joining.")
class SharingPolicy:
    default_event_visibility: Visibility = column("Who sees an event shared with the alliance.")
    member_editing: HostEditing = column("What co-hosts may change on each other's events.")
    attendee_sharing: AttendeeSharing = column("What co-hosts learn about who comes.")


@strawberry.type(
    description="That an organization accepted a version of an agreement.",
    directives=[requires("alliances:read"), public],
)
class AgreementAcceptance(Node):
    organization: Organization = one("organization_id", "Organization", "Who accepted it.")
    version_number: int = column("Which version.")
    accepted_at: datetime = column("When.")

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "AgreementAcceptance"


@strawberry.type(
    description="A charter or code of ethics, by version. A new version must be accepted again.",
    directives=[requires("alliances:read"), public],
)
class Agreement(Node):
    title: str = text("title", "What it is called.")
    body: str = text("body", "Its words.")
    version_number: int = column("Its version, from 1.")
    active_from: datetime = column("Since when it holds.")
    required: bool = column("Members must accept it.")

    @page(CountedConnection[AgreementAcceptance], reading.acceptances_of, "Who has accepted it.")
    @staticmethod
    def acceptances() -> tuple[()]:
        return ()

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Agreement"


@strawberry.type(
    description="An organization's place in an alliance, from invitation to departure. Active ones are named to all who see the alliance, the rest to its members and the organization itself.",
    directives=[requires("alliances:read"), public],
)
class AllianceMembership(Node):
    alliance: LaterAlliance = one("alliance_id", "Alliance", "The alliance.")
    organization: Organization = one("organization_id", "Organization", "The organization.")
    role: AllianceRole = column("Its part in the alliance.")
    status: MembershipStatus = column("Where it stands.")
    initiated_by: MembershipInitiator = column("Who made the first step.")
    message: str | None = expression(
        reading_memberships.message,
        "What was said with it, for the organization and the alliance's active members.",
    )
    joined_at: datetime | None = column("When it became active.")
    ended_at: datetime | None = column("When it ended.")
    end_reason: str | None = column("Why it ended, or while it is suspended: why.")
    missing_agreements: list[Agreement] = several(
        reading.missing_agreements,
        "Required agreements it has yet to accept in their newest version; what will hold later may be accepted before. A member that lacks one thirty days after it began to hold is suspended until it accepts.",
    )
    next_actions: list[str] = expression(
        reading_memberships.next_actions,
        "The mutations that you may do to it next, for your organization or for the alliance. `openProposal`: the members decide it together.",
    )
    is_final: bool = expression(
        reading_memberships.is_final,
        "Nothing changes it any more; a new start is a new membership.",
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "AllianceMembership"


@strawberry.federation.type(
    keys=["id"],
    description="A coalition: organizations that agreed to act together, the terms they accepted, and what they share.",
    directives=[MET, public],
)
class Alliance(Publication):
    slug: str = column("Its short name on its hub, as in addresses.")
    name: str = text("name", "What it is called.")
    purpose: str = text("purpose", "What it is for.")
    description: str | None = text("description", "What it is and does, at length.")
    kind: AllianceKind = column("What kind of alliance it is.")
    status: AllianceStatus = column("Where it stands.")
    convener: Organization = one(
        "convener_id", "Organization", "Does the administration; has one vote like the rest."
    )
    join_policy: JoinPolicy = column("How an organization comes in.")
    decision_rule: DecisionRule = column("How members decide.")
    sharing: SharingPolicy = embedded("", "What members grant one another by joining.")
    causes: list[str] = column("What it works for, as slugs.")
    review_at: date | None = column("When its members will look whether it is still needed.")
    agreements: list[Agreement] = several(
        reading.agreements_of, "Its agreements, each in its newest version."
    )

    @page(
        CountedConnection[AllianceMembership],
        reading.members_of,
        "The organizations in it.",
        directives=[requires("alliances:read"), public],
    )
    @staticmethod
    def members(
        statuses: Annotated[
            list[MembershipStatus] | None,
            strawberry.argument(description="In any of these states; null for all."),
        ] = (MembershipStatus.ACTIVE,),  # type: ignore[assignment]  # a list cannot be a default
    ) -> tuple[tuple[MembershipStatus, ...] | None]:
        return (None if statuses is None else tuple(statuses),)

    @page(
        CountedConnection[Proposal],
        reading_proposals.of_alliance,
        "What its members decide or have decided, the newest first; for its active and suspended members alone.",
        directives=[requires("alliances:read")],
    )
    @staticmethod
    def proposals(
        statuses: Annotated[
            list[ProposalStatus] | None,
            strawberry.argument(description="In any of these states; all where it is left out."),
        ] = None,
    ) -> tuple[tuple[ProposalStatus, ...] | None]:
        return (None if statuses is None or statuses is UNSET else tuple(statuses),)

    @page(
        SourcedConnection[Group],
        reading_groups.of_alliance,
        "Groups its active members share with it, by name.",
        directives=[requires("groups:read"), public],
    )
    @staticmethod
    def groups(filter: Groups = None) -> tuple[GroupsWanted]:
        return (given(filter, GroupsWanted()),)

    @page(
        SourcedConnection[LaterEvent],
        reading_events.of_alliance,
        "Events its active members share with it.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def events(filter: Events = None, order_by: InOrder = EventOrder.STARTS_AT_ASC) -> OfEvents:
        return of_events(filter, order_by)

    impact: Impact = impact(
        reading_impact.of_alliance,
        Impact,
        "What came of the events shared with it, for its active members; numbers of people in steps of five.",
        directives=[requires("alliances:read")],
    )

    next_actions: list[str] = expression(
        openings.of_alliance, "What you may begin with it next: names of mutations."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Alliance"


@strawberry.type
class AllianceQueries:
    @found(
        Alliance | None,
        "Alliance",
        by_id_or_slug("Alliance", reading.by_slug),
        "One alliance, by its id or by its slug on this hub; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def alliance(id: MaybeId = UNSET, slug: MaybeSlug = UNSET) -> tuple[str | None, str | None]:
        return id_or_slug(id, slug)

    @page(
        SourcedConnection[LaterAlliance],
        reading.listed,
        "Alliances, by name.",
        directives=[requires("alliances:read"), public],
    )
    @staticmethod
    def alliances(filter: Alliances = None) -> tuple[AlliancesWanted]:
        return (given(filter, AlliancesWanted()),)
