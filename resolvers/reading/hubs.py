"""This hub, and the pages of what it owns."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, case, func, literal_column, select

from domain.ids import Kind
from resolvers.reading.sources import HUB
from storage import tables as t
from storage.visibility import Eyes, knows_contacts_of

_FOLDERS = {
    Kind.ORGANIZATION: "organizations",
    Kind.GROUP: "groups",
    Kind.EVENT: "events",
    Kind.ALLIANCE: "alliances",
}


def this_hub(eyes: Eyes) -> Select[Any]:
    row, rows = HUB.rows(eyes)
    return rows.where(row.c.is_local)


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
