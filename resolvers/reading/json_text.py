"""JSON text put together by the database: a template, and the values that go into it.

One `format(…)` for each object, so that PostgreSQL writes a row in one go; `to_json` where a text
must be escaped. Written like this a value costs nothing in Python.
"""

from enum import StrEnum
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, func, literal_column

NULL = literal_column("'null'", Text)
_JSON_NULL: ColumnElement[Any] = literal_column("json 'null'")
_QUOTE = literal_column("'\"'", Text)
_MOST_VALUES = 90  # PostgreSQL takes a hundred arguments to a function


class Form(StrEnum):
    """How a value is written: a word of ours or an id in quotes, as it stands; a number or yes or
    no as it stands; anything else escaped by `to_json`."""

    WORD = "WORD"
    PLAIN = "PLAIN"
    JSON = "JSON"


class Template:
    """Text with values in it, filled from left to right."""

    def __init__(self) -> None:
        self._pieces: list[str | ColumnElement[Any]] = []

    def text(self, text: str) -> None:
        if self._pieces and isinstance(self._pieces[-1], str):
            self._pieces[-1] += text
        else:
            self._pieces.append(text)

    def value(self, value: ColumnElement[Any]) -> None:
        self._pieces.append(value)

    def expression(self) -> ColumnElement[str]:
        places = [at for at, piece in enumerate(self._pieces) if not isinstance(piece, str)]
        cuts = [0, *places[_MOST_VALUES::_MOST_VALUES], len(self._pieces)]
        parts = [_formatted(self._pieces[begin:end]) for begin, end in pairwise(cuts)]
        return parts[0] if len(parts) == 1 else func.concat(*parts, type_=Text)


def _formatted(pieces: list[str | ColumnElement[Any]]) -> ColumnElement[str]:
    values = [piece for piece in pieces if not isinstance(piece, str)]
    if not values:
        return text("".join(str(piece) for piece in pieces))
    template = "".join(
        piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces
    )
    return func.format(text(template), *values, type_=Text)


def text(words: str) -> ColumnElement[str]:
    """The words as they stand in the statement. They are ours, or keys of a checked document."""
    return literal_column("'" + words.replace("'", "''") + "'", Text)


def quoted(words: str) -> str:
    """As JSON."""
    return orjson.dumps(words).decode()


def write(out: Template, value: ColumnElement[Any], form: Form, *, nullable: bool) -> None:
    """The value, or null."""
    match form:
        case Form.WORD if not nullable:
            out.text('"')
            out.value(value)
            out.text('"')
        case Form.WORD:
            out.value(or_null(_QUOTE.concat(value).concat(_QUOTE)))
        case Form.PLAIN:
            out.value(or_null(value.cast(Text)) if nullable else value.cast(Text))
        case Form.JSON:
            # As json to the end: made a text on the way it would be copied twice more.
            out.value(func.coalesce(as_json(value), _JSON_NULL) if nullable else as_json(value))


def or_null(value: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(value, NULL, type_=Text)


def as_json(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.to_json(value)


def number_as_written(value: float) -> int | orjson.Fragment | float:
    """A number that comes out as PostgreSQL writes it: 5 and not 5.0, 1e-05 and not 1e-5."""
    if value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0":
        return int(value)
    return orjson.Fragment(repr(value).removesuffix(".0").encode())


def moment(at: ColumnElement[Any], zone: ColumnElement[str]) -> ColumnElement[str]:
    """The moment by the zone's clock, with the offset that it has then; null for none."""
    return func.convoke_moment(at, zone, type_=Text)


def cursor(order: str, keys: list[ColumnElement[str]]) -> ColumnElement[str]:
    """The place of a row: the list's order and the row's keys, as base64url without padding."""
    place = func.format(text(f"[{quoted(order)}{',%s' * len(keys)}]"), *keys)
    return func.convoke_cursor(place, type_=Text)
