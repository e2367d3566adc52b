"""Events that may be another one, as far as the viewer finds them: looked for by index, and scored.

Whoever has the same name in another system, or the same entry in a calendar; and what starts within
a day of it, near it or by some of its words. Never more than some hundreds are looked at.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    func,
    literal,
    or_,
    select,
    union_all,
)

from domain.duplicates import NEAR_KM, WINDOW, Likeness, Sketch, most_alike, words
from domain.geo import cells_near
from domain.places import PlacePrecision
from resolvers.context import Context
from resolvers.reading.sources import EVENT
from resolvers.reading.wanted import has_words, one_of
from storage import tables as t
from storage.visibility import sees_event

AT_ONCE = 50  # of each way there are four: the nearest in time, before and after it, and by name
MOST_WORDS = 10  # of a title, as many as a search takes
SHORTEST = 3  # letters of a word that tells one event from others
_SKETCHED = (
    *("id", "organization_id", "title", "starts_at", "online_url", "place_name", "place_locality"),
    *("place_latitude", "place_longitude", "place_precision"),
)


async def possible(ctx: Context, event_id: str, first: int) -> list[tuple[str, Likeness]]:
    """The likeliest first; nothing where the viewer sees no such event."""
    row, rows = EVENT.rows(ctx.eyes)
    found = await ctx.rows(rows.with_only_columns(*_columns(row)).where(row.c.id == event_id))
    if not found:
        return []
    other = t.events.alias()
    named = union_all(_of_name(event_id), _of_entry(event_id)).subquery()
    looking = select(*_columns(other)).where(
        other.c.id.in_(select(named.c.id)), sees_event(ctx.eyes, other, by_link=False)
    )
    others = {one["id"]: one for one in await ctx.rows(looking)}
    for way in _around(ctx, found[0]):
        others |= {one["id"]: one for one in await ctx.rows(way)}
    ids = sorted({event_id, *others})
    names = await _by_event(ctx, t.identifiers.c.subject_id, ids, ("system", "value"))
    uids = await _by_event(ctx, t.import_items.c.event_id, ids, ("uid",))

    def sketch(one: Any) -> Sketch:
        of_entries = frozenset(uid for (uid,) in uids.get(one["id"], ()))
        return _sketch(one, frozenset(names.get(one["id"], ())), of_entries)

    alike = most_alike(sketch(found[0]), [sketch(one) for one in others.values()])
    return [(other.id, likeness) for other, likeness in alike[:first]]


def _columns(row: FromClause) -> list[ColumnElement[Any]]:
    return [row.c[name] for name in _SKETCHED]


def _of_name(event_id: str) -> Select[Any]:
    own, same = t.identifiers.alias(), t.identifiers.alias()
    return _some(
        select(same.c.subject_id.label("id"))
        .join(own, (own.c.system == same.c.system) & (own.c.value == same.c.value))
        .where(own.c.subject_id == event_id, same.c.subject_id != event_id)
        .distinct()
    )


def _of_entry(event_id: str) -> Select[Any]:
    own, same = t.import_items.alias(), t.import_items.alias()
    return _some(
        select(same.c.event_id.label("id"))
        .join(own, own.c.uid == same.c.uid)
        .where(own.c.event_id == event_id, same.c.event_id != event_id)
        .distinct()
    )


def _some(rows: Select[Any]) -> Select[Any]:
    return select(rows.limit(AT_ONCE).subquery().c.id)


def _around(ctx: Context, event: Any) -> Iterable[Select[Any]]:
    """What is near in time and alike in place or words, from it on and before it."""
    starts_at = event["starts_at"]
    for later in (True, False):
        row = t.events.alias()
        ways = _alike(row, event)
        if not ways:
            return
        at = row.c.starts_at
        window = (
            (at >= starts_at, at <= starts_at + WINDOW)
            if later
            else (at < starts_at, at >= starts_at - WINDOW)
        )
        rows = select(*_columns(row)).where(
            *window,
            row.c.id != event["id"],
            or_(*ways),
            sees_event(ctx.eyes, row, by_link=False),
        )
        order = (at, row.c.id) if later else (at.desc(), row.c.id)
        yield rows.order_by(*order).limit(AT_ONCE)


def _alike(row: FromClause, event: Any) -> list[ColumnElement[bool]]:
    ways: list[ColumnElement[bool]] = []
    if event["place_latitude"] is not None:
        cells = cells_near(event["place_latitude"], event["place_longitude"], NEAR_KM)
        ways.append(one_of(row.c.geo_cell, tuple(cells)))
    if event["place_locality"]:
        locality = literal(event["place_locality"], Text)
        ways.append(func.lower(row.c.place_locality) == func.lower(locality))
    told = [word for word in words(event["title"]) if len(word) >= SHORTEST][:MOST_WORDS]
    if told:
        ways.append(has_words(row, " or ".join(told)))
    return ways


async def _by_event(
    ctx: Context, key: Any, ids: Collection[str], names: tuple[str, ...]
) -> dict[str, set[tuple[str, ...]]]:
    table = key.table
    found: dict[str, set[tuple[str, ...]]] = {}
    rows = select(key.label("event"), *(table.c[name] for name in names))
    for row in await ctx.rows(rows.where(key.in_(sorted(ids)))):
        found.setdefault(row["event"], set()).add(tuple(row[name] for name in names))
    return found


def _sketch(row: Any, names: frozenset[tuple[str, ...]], uids: frozenset[str]) -> Sketch:
    """A position that is coarse on purpose tells no distance."""
    exact = row["place_precision"] == PlacePrecision.PRECISE and row["place_latitude"] is not None
    return Sketch(
        id=row["id"],
        title=row["title"],
        starts_at=row["starts_at"],
        place_name=row["place_name"],
        locality=row["place_locality"],
        position=(row["place_latitude"], row["place_longitude"]) if exact else None,
        online_url=row["online_url"],
        hosts=frozenset({row["organization_id"]}),
        names=frozenset((system, value) for system, value in names),
        uids=uids,
    )
