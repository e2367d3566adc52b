"""What is missing in an answer of the database, and where: each is filled in Python.

A path leads to every place that a hole has: keys of the answer, `EACH` for the items of a list, and
`IsA` where things of several types may stand, which then say by the key `KIND` what they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from sqlalchemy.types import TypeEngine

from schema.access import Need
from schema.readings import Live


class NotPlanned(Exception):  # noqa: N818 - no error: the operation goes the other way
    """Only graphql-core can answer this."""


@dataclass(frozen=True, slots=True)
class IsA:
    type_name: str


EACH: Final = None
KIND: Final = "!"  # no name of GraphQL's, so that no field has it
Path = tuple[str | IsA | None, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The token may not read it: null or an empty list stands there, and an error is told."""

    path: Path
    coordinate: str
    need: Need
    details: FieldDetailsList


@dataclass(frozen=True, slots=True)
class LiveField:
    """Worked out of the columns that stand in its place; `kinds` are their types."""

    path: Path
    reading: Live
    type: GraphQLOutputType
    details: FieldDetailsList
    kinds: Mapping[str, TypeEngine[Any]]
    selected: Callable[[GraphQLObjectType, FieldDetailsList], GroupedFieldSet]


@dataclass(frozen=True, slots=True)
class Written:
    """A number, which stays as PostgreSQL wrote it where the rest is read and written again."""

    path: Path


Hole = Refused | LiveField | Written
