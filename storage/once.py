"""What was asked under a key, by whom, and what was answered: rows of a week.

A row is added in the transaction of the first change that is made under it, so that the two are
kept together or not at all; its answer follows when there is one.
"""

from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Reading, Writing
from storage.tables import done_once


@dataclass(frozen=True, slots=True)
class Name:
    """A key is its caller's own: nobody else's key of that name has to do with it."""

    client_id: str
    organization_id: str
    person_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Done:
    """Without an answer it is at work until then, and after that the answer was lost."""

    request_digest: bytes
    working_until: datetime
    answer: bytes | None


async def find(db: Reading, name: Name, since: datetime) -> Done | None:
    row = (
        await db.execute(
            select(done_once.c.request_digest, done_once.c.working_until, done_once.c.answer).where(
                _named(name), done_once.c.begun_at > since
            )
        )
    ).one_or_none()
    return None if row is None else Done(*row)


async def add(
    db: Writing,
    name: Name,
    request_digest: bytes,
    now: datetime,
    working_until: datetime,
    since: datetime,
) -> bool:
    """False where the key is taken, or somebody is taking it: that is not waited for, because
    whoever waits would keep a connection from the one they wait for."""
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended("\n".join(astuple(name)), 0))
    if not await db.scalar(select(lock)):
        return False
    values = {
        "request_digest": request_digest,
        "begun_at": now,
        "working_until": working_until,
        "answer": None,
    }
    adding = (
        insert(done_once)
        .values(
            client_id=name.client_id,
            organization_id=name.organization_id,
            person_id=name.person_id,
            key=name.key,
            **values,
        )
        .on_conflict_do_update(
            constraint=done_once.primary_key, set_=values, where=done_once.c.begun_at <= since
        )
        .returning(done_once.c.key)
    )
    return await db.scalar(adding) is not None


async def keep_answer(db: Writing, name: Name, answer: bytes) -> None:
    await db.execute(update(done_once).where(_named(name)).values(answer=answer))


async def give_up(db: Writing, name: Name, now: datetime) -> None:
    """There will be no answer."""
    await db.execute(update(done_once).where(_named(name)).values(working_until=now))


async def forget(db: Writing, until: datetime, limit: int) -> int:
    """How many of what was begun until then were taken away."""
    key = tuple_(*done_once.primary_key)
    old = (
        select(*done_once.primary_key)
        .where(done_once.c.begun_at <= until)
        .order_by(done_once.c.begun_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await db.execute(delete(done_once).where(key.in_(old)))).rowcount


def _named(name: Name) -> ColumnElement[bool]:
    return and_(
        done_once.c.client_id == name.client_id,
        done_once.c.organization_id == name.organization_id,
        done_once.c.person_id == name.person_id,
        done_once.c.key == name.key,
    )
