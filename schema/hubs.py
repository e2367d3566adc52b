"""Hubs in the contract: this one, and whom it is home to."""

import strawberry

from resolvers.context import Eyes
from resolvers.reading import organizations as reading
from resolvers.reading.batches import Thing
from resolvers.reading.listing import Listing
from schema.access import public, requires
from schema.later import LaterOrganization
from schema.loading import Row, by_id
from schema.reading import Asking, column, page
from schema.scalars import URL
from schema.shared import Node, SourcedConnection


@strawberry.type(
    description="A running service: home to one organization or many. Hubs peer with one another.",
)
class Hub(Node):
    url: URL = column("Its address.")
    name: str = column("What its operators call it.")
    software: str = column("What it runs, and which version: `convoke/0.1.0`.")
    is_local: bool = column("This is the hub that answers.")

    @page(
        SourcedConnection[LaterOrganization],
        "The organizations it is home to, by name.",
        directives=[requires("organizations:read"), public],
    )
    @staticmethod
    def organizations(parent: Thing, eyes: Eyes) -> Listing:
        return reading.of_hub(eyes, parent)

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Hub"


@strawberry.type
class HubQueries:
    @strawberry.field(description="The hub that answers.", directives=[public])
    async def hub(self, info: Asking) -> Hub:
        return await by_id(info.context, "Hub", info.context.hub.id)  # type: ignore[return-value]
