"""What policy needs to know of a thing, read in one statement each.

With `lock`, the thing's row is held until the transaction ends, so that what was decided about
it is still so when it is written. Of another hub there is none to hold: its things are changed there.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Text,
    any_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from domain.alliances import AllianceRole, AllianceStatus
from domain.events import EventHostRole, EventHostStatus, PublicationStatus
from domain.policy import CONCERNED, DECIDING
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach
from domain.sharing import FINAL_STATUSES, HostEditing, MembershipStatus, Visibility
from storage.engine import Reading
from storage.hubs import is_local
from storage.tables import (
    Id,
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    group_shares,
    groups,
    organizations,
    proposals,
)
from storage.visibility import in_force


async def organization(
    db: Reading, organization_id: str, *, lock: bool = False
) -> OrganizationReach | None:
    row = await _row(db, _ORGANIZATION, organization_id, organizations if lock else None)
    if row is None:
        return None
    return replace(
        _organization(row),
        convenes_for=frozenset(row["convenes_for"]),
        hosts_with=frozenset(row["hosts_with"]),
        group_ids=frozenset(row["group_ids"]),
        proposes_to=frozenset(row["proposes_to"]),
    )


async def group(db: Reading, group_id: str, *, lock: bool = False) -> GroupReach | None:
    row = await _row(db, _GROUP, group_id, groups if lock else None)
    if row is None:
        return None
    return GroupReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        organization=_organization(row),
        shared_with=frozenset(row["shared_with"]),
    )


async def event(db: Reading, event_id: str, *, lock: bool = False) -> EventReach | None:
    row = await _row(db, _EVENT, event_id, events if lock else None)
    return None if row is None else _event(row)


async def events_by_ids(
    db: Reading, event_ids: Collection[str], *, lock: bool = False
) -> dict[str, EventReach]:
    facts = _EVENTS
    if lock:
        facts = facts.where(is_local(events.c.hub_id)).with_for_update(of=events)
    found = await db.execute(facts, {"thing_ids": sorted(event_ids)})
    return {row["id"]: _event(row) for row in found.mappings()}


def _event(row: RowMapping) -> EventReach:
    return EventReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        organization=_organization(row),
        publication_status=PublicationStatus(row["publication_status"]),
        group_id=row["group_id"],
        hosts={who: EventHostStatus(status) for who, status in (row["hosts"] or {}).items()},
        may_edit={who: HostEditing(word) for who, word in (row["may_edit"] or {}).items()},
        shared_with=frozenset(row["shared_with"]),
        replaced_by_id=row["replaced_by_id"],
    )


async def alliance(db: Reading, alliance_id: str, *, lock: bool = False) -> AllianceReach | None:
    row = await _row(db, _ALLIANCE, alliance_id, alliances if lock else None)
    if row is None:
        return None
    return AllianceReach(
        id=row["id"],
        visibility=Visibility(row["visibility"]),
        status=AllianceStatus(row["status"]),
        convener=_organization(row),
        members={who: MembershipStatus(word) for who, word in (row["members"] or {}).items()},
        stewards=frozenset(row["stewards"]),
    )


async def _row(
    db: Reading, facts: Select[Any], thing_id: str, locked: FromClause | None
) -> RowMapping | None:
    if locked is not None:
        facts = facts.where(is_local(locked.c.hub_id)).with_for_update(of=locked)
    found = await db.execute(facts, {"thing_id": thing_id})
    row: RowMapping | None = found.mappings().one_or_none()
    return row


def _organization(row: RowMapping) -> OrganizationReach:
    return OrganizationReach(
        id=row["owner_id"],
        visibility=Visibility(row["owner_visibility"]),
        alliance_ids=frozenset(row["owner_alliance_ids"]),
    )


def _owner() -> list[ColumnElement[Any]]:
    standing = alliance_members.alias()
    active = select(standing.c.alliance_id).where(
        standing.c.organization_id == organizations.c.id, in_force(standing)
    )
    return [
        organizations.c.id.label("owner_id"),
        organizations.c.visibility.label("owner_visibility"),
        _array(active).label("owner_alliance_ids"),
    ]


def _answers_to() -> list[ColumnElement[Any]]:
    """For whom a hidden organization answers for something. Whoever has the link of another sees
    it anyway, so its events, which may be many, are not read."""
    hidden = organizations.c.visibility.not_in([Visibility.PUBLIC, Visibility.UNLISTED])
    part, named = alliance_members.alias(), event_hosts.alias()
    taking_part = (
        select(part.c.organization_id)
        .join(alliances, alliances.c.id == part.c.alliance_id)
        .where(
            hidden,
            alliances.c.convener_id == organizations.c.id,
            part.c.status.not_in(sorted(FINAL_STATUSES)),
        )
    )
    named_on_events = (
        select(named.c.organization_id)
        .join(events, events.c.id == named.c.event_id)
        .where(
            hidden,
            events.c.organization_id == organizations.c.id,
            named.c.organization_id != organizations.c.id,
            named.c.status.in_(sorted(CONCERNED)),
        )
    )
    own_groups = select(groups.c.id).where(hidden, groups.c.organization_id == organizations.c.id)
    asked = alliance_members.alias()
    asked_to_decide = (
        select(asked.c.organization_id)
        .join(proposals, proposals.c.alliance_id == asked.c.alliance_id)
        .where(
            hidden,
            proposals.c.organization_id == organizations.c.id,
            asked.c.status.in_(sorted(DECIDING)),
        )
    )
    return [
        _array(taking_part.distinct().correlate(organizations)).label("convenes_for"),
        _array(named_on_events.distinct().correlate(organizations)).label("hosts_with"),
        _array(own_groups.correlate(organizations)).label("group_ids"),
        _array(asked_to_decide.distinct().correlate(organizations)).label("proposes_to"),
    ]


def _array(ids: Select[Any]) -> ColumnElement[Any]:
    return func.array(ids.scalar_subquery(), type_=ARRAY(Text))


def _last_standing(
    organization_id: ColumnElement[str],
    status: ColumnElement[str],
    under_way: ColumnElement[bool],
    of_the_thing: ColumnElement[bool],
) -> ColumnElement[Any]:
    """Rows that ended are kept beside the one under way; that one is written over them."""
    in_order = aggregate_order_by(status, case((under_way, 1), else_=0))
    return (
        select(func.jsonb_object_agg(organization_id, in_order))
        .where(of_the_thing)
        .scalar_subquery()
    )


# The statements are made once: putting one together takes longer than PostgreSQL does to answer.
_THING = bindparam("thing_id", type_=Id)
_ORGANIZATION = select(*_owner(), *_answers_to()).where(organizations.c.id == _THING)
_GROUP = (
    select(
        groups.c.id,
        groups.c.visibility,
        _array(
            select(group_shares.c.alliance_id).where(group_shares.c.group_id == groups.c.id)
        ).label("shared_with"),
        *_owner(),
    )
    .join(organizations, organizations.c.id == groups.c.organization_id)
    .where(groups.c.id == _THING)
)
_EVERY_EVENT = select(
    events.c.id,
    events.c.visibility,
    events.c.publication_status,
    events.c.group_id,
    events.c.replaced_by_id,
    _array(select(event_shares.c.alliance_id).where(event_shares.c.event_id == events.c.id)).label(
        "shared_with"
    ),
    _last_standing(
        event_hosts.c.organization_id,
        event_hosts.c.status,
        event_hosts.c.status.in_(sorted(CONCERNED)),
        event_hosts.c.event_id == events.c.id,
    ).label("hosts"),
    select(func.jsonb_object_agg(event_hosts.c.organization_id, event_hosts.c.may_edit))
    .where(
        event_hosts.c.event_id == events.c.id,
        event_hosts.c.status == EventHostStatus.ACCEPTED,
        event_hosts.c.role != EventHostRole.HOST,
    )
    .scalar_subquery()
    .label("may_edit"),
    *_owner(),
).join(organizations, organizations.c.id == events.c.organization_id)
_EVENT = _EVERY_EVENT.where(events.c.id == _THING)
# In the order of their ids, so that two who lock several do not wait for each other.
_EVENTS = _EVERY_EVENT.where(events.c.id == any_(bindparam("thing_ids", type_=ARRAY(Id)))).order_by(
    events.c.id
)
_ALLIANCE = (
    select(
        alliances.c.id,
        alliances.c.visibility,
        alliances.c.status,
        _last_standing(
            alliance_members.c.organization_id,
            alliance_members.c.status,
            alliance_members.c.status.not_in(sorted(FINAL_STATUSES)),
            alliance_members.c.alliance_id == alliances.c.id,
        ).label("members"),
        _array(
            select(alliance_members.c.organization_id).where(
                alliance_members.c.alliance_id == alliances.c.id,
                alliance_members.c.role == AllianceRole.STEWARD,
                alliance_members.c.status == MembershipStatus.ACTIVE,
            )
        ).label("stewards"),
        *_owner(),
    )
    .join(organizations, organizations.c.id == alliances.c.convener_id)
    .where(alliances.c.id == _THING)
)
