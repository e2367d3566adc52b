"""How a field is read, said once, beside its type: the vocabulary.

    name: str = text("name", "What it calls itself.")     in the language asked for, or the original
    starts_at: datetime = moment("starts_at", ...)        in the row's own time zone
    host: Organization = one("organization_id", "Organization", ...)
    shared_with: list[Alliance] = several(events.alliances_of, ...)
    member_count: int = expression(groups.member_count, ...)

    @page(SourcedConnection[Event], "Its events.")        a Relay connection
    def events(parent, eyes, filter: ... = None) -> Listing: return events.of_group(...)

`column` reads the column of its name. What stands here names a listing or an expression of
`resolvers.reading`; `schema.loading` runs it.
"""

import inspect
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import strawberry
from strawberry import UNSET, Info, Parent

from resolvers.context import Context, Eyes
from resolvers.reading.batches import Expression, Thing
from resolvers.reading.listing import MOST, Listing
from schema import loading
from schema.loading import PageOfRows, Row
from schema.scalars import Locale

Asking = Info[Context, None]
Under = Parent[Any]

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


def column(description: str, name: str | None = None, directives: Iterable[object] = ()) -> Any:
    """The column of the field's name, or of `name`."""
    if name is None:
        return strawberry.field(description=description, directives=list(directives))

    def read(parent: Parent[Row]) -> Any:
        return getattr(parent, name)

    return strawberry.field(resolver=read, description=description, directives=list(directives))


def text(name: str, description: str) -> Any:
    """Words people wrote, in the language asked for or else as they were first written."""

    def read(parent: Parent[Row], language: Language = UNSET) -> Any:
        return in_language(parent, name, language or None)

    return strawberry.field(resolver=read, description=description)


def in_language(row: Row, name: str, language: str | None) -> Any:
    """The exact translation, else the one of the same primary language, else the original."""
    original = getattr(row, name)
    if language is None or not row.translations or language == row.language:
        return original
    for tag in (language, language.split("-")[0]):
        translated = row.translations.get(tag, {}).get(name)
        if translated:
            return translated
    return original


def moment(name: str, description: str) -> Any:
    """A time, with the offset that the row's own time zone has then."""

    def read(parent: Parent[Row]) -> Any:
        at: datetime | None = getattr(parent, name)
        return None if at is None else at.astimezone(ZoneInfo(parent.time_zone))

    return strawberry.field(resolver=read, description=description)


def embedded(make: Callable[[Row], Any], description: str) -> Any:
    """An object made of the same row, or null."""

    def read(parent: Parent[Row]) -> Any:
        return make(parent)

    return strawberry.field(resolver=read, description=description)


def one(key: str, type_name: str, description: str, directives: Iterable[object] = ()) -> Any:
    """The thing that the column names, if the viewer may open it."""

    async def read(parent: Parent[Row], info: Asking) -> Any:
        return await loading.by_id(info.context, type_name, getattr(parent, key))

    return strawberry.field(resolver=read, description=description, directives=list(directives))


def several(listing_of: Callable[[Eyes, Thing], Listing], description: str) -> Any:
    """A short list, without pages: at most 100."""

    async def read(parent: Parent[Row], info: Asking) -> Any:
        eyes = info.context.eyes
        shown = await loading.page_under(
            info.context, parent, _field(info), lambda thing: listing_of(eyes, thing), MOST, None
        )
        return shown.rows

    return strawberry.field(resolver=read, description=description)


def expression(of: Callable[[Eyes, Thing], Expression], description: str) -> Any:
    """A value the database works out."""

    async def read(parent: Parent[Row], info: Asking) -> Any:
        return await ask(info, parent, of)

    return strawberry.field(resolver=read, description=description)


async def ask(info: Asking, row: Row, of: Callable[[Eyes, Thing], Expression]) -> Any:
    """What the expression gives for this row, asked once for all rows that want it."""
    ctx = info.context
    return await loading.value_under(
        ctx, row, (row.type_name, of.__name__), lambda thing: of(ctx.eyes, thing)
    )


def page(
    connection: Any, description: str, first: int = 20, directives: Iterable[object] = ()
) -> Callable[[Callable[..., Listing]], Any]:
    """A connection. The function gives its listing from `(parent, eyes, **arguments)`, or
    `(eyes, **arguments)` at the root; `first` and `after` are added to the arguments."""

    def field(listing: Callable[..., Listing]) -> Any:
        under = "parent" in inspect.signature(listing).parameters

        async def read(parent: Parent[Any], info: Asking, **arguments: Any) -> PageOfRows:
            ctx = info.context
            count, after = arguments.pop("first", None), arguments.pop("after", None)
            count = first if count is None else count
            if not under:
                return await loading.page(ctx, listing(ctx.eyes, **arguments), count, after)
            key = (_field(info), tuple(sorted((k, _key(v)) for k, v in arguments.items())))

            def listing_of(thing: Thing) -> Listing:
                return listing(thing, ctx.eyes, **arguments)

            return await loading.page_under(ctx, parent, key, listing_of, count, after)

        return strawberry.field(
            resolver=_signed(read, listing, connection, first),
            description=description,
            directives=list(directives),
        )

    return field


def _signed(read: Any, listing: Any, connection: Any, first: int) -> Any:
    """`read` with the signature Strawberry makes the field's arguments from."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    given = inspect.signature(listing)
    own = [p for p in given.parameters.values() if p.name not in {"parent", "eyes"}]
    read.__signature__ = inspect.Signature(
        [
            inspect.Parameter("parent", inspect.Parameter.POSITIONAL_ONLY, annotation=Under),
            inspect.Parameter("info", keyword, annotation=Asking),
            *(p.replace(kind=keyword, default=_absent(p.default)) for p in own),
            inspect.Parameter("first", keyword, default=first, annotation=First),
            inspect.Parameter("after", keyword, default=UNSET, annotation=After),
        ],
        return_annotation=connection,
    )
    read.__name__, read.__module__ = listing.__name__, listing.__module__
    return read


def _absent(default: Any) -> Any:
    """An optional argument has no default in the contract, rather than the default null."""
    return UNSET if default is None else default


def _field(info: Asking) -> tuple[str, str]:
    return (info._raw_info.parent_type.name, info.field_name)


def _key(value: Any) -> Any:
    """An argument as part of a loader's key: inputs are told apart by what was asked."""
    if isinstance(value, list):
        return tuple(value)
    return value.wanted() if hasattr(value, "wanted") else value
