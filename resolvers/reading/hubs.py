"""This hub and those it works with, how it stands with each, and the pages of what they own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    case,
    cast,
    exists,
    extract,
    func,
    literal_column,
    or_,
    select,
)

from domain.ids import Kind
from domain.peering import DeliveryStatus, PeeringStatus
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.sources import HUB
from storage import tables as t
from storage.peer_tables import deliveries, peerings
from storage.visibility import Eyes, knows_contacts_of
from storage.words import among, word

_WORKED_WITH = frozenset({PeeringStatus.ACTIVE, PeeringStatus.SUSPENDED})

_FOLDERS = {
    Kind.ORGANIZATION: "organizations",
    Kind.GROUP: "groups",
    Kind.EVENT: "events",
    Kind.ALLIANCE: "alliances",
}


def this_hub(eyes: Eyes) -> Select[Any]:
    row, rows = HUB.rows(eyes)
    return rows.where(row.c.is_local)


def listed(eyes: Eyes) -> Listing:
    """This one and those it works with. Whoever merely proposed is in `./convoke peer list`, and is
    told to nobody else: a stranger would have a place in everybody's list."""
    row, rows = HUB.rows(eyes)
    works_with = exists().where(
        peerings.c.hub_id == row.c.id, among(peerings.c.status, _WORKED_WITH)
    )
    keys = {"name": row.c.name, "id": row.c.id}
    return in_order(HUB.type_name, rows.where(or_(row.c.is_local, works_with)), "NAME_ASC", keys)


def has_peering(eyes: Eyes, hub: FromClause) -> ColumnElement[bool]:
    return exists().where(peerings.c.hub_id == hub.c.id)


def of_peering(name: str) -> Callable[[Eyes, FromClause], ColumnElement[Any]]:
    """A column of how this hub stands with that one."""

    def value(_: Eyes, hub: FromClause) -> ColumnElement[Any]:
        of_hub = select(peerings.c[name]).where(peerings.c.hub_id == hub.c.id)
        return of_hub.scalar_subquery()

    return value


def lag_seconds(eyes: Eyes, hub: FromClause) -> ColumnElement[Any]:
    synced_at = of_peering("last_synced_at")(eyes, hub)
    lag = extract("epoch", func.now() - synced_at)
    return case((synced_at.is_not(None), cast(func.greatest(lag, 0), Integer)))


def waiting(_: Eyes, hub: FromClause) -> ColumnElement[int]:
    """What is still to be told to it."""
    return (
        select(func.count())
        .where(
            deliveries.c.hub_id == hub.c.id,
            deliveries.c.status == word(DeliveryStatus.PENDING),
        )
        .scalar_subquery()
    )


def page_of(eyes: Eyes, thing: FromClause) -> ColumnElement[str]:
    """The canonical page, on the hub that owns it."""
    hub = t.hubs.alias()
    kind = func.split_part(thing.c.id, literal_column("'_'"), literal_column("1"))
    folder = case(
        {each.value: literal_column(f"'/{name}/'") for each, name in _FOLDERS.items()}, value=kind
    )
    return (
        select(func.concat(hub.c.url, folder, thing.c.id, type_=Text))
        .where(hub.c.id == thing.c.hub_id)
        .scalar_subquery()
    )


def contacts_known(eyes: Eyes, thing: FromClause) -> ColumnElement[bool]:
    """May the viewer know how to reach the people of this organization or event?"""
    owner = thing.c.organization_id if "organization_id" in thing.c else thing.c.id
    return knows_contacts_of(eyes, owner)
