"""Our own words in statements, and questions asked row by row: what the planner is to know.

PostgreSQL keeps the plan of a statement for whatever values it is run with next. A word that is
always the same is therefore written into the statement, where partial indexes and statistics
speak of it; only what somebody asked for is a parameter.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, exists, literal_column


def word(value: str) -> ColumnElement[str]:
    """A word of an enum of ours, never a text that somebody sent."""
    return literal_column(f"'{value}'", Text)


def among(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    return column.in_([word(value) for value in sorted(words)])


def exists_for_row(rows: Select[Any]) -> ColumnElement[bool]:
    """EXISTS that is asked of each row as it is reached, by index.

    Left alone, PostgreSQL may turn the question round and read all the answers first: good for
    the whole table, and the ruin of a page of twenty. It does not do so with an OFFSET.
    """
    return exists(rows.offset(literal_column("0", Integer)))
