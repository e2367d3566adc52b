"""A response's body: what was found and what went wrong, within the largest that is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, OperationType

from schema.codes import Code, refusal
from schema.documents import Prepared
from schema.limits import Limits


@dataclass(slots=True)
class Answer:
    """A response's body. Without `code` the operation ran; with it, it was refused."""

    body: bytes
    code: Code | None = None
    planned: bool = False  # whether one statement gave it


class TooLargeError(Exception):
    """The answer is over its limit."""


def serialized(data: Any, errors: list[dict[str, Any]], most: int) -> bytes:
    """The response, field by field of the root, so that a large one stops early."""
    parts: list[bytes] = []
    size = 0
    for key, value in (data or {}).items():
        part = orjson.dumps(key) + b":" + orjson.dumps(value)
        size += len(part) + 1
        if size > most:
            raise TooLargeError
        parts.append(part)
    return with_errors(b"null" if data is None else b"{" + b",".join(parts) + b"}", errors, most)


def with_errors(data: bytes, errors: list[dict[str, Any]], most: int) -> bytes:
    body = b'"data":' + data
    if errors:
        body = b'"errors":' + orjson.dumps(errors) + b"," + body
    if len(body) + 2 > most:
        raise TooLargeError
    return b"{" + body + b"}"


def too_large(prepared: Prepared, limits: Limits) -> GraphQLError:
    way_out = "Ask for fewer items or fields."
    if prepared.operation.operation is OperationType.MUTATION:
        way_out = "The change was made. Read less of it."
    return refusal(
        Code.TOO_LARGE,
        f"The answer is larger than {limits.answer_bytes:,} bytes. {way_out}",
        limit=limits.answer_bytes,
    )


def in_order(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """By their paths: in which order they came about depends on what was quicker."""
    return sorted(errors, key=_place)


def _place(error: GraphQLError) -> list[tuple[int, int, str]]:
    return [(0, key, "") if isinstance(key, int) else (1, 0, key) for key in error.path or ()]
