"""What a peer told of its things, read and checked (`federation/mirroring/reading.py`): records whose
fields are named as the columns that they are kept in.

`language` and `search` are made where they are kept. `owner_languages` are those of the
organization that answers for it, for what says no language of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.identifiers import Identifier
from domain.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An organization that something speaks of. `name` is known where it is the peer's own: of others
    nobody but their hub tells what they are called. `is_open` says that whoever has its link may look
    at it, though its hub may list it nowhere (UNLISTED), and so tell it in no channel."""

    id: str
    name: str | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    id: str
    visibility: str
    version: int
    created_at: datetime
    updated_at: datetime
    causes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOrganization(_Told):
    slug: str
    name: str
    summary: str | None
    description: str | None
    website: str | None
    logo_url: str | None
    logo_alternative_text: str | None
    languages: tuple[str, ...]
    time_zone: str
    is_verified: bool
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldGroup(_Told):
    organization: Named
    owner_languages: tuple[str, ...]
    parent_id: str | None
    slug: str
    name: str
    purpose: str | None
    description: str | None
    kind: str
    languages: tuple[str, ...]
    join_policy: str
    links: tuple[str, ...]
    member_count: int
    place: Place | None
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMember:
    id: str
    organization: Named
    role: str
    status: str
    initiated_by: str
    message: str | None
    created_at: datetime
    joined_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAcceptance:
    id: str
    agreement_id: str
    organization: Named
    version_number: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAgreement:
    id: str
    title: str
    body: str
    version_number: int
    active_from: datetime
    required: bool
    acceptances: tuple[ToldAcceptance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlliance(_Told):
    convener: Named
    owner_languages: tuple[str, ...]
    slug: str
    name: str
    purpose: str
    description: str | None
    kind: str
    status: str
    join_policy: str
    decision_rule: str
    default_event_visibility: str
    member_editing: str
    attendee_sharing: str
    review_at: date | None
    members: tuple[ToldMember, ...]
    agreements: tuple[ToldAgreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldHost:
    id: str
    organization: Named
    role: str
    status: str
    initiated_by: str
    may_edit: str
    attendee_sharing: str
    message: str | None
    created_at: datetime
    expires_at: datetime | None
    responded_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDate:
    """`title`, `description` and `place` are null where they are the event's."""

    id: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime | None
    status: str
    overrides: tuple[str, ...]
    title: str | None
    description: str | None
    accepted: int
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent(_Told):
    organization: Named
    owner_languages: tuple[str, ...]
    group_id: str | None
    group_organization: Named | None
    title: str
    summary: str | None
    description: str | None
    translations: Mapping[str, Mapping[str, str]]
    status: str
    cancellation_reason: str | None
    publication_status: str
    starts_at: datetime
    ends_at: datetime | None
    over_at: datetime | None  # null: never
    time_zone: str
    all_day: bool
    rrule: str | None
    recurrence_dates: tuple[datetime, ...]
    recurrence_exceptions: tuple[datetime, ...]
    attendance_mode: str
    online_url: str | None
    accessibility_status: str | None
    accessibility_notes: str | None
    accessibility_features: tuple[str, ...]
    image_url: str | None
    image_alternative_text: str | None
    languages: tuple[str, ...]
    is_free: bool | None
    capacity: int | None
    join_mode: str
    registration_url: str | None
    replaced_by_id: str | None
    follows_id: str | None
    report_text: str | None
    report_attended: int | None
    report_published_at: datetime | None
    place: Place | None
    shared_with: tuple[str, ...]
    hosts: tuple[ToldHost, ...]
    dates: tuple[ToldDate, ...]


Told = ToldOrganization | ToldGroup | ToldAlliance | ToldEvent


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was told and is not believed: of what (as it was said, cut short), and why."""

    thing_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPage:
    """A page of a peer's feed. `is_all`: the end of the channel was reached."""

    cursor: str
    is_all: bool
    organizations: tuple[ToldOrganization, ...] = ()
    groups: tuple[ToldGroup, ...] = ()
    alliances: tuple[ToldAlliance, ...] = ()
    events: tuple[ToldEvent, ...] = ()
    removed: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())

    @property
    def told(self) -> int:
        """How many changes it brought, believed or not."""
        things = (self.organizations, self.groups, self.alliances, self.events)
        return sum(map(len, things)) + len(self.removed) + len(self.refusals)
