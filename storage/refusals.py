"""What PostgreSQL refuses, in words for whoever asked. Anything else it says is a bug of ours."""

import logging
from types import TracebackType

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

log = logging.getLogger("convoke.storage")


class explained:  # noqa: N801 - read as a word: `with explained():`
    """What the database refuses inside is raised as a problem. A class, because it stands around
    every request, and a generator costs some microseconds."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if raised is None:
            return
        if isinstance(raised, NoConnection | NoLine):
            raise Busy(
                "Every connection to the database is at work. Ask again in a moment."
            ) from raised
        if isinstance(raised, DBAPIError | asyncpg.PostgresError | OSError):
            problem = _problem(raised)
            if problem is not None:
                raise problem from raised


def state_of(error: BaseException) -> str | None:
    """The code that PostgreSQL gave it."""
    return getattr(_said(error), "sqlstate", None)


def is_unreachable(error: BaseException) -> bool:
    """Nobody answered, or no longer; OSError is what connecting itself raises."""
    if isinstance(error, OSError):
        return True
    state = state_of(error) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or state == _NO_ROOM or state.startswith((_SHUTS_DOWN, _NO_CONNECTION))


def _said(error: BaseException) -> BaseException | None:
    """By the driver, without the statement that SQLAlchemy adds."""
    return error.orig if isinstance(error, DBAPIError) else error


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
        log.info("The database does not answer: %r", _said(error))
        return Busy(
            "The database of this hub does not answer just now. Try again in a moment; after a "
            "change, look first whether it was made."
        )
    return None
