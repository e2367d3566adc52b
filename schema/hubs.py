"""Hubs in the contract: this one and those it works with, whom each is home to, and how it stands."""

from datetime import datetime

import strawberry

from domain.peering import PeeringStatus
from resolvers.reading import hubs as reading_hubs
from resolvers.reading import organizations as reading
from schema.access import public, requires
from schema.later import LaterHub, LaterOrganization
from schema.loading import Row
from schema.reading import column, embedded, expression, found, page
from schema.scalars import URL
from schema.shared import Connection, Node, SourcedConnection


@strawberry.type(
    description="How this hub stands with another one.", directives=[requires("hubs:read")]
)
class Peering:
    status: PeeringStatus = expression(
        reading_hubs.of_peering("status"), "Where it stands: each side agrees for itself."
    )
    since: datetime = expression(reading_hubs.of_peering("since"), "Since when it stands so.")
    last_synced_at: datetime | None = expression(
        reading_hubs.of_peering("last_synced_at"),
        "Everything it had published by then is here; null before the first time.",
    )
    lag_seconds: int | None = expression(reading_hubs.lag_seconds, "How many seconds ago that was.")
    last_error: str | None = expression(
        reading_hubs.of_peering("last_error"),
        "What went wrong last; null since it went right.",
    )
    pending_deliveries: int = expression(
        reading_hubs.waiting, "How many changes of ours it has yet to take."
    )


@strawberry.type(
    description="A running service: home to one organization or many. Hubs peer with one another.",
)
class Hub(Node):
    url: URL = column("Its address.")
    name: str = column("What its operators call it.")
    software: str = column("What it runs, and which version: `convoke/0.1.0`.")
    is_local: bool = column("This is the hub that answers.")
    peering: Peering | None = embedded(
        "",
        "How this hub stands with it; null for this one itself.",
        known=reading_hubs.has_peering,
        directives=[requires("hubs:read")],
    )

    @page(
        SourcedConnection[LaterOrganization],
        reading.of_hub,
        "The organizations it is home to, by name.",
        directives=[requires("organizations:read"), public],
    )
    @staticmethod
    def organizations() -> tuple[()]:
        return ()

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Hub"


@strawberry.type
class HubQueries:
    @found(Hub, "Hub", reading_hubs.this_hub, "The hub that answers.", directives=[public])
    @staticmethod
    def hub() -> tuple[()]:
        return ()

    @page(
        Connection[LaterHub],
        reading_hubs.listed,
        "This hub and those it works with, by name.",
        directives=[public],
    )
    @staticmethod
    def hubs() -> tuple[()]:
        return ()
