"""An organization, group, alliance or event as a peer told it, and its parts: read, or `Unbelievable`.

The thing and its parts are the peer's own: their ids end with its authority. What they refer to may
be another hub's, and is kept as a reference alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.alliances import (
    AllianceKind,
    AllianceStatus,
    DecisionRule,
)
from domain.errors import Invalid
from domain.events import (
    TRANSLATED,
    AccessibilityStatus,
    AttendanceMode,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.groups import GroupKind
from domain.identifiers import LONGEST, MOST, Identifier
from domain.ids import Kind
from domain.occurrences import end_of_day
from domain.recurrence import (
    MOST_DATES as MOST_RECURRENCE_DATES,
)
from domain.recurrence import (
    MOST_EXCEPTIONS,
    Recurrence,
    check,
    ends_last,
)
from domain.recurrence_rule import MOST_CHARACTERS
from domain.sharing import (
    FINAL_STATUSES,
    AttendeeSharing,
    HostEditing,
    JoinPolicy,
    Visibility,
)
from domain.texts import PAGE, PARAGRAPH
from federation.mirroring import parts
from federation.mirroring import values as v
from federation.mirroring.document import MOST_PARTS
from federation.mirroring.values import Object, Unbelievable
from storage.mirrors_told import (
    Told,
    ToldAlliance,
    ToldEvent,
    ToldGroup,
    ToldOrganization,
)

MOST_AGREEMENTS = 100
MOST_TRANSLATIONS = 30


def organization(said: Object, authority: str) -> ToldOrganization:
    logo_url, logo_text = v.picture(said, "logo")
    return ToldOrganization(
        **_publication(said),
        slug=v.slug(said),
        name=v.text(said, "name"),
        summary=v.maybe_text(said, "summary", PARAGRAPH),
        description=v.maybe_text(said, "description", PAGE),
        website=v.maybe_web_address(said, "website"),
        logo_url=logo_url,
        logo_alternative_text=logo_text,
        languages=v.languages(said),
        time_zone=v.time_zone(said),
        is_verified=v.truth(said, "isVerified"),
        place=v.place(said),
    )


def group(said: Object, authority: str) -> ToldGroup:
    owner = v.an_object(said.get("organization"), "organization")
    return ToldGroup(
        **_publication(said),
        organization=parts.owner_of(owner, "organization", authority),
        owner_languages=v.languages(owner),
        parent_id=parts.maybe_own(v.maybe_object(said, "parent"), Kind.GROUP, authority, "parent"),
        slug=v.slug(said),
        name=v.text(said, "name"),
        purpose=v.maybe_text(said, "purpose", PAGE),
        description=v.maybe_text(said, "description", PAGE),
        kind=v.word(said, "groupKind", GroupKind),
        languages=v.languages(said),
        join_policy=v.word(said, "joinPolicy", JoinPolicy),
        links=tuple(
            v.web_address({"links": each}, "links")
            for each in v.words(said, "links", longest=2_048)
        ),
        member_count=v.whole(said, "memberCount", most=parts.MOST_PEOPLE),
        place=v.place(said),
        shared_with=parts.shared_with(said),
    )


def alliance(said: Object, authority: str) -> ToldAlliance:
    convener = v.an_object(said.get("convener"), "convener")
    sharing = v.an_object(said.get("sharing"), "sharing")
    members = [parts.member(each, authority) for each in v.nodes(said, "members", MOST_PARTS)]
    parts.once(
        (each.organization.id for each in members if each.status not in FINAL_STATUSES),
        "an organization has two memberships under way",
    )
    agreements = tuple(
        parts.agreement(v.an_object(each, "agreements"), authority)
        for each in v.several(said, "agreements", MOST_AGREEMENTS)
    )
    parts.once(((each.title, each.version_number) for each in agreements), "two agreements are one")
    return ToldAlliance(
        **_publication(said),
        convener=parts.named(convener, authority),
        owner_languages=v.languages(convener),
        slug=v.slug(said),
        name=v.text(said, "name"),
        purpose=v.text(said, "aim", PAGE),
        description=v.maybe_text(said, "description", PAGE),
        kind=v.word(said, "allianceKind", AllianceKind),
        status=v.word(said, "allianceStatus", AllianceStatus),
        join_policy=v.word(said, "joinPolicy", JoinPolicy),
        decision_rule=v.word(said, "decisionRule", DecisionRule),
        default_event_visibility=v.word(sharing, "defaultEventVisibility", Visibility),
        member_editing=v.word(sharing, "memberEditing", HostEditing),
        attendee_sharing=v.word(sharing, "attendeeSharing", AttendeeSharing),
        review_at=v.maybe_day(said, "reviewAt"),
        # Those that have ended first: a new one takes the place of one that has.
        members=tuple(sorted(members, key=lambda each: each.status not in FINAL_STATUSES)),
        agreements=agreements,
    )


def event(said: Object, authority: str) -> ToldEvent:
    host, group_ = v.an_object(said.get("host"), "host"), v.maybe_object(said, "group")
    group_organization = None if group_ is None else v.maybe_object(group_, "organization")
    image_url, image_text = v.picture(said, "image")
    title = v.text(said, "title")
    description = v.maybe_text(said, "description", PAGE)
    owner = parts.owner_of(host, "host", authority)
    return ToldEvent(
        **_publication(said),
        **_times(said),
        organization=owner,
        owner_languages=v.languages(host),
        group_id=parts.maybe_own(group_, Kind.GROUP, authority, "group"),
        group_organization=None
        if group_organization is None
        else parts.owner_of(group_organization, "group.organization", authority),
        title=title,
        summary=v.maybe_text(said, "summary", PARAGRAPH),
        description=description,
        translations=_translations(said),
        status=v.word(said, "eventStatus", EventStatus),
        cancellation_reason=v.maybe_text(said, "cancellationReason", PARAGRAPH),
        publication_status=v.word(said, "publicationStatus", PublicationStatus),
        attendance_mode=v.word(said, "attendanceMode", AttendanceMode),
        online_url=v.maybe_web_address(said, "onlineUrl"),
        **_accessibility(said),
        **_report(said),
        image_url=image_url,
        image_alternative_text=image_text,
        languages=v.languages(said),
        is_free=v.maybe_truth(said, "isFree"),
        capacity=v.maybe_whole(said, "capacity"),
        join_mode=v.word(said, "joinMode", JoinMode),
        registration_url=v.maybe_web_address(said, "registrationUrl"),
        replaced_by_id=parts.reference(v.maybe_object(said, "replacedBy"), Kind.EVENT),
        follows_id=parts.reference(v.maybe_object(said, "follows"), Kind.EVENT),
        place=v.place(said),
        shared_with=parts.shared_with(said),
        hosts=parts.hosts(said, owner, authority),
        dates=parts.dates(said, title, description, authority),
    )


def part_ids(told: Told) -> list[str]:
    match told:
        case ToldAlliance():
            accepted = [one.id for each in told.agreements for one in each.acceptances]
            return [
                *(each.id for each in told.members),
                *(each.id for each in told.agreements),
                *accepted,
            ]
        case ToldEvent():
            return [*(each.id for each in told.hosts), *(each.id for each in told.dates)]
        case _:
            return []


def _publication(said: Object) -> dict[str, Any]:
    return {
        "id": said["id"],
        "visibility": v.word(said, "visibility", Visibility),
        "version": v.whole(said, "version", 1, v.MOST_VERSION),
        "created_at": v.moment(said, "createdAt"),
        "updated_at": v.moment(said, "updatedAt"),
        "causes": v.words(said, "causes"),
        "identifiers": tuple(
            Identifier(v.text(each, "system", 40), v.text(each, "value", LONGEST))
            for each in map(_as_object, v.several(said, "identifiers", MOST))
        ),
    }


def _as_object(value: Any) -> Object:
    return v.an_object(value, "entry")


def _accessibility(said: Object) -> dict[str, Any]:
    told = v.maybe_object(said, "accessibility")
    return {
        "accessibility_status": told and v.word(told, "status", AccessibilityStatus),
        "accessibility_notes": told and v.maybe_text(told, "notes", PAGE),
        "accessibility_features": v.words(told, "features") if told else (),
    }


def _report(said: Object) -> dict[str, Any]:
    told = v.maybe_object(said, "report")
    return {
        "report_text": told and v.text(told, "text", PAGE),
        "report_attended": told and v.maybe_whole(told, "attended"),
        "report_published_at": told and v.moment(told, "publishedAt"),
    }


def _times(said: Object) -> dict[str, Any]:
    starts_at, ends_at = v.moment(said, "startsAt"), v.maybe_moment(said, "endsAt")
    if ends_at is not None and ends_at <= starts_at:
        raise Unbelievable("endsAt: not after its start")
    zone, all_day = v.time_zone(said), v.truth(said, "allDay")
    told = v.maybe_object(said, "recurrence")
    repeats = _recurrence(told) if told is not None else None
    over_at: datetime | None = ends_at or starts_at
    if repeats is not None:
        over_at = ends_last(repeats, starts_at, ends_at, zone)
    if over_at is not None and all_day and ends_at is None:
        over_at = end_of_day(over_at, zone)
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "over_at": over_at,
        "time_zone": zone,
        "all_day": all_day,
        "rrule": repeats.rrule if repeats else None,
        "recurrence_dates": repeats.dates if repeats else (),
        "recurrence_exceptions": repeats.exceptions if repeats else (),
    }


def _recurrence(told: Object) -> Recurrence:
    """One that can be worked out with bounded work, as ours can (`domain.recurrence_rule`)."""
    repeats = Recurrence(
        v.text(told, "rrule", MOST_CHARACTERS),
        v.moments(told, "dates", MOST_RECURRENCE_DATES),
        v.moments(told, "exceptions", MOST_EXCEPTIONS),
    )
    if not repeats.rrule and not repeats.dates:
        return repeats  # of a series that was split, a first part of one date
    try:
        check(repeats)
    except Invalid as refusal:
        raise Unbelievable(f"recurrence: {refusal.message}") from None
    return repeats


def _translations(said: Object) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for each in map(_as_object, v.several(said, "translations", MOST_TRANSLATIONS)):
        told = {name: v.maybe_text(each, name, PAGE) for name in TRANSLATED}
        found[v.language(each, "language")] = {
            name: words for name, words in told.items() if words is not None
        }
    return found
