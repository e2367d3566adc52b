"""The ways a field can be read, as what `schema.reading` hangs on the fields of the schema.

Each is a plain record: what `schema.planning` needs to make a statement, and what graphql-core's
resolvers need to read the same thing of a row.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_object_type,
)
from sqlalchemy import ColumnElement, Select
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from domain.actors import Viewer
from resolvers.reading.listing import Listing
from schema.loading import Inputs, PartOfRow, Row
from schema.scalars import in_whole_minutes

KEY = "reading"

Items = tuple[Any, ...]  # what is asked for, as a listing is given it
Asked = Callable[..., Items]
ListingOf = Callable[..., Listing]  # of eyes, of the row it hangs from if any, of the items
RowsOf = Callable[..., Select[Any]]  # of eyes, of the items
ExpressionOf = Callable[..., ColumnElement[Any]]  # of eyes, of the row


@dataclass(frozen=True, slots=True)
class Column:
    name: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """`name` in the translations of the row; `original` and `own` are columns."""

    name: str
    original: str
    own: str | None

    def of_row(self, row: Row, language: str | None) -> Any:
        if self.own is not None and getattr(row, self.own):
            return getattr(row, self.own)
        if language is not None and language != row.language:
            for tag in (language, language.split("-")[0]):
                translated = row.translations.get(tag, {}).get(self.name)
                if translated:
                    return translated
        return getattr(row, self.original)


@dataclass(frozen=True, slots=True)
class Moment:
    column: str

    def of_row(self, row: Row) -> datetime | None:
        at: datetime | None = getattr(row, self.column)
        return None if at is None else in_whole_minutes(at, ZoneInfo(row.time_zone))


@dataclass(frozen=True, slots=True)
class Embedded:
    prefix: str
    present: tuple[str, ...]
    known: ExpressionOf | None

    def of_row(self, row: Row) -> PartOfRow | None:
        if self.present and all(getattr(row, name) is None for name in self.present):
            return None
        return PartOfRow(row, self.prefix)


@dataclass(frozen=True, slots=True)
class One:
    """`key` is the column of its id, or the expression that finds it."""

    key: str | ExpressionOf
    type_name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """What an id names, of one of these types: the id itself says of which."""

    key: str
    type_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Several:
    listing_of: ListingOf


@dataclass(frozen=True, slots=True)
class Expression:
    of: ExpressionOf


@dataclass(frozen=True, slots=True)
class OfViewer:
    say: Callable[[Viewer], Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """How arguments become what a listing or statement is given."""

    asked: Asked
    wants_viewer: bool

    @classmethod
    def of(cls, asked: Asked) -> "Asking":
        return cls(asked, "viewer" in inspect.signature(asked).parameters)

    def items(self, arguments: Mapping[str, Any], viewer: Viewer) -> Items:
        """Raises BadInput, naming the argument."""
        if self.wants_viewer:
            return self.asked(viewer, **arguments)
        return self.asked(**arguments)


@dataclass(frozen=True, slots=True)
class Page:
    listing_of: ListingOf
    asking: Asking
    first: int

    def place(self, arguments: dict[str, Any]) -> tuple[int, str | None]:
        """`first` and `after`, which are taken out of the arguments."""
        count, after = arguments.pop("first", None), arguments.pop("after", None)
        return self.first if count is None else count, None if after is UNSET else after


@dataclass(frozen=True, slots=True)
class Found:
    rows_of: RowsOf
    asking: Asking
    type_name: str | None
    is_list: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """The changes of a channel: see `schema.changes`."""

    asking: Asking


@dataclass(frozen=True, slots=True)
class Live:
    columns: tuple[str, ...]
    worked: Mapping[str, ExpressionOf]
    make: Callable[[Inputs], Any]


@dataclass(frozen=True, slots=True)
class Here:
    """Nothing to look up: the object's own fields say how they are read."""


HERE = Here()

Reading = (
    Column
    | Words
    | Moment
    | Embedded
    | One
    | OneOf
    | Several
    | Expression
    | OfViewer
    | Page
    | Found
    | Feed
    | Live
    | Here
)


def of_field(field: GraphQLField) -> Reading | None:
    """How it is read, or None for what only graphql-core can (mutations, introspection)."""
    if KEY in field.extensions:
        own: Reading = field.extensions[KEY]
        return own
    definition = definition_of(field)
    return None if definition is None else definition.metadata.get(KEY)


def definition_of(field: GraphQLField) -> StrawberryField | None:
    found = field.extensions.get("strawberry-definition")
    return found if isinstance(found, StrawberryField) else None


def object_of(kind: GraphQLOutputType) -> GraphQLObjectType:
    """The type of the objects that a field gives, one or many."""
    named = get_named_type(kind)
    if not is_object_type(named):
        raise TypeError(f"{kind} is no object.")
    return named


def python_name(field: GraphQLField) -> str:
    definition = definition_of(field)
    if definition is None:
        raise TypeError("The field is none of Strawberry's.")
    return definition.python_name


def signed(
    read: Any,
    asked: Asked,
    result: Any,
    parent: Any,
    info: Any,
    page: tuple[int, Any, Any] | None = None,
) -> Any:
    """`read` with the signature that Strawberry makes the field's arguments from."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    given = inspect.signature(asked).parameters.values()
    parameters = [
        inspect.Parameter("parent", inspect.Parameter.POSITIONAL_ONLY, annotation=parent),
        inspect.Parameter("info", keyword, annotation=info),
        *(p.replace(kind=keyword, default=_absent(p)) for p in given if p.name != "viewer"),
    ]
    if page is not None:
        first, first_type, after_type = page
        parameters += [
            inspect.Parameter("first", keyword, default=first, annotation=first_type),
            inspect.Parameter("after", keyword, default=UNSET, annotation=after_type),
        ]
    read.__signature__ = inspect.Signature(parameters, return_annotation=result)
    read.__name__, read.__module__ = asked.__name__, asked.__module__
    return read


def _absent(parameter: inspect.Parameter) -> Any:
    """An optional argument has no default in the contract, rather than the default null."""
    return UNSET if parameter.default is None else parameter.default
