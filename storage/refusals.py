"""What PostgreSQL refuses, in words for whoever asked. Anything else it says is a bug of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.errors import BadInput, Busy, TooSlow

# PostgreSQL documentation, appendix A.
_NOT_TEXT = {"22021", "22P05"}  # a character that text cannot hold: U+0000
_OUT_OF_RANGE = {"22003", "22008"}
_CANCELED = "57014"  # by statement_timeout, or because nobody waits for it any more
_NO_LOCK = "55P03"
_NO_ROOM = "53300"
_SHUTS_DOWN = "57P"
_NO_CONNECTION = "08"

# What connecting itself raises, which SQLAlchemy passes on as it is.
_NOT_THERE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


@contextmanager
def explained() -> Iterator[None]:
    try:
        yield
    except NoConnection as error:
        raise Busy("Every connection to the database is at work. Ask again in a moment.") from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _NOT_TEXT:
            raise BadInput("The text holds a character (U+0000) that cannot be kept.") from error
        if state in _OUT_OF_RANGE:
            raise BadInput("A number or a date is too large to be kept.") from error
        if state == _CANCELED:
            raise TooSlow(
                "The database took too long over this. Ask for less at a time."
            ) from error
        if state == _NO_LOCK:
            raise Busy("Somebody else is changing this just now. Try again.") from error
        if error.connection_invalidated or _is_unreachable(state):
            raise _unreachable() from error
        raise
    except _NOT_THERE as error:
        raise _unreachable() from error


def _is_unreachable(state: str | None) -> bool:
    return state == _NO_ROOM or (state or "").startswith((_SHUTS_DOWN, _NO_CONNECTION))


def _unreachable() -> Busy:
    return Busy(
        "The database of this hub does not answer just now. Try again in a moment; after a change, "
        "look first whether it was made."
    )
