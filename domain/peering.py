"""How hubs stand with one another: both agree before anything is read, and each may stop at any time."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Invalid
from domain.transitions import Machine, Party, Step
from domain.words import say


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


PEERING = Machine(
    say("The peering"),
    PeeringStatus,
    (
        Step("propose", Party.HUB, (), (PeeringStatus.PROPOSED,), "proposePeering"),
        Step("propose", Party.PEER, (), (PeeringStatus.PROPOSED,)),
        Step(
            "accept",
            Party.HUB,
            (PeeringStatus.PROPOSED,),
            (PeeringStatus.PROPOSED,),
            "acceptPeering",
        ),
        # It begins where both have.
        Step("agree", Party.PEER, (PeeringStatus.PROPOSED,), (PeeringStatus.ACTIVE,)),
        # Keys that are all new are confirmed in the same words.
        Step(
            "accept", Party.HUB, (PeeringStatus.ACTIVE,), (PeeringStatus.ACTIVE,), "acceptPeering"
        ),
        Step(
            "accept",
            Party.HUB,
            (PeeringStatus.SUSPENDED,),
            (PeeringStatus.SUSPENDED,),
            "acceptPeering",
        ),
        Step(
            "suspend",
            Party.HUB,
            (PeeringStatus.ACTIVE,),
            (PeeringStatus.SUSPENDED,),
            "suspendPeering",
            needs_reason=True,
        ),
        # After too many faults, or where it says to be another hub than before.
        Step("suspend", Party.TIME, (PeeringStatus.ACTIVE,), (PeeringStatus.SUSPENDED,)),
        Step(
            "resume",
            Party.HUB,
            (PeeringStatus.SUSPENDED,),
            (PeeringStatus.ACTIVE,),
            "resumePeering",
        ),
        Step(
            "end",
            Party.HUB,
            (PeeringStatus.PROPOSED, PeeringStatus.ACTIVE, PeeringStatus.SUSPENDED),
            (PeeringStatus.ENDED,),
            "endPeering",
        ),
        # By us alone: whom we sent away asks in vain, also where proposals are accepted unseen.
        Step(
            "propose",
            Party.HUB,
            (PeeringStatus.ENDED,),
            (PeeringStatus.PROPOSED,),
            "proposePeering",
        ),
    ),
)

# What each hub tells of itself in /.well-known/convoke.
SCHEMA_VERSION = "1"  # of what hubs ask one another; a hub of another first number is none of ours
MOST_A_PAGE = 1_000  # changes
POLL_SECONDS = 30
RETENTION_DAYS = 90  # how long a place in a channel is known

MOST_OPEN_PROPOSALS = 50  # of strangers, that nobody here has answered
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """What another hub says of itself in its documents, read and checked (`federation/documents.py`).

    The thumbprints (RFC 7638) are of its two rings of keys: what vouches for its people, and what
    shows that it is the one who asks.
    """

    hub_id: str
    authority: str
    url: str
    name: str
    software: str
    graphql_url: str
    issuer: str
    token_endpoint: str
    client_id: str
    poke_url: str | None
    proposals_url: str
    schema_version: str
    most_a_page: int
    jwks_uri: str
    client_jwks_uri: str
    thumbprints: tuple[str, ...]
    client_thumbprints: tuple[str, ...]


def is_overlapping(known: Collection[str], shown: Collection[str]) -> bool:
    """A set of keys goes over into the next one; one that has nothing of the last may be anybody's."""
    return not set(known).isdisjoint(shown)


def checked_reason(why: str) -> str:
    told = " ".join(why.split())
    if not told or len(told) > LONGEST_REASON:
        raise Invalid(
            say("Say why, in at most %(most)s characters.", most=LONGEST_REASON), ("reason",)
        )
    return told
