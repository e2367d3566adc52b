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
    and_,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from domain.apps import AuthMethod, GrantType, RegisteredBy
from storage.credential_tables import (
    client_secrets,
    clients,
    denied_tokens,
    device_codes,
    grants,
    signing_keys,
)
from storage.engine import Reading, Writing
from storage.tables import hubs, organizations

LAST_USE_IS_KEPT_TO = timedelta(minutes=1)  # a busy client is not one write for each token


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`organization_id` is None where it registered itself, or is a part of the hub; `person_id` is
    who of the team registered it."""

    id: str
    organization_id: str | None
    name: str
    scopes: tuple[str, ...]  # what it may ask for
    created_at: datetime
    organization_name: str | None = None  # read, and never written
    registered_by: RegisteredBy = RegisteredBy.OPERATOR
    person_id: str | None = None
    grant_types: tuple[GrantType, ...] = (GrantType.CLIENT_CREDENTIALS,)
    auth_method: AuthMethod = AuthMethod.SECRET_BASIC
    redirect_uris: tuple[str, ...] = ()
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    client_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One authorization. A person's has when and how they had shown who they are."""

    id: str
    client_id: str
    organization_id: str | None  # None: a peer hub's own
    person_id: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    hub_id: str | None = None  # of a peer, or of one of its people
    role: str | None = None  # of a peer's person, as their hub says
    authenticated_at: datetime | None = None
    methods: tuple[str, ...] = ()
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that may still ask, with what shows that it is the one. `grant_id` is the
    authorization of an app that acts without a person; None where it is no such app."""

    client: Client
    grant_id: str | None
    digests: tuple[bytes, ...]
    hub_id: str | None = None  # of a peer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    kid: str
    purpose: str
    slot: str
    public_jwk: Mapping[str, Any]
    sealed_private_jwk: bytes
    created_at: datetime
    retired_at: datetime | None = None


# Clients with the name of whose they are, as `client_in` reads them.
CLIENTS = select(clients, organizations.c.name.label("organization_name")).outerjoin(
    organizations, organizations.c.id == clients.c.organization_id
)


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
            CLIENTS.add_columns(
                grants.c.id.label("grant_id"), grants.c.hub_id, living.label("digests")
            )
            .outerjoin(
                grants,
                and_(
                    grants.c.client_id == clients.c.id,
                    grants.c.person_id.is_(None),
                    grants.c.revoked_at.is_(None),
                ),
            )
            .where(clients.c.id == client_id, clients.c.revoked_at.is_(None))
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return KnownClient(client_in(row), row["grant_id"], tuple(row["digests"] or ()), row["hub_id"])


def owner_of(connection: Connection, client_id: str) -> str | None:
    """The organization whose app it is."""
    found: str | None = connection.scalar(
        select(clients.c.organization_id).where(clients.c.id == client_id)
    )
    return found


def note_use(connection: Connection, client: Client, now: datetime) -> None:
    """Nobody waits for it: whoever has the row locked notes the same, or revokes the client."""
    before = now - LAST_USE_IS_KEPT_TO
    if client.last_used_at is None or client.last_used_at <= before:
        free = (
            select(clients.c.id)
            .where(
                clients.c.id == client.id,
                or_(clients.c.last_used_at.is_(None), clients.c.last_used_at <= before),
            )
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
        connection.execute(update(clients).where(clients.c.id == free).values(last_used_at=now))


# ── clients and grants ───────────────────────────────────────────────────────────────────────────


async def organization_called(db: Reading, slug: str) -> str | None:
    """The id of this hub's own organization of that name in addresses."""
    return await db.scalar(
        select(organizations.c.id)
        .join(hubs, hubs.c.id == organizations.c.hub_id)
        .where(organizations.c.slug == slug, hubs.c.is_local)
    )


async def add_client(db: Writing, client: Client, digest: bytes | None = None) -> None:
    """With the digest of its secret, where it has one."""
    await db.execute(insert(clients).values(row_of(client)))
    if digest is not None:
        await add_secret(db, client.id, digest, client.created_at)


async def add_grant(db: Writing, grant: Grant) -> None:
    await db.execute(
        insert(grants).values(
            id=grant.id,
            client_id=grant.client_id,
            organization_id=grant.organization_id,
            person_id=grant.person_id,
            hub_id=grant.hub_id,
            role=grant.role,
            scopes=list(grant.scopes),
            created_at=grant.created_at,
            authenticated_at=grant.authenticated_at,
            methods=list(grant.methods),
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


async def keep_built_in(db: Writing, client: Client) -> None:
    """Made, or brought up to date; one that was revoked stays so."""
    adding = postgresql.insert(clients).values(row_of(client))
    changed = {name: adding.excluded[name] for name in ("name", "scopes", "grant_types")}
    await db.execute(adding.on_conflict_do_update(index_elements=[clients.c.id], set_=changed))


async def client_called(db: Reading, client_id: str) -> Client | None:
    row = (await db.execute(CLIENTS.where(clients.c.id == client_id))).mappings().one_or_none()
    return None if row is None else client_in(row)


async def lock_client(db: Writing, client_id: str) -> Client | None:
    """The client, for this transaction alone."""
    found = await db.execute(CLIENTS.where(clients.c.id == client_id).with_for_update(of=clients))
    row = found.mappings().one_or_none()
    return None if row is None else client_in(row)


async def change_keys(db: Writing, client_id: str, jwks: Mapping[str, Any]) -> None:
    await db.execute(update(clients).where(clients.c.id == client_id).values(jwks=dict(jwks)))


async def revoke_client(db: Writing, client_id: str, now: datetime) -> None:
    """With every authorization it was given, and its secrets."""
    await db.execute(update(clients).where(clients.c.id == client_id).values(revoked_at=now))
    await db.execute(
        update(grants)
        .where(grants.c.client_id == client_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why="APP")
    )
    await db.execute(delete(client_secrets).where(client_secrets.c.client_id == client_id))


async def forget_unused(
    db: Writing, registered_by: RegisteredBy, before: datetime, limit: int
) -> int:
    """Clients registered until then that have no authorization; how many."""
    unused = select(clients.c.id).where(
        clients.c.registered_by == registered_by,
        clients.c.created_at < before,
        ~exists().where(grants.c.client_id == clients.c.id),
    )
    ids = list(await db.scalars(unused.limit(limit).with_for_update(skip_locked=True)))
    if not ids:
        return 0
    for table in (device_codes, client_secrets):
        await db.execute(delete(table).where(table.c.client_id.in_(ids)))
    await db.execute(delete(clients).where(clients.c.id.in_(ids)))
    return len(ids)


async def clients_of(db: Reading, organization_id: str | None) -> list[Client]:
    """The newest first; of every organization where none is named."""
    statement = CLIENTS.order_by(clients.c.created_at.desc(), clients.c.id.desc())
    if organization_id is not None:
        statement = statement.where(clients.c.organization_id == organization_id)
    return [client_in(row) for row in (await db.execute(statement)).mappings()]


async def deny_token(db: Writing, jti: str, until: datetime) -> bool:
    """Refuse one token before its time. Whether it was not refused before."""
    denied = postgresql.insert(denied_tokens).values(jti=jti, expires_at=until)
    return (await db.execute(denied.on_conflict_do_nothing())).rowcount > 0


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


def row_of(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "organization_id": client.organization_id,
        "name": client.name,
        "scopes": list(client.scopes),
        "registered_by": client.registered_by,
        "person_id": client.person_id,
        "grant_types": list(client.grant_types),
        "auth_method": client.auth_method,
        "redirect_uris": list(client.redirect_uris),
        "jwks": null() if client.jwks is None else dict(client.jwks),
        "jwks_uri": client.jwks_uri,
        "client_uri": client.client_uri,
        "policy_uri": client.policy_uri,
        "tos_uri": client.tos_uri,
        "created_at": client.created_at,
    }


def client_in(row: RowMapping) -> Client:
    return Client(
        id=row["id"],
        organization_id=row["organization_id"],
        name=row["name"],
        organization_name=row["organization_name"],
        scopes=tuple(row["scopes"]),
        registered_by=RegisteredBy(row["registered_by"]),
        person_id=row["person_id"],
        grant_types=tuple(GrantType(kind) for kind in row["grant_types"]),
        auth_method=AuthMethod(row["auth_method"]),
        redirect_uris=tuple(row["redirect_uris"]),
        jwks=row["jwks"],
        jwks_uri=row["jwks_uri"],
        client_uri=row["client_uri"],
        policy_uri=row["policy_uri"],
        tos_uri=row["tos_uri"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
