"""How a field is read, said once, beside its type: the vocabulary.

    name: str = text("name", "What it calls itself.")     in the language asked for, or the original
    starts_at: datetime = moment("starts_at", ...)        in the row's own time zone
    place: Place | None = embedded("place_", ...)         an object made of the same row
    host: Organization = one("organization_id", "Organization", ...)
    subject: Node = one_of("subject_id", ("Group", "Event"), ...)   its id says of which type
    shared_with: list[Alliance] = several(events.alliances_of, ...)
    member_count: int = expression(groups.member_count, ...)
    scopes: list[str] = of_viewer(lambda viewer: sorted(viewer.scopes), ...)

    @page(SourcedConnection[Event], events.of_group, "Its events.")      a Relay connection
    def events(filter: ... = None) -> tuple[EventsWanted]: return (given(filter),)

    @found(Event | None, "Event", by_id("Event"), "One event.")         one thing, by what is asked
    def event(id: Id) -> tuple[str]: return (id,)

    @live("Where it can be opened.", columns=("title", ...))             worked out in Python
    def links(row) -> EventLinks: ...

`column` reads the column of its name. What stands here names a listing, a statement or an
expression of `resolvers.reading`; a decorated function says what is asked for, as the values that
the listing is given. Each field keeps what it is told here (`readings.of_field`): `schema.planning`
makes one statement of it, and the resolvers made here run it through graphql-core.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Info, Parent

from domain.actors import Viewer
from resolvers.context import Context
from resolvers.reading.listing import MOST
from resolvers.reading.sources import type_of
from schema import loading, readings
from schema.loading import Inputs, PageOfRows, Row
from schema.readings import (
    Asked,
    Column,
    Embedded,
    Expression,
    ExpressionOf,
    Found,
    ListingOf,
    Live,
    Moment,
    OfViewer,
    One,
    OneOf,
    Page,
    RowsOf,
    Several,
    Words,
)
from schema.scalars import Locale

Asking = Info[Context, None]
Under = Parent[Any]
Directives = Iterable[object]

First = Annotated[
    int | None, strawberry.argument(description=f"How many at most, from 0 to {MOST}.")
]
After = Annotated[
    str | None,
    strawberry.argument(description="Go on after this cursor: an endCursor, or an edge's cursor."),
]
Language = Annotated[
    Locale | None,
    strawberry.argument(
        description="The language wished for. Where there is no translation, the original is given."
    ),
]


def column(description: str, name: str | None = None, directives: Directives = ()) -> Any:
    """The column of the field's name, or of `name`."""
    if name is None:
        return _field(None, Column(None), description, directives)

    def read(parent: Parent[Row]) -> Any:
        return getattr(parent, name)

    return _field(read, Column(name), description, directives)


def text(name: str, description: str, original: str | None = None, own: str | None = None) -> Any:
    """Words people wrote, in the language asked for or else as they were first written: in the
    column of that name, or of `original`. `own` is a column that goes before all others."""
    words = Words(name, original or name, own)

    def read(parent: Parent[Row], language: Language = UNSET) -> Any:
        return words.of_row(parent, language or None)

    return _field(read, words, description)


def moment(name: str, description: str) -> Any:
    """A time, with the offset that the row's own time zone has then."""
    at = Moment(name)

    def read(parent: Parent[Row]) -> Any:
        return at.of_row(parent)

    return _field(read, at, description)


def embedded(
    prefix: str,
    description: str,
    present: Iterable[str] = (),
    known: ExpressionOf | None = None,
    directives: Directives = (),
) -> Any:
    """An object made of the columns whose names begin so. It is null where none of `present` has
    a value (always there, where none is named), and where the viewer may not know it."""
    part = Embedded(prefix, tuple(present), known)

    async def read(parent: Parent[Row], info: Asking) -> Any:
        if known is not None and not await loading.value(info.context, parent, known):
            return None
        return part.of_row(parent)

    def read_at_once(parent: Parent[Row]) -> Any:
        return part.of_row(parent)

    return _field(read_at_once if known is None else read, part, description, directives)


def one(
    key: str | ExpressionOf, type_name: str, description: str, directives: Directives = ()
) -> Any:
    """The thing that the column names, or that the database finds the id of, if the viewer may
    open it."""

    async def read(parent: Parent[Row], info: Asking) -> Any:
        if isinstance(key, str):
            return await loading.by_id(info.context, type_name, getattr(parent, key))
        found = await loading.value(info.context, parent, key)
        return await loading.by_id(info.context, type_name, found)

    return _field(read, One(key, type_name), description, directives)


def one_of(key: str, type_names: Iterable[str], description: str, name: str | None = None) -> Any:
    """The thing of one of these types that the column names, if the viewer may open it. `name` is
    the field's, where Python could not say it."""
    reading = OneOf(key, tuple(type_names))

    async def read(parent: Parent[Row], info: Asking) -> Any:
        identifier = getattr(parent, key)
        named = type_of(identifier) if identifier else None
        known = named if named in reading.type_names else None
        return await loading.by_id(info.context, known or "", identifier)

    return _field(read, reading, description, name=name)


def several(listing_of: ListingOf, description: str) -> Any:
    """A short list, without pages: at most 100. At the root it hangs from nothing."""

    async def read(parent: Parent[Any], info: Asking) -> Any:
        field = loading.field_of(info)
        shown = await loading.page(info.context, parent, field, listing_of, (), MOST, None)
        return shown.rows

    return _field(read, Several(listing_of), description)


def expression(of: ExpressionOf, description: str) -> Any:
    """A value the database works out."""

    async def read(parent: Parent[Row], info: Asking) -> Any:
        return await loading.value(info.context, parent, of)

    return _field(read, Expression(of), description)


def of_viewer(say: Callable[[Viewer], Any], description: str) -> Any:
    """What is known of whoever asks without looking anything up."""

    def read(info: Asking) -> Any:
        return say(info.context.viewer)

    return _field(read, OfViewer(say), description)


def page(
    connection: Any,
    listing_of: ListingOf,
    description: str,
    first: int = 20,
    directives: Directives = (),
) -> Callable[[Asked], Any]:
    """A connection. The function gives what is asked for, which its listing is given behind the
    eyes and, on a thing, its row; `first` and `after` are added to the arguments."""

    def field(asked: Asked) -> Any:
        reading = Page(listing_of, readings.Asking.of(asked), first)

        async def read(parent: Under, info: Asking, **arguments: Any) -> PageOfRows:
            ctx = info.context
            count, after = reading.place(arguments)
            items = reading.asking.items(arguments, ctx.viewer)
            return await loading.page(
                ctx, parent, loading.field_of(info), listing_of, items, count, after
            )

        signed = readings.signed(read, asked, connection, Under, Asking, page=(first, First, After))
        return _field(signed, reading, description, directives)

    return field


def found(
    result: Any,
    type_name: str | None,
    rows_of: RowsOf,
    description: str,
    directives: Directives = (),
) -> Callable[[Asked], Any]:
    """One thing, by what is asked. Without a type's name the row says by `type_name` and `id`
    what is found."""

    def field(asked: Asked) -> Any:
        reading = Found(rows_of, readings.Asking.of(asked), type_name, is_list=False)

        async def read(parent: Under, info: Asking, **arguments: Any) -> Any:
            ctx = info.context
            items = reading.asking.items(arguments, ctx.viewer)
            rows = await loading.found(ctx, type_name, rows_of, items)
            return rows[0] if rows else None

        signed = readings.signed(read, asked, result, Under, Asking)
        return _field(signed, reading, description, directives)

    return field


def found_in_order(
    result: Any, rows_of: RowsOf, description: str, directives: Directives = ()
) -> Callable[[Asked], Any]:
    """Things of any type, one for each row of `type_name` and `id`; null for what is not there."""

    def field(asked: Asked) -> Any:
        reading = Found(rows_of, readings.Asking.of(asked), None, is_list=True)

        async def read(parent: Under, info: Asking, **arguments: Any) -> Any:
            ctx = info.context
            items = reading.asking.items(arguments, ctx.viewer)
            return await loading.found(ctx, None, rows_of, items)

        signed = readings.signed(read, asked, result, Under, Asking)
        return _field(signed, reading, description, directives)

    return field


def here(result: Any, description: str, directives: Directives = ()) -> Any:
    """An object without a row of its own: its fields say how they are read."""

    def read() -> Any:
        return readings.HERE

    read.__annotations__["return"] = result
    return _field(read, readings.HERE, description, directives)


def live(
    description: str,
    columns: Iterable[str],
    worked: dict[str, ExpressionOf] | None = None,
    directives: Directives = (),
) -> Callable[[Callable[[Inputs], Any]], Any]:
    """What Python makes of some columns and expressions of the row, at any time."""
    expressions = dict(worked or {})

    def field(make: Callable[[Inputs], Any]) -> Any:
        async def read(parent: Parent[Row], info: Asking) -> Any:
            values = {name: getattr(parent, name) for name in columns}
            for name, of in expressions.items():
                values[name] = await loading.value(info.context, parent, of)
            return make(Inputs(values))

        read.__annotations__["return"] = make.__annotations__["return"]
        read.__name__, read.__module__ = make.__name__, make.__module__
        return _field(read, Live(tuple(columns), expressions, make), description, directives)

    return field


def _field(
    resolver: Any,
    reading: readings.Reading,
    description: str,
    directives: Directives = (),
    name: str | None = None,
) -> Any:
    return strawberry.field(
        resolver=resolver,
        name=name,
        description=description,
        directives=list(directives),
        metadata={readings.KEY: reading},
    )
