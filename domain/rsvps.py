"""Answers to the question whether one comes to a date of an event (OSDI attendance)."""

from enum import StrEnum


class RsvpStatus(StrEnum):
    """Where an answer stands. Whether its person was there in the end is another matter."""

    NEEDS_ACTION = "NEEDS_ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    WAITLISTED = "WAITLISTED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
