"""What stands in a thing of a peer as it told it: hosts, dates, members, agreements, and whom it names."""

from collections.abc import Sequence
from typing import Any

from domain.alliances import AllianceRole, MembershipInitiator
from domain.co_hosting import Initiator
from domain.events import EventHostRole, EventHostStatus, EventStatus
from domain.ids import Kind
from domain.policy import CONCERNED
from domain.sharing import AttendeeSharing, HostEditing, MembershipStatus, Visibility
from domain.texts import PAGE
from federation.mirroring import values as v
from federation.mirroring.document import MOST_DATES, MOST_PARTS
from federation.mirroring.values import Object, Unbelievable
from storage.mirrors_told import (
    Named,
    ToldAcceptance,
    ToldAgreement,
    ToldDate,
    ToldHost,
    ToldMember,
)

# Whoever has the link of these may open them.
_OPEN = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})
MOST_SHARES = 200
MOST_PEOPLE = 10_000_000  # who come to one thing


def hosts(said: Object, owner: Named, authority: str) -> tuple[ToldHost, ...]:
    hosts = [_host(each, authority) for each in v.nodes(said, "hosts", MOST_PARTS)]
    once(
        (each.organization.id for each in hosts if each.status in CONCERNED),
        "an organization has two places under way",
    )
    answering = [
        each.organization.id
        for each in hosts
        if each.role == EventHostRole.HOST and each.status == EventHostStatus.ACCEPTED
    ]
    if any(each != owner.id for each in answering):
        raise Unbelievable("hosts: somebody else than its host answers for it")
    return tuple(sorted(hosts, key=lambda each: each.status in CONCERNED))


def _host(value: Any, authority: str) -> ToldHost:
    said = v.an_object(value, "hosts")
    identifier = v.own(said, "id", Kind.EVENT_HOST, authority)
    status = v.word(said, "status", EventHostStatus)
    asked = status == EventHostStatus.REQUESTED
    return ToldHost(
        id=identifier,
        organization=named(v.an_object(said.get("organization"), "organization"), authority),
        role=v.word(said, "role", EventHostRole),
        status=status,
        initiated_by=Initiator.PARTNER if asked else Initiator.OWNER,
        may_edit=v.word(said, "mayEdit", HostEditing),
        attendee_sharing=v.word(said, "attendeeSharing", AttendeeSharing),
        message=v.maybe_text(said, "message", PAGE),
        created_at=v.made_at(identifier),
        expires_at=v.maybe_moment(said, "expiresAt"),
        responded_at=v.maybe_moment(said, "respondedAt"),
        ended_at=v.maybe_moment(said, "endedAt"),
        end_reason=v.maybe_text(said, "endReason", PAGE),
    )


def dates(
    said: Object, title: str, description: str | None, authority: str
) -> tuple[ToldDate, ...]:
    found = tuple(
        _date(v.an_object(each, "occurrences"), title, description, authority)
        for each in v.nodes(said, "occurrences", MOST_DATES)
    )
    once((each.recurrence_id for each in found), "two dates of a series are one")
    return found


def _date(said: Object, title: str, description: str | None, authority: str) -> ToldDate:
    """Words that are those of the series are not the date's own."""
    starts_at, ends_at = v.moment(said, "startsAt"), v.maybe_moment(said, "endsAt")
    if ends_at is not None and ends_at < starts_at:
        raise Unbelievable("occurrences.endsAt: before its start")
    recurrence_id = v.moment(said, "recurrenceId")
    own_title, own_words = v.text(said, "title"), v.maybe_text(said, "description", PAGE)
    attendance = v.an_object(said.get("attendance"), "attendance")
    place = v.place(said)
    differs = {
        "starts_at": starts_at != recurrence_id,
        "title": own_title != title,
        "description": own_words != description,
        "place": place is not None,
    }
    return ToldDate(
        id=v.own(said, "id", Kind.OCCURRENCE, authority),
        recurrence_id=recurrence_id,
        starts_at=starts_at,
        ends_at=ends_at,
        status=v.word(said, "status", EventStatus),
        overrides=tuple(sorted(name for name, is_own in differs.items() if is_own)),
        title=own_title if differs["title"] else None,
        description=own_words if differs["description"] else None,
        accepted=v.whole(attendance, "accepted", most=MOST_PEOPLE),
        place=place,
    )


def member(value: Any, authority: str) -> ToldMember:
    said = v.an_object(value, "members")
    identifier = v.own(said, "id", Kind.ALLIANCE_MEMBERSHIP, authority)
    return ToldMember(
        id=identifier,
        organization=named(v.an_object(said.get("organization"), "organization"), authority),
        role=v.word(said, "role", AllianceRole),
        status=v.word(said, "status", MembershipStatus),
        initiated_by=v.word(said, "initiatedBy", MembershipInitiator),
        message=v.maybe_text(said, "message", PAGE),
        created_at=v.made_at(identifier),
        joined_at=v.maybe_moment(said, "joinedAt"),
        ended_at=v.maybe_moment(said, "endedAt"),
        end_reason=v.maybe_text(said, "endReason", PAGE),
    )


def agreement(said: Object, authority: str) -> ToldAgreement:
    identifier = v.own(said, "id", Kind.AGREEMENT, authority)
    acceptances = tuple(
        _acceptance(v.an_object(each, "acceptances"), identifier, authority)
        for each in v.nodes(said, "acceptances", MOST_PARTS)
    )
    once((each.organization.id for each in acceptances), "an agreement is accepted twice")
    return ToldAgreement(
        id=identifier,
        title=v.text(said, "title"),
        body=v.text(said, "body", 10 * PAGE),
        version_number=v.whole(said, "versionNumber", 1),
        active_from=v.moment(said, "activeFrom"),
        required=v.truth(said, "required"),
        acceptances=acceptances,
    )


def _acceptance(said: Object, agreement_id: str, authority: str) -> ToldAcceptance:
    return ToldAcceptance(
        id=v.own(said, "id", Kind.AGREEMENT_ACCEPTANCE, authority),
        agreement_id=agreement_id,
        organization=named(v.an_object(said.get("organization"), "organization"), authority),
        version_number=v.whole(said, "versionNumber", 1),
        accepted_at=v.moment(said, "acceptedAt"),
    )


def named(said: Object, authority: str) -> Named:
    """What an organization is called is told by its own hub alone."""
    identifier = v.reference(said, "id", Kind.ORGANIZATION)
    if identifier.partition("@")[2] != authority:
        return Named(id=identifier)
    seen_by = v.word(said, "visibility", Visibility)
    return Named(id=identifier, name=v.text(said, "name"), is_open=seen_by in _OPEN)


def owner_of(said: Object, name: str, authority: str) -> Named:
    """Who answers for a group or an event is of the same hub."""
    found = named(said, authority)
    if found.name is None:
        raise Unbelievable(f"{name}: an organization of another hub")
    return found


def maybe_own(said: Object | None, kind: Kind, authority: str, name: str) -> str | None:
    if said is None:
        return None
    try:
        return v.own(said, "id", kind, authority)
    except Unbelievable as unbelievable:
        raise Unbelievable(f"{name}.{unbelievable}") from None


def reference(said: Object | None, kind: Kind) -> str | None:
    return None if said is None else v.reference(said, "id", kind)


def shared_with(said: Object) -> tuple[str, ...]:
    shared = v.several(said, "sharedWith", MOST_SHARES)
    return tuple(
        dict.fromkeys(
            v.reference(v.an_object(each, "sharedWith"), "id", Kind.ALLIANCE) for each in shared
        )
    )


def once(found: Any, otherwise: str) -> None:
    met: Sequence[Any] = list(found)
    if len(set(met)) < len(met):
        raise Unbelievable(otherwise)
