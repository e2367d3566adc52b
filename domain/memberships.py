"""An organization's place in an alliance, from invitation to departure: what may become of it.

`MEMBERSHIP` is the table of it. Which of its steps the members decide together is said by the
alliance's decision rule (`machine_for`); who acts for which side, by `domain.policy`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.alliances import AllianceRole, AllianceStatus, DecisionRule, MembershipInitiator
from domain.errors import InvalidTransition, Refused
from domain.sharing import FINAL_STATUSES, MembershipStatus
from domain.transitions import Machine, Party, Step
from domain.words import say

ANSWERED_WITHIN = timedelta(days=30)
# How long a member may take to accept a new version of an agreement, from when it holds.
GRACE = timedelta(days=30)

INVITED, REQUESTED = MembershipStatus.INVITED, MembershipStatus.REQUESTED
PENDING, ACTIVE = MembershipStatus.PENDING_AGREEMENT, MembershipStatus.ACTIVE
SUSPENDED, LEFT, REMOVED = (
    MembershipStatus.SUSPENDED,
    MembershipStatus.LEFT,
    MembershipStatus.REMOVED,
)
DECLINED, CANCELED = MembershipStatus.DECLINED, MembershipStatus.CANCELED
REJECTED, EXPIRED = MembershipStatus.REJECTED, MembershipStatus.EXPIRED

UNANSWERED = frozenset({INVITED, REQUESTED, PENDING})  # these expire
IN = frozenset({ACTIVE, SUSPENDED})
_UNDER_WAY = (INVITED, REQUESTED, PENDING, ACTIVE, SUSPENDED)
# PENDING_AGREEMENT where there are required agreements that it has yet to accept.
_ENTERED = (PENDING, ACTIVE)
_ASK, _RESPOND = "requestToJoinAlliance", "respondToAllianceMembership"
_LEAVE, _REMOVE, _AGREE = "leaveAlliance", "removeAllianceMember", "acceptAgreement"

MEMBERSHIP: Machine[MembershipStatus] = Machine(
    say("The membership"),
    MembershipStatus,
    (
        Step("invite", Party.ALLIANCE, (), (INVITED,), "inviteToAlliance"),
        Step("ask", Party.ORGANIZATION, (), (REQUESTED,), _ASK),
        Step("come in", Party.ORGANIZATION, (), _ENTERED, _ASK),  # where the alliance is OPEN
        Step("accept", Party.ORGANIZATION, (INVITED,), _ENTERED, _RESPOND),
        Step("decline", Party.ORGANIZATION, (INVITED,), (DECLINED,), _RESPOND),
        Step("take back", Party.ALLIANCE, (INVITED,), (CANCELED,), _RESPOND),
        Step("approve", Party.ALLIANCE, (REQUESTED,), _ENTERED, _RESPOND),
        Step("approve", Party.MEMBERS, (REQUESTED,), _ENTERED, "openProposal"),
        Step("reject", Party.ALLIANCE, (REQUESTED,), (REJECTED,), _RESPOND),
        Step("take back", Party.ORGANIZATION, (REQUESTED,), (CANCELED,), _RESPOND),
        Step("expire", Party.TIME, (INVITED, REQUESTED, PENDING), (EXPIRED,)),
        Step("agree", Party.ORGANIZATION, (PENDING,), _ENTERED, _AGREE),
        Step("agree", Party.ORGANIZATION, (ACTIVE,), (ACTIVE,), _AGREE),
        # To SUSPENDED where it was not for want of its agreement that it was set aside.
        Step("agree", Party.ORGANIZATION, (SUSPENDED,), (ACTIVE, SUSPENDED), _AGREE),
        Step("leave", Party.ORGANIZATION, (PENDING,), (CANCELED,), _LEAVE),
        Step("leave", Party.ORGANIZATION, (ACTIVE, SUSPENDED), (LEFT,), _LEAVE),
        Step(
            "suspend",
            Party.ALLIANCE,
            (ACTIVE,),
            (SUSPENDED,),
            "suspendAllianceMember",
            needs_reason=True,
        ),
        Step("suspend", Party.TIME, (ACTIVE,), (SUSPENDED,)),
        Step("reinstate", Party.ALLIANCE, (SUSPENDED,), (ACTIVE,), "reinstateAllianceMember"),
        Step(
            "remove",
            Party.ALLIANCE,
            (PENDING, ACTIVE, SUSPENDED),
            (REMOVED,),
            _REMOVE,
            needs_reason=True,
        ),
        Step(
            "remove",
            Party.MEMBERS,
            (PENDING, ACTIVE, SUSPENDED),
            (REMOVED,),
            "openProposal",
            needs_reason=True,
        ),
        Step("dissolve", Party.MEMBERS, _UNDER_WAY, (REMOVED,)),
    ),
)

# Of these the members decide, wherever the rule is another than CONVENER.
DECIDED_TOGETHER = frozenset({"approve", "remove"})
_BY_PROPOSAL = replace(
    MEMBERSHIP,
    steps=tuple(
        step
        for step in MEMBERSHIP.steps
        if step.by is not Party.ALLIANCE or step.action not in DECIDED_TOGETHER
    ),
)


def machine_for(rule: DecisionRule) -> Machine[MembershipStatus]:
    """What may be done under that rule: the members decide by proposal, or leave it to the
    convener and the stewards."""
    return MEMBERSHIP if rule is DecisionRule.CONVENER else _BY_PROPOSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    id: str
    alliance_id: str
    organization_id: str
    role: AllianceRole
    status: MembershipStatus
    initiated_by: MembershipInitiator
    message: str | None = None
    created_at: datetime
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None  # why it ended, or is set aside
    expires_at: datetime | None = None  # only of what awaits an answer
    suspended_by: Party | None = None  # TIME: for want of its agreement

    @property
    def has_expired(self) -> bool:
        return self.status is EXPIRED

    def by(self, now: datetime) -> "Membership":
        """As it is by the clock: what nobody answered in time has expired, whether or not the
        worker has been there."""
        if self.status in UNANSWERED and self.expires_at is not None and self.expires_at <= now:
            return self.become(EXPIRED, Party.TIME, self.expires_at)
        return self

    def become(
        self, status: MembershipStatus, by: Party, now: datetime, reason: str | None = None
    ) -> "Membership":
        """The membership in that state, from now on. What is kept beside a state follows it."""
        is_over = status in FINAL_STATUSES
        return replace(
            self,
            status=status,
            joined_at=(self.joined_at or now) if status is ACTIVE else self.joined_at,
            ended_at=now if is_over else None,
            end_reason=reason if is_over or status is SUSPENDED else None,
            expires_at=now + ANSWERED_WITHIN if status in UNANSWERED else None,
            suspended_by=by if status is SUSPENDED else None,
        )


def require_in_force(status: AllianceStatus, field: tuple[str, ...]) -> None:
    if status is AllianceStatus.DISSOLVED:
        raise InvalidTransition(
            "The alliance is DISSOLVED: nobody comes in any more. Found another with "
            "createAlliance.",
            field,
        )


def require_own_decision(rule: DecisionRule, action: str, field: tuple[str, ...]) -> None:
    """Of the convener and the stewards, without asking the members."""
    if rule is not DecisionRule.CONVENER and action in DECIDED_TOGETHER:
        kind = "ADMIT_MEMBER" if action == "approve" else "REMOVE_MEMBER"
        raise Refused(
            say(
                "The alliance's members decide this together (%(rule)s): put it to them with "
                "openProposal, of kind %(kind)s.",
                rule=rule.value,
                kind=kind,
            ),
            field,
        )


_NOBODY_PUTS_IT_OUT = {
    "suspend": say(
        "It convenes the alliance: nobody can suspend it. It may hand over with "
        "proposeHandover, or leave with leaveAlliance."
    ),
    "remove": say(
        "It convenes the alliance: nobody can remove it. It may hand over with "
        "proposeHandover, or leave with leaveAlliance."
    ),
}


def require_not_convener(membership: Membership, action: str, field: tuple[str, ...]) -> None:
    """Whoever convenes is not put out by those it convenes with, but by all members together."""
    if membership.role is AllianceRole.CONVENER:
        raise Refused(_NOBODY_PUTS_IT_OUT[action], field)
