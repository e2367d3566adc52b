"""Handovers as their two sides read them."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, or_

from domain.actors import TeamRole
from domain.handovers import HANDOVER as MACHINE
from domain.ids import Kind
from domain.policy_of_leads import ACTS_FOR
from domain.transitions import Party
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.next_actions import next_actions as possible
from resolvers.reading.sides import acts_for
from resolvers.reading.sources import HANDOVER
from storage.visibility import Eyes, own_person
from storage.visibility_of_handovers import is_of


def of_viewer(eyes: Eyes) -> Listing:
    """What was offered last comes first."""
    row, rows = HANDOVER.rows(eyes)
    keys = {"created_at": row.c.created_at, "id": row.c.id}
    return in_order(HANDOVER.type_name, rows, "CREATED_AT_DESC", keys, descending=True)


def next_actions(eyes: Eyes, h: FromClause) -> ColumnElement[Any]:
    """The twin of `policy_of_leads.sides_of_handover`."""
    owner = and_(
        is_of(h.c.subject_id, Kind.ORGANIZATION),
        acts_for(eyes, h.c.subject_id, (TeamRole.OWNER,)) if eyes.person else false(),
    )
    sides = {
        Party.GIVER: or_(_speaks_for(eyes, h, h.c.giver_id), owner),
        Party.TAKER: _speaks_for(eyes, h, h.c.taker_id),
    }
    return possible(MACHINE, h.c.status, sides)


def is_final(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    return h.c.status.in_(sorted(MACHINE.final))


def _speaks_for(eyes: Eyes, h: FromClause, side_id: ColumnElement[str]) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = [
        and_(is_of(h.c.subject_id, kind), acts_for(eyes, side_id, roles))
        for kind, roles in ACTS_FOR.items()
    ]
    if eyes.person:
        ways.append(side_id == own_person())
    return or_(*ways)
