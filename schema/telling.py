"""What of an error the caller is told, and what of a bug the log is.

Told as it is: an error with a code of `schema/codes.py`, a `domain.errors.Problem`, and what
graphql-core says of the caller's own arguments. Anything else is a bug: one line in the log with
the request's id, and INTERNAL with the same id for the caller. The line names where it happened,
never what was asked: no source text, no variables, no message (it may quote them).
"""

import logging
from collections.abc import Iterable, Iterator
from traceback import StackSummary, extract_tb
from typing import Any

from graphql import GraphQLError

from domain.errors import Problem
from schema.codes import Code
from schema.limits import Limits

log = logging.getLogger("convoke.graphql")

_MOST_LOCATIONS = 3
_MOST_FRAMES = 8


def told(
    errors: Iterable[GraphQLError], limits: Limits, request_id: str, operation: str | None = None
) -> list[dict[str, Any]]:
    """The errors as the response has them: few, short, and without secrets."""
    found: list[dict[str, Any]] = []
    logged: set[str] = set()
    for error in errors:
        cause = _cause(error)
        if isinstance(cause, Problem):
            message, extensions = cause.message, _of_problem(cause)
        elif _is_ours(error):
            message, extensions = error.message, dict(error.extensions or {})
        elif cause is None and error.message.startswith(("Argument '", "Variable '")):
            message, extensions = error.message, {"code": Code.BAD_USER_INPUT.value}
        else:
            message, extensions = _bug(error, cause or error, request_id, operation, logged)
        if len(found) < limits.errors:
            found.append(_formatted(error, message, extensions, limits))
    return found


def reasons(errors: Iterable[GraphQLError]) -> Iterator[str]:
    """Why something was refused, as it was said."""
    causes = map(_cause, errors)
    return (cause.message for cause in causes if isinstance(cause, Problem))


def log_bug(
    bug: BaseException, request_id: str, operation: str | None = None, path: object = None
) -> None:
    """One line for one bug, whatever is in it."""
    log.error("%s", _line(bug, request_id, operation, path))


def _cause(error: GraphQLError) -> BaseException | None:
    """What was raised, beneath the GraphQLErrors that were put around it."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return None if isinstance(cause, GraphQLError) else cause


def _is_ours(error: GraphQLError) -> bool:
    code = (error.extensions or {}).get("code")
    return isinstance(code, str) and code in Code.__members__


def _of_problem(problem: Problem) -> dict[str, Any]:
    field = {"field": list(problem.field)} if problem.field else {}
    return {"code": str(problem.code), **field}


def _bug(
    error: GraphQLError,
    cause: BaseException,
    request_id: str,
    operation: str | None,
    logged: set[str],
) -> tuple[str, dict[str, Any]]:
    """The same bug in a hundred items of a list is one line."""
    where = f"{type(cause).__qualname__} {_frames(cause)[-1:]}"
    if where not in logged:
        logged.add(where)
        log_bug(cause, request_id, operation, error.path)
    return "A fault of this hub, now in its log.", {
        "code": Code.INTERNAL.value,
        "requestId": request_id,
    }


def _line(bug: BaseException, request_id: str, operation: str | None, path: object) -> str:
    said = (
        f"bug request={request_id} operation={operation or '-'} path={path or '-'} "
        f"type={type(bug).__module__}.{type(bug).__qualname__} at={' > '.join(_frames(bug))}"
    )
    return said.encode("unicode_escape").decode("ascii")[:2_000]


def _frames(bug: BaseException) -> list[str]:
    frames: StackSummary = extract_tb(bug.__traceback__)
    short = [
        f"{'/'.join(each.filename.replace(chr(92), '/').split('/')[-2:])}:{each.lineno} {each.name}"
        for each in frames
    ]
    return short[-_MOST_FRAMES:] or ["nowhere"]


def _formatted(
    error: GraphQLError, message: str, extensions: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    most = limits.error_characters
    formatted: dict[str, Any] = {
        "message": message if len(message) <= most else message[: most - 1] + "…"
    }
    if error.locations:
        formatted["locations"] = [
            {"line": each.line, "column": each.column} for each in error.locations[:_MOST_LOCATIONS]
        ]
    if error.path is not None:
        formatted["path"] = error.path
    formatted["extensions"] = extensions
    return formatted
