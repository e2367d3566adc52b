"""Who is in an organization's team, and in which role, as rows."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.actors import TeamRole
from storage.engine import Reading, Writing
from storage.tables import team_members


async def role_of(db: Reading, organization_id: str, person_id: str) -> TeamRole | None:
    role = await db.scalar(
        select(team_members.c.role).where(
            team_members.c.organization_id == organization_id,
            team_members.c.person_id == person_id,
        )
    )
    return None if role is None else TeamRole(role)


async def give_role(
    db: Writing, member_id: str, organization_id: str, person_id: str, role: TeamRole, at: datetime
) -> None:
    """Whoever is not in the team comes into it; `member_id` is for them."""
    adding = insert(team_members).values(
        id=member_id, organization_id=organization_id, person_id=person_id, role=role, since=at
    )
    await db.execute(
        adding.on_conflict_do_update(
            index_elements=["organization_id", "person_id"], set_={"role": adding.excluded.role}
        )
    )
