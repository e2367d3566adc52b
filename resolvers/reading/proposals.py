"""Reading what an alliance's members decide: its proposals, and the ballots cast on them."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, false, literal_column, select

from domain.alliances import AllianceRole
from domain.proposals import PROPOSAL as MACHINE
from domain.proposals import ProposalStatus
from domain.sharing import MembershipStatus
from domain.transitions import Party
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.next_actions import next_actions as possible
from resolvers.reading.sources import BALLOT, PROPOSAL
from resolvers.reading.wanted import one_of
from storage import tables as t
from storage.visibility import Eyes, own
from storage.words import exists_for_row, word


def of_alliance(
    eyes: Eyes, alliance: FromClause, statuses: Given[tuple[ProposalStatus, ...]] | None
) -> Listing:
    """What was put last comes first."""
    row, rows = PROPOSAL.rows(eyes)  # who sees the alliance need not see what it decides
    rows = rows.where(row.c.alliance_id == alliance.c.id)
    if statuses is not None:
        rows = rows.where(one_of(row.c.status, statuses))
    keys = {"opens_at": row.c.opens_at, "id": row.c.id}
    return in_order(PROPOSAL.type_name, rows, "OPENS_AT_DESC", keys, descending=True)


def ballots_of(eyes: Eyes, proposal: FromClause) -> Listing:
    row, rows = BALLOT.rows_of_seen(eyes)
    keys = {"cast_at": row.c.cast_at, "id": row.c.id}
    of_it = rows.where(row.c.proposal_id == proposal.c.id)
    return in_order(BALLOT.type_name, of_it, "CAST_AT", keys)


def own_ballot(eyes: Eyes, proposal: FromClause) -> ColumnElement[str | None]:
    """The id of the ballot of the viewer's organization."""
    if not eyes.organization:
        return literal_column("null", Text)
    mine = t.ballots.alias()
    found = select(mine.c.id).where(
        mine.c.proposal_id == proposal.c.id, mine.c.organization_id == own()
    )
    return found.correlate(proposal).scalar_subquery()


def next_actions(eyes: Eyes, proposal: FromClause) -> ColumnElement[Any]:
    if not eyes.organization:
        return possible(MACHINE, proposal.c.status, {Party.MEMBERS: false()})
    return possible(
        MACHINE,
        proposal.c.status,
        {Party.MEMBERS: _has_a_vote(proposal), Party.ORGANIZATION: _has_put_it(proposal)},
    )


def _has_put_it(proposal: FromClause) -> ColumnElement[bool]:
    return and_(proposal.c.organization_id == own(), proposal.c.status == word(ProposalStatus.OPEN))


def _has_a_vote(proposal: FromClause) -> ColumnElement[bool]:
    """The twin of `domain.proposals.Electorate.of`."""
    seat, subject = t.alliance_members.alias(), t.alliance_members.alias()
    votes = exists_for_row(
        select(seat.c.id).where(
            seat.c.alliance_id == proposal.c.alliance_id,
            seat.c.organization_id == own(),
            seat.c.status == word(MembershipStatus.ACTIVE),
            seat.c.role != word(AllianceRole.OBSERVER),
        )
    )
    is_about_it = exists_for_row(
        select(subject.c.id).where(
            subject.c.id == proposal.c.subject_id, subject.c.organization_id == own()
        )
    )
    return and_(votes, ~is_about_it)
