"""Who a published thing is for, and what partners grant one another. See domain words in docs/domain.md."""

from enum import StrEnum


class Visibility(StrEnum):
    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"
    ALLIANCE = "ALLIANCE"
    ORGANIZATION = "ORGANIZATION"
    GROUP = "GROUP"
    PRIVATE = "PRIVATE"


class HostEditing(StrEnum):
    """What a co-host may change on an event."""

    NONE = "NONE"
    DETAILS = "DETAILS"
    ALL = "ALL"


class AttendeeSharing(StrEnum):
    """What a co-host learns about who comes."""

    NONE = "NONE"
    AGGREGATE_ONLY = "AGGREGATE_ONLY"
    REFERRED_ONLY = "REFERRED_ONLY"
    ALL_WITH_CONSENT = "ALL_WITH_CONSENT"


class MembershipStatus(StrEnum):
    """From invitation to departure: of an organization in an alliance, of a person in a group."""

    INVITED = "INVITED"
    REQUESTED = "REQUESTED"
    PENDING_AGREEMENT = "PENDING_AGREEMENT"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    DECLINED = "DECLINED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


# A membership that has ended stays as a row; a new invitation is a new row (domain words s4.1).
FINAL_STATUSES = frozenset(
    {
        MembershipStatus.LEFT,
        MembershipStatus.REMOVED,
        MembershipStatus.DECLINED,
        MembershipStatus.CANCELED,
        MembershipStatus.REJECTED,
        MembershipStatus.EXPIRED,
    }
)


class JoinPolicy(StrEnum):
    OPEN = "OPEN"
    BY_REQUEST = "BY_REQUEST"
    INVITE_ONLY = "INVITE_ONLY"
