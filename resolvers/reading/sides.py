"""On which side of a thing the viewer is: `Viewer.acts_for` and its like, said in SQL."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, select

from domain.actors import TeamRole
from domain.groups import GroupRole
from domain.sharing import MembershipStatus
from storage import tables as t
from storage.visibility import Eyes, own, own_person
from storage.visibility_of_roles import acts_as
from storage.words import exists_for_row, word


def acts_for(
    eyes: Eyes, organization_id: ColumnElement[str], roles: Iterable[TeamRole]
) -> ColumnElement[bool]:
    """Its own app, or a person of its team in one of these roles."""
    if not eyes.organization:
        return false()
    works_for: ColumnElement[bool] = organization_id == own()
    return and_(works_for, acts_as(eyes, roles)) if eyes.person else works_for


def administers(eyes: Eyes, group_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The viewer is an admin of the group."""
    if not eyes.person:
        return false()
    place = t.group_members.alias()
    mine = select(place.c.id).where(
        place.c.group_id == group_id,
        place.c.person_id == own_person(),
        place.c.status == word(MembershipStatus.ACTIVE),
        place.c.role == word(GroupRole.ADMIN),
    )
    return exists_for_row(mine)
