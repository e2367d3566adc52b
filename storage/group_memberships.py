"""People's places in groups, as rows. Those that ended are kept; one may be under way."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select

from domain.group_memberships import GroupMembership
from domain.groups import GroupRole
from domain.sharing import FINAL_STATUSES, MembershipStatus
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.tables import group_members, groups


async def by_id(db: Reading, membership_id: str) -> GroupMembership | None:
    found = await db.execute(select(group_members).where(group_members.c.id == membership_id))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def latest(db: Reading, group_id: str, person_id: str) -> GroupMembership | None:
    """The person's place that is under way, or else the one that ended last."""
    under_way = group_members.c.status.not_in(sorted(FINAL_STATUSES))
    found = await db.execute(
        select(group_members)
        .where(group_members.c.group_id == group_id, group_members.c.person_id == person_id)
        .order_by(
            under_way.desc(),
            group_members.c.ended_at.desc().nulls_last(),
            group_members.c.id.desc(),
        )
        .limit(1)
    )
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def role_of(db: Reading, group_id: str, person_id: str | None) -> GroupRole | None:
    """Of an active member."""
    if person_id is None:
        return None
    role = await db.scalar(
        select(group_members.c.role).where(
            group_members.c.group_id == group_id,
            group_members.c.person_id == person_id,
            group_members.c.status == MembershipStatus.ACTIVE,
        )
    )
    return None if role is None else GroupRole(role)


async def other_roles(db: Reading, group_id: str, person_id: str) -> Sequence[GroupRole]:
    """Of the active members beside this person, each role once."""
    found = await db.scalars(
        select(group_members.c.role)
        .where(
            group_members.c.group_id == group_id,
            group_members.c.person_id != person_id,
            group_members.c.status == MembershipStatus.ACTIVE,
        )
        .distinct()
    )
    return [GroupRole(role) for role in found]


async def is_in_a_group_of(db: Reading, organization_id: str, person_id: str) -> bool:
    membership = select(group_members.c.id).join(groups, groups.c.id == group_members.c.group_id)
    found = membership.where(
        groups.c.organization_id == organization_id,
        group_members.c.person_id == person_id,
        group_members.c.status == MembershipStatus.ACTIVE,
    )
    return bool(await db.scalar(select(exists(found))))


async def add(db: Writing, membership: GroupMembership) -> None:
    await db.execute(
        group_members.insert().values(
            id=membership.id,
            group_id=membership.group_id,
            person_id=membership.person_id,
            role=membership.role,
            status=membership.status,
            message=membership.message,
            asked_at=membership.asked_at,
            joined_at=membership.joined_at,
        )
    )


async def keep(db: Writing, membership_id: str, status: MembershipStatus, at: datetime) -> None:
    """Where it stands now: in the group since then, or ended then."""
    moment = {"joined_at": at} if status is MembershipStatus.ACTIVE else {}
    if status in FINAL_STATUSES:
        moment = {"ended_at": at}
    await db.execute(
        group_members.update()
        .where(group_members.c.id == membership_id)
        .values(status=status, **moment)
    )


async def change_role(db: Writing, group_id: str, person_id: str, role: GroupRole) -> None:
    await db.execute(
        group_members.update()
        .where(
            group_members.c.group_id == group_id,
            group_members.c.person_id == person_id,
            group_members.c.status == MembershipStatus.ACTIVE,
        )
        .values(role=role)
    )


def _record(row: Row) -> GroupMembership:
    return GroupMembership(
        id=row["id"],
        group_id=row["group_id"],
        person_id=row["person_id"],
        role=GroupRole(row["role"]),
        status=MembershipStatus(row["status"]),
        message=row["message"],
        asked_at=row["asked_at"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
    )
