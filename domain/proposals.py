"""Questions put to an alliance's members: what they may be about, and how ballots decide them.

Each rule is a function of who may vote and what they said, and of nothing else: not of the order
of the ballots, nor of who counts. It tells PASSED or REJECTED as soon as no ballot that is still
out could turn it, and when the vote is closed always one of the two.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain import texts
from domain.alliances import AllianceRole, DecisionRule
from domain.errors import Invalid
from domain.sharing import MembershipStatus
from domain.transitions import Machine, Party, Step
from domain.words import say

SOONEST = timedelta(hours=1)
LATEST = timedelta(days=90)
MOST_OPEN = 20  # of one organization before one alliance, so that the others can keep up


class ProposalKind(StrEnum):
    ADMIT_MEMBER = "ADMIT_MEMBER"
    REMOVE_MEMBER = "REMOVE_MEMBER"
    PUBLISH_AGREEMENT = "PUBLISH_AGREEMENT"
    DISSOLVE = "DISSOLVE"
    OTHER = "OTHER"


# About one member, or one that asks to be: the subject is a membership.
ABOUT_A_MEMBER = frozenset({ProposalKind.ADMIT_MEMBER, ProposalKind.REMOVE_MEMBER})
# Twice the same question at a time would be decided twice.
ONE_AT_A_TIME = ABOUT_A_MEMBER | {ProposalKind.DISSOLVE}


class ProposalStatus(StrEnum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PASSED = "PASSED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class BallotChoice(StrEnum):
    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    ABSTAIN = "ABSTAIN"
    BLOCK = "BLOCK"


PASSED, REJECTED = ProposalStatus.PASSED, ProposalStatus.REJECTED

PROPOSAL = Machine(
    say("The proposal"),
    ProposalStatus,
    (
        # It is drafted and opened in one go: no draft is kept.
        Step(
            "open",
            Party.ORGANIZATION,
            (ProposalStatus.DRAFT,),
            (ProposalStatus.OPEN,),
            "openProposal",
        ),
        Step(
            "vote",
            Party.MEMBERS,
            (ProposalStatus.OPEN,),
            (ProposalStatus.OPEN, PASSED, REJECTED),
            "castBallot",
        ),
        Step(
            "withdraw",
            Party.ORGANIZATION,
            (ProposalStatus.OPEN,),
            (ProposalStatus.WITHDRAWN,),
            "withdrawProposal",
        ),
        Step("close", Party.TIME, (ProposalStatus.OPEN,), (PASSED, REJECTED)),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`rule` is the alliance's as it was when the vote began: nobody changes it under way."""

    id: str
    alliance_id: str
    organization_id: str  # that put it
    title: str
    body: str
    kind: ProposalKind
    subject_id: str | None
    rule: DecisionRule
    status: ProposalStatus = ProposalStatus.OPEN
    opens_at: datetime
    closes_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Open, and over by the clock."""
        return self.status is ProposalStatus.OPEN and now >= self.closes_at


def checked(given: Proposal) -> Proposal:
    """The proposal with its words put in order, or `Invalid` naming the field."""
    if not SOONEST <= given.closes_at - given.opens_at <= LATEST:
        raise Invalid(
            "closesAt: give the members between one hour and 90 days from now.", ("closesAt",)
        )
    body = texts.page(given.body, ("body",))
    if body is None:
        raise Invalid("body: write what is to be decided, and why.", ("body",))
    about_a_member = given.kind in ABOUT_A_MEMBER
    if about_a_member and given.subject_id is None:
        raise Invalid("subject: name the membership that it is about, by its id.", ("subject",))
    if not about_a_member and given.subject_id is not None:
        raise Invalid(
            "subject: only ADMIT_MEMBER and REMOVE_MEMBER have one; leave it out.", ("subject",)
        )
    return replace(given, title=texts.line(given.title, ("title",)), body=body)


def checked_reason(choice: BallotChoice, reason: str | None) -> str | None:
    """Who blocks says why: the others can only answer to a reason."""
    said = texts.page(reason, ("reason",), texts.PARAGRAPH)
    if choice is BallotChoice.BLOCK and said is None:
        raise Invalid(
            "reason: a BLOCK needs one, so that the others can answer to it.", ("reason",)
        )
    return said


# ── how ballots decide ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seat:
    """An organization's place in the alliance that decides."""

    organization_id: str
    role: AllianceRole
    status: MembershipStatus


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who may vote on a proposal. The convener is named only where it is among them."""

    voters: frozenset[str]
    convener: str | None = None

    @classmethod
    def of(cls, seats: Iterable[Seat], convener: str, concerned: str | None) -> "Electorate":
        """Members that are active today; observers look on, and nobody votes on its own place."""
        voters = frozenset(
            seat.organization_id
            for seat in seats
            if seat.status is MembershipStatus.ACTIVE
            and seat.role is not AllianceRole.OBSERVER
            and seat.organization_id != concerned
        )
        return cls(voters, convener if convener in voters else None)


Ballots = Mapping[str, BallotChoice]  # by organization
Decided = ProposalStatus | None
_Rule = Callable[[Electorate, Ballots], Decided]


def outcome(
    rule: DecisionRule, electorate: Electorate, ballots: Ballots, *, closed: bool
) -> Decided:
    """PASSED, REJECTED, or None while it is open and may still turn out either way. Ballots of
    those who may not vote (any more) do not count."""
    counted = {who: said for who, said in ballots.items() if who in electorate.voters}
    decided = _EARLY[rule](electorate, counted)
    if decided is not None or not closed:
        return decided
    if rule is DecisionRule.MAJORITY and _has_majority(electorate, counted):
        return PASSED
    if rule is DecisionRule.CONSENT and electorate.voters and not _blocked(counted):
        return PASSED  # silence is consent, but somebody must have been asked
    return REJECTED


def can_pass(rule: DecisionRule, electorate: Electorate) -> bool:
    """Somebody could decide it: else it need not be put."""
    everybody = dict.fromkeys(electorate.voters, BallotChoice.AGREE)
    return outcome(rule, electorate, everybody, closed=True) is PASSED


def _by_convener(electorate: Electorate, ballots: Ballots) -> Decided:
    """What the convener says decides at once; the others advise."""
    said = ballots.get(electorate.convener) if electorate.convener is not None else None
    if said is BallotChoice.AGREE:
        return PASSED
    return REJECTED if said in {BallotChoice.DISAGREE, BallotChoice.BLOCK} else None


def _by_majority(electorate: Electorate, ballots: Ballots) -> Decided:
    """More agree than disagree, and half of those who may vote have voted. Known early, where the
    ballots still out could not turn it, whatever they said."""
    agree, disagree = _for_and_against(ballots)
    out = len(electorate.voters) - len(ballots)
    if agree > disagree + out:  # more than half of all have voted then
        return PASSED
    return REJECTED if agree + out <= disagree else None


def _has_majority(electorate: Electorate, ballots: Ballots) -> bool:
    agree, disagree = _for_and_against(ballots)
    return agree > disagree and 2 * len(ballots) >= len(electorate.voters)


def _for_and_against(ballots: Ballots) -> tuple[int, int]:
    """To block, where nobody can, is to disagree."""
    count = Counter(ballots.values())
    against = count[BallotChoice.DISAGREE] + count[BallotChoice.BLOCK]
    return count[BallotChoice.AGREE], against


def _by_consent(electorate: Electorate, ballots: Ballots) -> Decided:
    """Nobody blocks. Known early only where all have voted: a block may be taken back until the
    end, because finding out how is what the time is for."""
    all_voted = bool(electorate.voters) and len(ballots) == len(electorate.voters)
    return PASSED if all_voted and not _blocked(ballots) else None


def _blocked(ballots: Ballots) -> bool:
    return BallotChoice.BLOCK in ballots.values()


def _by_unanimity(electorate: Electorate, ballots: Ballots) -> Decided:
    """All agree; one who does not is enough."""
    agree, disagree = _for_and_against(ballots)
    if disagree:
        return REJECTED
    return PASSED if electorate.voters and agree == len(electorate.voters) else None


_EARLY: Mapping[DecisionRule, _Rule] = {
    DecisionRule.CONVENER: _by_convener,
    DecisionRule.MAJORITY: _by_majority,
    DecisionRule.CONSENT: _by_consent,
    DecisionRule.UNANIMITY: _by_unanimity,
}
