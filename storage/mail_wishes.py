"""Which readers want no letters about which organization, as rows; and what their links are signed
with."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.mail_wishes import Stop
from storage.engine import Reading, Writing
from storage.post_tables import mail_key, mail_refusals


async def key(db: Reading) -> bytes | None:
    found: bytes | None = await db.scalar(select(mail_key.c.key))
    return found


async def key_or_new(db: Writing, new: bytes) -> bytes:
    """The hub's; the first to write a letter makes it."""
    await db.execute(insert(mail_key).values(key=new).on_conflict_do_nothing())
    found: bytes = (await db.execute(select(mail_key.c.key))).scalar_one()
    return found


async def refuse(db: Writing, stop: Stop, now: datetime) -> bool:
    """Whether that was new."""
    added = await db.execute(
        insert(mail_refusals)
        .values(reader=stop.reader, organization_id=stop.organization_id, refused_at=now)
        .on_conflict_do_nothing()
    )
    return added.rowcount > 0


async def allow(db: Writing, stop: Stop) -> None:
    await db.execute(
        delete(mail_refusals).where(
            mail_refusals.c.reader == stop.reader,
            mail_refusals.c.organization_id == stop.organization_id,
        )
    )


async def refused(db: Reading, readers: Collection[bytes]) -> set[Stop]:
    """What these want no letters about."""
    if not readers:
        return set()
    found = await db.execute(
        select(mail_refusals.c.reader, mail_refusals.c.organization_id).where(
            mail_refusals.c.reader.in_(readers)
        )
    )
    return {Stop(bytes(row.reader), row.organization_id) for row in found}
