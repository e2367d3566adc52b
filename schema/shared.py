"""What many types share: the interfaces, pages, places, contacts, and refusals as data."""

from datetime import datetime
from typing import Generic, TypeVar

import strawberry

from domain.places import PlacePrecision
from domain.sharing import Visibility
from resolvers.reading import events as reading_events
from resolvers.reading import hubs as reading_hubs
from resolvers.reading.hubs import SourceStatus
from schema.access import requires
from schema.later import LaterHub
from schema.loading import PageOfRows, Row, by_id
from schema.reading import Asking, column, expression, one, several
from schema.scalars import URL, EmailAddress

T = TypeVar("T")


@strawberry.interface(description="Anything that has an id.")
class Node:
    id: strawberry.ID = column("Its id, on every hub: `<prefix>_<ulid>@<hub>`.")


@strawberry.type(description="A name that a thing bears in another system.")
class ExternalIdentifier:
    system: str = column("The other system: `mobilize`, `ical`.")
    value: str = column("What it is called there.")


@strawberry.interface(
    description="Something an organization publishes: who owns it, who may see it, and how fresh this copy is."
)
class Publication(Node):
    url: URL = expression(reading_hubs.page_of, "Canonical page, on the hub that owns it.")
    origin: LaterHub = one(
        "hub_id",
        "Hub",
        "The hub that owns it. Other hubs hold mirrored copies and forward changes.",
    )
    visibility: Visibility = column("Who sees it.")
    version: int = column(
        "Rises by one with every change; iCalendar SEQUENCE; given back in updates to refuse lost edits."
    )
    created_at: datetime = column("When it was made.")
    updated_at: datetime = column("When it last changed.")
    synced_at: datetime | None = column(
        "When this hub last heard of it from its owner; null where this hub is the owner."
    )
    identifiers: list[ExternalIdentifier] = several(
        reading_events.identifiers_of,
        "Names it bears in other systems: `mobilize` `123`, `ical` `<uid>`.",
    )


@strawberry.type(
    description="How to reach somebody. Needs contacts:read.",
    directives=[requires("contacts:read")],
)
class Contact:
    name: str | None = strawberry.field(description="Whom to ask for.")
    email: EmailAddress | None = strawberry.field(description="Their e-mail address.")
    telephone: str | None = strawberry.field(description="Their telephone number.")
    url: URL | None = strawberry.field(description="A page to reach them by.")


def contact_of(row: Row) -> Contact | None:
    parts = (row.contact_name, row.contact_email, row.contact_telephone, row.contact_url)
    return (
        Contact(name=parts[0], email=parts[1], telephone=parts[2], url=parts[3])
        if any(parts)
        else None
    )


@strawberry.type(description="Where something is or happens, as precisely as its owner tells.")
class Place:
    name: str | None = column("What the place is called.", "place_name")
    street_address: str | None = column("Street and number.", "place_street_address")
    locality: str | None = column("Town or city.", "place_locality")
    region: str | None = column("State, province or county.", "place_region")
    postal_code: str | None = column("Postal code.", "place_postal_code")
    country: str | None = column("Country, two letters (ISO 3166-1).", "place_country")
    latitude: float | None = column("Degrees north of the equator (WGS 84).", "place_latitude")
    longitude: float | None = column("Degrees east of Greenwich (WGS 84).", "place_longitude")
    precision: PlacePrecision = column("How precisely it is told.", "place_precision")


def place_of(row: Row) -> Row | None:
    return row if row.place_precision is not None else None


@strawberry.type(description="A picture.")
class Image:
    url: URL = strawberry.field(description="Where it lies.")
    alternative_text: str = strawberry.field(
        description="What it shows, for those who do not see it."
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="There is more after it.")
    has_previous_page: bool = strawberry.field(description="There is something before it.")
    start_cursor: str | None = strawberry.field(description="The cursor of its first row.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of its last row: give it to `after` to go on."
    )


@strawberry.type(
    description="Whose things a list speaks for, and how fresh they are here: said in the data, because gateways drop `extensions`."
)
class Source:
    hub: LaterHub = strawberry.field(description="The hub that owns them.")
    status: SourceStatus = strawberry.field(description="How fresh they are in this answer.")
    as_of: datetime | None = strawberry.field(
        description="When this hub last heard from it; null where it is this hub."
    )


@strawberry.type(description="A row of a list, and its place in it.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The row.")
    cursor: str = strawberry.field(description="Its place: give it to `after` to go on behind it.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    @strawberry.field(description="The rows, each with its cursor.")
    @staticmethod
    def edges(parent: strawberry.Parent[PageOfRows]) -> list[Edge[T]]:
        return [Edge(node=row, cursor=parent.cursor_of(row)) for row in parent.rows]  # type: ignore[arg-type]

    @strawberry.field(description="The rows.")
    @staticmethod
    def nodes(parent: strawberry.Parent[PageOfRows]) -> list[T]:
        return parent.rows  # type: ignore[return-value]

    @strawberry.field(description="Where the page stands in the list.")
    @staticmethod
    def page_info(parent: strawberry.Parent[PageOfRows]) -> PageInfo:
        cursors = [parent.cursor_of(row) for row in (parent.rows[:1] + parent.rows[-1:])]
        return PageInfo(
            has_next_page=parent.has_next_page,
            has_previous_page=parent.has_previous_page,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


@strawberry.type(name="Connection", description="A page of a list.")
class CountedConnection(Connection[T], Generic[T]):
    @strawberry.field(
        description="How many rows the whole list holds for this viewer; null where counting would cost too much."
    )
    @staticmethod
    async def total_count(parent: strawberry.Parent[PageOfRows]) -> int | None:
        return await parent.count()


@strawberry.type(name="Connection", description="A page of a list of published things.")
class SourcedConnection(CountedConnection[T], Generic[T]):
    @strawberry.field(description="Whose things the list speaks for, and how fresh they are.")
    @staticmethod
    async def sources(parent: strawberry.Parent[PageOfRows], info: Asking) -> list[Source]:
        return await local_source(info)


async def local_source(info: Asking) -> list[Source]:
    """This hub alone speaks for its lists."""
    hub = await by_id(info.context, "Hub", info.context.hub.id)
    return [Source(hub=hub, status=SourceStatus.LOCAL, as_of=None)]  # type: ignore[arg-type]


@strawberry.type(
    description="An expected refusal, as data: a stable code, the input field it is about, and words with the way out."
)
class UserError:
    code: str = strawberry.field(description="A stable code, listed in the docs.")
    field: list[str] | None = strawberry.field(
        description="The path of the input field it is about."
    )
    message: str = strawberry.field(description="What is wrong, and the way out.")
