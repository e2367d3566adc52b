"""Agreements by version, and who accepted which: what an organization has yet to accept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from domain.alliances import Agreement
from domain.memberships import GRACE, Membership
from domain.sharing import MembershipStatus
from storage.engine import Reading, Writing
from storage.hubs import is_local
from storage.memberships import record
from storage.tables import Id, agreement_acceptances, agreements, alliance_members, alliances


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an agreement, as one of an alliance's."""

    id: str
    alliance_id: str
    title: str
    number: int


async def add(db: Writing, agreement: Agreement) -> int:
    """The next version of the alliance's agreement of that title; its number."""
    earlier = select(func.coalesce(func.max(agreements.c.version_number), 0) + 1).where(
        agreements.c.alliance_id == agreement.alliance_id, agreements.c.title == agreement.title
    )
    number: int = (
        await db.execute(
            agreements.insert()
            .values(
                id=agreement.id,
                alliance_id=agreement.alliance_id,
                title=agreement.title,
                body=agreement.body,
                language=agreement.language,
                version_number=earlier.scalar_subquery(),
                active_from=agreement.active_from,
                required=agreement.required,
            )
            .returning(agreements.c.version_number)
        )
    ).scalar_one()
    return number


async def version(db: Reading, agreement_id: str) -> Version | None:
    found = await db.execute(select(agreements).where(agreements.c.id == agreement_id))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    return Version(row["id"], row["alliance_id"], row["title"], row["version_number"])


async def in_force_instead(db: Reading, of: Version, now: datetime) -> str | None:
    """The newer version of it that holds now."""
    row = agreements.alias()
    newer = select(row.c.id).where(
        row.c.alliance_id == of.alliance_id,
        row.c.title == of.title,
        row.c.version_number > of.number,
        _in_force(row, now),
    )
    found: str | None = await db.scalar(newer)
    return found


async def accept(
    db: Writing,
    acceptance_id: str,
    of: Version,
    organization_id: str,
    person_id: str | None,
    at: datetime,
) -> bool:
    """False where the organization accepted that version before: accepting twice is once."""
    adding = insert(agreement_acceptances).values(
        id=acceptance_id,
        agreement_id=of.id,
        organization_id=organization_id,
        person_id=person_id,
        version_number=of.number,
        accepted_at=at,
    )
    added = await db.scalar(
        adding.on_conflict_do_nothing(index_elements=["agreement_id", "organization_id"]).returning(
            agreement_acceptances.c.id
        )
    )
    return added is not None


async def missing(
    db: Reading, alliance_id: str, organization_id: str, now: datetime
) -> list[Version]:
    """What holds now, is required, and was not accepted in that version or a newer one."""
    row, own = agreements.alias(), literal(organization_id, Id)
    rows = (
        select(row)
        .where(row.c.alliance_id == alliance_id, _asked(row, now), _unaccepted(row, own))
        .order_by(row.c.active_from, row.c.id)
    )
    return [
        Version(found["id"], found["alliance_id"], found["title"], found["version_number"])
        for found in (await db.execute(rows)).mappings()
    ]


async def overdue(db: Reading, now: datetime, limit: int) -> list[str]:
    """Some active memberships whose organizations let the time of grace go by, locked; those
    that somebody else is at work on left out. Look again (`still_overdue`): what somebody did
    while this waited for them it does not know of."""
    rows = select(alliance_members.c.id).where(_has_overdue(alliance_members, now))
    rows = rows.order_by(alliance_members.c.id).limit(limit)
    locked = rows.with_for_update(of=alliance_members, skip_locked=True)
    return list(await db.scalars(locked))


async def still_overdue(
    db: Reading, membership_ids: Collection[str], now: datetime
) -> list[Membership]:
    rows = select(alliance_members).where(
        alliance_members.c.id.in_(sorted(membership_ids)), _has_overdue(alliance_members, now)
    )
    return [record(row) for row in (await db.execute(rows)).mappings()]


def _has_overdue(member: FromClause, now: datetime) -> ColumnElement[bool]:
    row = agreements.alias()
    overdue_one = select(row.c.id).where(
        row.c.alliance_id == member.c.alliance_id,
        row.c.active_from <= now - GRACE,
        _asked(row, now),
        _unaccepted(row, member.c.organization_id, member),
    )
    active: ColumnElement[bool] = member.c.status == MembershipStatus.ACTIVE
    of_ours = select(alliances.c.id).where(
        alliances.c.id == member.c.alliance_id, is_local(alliances.c.hub_id)
    )
    return active & exists(overdue_one.correlate(member)) & exists(of_ours.correlate(member))


def _asked(row: FromClause, now: datetime) -> ColumnElement[bool]:
    """It is required and in force, and no version is announced that nobody has to accept."""
    newer = agreements.alias()
    let_go = exists(
        select(newer.c.id).where(_is_newer(newer, row), ~newer.c.required).correlate(row)
    )
    return row.c.required & _in_force(row, now) & ~let_go


def _in_force(row: FromClause, now: datetime) -> ColumnElement[bool]:
    newer = agreements.alias()
    superseded = exists(
        select(newer.c.id).where(_is_newer(newer, row), newer.c.active_from <= now).correlate(row)
    )
    return (row.c.active_from <= now) & ~superseded


def _is_newer(newer: FromClause, row: FromClause) -> ColumnElement[bool]:
    return (
        (newer.c.alliance_id == row.c.alliance_id)
        & (newer.c.title == row.c.title)
        & (newer.c.version_number > row.c.version_number)
    )


def _unaccepted(
    row: FromClause, organization_id: ColumnElement[str], *around: FromClause
) -> ColumnElement[bool]:
    """By that organization, which is a column of what is `around` it or a value."""
    accepted, of = agreement_acceptances.alias(), agreements.alias()
    this_or_newer = (
        select(accepted.c.id)
        .join(of, of.c.id == accepted.c.agreement_id)
        .where(
            of.c.alliance_id == row.c.alliance_id,
            of.c.title == row.c.title,
            of.c.version_number >= row.c.version_number,
            accepted.c.organization_id == organization_id,
        )
    )
    return ~exists(this_or_newer.correlate(row, *around))
