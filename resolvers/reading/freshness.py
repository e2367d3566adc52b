"""Whose things a list speaks for, and how fresh they are here."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, literal, null, select

from resolvers.reading.listing import Listing, in_order
from storage import tables as t
from storage.tables import Instant
from storage.visibility import Eyes


class SourceStatus(StrEnum):
    LOCAL = "LOCAL"
    CURRENT = "CURRENT"
    BEHIND = "BEHIND"
    UNREACHABLE = "UNREACHABLE"


def sources_of_lists(eyes: Eyes) -> Listing:
    """This hub alone speaks for its lists."""
    hub = t.hubs.alias()
    columns: list[ColumnElement[Any]] = [
        hub.c.id.label("hub_id"),
        literal(SourceStatus.LOCAL.value, Text).label("status"),
        null().cast(Instant).label("as_of"),
    ]
    rows = select(*columns).where(hub.c.is_local)
    return in_order("Source", rows, "HUB", {"hub_id": hub.c.id})
