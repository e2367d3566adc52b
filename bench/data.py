"""The data of the benchmark: the same rows on every machine, made and not stored.

A `Scale` says how much there is; `loading.py` puts it into a database. Everything hangs from the
number of a row, so that the first thousand events are the same in every scale: what is measured
at a thousand and at a million is the same page, with more and more rows around and among it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

from domain.geo import cell_of

AUTHORITY = "bench.test"
SEED = 20_270_101
NOW = datetime(2027, 1, 1, tzinfo=UTC)  # from when on lists are asked for
_FIRST_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST_MADE_MS = int(_FIRST_MADE.timestamp() * 1000)
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _BASE32 for b in _BASE32]
_SHIFTS = range(120, -1, -10)
_KINDS = {
    kind: place * 0xD1B54A32D192ED03
    for place, kind in enumerate(("hub", "org", "grp", "aln", "alm", "evt", "occ", "evh", "rsv"))
}

# Name, latitude, longitude: the first are the liveliest.
CITIES = (
    ("London", 51.5074, -0.1278),
    ("Paris", 48.8566, 2.3522),
    ("Berlin", 52.52, 13.405),
    ("New York", 40.7128, -74.006),
    ("Madrid", 40.4168, -3.7038),
    ("Rome", 41.9028, 12.4964),
    ("Vienna", 48.2082, 16.3738),
    ("Chicago", 41.8781, -87.6298),
    ("Toronto", 43.6532, -79.3832),
    ("Amsterdam", 52.3676, 4.9041),
    ("Brussels", 50.8503, 4.3517),
    ("Hamburg", 53.5511, 9.9937),
    ("Barcelona", 41.3851, 2.1734),
    ("Milan", 45.4642, 9.19),
    ("Prague", 50.0755, 14.4378),
    ("Warsaw", 52.2297, 21.0122),
    ("Budapest", 47.4979, 19.0402),
    ("Copenhagen", 55.6761, 12.5683),
    ("Stockholm", 59.3293, 18.0686),
    ("Oslo", 59.9139, 10.7522),
    ("Helsinki", 60.1699, 24.9384),
    ("Dublin", 53.3498, -6.2603),
    ("Lisbon", 38.7223, -9.1393),
    ("Athens", 37.9838, 23.7275),
    ("Zürich", 47.3769, 8.5417),
    ("Lyon", 45.764, 4.8357),
    ("Boston", 42.3601, -71.0589),
    ("Seattle", 47.6062, -122.3321),
    ("Denver", 39.7392, -104.9903),
    ("Montréal", 45.5017, -73.5673),
    ("Mexico City", 19.4326, -99.1332),
    ("Nairobi", -1.2921, 36.8219),
    ("Lagos", 6.5244, 3.3792),
    ("Cape Town", -33.9249, 18.4241),
    ("Accra", 5.6037, -0.187),
    ("Delhi", 28.6139, 77.209),
    ("Mumbai", 19.076, 72.8777),
    ("Tokyo", 35.6762, 139.6503),
    ("Seoul", 37.5665, 126.978),
    ("Sydney", -33.8688, 151.2093),
    ("Auckland", -36.8485, 174.7633),
    ("Suva", -18.1416, 178.4419),
    ("Bogotá", 4.711, -74.0721),
    ("Lima", -12.0464, -77.0428),
)
CITY_WEIGHTS = list(accumulate(1 / (place + 1) ** 0.6 for place in range(len(CITIES))))
_TEXT = (
    "climate repair garden youth food library housing mutual aid river school health forum "
    "workshop march cleanup dinner choir bike assembly training open night street harvest seed "
    "sewing café market neighbours rights archive radio bread"
)
_WORDS = _TEXT.split()
_VENUES = ("Hall", "Centre", "Park", "Square", "Library")
_CAUSES = ("climate", "food", "housing", "health", "education", "culture")
# How many organizations host an event beside its own.
_CO_HOSTS, _CO_HOST_WEIGHTS = (0, 1, 2, 3, 5), (55, 75, 87, 95, 100)

# In a scale that grows, the first events lie close together, so that every page asked for is
# full from the start: in one month, a few cities, and shared with a few alliances.
KERNEL_EVENTS, KERNEL_ALLIANCES, KERNEL_CITIES = 1_000, 8, 6


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of everything. `kernel`: the first events fill the pages that are asked for."""

    events: int = 100_000
    rsvps: int = 500_000
    organizations: int = 200
    groups: int = 5_000
    alliances: int = 300
    kernel: bool = False


USUAL = Scale()
QUICK = Scale(events=20_000, rsvps=40_000)

Row = tuple[object, ...]


def identifier(kind: str, number: int) -> str:
    """A ULID made at a time that grows with the number, as ids do; unlike in its other half."""
    moment = _FIRST_MADE_MS + 30_000 * number
    chance = (number * 0x9E3779B97F4A7C15F39D + _KINDS[kind]) % 2**80
    whole = moment << 80 | chance
    ulid = "".join([_PAIRS[whole >> shift & 1023] for shift in _SHIFTS])
    return f"{kind}_{ulid}@{AUTHORITY}"


@cache
def well_known(kind: str, number: int) -> str:
    """Of an organization, a group or an alliance, which many rows name."""
    return identifier(kind, number)


def made_at(number: int) -> datetime:
    return _FIRST_MADE + timedelta(seconds=30 * number)


def audience_of(number: int) -> str:
    """Of an event: 85 % are for everybody, 10 % for allies, 5 % for nobody else."""
    part = number * 2_654_435_761 % 2**32 / 2**32  # Knuth's multiplicative hash
    return "PUBLIC" if part < 0.85 else "ALLIANCE" if part < 0.95 else "PRIVATE"


@dataclass(slots=True)
class EventRows:
    """An event with all that hangs from it, table by table."""

    events: list[Row] = field(default_factory=list)
    occurrences: list[Row] = field(default_factory=list)
    event_hosts: list[Row] = field(default_factory=list)
    event_shares: list[Row] = field(default_factory=list)


class Data:
    """The rows of a scale."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        chance = random.Random(SEED)
        self.prose = " ".join(chance.choices(_WORDS, k=20_000)).split(" ")
        fewest, most = min(5, scale.organizations), min(30, scale.organizations)
        every = range(1, scale.organizations + 1)
        self.members = {
            alliance: sorted(chance.sample(every, chance.randint(fewest, most)))
            for alliance in range(1, scale.alliances + 1)
        }
        self.alliances_of: dict[int, list[int]] = {number: [] for number in every}
        for alliance, members in self.members.items():
            for member in members:
                self.alliances_of[member].append(alliance)
        self.groups_of: dict[int, list[int]] = {number: [] for number in every}
        for group in range(1, scale.groups + 1):
            self.groups_of[self.owner_of_group(group)].append(group)

    def owner_of_group(self, group: int) -> int:
        return (group - 1) % self.scale.organizations + 1

    def hubs(self) -> Iterator[Row]:
        url = f"https://{AUTHORITY}"
        yield well_known("hub", 1), AUTHORITY, url, "Convoke hub", "convoke", True, made_at(1)

    def organizations(self) -> Iterator[Row]:
        chance = random.Random(SEED + 1)
        for number in range(1, self.scale.organizations + 1):
            city, latitude, longitude = chance.choices(CITIES, cum_weights=CITY_WEIGHTS)[0]
            name = f"{self._words(chance, 2).title()} Organisation {number}"
            yield (
                *self._publication("org", number, "PUBLIC"),
                f"organisation-{number}",
                name,
                self._words(chance, 40),
                f"https://organisation-{number}.example",
                ["en"],
                "UTC",
                *_place(chance, city, latitude, longitude, 0.1),
            )

    def groups(self) -> Iterator[Row]:
        chance = random.Random(SEED + 2)
        for number in range(1, self.scale.groups + 1):
            yield (
                *self._publication("grp", number, "PUBLIC"),
                well_known("org", self.owner_of_group(number)),
                f"group-{number}",
                f"{self._words(chance, 2).title()} Group {number}",
                self._words(chance, 25),
                "LOCAL",
                "OPEN",
            )

    def alliances(self) -> Iterator[Row]:
        chance = random.Random(SEED + 3)
        for number, members in self.members.items():
            yield (
                *self._publication("aln", number, "PUBLIC"),
                well_known("org", members[0]),
                f"alliance-{number}",
                f"{self._words(chance, 2).title()} Alliance {number}",
                self._words(chance, 12),
                self._words(chance, 30),
                "COALITION",
                "ACTIVE",
                "BY_REQUEST",
                "CONVENER",
                "PUBLIC",
                "NONE",
                "NONE",
            )

    def alliance_members(self) -> Iterator[Row]:
        number = 0
        for alliance, members in self.members.items():
            for place, member in enumerate(members):
                number += 1
                yield (
                    identifier("alm", number),
                    well_known("aln", alliance),
                    well_known("org", member),
                    "MEMBER" if place else "CONVENER",
                    "ACTIVE",
                    "ALLIANCE",
                    made_at(number),
                    made_at(number),
                )

    def events(self, several: int = 5_000) -> Iterator[EventRows]:
        """So many at a time."""
        chance = random.Random(SEED + 4)
        rows = EventRows()
        for number in range(1, self.scale.events + 1):
            self._event(chance, number, rows)
            if len(rows.events) == several:
                yield rows
                rows = EventRows()
        yield rows

    def _event(self, chance: random.Random, number: int, rows: EventRows) -> None:
        shared: set[int] = set()
        if self.scale.kernel and number <= KERNEL_EVENTS:
            alliance = number % KERNEL_ALLIANCES + 1
            shared.add(alliance)
            owner = chance.choice(self.members[alliance])
            city = CITIES[number % KERNEL_CITIES]
            starts_at = NOW + timedelta(minutes=15 * chance.randrange(4 * 24 * 30))
        else:
            owner = chance.randint(1, self.scale.organizations)
            city = chance.choices(CITIES, cum_weights=CITY_WEIGHTS)[0]
            starts_at = NOW + timedelta(minutes=15 * chance.randrange(-4 * 24 * 365, 4 * 24 * 365))
            theirs = self.alliances_of[owner]
            shared.update(chance.sample(theirs, min(len(theirs), chance.randint(0, 3))))
        ends_at = starts_at + timedelta(minutes=chance.choice((60, 90, 120, 180, 480)))
        groups = self.groups_of[owner]
        group = chance.choice(groups) if groups and chance.random() < 0.8 else None
        capacity = chance.choice((20, 40, 80, 200)) if chance.random() < 0.9 else None
        name = self._words(chance, chance.randint(2, 5)).capitalize()
        event_id, made = identifier("evt", number), made_at(number)
        rows.events.append(
            (
                *self._publication("evt", number, audience_of(number)),
                " ".join(f"'{word}'" for word in sorted(set(name.lower().split()))),
                [_CAUSES[number % len(_CAUSES)]],
                well_known("org", owner),
                well_known("grp", group) if group else None,
                f"{name} {number}",
                self._words(chance, chance.randint(30, 120)),
                starts_at,
                ends_at,
                "UTC",
                ends_at,
                "SCHEDULED",
                "PUBLISHED",
                "IN_PERSON",
                ["en"],
                capacity,
                "OPEN",
                *_place(chance, *city, 0.12),
            )
        )
        rows.occurrences.append(
            (identifier("occ", number), event_id, starts_at, starts_at, ends_at, "SCHEDULED")
        )
        for place, host in enumerate([owner, *self._co_hosts(chance, owner)]):
            role, by = ("CO_HOST", "ALLIANCE") if place else ("HOST", "ORGANIZATION")
            hosted = identifier("evh", number * 8 + place)
            rows.event_hosts.append(
                (hosted, event_id, well_known("org", host), role, "ACCEPTED", by,
                 "DETAILS", "NONE", made, made)
            )  # fmt: skip
        for alliance in sorted(shared):
            rows.event_shares.append((event_id, well_known("aln", alliance), made))

    def _co_hosts(self, chance: random.Random, owner: int) -> list[int]:
        count = chance.choices(_CO_HOSTS, cum_weights=_CO_HOST_WEIGHTS)[0]
        wanted = min(count, self.scale.organizations)
        return sorted(set(chance.sample(range(1, self.scale.organizations + 1), wanted)) - {owner})

    def rsvps(self) -> Iterator[Row]:
        """In the order of their events, so that each date is counted once and not row by row."""
        chance = random.Random(SEED + 5)
        events = chance.choices(range(1, self.scale.events + 1), k=self.scale.rsvps)
        for number, event in enumerate(sorted(events), start=1):
            status = chance.choices(("ACCEPTED", "TENTATIVE", "DECLINED"), (70, 20, 10))[0]
            made = made_at(number % self.scale.events)
            yield (
                identifier("rsv", number),
                identifier("evt", event),
                identifier("occ", event),
                f"Guest {number}",
                f"guest-{number}@people.example",
                status,
                chance.choices((0, 1, 2), (80, 15, 5))[0],
                made,
                made,
            )

    def _publication(self, kind: str, number: int, audience: str) -> Row:
        made = made_at(number)
        return identifier(kind, number), well_known("hub", 1), audience, 1, made, made, "en"

    def _words(self, chance: random.Random, count: int) -> str:
        begin = chance.randrange(len(self.prose) - count)
        return " ".join(self.prose[begin : begin + count])


def _place(
    chance: random.Random, city: str, latitude: float, longitude: float, spread: float
) -> Row:
    latitude = round(chance.gauss(latitude, spread), 6)
    longitude = round(max(-179.9, min(179.9, chance.gauss(longitude, spread * 1.5))), 6)
    name = f"{chance.choice(_WORDS).title()} {chance.choice(_VENUES)}"
    return name, city, latitude, longitude, "PRECISE", cell_of(latitude, longitude)


PUBLICATION = ("id", "hub_id", "visibility", "version", "created_at", "updated_at", "language")
PLACE = (
    "place_name",
    "place_locality",
    "place_latitude",
    "place_longitude",
    "place_precision",
    "geo_cell",
)
# The columns that are given, in the order of the rows above; the others have their defaults.
COLUMNS: dict[str, tuple[str, ...]] = {
    "hubs": ("id", "authority", "url", "name", "software", "is_local", "created_at"),
    "organizations": (
        *PUBLICATION, "slug", "name", "description", "website", "languages", "time_zone", *PLACE
    ),
    "groups": (
        *PUBLICATION, "organization_id", "slug", "name", "purpose", "kind", "join_policy"
    ),
    "alliances": (
        *PUBLICATION, "convener_id", "slug", "name", "purpose", "description", "kind", "status",
        "join_policy", "decision_rule", "default_event_visibility", "member_editing",
        "attendee_sharing",
    ),
    "alliance_members": (
        "id", "alliance_id", "organization_id", "role", "status", "initiated_by", "created_at",
        "joined_at",
    ),
    "events": (
        *PUBLICATION, "search", "causes", "organization_id", "group_id", "title", "description",
        "starts_at", "ends_at", "time_zone", "over_at", "status", "publication_status",
        "attendance_mode", "languages", "capacity", "join_mode", *PLACE,
    ),
    "occurrences": ("id", "event_id", "recurrence_id", "starts_at", "ends_at", "status"),
    "event_hosts": (
        "id", "event_id", "organization_id", "role", "status", "initiated_by", "may_edit",
        "attendee_sharing", "created_at", "responded_at",
    ),
    "event_shares": ("event_id", "alliance_id", "shared_at"),
    "rsvps": (
        "id", "event_id", "occurrence_id", "guest_name", "guest_email", "status",
        "additional_guests", "created_at", "updated_at",
    ),
}  # fmt: skip
