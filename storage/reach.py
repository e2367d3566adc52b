"""What policy needs to know of a thing, read in one statement each.

With `lock`, the thing's row is held until the transaction ends, so that what was decided about
it is still so when it is written.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, Select, Text, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.policy import CONCERNED
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.engine import Reading
from storage.tables import (
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    group_shares,
    groups,
    organizations,
)
from storage.visibility import in_force

Row = Mapping[str, Any]


async def organization(
    db: Reading, organization_id: str, *, lock: bool = False
) -> OrganizationReach | None:
    o = organizations.alias()
    row = await _row(db, select(*_owner(o)).where(o.c.id == organization_id), o, lock)
    return None if row is None else _organization(row)


async def group(db: Reading, group_id: str, *, lock: bool = False) -> GroupReach | None:
    g, o = groups.alias(), organizations.alias()
    shares = select(group_shares.c.alliance_id).where(group_shares.c.group_id == g.c.id)
    facts = (
        select(g.c.id, g.c.visibility, _array(shares).label("shared_with"), *_owner(o))
        .join(o, o.c.id == g.c.organization_id)
        .where(g.c.id == group_id)
    )
    row = await _row(db, facts, g, lock)
    if row is None:
        return None
    return GroupReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        organization=_organization(row),
        shared_with=frozenset(row["shared_with"]),
    )


async def event(db: Reading, event_id: str, *, lock: bool = False) -> EventReach | None:
    e, o = events.alias(), organizations.alias()
    shares = select(event_shares.c.alliance_id).where(event_shares.c.event_id == e.c.id)
    hosts = _last_standing(
        event_hosts.c.organization_id,
        event_hosts.c.status,
        event_hosts.c.status.in_(sorted(CONCERNED)),
        event_hosts.c.event_id == e.c.id,
    )
    facts = (
        select(
            e.c.id,
            e.c.visibility,
            e.c.publication_status,
            e.c.group_id,
            _array(shares).label("shared_with"),
            hosts.label("hosts"),
            *_owner(o),
        )
        .join(o, o.c.id == e.c.organization_id)
        .where(e.c.id == event_id)
    )
    row = await _row(db, facts, e, lock)
    if row is None:
        return None
    return EventReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        organization=_organization(row),
        publication_status=PublicationStatus(row["publication_status"]),
        group_id=row["group_id"],
        hosts={who: EventHostStatus(status) for who, status in (row["hosts"] or {}).items()},
        shared_with=frozenset(row["shared_with"]),
    )


async def alliance(db: Reading, alliance_id: str, *, lock: bool = False) -> AllianceReach | None:
    a, o = alliances.alias(), organizations.alias()
    members = _last_standing(
        alliance_members.c.organization_id,
        alliance_members.c.status,
        alliance_members.c.status.not_in(sorted(FINAL_STATUSES)),
        alliance_members.c.alliance_id == a.c.id,
    )
    facts = (
        select(a.c.id, a.c.visibility, a.c.status, members.label("members"), *_owner(o))
        .join(o, o.c.id == a.c.convener_id)
        .where(a.c.id == alliance_id)
    )
    row = await _row(db, facts, a, lock)
    if row is None:
        return None
    return AllianceReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        status=AllianceStatus(row["status"]),
        convener=_organization(row),
        members={who: MembershipStatus(word) for who, word in (row["members"] or {}).items()},
    )


async def _row(db: Reading, facts: Select[Any], of: FromClause, lock: bool) -> Row | None:
    if lock:
        facts = facts.with_for_update(of=of)
    return (await db.execute(facts)).mappings().one_or_none()


def _owner(o: FromClause) -> list[ColumnElement[Any]]:
    mine = alliance_members.alias()
    active = select(mine.c.alliance_id).where(mine.c.organization_id == o.c.id, in_force(mine))
    return [
        o.c.id.label("owner_id"),
        o.c.visibility.label("owner_visibility"),
        _array(active).label("owner_alliance_ids"),
    ]


def _organization(row: Row) -> OrganizationReach:
    return OrganizationReach(
        id=row["owner_id"],
        visibility=Visibility(row["owner_visibility"]),
        alliance_ids=frozenset(row["owner_alliance_ids"]),
    )


def _array(ids: Select[Any]) -> ColumnElement[Any]:
    return func.array(ids.scalar_subquery(), type_=ARRAY(Text))


def _last_standing(
    organization_id: ColumnElement[str],
    status: ColumnElement[str],
    under_way: ColumnElement[bool],
    of_the_thing: ColumnElement[bool],
) -> ColumnElement[Any]:
    """Rows that ended are kept beside the one under way; that one is written over them."""
    in_order = case((under_way, 1), else_=0)
    return (
        select(func.jsonb_object_agg(aggregate_order_by(organization_id, status, in_order)))
        .where(of_the_thing)
        .scalar_subquery()
    )
