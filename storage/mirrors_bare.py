"""Bare rows: what is referred to, and not known yet, or not any more. And forgetting what is held no
longer.

A bare row has an id, its hub, and nothing that is shown to anybody: it is PRIVATE, of version 0, and
was never synced. (Of an organization that everybody may open by its link, its name is shown so.) It is filled when its owner tells of it. What something here still refers to
becomes one when it is forgotten; everything else goes.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Table,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.expression import any_

from domain.alliances import AllianceKind, AllianceStatus, DecisionRule
from domain.events import AttendanceMode, EventStatus, JoinMode, PublicationStatus
from domain.groups import GroupKind
from domain.ids import Kind, kind_of
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from storage.all_tables import metadata
from storage.columns import Columns
from storage.engine import Reading, Writing
from storage.mirrors_told import Named
from storage.peer_tables import mirror_entries
from storage.tables import (
    Id,
    agreement_acceptances,
    agreements,
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    group_shares,
    groups,
    hubs,
    identifiers,
    occurrences,
    organizations,
    rsvps,
)

# A slug that nobody can choose, and no two have: there is room for the one that its owner tells.
_NOTHING: Columns = {
    "visibility": Visibility.PRIVATE,
    "version": 0,
    "synced_at": None,
    "language": None,
    "translations": {},
    "search": "",
    "causes": [],
}
_NOWHERE: Columns = {
    f"place_{part}": None
    for part in (
        "name",
        "street_address",
        "locality",
        "region",
        "postal_code",
        "country",
        "latitude",
        "longitude",
        "precision",
    )
} | {"geo_cell": None}
_BARE: dict[Table, Columns] = {
    organizations: _NOTHING
    | _NOWHERE
    | {
        "summary": None,
        "description": None,
        "website": None,
        "logo_url": None,
        "logo_alternative_text": None,
        "languages": [],
        "time_zone": "UTC",
        "is_verified": False,
    },
    alliances: _NOTHING
    | {
        "name": "",
        "purpose": "",
        "description": None,
        "kind": AllianceKind.COALITION,
        "status": AllianceStatus.FORMING,
        "join_policy": JoinPolicy.INVITE_ONLY,
        "decision_rule": DecisionRule.CONVENER,
        "default_event_visibility": Visibility.PRIVATE,
        "member_editing": HostEditing.NONE,
        "attendee_sharing": AttendeeSharing.NONE,
        "review_at": None,
    },
    groups: _NOTHING
    | _NOWHERE
    | {
        "name": "",
        "purpose": None,
        "description": None,
        "kind": GroupKind.OTHER,
        "languages": [],
        "join_policy": JoinPolicy.INVITE_ONLY,
        "links": [],
        "parent_id": None,
    },
    events: _NOTHING
    | _NOWHERE
    | {
        "title": "",
        "summary": None,
        "description": None,
        "rrule": None,
        "recurrence_dates": [],
        "recurrence_exceptions": [],
        "status": EventStatus.CANCELLED,
        "cancellation_reason": None,
        "publication_status": PublicationStatus.DRAFT,
        "attendance_mode": AttendanceMode.IN_PERSON,
        "online_url": None,
        "accessibility_status": None,
        "accessibility_notes": None,
        "accessibility_features": [],
        "image_url": None,
        "image_alternative_text": None,
        "languages": [],
        "is_free": None,
        "capacity": None,
        "join_mode": JoinMode.NONE,
        "registration_url": None,
        "group_id": None,
        "replaced_by_id": None,
        "follows_id": None,
        "report_text": None,
        "report_attended": None,
        "report_published_at": None,
    },
}
_KINDS = {
    Kind.EVENT: events,
    Kind.GROUP: groups,
    Kind.ALLIANCE: alliances,
    Kind.ORGANIZATION: organizations,
}


async def known(db: Reading, table: Table, ids: Collection[str]) -> set[str]:
    """Those of the ids that there is a row of, bare or not."""
    if not ids:
        return set()
    asked = select(table.c.id).where(table.c.id == any_(bindparam("ids", type_=ARRAY(Id))))
    return set(await db.scalars(asked, {"ids": list(ids)}))


async def refer_to_organizations(
    db: Writing, named: Mapping[str, Named], now: datetime
) -> set[str]:
    """A row for each that there is none of, where its hub is known; the ids of those there are."""
    here = await known(db, organizations, named)
    hub_of = await _hubs(db)
    rows: list[Columns] = []
    for each in named.values():
        authority = each.id.partition("@")[2]
        if each.id not in here and authority in hub_of:
            row = _bare(organizations, each.id, hub_of[authority], now)
            rows.append(row | _looks(each, authority))
    await _look_as_told(db, [each for each in named.values() if each.name is not None])
    return here | await _add(db, organizations, rows)


def _looks(named: Named, authority: str) -> Columns:
    """By link alone, where its hub lets everybody look at it by that."""
    visibility = Visibility.UNLISTED if named.is_open else Visibility.PRIVATE
    return {"name": named.name or authority, "visibility": visibility}


async def _look_as_told(db: Writing, named: Collection[Named]) -> None:
    """Those that are bare already."""
    if named:
        told = {each.id: _looks(each, "") for each in named}
        given = {
            "ids": list(told),
            "names": [each["name"] for each in told.values()],
            "seen_by": [each["visibility"] for each in told.values()],
        }
        await db.execute(_LOOKING, given)


async def refer_to(
    db: Writing, table: Table, owners: Mapping[str, str], hub_id: str, now: datetime
) -> set[str]:
    """The same for a peer's own alliances (by a convener that they may not have), groups and events:
    each with the organization that is written down for it until it is told."""
    here = await known(db, table, owners)
    owner = "convener_id" if table is alliances else "organization_id"
    rows = [
        _bare(table, each, hub_id, now) | {owner: whose}
        for each, whose in owners.items()
        if each not in here
    ]
    return here | await _add(db, table, rows)


async def forget(db: Writing, hub_id: str, ids: Collection[str]) -> None:
    """Things of that hub that are held no longer, with all that stands in them."""
    still_open = await _still_open(db, ids)
    for kind, table in _KINDS.items():
        those = [each for each in ids if kind_of(each) is kind]
        if those:
            await _forget_parts(db, hub_id, table, those)
            await _empty(db, hub_id, table, those)
    await _look_as_told(db, still_open)
    if ids:
        await forget_unneeded(db)


async def _still_open(db: Reading, ids: Collection[str]) -> list[Named]:
    """Of organizations: those of which something is held that everybody is told. Whoever has their
    link may open them, though no channel says more of them."""
    those = [each for each in ids if kind_of(each) is Kind.ORGANIZATION]
    if not those:
        return []
    found = await db.execute(_OPEN_BY_WHAT_IS_THEIRS, {"ids": those, "leaving": list(ids)})
    return [Named(id=row.id, name=row.name, is_open=True) for row in found]


async def forget_unneeded(db: Writing) -> None:
    """Bare rows that nothing refers to any more."""
    elsewhere = select(hubs.c.id).where(~hubs.c.is_local)
    for table in _KINDS.values():
        await db.execute(
            delete(table).where(
                table.c.version == 0,
                table.c.synced_at.is_(None),
                table.c.hub_id.in_(elsewhere),
                ~_is_referred_to(table),
            )
        )


async def _hubs(db: Reading) -> dict[str, str]:
    found = await db.execute(select(hubs.c.authority, hubs.c.id).where(~hubs.c.is_local))
    return {row.authority: row.id for row in found}


def _bare(table: Table, identifier: str, hub_id: str, now: datetime) -> Columns:
    row: dict[str, Any] = {
        **_BARE[table],
        "id": identifier,
        "hub_id": hub_id,
        "created_at": now,
        "updated_at": now,
    }
    if table is events:
        return row | {"starts_at": now, "over_at": now, "time_zone": "UTC"}
    return row | {"slug": identifier}


async def _add(db: Writing, table: Table, rows: Collection[Columns]) -> set[str]:
    if rows:
        await db.execute(insert(table).on_conflict_do_nothing(), list(rows))
    return {row["id"] for row in rows}


async def _forget_parts(db: Writing, hub_id: str, table: Table, ids: list[str]) -> None:
    await db.execute(delete(identifiers).where(identifiers.c.subject_id.in_(ids)))
    if table is events:
        answered = exists().where(rsvps.c.occurrence_id == occurrences.c.id)
        await db.execute(delete(event_hosts).where(event_hosts.c.event_id.in_(ids)))
        await db.execute(delete(event_shares).where(event_shares.c.event_id.in_(ids)))
        await db.execute(delete(occurrences).where(occurrences.c.event_id.in_(ids), ~answered))
        # But not what was merged into it: that would stand in lists again.
        await _point_nowhere(db, hub_id, events, "follows_id", ids)
    elif table is groups:
        await db.execute(delete(group_shares).where(group_shares.c.group_id.in_(ids)))
        await _point_nowhere(db, hub_id, events, "group_id", ids)
        await _point_nowhere(db, hub_id, groups, "parent_id", ids)
    elif table is alliances:
        of_them = select(agreements.c.id).where(agreements.c.alliance_id.in_(ids))
        accepted = agreement_acceptances.c.agreement_id.in_(of_them)
        await db.execute(delete(agreement_acceptances).where(accepted))
        await db.execute(delete(agreements).where(agreements.c.alliance_id.in_(ids)))
        await db.execute(delete(alliance_members).where(alliance_members.c.alliance_id.in_(ids)))


async def _point_nowhere(
    db: Writing, hub_id: str, table: Table, column: str, ids: list[str]
) -> None:
    """What a thing of that hub no longer tells us that it belongs to."""
    pointing = update(table).where(table.c.hub_id == hub_id, table.c[column].in_(ids))
    await db.execute(pointing.values({column: None}))


async def _empty(db: Writing, hub_id: str, table: Table, ids: list[str]) -> None:
    """Each becomes a bare row, of which those that nothing refers to are then taken away."""
    empty: dict[str, Any] = {**_BARE[table]}
    if table is not events:
        empty["slug"] = table.c.id
    if table is organizations:
        authority = select(hubs.c.authority).where(hubs.c.id == hub_id).scalar_subquery()
        empty["name"] = authority
    await db.execute(
        update(table).where(table.c.id.in_(ids), table.c.hub_id == hub_id).values(empty)
    )
    entries = delete(mirror_entries).where(mirror_entries.c.thing_id.in_(ids))
    await db.execute(entries)


_LOOKING = text(
    """
    update organizations o set name = told.name, visibility = told.visibility
    from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:seen_by as text[]))
      as told (id, name, visibility)
    where o.id = told.id and o.version = 0 and o.synced_at is null
      and (o.name, o.visibility) is distinct from (told.name, told.visibility)
    """
)


_OPEN_BY_WHAT_IS_THEIRS = text(
    """
    select o.id, o.name from organizations o
    where o.id = any(cast(:ids as text[])) and o.visibility in ('PUBLIC', 'UNLISTED') and exists (
      select from (
        select e.id from events e where e.organization_id = o.id
        union all select g.id from groups g where g.organization_id = o.id
        union all select a.id from alliances a where a.convener_id = o.id) theirs
      join mirror_entries m on m.thing_id = theirs.id and m.channel = 'public'
      where theirs.id <> all(cast(:leaving as text[])))
    """
)


@cache
def _is_referred_to(table: Table) -> ColumnElement[bool]:
    """By any row of any table."""
    ways = []
    for other in metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column is table.c.id:
                row = other.alias()
                ways.append(exists().where(row.c[key.parent.name] == table.c.id))
    return or_(*ways)
