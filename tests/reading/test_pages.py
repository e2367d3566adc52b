"""Paging through a list gives every row once, in order: the same rows, in the same order, as one
plain statement that asks every event everything and sorts what is left.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers.reading import entrances, events
from resolvers.reading.events import EventOrder
from resolvers.reading.given import Near
from resolvers.reading.wanted import EventsWanted
from storage import tables as t
from tests.reading.asking import Asked, Desk, count, page, place_of
from tests.reading.busy_hub import GREAT, GROUP, MEMBER, NOW, RIVER_CITY, SMALL
from tests.reading.lists import LISTS

NEAR, ALL_AROUND = Near.of(*RIVER_CITY, 25.0), Near.of(*RIVER_CITY, 500.0)
MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
# Moments from which lists are asked: among them one at which events start, and others end.
MOMENTS = (
    NOW,
    NOW + timedelta(hours=3),
    NOW + timedelta(hours=3, minutes=15) + MICROSECOND,
    NOW - timedelta(days=100),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9998, 1, 1, tzinfo=UTC),
)

# Who may be seen, what the filter of every list leaves out, and where a series stands.
PLAIN = """
select e.id, {place} as place from events e join organizations o on o.id = e.organization_id
cross join lateral (select min(d.starts_at) as next_at from occurrences d where d.event_id = e.id
  and (d.starts_at >= {from_} or d.ends_at > {from_})) as dates
where e.visibility = 'PUBLIC' and o.visibility in ('PUBLIC', 'UNLISTED')
  and e.publication_status = 'PUBLISHED' and e.status <> 'CANCELLED' and {takes_place} and {where}
order by place {way}, e.id {way}
"""
AHEAD = """(e.starts_at < {to} and case when e.rrule is null
  then e.starts_at >= {from_} or e.over_at > {from_}
  else e.over_at > {from_} and exists (select from occurrences d where d.event_id = e.id
    and d.starts_at < {to} and (d.starts_at >= {from_} or d.ends_at > {from_})) end)"""
BEFORE = """(e.starts_at < {to} and (e.rrule is null
  or exists (select from occurrences d where d.event_id = e.id and d.starts_at < {to})))"""
NEXT_AT = "case when e.rrule is null then e.starts_at else coalesce(next_at, e.starts_at) end"
SHARED = """exists (select from event_shares s join alliance_members m on
  m.alliance_id = s.alliance_id and m.organization_id = e.organization_id and m.status = 'ACTIVE'
  where s.event_id = e.id and s.alliance_id in ({alliances}))"""
HOSTED = """exists (select from event_hosts h where h.event_id = e.id
  and h.organization_id in ({organizations}) and h.status = 'ACCEPTED'
  and h.role in ('HOST', 'CO_HOST'))"""
WITHIN = "convoke_distance_km(e.place_latitude, e.place_longitude, 39.1653, -86.5264) <= {km}"
GREAT_ONE, BOTH = SHARED.format(alliances=f"'{GREAT}'"), f"'{GREAT}', '{SMALL}'"


DATES = """
select d.id from occurrences d join events e on e.id = d.event_id
join organizations o on o.id = e.organization_id
where e.visibility = 'PUBLIC' and o.visibility in ('PUBLIC', 'UNLISTED')
  and e.publication_status = 'PUBLISHED' and e.status <> 'CANCELLED' and d.status <> 'CANCELLED'
  and (d.starts_at >= {from_} or d.ends_at > {from_}) and d.starts_at < {to} and {where}
order by d.starts_at, d.id
"""


@dataclass(frozen=True)
class Scope:
    """Which events, as the listing is told, and as the plain statement is."""

    where: str = "true"
    wanted: EventsWanted = EventsWanted()  # noqa: RUF009 - it is frozen
    listing_of: Any = events.listed
    of: Any = None
    id: str = ""

    def asked(self, wanted: EventsWanted, order: EventOrder) -> Asked:
        return Asked(self.listing_of, (wanted, order), self.of, self.id)


SCOPES = {
    "all": Scope(),
    "an alliance": Scope(GREAT_ONE, listing_of=events.of_alliance, of=t.alliances, id=GREAT),
    "some alliances": Scope(
        SHARED.format(alliances=BOTH), EventsWanted(alliances=(SMALL, GREAT, SMALL))
    ),
    "an organization": Scope(
        HOSTED.format(organizations=f"'{MEMBER}'"),
        listing_of=events.of_organization,
        of=t.organizations,
        id=MEMBER,
    ),
    "some organizations": Scope(
        HOSTED.format(organizations=f"'{MEMBER}', 'org-6'"),
        EventsWanted(organizations=(MEMBER, "org-6")),
    ),
    "a group": Scope(f"e.group_id = '{GROUP}'", listing_of=events.of_group, of=t.groups, id=GROUP),
    "some groups": Scope(
        f"e.group_id in ('{GROUP}', 'group-4')", EventsWanted(groups=(GROUP, "group-4", GROUP))
    ),
    "near here": Scope(WITHIN.format(km=25), EventsWanted(near=NEAR)),
    "all around": Scope(WITHIN.format(km=500), EventsWanted(near=ALL_AROUND)),
    "near here, in an alliance": Scope(
        f"{GREAT_ONE} and {WITHIN.format(km=25)}", EventsWanted(near=NEAR, alliances=(GREAT,))
    ),
    "by a word": Scope("e.search @@ 'every'", EventsWanted(search="every")),
    "by a word, in an alliance": Scope(
        f"{GREAT_ONE} and e.search @@ 'every'",
        EventsWanted(search="every"),
        events.of_alliance,
        t.alliances,
        GREAT,
    ),
}
ORDERS = (EventOrder.STARTS_AT_ASC, EventOrder.STARTS_AT_DESC, EventOrder.UPDATED_AT_DESC)


async def paged(desk: Desk, asked: Asked, first: int) -> list[Any]:
    """All rows, page by page."""
    statement = page(asked, first)
    found = await desk.rows(statement)
    if len(found) <= first:
        return found
    following = page(asked, first, place_of(statement, found[first - 1]))
    rows = found
    while len(rows) > first:
        del found[-1]  # the row that told of another page
        rows = await desk.rows(following.after(found[-1]))
        found = found + rows
    return found


async def plain(
    connection: AsyncConnection, scope: Scope, wanted: EventsWanted, order: EventOrder
) -> list[str]:
    from_, to = (
        "null::timestamptz" if moment is None else f"timestamptz '{moment}'"
        for moment in (wanted.from_, wanted.to)
    )
    end = "'infinity'" if wanted.to is None else to
    takes_place = BEFORE if wanted.from_ is None and wanted.to is not None else AHEAD
    if wanted.from_ is None and wanted.to is None:
        takes_place = "true"
    statement = PLAIN.format(
        place="e.updated_at" if order is EventOrder.UPDATED_AT_DESC else NEXT_AT,
        from_=from_,
        takes_place=takes_place.format(from_=from_, to=end),
        where=scope.where,
        way="desc" if order.endswith("DESC") else "asc",
    )
    if wanted.from_ is None:  # without a moment to begin from, a series stands at its start
        statement = statement.replace(NEXT_AT, "e.starts_at")
    return list((await connection.execute(text(statement.replace("::", "\\:\\:")))).scalars())


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
async def test_pages_put_together_are_the_list(
    quiet: AsyncConnection, scope: Scope, order: EventOrder
) -> None:
    desk = await Desk.at(quiet)
    filled = 0
    sizes: tuple[int, ...] = (7, 100)
    for wanted in (
        *(replace(scope.wanted, from_=moment) for moment in MOMENTS),
        *(replace(scope.wanted, from_=moment, to=moment + 20 * MINUTE) for moment in MOMENTS),
        replace(scope.wanted, from_=NOW, to=NOW + timedelta(days=30)),
        replace(scope.wanted, to=NOW),
        scope.wanted,
    ):
        expected = await plain(quiet, scope, wanted, order)
        filled += bool(expected)
        asked = scope.asked(wanted, order)
        for first in sizes:
            found = [row["id"] for row in await paged(desk, asked, first)]
            assert found == expected, (wanted.from_, wanted.to, first)
        sizes = (100,) if wanted.to is None else (7,)
        (counted,) = await desk.rows(count(asked))
        assert counted["count"] == len(expected)
    assert filled >= 5


@pytest.mark.parametrize("order", ORDERS)
async def test_a_wide_circle_with_much_in_it_is_the_same_list(
    busy: AsyncConnection, order: EventOrder
) -> None:
    scope, desk = SCOPES["all around"], await Desk.at(busy)
    wanted = replace(scope.wanted, from_=NOW)
    found = [row["id"] for row in await paged(desk, scope.asked(wanted, order), 100)]
    assert len(found) > entrances.LIVELY
    assert found == await plain(busy, scope, wanted, order)


@pytest.mark.parametrize("radius_km", [25.0, 500.0])
async def test_the_nearest_come_first(quiet: AsyncConnection, radius_km: float) -> None:
    desk = await Desk.at(quiet)
    near = Near.of(*RIVER_CITY, radius_km)
    wanted = EventsWanted(
        near=near, from_=NOW, organizations=tuple(f"org-{n}" for n in range(1, 30))
    )
    asked = Asked(events.listed, (wanted, EventOrder.DISTANCE_ASC))
    found = [(row["key_distance"], row["id"]) for row in await paged(desk, asked, 3)]
    assert found == sorted(found)
    assert all(0 <= distance <= radius_km for distance, _ in found)
    in_time = Asked(events.listed, (wanted, EventOrder.STARTS_AT_ASC))
    assert {name for _, name in found} == {row["id"] for row in await paged(desk, in_time, 100)}
    assert len(found) == len({name for _, name in found}) > 3


@pytest.mark.parametrize("asked", LISTS.values(), ids=LISTS)
async def test_small_pages_and_large_ones_show_the_same(
    quiet: AsyncConnection, asked: Asked
) -> None:
    desk = await Desk.at(quiet)
    large = [tuple(row.values()) for row in await paged(desk, asked, 100)]
    small = [tuple(row.values()) for row in await paged(desk, asked, 9)]
    assert small == large


CALENDARS = {name: scope for name, scope in SCOPES.items() if scope.of is None}


@pytest.mark.parametrize("scope", CALENDARS.values(), ids=CALENDARS)
async def test_a_calendar_has_every_date_once(quiet: AsyncConnection, scope: Scope) -> None:
    desk = await Desk.at(quiet)
    filled = 0
    for moment in MOMENTS:
        for length in (timedelta(minutes=20), timedelta(days=30), timedelta(days=366)):
            wanted = replace(scope.wanted, from_=moment, to=moment + length)
            given = {"from_": f"timestamptz '{moment}'", "to": f"timestamptz '{wanted.to}'"}
            statement = DATES.format(**given, where=scope.where)
            expected = list((await quiet.execute(text(statement))).scalars())
            filled += bool(expected)
            asked = Asked(events.dates, (wanted,))
            for first in (7, 100):
                found = [row["id"] for row in await paged(desk, asked, first)]
                assert found == expected, (moment, length, first)
            (counted,) = await desk.rows(count(asked))
            assert counted["count"] == len(expected)
    assert filled >= 4
