"""Invitations into an organization's team, as rows. Of what the letter holds only a digest is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, insert, select, update

from domain.actors import TeamRole
from storage.account_tables import team_invitations
from storage.engine import Reading, Writing
from storage.tables import organizations, persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One that waits, or waited too long. Without `invited_by`, the hub's operator invited."""

    id: str
    organization_id: str
    slug: str
    organization_name: str
    address: str
    role: TeamRole
    invited_by: str | None
    inviter: str | None
    created_at: datetime
    expires_at: datetime


_WAITING = (
    select(
        team_invitations.c.id,
        team_invitations.c.organization_id,
        organizations.c.slug,
        organizations.c.name.label("organization_name"),
        team_invitations.c.address,
        team_invitations.c.role,
        team_invitations.c.invited_by,
        persons.c.display_name.label("inviter"),
        team_invitations.c.created_at,
        team_invitations.c.expires_at,
    )
    .join(organizations, organizations.c.id == team_invitations.c.organization_id)
    .outerjoin(persons, persons.c.id == team_invitations.c.invited_by)
    .where(team_invitations.c.ended_at.is_(None))
)


async def add(db: Writing, invitation: Invitation, digest: bytes) -> None:
    await db.execute(
        insert(team_invitations).values(
            id=invitation.id,
            organization_id=invitation.organization_id,
            address=invitation.address,
            role=invitation.role,
            invited_by=invitation.invited_by,
            digest=digest,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )
    )


async def of_digest(db: Reading, digest: bytes) -> Invitation | None:
    return await _found(db, team_invitations.c.digest == digest)


async def to_address(db: Reading, organization_id: str, address: str) -> Invitation | None:
    return await _found(
        db,
        team_invitations.c.organization_id == organization_id,
        team_invitations.c.address == address,
    )


async def by_id(db: Reading, organization_id: str, invitation_id: str) -> Invitation | None:
    return await _found(
        db,
        team_invitations.c.organization_id == organization_id,
        team_invitations.c.id == invitation_id,
    )


async def of_organization(db: Reading, organization_id: str) -> list[Invitation]:
    """Those that wait, or waited too long; the newest first."""
    found = await db.execute(
        _WAITING.where(team_invitations.c.organization_id == organization_id).order_by(
            team_invitations.c.created_at.desc(), team_invitations.c.id.desc()
        )
    )
    return [_record(row) for row in found.mappings()]


async def renew(db: Writing, invitation: Invitation, digest: bytes) -> None:
    """By another sender, until another day, with another link: the one before opens nothing more."""
    await db.execute(
        update(team_invitations)
        .where(team_invitations.c.id == invitation.id)
        .values(digest=digest, invited_by=invitation.invited_by, expires_at=invitation.expires_at)
    )


async def end(
    db: Writing, invitation_id: str, outcome: str, now: datetime, accepted_by: str | None = None
) -> bool:
    """Whether it waited until now."""
    ended = await db.execute(
        update(team_invitations)
        .where(team_invitations.c.id == invitation_id, team_invitations.c.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome, accepted_by=accepted_by)
    )
    return ended.rowcount > 0


async def _found(db: Reading, *which: ColumnElement[bool]) -> Invitation | None:
    row = (await db.execute(_WAITING.where(*which))).mappings().one_or_none()
    return None if row is None else _record(row)


def _record(row: RowMapping) -> Invitation:
    return Invitation(**{**row, "role": TeamRole(row["role"])})
