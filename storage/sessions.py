"""The sessions of people who signed in, as rows. Of what a cookie holds only a digest is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update

from storage.account_tables import accounts, sessions
from storage.engine import Reading, Writing
from storage.tables import persons

SEEN_IS_KEPT_TO = timedelta(minutes=1)  # a busy person is not one write for each page


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`methods` are how they showed who they are, in the words of RFC 8176."""

    id: str
    person_id: str
    person_name: str
    created_at: datetime
    last_seen_at: datetime
    authenticated_at: datetime
    methods: tuple[str, ...]
    device: str
    language: str | None = None  # that the person prefers


def _lasts(now: datetime, idle: timedelta, longest: timedelta) -> ColumnElement[bool]:
    return and_(
        sessions.c.ended_at.is_(None),
        sessions.c.last_seen_at > now - idle,
        sessions.c.created_at > now - longest,
        accounts.c.closed_at.is_(None),
    )


_SESSIONS = (
    select(
        sessions.c.id,
        sessions.c.person_id,
        persons.c.display_name.label("person_name"),
        sessions.c.created_at,
        sessions.c.last_seen_at,
        sessions.c.authenticated_at,
        sessions.c.methods,
        sessions.c.device,
        persons.c.preferred_language.label("language"),
    )
    .join(persons, persons.c.id == sessions.c.person_id)
    .join(accounts, accounts.c.person_id == sessions.c.person_id)
)


async def add(db: Writing, digest: bytes, session: Session) -> None:
    await db.execute(
        insert(sessions).values(
            digest=digest,
            id=session.id,
            person_id=session.person_id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            authenticated_at=session.authenticated_at,
            methods=list(session.methods),
            device=session.device,
        )
    )


async def of_digest(
    db: Reading, digest: bytes, now: datetime, idle: timedelta, longest: timedelta
) -> Session | None:
    found = await db.execute(
        _SESSIONS.where(sessions.c.digest == digest, _lasts(now, idle, longest))
    )
    row = found.mappings().one_or_none()
    return None if row is None else Session(**{**row, "methods": tuple(row["methods"])})


async def of_person(
    db: Reading, person_id: str, now: datetime, idle: timedelta, longest: timedelta
) -> list[Session]:
    """Those that last, the one seen last first."""
    found = await db.execute(
        _SESSIONS.where(sessions.c.person_id == person_id, _lasts(now, idle, longest)).order_by(
            sessions.c.last_seen_at.desc(), sessions.c.id.desc()
        )
    )
    return [Session(**{**row, "methods": tuple(row["methods"])}) for row in found.mappings().all()]


async def note_seen(db: Writing, session_id: str, now: datetime) -> None:
    await db.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.last_seen_at <= now - SEEN_IS_KEPT_TO)
        .values(last_seen_at=now)
    )


async def end(db: Writing, person_id: str, session_id: str, now: datetime) -> bool:
    """Whether the person had such a session to end."""
    ended = await db.execute(
        update(sessions)
        .where(
            sessions.c.id == session_id,
            sessions.c.person_id == person_id,
            sessions.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    return ended.rowcount > 0


async def end_others(db: Writing, person_id: str, but: str | None, now: datetime) -> int:
    """How many were ended."""
    statement = update(sessions).where(
        sessions.c.person_id == person_id, sessions.c.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(sessions.c.id != but)
    return (await db.execute(statement.values(ended_at=now))).rowcount
