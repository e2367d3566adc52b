"""Hubs in the contract: this one, and whom it is home to."""

import strawberry

from resolvers.reading import organizations as reading
from resolvers.reading.hubs import this_hub
from schema.access import public, requires
from schema.later import LaterOrganization
from schema.loading import Row
from schema.reading import column, found, page
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
    @found(Hub, "Hub", this_hub, "The hub that answers.", directives=[public])
    @staticmethod
    def hub() -> tuple[()]:
        return ()
