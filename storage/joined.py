"""That somebody here joined an alliance of another hub for their organization, as rows.

A mirror believes that an organization of ours is a member elsewhere only where there is one.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Reading, Writing
from storage.peer_tables import joined_elsewhere
from storage.tables import agreements, alliance_members


async def alliance_of_membership(db: Reading, membership_id: str) -> tuple[str, str] | None:
    """The alliance and the organization of that place, as they are known here."""
    row = (
        await db.execute(
            select(alliance_members.c.alliance_id, alliance_members.c.organization_id).where(
                alliance_members.c.id == membership_id
            )
        )
    ).one_or_none()
    return None if row is None else (row.alliance_id, row.organization_id)


async def alliance_of_agreement(db: Reading, agreement_id: str) -> str | None:
    return await db.scalar(select(agreements.c.alliance_id).where(agreements.c.id == agreement_id))


async def add(
    db: Writing, alliance_id: str, organization_id: str, person_id: str | None, at: datetime
) -> bool:
    """Whether nobody had before."""
    added = await db.execute(
        insert(joined_elsewhere)
        .values(
            alliance_id=alliance_id, organization_id=organization_id, person_id=person_id, at=at
        )
        .on_conflict_do_nothing()
    )
    return added.rowcount > 0


async def remove(db: Writing, alliance_id: str, organization_id: str) -> None:
    await db.execute(
        delete(joined_elsewhere).where(
            joined_elsewhere.c.alliance_id == alliance_id,
            joined_elsewhere.c.organization_id == organization_id,
        )
    )
