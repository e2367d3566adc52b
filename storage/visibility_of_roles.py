"""In which role a person acts for their organization: `Viewer.acts_for`, said in SQL.

It is kept in the team, for people of this hub; for one of a peer hub in their authorization, where it
stands as their own hub last told it (docs/decisions/0037).
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select, true

from domain.actors import TeamRole
from storage.credential_tables import grants
from storage.tables import team_members
from storage.visibility import Eyes, own, own_hub, own_person
from storage.words import among, exists_for_row


def acts_as(eyes: Eyes, roles: Iterable[TeamRole]) -> ColumnElement[bool]:
    """The organization's own app, or a person in one of these roles. It says nothing of any row."""
    if not eyes.person:
        return true()
    if eyes.visiting:
        given = grants.alias()
        return exists_for_row(
            select(given.c.id).where(
                given.c.hub_id == own_hub(),
                given.c.person_id == own_person(),
                given.c.organization_id == own(),
                given.c.revoked_at.is_(None),
                among(given.c.role, roles),
            )
        )
    member = team_members.alias()
    return exists_for_row(
        select(member.c.id).where(
            member.c.organization_id == own(),
            member.c.person_id == own_person(),
            among(member.c.role, roles),
        )
    )
