"""What PostgreSQL refuses, in words for whoever asked. Anything else it says is a bug of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.errors import BadInput, Busy, Problem, TooSlow
from storage.answering import NoLine

# PostgreSQL documentation, appendix A.
_NOT_TEXT = {"22021", "22P05"}  # a character that text cannot hold: U+0000
_OUT_OF_RANGE = {"22003", "22008"}
_CANCELED = "57014"  # by statement_timeout, or because nobody waits for it any more
_NO_LOCK = "55P03"
_NO_ROOM = "53300"
_SHUTS_DOWN = "57P"
_NO_CONNECTION = "08"


@contextmanager
def explained() -> Iterator[None]:
    try:
        yield
    except (NoConnection, NoLine) as error:
        raise Busy("Every connection to the database is at work. Ask again in a moment.") from error
    except (DBAPIError, asyncpg.PostgresError, OSError) as error:
        problem = _problem(error)
        if problem is None:
            raise
        raise problem from error


def state_of(error: BaseException) -> str | None:
    """The code that PostgreSQL gave it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None)


def is_unreachable(error: BaseException) -> bool:
    """Nobody answered, or no longer; OSError is what connecting itself raises."""
    if isinstance(error, OSError):
        return True
    state = state_of(error) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or state == _NO_ROOM or state.startswith((_SHUTS_DOWN, _NO_CONNECTION))


def _problem(error: Exception) -> Problem | None:
    state = state_of(error)
    if state in _NOT_TEXT:
        return BadInput("The text holds a character (U+0000) that cannot be kept.")
    # The driver's own words for a number that it cannot write are a DataError over what hindered it.
    if state in _OUT_OF_RANGE or isinstance(error.__cause__, OverflowError):
        return BadInput("A number or a date is too large to be kept.")
    if state == _CANCELED:
        return TooSlow("The database took too long over this. Ask for less at a time.")
    if state == _NO_LOCK:
        return Busy("Somebody else is changing this just now. Try again.")
    if is_unreachable(error):
        return Busy(
            "The database of this hub does not answer just now. Try again in a moment; after a "
            "change, look first whether it was made."
        )
    return None
