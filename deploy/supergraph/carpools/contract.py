"""The partner's part of the graph: carpools, and what they add to the hub's `Event`.

The scopes are said in the contract, for gateways, and looked at here, for whoever asks without one:
Strawberry prints the directives and enforces none of them.
"""

import logging
from datetime import UTC, datetime
from typing import Annotated, Self

import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.types import ExecutionContext

from carpools.hub import Caller, Hub, refusal
from carpools.shelf import Offer, Shelf

READ, WRITE = "events:read", "attendance:write"
MOST_SEATS = 60
LONGEST_START = 200


class Asking:
    """One request: who asks, and what is looked up for them, many events at once."""

    def __init__(self, caller: Caller, hub: Hub, shelf: Shelf) -> None:
        self.caller, self.hub, self.shelf = caller, hub, shelf
        self.carpools = DataLoader(load_fn=self._of_events)

    async def _of_events(self, events: list[str]) -> list[list[Offer]]:
        seen = await self.hub.seen(self.caller, events)
        found = await self.shelf.of_events(sorted(seen))
        return [found.get(event, []) for event in events]


Info = strawberry.Info[Asking, None]


# A thing of the hub's has no description here: a composer might take it for the hub's.


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Organization:
    """Named here, and found at the hub."""

    id: strawberry.ID


@strawberry.federation.type(keys=["id"])
class Event:
    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:
        return cls(id=id)

    @strawberry.federation.field(
        requires_scopes=[[READ]], description="Who drives there and has seats, by when they leave."
    )
    async def carpools(self, info: Info) -> list["Carpool"] | None:
        """Null where it cannot be told, so that the event is there without this service."""
        info.context.caller.require(READ)
        return [Carpool.of(offer) for offer in await info.context.carpools.load(self.id)]


@strawberry.federation.type(
    requires_scopes=[[READ]], description="Seats in somebody's car, on the way to an event."
)
class Carpool:
    id: strawberry.ID
    start: str = strawberry.field(description="Where it leaves from.")
    leaves_at: datetime = strawberry.field(description="When it leaves.")
    seats: int = strawberry.field(description="How many may come along.")
    event: Event | None = strawberry.field(
        description="Where it goes; null where you do not see it."
    )
    organization: Organization | None = strawberry.field(description="Whose car it is.")

    @classmethod
    def of(cls, offer: Offer) -> Self:
        return cls(
            id=strawberry.ID(str(offer.id)),
            start=offer.start,
            leaves_at=offer.leaves_at,
            seats=offer.seats,
            event=Event(id=strawberry.ID(offer.event)),
            organization=Organization(id=strawberry.ID(offer.organization)),
        )


@strawberry.input(description="An offer.")
class OfferCarpoolInput:
    event: strawberry.ID = strawberry.field(description="Where it goes: an event's id.")
    start: str = strawberry.field(description="Where it leaves from.")
    leaves_at: datetime = strawberry.field(description="When it leaves, with its time zone.")
    seats: int = strawberry.field(description=f"How many may come along, from 1 to {MOST_SEATS}.")


@strawberry.type
class Query:
    @strawberry.federation.field(
        requires_scopes=[[READ]], description="What your organization offers, the newest first."
    )
    async def our_carpools(self, info: Info) -> list[Carpool]:
        asking = info.context
        asking.caller.require(READ)
        offers = await asking.shelf.of_organization(asking.caller.organization)
        return [Carpool.of(offer) for offer in offers]


Given = Annotated[OfferCarpoolInput, strawberry.argument(description="The offer.")]


@strawberry.type
class Mutation:
    @strawberry.federation.field(
        requires_scopes=[[READ, WRITE]], description="Offer seats on the way to an event you see."
    )
    async def offer_carpool(self, info: Info, input: Given) -> Carpool:
        asking = info.context
        asking.caller.require(READ)
        asking.caller.require(WRITE)
        start = input.start.strip()
        if not 1 <= len(start) <= LONGEST_START:
            raise refusal("BAD_USER_INPUT", f"start: from 1 to {LONGEST_START} characters.")
        if not 1 <= input.seats <= MOST_SEATS:
            raise refusal("BAD_USER_INPUT", f"seats: from 1 to {MOST_SEATS}.")
        if input.leaves_at.tzinfo is None:
            raise refusal("BAD_USER_INPUT", "leavesAt: with its time zone, as 2027-03-06T08:00Z.")
        if input.event not in await asking.hub.seen(asking.caller, [input.event]):
            raise refusal("NOT_FOUND", "event: there is none of that id for you.")
        leaves_at = input.leaves_at.astimezone(UTC)
        organization = asking.caller.organization
        offer = asking.shelf.offer(input.event, organization, start, leaves_at, input.seats)
        return Carpool.of(await offer)


class Schema(strawberry.federation.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """What somebody asked wrongly is told to them, and is no trouble of ours."""
        for error in errors:
            fault = error.original_error
            if fault is not None and not isinstance(fault, GraphQLError):
                logging.getLogger("carpools").error("A fault", exc_info=fault)


graphql_schema = Schema(query=Query, mutation=Mutation, federation_version="2.7")
