"""What policy needs to know of a thing: whose it is, and who was let in. Nothing else.

Storage makes these (`storage.reach`); the SQL twin of the rules reads the same facts from rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.sharing import HostEditing, MembershipStatus, Visibility


@dataclass(frozen=True, slots=True)
class OrganizationReach:
    id: str
    visibility: Visibility
    # The alliances in force in which it is an active member.
    alliance_ids: frozenset[str] = frozenset()
    # For whom it answers for something. Known of one that is looked at itself and is hidden; not
    # of the owner of another thing, whose other doings say nothing about that thing.
    convenes_for: frozenset[str] = frozenset()  # organizations taking part in its alliances
    hosts_with: frozenset[str] = frozenset()  # organizations named on its events
    group_ids: frozenset[str] = frozenset()  # its groups
    proposes_to: frozenset[str] = frozenset()  # members of alliances it put a proposal to


@dataclass(frozen=True, slots=True)
class AllianceReach:
    id: str
    visibility: Visibility
    status: AllianceStatus
    convener: OrganizationReach
    members: Mapping[str, MembershipStatus] = field(default_factory=dict)  # by organization
    stewards: frozenset[str] = frozenset()  # active members of that role

    @property
    def has_convener(self) -> bool:
        """It has not left, nor was put out: set aside, it still answers for the alliance."""
        return self.members.get(self.convener.id) in {
            MembershipStatus.ACTIVE,
            MembershipStatus.SUSPENDED,
        }

    @property
    def led_by(self) -> frozenset[str]:
        """The organizations that act for it."""
        return self.stewards | {self.convener.id} if self.has_convener else self.stewards

    @property
    def in_force(self) -> bool:
        return self.status is not AllianceStatus.DISSOLVED


@dataclass(frozen=True, slots=True)
class GroupReach:
    id: str
    visibility: Visibility
    organization: OrganizationReach
    # The alliances it was shared with.
    shared_with: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EventReach:
    id: str
    visibility: Visibility
    organization: OrganizationReach
    publication_status: PublicationStatus = PublicationStatus.PUBLISHED
    group_id: str | None = None
    hosts: Mapping[str, EventHostStatus] = field(default_factory=dict)  # by organization
    # What each organization that accepted a place may change, the host's own left out.
    may_edit: Mapping[str, HostEditing] = field(default_factory=dict)
    # The alliances it was shared with.
    shared_with: frozenset[str] = frozenset()
    replaced_by_id: str | None = None  # the event that it was merged into


Reach = OrganizationReach | AllianceReach | GroupReach | EventReach
