"""What stands beside a peer's things: hosts, dates, shares, members, agreements, names elsewhere. They
are what the thing said they are, and nothing else."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import ARRAY, Text, bindparam, text

from storage import columns
from storage.columns import Columns
from storage.engine import Writing
from storage.mirrors_sql import forget_others, write_rows
from storage.mirrors_told import (
    Told,
    ToldAgreement,
    ToldAlliance,
    ToldDate,
    ToldEvent,
    ToldGroup,
    ToldHost,
    ToldMember,
)
from storage.tables import (
    Id,
    agreement_acceptances,
    agreements,
    alliance_members,
    event_hosts,
    event_shares,
    group_shares,
    occurrences,
)

_ids = bindparam("ids", type_=ARRAY(Id))


async def write_hosts(db: Writing, told: Sequence[ToldEvent], here: Collection[str]) -> None:
    """`here` are the organizations that there is a row of; the others are not named."""
    rows = [
        {
            **_row(host, ToldHost),
            **_times(event),
            "event_id": event.id,
            "organization_id": host.organization.id,
        }
        for event in told
        for host in event.hosts
        if host.organization.id in here
    ]
    # Those that ended first, so that none is under way twice for a moment.
    rows.sort(key=lambda row: row["ended_at"] is None)
    await forget_others(db, event_hosts, "event_id", _ids_of(told), [row["id"] for row in rows])
    await write_rows(db, event_hosts, rows)


async def write_dates(db: Writing, told: Sequence[ToldEvent]) -> None:
    rows = [
        {**_row(date, ToldDate), **columns.of_place(date.place), "event_id": event.id}
        for event in told
        for date in event.dates
    ]
    places = [{name: row[name] for name in _PLACE_OF_DATE} for row in rows]
    given = {"ids": _ids_of(told), "told": orjson.dumps(places).decode()}
    for statement in (_LEAVE_DATES, _FORGET_DATES, _KEEP_ANSWERED_DATES):
        await db.execute(statement, given)
    await write_rows(db, occurrences, rows)
    await db.execute(_LAST_TO_LONGEST, {"ids": given["ids"]})


async def write_shares(
    db: Writing, told: Sequence[ToldEvent] | Sequence[ToldGroup], here: Collection[str]
) -> None:
    """`here` are the alliances that there is a row of."""
    for kind, table, of in (
        (ToldEvent, event_shares, "event_id"),
        (ToldGroup, group_shares, "group_id"),
    ):
        those = [each for each in told if isinstance(each, kind)]
        if not those:
            continue
        rows = [
            {
                of: each.id,
                "alliance_id": alliance,
                "shared_at": each.updated_at,
                **(_owner_and_times(each) if isinstance(each, ToldEvent) else {}),
            }
            for each in those
            for alliance in each.shared_with
            if alliance in here
        ]
        given = {"ids": _ids_of(those), "told": orjson.dumps(rows).decode()}
        await db.execute(_FORGET_SHARES[table.name], given)
        await write_rows(db, table, rows, key=f"{of}, alliance_id")


async def write_members(db: Writing, told: Sequence[ToldAlliance], here: Collection[str]) -> None:
    rows = [
        {
            **_row(member, ToldMember),
            "alliance_id": alliance.id,
            "organization_id": member.organization.id,
        }
        for alliance in told
        for member in alliance.members
        if member.organization.id in here
    ]
    ids = _ids_of(told)
    await forget_others(db, alliance_members, "alliance_id", ids, [row["id"] for row in rows])
    await write_rows(db, alliance_members, rows)


async def write_agreements(
    db: Writing, told: Sequence[ToldAlliance], here: Collection[str]
) -> None:
    rows = [
        {**_row(agreement, ToldAgreement), "alliance_id": alliance.id, "translations": {}}
        for alliance in told
        for agreement in alliance.agreements
    ]
    accepted: list[Columns] = [
        {
            "id": each.id,
            "agreement_id": each.agreement_id,
            "organization_id": each.organization.id,
            "version_number": each.version_number,
            "accepted_at": each.accepted_at,
        }
        for alliance in told
        for agreement in alliance.agreements
        for each in agreement.acceptances
        if each.organization.id in here
    ]
    ids = _ids_of(told)
    await db.execute(_FORGET_ACCEPTANCES, {"ids": ids, "kept": [row["id"] for row in accepted]})
    await forget_others(db, agreements, "alliance_id", ids, [row["id"] for row in rows])
    await write_rows(db, agreements, rows)
    await write_rows(db, agreement_acceptances, accepted)


async def write_identifiers(db: Writing, told: Iterable[tuple[str, Told]]) -> None:
    """Each thing with its owner, in whose name it bears them: an organization of the peer's."""
    those = list(told)
    rows = {
        (owner, each.system, each.value): thing.id
        for owner, thing in those
        for each in thing.identifiers
    }
    given = {
        "ids": [thing.id for _, thing in those],
        "owners": [owner for owner, _, _ in rows],
        "systems": [system for _, system, _ in rows],
        "values": [value for _, _, value in rows],
        "subjects": list(rows.values()),
    }
    await db.execute(_FORGET_IDENTIFIERS, given)
    if rows:
        await db.execute(_ADD_IDENTIFIERS, given)


async def count_members(db: Writing, told: Sequence[ToldGroup]) -> None:
    counts = [each.member_count for each in told]
    await db.execute(_COUNT_MEMBERS, {"ids": _ids_of(told), "counts": counts})


def _ids_of(told: Iterable[Told]) -> list[str]:
    return [each.id for each in told]


def _times(event: ToldEvent) -> Columns:
    """As triggers give them to what belongs to an event of ours (migration 0005)."""
    return {
        "starts_at": event.starts_at,
        "over_at": event.over_at or "infinity",
        "recurring": event.rrule is not None,
    }


def _owner_and_times(event: ToldEvent) -> Columns:
    return {"organization_id": event.organization.id, **_times(event)}


_BESIDE = frozenset({"organization", "place", "acceptances", "agreement_id"})
_PLACE_OF_DATE = ("id", "event_id", "recurrence_id")
_names: dict[type, tuple[str, ...]] = {}


def _row(part: Any, kind: type) -> Columns:
    if kind not in _names:
        _names[kind] = tuple(each.name for each in fields(kind) if each.name not in _BESIDE)
    return {name: getattr(part, name) for name in _names[kind]}


_TOLD_DATES = """
  jsonb_to_recordset(cast(:told as jsonb)) as r (id text, event_id text, recurrence_id timestamptz)
"""
# Two dates of a series may change places: nothing stands at its old one while they do.
_LEAVE_DATES = text(
    f"""
    update occurrences o set recurrence_id = o.recurrence_id - interval '3000 years'
    from {_TOLD_DATES}
    where o.id = r.id and (o.event_id, o.recurrence_id) is distinct from
      (r.event_id, r.recurrence_id)
    """  # noqa: S608 - a piece of our own
)
_FORGET_DATES = text(
    f"""
    delete from occurrences o where o.event_id = any(:ids)
      and not exists (select from {_TOLD_DATES} where r.id = o.id)
      and not exists (select from rsvps a where a.occurrence_id = o.id)
    """  # noqa: S608 - a piece of our own
).bindparams(_ids)
# Somebody here answered to a date that its owner has no more: it stands out of the way of the others.
_KEEP_ANSWERED_DATES = text(
    f"""
    update occurrences o set status = 'CANCELLED', overrides = '{{left_out}}',
      recurrence_id = o.recurrence_id - interval '1 microsecond'
    where o.event_id = any(:ids) and not 'left_out' = any(o.overrides)
      and not exists (select from {_TOLD_DATES} where r.id = o.id)
    """  # noqa: S608 - a piece of our own
).bindparams(_ids)
# A single date may have been moved past the end of the series (`storage.occurrences`).
_LAST_TO_LONGEST = text(
    """
    update events e set over_at = last.at
    from (
      select event_id, max(coalesce(ends_at, starts_at)) as at from occurrences
      where event_id = any(:ids) group by event_id) as last
    where e.id = last.event_id and e.over_at < last.at
    """
).bindparams(_ids)
# A trigger begins the count at 0 and keeps it by rows that are not here; it is the owner's.
_COUNT_MEMBERS = text(
    """
    update groups g set member_count = told.count
    from unnest(cast(:ids as text[]), cast(:counts as integer[])) as told (id, count)
    where g.id = told.id and g.member_count <> told.count
    """
)
_SHARES = {"event_shares": "event_id", "group_shares": "group_id"}
_FORGET_SHARES = {
    table: text(
        f"""
        delete from {table} s where s.{of} = any(:ids) and not exists (
          select from jsonb_populate_recordset(null\\:\\:{table}, cast(:told as jsonb)) r
          where r.{of} = s.{of} and r.alliance_id = s.alliance_id)
        """  # noqa: S608 - names of our own
    ).bindparams(_ids)
    for table, of in _SHARES.items()
}
_FORGET_ACCEPTANCES = text(
    """
    delete from agreement_acceptances a using agreements g
    where a.agreement_id = g.id and g.alliance_id = any(:ids) and not a.id = any(:kept)
    """
).bindparams(_ids, bindparam("kept", type_=ARRAY(Id)))
_FORGET_IDENTIFIERS = text("delete from identifiers where subject_id = any(:ids)").bindparams(_ids)
_ADD_IDENTIFIERS = text(
    """
    insert into identifiers (organization_id, system, value, subject_id)
    select * from unnest(:owners, :systems, :values, :subjects)
    on conflict do nothing
    """
).bindparams(
    *(bindparam(name, type_=ARRAY(Text)) for name in ("owners", "systems", "values", "subjects"))
)
