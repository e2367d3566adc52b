"""Clients, their secrets and grants, and signing keys, as rows.

What the authorization server asks while it answers takes a plain `Connection`: Authlib is
synchronous, and runs inside `AsyncConnection.run_sync`, in the same one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    LargeBinary,
    RowMapping,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from storage.credential_tables import (
    client_secrets,
    clients,
    denied_tokens,
    grants,
    signing_keys,
)
from storage.engine import Reading, Writing
from storage.tables import audit_entries, hubs, organizations

LAST_USE_IS_KEPT_TO = timedelta(minutes=1)  # a busy client is not one write for each token


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    id: str
    organization_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    id: str
    client_id: str
    organization_id: str
    person_id: str | None
    scopes: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that may still ask, with what shows that it is the one."""

    client: Client
    grant_id: str
    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    kid: str
    purpose: str
    slot: str
    public_jwk: Mapping[str, Any]
    sealed_private_jwk: bytes
    created_at: datetime
    retired_at: datetime | None = None


# ── while the authorization server answers ───────────────────────────────────────────────────────


def known_client(connection: Connection, client_id: str, now: datetime) -> KnownClient | None:
    living = (
        select(func.array_agg(client_secrets.c.digest, type_=ARRAY(LargeBinary)))
        .where(
            client_secrets.c.client_id == clients.c.id,
            or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > now),
        )
        .scalar_subquery()
    )
    row = (
        connection.execute(
            select(clients, grants.c.id.label("grant_id"), living.label("digests"))
            .join(grants, grants.c.client_id == clients.c.id)
            .where(
                clients.c.id == client_id,
                clients.c.revoked_at.is_(None),
                grants.c.person_id.is_(None),
                grants.c.revoked_at.is_(None),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return KnownClient(_client(row), row["grant_id"], tuple(row["digests"] or ()))


def note_use(connection: Connection, client: Client, now: datetime) -> None:
    before = now - LAST_USE_IS_KEPT_TO
    if client.last_used_at is None or client.last_used_at <= before:
        connection.execute(
            update(clients)
            .where(
                clients.c.id == client.id,
                or_(clients.c.last_used_at.is_(None), clients.c.last_used_at <= before),
            )
            .values(last_used_at=now)
        )


# ── clients and grants ───────────────────────────────────────────────────────────────────────────


async def organization_called(db: Reading, slug: str) -> str | None:
    """The id of this hub's own organization of that name in addresses."""
    return await db.scalar(
        select(organizations.c.id)
        .join(hubs, hubs.c.id == organizations.c.hub_id)
        .where(organizations.c.slug == slug, hubs.c.is_local)
    )


async def add_client(db: Writing, client: Client, digest: bytes) -> None:
    await db.execute(
        insert(clients).values(
            id=client.id,
            organization_id=client.organization_id,
            name=client.name,
            scopes=list(client.scopes),
            created_at=client.created_at,
        )
    )
    await add_secret(db, client.id, digest, client.created_at)


async def add_grant(db: Writing, grant: Grant) -> None:
    await db.execute(
        insert(grants).values(
            id=grant.id,
            client_id=grant.client_id,
            organization_id=grant.organization_id,
            person_id=grant.person_id,
            scopes=list(grant.scopes),
            created_at=grant.created_at,
        )
    )


async def add_secret(db: Writing, client_id: str, digest: bytes, now: datetime) -> None:
    await db.execute(
        insert(client_secrets).values(digest=digest, client_id=client_id, created_at=now)
    )


async def let_secrets_end(db: Writing, client_id: str, now: datetime, at: datetime) -> None:
    """Those that would last longer end then; those that have ended are forgotten."""
    of_client = client_secrets.c.client_id == client_id
    await db.execute(delete(client_secrets).where(of_client, client_secrets.c.expires_at <= now))
    await db.execute(
        update(client_secrets)
        .where(
            of_client, or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > at)
        )
        .values(expires_at=at)
    )


async def lock_client(db: Writing, client_id: str) -> Client | None:
    """The client, for this transaction alone."""
    found = await db.execute(select(clients).where(clients.c.id == client_id).with_for_update())
    row = found.mappings().one_or_none()
    return None if row is None else _client(row)


async def revoke_client(db: Writing, client_id: str, now: datetime) -> None:
    """With every authorization it was given, and its secrets."""
    await db.execute(update(clients).where(clients.c.id == client_id).values(revoked_at=now))
    await db.execute(
        update(grants)
        .where(grants.c.client_id == client_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    await db.execute(delete(client_secrets).where(client_secrets.c.client_id == client_id))


async def clients_of(db: Reading, organization_id: str | None) -> list[Client]:
    """The newest first; of every organization where none is named."""
    statement = select(clients).order_by(clients.c.created_at.desc(), clients.c.id.desc())
    if organization_id is not None:
        statement = statement.where(clients.c.organization_id == organization_id)
    return [_client(row) for row in (await db.execute(statement)).mappings()]


async def note_change(
    db: Writing,
    *,
    entry_id: str,
    at: datetime,
    action: str,
    organization_id: str | None,
    client_id: str | None,
    person_id: str | None,
    request_id: str,
    detail: str | None,
) -> None:
    """In the record of who changed what."""
    await db.execute(
        insert(audit_entries).values(
            id=entry_id,
            at=at,
            action=action,
            organization_id=organization_id,
            client_id=client_id,
            person_id=person_id,
            request_id=request_id,
            detail=detail,
        )
    )


async def deny_token(db: Writing, jti: str, until: datetime, now: datetime) -> None:
    """Refuse one token before its time, and forget those whose time has come."""
    await db.execute(delete(denied_tokens).where(denied_tokens.c.expires_at <= now))
    denied = postgresql.insert(denied_tokens).values(jti=jti, expires_at=until)
    await db.execute(denied.on_conflict_do_nothing())


# ── signing keys ─────────────────────────────────────────────────────────────────────────────────


async def keys_of(db: Reading, purpose: str) -> list[KeyRow]:
    found = await db.execute(
        select(signing_keys)
        .where(signing_keys.c.purpose == purpose)
        .order_by(signing_keys.c.created_at, signing_keys.c.kid)
    )
    return [KeyRow(**row) for row in found.mappings()]


async def lock_ring(db: Writing, purpose: str) -> None:
    """One process at a time changes a ring, also where it has no row yet to lock."""
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"signing_keys:{purpose}"))))


async def add_keys(db: Writing, keys: Sequence[KeyRow]) -> None:
    for key in keys:
        await db.execute(
            insert(signing_keys).values(
                kid=key.kid,
                purpose=key.purpose,
                slot=key.slot,
                public_jwk=dict(key.public_jwk),
                sealed_private_jwk=key.sealed_private_jwk,
                created_at=key.created_at,
            )
        )


async def move_key(db: Writing, kid: str, slot: str, retired_at: datetime | None = None) -> None:
    await db.execute(
        update(signing_keys)
        .where(signing_keys.c.kid == kid)
        .values(slot=slot, retired_at=retired_at)
    )


async def forget_keys(db: Writing, kids: Sequence[str]) -> None:
    await db.execute(delete(signing_keys).where(signing_keys.c.kid.in_(kids)))


def _client(row: RowMapping) -> Client:
    return Client(
        id=row["id"],
        organization_id=row["organization_id"],
        name=row["name"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
