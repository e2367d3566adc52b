"""How hubs stand with one another: both agree before anything is read, and each may stop at any time."""

from enum import StrEnum


class PeeringStatus(StrEnum):
    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


class DeliveryStatus(StrEnum):
    """Of what was meant for another hub."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
