"""A server as Strawberry's documentation teaches it: types, resolvers, a DataLoader for each request.

Its extensions ParserCache and ValidationCache are on, as its pages on performance advise.
"""

import base64
import enum
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from bench.servers.python import models, rows

Info = strawberry.Info[dict[str, Any], None]


@strawberry.enum
class Visibility(enum.Enum):
    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"
    ALLIANCE = "ALLIANCE"
    ORGANIZATION = "ORGANIZATION"
    GROUP = "GROUP"
    PRIVATE = "PRIVATE"


@strawberry.enum
class EventHostRole(enum.Enum):
    HOST = "HOST"
    CO_HOST = "CO_HOST"
    SPONSOR = "SPONSOR"
    PROMOTER = "PROMOTER"


@strawberry.type
class Organization:
    id: strawberry.ID
    slug: str
    name: str
    website: str | None

    @classmethod
    def of(cls, row: models.Organization) -> "Organization":
        return cls(id=strawberry.ID(row.id), slug=row.slug, name=row.name, website=row.website)


@strawberry.type
class Group:
    id: strawberry.ID
    name: str


@strawberry.type
class Place:
    name: str | None
    locality: str | None
    latitude: float | None
    longitude: float | None


@strawberry.type
class EventHost:
    organization: Organization


@strawberry.type
class EventHostConnection:
    nodes: list[EventHost]


@strawberry.type
class Event:
    id: strawberry.ID
    title: str
    description: str | None
    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    visibility: Visibility
    place: Place | None
    row: strawberry.Private[models.Event]

    @strawberry.field
    async def host(self, info: Info) -> Organization:
        return Organization.of(await info.context["organizations"].load(self.row.organization_id))

    @strawberry.field
    async def group(self, info: Info) -> Group | None:
        if self.row.group_id is None:
            return None
        found = await info.context["groups"].load(self.row.group_id)
        return Group(id=strawberry.ID(found.id), name=found.name)

    @strawberry.field
    async def hosts(
        self, info: Info, roles: list[EventHostRole] | None = None, first: int = 20
    ) -> EventHostConnection:
        wanted = None if roles is None else {role.value for role in roles}
        found = [
            EventHost(organization=Organization.of(organization))
            for role, organization in await info.context["hosts"].load(self.row.id)
            if wanted is None or role in wanted
        ]
        return EventHostConnection(nodes=found[:first])

    @strawberry.field
    async def remaining_capacity(self, info: Info) -> int | None:
        if self.row.capacity is None:
            return None
        accepted = await info.context["accepted"].load(self.row.id)
        return None if accepted is None else max(0, self.row.capacity - accepted)

    @classmethod
    def of(cls, row: models.Event) -> "Event":
        place = Place(
            name=row.place_name,
            locality=row.place_locality,
            latitude=row.place_latitude,
            longitude=row.place_longitude,
        )
        return cls(
            id=strawberry.ID(row.id),
            title=row.title,
            description=row.description,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            time_zone=row.time_zone,
            visibility=Visibility(row.visibility),
            place=None if row.place_precision is None else place,
            row=row,
        )


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class EventEdge:
    node: Event
    cursor: str


@strawberry.type
class EventConnection:
    edges: list[EventEdge]
    page_info: PageInfo

    @classmethod
    def of(cls, found: Sequence[models.Event], first: int) -> "EventConnection":
        edges = [EventEdge(node=Event.of(row), cursor=cursor(row)) for row in found[:first]]
        info = PageInfo(
            has_next_page=len(found) > first, end_cursor=edges[-1].cursor if edges else None
        )
        return cls(edges=edges, page_info=info)


def cursor(row: models.Event) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([row.starts_at, row.id])).decode()


@strawberry.input
class NearInput:
    latitude: float
    longitude: float
    radius_km: float = 25.0


@strawberry.input
class EventFilter:
    from_: datetime = strawberry.field(name="from")
    to: datetime | None = None
    near: NearInput | None = None


@strawberry.type
class AllianceMembership:
    organization: Organization


@strawberry.type
class AllianceMembershipConnection:
    nodes: list[AllianceMembership]


@strawberry.type
class Alliance:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def members(self, first: int = 20) -> AllianceMembershipConnection:
        found = await rows.members_of(self.id, first)
        nodes = [AllianceMembership(organization=Organization.of(row)) for row in found]
        return AllianceMembershipConnection(nodes=nodes)

    @strawberry.field
    async def events(
        self,
        filter: EventFilter,  # noqa: A002 - as the contract has it
        first: int = 20,
    ) -> EventConnection:
        found = await rows.events_of(self.id, filter.from_, first + 1)
        return EventConnection.of(found, first)


@strawberry.type
class Query:
    @strawberry.field
    async def event(
        self,
        id: strawberry.ID,  # noqa: A002
    ) -> Event | None:
        row = await rows.event(id)
        return None if row is None else Event.of(row)

    @strawberry.field
    async def alliance(
        self,
        id: strawberry.ID,  # noqa: A002
    ) -> Alliance | None:
        row = await rows.alliance(id)
        return None if row is None else Alliance(id=strawberry.ID(row.id), name=row.name)

    @strawberry.field
    async def events(
        self,
        filter: EventFilter,  # noqa: A002
        first: int = 20,
    ) -> EventConnection:
        near, to = filter.near, filter.to
        if near is None or to is None:
            raise ValueError("This server lists events near a position, between two moments.")
        position, window = (near.latitude, near.longitude), (filter.from_, to)
        found = await rows.events_near(position, near.radius_km, window, first + 1)
        return EventConnection.of(found, first)


class View(GraphQL[dict[str, Any], None]):
    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        return {
            "organizations": DataLoader(rows.organizations),
            "groups": DataLoader(rows.groups),
            "accepted": DataLoader(rows.accepted),
            "hosts": DataLoader(rows.hosts),
        }


graphql_schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])


def app() -> Starlette:
    """For `uvicorn --factory`."""
    rows.connect(os.environ["DATABASE_URL"])
    return Starlette(routes=[Route("/graphql", View(graphql_schema, graphql_ide=None))])
