"""What an answer is made of, and the one statement that gives it as JSON.

An answer is a tree: objects, whose members are values of a row, things that the row names, and
lists of rows that hang from it. Each part writes itself into the template of the row it belongs to
(`json_text`); a list is a subquery that puts the templates of its rows together. Nothing is known
here of GraphQL: `schema.planning` makes the tree of an operation.

    Object((("title", Localized("title")), ("host", One(ORGANIZATION, …, Object(…)))))

Where a value is missing that must not be, the text holds `TROUBLE`, which no text of a database
can: whoever runs the statement then asks again by the way that tells errors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from resolvers.reading import json_text
from resolvers.reading.json_text import NULL, Form, Template, or_null
from resolvers.reading.listing import Listing, Page, count_of, cursor_of, page_of
from resolvers.reading.rows import numbered, rows_of

TROUBLE = '"\\u0000"'  # as JSON; U+0000 is the one character that PostgreSQL keeps in no text

Row = FromClause | None  # none at the root
ListingOf = Callable[[Row], Listing]


class Part(Protocol):
    """Something that can be told of a row, as JSON."""

    def write(self, row: Any, out: Template) -> None: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """JSON that does not depend on any row."""

    json: str

    def write(self, row: Row, out: Template) -> None:
        out.text(self.json)


@dataclass(frozen=True, slots=True)
class Value:
    """A column, or what the database works out of the row."""

    of: Callable[[Any], ColumnElement[Any]]
    form: Form
    nullable: bool

    def write(self, row: Row, out: Template) -> None:
        json_text.write(out, self.of(row), self.form, nullable=self.nullable)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time by the clock of the row's own time zone."""

    column: str
    nullable: bool

    def write(self, row: FromClause, out: Template) -> None:
        told = json_text.moment(row.c[self.column], row.c.time_zone)
        out.value(or_null(told) if self.nullable else told)


@dataclass(frozen=True, slots=True)
class Object:
    members: tuple[tuple[str, Part], ...]

    def write(self, row: Row, out: Template) -> None:
        out.text("{")
        for index, (key, part) in enumerate(self.members):
            out.text(f'{"," if index else ""}"{key}":')
            part.write(row, out)
        out.text("}")


@dataclass(frozen=True, slots=True)
class Where:
    """The part where the condition holds of the row, else null."""

    condition: Callable[[Any], ColumnElement[bool]]
    part: Part

    def write(self, row: Row, out: Template) -> None:
        out.value(case((self.condition(row), told_of(self.part, row)), else_=NULL))


@dataclass(frozen=True, slots=True)
class One:
    """The one row that `found` gives for a row; null, or trouble, where there is none."""

    found: Callable[[Any], Select[Any]]
    part: Part
    required: bool

    def write(self, row: Row, out: Template) -> None:
        thing = rows_of(_under(self.found(row), row))
        told = select(told_of(self.part, thing)).select_from(thing).scalar_subquery()
        missing = json_text.text(TROUBLE) if self.required else NULL
        out.value(func.coalesce(told, missing, type_=Text))


@dataclass(frozen=True, slots=True)
class OneOf:
    """What a row names, of one of several types; null for any other."""

    type_of: Callable[[Any], ColumnElement[str]]
    parts: Mapping[str, Part]

    def write(self, row: Row, out: Template) -> None:
        if not self.parts:
            out.value(NULL)
            return
        told = {name: told_of(part, row) for name, part in self.parts.items()}
        out.value(case(told, value=self.type_of(row), else_=NULL))


@dataclass(frozen=True, slots=True)
class Many:
    """All the rows of a short list, as an array. `rows` come in their order by `position`."""

    rows: Callable[[Any], Select[Any]]
    part: Part

    def write(self, row: Row, out: Template) -> None:
        rows = numbered(_under(self.rows(row), row))
        out.text("[")
        out.value(_array(rows, self.part).scalar_subquery())
        out.text("]")


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of a list: its members are written of all its rows together."""

    listing_of: ListingOf
    page: Page
    members: tuple[tuple[str, "PagePart"], ...]

    def write(self, row: Row, out: Template) -> None:
        listing = self.listing_of(row)
        under = () if row is None else (row,)
        shown = Shown(listing, self.page, under)
        told = Template()
        told.text("{")
        for index, (key, part) in enumerate(self.members):
            told.text(f'{"," if index else ""}"{key}":')
            part.write_of_page(shown, told)
        told.text("}")
        if not shown.asked_for:
            out.value(told.expression())  # its length or nothing at all: no row is looked at
            return
        out.value(select(told.expression()).select_from(shown.rows).scalar_subquery())


class Shown:
    """The rows of a page, as its members are told them; made when the first of them asks."""

    def __init__(self, listing: Listing, page: Page, under: tuple[FromClause, ...]) -> None:
        self.listing = listing
        self.page = page
        self.under = under
        self._rows: FromClause | None = None

    @property
    def asked_for(self) -> bool:
        return self._rows is not None

    @property
    def rows(self) -> FromClause:
        if self._rows is None:
            self._rows = numbered(page_of(self.listing, self.page, *self.under))
        return self._rows

    @property
    def is_on_page(self) -> ColumnElement[bool]:
        """The one row more, which only tells that there is another page, is not."""
        return self.rows.c.position <= self.page.first

    def cursor(self) -> ColumnElement[str]:
        return cursor_of(self.listing, self.rows)


class PagePart(Protocol):
    def write_of_page(self, shown: Shown, out: Template) -> None: ...


@dataclass(frozen=True, slots=True)
class OnPage:
    """What does not depend on the page's rows, such as whose things the list speaks for."""

    part: Part

    def write_of_page(self, shown: Shown, out: Template) -> None:
        self.part.write(None, out)


@dataclass(frozen=True, slots=True)
class Nodes:
    part: Part

    def write_of_page(self, shown: Shown, out: Template) -> None:
        write_items(shown, told_of(self.part, shown.rows), out)


@dataclass(frozen=True, slots=True)
class Edges:
    """`None` stands for the cursor, a part for the node or a constant."""

    members: tuple[tuple[str, Part | None], ...]

    def write_of_page(self, shown: Shown, out: Template) -> None:
        edge = Template()
        edge.text("{")
        for index, (key, part) in enumerate(self.members):
            edge.text(f'{"," if index else ""}"{key}":')
            if part is None:
                json_text.write(edge, shown.cursor(), Form.WORD, nullable=False)
            else:
                part.write(shown.rows, edge)
        edge.text("}")
        write_items(shown, edge.expression(), out)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Its members by the contract's names, `__typename` as a constant."""

    members: tuple[tuple[str, str | Constant], ...]

    def write_of_page(self, shown: Shown, out: Template) -> None:
        out.text("{")
        for index, (key, name) in enumerate(self.members):
            out.text(f'{"," if index else ""}"{key}":')
            self._write(name, shown, out)
        out.text("}")

    def _write(self, name: str | Constant, shown: Shown, out: Template) -> None:
        match name:
            case Constant():
                name.write(None, out)
            case "hasNextPage":
                out.value((func.count(shown.rows.c.position) > shown.page.first).cast(Text))
            case "hasPreviousPage":
                out.text("false" if shown.page.after is None else "true")
            case "startCursor":
                _write_cursor(shown, literal_column("1"), out)
            case "endCursor":
                _write_cursor(shown, func.least(shown.rows.c.last_position, shown.page.first), out)


@dataclass(frozen=True, slots=True)
class TotalCount:
    def write_of_page(self, shown: Shown, out: Template) -> None:
        count = count_of(shown.listing, *shown.under).scalar_subquery()
        json_text.write(out, count, Form.PLAIN, nullable=True)


def constant(part: Part) -> str | None:
    """The whole answer, where it depends on no row: nothing need be asked."""
    match part:
        case Constant(json):
            return json
        case Object(members):
            told = [(key, constant(each)) for key, each in members]
            if all(json is not None for _, json in told):
                return "{" + ",".join(f'"{key}":{json}' for key, json in told) + "}"
    return None


# ── the statement ────────────────────────────────────────────────────────────────────────────


def told(part: Part) -> ColumnElement[str]:
    """What hangs from no row, as JSON text."""
    return told_of(part, None)


def told_of(part: Part, row: Row) -> ColumnElement[str]:
    out = Template()
    part.write(row, out)
    return out.expression()


def _under(rows: Select[Any], row: Row) -> Select[Any]:
    return rows if row is None else rows.correlate(row)


def _array(rows: FromClause, part: Part) -> Select[Any]:
    return select(_joined(rows, told_of(part, rows))).select_from(rows)


def write_items(shown: Shown, item: ColumnElement[str], out: Template) -> None:
    out.text("[")
    out.value(_joined(shown.rows, item, shown.is_on_page))
    out.text("]")


def _joined(
    rows: FromClause, item: ColumnElement[str], where: ColumnElement[bool] | None = None
) -> ColumnElement[str]:
    in_order: Any = aggregate_order_by(literal_column("','"), rows.c.position)
    items = func.string_agg(item, in_order, type_=Text)
    counted = items if where is None else items.filter(where)
    return func.coalesce(counted, literal_column("''"), type_=Text)


def _write_cursor(shown: Shown, position: ColumnElement[Any], out: Template) -> None:
    """Of the row at that position: worked out for that row alone."""
    here = case((shown.is_on_page & (shown.rows.c.position == position), shown.cursor()))
    found = func.max(here, type_=Text)
    quote = literal_column("'\"'", Text)
    out.value(or_null(quote.concat(found).concat(quote)))
