"""What devices without a keyboard wait for, as rows (RFC 8628). Of a device code a digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.credential_tables import clients, device_codes
from storage.credentials import CLIENTS, Client, client_in
from storage.engine import Reading, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    digest: bytes
    user_code: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    interval_seconds: int
    asked_at: datetime | None = None
    grant_id: str | None = None
    is_denied: bool = False
    used_at: datetime | None = None


# ── while the authorization server answers ───────────────────────────────────────────────────────


def add(connection: Connection, code: DeviceCode) -> bool:
    """False where another device shows that user code, which is rare: draw another."""
    adding = insert(device_codes).values(
        digest=code.digest,
        user_code=code.user_code,
        client_id=code.client_id,
        scopes=list(code.scopes),
        created_at=code.created_at,
        expires_at=code.expires_at,
        interval_seconds=code.interval_seconds,
    )
    added = connection.execute(adding.on_conflict_do_nothing(index_elements=["user_code"]))
    return added.rowcount > 0


def lock(connection: Connection, digest: bytes) -> DeviceCode | None:
    """For this transaction alone. Whoever goes on to its authorization locks that one after."""
    row = (
        connection.execute(
            select(device_codes).where(device_codes.c.digest == digest).with_for_update()
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else DeviceCode(**{**row, "scopes": tuple(row["scopes"])})


def note_asked(connection: Connection, digest: bytes, now: datetime, interval_seconds: int) -> None:
    connection.execute(
        update(device_codes)
        .where(device_codes.c.digest == digest)
        .values(asked_at=now, interval_seconds=interval_seconds)
    )


def spend(connection: Connection, digest: bytes, now: datetime) -> bool:
    """Whether it was unspent until now."""
    spent = connection.execute(
        update(device_codes)
        .where(device_codes.c.digest == digest, device_codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    return spent.rowcount == 1


# ── what a person sees and decides ───────────────────────────────────────────────────────────────


async def waiting(
    db: Reading, user_code: str, now: datetime
) -> tuple[Client, tuple[str, ...], datetime] | None:
    """The app, what it asks for, and until when it waits; None where nothing waits."""
    row = (
        (
            await db.execute(
                CLIENTS.join(device_codes, device_codes.c.client_id == clients.c.id)
                .add_columns(
                    device_codes.c.scopes.label("asked_scopes"),
                    device_codes.c.expires_at.label("waits_until"),
                )
                .where(*_waits(user_code, now), clients.c.revoked_at.is_(None))
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return client_in(row), tuple(row["asked_scopes"]), row["waits_until"]


async def hold(db: Writing, user_code: str, now: datetime) -> str | None:
    """The client that waits, until this transaction ends; None where nobody waits any more."""
    held = select(device_codes.c.client_id).where(*_waits(user_code, now)).with_for_update()
    client_id: str | None = await db.scalar(held)
    return client_id


async def answer(db: Writing, user_code: str, grant_id: str | None) -> None:
    """Of a device that is held: what it is allowed, or that it is not."""
    await db.execute(
        update(device_codes)
        .where(device_codes.c.user_code == user_code)
        .values(grant_id=grant_id, is_denied=grant_id is None)
    )


def _waits(user_code: str, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        device_codes.c.user_code == user_code,
        device_codes.c.expires_at > now,
        device_codes.c.grant_id.is_(None),
        device_codes.c.is_denied.is_(False),
    )
