"""Places of organizations in alliances, as rows. What ended stays; a new start is a new row."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from domain.alliances import AllianceRole, AllianceStatus, MembershipInitiator
from domain.memberships import Membership
from domain.sharing import FINAL_STATUSES, MembershipStatus
from domain.transitions import Party
from storage.columns import Columns, Row
from storage.engine import Reading, Writing
from storage.hubs import is_local
from storage.tables import alliance_members, alliances, event_hosts, event_shares

_UNDER_WAY = alliance_members.c.status.not_in(sorted(FINAL_STATUSES))


async def alliance_of(db: Reading, membership_id: str) -> str | None:
    """Asked first: the alliance is locked before its memberships."""
    found: str | None = await db.scalar(
        select(alliance_members.c.alliance_id).where(alliance_members.c.id == membership_id)
    )
    return found


async def by_id(db: Reading, membership_id: str, *, lock: bool = False) -> Membership | None:
    return await _one(db, _rows(lock).where(alliance_members.c.id == membership_id))


async def under_way(
    db: Reading, alliance_id: str, organization_id: str, *, lock: bool = False
) -> Membership | None:
    """The organization's membership of that alliance that has not ended."""
    rows = _rows(lock).where(
        alliance_members.c.alliance_id == alliance_id,
        alliance_members.c.organization_id == organization_id,
        _UNDER_WAY,
    )
    return await _one(db, rows)


async def all_under_way(db: Reading, alliance_id: str) -> list[Membership]:
    """Locked, in the order of their ids."""
    rows = _rows(lock=True).where(alliance_members.c.alliance_id == alliance_id, _UNDER_WAY)
    return await _several(db, rows.order_by(alliance_members.c.id))


async def expired(db: Reading, now: datetime, limit: int) -> list[Membership]:
    """Some that nobody answered in time, locked; those somebody else is at work on left out."""
    rows = select(alliance_members).where(
        alliance_members.c.expires_at <= now, _UNDER_WAY, _of_ours()
    )
    rows = rows.order_by(alliance_members.c.expires_at).limit(limit)
    return await _several(db, rows.with_for_update(skip_locked=True))


async def add(db: Writing, membership: Membership) -> bool:
    """False where there is one under way already."""
    adding = insert(alliance_members).values(_columns(membership)).on_conflict_do_nothing()
    return await db.scalar(adding.returning(alliance_members.c.id)) is not None


async def keep(db: Writing, membership: Membership) -> None:
    """Of a membership that was locked when it was read."""
    await db.execute(
        alliance_members.update()
        .where(alliance_members.c.id == membership.id)
        .values(_columns(membership))
    )


async def count_of_active(db: Reading, alliance_id: str) -> int:
    found: int = (
        await db.execute(
            select(func.count()).where(
                alliance_members.c.alliance_id == alliance_id,
                alliance_members.c.status == MembershipStatus.ACTIVE,
            )
        )
    ).scalar_one()
    return found


def _of_ours() -> ColumnElement[bool]:
    """Of an alliance of this hub: what becomes of others' memberships is told by their hubs."""
    alliance = alliances.alias()
    ours = select(alliance.c.id).where(
        alliance.c.id == alliance_members.c.alliance_id, is_local(alliance.c.hub_id)
    )
    return exists(ours.correlate(alliance_members))


async def events_together(db: Reading, alliance_id: str, organization_id: str) -> list[str]:
    """Events shared with the alliance on which the organization is or was named."""
    rows = (
        select(event_shares.c.event_id)
        .join(event_hosts, event_hosts.c.event_id == event_shares.c.event_id)
        .where(
            event_shares.c.alliance_id == alliance_id,
            event_hosts.c.organization_id == organization_id,
        )
        .distinct()
    )
    return list(await db.scalars(rows))


async def unreviewed(
    db: Reading, today: date, statuses: Collection[AllianceStatus], limit: int
) -> Sequence[str]:
    """Some alliances in one of these states whose day of review has passed, locked."""
    rows = select(alliances.c.id).where(
        alliances.c.review_at < today,
        alliances.c.status.in_(sorted(statuses)),
        is_local(alliances.c.hub_id),
    )
    rows = rows.order_by(alliances.c.review_at, alliances.c.id).limit(limit)
    return (await db.scalars(rows.with_for_update(skip_locked=True))).all()


async def set_status(db: Writing, alliance_id: str, status: AllianceStatus, at: datetime) -> None:
    """Of an alliance that is locked."""
    await db.execute(
        alliances.update()
        .where(alliances.c.id == alliance_id)
        .values(status=status, version=alliances.c.version + 1, updated_at=at)
    )


def _rows(lock: bool) -> Select[Any]:
    rows = select(alliance_members)
    return rows.with_for_update() if lock else rows


async def _one(db: Reading, rows: Select[Any]) -> Membership | None:
    row = (await db.execute(rows)).mappings().one_or_none()
    return None if row is None else record(row)


async def _several(db: Reading, rows: Select[Any]) -> list[Membership]:
    return [record(row) for row in (await db.execute(rows)).mappings()]


def _columns(membership: Membership) -> Columns:
    return {
        "id": membership.id,
        "alliance_id": membership.alliance_id,
        "organization_id": membership.organization_id,
        "role": membership.role,
        "status": membership.status,
        "initiated_by": membership.initiated_by,
        "message": membership.message,
        "created_at": membership.created_at,
        "joined_at": membership.joined_at,
        "ended_at": membership.ended_at,
        "end_reason": membership.end_reason,
        "expires_at": membership.expires_at,
        "suspended_by": membership.suspended_by,
    }


def record(row: Row) -> Membership:
    return Membership(
        id=row["id"],
        alliance_id=row["alliance_id"],
        organization_id=row["organization_id"],
        role=AllianceRole(row["role"]),
        status=MembershipStatus(row["status"]),
        initiated_by=MembershipInitiator(row["initiated_by"]),
        message=row["message"],
        created_at=row["created_at"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        end_reason=row["end_reason"],
        expires_at=row["expires_at"],
        suspended_by=Party(row["suspended_by"]) if row["suspended_by"] else None,
    )
