"""Who knows what an alliance's members decide, and who has a vote: `domain.policy`, going on."""

from collections.abc import Collection

from domain.actors import Viewer
from domain.errors import NotFound, Refused
from domain.policy import DECIDING
from domain.reach import AllianceReach


def sees_decisions(viewer: Viewer, thing: AllianceReach) -> bool:
    """What the members of an alliance put to each other, and how they vote, is for them alone."""
    if viewer.organization_id is None:
        return False
    return thing.members.get(viewer.organization_id) in DECIDING


def require_decisions_seen(
    viewer: Viewer, thing: AllianceReach | None, field: tuple[str, ...]
) -> AllianceReach:
    """To meet a proposal. For others than the members there is none."""
    if thing is None or not sees_decisions(viewer, thing):
        raise no_such_proposal(field)
    return thing


def no_such_proposal(field: tuple[str, ...]) -> NotFound:
    return NotFound("There is no such proposal, or it is not for you.", field)


def require_vote(organization_id: str, voters: Collection[str]) -> None:
    """To put a question or answer it: members that are active today, observers left out, and
    nobody about its own removal."""
    if organization_id not in voters:
        raise Refused(
            "This organization has no vote on it: active members have, that are no observers and "
            "not the one it is about. leaveAlliance is always possible.",
            ("organization",),
        )
