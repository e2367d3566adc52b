"""Answers of people of this hub to dates of others: as last heard of their owners, for letters."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.news_of_dates import Standing, Told
from domain.rsvps import RsvpStatus
from storage.engine import Reading, Writing
from storage.post_tables import answers_elsewhere as answers
from storage.rsvp_letters import OF_DATE, is_to_be_reminded, own_address, standing
from storage.tables import events, occurrences, organizations, persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Of its owner, of an answer."""

    id: str
    event_id: str
    occurrence_id: str
    status: RsvpStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer whose owner is to be asked how it stands; `authority` is the owner's."""

    id: str
    authority: str
    person_id: str
    organization_id: str
    client_id: str | None
    status: RsvpStatus


async def keep(
    db: Writing,
    heard: Heard,
    *,
    person_id: str,
    organization_id: str,
    client_id: str | None,
    now: datetime,
    ask_at: datetime | None,
) -> None:
    values = {
        "event_id": heard.event_id,
        "occurrence_id": heard.occurrence_id,
        "organization_id": organization_id,
        "client_id": client_id,
        "status": heard.status.value,
        "ask_at": ask_at,
        "read_at": None,
    }
    adding = insert(answers).values(id=heard.id, person_id=person_id, answered_at=now, **values)
    await db.execute(
        adding.on_conflict_do_update(
            index_elements=["id"], set_=values, where=answers.c.person_id == person_id
        )
    )


async def stands(db: Writing, answer_id: str, status: RsvpStatus, ask_at: datetime | None) -> None:
    """As its owner says. Where that is new, there may be a letter to write."""
    is_new = answers.c.status != status.value
    await db.execute(
        update(answers)
        .where(answers.c.id == answer_id, is_new)
        .values(status=status.value, read_at=None)
    )
    await ask_again(db, [answer_id], ask_at)


async def ask_again(db: Writing, ids: Collection[str], at: datetime | None) -> None:
    await db.execute(update(answers).where(answers.c.id.in_(sorted(ids))).values(ask_at=at))


async def to_ask(db: Reading, now: datetime, limit: int) -> Sequence[Waiting]:
    rows = (
        select(
            answers.c.id,
            func.split_part(answers.c.id, "@", 2).label("authority"),
            answers.c.person_id,
            answers.c.organization_id,
            answers.c.client_id,
            answers.c.status,
        )
        .where(answers.c.ask_at <= now)
        .order_by(answers.c.ask_at, answers.c.id)
        .limit(limit)
    )
    found = (await db.execute(rows)).mappings()
    return [Waiting(**{**row, "status": RsvpStatus(row["status"])}) for row in found]


async def with_news(db: Writing, now: datetime, limit: int) -> Sequence[Standing]:
    """Those that were changed, or whose event was told anew, since they were last looked at; held."""
    rows = (
        _STANDINGS.where(
            or_(answers.c.read_at.is_(None), events.c.synced_at >= answers.c.read_at),
            or_(answers.c.read_at.is_(None), answers.c.read_at < now),
        )
        .order_by(answers.c.id)
        .limit(limit)
    )
    return await _read(db, rows)


async def were_read(db: Writing, ids: Collection[str], now: datetime) -> None:
    await db.execute(update(answers).where(answers.c.id.in_(sorted(ids))).values(read_at=now))


async def to_remind(
    db: Writing, now: datetime, before: timedelta, limit: int
) -> Sequence[Standing]:
    """As `storage.rsvp_letters.to_remind`."""
    rows = (
        _STANDINGS.where(
            *is_to_be_reminded(
                now, before, answers.c.status, answers.c.answered_at, answers.c.told_reminded_of
            ),
            _ADDRESS.is_not(None),
        )
        .order_by(occurrences.c.starts_at, answers.c.id)
        .limit(limit)
    )
    return await _read(db, rows)


async def told(db: Writing, answer_id: str, known: Told, now: datetime) -> None:
    values = {f"told_{name}": value for name, value in asdict(known).items()}
    await db.execute(update(answers).where(answers.c.id == answer_id).values(**values, read_at=now))


async def forget(db: Writing, before: datetime, limit: int) -> int:
    """Of dates long over, or that went: nobody is written to about them any more."""
    over = func.coalesce(occurrences.c.ends_at, occurrences.c.starts_at, answers.c.answered_at)
    rows = (
        select(answers.c.id)
        .outerjoin(occurrences, occurrences.c.id == answers.c.occurrence_id)
        .where(over < before, answers.c.answered_at < before)
        .limit(limit)
    )
    gone = await db.execute(answers.delete().where(answers.c.id.in_(rows)).returning(answers.c.id))
    return len(gone.all())


_ADDRESS = own_address(answers.c.person_id)
_STANDINGS: Select[Any] = (
    select(
        answers.c.id.label("rsvp_id"),
        _ADDRESS.label("address"),
        literal(False).label("is_guest"),
        answers.c.status,
        *OF_DATE,
        *(answers.c[f"told_{name}"] for name in Told.__dataclass_fields__),
    )
    .select_from(answers)
    .join(persons, persons.c.id == answers.c.person_id)
    .join(events, events.c.id == answers.c.event_id)
    .join(occurrences, occurrences.c.id == answers.c.occurrence_id)
    .join(organizations, organizations.c.id == events.c.organization_id)
)


async def _read(db: Writing, rows: Select[Any]) -> list[Standing]:
    held = rows.with_for_update(of=answers, skip_locked=True)
    return [standing(row) for row in (await db.execute(held)).mappings()]
