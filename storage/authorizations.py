"""What people let apps do, as rows: their authorizations, and the codes that carry one to its app.

Whoever spends something of an authorization locks its row first (`lock`), and looks at what is to
be spent after that: of twenty at once, one finds it unspent, and no two wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, insert, select, update

from storage.account_tables import accounts
from storage.credential_tables import authorization_codes, clients, grants
from storage.credentials import CLIENTS, LAST_USE_IS_KEPT_TO, Client, Grant, client_in
from storage.engine import Reading, Writing
from storage.tables import hubs, organizations, team_members


@dataclass(frozen=True, slots=True)
class Team:
    """An organization of this hub, and the role somebody has in its team."""

    organization_id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Given:
    """An authorization with the app it was given to, and for which organization."""

    client: Client
    grant: Grant
    team: Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    grant_id: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """An authorization, locked. `may_act` is whether its person still may speak for its
    organization; one without a person always may."""

    grant: Grant
    may_act: bool


# Whoever speaks for an organization is in its team, and their account is open.
_IN_TEAM = and_(
    team_members.c.person_id == grants.c.person_id,
    team_members.c.organization_id == grants.c.organization_id,
)

_HELD = (
    select(grants, team_members.c.role.label("role_in_team"), accounts.c.closed_at)
    .outerjoin(team_members, _IN_TEAM)
    .outerjoin(accounts, accounts.c.person_id == grants.c.person_id)
)


# ── while the authorization server answers ───────────────────────────────────────────────────────


def lock(connection: Connection, grant_id: str) -> Held:
    """The authorization, for this transaction alone."""
    return _held(connection, _HELD.where(grants.c.id == grant_id).with_for_update(of=grants))


def look(connection: Connection, grant_id: str) -> Held:
    """The authorization, as it is now."""
    return _held(connection, _HELD.where(grants.c.id == grant_id))


def code_of(connection: Connection, digest: bytes) -> Code | None:
    row = (
        connection.execute(
            select(
                *(column for column in authorization_codes.c if column.name != "digest"),
                grants.c.client_id,
            )
            .join(grants, grants.c.id == authorization_codes.c.grant_id)
            .where(authorization_codes.c.digest == digest)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else Code(**row)


def spend_code(connection: Connection, digest: bytes, now: datetime) -> bool:
    """Whether it was unspent until now."""
    spent = connection.execute(
        update(authorization_codes)
        .where(authorization_codes.c.digest == digest, authorization_codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    return spent.rowcount == 1


def revoke(connection: Connection, grant_id: str, why: str, now: datetime) -> bool:
    """Everything issued under it ends. Whether it had not ended before."""
    return connection.execute(_ended(grants.c.id == grant_id, why, now)).rowcount > 0


def note_use(connection: Connection, grant: Grant, now: datetime) -> None:
    """Of an authorization that is locked."""
    if grant.last_used_at is None or grant.last_used_at <= now - LAST_USE_IS_KEPT_TO:
        connection.execute(update(grants).where(grants.c.id == grant.id).values(last_used_at=now))


# ── what a person sees and decides ───────────────────────────────────────────────────────────────


async def teams_of(db: Reading, person_id: str) -> list[Team]:
    """Of this hub's own organizations, by name."""
    found = await db.execute(
        select(organizations.c.id, organizations.c.name, team_members.c.role)
        .join(team_members, team_members.c.organization_id == organizations.c.id)
        .join(hubs, hubs.c.id == organizations.c.hub_id)
        .where(team_members.c.person_id == person_id, hubs.c.is_local)
        .order_by(organizations.c.name, organizations.c.id)
    )
    return [Team(*row) for row in found]


async def hold_client(db: Writing, client_id: str) -> bool:
    """Whether it may still ask; if so, until this transaction ends."""
    held = await db.scalar(
        select(clients.c.id)
        .where(clients.c.id == client_id, clients.c.revoked_at.is_(None))
        .with_for_update(key_share=True, read=True)
    )
    return held is not None


async def hold_team(db: Writing, person_id: str, organization_id: str) -> bool:
    """Whether the person is in the team of that organization of this hub; if so, until this
    transaction ends: whoever leaves meanwhile ends what is allowed here, too."""
    held = await db.scalar(
        select(team_members.c.id)
        .join(organizations, organizations.c.id == team_members.c.organization_id)
        .join(hubs, hubs.c.id == organizations.c.hub_id)
        .where(
            team_members.c.person_id == person_id,
            team_members.c.organization_id == organization_id,
            hubs.c.is_local,
        )
        .with_for_update(read=True, of=team_members)
    )
    return held is not None


async def add_code(db: Writing, digest: bytes, code: Code) -> None:
    await db.execute(
        insert(authorization_codes).values(
            digest=digest,
            grant_id=code.grant_id,
            redirect_uri=code.redirect_uri,
            code_challenge=code.code_challenge,
            nonce=code.nonce,
            created_at=code.created_at,
            expires_at=code.expires_at,
        )
    )


async def given_by(
    db: Reading, person_id: str, since: datetime, client_id: str | None = None
) -> list[Given]:
    """The authorizations that last, given after `since`; the newest first."""
    speaks_for = organizations.alias("speaks_for")
    asked = (
        CLIENTS.join(grants, grants.c.client_id == clients.c.id)
        .join(speaks_for, speaks_for.c.id == grants.c.organization_id)
        .join(team_members, _IN_TEAM)
        .add_columns(
            speaks_for.c.name.label("speaks_for"),
            team_members.c.role,
            *(column.label(f"grant_{column.name}") for column in grants.c),
        )
        .where(
            grants.c.person_id == person_id,
            grants.c.revoked_at.is_(None),
            clients.c.revoked_at.is_(None),
            grants.c.created_at > since,
        )
        .order_by(grants.c.created_at.desc(), grants.c.id.desc())
    )
    if client_id is not None:
        asked = asked.where(clients.c.id == client_id)
    rows = (await db.execute(asked)).mappings().all()
    return [
        Given(
            client_in(row),
            grant_of(row, "grant_"),
            Team(row["grant_organization_id"], row["speaks_for"], row["role"]),
        )
        for row in rows
    ]


async def end_of_person(
    db: Writing,
    person_id: str,
    why: str,
    now: datetime,
    *,
    client_id: str | None = None,
    organization_id: str | None = None,
) -> Sequence[str]:
    """All that the person gave, to that client or any, for that organization or any; their ids."""
    those = [grants.c.person_id == person_id]
    if client_id is not None:
        those.append(grants.c.client_id == client_id)
    if organization_id is not None:
        those.append(grants.c.organization_id == organization_id)
    # In one order, so that two who end the same do not wait for each other.
    ordered = select(grants.c.id).where(*those, grants.c.revoked_at.is_(None)).order_by(grants.c.id)
    ids = list(await db.scalars(ordered.with_for_update()))
    if ids:
        await db.execute(_ended(grants.c.id.in_(ids), why, now))
    return ids


def grant_of(row: RowMapping, prefix: str = "") -> Grant:
    return Grant(
        id=row[f"{prefix}id"],
        client_id=row[f"{prefix}client_id"],
        organization_id=row[f"{prefix}organization_id"],
        person_id=row[f"{prefix}person_id"],
        hub_id=row[f"{prefix}hub_id"],
        role=row[f"{prefix}role"],
        scopes=tuple(row[f"{prefix}scopes"]),
        created_at=row[f"{prefix}created_at"],
        authenticated_at=row[f"{prefix}authenticated_at"],
        methods=tuple(row[f"{prefix}methods"]),
        last_used_at=row[f"{prefix}last_used_at"],
        revoked_at=row[f"{prefix}revoked_at"],
    )


def _held(connection: Connection, statement: Select[Any]) -> Held:
    row = connection.execute(statement).mappings().one()
    in_team = row["role_in_team"] is not None and row["closed_at"] is None
    return Held(grant_of(row), row["person_id"] is None or in_team)


def _ended(which: ColumnElement[bool], why: str, now: datetime) -> Any:
    return (
        update(grants)
        .where(which, grants.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why=why)
    )
