"""What many types share: the interfaces, pages, places, contacts, and refusals as data."""

from datetime import datetime
from typing import Generic, TypeVar

import strawberry

from domain.places import PlacePrecision
from domain.sharing import Visibility
from resolvers.reading import events as reading_events
from resolvers.reading import hubs as reading_hubs
from resolvers.reading.freshness import SourceStatus, sources_of_lists
from schema.access import requires
from schema.later import LaterHub
from schema.loading import PageOfRows
from schema.reading import column, expression, one, several
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
    name: str | None = column("Whom to ask for.")
    email: EmailAddress | None = column("Their e-mail address.")
    telephone: str | None = column("Their telephone number.")
    url: URL | None = column("A page to reach them by.")


A_CONTACT = ("contact_name", "contact_email", "contact_telephone", "contact_url")
A_PLACE = ("place_precision",)


@strawberry.type(description="Where something is or happens, as precisely as its owner tells.")
class Place:
    name: str | None = column("What the place is called.")
    street_address: str | None = column("Street and number.")
    locality: str | None = column("Town or city.")
    region: str | None = column("State, province or county.")
    postal_code: str | None = column("Postal code.")
    country: str | None = column("Country, two letters (ISO 3166-1).")
    latitude: float | None = column("Degrees north of the equator (WGS 84).")
    longitude: float | None = column("Degrees east of Greenwich (WGS 84).")
    precision: PlacePrecision = column("How precisely it is told.")


@strawberry.type(description="A picture.")
class Image:
    url: URL = column("Where it lies.")
    alternative_text: str = column("What it shows, for those who do not see it.")


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
    hub: LaterHub = one("hub_id", "Hub", "The hub that owns them.")
    status: SourceStatus = column("How fresh they are in this answer.")
    as_of: datetime | None = column("When this hub last heard from it; null where it is this hub.")


@strawberry.type(description="A row of a list, and its place in it.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The row.")
    cursor: str = strawberry.field(description="Its place: give it to `after` to go on behind it.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    @strawberry.field(description="The rows, each with its cursor.")
    @staticmethod
    def edges(parent: strawberry.Parent[PageOfRows]) -> list[Edge[T]]:
        placed = zip(parent.rows, parent.cursors, strict=True)
        return [Edge(node=row, cursor=cursor) for row, cursor in placed]

    @strawberry.field(description="The rows.")
    @staticmethod
    def nodes(parent: strawberry.Parent[PageOfRows]) -> list[T]:
        return parent.rows

    @strawberry.field(description="Where the page stands in the list.")
    @staticmethod
    def page_info(parent: strawberry.Parent[PageOfRows]) -> PageInfo:
        return page_info_of(parent)


def page_info_of(page: PageOfRows) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next_page,
        has_previous_page=page.has_previous_page,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
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
    sources: list[Source] = several(
        sources_of_lists, "Whose things the list speaks for, and how fresh they are."
    )


@strawberry.type(
    description="An expected refusal, as data: a stable code, the input field it is about, and words with the way out."
)
class UserError:
    code: str = strawberry.field(description="A stable code, listed in the docs.")
    field: list[str] | None = strawberry.field(
        description="The path of the input field it is about."
    )
    message: str = strawberry.field(description="What is wrong, and the way out.")
