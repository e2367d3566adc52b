"""Acting in the console: what somebody who is signed in asks there for one of their organizations.

The console is an app of the hub's own (`auth/built_in.py`). It stands on an authorization like any
other app of a person, so that leaving the team, or an operator who revokes the console, ends it at
once; but it is given no token that could be lost: the session's cookie is what its person shows.
"""

from dataclasses import dataclass

from auth import scopes, sessions, teams
from auth.authenticate import presumed
from auth.authorizing import LONGEST
from auth.built_in import CONSOLE
from auth.desk import Desk
from auth.tokens import Bearer
from domain.actors import TeamRole, Viewer
from domain.errors import NotFound, Refused
from domain.teams import NO_TEAM
from storage import authorizations, credentials
from storage.credentials import Grant
from storage.sessions import Session


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody of the team, at work. The bearer is as good as that of a token just checked."""

    organization: teams.Organization
    role: TeamRole
    bearer: Bearer

    @property
    def presumed(self) -> Viewer:
        """Whom it speaks for, until somebody has looked how they stand."""
        return presumed(self.bearer)


async def for_organization(desk: Desk, session: Session, slug: str) -> Acting:
    """Raises `NotFound` for whoever is not in its team, `Refused` where the console is revoked."""
    since = desk.clock.now() - LONGEST
    async with desk.database.reading(fresh=True) as db:
        organization, role = await teams.place_of(db, slug, session)
        given = await authorizations.given_by(db, session.person_id, since, CONSOLE)
    for one in given:
        if one.grant.organization_id == organization.id and set(one.grant.scopes) >= set(_ALL):
            return Acting(organization, role, _bearer(desk, session, one.grant))
    grant = await _given(desk, session, organization)
    return Acting(organization, role, _bearer(desk, session, grant))


_ALL = scopes.in_order(scopes.FOR_PEOPLE)


async def _given(desk: Desk, session: Session, organization: teams.Organization) -> Grant:
    """The first time in this organization, and when there are new scopes."""
    grant = Grant(
        id=desk.named("grant"),
        client_id=CONSOLE,
        organization_id=organization.id,
        person_id=session.person_id,
        scopes=_ALL,
        created_at=desk.clock.now(),
        authenticated_at=session.authenticated_at,
        methods=session.methods,
    )
    async with desk.database.writing() as db:
        if not await authorizations.hold_client(db, CONSOLE):
            raise Refused("The operator of this hub has switched the console off. Ask them.")
        if not await authorizations.hold_team(db, session.person_id, organization.id):
            raise NotFound(NO_TEAM)
        await credentials.add_grant(db, grant)
        await desk.note(
            db,
            "console.opened",
            organization_id=organization.id,
            client_id=CONSOLE,
            person_id=session.person_id,
        )
    return grant


def _bearer(desk: Desk, session: Session, grant: Grant) -> Bearer:
    """What binds an organization takes somebody who showed who they are a moment ago (step-up)."""
    is_fresh = sessions.is_fresh(desk, session)
    return Bearer(
        subject=session.person_id,
        client_id=CONSOLE,
        organization_id=grant.organization_id,
        grant_id=grant.id,
        scopes=frozenset(
            name for name in grant.scopes if is_fresh or not scopes.need_fresh((name,))
        ),
        jti=session.id,
        expires_at=0,  # with the session, which is looked at for each page
        kid="",
    )
