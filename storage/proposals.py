"""Proposals and ballots, as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domain.alliances import AllianceRole, DecisionRule
from domain.errors import Taken
from domain.proposals import BallotChoice, Proposal, ProposalKind, ProposalStatus, Seat
from domain.sharing import FINAL_STATUSES, MembershipStatus
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.tables import alliance_members, alliances, ballots, proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    id: str
    proposal_id: str
    organization_id: str
    choice: BallotChoice
    reason: str | None
    cast_at: datetime


async def by_id(db: Reading, proposal_id: str, *, lock: bool = False) -> Proposal | None:
    rows = select(proposals).where(proposals.c.id == proposal_id)
    found = await db.execute(rows.with_for_update() if lock else rows)
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def alliance_of(db: Reading, proposal_id: str) -> str | None:
    found: str | None = await db.scalar(
        select(proposals.c.alliance_id).where(proposals.c.id == proposal_id)
    )
    return found


async def add(db: Writing, proposal: Proposal) -> None:
    adding = insert(proposals).values(
        id=proposal.id,
        alliance_id=proposal.alliance_id,
        organization_id=proposal.organization_id,
        title=proposal.title,
        body=proposal.body,
        kind=proposal.kind,
        subject_id=proposal.subject_id,
        decision_rule=proposal.rule,
        status=proposal.status,
        opens_at=proposal.opens_at,
        closes_at=proposal.closes_at,
    )
    added = await db.scalar(adding.on_conflict_do_nothing().returning(proposals.c.id))
    if added is None:
        raise Taken(
            "The members are deciding this already: find the open proposal among the alliance's, "
            "and cast your ballot.",
            ("subject" if proposal.subject_id else "kind",),
        )


async def settle(
    db: Writing, proposal_id: str, status: ProposalStatus, at: datetime, failure: str | None = None
) -> None:
    """It is open no more."""
    await db.execute(
        proposals.update()
        .where(proposals.c.id == proposal_id, proposals.c.status == ProposalStatus.OPEN)
        .values(status=status, decided_at=at, failure=failure)
    )


async def next_due(db: Writing, now: datetime) -> str | None:
    """A proposal whose time is over, with its alliance locked: one at which nobody else is."""
    found: str | None = await db.scalar(
        select(proposals.c.id)
        .join(alliances, alliances.c.id == proposals.c.alliance_id)
        .where(proposals.c.status == ProposalStatus.OPEN, proposals.c.closes_at <= now)
        .order_by(proposals.c.closes_at, proposals.c.id)
        .limit(1)
        .with_for_update(of=alliances, skip_locked=True)
    )
    return found


async def rule_of(db: Reading, alliance_id: str) -> DecisionRule:
    rows = select(alliances.c.decision_rule).where(alliances.c.id == alliance_id)
    return DecisionRule((await db.execute(rows)).scalar_one())


async def seats(db: Reading, alliance_id: str) -> list[Seat]:
    """Of everybody who is in the alliance, or about to be."""
    found = await db.execute(
        select(
            alliance_members.c.organization_id, alliance_members.c.role, alliance_members.c.status
        ).where(
            alliance_members.c.alliance_id == alliance_id,
            alliance_members.c.status.not_in(sorted(FINAL_STATUSES)),
        )
    )
    return [
        Seat(row.organization_id, AllianceRole(row.role), MembershipStatus(row.status))
        for row in found
    ]


async def count_open(db: Reading, alliance_id: str, organization_id: str) -> int:
    """How many questions of this organization the alliance has before it."""
    rows = (
        select(func.count())
        .select_from(proposals)
        .where(
            proposals.c.alliance_id == alliance_id,
            proposals.c.organization_id == organization_id,
            proposals.c.status == ProposalStatus.OPEN,
        )
    )
    return int((await db.execute(rows)).scalar_one())


# ── ballots ──────────────────────────────────────────────────────────────────────────────────


async def ballot_of(db: Reading, proposal_id: str, organization_id: str) -> Ballot | None:
    found = await db.execute(
        select(ballots).where(
            ballots.c.proposal_id == proposal_id, ballots.c.organization_id == organization_id
        )
    )
    row = found.mappings().one_or_none()
    return None if row is None else Ballot(**{**row, "choice": BallotChoice(row["choice"])})


async def choices(db: Reading, proposal_id: str) -> Mapping[str, BallotChoice]:
    """What each organization said, by its id."""
    found = await db.execute(
        select(ballots.c.organization_id, ballots.c.choice).where(
            ballots.c.proposal_id == proposal_id
        )
    )
    return {row.organization_id: BallotChoice(row.choice) for row in found}


async def cast(db: Writing, ballot: Ballot) -> str:
    """The ballot's id: an organization has one, which is written over."""
    writing = insert(ballots).values(
        id=ballot.id,
        proposal_id=ballot.proposal_id,
        organization_id=ballot.organization_id,
        choice=ballot.choice,
        reason=ballot.reason,
        cast_at=ballot.cast_at,
    )
    said = writing.excluded
    kept: str = (
        await db.execute(
            writing.on_conflict_do_update(
                index_elements=["proposal_id", "organization_id"],
                set_={"choice": said.choice, "reason": said.reason, "cast_at": said.cast_at},
            ).returning(ballots.c.id)
        )
    ).scalar_one()
    return kept


def _record(row: Row) -> Proposal:
    return Proposal(
        id=row["id"],
        alliance_id=row["alliance_id"],
        organization_id=row["organization_id"],
        title=row["title"],
        body=row["body"],
        kind=ProposalKind(row["kind"]),
        subject_id=row["subject_id"],
        rule=DecisionRule(row["decision_rule"]),
        status=ProposalStatus(row["status"]),
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
    )
