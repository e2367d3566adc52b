"""Putting questions to an alliance's members, voting on them, and doing what was decided.

Whatever concerns a proposal happens while its alliance is locked, as does whatever changes who is
in it: so each ballot is counted with the members there are, and what passes is done once. Who acts
on a proposal whose time is over closes it first, whether or not the worker has been there.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain import policy, policy_of_decisions, proposals
from domain.actors import BY_TIME
from domain.errors import Invalid, InvalidTransition, NotFound, Problem, Refused
from domain.ids import Kind
from domain.memberships import MEMBERSHIP
from domain.proposals import PROPOSAL, BallotChoice, Electorate, Proposal, ProposalKind
from domain.reach import AllianceReach
from domain.transitions import Party
from domain.words import say
from resolvers import agreements, memberships
from resolvers.agreements import NewAgreement
from resolvers.audit import note
from resolvers.context import Context
from resolvers.reading.sources import ALLIANCE_MEMBERSHIP
from storage import audit, reach, visibility
from storage import memberships as stored_memberships
from storage import proposals as stored
from storage.audit import Entry
from storage.engine import Writing
from storage.proposals import Ballot

OPEN, PASSED = proposals.ProposalStatus.OPEN, proposals.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    alliance_id: str
    organization_id: str
    title: str
    body: str
    kind: ProposalKind = ProposalKind.OTHER
    subject_id: str | None = None
    closes_at: datetime


async def open_proposal(ctx: Context, new: NewProposal) -> str:
    """The proposal's id. It is open from now on, under the alliance's decision rule of today."""
    async with ctx.writing() as db:
        alliance = await reach.alliance(db, new.alliance_id, lock=True)
        policy.require_seen(ctx.viewer, alliance, "alliance", ("alliance",))
        if alliance is None:
            raise NotFound("There is no such alliance.", ("alliance",))
        await _require_voice(ctx, db, new.organization_id)
        if not alliance.in_force:
            raise InvalidTransition(
                "The alliance is dissolved: nothing is decided there any more.", ("alliance",)
            )
        proposal = proposals.checked(
            Proposal(
                id=ctx.names.new(Kind.PROPOSAL),
                alliance_id=new.alliance_id,
                organization_id=new.organization_id,
                title=new.title,
                body=new.body,
                kind=new.kind,
                subject_id=new.subject_id,
                rule=await stored.rule_of(db, new.alliance_id),
                opens_at=ctx.clock.now(),
                closes_at=new.closes_at,
            )
        )
        members = await _electorate(db, replace(proposal, subject_id=None), alliance)
        policy_of_decisions.require_vote(new.organization_id, members.voters)
        await _check_subject(ctx, db, proposal)
        electorate = await _electorate(db, proposal, alliance)
        policy_of_decisions.require_vote(new.organization_id, electorate.voters)
        await _check_worth_asking(db, proposal, electorate)
        await stored.add(db, proposal)
        await note(ctx, db, "proposal.opened", proposal.id, part_of=proposal.alliance_id)
    return proposal.id


async def _check_subject(ctx: Context, db: Writing, proposal: Proposal) -> None:
    """It is a membership of this alliance, of which the members could decide that today."""
    if proposal.subject_id is None:
        return
    row, seen = ALLIANCE_MEMBERSHIP.rows(ctx.eyes)
    this_one = seen.where(row.c.id == proposal.subject_id)
    is_seen = (await db.execute(this_one, visibility.parameters(ctx.viewer))).first() is not None
    subject = await stored_memberships.by_id(db, proposal.subject_id) if is_seen else None
    if subject is None or subject.alliance_id != proposal.alliance_id:
        raise NotFound(
            "There is no such membership in this alliance, or it is not shared with you.",
            ("subject",),
        )
    action = "approve" if proposal.kind is ProposalKind.ADMIT_MEMBER else "remove"
    today = subject.by(ctx.clock.now())
    MEMBERSHIP.require(today.status, action, (Party.MEMBERS,), ("subject",))


async def _check_worth_asking(db: Writing, proposal: Proposal, electorate: Electorate) -> None:
    if not proposals.can_pass(proposal.rule, electorate):
        raise Invalid(
            say(
                "Nobody could decide this: the rule here is %(rule)s, and who decides by it "
                "has no vote on it. proposeHandover passes the convening on.",
                rule=proposal.rule.value,
            ),
            ("subject" if proposal.subject_id else "kind",),
        )
    already = await stored.count_open(db, proposal.alliance_id, proposal.organization_id)
    if already >= proposals.MOST_OPEN:
        raise Refused(
            say(
                "Your organization has %(already)s open proposals here: wait until some are "
                "decided, or take some back with withdrawProposal.",
                already=already,
            ),
            ("organization",),
        )


async def cast_ballot(
    ctx: Context,
    proposal_id: str,
    organization_id: str,
    choice: BallotChoice,
    reason: str | None = None,
) -> str:
    """The proposal's id. An organization has one ballot, which it may change while the proposal is
    open; the audit trail keeps what it said before."""
    async with ctx.writing() as db:
        proposal, alliance = await _met(ctx, db, proposal_id)
        await _require_voice(ctx, db, organization_id)
        said = proposals.checked_reason(choice, reason)
        now = await _closed_if_due(ctx, db, proposal, alliance)
        before = await stored.ballot_of(db, proposal_id, organization_id)
        if before is not None and (before.choice, before.reason) == (choice, said):
            return proposal_id
        if now.status is OPEN:
            electorate = await _electorate(db, now, alliance)
            policy_of_decisions.require_vote(organization_id, electorate.voters)
            ballot = Ballot(
                id=ctx.names.new(Kind.BALLOT),
                proposal_id=proposal_id,
                organization_id=organization_id,
                choice=choice,
                reason=said,
                cast_at=ctx.clock.now(),
            )
            kept = await stored.cast(db, ballot)
            done = f"ballot.{_SAID[choice]}"
            await note(ctx, db, done, kept, part_of=proposal.alliance_id)
            await _decide(ctx, db, now, electorate, closed=False)
            return proposal_id
    # What closed it is kept; what came too late is not.
    PROPOSAL.require(now.status, "vote", (Party.MEMBERS,), ("proposal",))
    return proposal_id


_SAID = {
    BallotChoice.AGREE: "agreed",
    BallotChoice.DISAGREE: "disagreed",
    BallotChoice.ABSTAIN: "abstained",
    BallotChoice.BLOCK: "blocked",
}


async def withdraw(ctx: Context, proposal_id: str) -> str:
    """The proposal's id: taken back by the organization that put it."""
    async with ctx.writing() as db:
        proposal, alliance = await _met(ctx, db, proposal_id)
        if not ctx.viewer.acts_for(proposal.organization_id, *policy.LEADS):
            raise Refused(
                "Only the organization that put it may take it back: vote on it with castBallot.",
                ("proposal",),
            )
        now = await _closed_if_due(ctx, db, proposal, alliance)
        if now.status is proposals.ProposalStatus.WITHDRAWN:
            return proposal_id
        if now.status is OPEN:
            (to,) = PROPOSAL.require(
                now.status, "withdraw", (Party.ORGANIZATION,), ("proposal",)
            ).to
            await stored.settle(db, proposal_id, to, ctx.clock.now())
            await note(ctx, db, "proposal.withdrawn", proposal_id, part_of=proposal.alliance_id)
            return proposal_id
    PROPOSAL.require(now.status, "withdraw", (Party.ORGANIZATION,), ("proposal",))
    return proposal_id


async def close_due(ctx: Context, now: datetime, limit: int) -> int:
    """Proposals whose time is over are decided, each in its own transaction; how many were."""
    for done in range(limit):
        async with ctx.writing() as db:
            proposal_id = await stored.next_due(db, now)
            if proposal_id is None:
                return done
            proposal, alliance = await _with_alliance(db, proposal_id)
            if proposal.is_due(now):
                electorate = await _electorate(db, proposal, alliance)
                await _decide(_by_time(ctx), db, proposal, electorate, closed=True)
    return limit


# ── what they lean on ────────────────────────────────────────────────────────────────────────


async def _require_voice(ctx: Context, db: Writing, organization_id: str) -> None:
    """To speak for that organization among the members."""
    organization = await reach.organization(db, organization_id)
    policy.require_organization_lead(ctx.viewer, organization, ("organization",))


async def _met(ctx: Context, db: Writing, proposal_id: str) -> tuple[Proposal, AllianceReach]:
    """The proposal and its alliance, both locked, for whom it is for."""
    proposal, alliance = await _with_alliance(db, proposal_id)
    return proposal, policy_of_decisions.require_decisions_seen(ctx.viewer, alliance, ("proposal",))


async def _with_alliance(db: Writing, proposal_id: str) -> tuple[Proposal, AllianceReach]:
    """The alliance first, as everybody locks them."""
    alliance_id = await stored.alliance_of(db, proposal_id)
    alliance = await reach.alliance(db, alliance_id, lock=True) if alliance_id else None
    proposal = await stored.by_id(db, proposal_id, lock=True)
    if proposal is None or alliance is None:
        raise policy_of_decisions.no_such_proposal(("proposal",))
    return proposal, alliance


async def _electorate(db: Writing, proposal: Proposal, alliance: AllianceReach) -> Electorate:
    concerned = None
    if proposal.subject_id is not None:
        subject = await stored_memberships.by_id(db, proposal.subject_id)
        concerned = subject.organization_id if subject else None
    seats = await stored.seats(db, proposal.alliance_id)
    return Electorate.of(seats, alliance.convener.id, concerned)


async def _closed_if_due(
    ctx: Context, db: Writing, proposal: Proposal, alliance: AllianceReach
) -> Proposal:
    """The proposal as it is by the clock."""
    if not proposal.is_due(ctx.clock.now()):
        return proposal
    electorate = await _electorate(db, proposal, alliance)
    return await _decide(_by_time(ctx), db, proposal, electorate, closed=True)


def _by_time(ctx: Context) -> Context:
    """Who happens to be there when the time is over has not decided it."""
    return replace(ctx, viewer=BY_TIME)


async def _decide(
    ctx: Context, db: Writing, proposal: Proposal, electorate: Electorate, *, closed: bool
) -> Proposal:
    """The proposal as the ballots have it. What they wanted is done with it, or it is rejected."""
    ballots = await stored.choices(db, proposal.id)
    decided = proposals.outcome(proposal.rule, electorate, ballots, closed=closed)
    if decided is None:
        return proposal
    failure = await _failure(ctx, db, proposal) if decided is PASSED else None
    if failure is not None:
        decided = proposals.REJECTED
    now = ctx.clock.now()
    await stored.settle(db, proposal.id, decided, now, failure)
    # As `note` does, with the reason in our own words where it failed.
    entry = Entry(
        ctx.names.new(Kind.AUDIT_ENTRY),
        f"proposal.{decided.value.lower()}",
        proposal.id,
        failure,
        proposal.alliance_id,
    )
    await audit.add(db, entry, now, ctx.viewer, ctx.request_id, ctx.hub.id)
    return replace(proposal, status=decided)


async def _failure(ctx: Context, db: Writing, proposal: Proposal) -> str | None:
    """Do what was decided. Where it cannot be done any more, nothing of it is, and this is why."""
    try:
        async with db.begin_nested():
            await _carry_out(ctx, db, proposal)
    except Problem as problem:
        return problem.message
    return None


async def _carry_out(ctx: Context, db: Writing, proposal: Proposal) -> None:
    match proposal.kind, proposal.subject_id:
        case ProposalKind.ADMIT_MEMBER, str(membership_id):
            await memberships.admit(ctx, db, membership_id)
        case ProposalKind.REMOVE_MEMBER, str(membership_id):
            await memberships.remove_by_decision(ctx, db, membership_id, proposal.body)
        case ProposalKind.PUBLISH_AGREEMENT, _:
            agreement = NewAgreement(
                alliance_id=proposal.alliance_id, title=proposal.title, body=proposal.body
            )
            await agreements.publish_by_decision(ctx, db, agreement)
        case ProposalKind.DISSOLVE, _:
            await memberships.dissolve(ctx, db, proposal.alliance_id)
