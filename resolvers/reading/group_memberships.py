"""Places in groups: who waits for an answer, one's own, and what may be done next."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, case, false, null, or_, select

from domain.group_memberships import GROUP_MEMBERSHIP as MACHINE
from domain.policy import EDITORS
from domain.sharing import MembershipStatus
from domain.transitions import Party
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.next_actions import next_actions as possible
from resolvers.reading.sides import acts_for, administers
from resolvers.reading.sources import GROUP_MEMBERSHIP
from storage import tables as t
from storage.visibility import UNDER_WAY, Eyes, own_person
from storage.words import among, exists_for_row

AWAITED = (MembershipStatus.INVITED, MembershipStatus.REQUESTED)


def awaited_in(eyes: Eyes, group: FromClause) -> Listing:
    """Who asks to come in, and who was invited; the longest first. For those who answer."""
    row, rows = GROUP_MEMBERSHIP.rows(eyes)
    rows = rows.where(
        row.c.group_id == group.c.id,
        among(row.c.status, AWAITED),
        row.c.asked_at.is_not(None),
        _keeps(eyes, row),
    )
    keys = {"asked_at": row.c.asked_at, "id": row.c.id}
    return in_order(GROUP_MEMBERSHIP.type_name, rows, "ASKED_AT", keys)


def of_viewer(eyes: Eyes) -> Listing:
    """The person's own, those that wait for an answer among them."""
    row, rows = GROUP_MEMBERSHIP.rows(eyes)
    mine = row.c.person_id == own_person() if eyes.person else false()
    rows = rows.where(mine, among(row.c.status, UNDER_WAY))
    return in_order(GROUP_MEMBERSHIP.type_name, rows, "ID", {"id": row.c.id})


def message(eyes: Eyes, m: FromClause) -> ColumnElement[Any]:
    """Between the person and those who answer."""
    sides = [_keeps(eyes, m)]
    if eyes.person:
        sides.append(m.c.person_id == own_person())
    return case((or_(*sides), m.c.message), else_=null().cast(Text))


def next_actions(eyes: Eyes, m: FromClause) -> ColumnElement[Any]:
    """The twin of `policy_of_leads.sides_of_membership`."""
    sides = {
        Party.PERSON: m.c.person_id == own_person() if eyes.person else false(),
        Party.GROUP: _keeps(eyes, m),
    }
    return possible(MACHINE, m.c.status, sides)


def is_final(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    return m.c.status.in_(sorted(MACHINE.final))


def _keeps(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    group = t.groups.alias()
    of_its_organization = select(group.c.id).where(
        group.c.id == m.c.group_id, acts_for(eyes, group.c.organization_id, EDITORS)
    )
    return or_(administers(eyes, m.c.group_id), exists_for_row(of_its_organization))
