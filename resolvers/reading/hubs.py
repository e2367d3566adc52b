"""This hub, the pages of what it owns, and whose things a list speaks for."""

from enum import StrEnum
from typing import cast

from sqlalchemy import Alias, ColumnElement, FromClause, Table, Text, func, select

from storage import tables as t
from storage.visibility import Eyes, knows_contacts_of


class SourceStatus(StrEnum):
    LOCAL = "LOCAL"
    CURRENT = "CURRENT"
    BEHIND = "BEHIND"
    UNREACHABLE = "UNREACHABLE"


def page_of(eyes: Eyes, thing: FromClause) -> ColumnElement[str]:
    """The canonical page, on the hub that owns it."""
    hub = t.hubs.alias()
    folder = cast("Table", cast("Alias", thing).element).name  # /events/…, /groups/…
    return (
        select(func.concat(hub.c.url, f"/{folder}/", thing.c.id, type_=Text))
        .where(hub.c.id == thing.c.hub_id)
        .scalar_subquery()
    )


def contacts_known(eyes: Eyes, thing: FromClause) -> ColumnElement[bool]:
    """May the viewer know how to reach the people of this organization or event?"""
    owner = thing.c.organization_id if "organization_id" in thing.c else thing.c.id
    return knows_contacts_of(eyes, owner)
