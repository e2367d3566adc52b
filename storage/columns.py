"""What the published things have in common, between records and columns."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, RowMapping, Table
from sqlalchemy.dialects.postgresql import insert

from domain.changes import stale
from domain.people import Contact
from domain.places import Place, PlacePrecision
from domain.sharing import Visibility
from domain.texts import Translations
from storage.engine import Writing

Columns = dict[str, Any]
Row = RowMapping


class Published(Protocol):
    """What every published record says of itself."""

    @property
    def id(self) -> str: ...
    @property
    def hub_id(self) -> str: ...
    @property
    def visibility(self) -> Visibility: ...
    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def translations(self) -> Translations: ...
    @property
    def causes(self) -> tuple[str, ...]: ...


def of_publication(thing: Published) -> Columns:
    return {
        "id": thing.id,
        "hub_id": thing.hub_id,
        "visibility": thing.visibility,
        "version": thing.version,
        "created_at": thing.created_at,
        "updated_at": thing.updated_at,
        "translations": thing.translations,
        "causes": list(thing.causes),
    }


def publication(row: Row) -> Columns:
    """The same, for a record made of a row."""
    return {
        "id": row["id"],
        "hub_id": row["hub_id"],
        "visibility": Visibility(row["visibility"]),
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "translations": row["translations"],
        "causes": tuple(row["causes"]),
    }


def of_place(place: Place | None) -> Columns:
    """`place_precision` is null where there is no place at all."""
    given = place or Place()
    return {
        "place_name": given.name,
        "place_street_address": given.street_address,
        "place_locality": given.locality,
        "place_region": given.region,
        "place_postal_code": given.postal_code,
        "place_country": given.country,
        "place_latitude": given.latitude,
        "place_longitude": given.longitude,
        "place_precision": given.precision if place else None,
        "geo_cell": given.cell,
    }


def place(row: Row) -> Place | None:
    if row["place_precision"] is None:
        return None
    return Place(
        name=row["place_name"],
        street_address=row["place_street_address"],
        locality=row["place_locality"],
        region=row["place_region"],
        postal_code=row["place_postal_code"],
        country=row["place_country"],
        latitude=row["place_latitude"],
        longitude=row["place_longitude"],
        precision=PlacePrecision(row["place_precision"]),
    )


def of_contact(contact: Contact | None) -> Columns:
    given = contact or Contact()
    return {
        "contact_name": given.name,
        "contact_email": given.email,
        "contact_telephone": given.telephone,
        "contact_url": given.url,
    }


def contact(row: Row) -> Contact | None:
    found = Contact(
        name=row["contact_name"],
        email=row["contact_email"],
        telephone=row["contact_telephone"],
        url=row["contact_url"],
    )
    return None if found == Contact() else found


async def add(db: Writing, table: Table, values: Columns, *unique: str) -> bool:
    """Keeps the new row, or says False where its name is taken."""
    adding = insert(table).values(values).on_conflict_do_nothing(index_elements=unique)
    return await db.scalar(adding.returning(table.c.id)) is not None


async def keep(db: Writing, table: Table, values: Columns, seen: int) -> None:
    """Writes the thing if it still stands at the version `seen`: check and write are one."""
    unchanging = {"id", "hub_id", "created_at"}
    changed: dict[str, Any | ColumnElement[Any]] = {
        name: value for name, value in values.items() if name not in unchanging
    }
    writing = (
        table.update()
        .where(table.c.id == values["id"], table.c.version == seen)
        .values(changed)
        .returning(table.c.id)
    )
    if await db.scalar(writing) is None:
        raise stale()
