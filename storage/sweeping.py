"""What identity keeps for a while and then no longer: codes, tokens, sessions, counts, as rows to go."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, tuple_

from storage.account_tables import ceremonies, sessions, throttles
from storage.credential_tables import (
    authorization_codes,
    denied_tokens,
    device_codes,
    grants,
    refresh_tokens,
    used_assertions,
)
from storage.engine import Writing

# A code that was spent is kept a little longer than it lives, so that a second use is noticed.
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# Longer than any count takes to drain.
_COUNTS = timedelta(days=2)


def what_is_over(
    now: datetime, session_idle: timedelta, session_longest: timedelta, grant_longest: timedelta
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table with its rows that may go; those that name others before those that are named."""
    revoked = select(grants.c.id).where(grants.c.revoked_at < now - _DAY)
    yield authorization_codes, authorization_codes.c.expires_at < now - _HOUR
    yield (
        refresh_tokens,
        or_(refresh_tokens.c.expires_at < now, refresh_tokens.c.grant_id.in_(revoked)),
    )
    yield device_codes, device_codes.c.expires_at < now - _HOUR
    yield used_assertions, used_assertions.c.expires_at < now
    yield denied_tokens, denied_tokens.c.expires_at < now
    yield ceremonies, ceremonies.c.expires_at < now - _DAY
    yield (
        sessions,
        or_(
            sessions.c.ended_at < now - _DAY,
            sessions.c.last_seen_at < now - session_idle - _DAY,
            sessions.c.created_at < now - session_longest - _DAY,
        ),
    )
    yield throttles, throttles.c.at < now - _COUNTS
    yield grants, _is_an_old_consent(now - grant_longest - _DAY)


async def forget(db: Writing, table: Table, over: ColumnElement[bool], limit: int) -> int:
    """How many of them went; what somebody else has in hand stays until the next time."""
    key = tuple_(*table.primary_key)
    old = select(*table.primary_key).where(over).limit(limit).with_for_update(skip_locked=True)
    return (await db.execute(delete(table).where(key.in_(old)))).rowcount


def _is_an_old_consent(before: datetime) -> ColumnElement[bool]:
    """Of a person, and nothing of it is left that anybody could show."""
    return and_(
        grants.c.person_id.is_not(None),
        grants.c.created_at < before,
        *(
            ~exists().where(table.c.grant_id == grants.c.id)
            for table in (authorization_codes, refresh_tokens, device_codes)
        ),
    )
