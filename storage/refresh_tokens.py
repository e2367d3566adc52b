"""Refresh tokens, as rows: one family for each authorization, each spent once for the next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.credential_tables import grants, refresh_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    digest: bytes
    grant_id: str
    client_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def of_digest(connection: Connection, digest: bytes) -> RefreshToken | None:
    row = (
        connection.execute(
            select(refresh_tokens, grants.c.client_id)
            .join(grants, grants.c.id == refresh_tokens.c.grant_id)
            .where(refresh_tokens.c.digest == digest)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else RefreshToken(**row)


def add(
    connection: Connection, digest: bytes, grant_id: str, now: datetime, expires_at: datetime
) -> None:
    connection.execute(
        insert(refresh_tokens).values(
            digest=digest, grant_id=grant_id, created_at=now, expires_at=expires_at
        )
    )


def spend(connection: Connection, digest: bytes, now: datetime) -> bool:
    """Whether it was unspent until now."""
    spent = connection.execute(
        update(refresh_tokens)
        .where(refresh_tokens.c.digest == digest, refresh_tokens.c.used_at.is_(None))
        .values(used_at=now)
    )
    return spent.rowcount == 1
