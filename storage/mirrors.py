"""Mirrors: what is held of the things of other hubs, in the ordinary tables with their `hub_id`.

A page of a peer's feed is applied in one transaction together with our place in it, so that both are
kept or neither. A thing is held as long as one channel says so (`mirror_entries`); then it is
forgotten. Whoever reads a page is `federation/mirroring`; which hub tells what is said in
docs/decisions.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    DateTime,
    case,
    delete,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from domain.peering import PeeringStatus
from storage import (
    mirrors_bare,
    mirrors_believed,
    mirrors_of_parts,
    mirrors_of_things,
    mirrors_referred,
    mirrors_refused,
    mirrors_sql,
)
from storage.engine import Reading, Writing
from storage.mirrors_told import (
    Refusal,
    Told,
    ToldAlliance,
    ToldEvent,
    ToldGroup,
    ToldOrganization,
    ToldPage,
)
from storage.peer_tables import mirror_channels, mirror_entries, mirror_refusals, peerings


@dataclass(frozen=True, slots=True)
class Place:
    """How far a channel of a peer has been read."""

    hub_id: str
    channel: str
    cursor: str | None = None
    generation: int = 0
    is_reading_anew: bool = True
    failures: int = 0
    next_at: datetime | None = None
    current_at: datetime | None = None


class Elsewhere(Exception):  # noqa: N818 - not a fault: somebody was quicker
    """Our place is another by now, or the hub is no peer any more: nothing was kept."""


_COLUMNS = tuple(each.name for each in fields(Place))

# ── places ───────────────────────────────────────────────────────────────────────────────────────


async def places(db: Reading, hub_id: str) -> dict[str, Place]:
    """By channel."""
    columns = [mirror_channels.c[name] for name in _COLUMNS]
    found = await db.execute(
        select(*columns)
        .where(mirror_channels.c.hub_id == hub_id)
        .order_by(mirror_channels.c.channel)
    )
    return {row["channel"]: Place(**row) for row in found.mappings()}


async def open_channels(db: Writing, hub_id: str, channels: Collection[str]) -> None:
    """Those that we begin to read are read from their start."""
    if channels:
        rows = [{"hub_id": hub_id, "channel": channel} for channel in sorted(channels)]
        await db.execute(insert(mirror_channels).values(rows).on_conflict_do_nothing())


async def begin_anew(db: Writing, hub_id: str, channel: str | None = None) -> None:
    """From the start: what is not met on the way is forgotten at the end. All channels for None."""
    beginning = update(mirror_channels).where(mirror_channels.c.hub_id == hub_id)
    if channel is not None:
        beginning = beginning.where(mirror_channels.c.channel == channel)
    await db.execute(
        beginning.values(
            cursor=None,
            is_reading_anew=True,
            generation=mirror_channels.c.generation + 1,
            next_at=None,
        )
    )


async def begin_others_anew(db: Writing, place: Place) -> None:
    """Who comes to an alliance sees more of what other channels told them before: who else stands on
    an event, of which group it is."""
    for channel, other in (await places(db, place.hub_id)).items():
        if channel != place.channel and other.cursor is not None and other.current_at is not None:
            await begin_anew(db, place.hub_id, channel)


async def hasten(db: Writing, hub_id: str) -> None:
    """Something moved there, as it says: look at once. What failed waits for its turn all the same."""
    await db.execute(
        update(mirror_channels)
        .where(mirror_channels.c.hub_id == hub_id, mirror_channels.c.failures == 0)
        .values(next_at=None)
    )


async def note_failure(
    db: Writing, place: Place, why: str, now: datetime, next_at: datetime
) -> None:
    await db.execute(
        update(mirror_channels)
        .where(mirror_channels.c.hub_id == place.hub_id, mirror_channels.c.channel == place.channel)
        .values(
            failures=mirror_channels.c.failures + 1,
            next_at=next_at,
            last_error=why,
            last_error_at=now,
        )
    )


# ── a page ───────────────────────────────────────────────────────────────────────────────────────


async def apply(db: Writing, place: Place, page: ToldPage, now: datetime, poll: timedelta) -> Place:
    """Keeps what the page tells, and our place behind it. Raises `Elsewhere` where somebody else has
    moved it meanwhile, or the hub is no peer any more."""
    await _hold(db, place)
    refusals = list(page.refusals)
    # First: how an organization that left looks is said by what it owns, further down on the page.
    await _remove(db, place, page.removed)
    things = await _written(db, place, page, refusals, now)
    await _hold_entries(db, place, things)
    if page.is_all and place.is_reading_anew:
        await _forget_unheld(db, place.hub_id, await _not_met_again(db, place))
    await mirrors_refused.keep(db, place.hub_id, place.channel, refusals, now)
    moved = replace(
        place,
        cursor=page.cursor,
        is_reading_anew=place.is_reading_anew and not page.is_all,
        failures=0,
        next_at=now + poll if page.is_all else None,
        current_at=now if page.is_all else place.current_at,
    )
    await db.execute(
        update(mirror_channels)
        .where(mirror_channels.c.hub_id == place.hub_id, mirror_channels.c.channel == place.channel)
        .values(
            cursor=moved.cursor,
            is_reading_anew=moved.is_reading_anew,
            failures=0,
            next_at=_unless_poked(place, moved.next_at),
            current_at=moved.current_at,
            pulled_at=now,
            last_error=None,
        )
    )
    return moved


def _unless_poked(place: Place, next_at: datetime | None) -> ColumnElement[datetime | None]:
    """Who has poked us while the page was on its way has more to tell than stands on it."""
    if place.next_at is None:
        return literal(next_at, DateTime(timezone=True))
    poked = mirror_channels.c.next_at.is_(None)
    return case((poked, null()), else_=literal(next_at, DateTime(timezone=True)))


async def _hold(db: Writing, place: Place) -> None:
    status = await db.scalar(
        select(peerings.c.status)
        .where(peerings.c.hub_id == place.hub_id)
        .with_for_update(read=True)
    )
    row = (
        await db.execute(
            select(mirror_channels.c.cursor, mirror_channels.c.generation)
            .where(
                mirror_channels.c.hub_id == place.hub_id,
                mirror_channels.c.channel == place.channel,
            )
            .with_for_update()
        )
    ).one_or_none()
    if status != PeeringStatus.ACTIVE or row is None:
        raise Elsewhere
    if (row.cursor, row.generation) != (place.cursor, place.generation):
        raise Elsewhere


async def _written(
    db: Writing, place: Place, page: ToldPage, refusals: list[Refusal], now: datetime
) -> list[str]:
    """All of it at once; and where one record cannot stand beside what is here, each by itself."""
    if not any(_all(page)):  # most pages say only that there is nothing new
        return []
    so_far = len(refusals)
    try:
        async with db.begin_nested():
            return await _write(db, place, page, refusals, now)
    except (DataError, IntegrityError):
        del refusals[so_far:]
    kept: list[str] = []
    for alone in _one_by_one(page):
        try:
            async with db.begin_nested():
                kept += await _write(db, place, alone, refusals, now)
        except (DataError, IntegrityError):
            (each,) = _all(alone)
            refusals.append(Refusal(each.id, "it contradicts what is held here"))
    return kept


def _one_by_one(page: ToldPage) -> Iterable[ToldPage]:
    empty = ToldPage(cursor=page.cursor, is_all=page.is_all)
    for organization in page.organizations:
        yield replace(empty, organizations=(organization,))
    for alliance in page.alliances:
        yield replace(empty, alliances=(alliance,))
    for group in page.groups:
        yield replace(empty, groups=(group,))
    for event in page.events:
        yield replace(empty, events=(event,))


async def _write(
    db: Writing, place: Place, page: ToldPage, refusals: list[Refusal], now: datetime
) -> list[str]:
    """The ids of what the channel holds by this page."""
    hub_id, anew = place.hub_id, place.is_reading_anew
    named = mirrors_referred.organizations_named(page)
    here = await mirrors_bare.refer_to_organizations(db, named, now)
    page = await mirrors_believed.as_far_as_it_may_speak(db, page, here, refusals)
    page = await mirrors_believed.with_names_of_their_own(db, hub_id, page, refusals)
    alliances = await mirrors_referred.alliances_here(db, hub_id, page, now)
    groups = await mirrors_referred.groups_here(db, hub_id, page, now)
    page = replace(page, events=tuple(mirrors_referred.grouped(page.events, groups)))
    events = await mirrors_referred.events_here(db, hub_id, page, now)

    of = mirrors_of_things
    written = await of.write_organizations(db, hub_id, page.organizations, now, anew=anew)
    written |= await of.write_alliances(db, hub_id, page.alliances, now, anew=anew)
    written |= await of.write_groups(db, hub_id, page.groups, now, anew=anew)
    if page.events:
        async with mirrors_sql.in_bulk(db):
            written |= await of.write_events(db, hub_id, page.events, events, now, anew=anew)
            those = [each for each in page.events if each.id in written]
            await _write_parts_of_events(db, those, here, alliances)
    for each in _all(page):
        if each.id not in written:
            why = f"version: {each.version:,}, and a later one was told before"
            refusals.append(Refusal(each.id, why))
    await _write_parts(db, page, written, here, alliances)
    return [each.id for each in _all(page)]


async def _write_parts(
    db: Writing, page: ToldPage, written: set[str], here: set[str], alliances_here: set[str]
) -> None:
    of = mirrors_of_parts
    those_groups = [each for each in page.groups if each.id in written]
    those_alliances = [each for each in page.alliances if each.id in written]
    if those_alliances:
        await of.write_members(db, those_alliances, here)
        await of.write_agreements(db, those_alliances, here)
    if those_groups:
        await of.write_shares(db, those_groups, alliances_here)
        await of.count_members(db, those_groups)
    owned = [(_owner_of(each), each) for each in _all(page) if each.id in written]
    await of.write_identifiers(db, [(owner, each) for owner, each in owned if owner is not None])


async def _write_parts_of_events(
    db: Writing, told: Sequence[ToldEvent], here: set[str], alliances_here: set[str]
) -> None:
    of = mirrors_of_parts
    if told:
        await of.write_hosts(db, told, here)
        await of.write_shares(db, told, alliances_here)
        await of.write_dates(db, told)


def _all(page: ToldPage) -> Iterable[Told]:
    yield from page.organizations
    yield from page.alliances
    yield from page.groups
    yield from page.events


def _owner_of(told: Told) -> str | None:
    """In whose name it bears names: None where that is an organization of another hub."""
    match told:
        case ToldOrganization():
            return told.id
        case ToldAlliance():
            return told.convener.id if told.convener.name is not None else None
        case ToldGroup() | ToldEvent():
            return told.organization.id


# ── what is held ─────────────────────────────────────────────────────────────────────────────────


async def _hold_entries(db: Writing, place: Place, ids: Sequence[str]) -> None:
    if not ids:
        return
    kept = {"hub_id": place.hub_id, "channel": place.channel, "generation": place.generation}
    await db.execute(_HOLDING, {"ids": list(ids), **kept})


_HOLDING = text(
    """
    insert into mirror_entries (thing_id, channel, hub_id, generation)
    select id, :channel, :hub_id, cast(:generation as integer) from unnest(cast(:ids as text[])) id
    on conflict (thing_id, channel) do update set generation = excluded.generation
    """
)


async def _remove(db: Writing, place: Place, ids: Sequence[str]) -> None:
    if ids:
        await db.execute(
            delete(mirror_entries).where(
                mirror_entries.c.thing_id.in_(ids),
                mirror_entries.c.channel == place.channel,
                mirror_entries.c.hub_id == place.hub_id,
            )
        )
        await _forget_unheld(db, place.hub_id, ids)


async def _not_met_again(db: Writing, place: Place) -> list[str]:
    """What was held by the channel, and did not come again when it was read from its start."""
    found = await db.scalars(
        delete(mirror_entries)
        .where(
            mirror_entries.c.hub_id == place.hub_id,
            mirror_entries.c.channel == place.channel,
            mirror_entries.c.generation < place.generation,
        )
        .returning(mirror_entries.c.thing_id)
    )
    return list(found)


async def _forget_unheld(db: Writing, hub_id: str, leaving: Collection[str]) -> None:
    """Those of them that no other channel holds."""
    if not leaving:
        return
    held = set(
        await db.scalars(
            select(mirror_entries.c.thing_id).where(mirror_entries.c.thing_id.in_(list(leaving)))
        )
    )
    await mirrors_bare.forget(db, hub_id, sorted(set(leaving) - held))


async def purge_channel(db: Writing, hub_id: str, channel: str) -> None:
    """We may not read it any more: whatever was held by it alone is forgotten."""
    leaving = await db.scalars(
        delete(mirror_entries)
        .where(mirror_entries.c.hub_id == hub_id, mirror_entries.c.channel == channel)
        .returning(mirror_entries.c.thing_id)
    )
    await _forget_unheld(db, hub_id, list(leaving))
    await db.execute(
        delete(mirror_channels).where(
            mirror_channels.c.hub_id == hub_id, mirror_channels.c.channel == channel
        )
    )


async def purge_peer(db: Writing, hub_id: str) -> None:
    """The peering has ended: nothing of its things is held any more, nor how far we had read."""
    leaving = await db.scalars(
        delete(mirror_entries)
        .where(mirror_entries.c.hub_id == hub_id)
        .returning(mirror_entries.c.thing_id)
    )
    await mirrors_bare.forget(db, hub_id, sorted(set(leaving)))
    await db.execute(delete(mirror_channels).where(mirror_channels.c.hub_id == hub_id))
    await db.execute(delete(mirror_refusals).where(mirror_refusals.c.hub_id == hub_id))
