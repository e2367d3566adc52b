"""Whose attendee data goes to whom (docs/domain.md s6): what a place on the event lets its partner
learn of people who come, one by one and in numbers.

The host of the event needs no leave: people answer to the host. `domain.policy` says who acts for
whom; the SQL twin of this is in `storage.visibility_of_answers`.
"""

from collections.abc import Collection

from domain.sharing import AttendeeSharing

# Numbers are told to partners in steps of this many, so that a few people are never counted out,
# nor found as the difference between two numbers (docs/decisions/0024).
STEP = 5

# What is agreed to, word by word; kept with every agreement as it was shown.
WORDING = (
    "{organization} may have my name and how to reach me from {host}, who hosts “{event}”, to write "
    "to me about this event and its own work. I can take this back at any time, and it changes "
    "nothing about my place."
)


def is_shared(
    sharing: AttendeeSharing | None,
    organization_id: str,
    consented_to: Collection[str],
    referred_by_id: str | None,
) -> bool:
    """May the partner know who this is? `sharing` is that of its accepted place, None for none."""
    match sharing:
        case AttendeeSharing.ALL_WITH_CONSENT:
            return organization_id in consented_to
        case AttendeeSharing.REFERRED_ONLY:
            return organization_id in consented_to and referred_by_id == organization_id
    return False


def tells_numbers(sharing: AttendeeSharing | None) -> bool:
    """May the partner know how many, beyond what everybody sees?"""
    return sharing is not None and sharing is not AttendeeSharing.NONE


def lowered(count: int) -> int:
    """As a partner is told it."""
    return count // STEP * STEP


def wording(organization: str, host: str, event: str) -> str:
    return WORDING.format(organization=organization, host=host, event=event)
