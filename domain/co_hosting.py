"""An organization's place on an event: how it comes and goes (docs/domain.md s4.3), and what whoever
holds it may change and learn.

Nobody is named without having accepted, and either side ends it alone. The host's own place is no
part of this: it is there from the beginning, and passes on only when the event is handed over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Invalid
from domain.events import EventHostRole, EventHostStatus, PublicationStatus
from domain.reach import EventReach
from domain.sharing import AttendeeSharing, HostEditing, Visibility
from domain.transitions import Machine, Party, Step
from domain.words import say

ANSWERED_WITHIN = timedelta(days=30)


class Initiator(StrEnum):
    """Who made the first step to a place: the event's owner, or its partner."""

    OWNER = "OWNER"
    PARTNER = "PARTNER"


CANCELED, EXPIRED = EventHostStatus.CANCELED, EventHostStatus.EXPIRED
INVITED, REQUESTED = EventHostStatus.INVITED, EventHostStatus.REQUESTED
ACCEPTED, DECLINED = EventHostStatus.ACCEPTED, EventHostStatus.DECLINED
WITHDRAWN, REMOVED = EventHostStatus.WITHDRAWN, EventHostStatus.REMOVED
AWAITED = frozenset({INVITED, REQUESTED})

_INVITE, _RESPOND, _WITHDRAW = "inviteEventHost", "respondToEventHost", "withdrawEventHost"
EVENT_HOST = Machine(
    say("This place on the event"),
    EventHostStatus,
    (
        Step("invite", Party.HOST, (), (INVITED,), _INVITE),
        # To pass a public event on takes nobody's answer.
        Step("request", Party.PARTNER, (), (REQUESTED, ACCEPTED), _INVITE),
        Step("accept", Party.PARTNER, (INVITED,), (ACCEPTED,), _RESPOND),
        Step("decline", Party.PARTNER, (INVITED,), (DECLINED,), _RESPOND),
        Step("cancel", Party.HOST, (INVITED,), (CANCELED,), _WITHDRAW),
        Step("accept", Party.HOST, (REQUESTED,), (ACCEPTED,), _RESPOND),
        Step("decline", Party.HOST, (REQUESTED,), (DECLINED,), _RESPOND),
        Step("cancel", Party.PARTNER, (REQUESTED,), (CANCELED,), _WITHDRAW),
        Step("expire", Party.TIME, (INVITED, REQUESTED), (EXPIRED,)),
        Step("withdraw", Party.PARTNER, (ACCEPTED,), (WITHDRAWN,), _WITHDRAW),
        Step("remove", Party.HOST, (ACCEPTED,), (REMOVED,), _WITHDRAW, needs_reason=True),
    ),
)

# What a co-host may change, in the contract's words. The rest is the host's: who sees the event,
# with whom it is shared, who stands on it, whose group holds it, and whether it is published.
DETAILS = frozenset(
    {
        "title",
        "summary",
        "description",
        "translations",
        "image",
        "accessibility",
        "causes",
        "languages",
        "contact",
        "onlineUrl",
    }
)
ALL = DETAILS | frozenset(
    {
        "startsAt",
        "endsAt",
        "timeZone",
        "allDay",
        "recurrence",
        "attendanceMode",
        "place",
        "capacity",
        "joinMode",
        "registrationUrl",
        "isFree",
        "status",  # not CANCELLED, nor back from it: see `policy.require_host`
    }
)
MAY_CHANGE = {
    HostEditing.NONE: frozenset[str](),
    HostEditing.DETAILS: DETAILS,
    HostEditing.ALL: ALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An organization's place on an event; `expires_at` while an answer is awaited. One that took
    no answer has none."""

    id: str
    event_id: str
    organization_id: str
    role: EventHostRole
    status: EventHostStatus
    may_edit: HostEditing
    attendee_sharing: AttendeeSharing
    initiated_by: Initiator
    via_alliance_id: str | None = None
    message: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    responded_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    def status_at(self, now: datetime) -> EventHostStatus:
        """What nobody answered in time has expired, whether or not that was written down."""
        late = self.expires_at is not None and self.expires_at <= now
        return EXPIRED if late and self.status in AWAITED else self.status


def editing_of(role: EventHostRole, wished: HostEditing | None) -> HostEditing:
    """What a new place may change: as it was wished, or what goes with its part."""
    if role is EventHostRole.HOST:
        raise Invalid(
            "An event has exactly one host: invite a co-host, then hand the event over with "
            "proposeHandover.",
            ("role",),
        )
    if wished is not None:
        return wished
    return HostEditing.DETAILS if role is EventHostRole.CO_HOST else HostEditing.NONE


_BY_HOW_MUCH = list(AttendeeSharing)  # from nothing to everything


def shared_by(
    granted: Collection[tuple[str, AttendeeSharing]],
) -> tuple[str, AttendeeSharing] | None:
    """The alliance on whose terms two of its members host an event that is shared with it, and
    what they learn. Of several the one that tells least: no alliance is told more than it agreed."""
    return min(granted, key=lambda one: (_BY_HOW_MUCH.index(one[1]), one[0]), default=None)


def takes_no_answer(role: EventHostRole, editing: HostEditing, thing: EventReach) -> bool:
    """To pass on what everybody sees anyway, and nothing more, is not a question for the host."""
    return (
        role is EventHostRole.PROMOTER
        and editing is HostEditing.NONE
        and thing.visibility is Visibility.PUBLIC
        and thing.organization.visibility is Visibility.PUBLIC
        and thing.publication_status is PublicationStatus.PUBLISHED
    )


def ending(status: EventHostStatus, side: Party) -> str:
    """How this side ends a place that stands so."""
    if status in AWAITED:
        return "cancel"
    return "withdraw" if side is Party.PARTNER else "remove"


def ended_by(side: Party) -> frozenset[EventHostStatus]:
    """How a place stands that this side has ended by itself."""
    ends = (step.to for step in EVENT_HOST.steps if step.by is side and step.mutation == _WITHDRAW)
    return frozenset(status for to in ends for status in to)
