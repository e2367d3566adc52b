"""Events: what one is, and what makes a sound one. Dates that recur are in `recurrence`."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain import people, places, recurrence, texts
from domain.errors import Invalid
from domain.people import Contact
from domain.places import Place
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from domain.texts import Translations
from domain.words import say

TRANSLATED = ("title", "summary", "description")
LONGEST_DAYS = 400  # an event longer than that is most likely a typing mistake in a year


class EventStatus(StrEnum):
    TENTATIVE = "TENTATIVE"
    SCHEDULED = "SCHEDULED"
    POSTPONED = "POSTPONED"
    RESCHEDULED = "RESCHEDULED"
    MOVED_ONLINE = "MOVED_ONLINE"
    CANCELLED = "CANCELLED"


class PublicationStatus(StrEnum):
    DRAFT = "DRAFT"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"
    REJECTED = "REJECTED"


class AttendanceMode(StrEnum):
    IN_PERSON = "IN_PERSON"
    ONLINE = "ONLINE"
    HYBRID = "HYBRID"


class JoinMode(StrEnum):
    OPEN = "OPEN"
    APPROVAL = "APPROVAL"
    INVITE = "INVITE"
    EXTERNAL = "EXTERNAL"
    NONE = "NONE"


class AccessibilityStatus(StrEnum):
    ACCESSIBLE = "ACCESSIBLE"
    PARTLY = "PARTLY"
    NOT_ACCESSIBLE = "NOT_ACCESSIBLE"
    NOT_SURE = "NOT_SURE"


class EventHostRole(StrEnum):
    HOST = "HOST"
    CO_HOST = "CO_HOST"
    SPONSOR = "SPONSOR"
    PROMOTER = "PROMOTER"


class EventHostStatus(StrEnum):
    INVITED = "INVITED"
    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class Accessibility:
    status: AccessibilityStatus = AccessibilityStatus.NOT_SURE
    notes: str | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    id: str
    hub_id: str
    organization_id: str
    group_id: str | None = None
    title: str
    summary: str | None = None
    description: str | None = None
    translations: Translations = field(default_factory=dict)
    starts_at: datetime
    ends_at: datetime | None = None
    time_zone: str
    all_day: bool = False
    recurrence: Recurrence | None = None
    status: EventStatus = EventStatus.SCHEDULED
    cancellation_reason: str | None = None
    publication_status: PublicationStatus = PublicationStatus.PUBLISHED
    attendance_mode: AttendanceMode = AttendanceMode.IN_PERSON
    place: Place | None = None
    online_url: str | None = None
    accessibility: Accessibility | None = None
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_free: bool | None = None
    capacity: int | None = None
    join_mode: JoinMode = JoinMode.OPEN
    registration_url: str | None = None
    contact: Contact | None = None
    visibility: Visibility = Visibility.PUBLIC
    version: int = 1
    created_at: datetime
    updated_at: datetime


def checked(given: Event) -> Event:
    """The event with its words and times put in order, or `Invalid` naming the field."""
    _times_make_sense(given)
    if given.capacity is not None and not 0 < given.capacity <= 1_000_000:
        raise Invalid(
            "Capacity is 1 to 1,000,000 people; leave it out for no limit.", ("capacity",)
        )
    if given.visibility is Visibility.GROUP and given.group_id is None:
        raise Invalid("Only an event of a group can be for its group; name the group.", ("group",))
    if given.join_mode is JoinMode.EXTERNAL and given.registration_url is None:
        raise Invalid("Say where people sign up.", ("registrationUrl",))
    if given.recurrence is not None:
        recurrence.check(given.recurrence)
    return replace(
        given,
        title=texts.line(given.title, ("title",)),
        summary=texts.page(given.summary, ("summary",), texts.PARAGRAPH),
        description=texts.page(given.description, ("description",)),
        cancellation_reason=_reason(given),
        translations=texts.translations(given.translations, TRANSLATED),
        time_zone=texts.time_zone(given.time_zone),
        place=places.kept(given.place) if given.place else None,
        contact=people.reachable(given.contact),
        accessibility=_described(given.accessibility),
        online_url=texts.web_address(given.online_url, ("onlineUrl",)),
        registration_url=texts.web_address(given.registration_url, ("registrationUrl",)),
        causes=texts.causes(given.causes),
        languages=texts.languages(given.languages),
    )


def _reason(given: Event) -> str | None:
    """An event that takes place after all has none."""
    if given.status is not EventStatus.CANCELLED:
        return None
    return texts.page(given.cancellation_reason, ("reason",), texts.PARAGRAPH)


def _described(given: Accessibility | None) -> Accessibility | None:
    if given is None:
        return None
    if len(given.features) > 30:
        raise Invalid("At most 30 features.", ("accessibility", "features"))
    features = (texts.line(one, ("accessibility", "features"), 100) for one in given.features)
    return replace(
        given,
        notes=texts.page(given.notes, ("accessibility", "notes"), texts.PARAGRAPH),
        features=tuple(dict.fromkeys(features)),
    )


def _times_make_sense(event: Event) -> None:
    for field_name, at in (("startsAt", event.starts_at), ("endsAt", event.ends_at)):
        if at is not None and not 1970 <= at.year <= 2200:
            raise Invalid("Years from 1970 to 2200, please.", (field_name,))
    if event.ends_at is None:
        return
    if event.ends_at <= event.starts_at:
        raise Invalid("An event ends after it starts.", ("endsAt",))
    if (event.ends_at - event.starts_at).days > LONGEST_DAYS:
        raise Invalid(
            say("An event lasts at most %(most)s days; let it recur.", most=LONGEST_DAYS),
            ("endsAt",),
        )
