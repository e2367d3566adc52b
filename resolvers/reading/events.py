"""Finding events and their dates: by time, place, words, and by who shares them with whom.

Where a list begins is in `entrances`, what else is asked of an event in `narrowing`, and how the
events of it come in order in `ways_in_time`.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from domain.errors import BadInput
from domain.events import EventHostRole, EventStatus
from resolvers.reading import entrances
from resolvers.reading.calendars import dates_in_order
from resolvers.reading.entrances import Entrance
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, Way, in_order, keys_of
from resolvers.reading.narrowing import (
    Condition,
    asked_of,
    in_window,
    moment_of,
    place_in_time,
    shared_with,
)
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import ALLIANCE, EVENT, EVENT_HOST, OCCURRENCE, columns_of
from resolvers.reading.wanted import EventsWanted, distance_km, one_of
from resolvers.reading.ways_in_time import Asked, by_start, sorted_by, where
from resolvers.reading.windows import Window
from storage import tables as t
from storage.visibility import Eyes
from storage.words import word


class EventOrder(StrEnum):
    STARTS_AT_ASC = "STARTS_AT_ASC"
    STARTS_AT_DESC = "STARTS_AT_DESC"
    DISTANCE_ASC = "DISTANCE_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"


def listed(eyes: Eyes, wanted: EventsWanted, order: EventOrder) -> Listing:
    found = [
        (_ordered(entrance, _asked(eyes, wanted, entrance), wanted, order), condition)
        for entrance, condition in _entrances(eyes, wanted, order is EventOrder.DISTANCE_ASC)
    ]
    ways = [
        way
        for listing, condition in found
        for way in (listing.ways if condition is None else where(listing.ways, condition))
    ]
    return replace(found[0][0], ways=tuple(ways))


def of_organization(
    eyes: Eyes, organization: FromClause, wanted: EventsWanted, order: EventOrder
) -> Listing:
    """What it hosts, alone or with others."""
    entrance = entrances.of_organization(eyes, organization, wanted.host_roles)
    return _ordered(entrance, _asked(eyes, wanted, entrance), wanted, order)


def of_group(eyes: Eyes, group: FromClause, wanted: EventsWanted, order: EventOrder) -> Listing:
    entrance = entrances.of_group(group)
    return _ordered(entrance, _asked(eyes, wanted, entrance), wanted, order)


def of_alliance(
    eyes: Eyes, alliance: FromClause, wanted: EventsWanted, order: EventOrder
) -> Listing:
    """What its active members share with it."""
    if wanted.search is None:
        entrance = entrances.of_alliance(alliance)
        return _ordered(entrance, _asked(eyes, wanted, entrance), wanted, order)
    entrance = entrances.by_words(wanted.search)
    asked = _asked(eyes, wanted, entrance)
    return _ordered(
        entrance, lambda event: [shared_with(event, alliance), *asked(event)], wanted, order
    )


def dates(eyes: Eyes, wanted: EventsWanted) -> Listing:
    """Every date, in order, of the events wanted; the window is `wanted.from_` to `wanted.to`."""
    if wanted.from_ is None:
        raise BadInput("from: say from when on.", ("from",))
    window = Window(moment_of(wanted.from_), wanted.to)
    called_off = wanted.include_cancelled or wanted.statuses is not None

    def shown(date: FromClause) -> list[Condition]:
        return [] if called_off else [date.c.status != word(EventStatus.CANCELLED)]

    ways: list[Way] = []
    overlapping = False
    for entrance, condition in _entrances(eyes, wanted):
        found = dates_in_order(entrance, window, _asked(eyes, wanted, entrance), shown)
        ways += found if condition is None else where(found, condition)
        overlapping |= entrance.overlapping

    def rows_of(found: FromClause) -> Select[Any]:
        row = t.occurrences.alias()
        return columns_of(OCCURRENCE, row).join(found, found.c.key_id == row.c.id)

    keys = keys_of({"starts_at": t.occurrences.c.starts_at, "id": t.occurrences.c.id})
    return Listing(
        OCCURRENCE.type_name,
        keys,
        EventOrder.STARTS_AT_ASC,
        tuple(ways),
        overlapping=overlapping,
        shown=rows_of,
    )


def dates_of(eyes: Eyes, event: FromClause, wanted: EventsWanted) -> Listing:
    """The dates of one event the viewer already sees, called-off ones among them."""
    row = t.occurrences.alias()
    rows = columns_of(OCCURRENCE, row).where(
        row.c.event_id == event.c.id, *in_window(row, wanted.from_, wanted.to)
    )
    keys = {"starts_at": row.c.starts_at, "id": row.c.id}
    return in_order(OCCURRENCE.type_name, rows, EventOrder.STARTS_AT_ASC, keys)


def hosts_of(
    eyes: Eyes, event: FromClause, roles: Given[tuple[EventHostRole, ...]] | None
) -> Listing:
    row, rows = EVENT_HOST.rows_of_seen(eyes)
    rows = rows.where(row.c.event_id == event.c.id)
    if roles is not None:
        rows = rows.where(one_of(row.c.role, roles))
    keys = {"created_at": row.c.created_at, "id": row.c.id}
    return in_order(EVENT_HOST.type_name, rows, "CREATED_AT", keys)


def alliances_of(eyes: Eyes, event: FromClause) -> Listing:
    """The alliances it is shared with, as far as the viewer may know of them."""
    row, rows = ALLIANCE.rows(eyes)
    shares = t.event_shares.alias()
    rows = rows.join(shares, shares.c.alliance_id == row.c.id)
    return by_name(ALLIANCE, row, rows.where(shares.c.event_id == event.c.id))


def identifiers_of(eyes: Eyes, thing: FromClause) -> Listing:
    """What the thing is called in other systems."""
    row = t.identifiers.alias()
    keys = {"system": row.c.system, "value": row.c.value}
    columns: list[ColumnElement[Any]] = [row.c.system, row.c.value]
    rows = select(*columns).where(row.c.subject_id == thing.c.id)
    return in_order("ExternalIdentifier", rows, "SYSTEM", keys)


def _entrances(
    eyes: Eyes, wanted: EventsWanted, by_distance: bool = False
) -> list[tuple[Entrance, Condition | None]]:
    """Where to begin; where that depends on how much there is, two, and when to take which."""
    if wanted.search is not None:
        return [(entrances.by_words(wanted.search), None)]
    if wanted.near is not None and by_distance:
        return [(entrances.around(wanted.near), None)]
    entrance = entrances.into(eyes, wanted)
    if wanted.near is None or not wanted.near.is_wide or "near" not in entrance.meets:
        return [(entrance, None)]
    lively = entrances.is_lively(wanted.near, wanted.from_)
    return [(entrances.all_events(), lively), (entrances.around(wanted.near), ~lively)]


def _asked(eyes: Eyes, wanted: EventsWanted, entrance: Entrance) -> Asked:
    return lambda event: asked_of(eyes, event, wanted, entrance.meets)


def _ordered(entrance: Entrance, asked: Asked, wanted: EventsWanted, order: EventOrder) -> Listing:
    name, place_of = _place_in(order, wanted)
    descending = order.endswith("DESC")
    if name == "next_at" and entrance.is_sorted:
        ways = by_start(entrance, wanted, asked, descending=descending)
    else:
        ways = (sorted_by(entrance, wanted, asked, place_of, descending=descending),)
    return Listing(
        EVENT.type_name,
        keys_of({name: place_of(t.events), "id": t.events.c.id}),
        order,
        ways,
        descending=descending,
        overlapping=entrance.overlapping,
        shown=_rows_of,
    )


def _place_in(
    order: EventOrder, wanted: EventsWanted
) -> tuple[str, Callable[[FromClause], ColumnElement[Any]]]:
    """What an event is sorted by, and its name."""
    match order:
        case EventOrder.STARTS_AT_ASC | EventOrder.STARTS_AT_DESC:
            return "next_at", lambda event: place_in_time(event, wanted)
        case EventOrder.UPDATED_AT_DESC:
            return "updated_at", lambda event: event.c.updated_at
        case EventOrder.DISTANCE_ASC:
            near = wanted.near
            if near is None:
                raise BadInput(
                    "orderBy: DISTANCE_ASC needs a position; give filter.near.", ("orderBy",)
                )
            return "distance", lambda event: distance_km(event, near)


def _rows_of(found: FromClause) -> Select[Any]:
    row = t.events.alias()
    return columns_of(EVENT, row).join(found, found.c.key_id == row.c.id)
