"""What two entries of one event have beside them, brought together and told apart again, as rows.

Nothing is lost on the way: `event_merges` keeps what was where. Whoever calls holds both events.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_, update

from domain.events import EventHostRole, EventHostStatus
from domain.ids import Kind, Names
from domain.policy import CONCERNED
from domain.sharing import AttendeeSharing, HostEditing
from storage.engine import Reading, Writing
from storage.tables import (
    event_hosts,
    event_merges,
    event_shares,
    events,
    identifiers,
    import_items,
    import_sources,
    organizations,
)
from storage.words import among

Moved = dict[str, Any]  # as JSON
ACCEPTED = EventHostStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Merge:
    duplicate_id: str
    into_id: str
    merged_at: datetime
    moved: Moved


async def importers(db: Reading, event_ids: Collection[str]) -> dict[str, set[str]]:
    """By event: the organizations whose calendars bring it."""
    rows = (
        select(import_items.c.event_id, import_sources.c.organization_id)
        .join(import_sources, import_sources.c.id == import_items.c.source_id)
        .where(import_items.c.event_id.in_(sorted(event_ids)))
        .distinct()
    )
    found: dict[str, set[str]] = {event_id: set() for event_id in event_ids}
    for row in await db.execute(rows):
        found[row.event_id].add(row.organization_id)
    return found


async def hold_imports(db: Writing, event_ids: Collection[str]) -> None:
    """No calendar of those that bring these events, or of their hosts, is being read meanwhile: an
    import holds its organization too, before it holds an event (`storage.imports.hold`)."""
    hosts = select(events.c.organization_id).where(events.c.id.in_(sorted(event_ids)))
    bringing = set().union(*(await importers(db, event_ids)).values())
    whose = bringing | set(await db.scalars(hosts))
    await db.execute(
        select(organizations.c.id)
        .where(organizations.c.id.in_(sorted(whose)))
        .order_by(organizations.c.id)
        .with_for_update(key_share=True)
    )


async def of_one_hub(db: Reading, event_ids: Collection[str], hub_id: str) -> bool:
    """All of them are this hub's own."""
    others = select(func.count()).where(
        events.c.id.in_(sorted(event_ids)), events.c.hub_id != hub_id
    )
    return not await db.scalar(others)


async def of_duplicate(db: Reading, duplicate_id: str) -> Merge | None:
    rows = select(event_merges).where(event_merges.c.duplicate_id == duplicate_id)
    row = (await db.execute(rows)).one_or_none()
    return None if row is None else Merge(row.duplicate_id, row.into_id, row.merged_at, row.moved)


async def merged_into(db: Reading, event_id: str) -> list[str]:
    rows = select(event_merges.c.duplicate_id).where(event_merges.c.into_id == event_id)
    return list(await db.scalars(rows.order_by(event_merges.c.duplicate_id)))


async def add(db: Writing, merge: Merge) -> None:
    await db.execute(
        event_merges.insert().values(
            duplicate_id=merge.duplicate_id,
            into_id=merge.into_id,
            merged_at=merge.merged_at,
            moved=merge.moved,
        )
    )


async def forget(db: Writing, duplicate_id: str) -> None:
    await db.execute(event_merges.delete().where(event_merges.c.duplicate_id == duplicate_id))


async def replace(db: Writing, duplicate_id: str, into_id: str, at: datetime) -> None:
    await db.execute(
        update(events)
        .where(events.c.id == duplicate_id)
        .values(replaced_by_id=into_id, updated_at=at)
    )


async def stand_alone(db: Writing, duplicate_id: str, into_id: str, at: datetime) -> None:
    """Its version is now higher than any that calendars were told while the other stood for it."""
    other = select(events.c.version).where(events.c.id == into_id).scalar_subquery()
    await db.execute(
        update(events)
        .where(events.c.id == duplicate_id)
        .values(replaced_by_id=None, version=events.c.version + other + 1, updated_at=at)
    )


# ── feeds and names ──────────────────────────────────────────────────────────────────────────


async def move_items(db: Writing, from_id: str, to_id: str) -> list[Moved]:
    """The next import of each feed finds the event that stays. With what each entry said: a feed
    that changed since must be read again, where they are told apart."""
    item = import_items.c
    moving = (
        update(import_items)
        .where(item.event_id == from_id)
        .values(event_id=to_id)
        .returning(item.source_id, item.uid, item.recurrence_id, item.checksum, item.said)
    )
    rows = (await db.execute(moving)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


async def return_items(db: Writing, moved: Sequence[Moved], from_id: str, to_id: str) -> None:
    item = import_items.c
    reread: set[str] = set()
    for one in moved:
        here = update(import_items).where(
            item.source_id == one["source_id"],
            item.uid == one["uid"],
            item.recurrence_id == one["recurrence_id"],
            item.event_id == from_id,
        )
        as_it_was = here.where(item.checksum == one["checksum"]).values(event_id=to_id)
        if (await db.execute(as_it_was.returning(item.uid))).one_or_none() is not None:
            continue
        # What it said since went to the other event; the next run tells this one of it.
        said_more = here.values(event_id=to_id, checksum="", said=one["said"])
        if (await db.execute(said_more.returning(item.uid))).one_or_none() is not None:
            reread.add(one["source_id"])
    if reread:
        await db.execute(
            update(import_sources)
            .where(import_sources.c.id.in_(sorted(reread)))
            .values(checksum=None, etag=None, last_modified=None)
        )


async def move_identifiers(db: Writing, from_id: str, to_id: str) -> list[list[str]]:
    name = identifiers.c
    moving = (
        update(identifiers)
        .where(name.subject_id == from_id)
        .values(subject_id=to_id)
        .returning(name.organization_id, name.system, name.value)
    )
    return [list(row) for row in await db.execute(moving)]


async def return_identifiers(
    db: Writing, moved: Sequence[Sequence[str]], from_id: str, to_id: str
) -> None:
    name = identifiers.c
    keys = [tuple(one) for one in moved]
    if keys:
        await db.execute(
            update(identifiers)
            .where(
                tuple_(name.organization_id, name.system, name.value).in_(keys),
                name.subject_id == from_id,
            )
            .values(subject_id=to_id)
        )


# ── whom it is shared with ───────────────────────────────────────────────────────────────────


async def unite_shares(
    db: Writing, into_id: str, alliance_ids: Collection[str], at: datetime
) -> list[str]:
    """Those that were new."""
    if not alliance_ids:
        return []
    known = set(
        await db.scalars(
            select(event_shares.c.alliance_id).where(event_shares.c.event_id == into_id)
        )
    )
    new = sorted(set(alliance_ids) - known)
    if new:
        values = [{"event_id": into_id, "alliance_id": one, "shared_at": at} for one in new]
        await db.execute(event_shares.insert(), values)
    return new


# ── who hosts it ─────────────────────────────────────────────────────────────────────────────


async def bring_hosts(
    db: Writing, names: Names, from_id: str, to_id: str, at: datetime
) -> tuple[list[Moved], list[Moved]]:
    """Whoever accepted a place on the one has accepted the event: their places on the other, made
    anew, or accepted where they were still asked for."""
    place = event_hosts.c
    there = {
        row["organization_id"]: row
        for row in (
            await db.execute(
                select(event_hosts)
                .where(place.event_id == to_id, among(place.status, CONCERNED))
                .order_by(place.id)
                .with_for_update()
            )
        ).mappings()
    }
    rows = await db.execute(
        select(event_hosts)
        .where(place.event_id == from_id, place.status == ACCEPTED)
        .order_by(place.created_at, place.id)
    )
    added, accepted = [], []
    for row in rows.mappings().all():
        standing = there.get(row["organization_id"])
        if standing is None:
            new_id = names.new(Kind.EVENT_HOST)
            await db.execute(event_hosts.insert().values(_place(row, new_id, to_id)))
            added.append({"id": new_id, "of": row["id"]})
        elif standing["status"] != ACCEPTED:
            await db.execute(
                update(event_hosts)
                .where(place.id == standing["id"])
                .values(status=ACCEPTED, expires_at=None, responded_at=row["responded_at"] or at)
            )
            expires_at = standing["expires_at"]
            accepted.append(
                {
                    "id": standing["id"],
                    "status": standing["status"],
                    "expires_at": expires_at.isoformat() if expires_at else None,
                }
            )
    return added, accepted


def _place(row: Mapping[Any, Any], new_id: str, to_id: str) -> Moved:
    """The host of the duplicate is a co-host of the event that stays, as any other."""
    copied = {
        name: row[name]
        for name in (
            *("organization_id", "role", "status", "initiated_by", "via_alliance_id", "may_edit"),
            *("attendee_sharing", "message", "created_at", "responded_at"),
        )
    }
    if row["role"] == EventHostRole.HOST:
        copied |= {
            "role": EventHostRole.CO_HOST,
            "may_edit": HostEditing.DETAILS,
            "attendee_sharing": AttendeeSharing.AGGREGATE_ONLY,
        }
    return {**copied, "id": new_id, "event_id": to_id}


async def return_hosts(db: Writing, added: Sequence[Moved], accepted: Sequence[Moved]) -> None:
    """Whoever left since has left: that holds for the place it was made of as well."""
    place = event_hosts.c
    for one in added:
        gone = event_hosts.delete().where(place.id == one["id"], place.status == ACCEPTED)
        if (await db.execute(gone.returning(place.id))).one_or_none() is not None:
            continue
        ended = select(place.status, place.ended_at, place.end_reason).where(place.id == one["id"])
        row = (await db.execute(ended)).mappings().one_or_none()
        if row is not None:
            await db.execute(
                update(event_hosts)
                .where(
                    place.id == one["of"],
                    place.status == ACCEPTED,
                    place.role != EventHostRole.HOST,
                )
                .values(**row)
            )
    for one in accepted:
        expires_at = one["expires_at"]
        await db.execute(
            update(event_hosts)
            .where(place.id == one["id"], place.status == ACCEPTED)
            .values(
                status=one["status"],
                expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
                responded_at=None,
            )
        )
