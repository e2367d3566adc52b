"""What this hub says of a person to another hub, from rows: what they are called, in which role they
stand in a team, and since when it is known that it is them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from domain.actors import TeamRole, Viewer
from storage.account_tables import accounts
from storage.credential_tables import grants
from storage.engine import Reading
from storage.tables import hubs, organizations, persons, team_members


@dataclass(frozen=True, slots=True)
class Known:
    display_name: str
    role: TeamRole
    authenticated_at: datetime | None
    methods: tuple[str, ...]


async def known(db: Reading, viewer: Viewer) -> Known | None:
    """None where they are in no team of that organization of this hub, or their account is closed.
    How they were known is of what they last let their app do."""
    row = (
        await db.execute(
            select(
                persons.c.display_name,
                team_members.c.role,
                grants.c.authenticated_at,
                grants.c.methods,
            )
            .join(team_members, team_members.c.person_id == persons.c.id)
            .join(organizations, organizations.c.id == team_members.c.organization_id)
            .join(hubs, hubs.c.id == organizations.c.hub_id)
            .outerjoin(accounts, accounts.c.person_id == persons.c.id)
            .outerjoin(
                grants,
                and_(
                    grants.c.person_id == persons.c.id,
                    grants.c.organization_id == organizations.c.id,
                    grants.c.client_id == viewer.client_id,
                    grants.c.hub_id.is_(None),
                    grants.c.revoked_at.is_(None),
                ),
            )
            .where(
                persons.c.id == viewer.person_id,
                organizations.c.id == viewer.organization_id,
                hubs.c.is_local,
                accounts.c.closed_at.is_(None),
            )
            .order_by(grants.c.authenticated_at.desc().nulls_last(), grants.c.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return Known(
        row.display_name, TeamRole(row.role), row.authenticated_at, tuple(row.methods or ())
    )
