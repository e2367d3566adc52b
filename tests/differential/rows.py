"""Putting a world together: its ids, its rows by table, and the words they can be found by.

Everything comes out the same in every run, so that a document that fails today fails tomorrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import Table, literal, select, text, update
from sqlalchemy.types import Text

from domain.geo import cell_of
from domain.ids import Kind, Names
from storage.engine import Writing
from storage.searching import document
from storage.tables import alliances, events, groups, metadata, organizations
from tests.outside import SeededChance, StandingClock

T = TypeVar("T")
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
HERE, ELSEWHERE = "hub.test", "elsewhere.test:8443"

# What a client may choke on, and a database may write otherwise than Python does.
ODD_WORDS = (
    'Say "cheese" \\ and / be merry',
    "100 % free, %s and %(name)s, :name and $1",
    "Line one\nline two\ttabbed\r\nline three",
    "Crêpes & Käse <b>für alle</b> ☕ 👩‍👩‍👧 \U0001f9c1",
    "bell \x07 escape \x1b delete \x7f vertical \x0b",
    "\u2028separators\u2029 and \ufeffmarks \u200e",
    "O'Brien's; drop table events; --",
    "עברית and العربية",
)
ODD_NUMBERS = (5.0, 1e-05, -0.5, -0.0, 52.520008, 89.99999999999999, 0.30000000000000004, 1e-07)

# Which fields of a thing are searched, by weight.
SEARCHED = {
    organizations: ("name", "summary", "description"),
    groups: ("name", "purpose", "description"),
    alliances: ("name", "purpose", "description"),
    events: ("title", "summary", "description"),
}


class Turns:
    """Each of these in turn, for ever: every state of a thing comes up, in ever new company."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}

    def of(self, name: str, values: Sequence[T]) -> T:
        at = self._at[name] = self._at.get(name, -1) + 1
        return values[at % len(values)]


@dataclass
class Rows:
    """The rows of a world by table, as JSON would say them."""

    of: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))
    chance: SeededChance = field(default_factory=lambda: SeededChance("two ways"))

    def new_id(self, kind: Kind, authority: str = HERE) -> str:
        self.clock.forward(milliseconds=7)
        return Names(authority, self.clock, self.chance).new(kind)

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        self.of.setdefault(table, []).append(values)
        return values

    def ids(self, table: str) -> list[str]:
        return [row["id"] for row in self.of.get(table, ())]

    def publication(self, kind: Kind, hub: dict[str, Any], visibility: str) -> dict[str, Any]:
        number = self.turns.of("version", (1, 2, 17, 2_147_483_647))
        moments = ("2026-01-02T03:04:05.678901Z", "2026-12-31T23:59:59Z", "2027-02-28T12:00:00.5Z")
        return {
            "id": self.new_id(kind, hub["authority"]),
            "hub_id": hub["id"],
            "visibility": visibility,
            "version": number,
            "created_at": self.turns.of("created", moments),
            "updated_at": self.turns.of("updated", moments[::-1]),
            "synced_at": None if hub["is_local"] else "2027-03-01T08:59:59.000001Z",
            "search": "",
        }

    async def put_in(self, db: Writing) -> None:
        # By hand, and not by the use cases: a world holds what these would not make in one go.
        await db.execute(text("set constraints all deferred"))
        for table in metadata.sorted_tables:
            rows = self.of.get(table.name)
            if rows:
                await db.execute(_inserting(table), {"rows": orjson.dumps(_whole(rows)).decode()})
        for table, fields in SEARCHED.items():
            for row in self.of[table.name]:
                words = [row.get(name) for name in fields]
                extra = [*row["causes"], row.get("place_locality")]
                found = document(
                    literal(row["language"], Text), words, row["translations"], fields, extra
                )
                made = select(found).scalar_subquery()
                await db.execute(update(table).where(table.c.id == row["id"]).values(search=made))


def contact(given: Sequence[str | None]) -> dict[str, str | None]:
    parts = ("name", "email", "telephone", "url")
    return {f"contact_{part}": value for part, value in zip(parts, given, strict=True)}


CONTACTS: tuple[Sequence[str | None], ...] = (
    ("Anna", "anna@pantry.example", "+1 317 555 0100", "https://pantry.example/anna"),
    (None, None, None, None),
    (None, "post@shelter.example", None, None),
    ('Sam "the" Driver', None, "0049 30 5550100", None),
)


def place(
    name: str | None,
    locality: str | None = None,
    position: tuple[float, float] | None = None,
    precision: str = "PRECISE",
    country: str | None = None,
) -> dict[str, Any]:
    """The columns of a place, its cell of the map among them."""
    latitude, longitude = position or (None, None)
    cell = cell_of(*position) if position else None
    return {
        "place_name": name,
        "place_street_address": f"1 {name} Street" if name else None,
        "place_locality": locality,
        "place_region": "Indiana" if country == "US" else None,
        "place_postal_code": "47401" if country == "US" else None,
        "place_country": country,
        "place_latitude": latitude,
        "place_longitude": longitude,
        "place_precision": precision,
        "geo_cell": cell,
    }


PLACES: tuple[dict[str, Any], ...] = (
    place("Town Hall", "River City", (39.1653, -86.5264), "PRECISE", "US"),
    {},
    place("Market", "River City", (39.17, -86.53), "NEAR", "US"),
    place(None, "River County", (39.2, -86.5), "REGION", "US"),
    place("Kreuzberg hall", "Berlin", (52.5, 13.0), "PRECISE", "DE"),
    place("Harbor", "Taveuni", (-16.85, 179.99), "PRECISE", "FJ"),
    place("Reef", "Taveuni", (-16.86, -179.98), "NEAR", "FJ"),
    place("Buoy", None, (5.0, 1e-05)),
    place("Gulf", None, (-0.0, -0.5)),
    place("Pole", None, (90.0, 180.0)),
    place("Only a name"),
    place("Odd", "Nuk'ualofa", (0.30000000000000004, 123.45678901234567)),
)


def _whole(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a row leaves out becomes null, so that these are said."""
    empty: dict[str, Any] = {"causes": [], "languages": [], "translations": {}, "overrides": []}
    return [empty | row for row in rows]


def _inserting(table: Table) -> Any:
    return text(
        f"insert into {table.name} select * from jsonb_populate_recordset(null::{table.name}, :rows)"  # noqa: S608
    )
