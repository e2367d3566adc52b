"""What is told of an organization's place in an alliance to those whom it concerns."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)

from domain.alliances import AllianceRole, DecisionRule
from domain.memberships import IN, MEMBERSHIP, machine_for
from domain.policy import LEADS
from domain.sharing import MembershipStatus
from domain.transitions import Party
from resolvers.reading.alliances import newest_agreements, unaccepted_by
from resolvers.reading.next_actions import next_actions as of_machine
from storage import tables as t
from storage.visibility import Eyes, is_party, own
from storage.visibility_of_roles import acts_as
from storage.words import among, exists_for_row, word

AGREE, REINSTATE = "acceptAgreement", "reinstateAllianceMember"


def next_actions(eyes: Eyes, membership: FromClause) -> ColumnElement[Any]:
    """The mutations that the viewer may do to it next, under the alliance's decision rule."""
    if not eyes.organization:
        return literal_column("'{}'::text[]", ARRAY(Text))
    leads = _is_lead(eyes)
    sides = {
        Party.ALLIANCE: and_(
            _leads_the_alliance(membership),
            membership.c.role != word(AllianceRole.CONVENER),
            leads,
        ),
        Party.ORGANIZATION: and_(membership.c.organization_id == own(), leads),
    }
    together = {**sides, Party.MEMBERS: and_(_votes(membership), leads)}
    status, alliance = membership.c.status, t.alliances.alias()
    rule = select(alliance.c.decision_rule).where(alliance.c.id == membership.c.alliance_id)
    by_convener = of_machine(machine_for(DecisionRule.CONVENER), status, sides)
    by_members = of_machine(machine_for(DecisionRule.CONSENT), status, together)
    told = case(
        (rule.scalar_subquery() == word(DecisionRule.CONVENER), by_convener), else_=by_members
    )
    return _as_it_stands(eyes, membership, told)


def _as_it_stands(
    eyes: Eyes, membership: FromClause, told: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Without what would be refused: to accept where there is nothing to accept, or nobody who
    could; to reinstate what comes back by accepting."""
    without_agreeing = func.array_remove(told, word(AGREE), type_=ARRAY(Text))
    agreed: ColumnElement[Any] = without_agreeing
    if eyes.person:
        agreement, rows = newest_agreements(eyes)
        lacking = rows.where(
            agreement.c.alliance_id == membership.c.alliance_id,
            agreement.c.required,
            unaccepted_by(membership, agreement),
        )
        agreed = case((exists(lacking.correlate(membership)), told), else_=without_agreeing)
    for_want_of_it = membership.c.suspended_by == word(Party.TIME)
    return case(
        (for_want_of_it, func.array_remove(agreed, word(REINSTATE), type_=ARRAY(Text))),
        else_=agreed,
    )


def is_final(eyes: Eyes, membership: FromClause) -> ColumnElement[bool]:
    """A status of which nothing comes any more."""
    return among(membership.c.status, MEMBERSHIP.final)


def message(eyes: Eyes, membership: FromClause) -> ColumnElement[Any]:
    """For those who take part; who is in is named to all, not what was said about it. A hub is told
    what is for the organizations that are at home there: it tells them."""
    if not eyes.parties:
        return null().cast(Text)
    fellow = t.alliance_members.alias()
    is_fellow = exists_for_row(
        select(fellow.c.id).where(
            fellow.c.alliance_id == membership.c.alliance_id,
            is_party(eyes, fellow.c.organization_id),
            fellow.c.status == word(MembershipStatus.ACTIVE),
        )
    )
    concerned = or_(is_party(eyes, membership.c.organization_id), is_fellow)
    return case((concerned, membership.c.message), else_=null())


def _is_lead(eyes: Eyes) -> ColumnElement[bool]:
    """The twin of `Viewer.acts_for` with `policy.LEADS`: by their role, or as its own app."""
    return acts_as(eyes, LEADS)


def _leads_the_alliance(membership: FromClause) -> ColumnElement[bool]:
    """The twin of `AllianceReach.led_by`."""
    alliance, mine = t.alliances.alias(), t.alliance_members.alias()
    return exists_for_row(
        select(mine.c.id)
        .join(alliance, alliance.c.id == mine.c.alliance_id)
        .where(
            mine.c.alliance_id == membership.c.alliance_id,
            mine.c.organization_id == own(),
            or_(
                and_(alliance.c.convener_id == own(), among(mine.c.status, IN)),
                and_(
                    mine.c.role == word(AllianceRole.STEWARD),
                    mine.c.status == word(MembershipStatus.ACTIVE),
                ),
            ),
        )
    )


def _votes(membership: FromClause) -> ColumnElement[bool]:
    mine = t.alliance_members.alias()
    return exists_for_row(
        select(mine.c.id).where(
            mine.c.alliance_id == membership.c.alliance_id,
            mine.c.organization_id == own(),
            mine.c.status == word(MembershipStatus.ACTIVE),
            mine.c.role != word(AllianceRole.OBSERVER),
        )
    )
