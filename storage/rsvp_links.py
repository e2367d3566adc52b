"""Links by which a guest without an account acts: sent by mail, good once, for some days.

Whoever holds the text of a link may follow it; here is only its SHA-256, which opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text, update

from storage.engine import Reading, Writing
from storage.tables import rsvp_links, rsvps


class Purpose(StrEnum):
    CONFIRM = "CONFIRM"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Link:
    rsvp_id: str
    purpose: Purpose
    wish: Mapping[str, Any]
    expires_at: datetime
    used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


async def add(
    db: Writing,
    secret: str,
    rsvp_id: str,
    purpose: Purpose,
    wish: Mapping[str, Any],
    now: datetime,
    expires_at: datetime,
) -> None:
    await db.execute(
        rsvp_links.insert().values(
            digest=_digest(secret),
            rsvp_id=rsvp_id,
            purpose=purpose,
            wish=dict(wish),
            created_at=now,
            expires_at=expires_at,
        )
    )


async def found(db: Reading, secret: str, purpose: Purpose, *, lock: bool = False) -> Link | None:
    rows = select(
        rsvp_links.c.rsvp_id,
        rsvp_links.c.purpose,
        rsvp_links.c.wish,
        rsvp_links.c.expires_at,
        rsvp_links.c.used_at,
    ).where(rsvp_links.c.digest == _digest(secret), rsvp_links.c.purpose == purpose)
    row = (await db.execute(rows.with_for_update() if lock else rows)).one_or_none()
    if row is None:
        return None
    return Link(row.rsvp_id, Purpose(row.purpose), row.wish, row.expires_at, row.used_at)


async def use(db: Writing, secret: str, now: datetime) -> None:
    await db.execute(
        update(rsvp_links).where(rsvp_links.c.digest == _digest(secret)).values(used_at=now)
    )


async def unconfirmed_since(db: Reading, email: str, since: datetime) -> int:
    """How many links were sent to the address since then that nobody has followed."""
    rows = (
        select(func.count())
        .select_from(rsvp_links.join(rsvps, rsvps.c.id == rsvp_links.c.rsvp_id))
        .where(
            func.lower(rsvps.c.guest_email) == email.lower(),
            rsvp_links.c.purpose == Purpose.CONFIRM,
            rsvp_links.c.created_at > since,
            rsvp_links.c.used_at.is_(None),
        )
    )
    return int(await db.scalar(rows) or 0)


async def one_at_a_time(db: Writing, email: str) -> None:
    """What is asked for the same address waits until the transaction ends, so that it is counted."""
    await db.execute(_LOCK, {"address": email.lower()})


_LOCK = text("select pg_advisory_xact_lock(hashtextextended('rsvp ' || :address, 0))")


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
