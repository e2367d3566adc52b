"""The secret addresses of people's own calendars, as rows: a digest each, which opens nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.account_tables import accounts
from storage.engine import Reading, Writing
from storage.post_tables import calendar_keys

_USED_EVERY = timedelta(hours=1)  # calendars ask all day


@dataclass(frozen=True, slots=True)
class Kept:
    made_at: datetime
    used_at: datetime | None


async def of_person(db: Reading, person_id: str) -> Kept | None:
    columns = select(calendar_keys.c.made_at, calendar_keys.c.used_at)
    row = (await db.execute(columns.where(calendar_keys.c.person_id == person_id))).one_or_none()
    return None if row is None else Kept(row.made_at, row.used_at)


async def keep(db: Writing, person_id: str, digest: bytes, now: datetime) -> None:
    """Instead of the one before, which opens nothing from then on."""
    values = {"digest": digest, "made_at": now, "used_at": None}
    adding = insert(calendar_keys).values(person_id=person_id, **values)
    await db.execute(adding.on_conflict_do_update(index_elements=["person_id"], set_=values))


async def remove(db: Writing, person_id: str) -> bool:
    """Whether there was one."""
    gone = await db.execute(delete(calendar_keys).where(calendar_keys.c.person_id == person_id))
    return gone.rowcount > 0


async def person_of(db: Reading, digest: bytes) -> str | None:
    """Whose calendar it opens, as long as their account is open."""
    found: str | None = await db.scalar(
        select(calendar_keys.c.person_id)
        .join(accounts, accounts.c.person_id == calendar_keys.c.person_id)
        .where(calendar_keys.c.digest == digest, accounts.c.closed_at.is_(None))
    )
    return found


async def note_used(db: Writing, digest: bytes, now: datetime) -> None:
    await db.execute(
        update(calendar_keys)
        .where(
            calendar_keys.c.digest == digest,
            or_(calendar_keys.c.used_at.is_(None), calendar_keys.c.used_at < now - _USED_EVERY),
        )
        .values(used_at=now)
    )
