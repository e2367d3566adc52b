"""A person's place in a group: how it comes and goes (docs/domain.md s4.5).

Whoever comes in does so by their own wish, and leaves alone and at once; only who leads a group
passes that on before going.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Refused
from domain.groups import GroupRole
from domain.sharing import FINAL_STATUSES, JoinPolicy, MembershipStatus
from domain.transitions import Machine, Party, Step
from domain.words import say

INVITED, REQUESTED = MembershipStatus.INVITED, MembershipStatus.REQUESTED
ACTIVE, SUSPENDED = MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED
PENDING = MembershipStatus.PENDING_AGREEMENT
CANCELED, LEFT = MembershipStatus.CANCELED, MembershipStatus.LEFT
DECLINED, REJECTED = MembershipStatus.DECLINED, MembershipStatus.REJECTED

_INVITE, _JOIN, _LEAVE = "inviteToGroup", "joinGroup", "leaveGroup"
_RESPOND = "respondToGroupMembership"
GROUP_MEMBERSHIP = Machine(
    say("This place in the group"),
    MembershipStatus,
    (
        Step("invite", Party.GROUP, (), (INVITED,), _INVITE),
        # An open group is entered by asking; to enter any, it is enough to have been invited.
        Step("join", Party.PERSON, (), (REQUESTED, ACTIVE), _JOIN),
        Step("accept", Party.PERSON, (INVITED,), (ACTIVE,), _RESPOND),
        Step("decline", Party.PERSON, (INVITED,), (DECLINED,), _RESPOND),
        Step("cancel", Party.GROUP, (INVITED,), (CANCELED,), _RESPOND),
        Step("accept", Party.GROUP, (REQUESTED,), (ACTIVE,), _RESPOND),
        Step("decline", Party.GROUP, (REQUESTED,), (REJECTED,), _RESPOND),
        Step("leave", Party.PERSON, (INVITED,), (DECLINED,), _LEAVE),
        Step("leave", Party.PERSON, (REQUESTED, PENDING), (CANCELED,), _LEAVE),
        Step("leave", Party.PERSON, (ACTIVE, SUSPENDED), (LEFT,), _LEAVE),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMembership:
    id: str
    group_id: str
    person_id: str
    role: GroupRole = GroupRole.MEMBER
    status: MembershipStatus
    message: str | None = None
    asked_at: datetime | None = None  # when somebody asked; null where nobody had to
    joined_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        return self.status not in FINAL_STATUSES


def status_of_newcomer(policy: JoinPolicy) -> MembershipStatus:
    """What asking to come in gives, or `Refused` with the way out."""
    match policy:
        case JoinPolicy.OPEN:
            return ACTIVE
        case JoinPolicy.BY_REQUEST:
            return REQUESTED
        case JoinPolicy.INVITE_ONLY:
            raise Refused(
                say(
                    "This group is joined by invitation: ask one of its admins, or the "
                    "organization it belongs to, for one (%(invite)s).",
                    invite=_INVITE,
                ),
                ("group",),
            )


def require_a_lead_stays(
    lead: str, leaving: str, others: Collection[str], field: tuple[str, ...]
) -> None:
    """`Refused` where the last one who leads would go, and others are left behind. Of a group the
    lead is its ADMIN, of an organization's team its OWNER."""
    if leaving == lead and others and lead not in others:
        raise Refused(
            say(
                "You are the last %(lead)s here, and others would be left without one: hand "
                "over first (proposeHandover), then leave.",
                lead=lead,
            ),
            field,
        )
