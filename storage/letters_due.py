"""What changed and may be worth a letter, in line (migration 0025); taken out in the transaction that
writes the letters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, delete, func, insert, literal, or_, select, text, update

from domain.rsvps import UNDER_WAY
from storage.engine import Reading, Writing
from storage.post_tables import letters_due
from storage.tables import events, occurrences, rsvps


class About(StrEnum):
    """What a row of the line names."""

    ANSWER = "ANSWER"
    DATE = "DATE"  # all who answered to it
    EVENT = "EVENT"
    HOST = "HOST"  # a place on an event
    ALLY = "ALLY"  # a place in an alliance


@dataclass(frozen=True, slots=True)
class Due:
    kind: About
    subject_id: str


async def take(db: Writing, now: datetime, limit: int) -> list[Due]:
    """The next in line, for whoever asks alone: what was put aside comes last."""
    first = (
        select(letters_due.c.id)
        .where(or_(letters_due.c.again_at.is_(None), letters_due.c.again_at <= now))
        .order_by(letters_due.c.again_at.nulls_first(), letters_due.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = await db.execute(
        delete(letters_due)
        .where(letters_due.c.id.in_(first))
        .returning(letters_due.c.kind, letters_due.c.subject_id)
    )
    return [Due(About(row.kind), row.subject_id) for row in taken]


async def put_aside(db: Writing, due: Due, until: datetime) -> None:
    of_it = and_(letters_due.c.kind == due.kind.value, letters_due.c.subject_id == due.subject_id)
    await db.execute(update(letters_due).where(of_it).values(again_at=until))


async def how_many_aside(db: Reading) -> int:
    return int(
        await db.scalar(
            select(func.count()).select_from(letters_due).where(letters_due.c.again_at.is_not(None))
        )
        or 0
    )


async def put_off(db: Writing, rsvp_ids: Collection[str]) -> None:
    """Somebody changes these answers just now: they are looked at afterwards."""
    if rsvp_ids:
        await db.execute(
            insert(letters_due),
            [{"kind": About.ANSWER.value, "subject_id": each} for each in sorted(rsvp_ids)],
        )


async def put_all_in_line(
    db: Writing, event_ids: Collection[str], date_ids: Collection[str], now: datetime
) -> None:
    """Whoever answered to a date to come of these, and meant to come."""
    dates = rsvps.c.occurrence_id.in_(sorted(date_ids)) | rsvps.c.event_id.in_(sorted(event_ids))
    over_at = func.coalesce(occurrences.c.ends_at, occurrences.c.starts_at + _A_DAY)
    waiting = (
        select(literal(About.ANSWER.value), rsvps.c.id)
        .select_from(
            rsvps.join(occurrences, occurrences.c.id == rsvps.c.occurrence_id).join(
                events, events.c.id == rsvps.c.event_id
            )
        )
        .where(dates, rsvps.c.status.in_(UNDER_WAY), over_at > now)
        .order_by(rsvps.c.id)
    )
    await db.execute(insert(letters_due).from_select(["kind", "subject_id"], waiting))


async def is_one_at_a_time(db: Writing) -> bool:
    """Whether nobody else writes letters just now; held until the transaction ends."""
    return bool(await db.scalar(_LOCK))


_A_DAY = text("interval '1 day'")
_LOCK = text("select pg_try_advisory_xact_lock(hashtextextended('convoke letters', 0))")
