"""The apps of an organization, for the people who look after its team: see, register, change, end.

Whoever is not in the team learns nothing of its apps: they are `NotFound`. The page asks for a fresh
sign-in before any change (`web/account/apps.py`).
"""

from datetime import timedelta

from auth import app_wishes, clients
from auth.app_wishes import Wish
from auth.clients import OVERLAP, Registered, WithSecret
from auth.desk import Desk
from domain.apps import RegisteredBy, may_keep
from domain.errors import Invalid, NotFound, Refused
from domain.words import say
from storage import credentials, teams
from storage.credentials import Client
from storage.engine import Reading, Writing
from storage.sessions import Session

# So that one person's mistake does not fill the hub.
MOST_IN_USE = 200


async def of_organization(desk: Desk, session: Session, organization_id: str) -> list[Client]:
    """The newest first, revoked ones too."""
    async with desk.database.reading(fresh=True) as db:
        await _require_keeper(db, session, organization_id)
        return await credentials.clients_of(db, organization_id)


async def register_for(
    desk: Desk, session: Session, organization_id: str, wish: Wish
) -> Registered:
    async with desk.database.writing() as db:
        await _require_keeper(db, session, organization_id)
        checked = app_wishes.checked(wish, RegisteredBy.TEAM)
        of_team = await credentials.clients_of(db, organization_id)
        if sum(client.revoked_at is None for client in of_team) >= MOST_IN_USE:
            raise Invalid(
                say("%(most)s apps are in use. Revoke those that are not needed.", most=MOST_IN_USE)
            )
        return await clients.add(
            desk, db, checked, RegisteredBy.TEAM, organization_id, session.person_id
        )


async def rotate_for(
    desk: Desk, session: Session, client_id: str, overlap: timedelta = OVERLAP
) -> WithSecret:
    """A new secret; the one in use goes on for the overlap, so that nothing stops."""
    async with desk.database.writing() as db:
        client = await _kept_by(db, session, client_id)
        return await clients.rotate(desk, db, client, overlap, session.person_id)


async def change_keys_for(desk: Desk, session: Session, client_id: str, jwks: object) -> Client:
    async with desk.database.writing() as db:
        client = await _kept_by(db, session, client_id)
        return await clients.change_keys(desk, db, client, jwks, session.person_id)


async def revoke_for(desk: Desk, session: Session, client_id: str) -> Client:
    """It gets no more tokens, and those it holds end at once. Twice is as good as once."""
    async with desk.database.writing() as db:
        client = await _kept_by(db, session, client_id)
        return await clients.revoke(desk, db, client, session.person_id)


async def _kept_by(db: Writing, session: Session, client_id: str) -> Client:
    """The client, locked. Of another's team, or of nobody's, it is as if it were not there."""
    client = await credentials.lock_client(db, client_id)
    if client is None or client.organization_id is None:
        raise _no_such_app()
    role = await teams.role_of(db, client.organization_id, session.person_id)
    if role is None:
        raise _no_such_app()
    await _require_keeper(db, session, client.organization_id)
    return client


async def _require_keeper(db: Reading, session: Session, organization_id: str) -> None:
    role = await teams.role_of(db, organization_id, session.person_id)
    if role is None:
        raise NotFound("You are not in the team of that organization.", ("organization",))
    if not may_keep(role):
        raise Refused("Only an OWNER or ADMIN of the team looks after its apps.")


def _no_such_app() -> NotFound:
    return NotFound("There is no such app of your organization.", ("client",))
