"""The enums of the contract, from the domain, each value with the words that explain it."""

from enum import Enum

import strawberry

from domain.actors import TeamRole
from domain.alliances import (
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    MembershipInitiator,
)
from domain.events import (
    AccessibilityStatus,
    AttendanceMode,
    EventHostRole,
    EventHostStatus,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.groups import GroupKind, GroupRole
from domain.places import PlacePrecision
from domain.sharing import (
    AttendeeSharing,
    HostEditing,
    JoinPolicy,
    MembershipStatus,
    Visibility,
)
from resolvers.reading.events import EventOrder
from resolvers.reading.freshness import SourceStatus


def _explained(enum: type[Enum], description: str, /, **values: str) -> None:
    """Put into the schema with a sentence for each value; a value without one is a mistake."""
    shown = strawberry.enum(enum, description=description)
    for value in shown.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.pop(value.name)
    if values:
        raise ValueError(f"{enum.__name__} has no {', '.join(values)}")


_explained(
    Visibility,
    "Who sees a published thing.",
    PUBLIC="Everybody; it stands in lists, feeds and searches.",
    UNLISTED="Whoever has its id or link; it stands in lists only for its owner.",
    ALLIANCE="Active members of the alliances it is shared with.",
    ORGANIZATION="The owning organization, and organizations named as its hosts.",
    GROUP="Members of its group, and the owning organization.",
    PRIVATE="Its hosts and those invited.",
)
_explained(
    JoinPolicy,
    "How one comes in.",
    OPEN="Whoever wants to joins.",
    BY_REQUEST="One asks, and somebody inside agrees.",
    INVITE_ONLY="Somebody inside asks one in.",
)
_explained(
    MembershipStatus,
    "From invitation to departure.",
    INVITED="Asked in; an answer is awaited.",
    REQUESTED="Asks to come in; an answer is awaited.",
    PENDING_AGREEMENT="Let in, and has yet to accept the agreements.",
    ACTIVE="In.",
    SUSPENDED="Set aside for now; nothing is shared either way.",
    LEFT="Left by its own choice. Final.",
    REMOVED="Put out, with a reason. Final.",
    DECLINED="Declined the invitation. Final.",
    CANCELED="The invitation or request was taken back. Final.",
    REJECTED="The request was turned down. Final.",
    EXPIRED="Nobody answered in time. Final.",
)
_explained(
    TeamRole,
    "What a person may do in an organization's team.",
    OWNER="Everything, handing the organization over included.",
    ADMIN="Settings, people, apps, and what editors do.",
    EDITOR="Groups and events.",
    EVENT_MANAGER="Events.",
    VIEWER="Looks, and changes nothing.",
)
_explained(
    GroupKind,
    "What kind of group it is.",
    CHAPTER="A chapter of the organization.",
    LOCAL="A local group of people who live near each other.",
    WORKING_GROUP="A group with a task.",
    TEAM="A team of staff or volunteers.",
    CAMPAIGN="A group around one campaign.",
    OTHER="Something else.",
)
_explained(
    GroupRole,
    "A person's part in a group.",
    MEMBER="Takes part.",
    CREW="Helps to run things.",
    MODERATOR="Keeps the conversation in order.",
    ADMIN="Runs the group.",
)
_explained(
    EventStatus,
    "Whether it takes place (iCalendar STATUS, schema.org eventStatus).",
    TENTATIVE="Planned, not certain.",
    SCHEDULED="Takes place.",
    POSTPONED="Will take place later; the new time is open.",
    RESCHEDULED="Takes place at another time than first said.",
    MOVED_ONLINE="Takes place online instead.",
    CANCELLED="Does not take place.",
)
_explained(
    PublicationStatus,
    "Whether it has been published.",
    DRAFT="Being written; only its hosts see it.",
    PENDING_APPROVAL="Waits for somebody's approval.",
    PUBLISHED="Published.",
    ARCHIVED="Kept for the record.",
    REJECTED="Not approved.",
)
_explained(
    AttendanceMode,
    "How one takes part (schema.org eventAttendanceMode).",
    IN_PERSON="At the place.",
    ONLINE="Online.",
    HYBRID="At the place or online.",
)
_explained(
    JoinMode,
    "How one signs up.",
    OPEN="Whoever wants to.",
    APPROVAL="The host approves each sign-up.",
    INVITE="By invitation.",
    EXTERNAL="Somewhere else: see registrationUrl.",
    NONE="No sign-up; one just comes.",
)
_explained(
    AccessibilityStatus,
    "Whether people with disabilities can take part.",
    ACCESSIBLE="Accessible.",
    PARTLY="In part; see the notes.",
    NOT_ACCESSIBLE="Not accessible.",
    NOT_SURE="Nobody has checked.",
)
_explained(
    PlacePrecision,
    "How precisely a place is told.",
    PRECISE="To the door.",
    NEAR="To about a kilometre, without the street.",
    REGION="To the town or district.",
)
_explained(
    EventHostRole,
    "An organization's part in an event.",
    HOST="Answers for it. Each event has exactly one.",
    CO_HOST="Hosts it together with the host.",
    SPONSOR="Supports it.",
    PROMOTER="Passes it on.",
)
_explained(
    EventHostStatus,
    "Where an organization's part in an event stands.",
    INVITED="Asked by the host; an answer is awaited.",
    REQUESTED="Asks to take part; an answer is awaited.",
    ACCEPTED="Agreed by both.",
    DECLINED="Declined. Final.",
    CANCELED="Taken back before an answer. Final.",
    EXPIRED="Nobody answered in time. Final.",
    WITHDRAWN="Withdrew by its own choice. Final.",
    REMOVED="Removed by the host, with a reason. Final.",
)
_explained(
    HostEditing,
    "What a co-host may change on an event.",
    NONE="Nothing.",
    DETAILS="Words, picture and accessibility, not time, place or hosts.",
    ALL="Everything but its hosts.",
)
_explained(
    AttendeeSharing,
    "What a co-host learns about who comes.",
    NONE="Nothing but that the event exists.",
    AGGREGATE_ONLY="Numbers.",
    REFERRED_ONLY="Contacts of those it brought, who consented.",
    ALL_WITH_CONSENT="Contacts of all who consented to it.",
)
_explained(
    AllianceKind,
    "What kind of alliance it is.",
    COALITION="Organizations acting together for a common aim.",
    NETWORK="Organizations of a field that keep in touch.",
    PARTNERSHIP="Two organizations.",
    CAMPAIGN="Organizations around one campaign.",
)
_explained(
    AllianceStatus,
    "Where the alliance stands.",
    FORMING="Fewer than two active members yet.",
    ACTIVE="At work.",
    DORMANT="At rest: its review date passed, or its convener left.",
    DISSOLVED="Ended. Final; nothing is shared by it any more.",
)
_explained(
    DecisionRule,
    "How its members decide.",
    CONVENER="The convener decides.",
    MAJORITY="More agree than disagree, one ballot an organization.",
    CONSENT="Nobody blocks.",
    UNANIMITY="All agree.",
)
_explained(
    AllianceRole,
    "An organization's part in an alliance.",
    CONVENER="Does the administration; has one vote like the rest.",
    STEWARD="Helps the convener.",
    MEMBER="A member.",
    OBSERVER="Sees what is shared, and has no vote.",
)
_explained(
    MembershipInitiator,
    "Who made the first step.",
    ALLIANCE="The alliance invited.",
    ORGANIZATION="The organization asked.",
)
_explained(
    EventOrder,
    "How a list of events is ordered.",
    STARTS_AT_ASC="By the time they start, soonest first. A series stands once, at its first date at or after the filter's `from`; for a calendar with every date, ask `occurrences`.",
    STARTS_AT_DESC="The same, latest first.",
    DISTANCE_ASC="Nearest first; needs the filter's `near`.",
    UPDATED_AT_DESC="Last changed first.",
)
_explained(
    SourceStatus,
    "How fresh a hub's things are in this answer.",
    LOCAL="This hub owns them: they are as they stand.",
    CURRENT="Mirrored, and up to date.",
    BEHIND="Mirrored, and somewhat old: see asOf.",
    UNREACHABLE="The hub has not answered; see asOf.",
)
