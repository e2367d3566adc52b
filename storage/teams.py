"""Who is in an organization's team, and in which role, as rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.actors import TeamRole
from storage.engine import Reading, Writing
from storage.tables import hubs, organizations, persons, team_members


@dataclass(frozen=True, slots=True)
class Organization:
    """Of this hub's own, as far as its team's pages name it."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    person_id: str
    name: str
    role: TeamRole
    since: datetime


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


async def organization_called(db: Reading, slug: str) -> Organization | None:
    found = await db.execute(
        select(organizations.c.id, organizations.c.slug, organizations.c.name)
        .join(hubs, hubs.c.id == organizations.c.hub_id)
        .where(organizations.c.slug == slug, hubs.c.is_local)
    )
    row = found.one_or_none()
    return None if row is None else Organization(*row)


async def hold(db: Writing, organization_id: str) -> None:
    """Nobody else changes its team until the end of the transaction. Always first, so that two who
    do so wait for each other and not in a circle; whoever only refers to the organization does not
    wait."""
    await db.execute(
        select(organizations.c.id)
        .where(organizations.c.id == organization_id)
        .with_for_update(key_share=True)
    )


async def members_of(db: Reading, organization_id: str) -> list[Member]:
    """Those who came first, first."""
    found = await db.execute(
        select(
            team_members.c.id,
            team_members.c.person_id,
            persons.c.display_name,
            team_members.c.role,
            team_members.c.since,
        )
        .join(persons, persons.c.id == team_members.c.person_id)
        .where(team_members.c.organization_id == organization_id)
        .order_by(team_members.c.since, team_members.c.id)
    )
    return [Member(row[0], row[1], row[2], TeamRole(row[3]), row[4]) for row in found.all()]


async def change_role(db: Writing, member_id: str, role: TeamRole) -> None:
    await db.execute(update(team_members).where(team_members.c.id == member_id).values(role=role))


async def remove(db: Writing, member_id: str) -> None:
    await db.execute(delete(team_members).where(team_members.c.id == member_id))
