"""Who may see, give, change and check the answers of people: `domain.policy`, for RSVPs.

Lists are filtered in SQL by `storage.visibility_of_answers`, the twin of `sees_answer`;
tests/storage/test_answers_seen_agree.py holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain import attendee_sharing, policy
from domain.actors import NOBODY, Viewer
from domain.errors import Invalid, NotFound, Refused
from domain.events import EventHostRole, JoinMode
from domain.policy import EVENT_STAFF
from domain.reach import EventReach
from domain.rsvps import Gathering
from domain.sharing import AttendeeSharing, HostEditing, Visibility
from domain.transitions import Party
from domain.words import say


@dataclass(frozen=True, slots=True)
class Place:
    """What an organization's accepted place on the event lets it do and learn."""

    name: str
    role: EventHostRole
    may_edit: HostEditing
    attendee_sharing: AttendeeSharing


@dataclass(frozen=True, slots=True)
class AnswerReach:
    """What policy needs to know of an answer. `places` are the accepted ones, by organization."""

    id: str
    event: EventReach
    person_id: str | None = None
    referred_by_id: str | None = None
    consented_to: frozenset[str] = frozenset()
    places: Mapping[str, Place] = field(default_factory=dict)


def sees_answer(viewer: Viewer, thing: AnswerReach) -> bool:
    """The person themself; the host's event staff; a partner's, as far as its place and the
    person's own consent go."""
    if not policy.sees(viewer, thing.event):
        return False
    return _is_own(viewer, thing) or _hosts(viewer, thing) or _is_told(viewer, thing)


def _is_own(viewer: Viewer, thing: AnswerReach) -> bool:
    return viewer.person_id is not None and viewer.person_id == thing.person_id


def _hosts(viewer: Viewer, thing: AnswerReach) -> bool:
    return works_on(viewer, thing.event.organization.id)


def _is_told(viewer: Viewer, thing: AnswerReach) -> bool:
    mine = viewer.organization_id
    if mine is None or mine not in thing.places or not works_on(viewer, mine):
        return False
    sharing = thing.places[mine].attendee_sharing
    return attendee_sharing.is_shared(sharing, mine, thing.consented_to, thing.referred_by_id)


def works_on(viewer: Viewer, organization_id: str) -> bool:
    """Its event staff, or its own app."""
    return viewer.acts_for(organization_id, *EVENT_STAFF)


def works_at_the_door(viewer: Viewer, host_id: str, places: Mapping[str, Place]) -> bool:
    """The host's event staff, and those of a co-host who may change something of the event."""
    if works_on(viewer, host_id):
        return True
    mine = places.get(viewer.organization_id or "")
    return (
        mine is not None
        and mine.role is EventHostRole.CO_HOST
        and mine.may_edit is not HostEditing.NONE
        and works_on(viewer, viewer.organization_id or "")
    )


def require_door(viewer: Viewer, thing: AnswerReach | None, field: tuple[str, ...]) -> None:
    """To say who was there. Whoever works at the door has the list, on paper or on a screen: they
    may check in also those whose names are not shared with them."""
    if thing is None:
        raise not_found(field)
    if works_at_the_door(viewer, thing.event.organization.id, thing.places):
        return
    if not sees_answer(viewer, thing):
        raise not_found(field)
    raise Refused("Only the hosts' event staff check people in.", field)


def require_part(
    viewer: Viewer, thing: AnswerReach | None, field: tuple[str, ...]
) -> tuple[AnswerReach, tuple[Party, ...]]:
    """On which sides of the answer the viewer is: whose answer it is, and the host."""
    if thing is None or not sees_answer(viewer, thing):
        raise not_found(field)
    parties = []
    if _is_own(viewer, thing):
        parties.append(Party.PERSON)
    if _hosts(viewer, thing):
        parties.append(Party.HOST)
    if not parties:
        raise Refused("Only whoever gave this answer, and the host, may change it.", field)
    return thing, tuple(parties)


def require_host(
    viewer: Viewer, thing: AnswerReach | None, field: tuple[str, ...]
) -> tuple[AnswerReach, tuple[Party, ...]]:
    if thing is None or not sees_answer(viewer, thing):
        raise not_found(field)
    if not _hosts(viewer, thing):
        raise Refused("Only the host's event staff answer to those who ask to come.", field)
    return thing, (Party.HOST,)


def require_signing_up_guests(viewer: Viewer, event: EventReach, *, by_host: bool) -> None:
    """To sign up somebody without an account: for an event that anybody may see, or by its host."""
    is_open = event.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}
    if not by_host and not (is_open and policy.sees(NOBODY, event)):
        raise Refused(
            "This event is for people it was shared with: sign in to answer, or ask the host to "
            "sign the guest up.",
            ("guestEmail",),
        )


def require_invited(date: Gathering, *, is_invited: bool) -> None:
    if date.join_mode is JoinMode.INVITE and not is_invited:
        raise Refused(
            "This event is by invitation: ask the host to invite you.",
            ("event",),
        )


def not_found(field: tuple[str, ...]) -> NotFound:
    return NotFound("There is no such answer, or it is not shared with you.", field)


def require_partners(
    named: tuple[str, ...], places: Mapping[str, Place], field: tuple[str, ...]
) -> None:
    """Organizations that are agreed to, or thanked for bringing somebody, stand on the event."""
    outside = [each for each in named if each not in places]
    if outside:
        raise Invalid(
            say(
                "%(outside)s: no accepted host of this event. Name organizations that stand "
                "on it, or leave them out.",
                outside=", ".join(outside),
            ),
            field,
        )
