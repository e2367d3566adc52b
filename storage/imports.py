"""Where calendars are imported from, and what each entry of them said last, as rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from domain.importing import Key, Said
from domain.sharing import Visibility
from storage.engine import Reading, Writing
from storage.tables import (
    events,
    identifiers,
    import_items,
    import_sources,
    organizations,
)

ICS = "ICS"
_WAITS = ("lock", "statement")
_PATIENCE = "60s"  # for the one transaction


@dataclass(frozen=True, slots=True)
class Source:
    """`etag`, `last_modified` and `checksum` are of the last file that was taken in whole."""

    id: str
    organization_id: str
    location: str
    etag: str | None = None
    last_modified: str | None = None
    checksum: str | None = None
    last_run_at: datetime | None = None
    visibility: Visibility | None = None
    recent_runs: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    uid: str
    recurrence_id: str
    event_id: str
    checksum: str
    said: Said
    missing_since: datetime | None = None

    @property
    def key(self) -> Key:
        return self.uid, self.recurrence_id


@dataclass(frozen=True, slots=True)
class Left:
    """An entry that a source had, with what tells whether anybody should hear that it is gone."""

    item: Item
    title: str
    is_over: bool  # the whole event
    is_elsewhere: bool  # another source has it


# ── sources ──────────────────────────────────────────────────────────────────────────────────


async def source(db: Reading, organization_id: str, location: str) -> Source | None:
    found = await db.execute(
        select(import_sources).where(
            import_sources.c.organization_id == organization_id,
            import_sources.c.kind == ICS,
            import_sources.c.location == location,
        )
    )
    row = found.mappings().one_or_none()
    return None if row is None else _source(row)


async def ensure_source(db: Writing, source_id: str, organization_id: str, location: str) -> Source:
    """The source of that address or file, made where there is none; its row is held."""
    adding = insert(import_sources).values(
        id=source_id, organization_id=organization_id, kind=ICS, location=location
    )
    await db.execute(adding.on_conflict_do_nothing())
    found = await db.execute(
        select(import_sources)
        .where(
            import_sources.c.organization_id == organization_id,
            import_sources.c.kind == ICS,
            import_sources.c.location == location,
        )
        .with_for_update()
    )
    return _source(found.mappings().one())


async def keep_source(db: Writing, source_id: str, **values: Any) -> None:
    await db.execute(import_sources.update().where(import_sources.c.id == source_id).values(values))


async def hold(db: Writing, organization_id: str) -> None:
    """One import of an organization at a time: two would make one event twice. What else is
    written for it does not wait (the lock is weaker than a foreign key's check minds); an import
    waits for its turn, and takes longer over a statement, than a request may."""
    await db.execute(
        select(*(func.set_config(f"{what}_timeout", _PATIENCE, True) for what in _WAITS))
    )
    held = select(organizations.c.id).where(organizations.c.id == organization_id)
    await db.execute(held.with_for_update(key_share=True))


def _source(row: RowMapping) -> Source:
    return Source(
        id=row["id"],
        organization_id=row["organization_id"],
        location=row["location"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        checksum=row["checksum"],
        last_run_at=row["last_run_at"],
        visibility=None if row["visibility"] is None else Visibility(row["visibility"]),
        recent_runs=tuple(row["recent_runs"]),
    )


# ── entries ──────────────────────────────────────────────────────────────────────────────────


async def items(db: Reading, source_id: str, uids: Collection[str]) -> dict[Key, Item]:
    found = await db.execute(
        select(import_items).where(
            import_items.c.source_id == source_id, import_items.c.uid.in_(sorted(uids))
        )
    )
    return {item.key: item for item in map(_item, found.mappings())}


async def count_items(db: Reading, source_id: str) -> int:
    """Those that the source had when it was last read."""
    counting = (
        select(func.count())
        .select_from(import_items)
        .where(import_items.c.source_id == source_id, import_items.c.missing_since.is_(None))
    )
    count: int = (await db.execute(counting)).scalar_one()
    return count


async def keep_items(db: Writing, source_id: str, kept: Sequence[Item]) -> None:
    if not kept:
        return
    values = [
        {
            "source_id": source_id,
            "uid": item.uid,
            "recurrence_id": item.recurrence_id,
            "event_id": item.event_id,
            "checksum": item.checksum,
            "said": dict(item.said),
            "missing_since": item.missing_since,
        }
        for item in kept
    ]
    adding = insert(import_items)
    names = ("event_id", "checksum", "said", "missing_since")
    keeping = adding.on_conflict_do_update(
        index_elements=["source_id", "uid", "recurrence_id"],
        set_={name: adding.excluded[name] for name in names},
    )
    await db.execute(keeping, values)


async def said_of_events(
    db: Reading, event_ids: Collection[str]
) -> dict[tuple[str, str], list[Said]]:
    """By event and RECURRENCE-ID: what each source that brings it said last."""
    found = await db.execute(
        select(import_items.c.event_id, import_items.c.recurrence_id, import_items.c.said).where(
            import_items.c.event_id.in_(sorted(event_ids))
        )
    )
    said: dict[tuple[str, str], list[Said]] = {}
    for row in found:
        said.setdefault((row.event_id, row.recurrence_id), []).append(row.said)
    return said


async def left_out(db: Reading, source_id: str, now: datetime) -> list[Left]:
    """Every entry that the source ever had; the caller knows which of them it has today."""
    other = import_items.alias()
    elsewhere = select(other.c.event_id).where(
        other.c.event_id == import_items.c.event_id,
        other.c.recurrence_id == import_items.c.recurrence_id,
        other.c.source_id != source_id,
        other.c.missing_since.is_(None),
    )
    found = await db.execute(
        select(
            import_items,
            events.c.title,
            (events.c.over_at <= now).label("is_over"),
            elsewhere.exists().label("is_elsewhere"),
        )
        .join(events, events.c.id == import_items.c.event_id)
        .where(import_items.c.source_id == source_id)
        .order_by(import_items.c.uid, import_items.c.recurrence_id)
    )
    return [
        Left(_item(row), row["title"], row["is_over"], row["is_elsewhere"])
        for row in found.mappings()
    ]


async def mark_missing(db: Writing, source_id: str, keys: Collection[Key], since: datetime) -> None:
    if keys:
        missing = (
            import_items.update()
            .where(
                import_items.c.source_id == source_id,
                tuple_(import_items.c.uid, import_items.c.recurrence_id).in_(sorted(keys)),
            )
            .values(missing_since=since)
        )
        await db.execute(missing)


def _item(row: RowMapping) -> Item:
    return Item(
        uid=row["uid"],
        recurrence_id=row["recurrence_id"],
        event_id=row["event_id"],
        checksum=row["checksum"],
        said=row["said"],
        missing_since=row["missing_since"],
    )


# ── what is there already ────────────────────────────────────────────────────────────────────


async def named(db: Reading, organization_id: str, names: Collection[str]) -> dict[str, str]:
    """Events by their `ical` identifiers among those of the organization."""
    found = await db.execute(
        select(identifiers.c.value, identifiers.c.subject_id).where(
            identifiers.c.organization_id == organization_id,
            identifiers.c.system == "ical",
            identifiers.c.value.in_(sorted(names)),
        )
    )
    return {row.value: row.subject_id for row in found}


async def starting(
    db: Reading, organization_id: str, source_id: str | None, starts: Collection[datetime]
) -> list[tuple[datetime, str, str]]:
    """Start, title and id of the organization's events that begin then, those of the source not."""
    found = select(events.c.starts_at, events.c.title, events.c.id).where(
        events.c.organization_id == organization_id, events.c.starts_at.in_(sorted(starts))
    )
    if source_id is not None:
        own = select(import_items.c.event_id).where(import_items.c.source_id == source_id)
        found = found.where(events.c.id.not_in(own))
    rows = await db.execute(found.order_by(events.c.id))
    return [(row.starts_at, row.title, row.id) for row in rows]
