"""Hubs, as rows. The local one is written once, at the first start."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from domain.hubs import SOFTWARE, LocalHub
from storage.engine import Reading, Writing
from storage.tables import hubs


def is_local(hub_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Of a thing, by its `hub_id`: it is this hub's own. Others' are changed by what their owners tell,
    and by nobody here (`storage.mirrors`)."""
    return hub_id == select(hubs.c.id).where(hubs.c.is_local).scalar_subquery()


async def local(db: Reading) -> LocalHub | None:
    found = await db.execute(
        select(hubs.c.id, hubs.c.authority, hubs.c.url, hubs.c.name).where(hubs.c.is_local)
    )
    row = found.one_or_none()
    return LocalHub(row.id, row.authority, row.url, row.name) if row is not None else None


async def add_local(db: Writing, hub: LocalHub, at: datetime) -> None:
    """Does nothing where another process was quicker: there is one local hub."""
    await db.execute(
        insert(hubs)
        .values(
            id=hub.id,
            authority=hub.authority,
            url=hub.url,
            name=hub.name,
            software=SOFTWARE,
            is_local=True,
            created_at=at,
        )
        .on_conflict_do_nothing()
    )


async def rename_local(db: Writing, url: str, name: str) -> None:
    """The address may change its scheme and the hub its name; never the authority."""
    await db.execute(
        hubs.update().where(hubs.c.is_local).values(url=url, name=name, software=SOFTWARE)
    )
