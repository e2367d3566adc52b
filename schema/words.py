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
from domain.channels import RemovalReason
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
from domain.handovers import HandoverStatus
from domain.peering import PeeringStatus
from domain.places import PlacePrecision
from domain.proposals import BallotChoice, ProposalKind, ProposalStatus
from domain.rsvps import DeliveryStatus, RsvpStatus
from domain.sharing import (
    AttendeeSharing,
    HostEditing,
    JoinPolicy,
    MembershipStatus,
    Visibility,
)
from resolvers.reading.events import EventOrder
from resolvers.reading.freshness import SourceStatus
from resolvers.reading.rsvps import RsvpOrder


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
    HandoverStatus,
    "From the offer of a lead to when it has passed on.",
    PROPOSED="Offered; an answer is awaited.",
    ACCEPTED="Accepted, and cooling off: both sides may still cancel.",
    EFFECTIVE="Passed on.",
    CLOSED="Passed on a month ago or longer. Final.",
    DECLINED="Declined by the one it was offered to. Final.",
    CANCELED="Taken back, or not possible any more: see endReason. Final.",
    EXPIRED="Nobody answered in time. Final.",
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
    ALL="Time and place too; not its hosts, who sees it, or whether it is published or cancelled.",
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
    ProposalKind,
    "What an alliance's members are asked to decide.",
    ADMIT_MEMBER="To let in an organization that asks to come in: `subject` is its membership.",
    REMOVE_MEMBER="To put a member out: `subject` is its membership, the body says why.",
    PUBLISH_AGREEMENT="To agree on terms: title and body become an agreement.",
    DISSOLVE="To end the alliance.",
    OTHER="Anything else; what follows from it is up to the members.",
)
_explained(
    ProposalStatus,
    "Where a proposal stands.",
    DRAFT="Being written. openProposal opens it at once, so that none is kept like this.",
    OPEN="Ballots are cast until it closes, or no ballot can turn it any more.",
    PASSED="Decided, and done. Final.",
    REJECTED="Turned down, or not possible any more: see failure. Final.",
    WITHDRAWN="Taken back by whoever put it. Final.",
)
_explained(
    BallotChoice,
    "What an organization says to a proposal.",
    AGREE="For it.",
    DISAGREE="Against it. Where members decide by consent, it does not stop it.",
    ABSTAIN="Neither; it counts for the quorum.",
    BLOCK="Stops it where members decide by consent, and is DISAGREE elsewhere. Needs a reason.",
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
    RsvpOrder,
    "How a list of answers is ordered.",
    ANSWERED_AT_ASC="As they were given, the first one first.",
    NAME_ASC="By the names of those who come.",
)
_explained(
    SourceStatus,
    "How fresh a hub's things are in this answer.",
    LOCAL="This hub owns them: they are as they stand.",
    CURRENT="Mirrored, and up to date.",
    BEHIND="Mirrored, and somewhat old: see asOf.",
    UNREACHABLE="The hub has not answered; see asOf.",
)
_explained(
    RsvpStatus,
    "Where an answer stands. Whether its person was there in the end is another matter.",
    NEEDS_ACTION="Asked to come, or to confirm by the link in a mail; an answer is awaited.",
    ACCEPTED="Comes, and has a place.",
    TENTATIVE="May come; no place is kept.",
    DECLINED="Does not come.",
    PENDING_APPROVAL="Wishes to come; the host has yet to say.",
    WAITLISTED="Wishes to come; all places are taken, and the first in line is offered the next.",
    CANCELLED="Had answered, and does not come after all. Final; one may answer anew.",
    REFUSED="The host does not expect them.",
)
_explained(
    DeliveryStatus,
    "Whether a write meant for another hub has reached it.",
    LOCAL="It was meant for this hub.",
    PENDING="On its way.",
    DELIVERED="It has arrived.",
    FAILED="The other hub refused it.",
)
_explained(
    PeeringStatus,
    "How hubs stand with one another.",
    PROPOSED="One of them has agreed, or both and one has not heard of it yet.",
    ACTIVE="Both have agreed: each reads at the other what it may see.",
    SUSPENDED="Stopped for a while by this one.",
    ENDED="Ended by this one; it may be proposed anew.",
)
_explained(
    RemovalReason,
    "Why something left a channel.",
    DELETED="It is no more.",
    UNSHARED="It is not shared there any more, or whose it is left.",
    NO_LONGER_VISIBLE="It was hidden from those who read there.",
)
