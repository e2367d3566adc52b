"""What policy needs to know of a thing: whose it is, and who was let in. Nothing else.

Storage makes these (`storage.reach`); the SQL twin of the rules reads the same facts from rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.sharing import MembershipStatus, Visibility


@dataclass(frozen=True, slots=True)
class OrganizationReach:
    id: str
    visibility: Visibility
    # The alliances in force in which it is an active member.
    alliance_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AllianceReach:
    id: str
    visibility: Visibility
    status: AllianceStatus
    convener: OrganizationReach
    members: Mapping[str, MembershipStatus] = field(default_factory=dict)  # by organization

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
    # The alliances it was shared with.
    shared_with: frozenset[str] = frozenset()


Reach = OrganizationReach | AllianceReach | GroupReach | EventReach
