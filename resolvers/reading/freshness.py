"""Whose things a list speaks for, and how fresh they are here."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, or_, select

from domain.peering import POLL_SECONDS, PeeringStatus
from resolvers.reading.listing import Listing, in_order
from storage import tables as t
from storage.peer_tables import peerings
from storage.visibility import Eyes
from storage.words import among, word

CURRENT_WITHIN_SECONDS = 2 * POLL_SECONDS


class SourceStatus(StrEnum):
    LOCAL = "LOCAL"
    CURRENT = "CURRENT"
    BEHIND = "BEHIND"
    UNREACHABLE = "UNREACHABLE"


def sources_of_lists(eyes: Eyes) -> Listing:
    """This hub speaks for its own things, and for those of its peers as it last read of them."""
    hub, peering = t.hubs.alias(), peerings.alias()
    lately = func.now() - literal_column(f"interval '{CURRENT_WITHIN_SECONDS} seconds'")
    status = case(
        (hub.c.is_local, word(SourceStatus.LOCAL)),
        (peering.c.status != word(PeeringStatus.ACTIVE), word(SourceStatus.UNREACHABLE)),
        (peering.c.last_error.is_not(None), word(SourceStatus.UNREACHABLE)),
        (peering.c.last_synced_at >= lately, word(SourceStatus.CURRENT)),
        else_=word(SourceStatus.BEHIND),
    )
    columns: list[ColumnElement[Any]] = [
        hub.c.id.label("hub_id"),
        status.label("status"),
        peering.c.last_synced_at.label("as_of"),
    ]
    held = among(peering.c.status, (PeeringStatus.ACTIVE, PeeringStatus.SUSPENDED))
    rows = (
        select(*columns)
        .select_from(hub.outerjoin(peering, peering.c.hub_id == hub.c.id))
        .where(or_(hub.c.is_local, held))
    )
    return in_order("Source", rows, "HUB", {"hub_id": hub.c.id})
