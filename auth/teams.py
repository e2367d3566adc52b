"""An organization's team, by the people in it: who is there, in which role, and who goes.

Who may do what is in `domain/teams.py`; how somebody comes in is in `team_invitations.py`. Whoever
goes takes along every authorization they gave to act for the organization: no app of theirs speaks
for it a moment later.
"""

from dataclasses import dataclass

from auth.desk import Desk
from domain import teams
from domain.actors import TeamRole
from domain.errors import NotFound
from storage import authorizations, team_invitations
from storage import teams as stored
from storage.engine import Reading, Writing
from storage.sessions import Session
from storage.team_invitations import Invitation
from storage.teams import Member as Member  # by this name for the pages
from storage.teams import Organization as Organization


@dataclass(frozen=True, slots=True)
class Team:
    """As one of its people sees it: `role` is theirs, and invitations are for who keeps the team."""

    organization: Organization
    role: TeamRole
    members: tuple[Member, ...]
    invitations: tuple[Invitation, ...]


async def of(desk: Desk, session: Session, slug: str) -> Team:
    """Raises `NotFound` for whoever is not in it."""
    async with desk.database.reading(fresh=True) as db:
        organization, role = await place_of(db, slug, session)
        members = await stored.members_of(db, organization.id)
        waiting: list[Invitation] = []
        if teams.may_give(role):
            waiting = await team_invitations.of_organization(db, organization.id)
    return Team(organization, role, tuple(members), tuple(waiting))


async def change_role(
    desk: Desk, session: Session, slug: str, member_id: str, role: TeamRole
) -> None:
    async with desk.database.writing() as db:
        organization, mine = await held(db, slug, session)
        member, owners = await _member(db, organization, member_id)
        teams.require_change(mine, member.role, is_oneself=member.person_id == session.person_id)
        if member.role is role:
            return
        if role not in teams.lower_than(member.role) or member.person_id != session.person_id:
            teams.require_giving(mine, role)
        teams.require_another_owner(member.role, role, owners)
        await stored.change_role(db, member.id, role)
        await desk.note(
            db,
            "organization.team_role_changed",
            organization_id=organization.id,
            person_id=session.person_id,
            subject_id=member.id,
            part_of=organization.id,
            detail=f"{member.person_id} from {member.role} to {role}",
        )


async def remove(desk: Desk, session: Session, slug: str, member_id: str) -> None:
    """Somebody else, or oneself: then it is leaving."""
    async with desk.database.writing() as db:
        organization, mine = await held(db, slug, session)
        member, owners = await _member(db, organization, member_id)
        teams.require_change(mine, member.role, is_oneself=member.person_id == session.person_id)
        await _end(desk, db, session, organization, member, owners)


async def leave(desk: Desk, session: Session, slug: str) -> None:
    async with desk.database.writing() as db:
        organization, _ = await held(db, slug, session)
        members = await stored.members_of(db, organization.id)
        (me,) = (each for each in members if each.person_id == session.person_id)
        await _end(desk, db, session, organization, me, _owners(members))


async def place_of(db: Reading, slug: str, session: Session) -> tuple[Organization, TeamRole]:
    """One that is not there and one whose team they are not in are the same to them."""
    organization = await stored.organization_called(db, slug)
    if organization is None:
        raise NotFound(teams.NO_TEAM)
    role = await stored.role_of(db, organization.id, session.person_id)
    return organization, teams.require_member(role)


async def held(db: Writing, slug: str, session: Session) -> tuple[Organization, TeamRole]:
    """The same, and the team stays as it is until this transaction ends."""
    organization = await stored.organization_called(db, slug)
    if organization is None:
        raise NotFound(teams.NO_TEAM)
    await stored.hold(db, organization.id)
    return await place_of(db, slug, session)


async def _member(db: Reading, organization: Organization, member_id: str) -> tuple[Member, int]:
    """And how many owners there are."""
    members = await stored.members_of(db, organization.id)
    for member in members:
        if member.id == member_id:
            return member, _owners(members)
    raise NotFound("They are not in the team any more.", ("member",))


def _owners(members: list[Member]) -> int:
    return sum(member.role is TeamRole.OWNER for member in members)


async def _end(
    desk: Desk,
    db: Writing,
    session: Session,
    organization: Organization,
    member: Member,
    owners: int,
) -> None:
    teams.require_another_owner(member.role, None, owners)
    await stored.remove(db, member.id)
    await authorizations.end_of_person(
        db, member.person_id, "ORGANIZATION", desk.clock.now(), organization_id=organization.id
    )
    is_leaving = member.person_id == session.person_id
    await desk.note(
        db,
        "organization.team_left" if is_leaving else "organization.team_member_removed",
        organization_id=organization.id,
        person_id=session.person_id,
        subject_id=member.id,
        part_of=organization.id,
        detail=f"{member.person_id}, {member.role}",
    )
