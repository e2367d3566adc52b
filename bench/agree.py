"""Every server must give the answer that ours gives, before anything is measured.

What two right answers may differ in is put aside: the text of cursors, how a moment is written,
and whether a number has a point.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from bench.processes import Running, post
from domain.errors import Problem

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)")
_CURSORS = frozenset({"cursor", "startCursor", "endCursor"})


class Disagreement(Problem):
    """Two servers answered one question differently; says where."""

    code: ClassVar[str] = "BENCH"


def require_agreement(
    reference: Running, other: Running, question: str, asked: Iterable[tuple[bytes, bytes]]
) -> None:
    """Each pair is one question as the reference and as the other server understand it."""
    for number, (own, its) in enumerate(asked):
        wanted, given = answer_of(reference, own), answer_of(other, its)
        place = difference(wanted, given, question)
        if place is not None:
            raise Disagreement(
                f"{other.server.name} answers otherwise than {reference.server.name}, "
                f"{question} number {number}: {place}. Nothing was measured."
            )


def answer_of(running: Running, body: bytes) -> Any:
    status, text = post(running.port, running.server.path, body)
    name = running.server.name
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise Disagreement(f"{name} answers no JSON ({status}): {text[:200]!r}") from error
    if status != 200 or "errors" in answer or answer.get("data") is None:
        raise Disagreement(f"{name} answers with an error ({status}): {text[:300]!r}")
    return normal(answer["data"])


def normal(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: normal(each, name) for name, each in value.items()}
        case list():
            return [normal(each) for each in value]
        case str() if key in _CURSORS:
            return "a cursor"
        case str() if _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC).replace(microsecond=0)
        case bool() | None:
            return value
        case int() | float():
            return float(value)
        case _:
            return value


def difference(one: Any, other: Any, at: str) -> str | None:
    """The first place at which they are unlike; None where they are alike."""
    match one, other:
        case dict(), dict() if one.keys() == other.keys():
            each = (difference(one[key], other[key], f"{at}.{key}") for key in one)
            return next((place for place in each if place), None)
        case list(), list() if len(one) == len(other):
            pairs = enumerate(zip(one, other, strict=True))
            found = (difference(a, b, f"{at}[{number}]") for number, (a, b) in pairs)
            return next((place for place in found if place), None)
        case _:
            alike = type(one) is type(other) and one == other  # to Python, true is 1
            return None if alike else f"at {at}: {shown(one)}, and {shown(other)}"


def shown(value: Any) -> str:
    match value:
        case dict():
            return f"an object of {', '.join(value)}"
        case list():
            return f"a list of {len(value)}"
        case _:
            return str(value)[:120]
