"""The sites that may show an organization's dates in a frame, as rows."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select

from storage.embed_tables import embedding_sites
from storage.engine import Reading, Writing


async def sites_of(db: Reading, organization_id: str) -> tuple[str, ...]:
    """In order."""
    found = await db.scalars(
        select(embedding_sites.c.origin)
        .where(embedding_sites.c.organization_id == organization_id)
        .order_by(embedding_sites.c.origin)
    )
    return tuple(found)


async def allow(db: Writing, organization_id: str, origins: Collection[str], now: datetime) -> None:
    rows = [
        {"organization_id": organization_id, "origin": each, "allowed_at": now} for each in origins
    ]
    if rows:
        await db.execute(insert(embedding_sites), rows)


async def refuse(db: Writing, organization_id: str, origins: Collection[str]) -> None:
    await db.execute(
        delete(embedding_sites).where(
            embedding_sites.c.organization_id == organization_id,
            embedding_sites.c.origin.in_(origins),
        )
    )
