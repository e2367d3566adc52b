"""What PostgreSQL refuses, in words for whoever asked. Anything else it says is a bug of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.errors import BadInput, Busy, TooSlow

# PostgreSQL documentation, appendix A.
_NOT_TEXT = {"22021", "22P05"}  # a character that text cannot hold: U+0000
_OUT_OF_RANGE = {"22003", "22008"}
_CANCELED = "57014"  # by statement_timeout, or because nobody waits for it any more
_NO_LOCK = "55P03"


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
            raise TooSlow("The database took too long over this. Ask for less at a time.") from error
        if state == _NO_LOCK:
            raise Busy("Somebody else is changing this just now. Try again.") from error
        raise
