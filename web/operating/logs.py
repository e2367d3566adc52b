"""How a process logs: for people as it is, or one line of JSON for each entry (CONVOKE_LOG=json).

In JSON an exception is its type and where it was raised, and never its message, which may quote
what was asked. Line ends and what a terminal would obey are escaped by JSON itself.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from prometheus_client import Counter

MOST_CHARACTERS = 4_000
MOST_FRAMES = 12
# What is worth a line of these, and not only of what is wrong.
_TALKATIVE = ("convoke", "convoke.access")


class Json(logging.Formatter):
    """One line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
        }
        given = getattr(record, "told", None)
        if isinstance(given, dict):
            told |= given
        else:
            said = record.getMessage()[:MOST_CHARACTERS]
            # Half a character, as bytes that are no UTF-8 come to be, has no place in JSON.
            told["message"] = said.encode("utf-8", "backslashreplace").decode()
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = type_of(record.exc_info[1])
            told["raised_in"] = frames_of(record.exc_info[1])
        return orjson.dumps(told, default=str).decode()


def type_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def frames_of(error: BaseException) -> list[str]:
    """The innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    short = (
        f"{'/'.join(each.filename.split('/')[-2:])}:{each.lineno} {each.name}" for each in frames
    )
    return list(short)[-MOST_FRAMES:]


def log_as(json: bool) -> None:
    """For the whole process, and what it uses: uvicorn and asyncio as well. Where it is not JSON,
    warnings go to standard error as they are, and nothing else."""
    out = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(logging.WARNING)
    if json:
        out.setFormatter(Json())
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.INFO)


@contextmanager
def counted(lines: Counter) -> Iterator[None]:
    """All that is logged meanwhile is counted too."""
    counting, root = Counted(lines), logging.getLogger()
    root.addHandler(counting)
    try:
        yield
    finally:
        root.removeHandler(counting)


class Counted(logging.Handler):
    """Counts what is logged, by level; what it says goes its way."""

    def __init__(self, lines: Counter) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.labels(record.levelname.lower()).inc()
