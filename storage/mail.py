"""Mail that waits to be sent, written in the transaction of what it tells: none is sent of what
was not done, and none is forgotten.

Whoever sends a letter claims it first: for a while it is due for nobody else. A letter holds what
opens something (a link, a code), so its words are kept no longer than it waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select, update

from domain.ids import Kind, Names
from storage.engine import Reading, Writing
from storage.tables import outgoing_mail

WAITS = and_(outgoing_mail.c.sent_at.is_(None), outgoing_mail.c.failed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Letter:
    """`html` says the same as `text`; `calendar` is for the reader's own; `stop_url` ends such
    letters."""

    to: str
    subject: str
    text: str
    html: str | None = None
    calendar: str | None = None
    stop_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A letter, with what became of it. `tries` counts the one for which it is claimed."""

    id: str
    to: str
    subject: str
    text: str
    created_at: datetime
    tries: int
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    html: str | None = None
    calendar: str | None = None
    stop_url: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Of the mail as a whole: `problem` is the latest of those that wait after a try, `failed` how
    many were given up of late."""

    waiting: int
    waits_since: datetime | None
    sent_at: datetime | None
    problem: str | None
    failed: int


async def post(db: Writing, names: Names, letters: Sequence[Letter], now: datetime) -> None:
    if letters:
        await db.execute(
            outgoing_mail.insert(),
            [
                {
                    "id": names.new(Kind.OUTGOING_MAIL),
                    "to": letter.to,
                    "subject": letter.subject,
                    "text": letter.text,
                    "html": letter.html,
                    "calendar": letter.calendar,
                    "stop_url": letter.stop_url,
                    "created_at": now,
                    "due_at": now,
                }
                for letter in letters
            ],
        )


async def claim(db: Writing, now: datetime, until: datetime) -> Posted | None:
    """The letter that has been due longest, for whoever asks alone, `until` then."""
    due = (
        select(outgoing_mail.c.id)
        .where(WAITS, outgoing_mail.c.due_at <= now)
        .order_by(outgoing_mail.c.due_at, outgoing_mail.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = await db.execute(
        update(outgoing_mail)
        .where(outgoing_mail.c.id == due)
        .values(due_at=until, tries=outgoing_mail.c.tries + 1)
        .returning(*_POSTED)
    )
    row = claimed.mappings().one_or_none()
    return None if row is None else Posted(**row)


async def note_sent(db: Writing, letter_id: str, now: datetime) -> None:
    await _keep(db, letter_id, sent_at=now, problem=None, **_NO_WORDS)


async def note_failed(db: Writing, letter_id: str, now: datetime, problem: str) -> None:
    await _keep(db, letter_id, failed_at=now, problem=problem, **_NO_WORDS)


async def put_off(db: Writing, letter_id: str, due_at: datetime, problem: str) -> None:
    await _keep(db, letter_id, due_at=due_at, problem=problem)


async def state(db: Reading, now: datetime, of_late: timedelta) -> State:
    row = (
        await db.execute(
            select(
                func.count().filter(WAITS),
                func.min(outgoing_mail.c.created_at).filter(WAITS),
                func.max(outgoing_mail.c.sent_at),
                func.count().filter(outgoing_mail.c.failed_at > now - of_late),
            )
        )
    ).one()
    problem = await db.scalar(
        select(outgoing_mail.c.problem)
        .where(WAITS, outgoing_mail.c.problem.is_not(None))
        .order_by(outgoing_mail.c.due_at.desc(), outgoing_mail.c.id.desc())
        .limit(1)
    )
    return State(row[0], row[1], row[2], problem, row[3])


async def newest(db: Reading, limit: int) -> list[Posted]:
    found = await db.execute(
        select(*_POSTED)
        .order_by(outgoing_mail.c.created_at.desc(), outgoing_mail.c.id.desc())
        .limit(limit)
    )
    return [Posted(**row) for row in found.mappings()]


async def forget(db: Writing, before: datetime, limit: int) -> int:
    """Those that were sent, or given up, by then; how many."""
    old = (
        select(outgoing_mail.c.id)
        .where(or_(outgoing_mail.c.sent_at < before, outgoing_mail.c.failed_at < before))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    forgotten = await db.execute(delete(outgoing_mail).where(outgoing_mail.c.id.in_(old)))
    return forgotten.rowcount


_POSTED = (
    outgoing_mail.c.id,
    outgoing_mail.c.to,
    outgoing_mail.c.subject,
    outgoing_mail.c.text,
    outgoing_mail.c.created_at,
    outgoing_mail.c.tries,
    outgoing_mail.c.sent_at,
    outgoing_mail.c.failed_at,
    outgoing_mail.c.html,
    outgoing_mail.c.calendar,
    outgoing_mail.c.stop_url,
)
_NO_WORDS: dict[str, str | None] = {"text": "", "html": None, "calendar": None, "stop_url": None}


async def _keep(db: Writing, letter_id: str, **values: object) -> None:
    await db.execute(update(outgoing_mail).where(outgoing_mail.c.id == letter_id).values(**values))
