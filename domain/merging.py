"""Two entries of one event: who may make them one, and which of two answers of a person stays.

The duplicate stays as a row that names the event which replaced it; what others would look for
there (its hosts, answers, names, feeds) is found at the one that stays.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.actors import Viewer
from domain.errors import Invalid, InvalidTransition, Refused
from domain.events import PublicationStatus
from domain.policy import EVENT_STAFF, ON_SHOW, require_seen
from domain.reach import EventReach
from domain.rsvps import (
    ACCEPTED,
    NEEDS_ACTION,
    PENDING,
    TENTATIVE,
    UNDER_WAY,
    WAITLISTED,
    RsvpStatus,
)
from domain.words import say

DUPLICATE, INTO = ("duplicate",), ("into",)
# The surer somebody is to come, the further in front.
_SUREST = (ACCEPTED, TENTATIVE, PENDING, WAITLISTED, NEEDS_ACTION)
Importers = Mapping[str, Collection[str]]  # by event: organizations whose calendars bring it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """As much of an answer as decides whether it stays."""

    id: str
    person_id: str | None
    email: str | None
    status: RsvpStatus
    attended: bool | None
    in_line: int | None
    created_at: datetime

    @property
    def who(self) -> tuple[str, str] | None:
        """None for a guest without an address, whom nothing tells from another."""
        if self.person_id is not None:
            return "person", self.person_id
        return None if self.email is None else ("address", self.email.lower())

    @property
    def rank(self) -> tuple[bool, int, datetime, str]:
        """Whoever was there was there; then the surer answer; then the earlier one."""
        return self.attended is not True, _SUREST.index(self.status), self.created_at, self.id


def superfluous(answers: Iterable[Answer]) -> list[tuple[Answer, Answer]]:
    """Of answers to one date: those under way that leave their place to a better one of the same
    person, and that one."""
    of_person: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        if answer.status in UNDER_WAY and answer.who is not None:
            of_person.setdefault(answer.who, []).append(answer)
    found = []
    for several in of_person.values():
        stays, *others = sorted(several, key=lambda one: one.rank)
        found += [(other, stays) for other in others]
    return found


def require_merging(
    viewer: Viewer, duplicate: EventReach | None, into: EventReach | None, importers: Importers
) -> tuple[EventReach, EventReach]:
    """The two, which the viewer keeps both: as their hosts' event staff, or as the host of one
    whose own calendar brings the other."""
    require_seen(viewer, duplicate, "event", DUPLICATE)
    require_seen(viewer, into, "event", INTO)
    if duplicate is None or into is None:
        raise Invalid("There are not two events.", INTO)
    if duplicate.id == into.id:
        raise Invalid("This is the same event; name the one that is to stay.", INTO)
    hosts = {one.id for one in (duplicate, into) if _keeps(viewer, one)}
    brings = {one for one, who in importers.items() if viewer.organization_id in who}
    if not hosts or hosts | brings < {duplicate.id, into.id}:
        foreign = DUPLICATE if duplicate.id not in hosts else INTO
        raise Refused(
            "Only the event staff of the host of both may merge two events, or of the host of one "
            "whose own calendar brings the other. Ask the other host to hand its event over "
            "(proposeHandover), or to call it off.",
            foreign,
        )
    return duplicate, into


def require_mergeable(
    duplicate: EventReach, into: EventReach, merged_into_duplicate: Collection[str]
) -> None:
    """Every duplicate is one step from the event that stays."""
    if duplicate.replaced_by_id is not None:
        raise InvalidTransition(
            say(
                "It was merged into %(replaced_by_id)s. Take that back first (unmergeEvents).",
                replaced_by_id=duplicate.replaced_by_id,
            ),
            DUPLICATE,
        )
    if into.replaced_by_id is not None:
        raise InvalidTransition(
            say(
                "This one was itself merged into %(replaced_by_id)s: merge into that.",
                replaced_by_id=into.replaced_by_id,
            ),
            INTO,
        )
    if merged_into_duplicate:
        others = ", ".join(sorted(merged_into_duplicate))
        raise InvalidTransition(
            say(
                "Others were merged into it (%(others)s): take that back first "
                "(unmergeEvents), or merge the other way round.",
                others=others,
            ),
            DUPLICATE,
        )
    published = duplicate.publication_status is PublicationStatus.PUBLISHED
    if published and into.publication_status not in ON_SHOW:
        raise InvalidTransition(
            "The one that is to stay is not published: publish it first (publishEvent), or merge "
            "the other way round.",
            INTO,
        )


def require_unmerging(
    viewer: Viewer, duplicate: EventReach | None, into: EventReach | None
) -> EventReach:
    """Either host may take it back."""
    require_seen(viewer, duplicate, "event", DUPLICATE)
    if duplicate is None or not any(_keeps(viewer, one) for one in (duplicate, into) if one):
        raise Refused("Only the event staff of a host of the two may take this back.", DUPLICATE)
    return duplicate


def _keeps(viewer: Viewer, thing: EventReach) -> bool:
    return viewer.acts_for(thing.organization.id, *EVENT_STAFF)
