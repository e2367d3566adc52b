"""Changing one date of a series, a date and all that follow, or all of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from domain.errors import Invalid, NotFound, Problem, Refused, Stale
from domain.events import EventStatus
from domain.places import Place
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import events, series
from resolvers.events import EventChanges
from resolvers.series import DateChanges
from storage import events as stored
from storage.engine import Database
from storage.tables import audit_entries, event_hosts, event_shares
from storage.tables import events as event_rows
from storage.tables import occurrences as table
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.somebody_comes import answered, come_to

WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
WEEKLY: dict[str, Any] = {"recurrence": Recurrence("FREQ=WEEKLY;COUNT=6"), "time_zone": "UTC"}
LIBRARY = Place(name="Library", locality="River City", country="US")


async def rows(database: Database, event_id: str) -> list[dict[str, Any]]:
    found = select(table).where(table.c.event_id == event_id).order_by(table.c.starts_at)
    async with database.reading() as db:
        return [dict(row) for row in (await db.execute(found)).mappings()]


async def starts(database: Database, event_id: str) -> list[datetime]:
    return [row["starts_at"] for row in await rows(database, event_id)]


async def date_at(database: Database, event_id: str, at: datetime) -> str:
    found = await rows(database, event_id)
    return str(next(row["id"] for row in found if row["recurrence_id"] == at))


async def actions(database: Database, *subjects: str) -> list[tuple[str, str, str | None]]:
    found = select(audit_entries.c.subject_id, audit_entries.c.action, audit_entries.c.detail)
    async with database.reading() as db:
        noted = await db.execute(found.where(audit_entries.c.subject_id.in_(subjects)))
        return [(row.subject_id, row.action, row.detail) for row in noted]


async def refused(
    contents: Contents, doing: Any, problem: type[Problem], field: Sequence[str]
) -> str:
    before = await contents()
    with pytest.raises(problem) as refusal:
        await doing
    assert refusal.value.field == tuple(field)
    assert await contents() == before
    return refusal.value.message


# ── one date ─────────────────────────────────────────────────────────────────────────────────


async def test_one_date_is_held_elsewhere_and_later(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    changes: DateChanges = {
        "title": " Feast ",
        "description": "Bring a dish.",
        "starts_at": STARTS + WEEK + HOUR,
        "place": LIBRARY,
        "status": EventStatus.RESCHEDULED,
    }
    assert await series.update_date(context(cast.anna), date_id, 1, changes) == date_id
    others = [row for row in await rows(database, event_id) if row["id"] != date_id]
    (row,) = [row for row in await rows(database, event_id) if row["id"] == date_id]
    assert (row["title"], row["description"]) == ("Feast", "Bring a dish.")
    assert (row["place_name"], row["status"]) == ("Library", "RESCHEDULED")
    assert (row["recurrence_id"], row["starts_at"]) == (STARTS + WEEK, STARTS + WEEK + HOUR)
    assert row["ends_at"] == ENDS + WEEK + HOUR  # as long as the others
    assert {(row["title"], row["status"]) for row in others} == {(None, "SCHEDULED")}
    async with database.reading() as db:
        event = await stored.by_id(db, event_id)
    assert event is not None
    assert event.version == 2
    assert await actions(database, date_id) == [
        (date_id, "occurrence.updated", "description, place, startsAt, status, title")
    ]


async def test_null_takes_a_date_back_to_its_series(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    before = await rows(database, event_id)
    own: DateChanges = {
        "title": "Feast",
        "starts_at": STARTS,
        "ends_at": ENDS + WEEK,
        "place": LIBRARY,
    }
    await series.update_date(context(cast.anna), date_id, 1, own)
    await series.update_date(context(cast.anna), date_id, 2, {"starts_at": None, "title": None})
    (row,) = [row for row in await rows(database, event_id) if row["id"] == date_id]
    assert row["overrides"] == ["ends_at", "place"]
    back: DateChanges = {"ends_at": None, "place": None}
    await series.update_date(context(cast.anna), date_id, 3, back)
    assert await rows(database, event_id) == before


async def test_a_date_that_was_called_off_stays_so_when_the_series_moves(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    off: DateChanges = {"status": EventStatus.CANCELLED}
    await series.update_date(context(cast.anna), date_id, 1, off)
    later: EventChanges = {"starts_at": STARTS + DAY, "ends_at": ENDS + DAY}
    await events.update(context(cast.anna), event_id, 2, later)
    assert [row["status"] for row in await rows(database, event_id)] == [
        "SCHEDULED",
        "CANCELLED",
        *["SCHEDULED"] * 4,
    ]
    assert await date_at(database, event_id, STARTS + WEEK + DAY) == date_id


async def test_saying_the_same_again_writes_nothing(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    await series.update_date(context(cast.anna), date_id, 1, {"title": "Feast"})
    before = await contents()
    await series.update_date(context(cast.anna), date_id, 2, {"title": "Feast"})
    assert await contents() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, ("title",)),
        ({"ends_at": STARTS}, ("endsAt",)),
        ({"starts_at": datetime(1801, 1, 1, tzinfo=UTC)}, ("startsAt",)),
    ],
)
async def test_what_makes_no_sense_on_a_date_is_refused(
    context: MakeContext,
    cast: Cast,
    database: Database,
    contents: Contents,
    changes: DateChanges,
    field: tuple[str, ...],
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    doing = series.update_date(context(cast.anna), date_id, 1, changes)
    await refused(contents, doing, Invalid, field)


async def test_what_takes_place_once_is_changed_as_a_whole(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    date_id = await date_at(database, event_id, STARTS)
    doing = series.update_date(context(cast.anna), date_id, 1, {"title": "Feast"})
    assert "updateEvent" in await refused(contents, doing, Invalid, ["id"])


async def test_a_date_that_the_series_has_no_more_cannot_be_changed(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS + 5 * WEEK)
    date_id = await date_at(database, event_id, STARTS + 5 * WEEK)
    shorter: EventChanges = {"recurrence": Recurrence("FREQ=WEEKLY;COUNT=2")}
    await events.update(context(cast.anna), event_id, 1, shorter)
    doing = series.update_date(context(cast.anna), date_id, 2, {"title": "Feast"})
    await refused(contents, doing, Invalid, ["id"])
    doing = series.update_from(context(cast.anna), date_id, event_id, 2, {"title": "Feast"})
    await refused(contents, doing, Invalid, ["occurrence"])


async def test_only_the_host_changes_a_date_and_others_do_not_learn_of_it(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS)
    doing = series.update_date(context(cast.sam), date_id, 1, {"title": "Feast"})
    await refused(contents, doing, Refused, ["id"])
    hidden = await publish(context, cast.anna, visibility=Visibility.PRIVATE, **WEEKLY)
    of_hidden = await date_at(database, hidden, STARTS)
    unknown = of_hidden.replace(of_hidden[4:8], "0000")
    said = {
        await refused(
            contents,
            series.update_date(context(cast.sam), one, 1, {"title": "Feast"}),
            NotFound,
            ["id"],
        )
        for one in (of_hidden, unknown)
    }
    assert len(said) == 1


async def test_of_two_who_change_dates_at_once_one_is_told_to_look_again(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    dates = [row["id"] for row in await rows(database, event_id)][:2]
    done = await asyncio.gather(
        *(series.update_date(context(cast.anna), one, 1, {"title": "Feast"}) for one in dates),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Stale", "str"]
    titles = [row["title"] for row in await rows(database, event_id)]
    assert titles.count("Feast") == 1


# ── a date and all that follow ───────────────────────────────────────────────────────────────


async def test_from_a_date_on_a_series_goes_on_as_another_event(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, share_with=(cast.city_table,), **WEEKLY)
    before = [row["id"] for row in await rows(database, event_id)]
    answers = [await come_to(database, event_id, STARTS + number * WEEK) for number in (1, 2, 4)]
    date_id = before[2]
    later: EventChanges = {
        "title": "Food drive, evenings",
        "starts_at": STARTS + 2 * WEEK + DAY + 4 * HOUR,
        "ends_at": ENDS + 2 * WEEK + DAY + 4 * HOUR,
    }
    new_id = await series.update_from(context(cast.anna), date_id, event_id, 1, later)
    assert new_id != event_id
    assert await starts(database, event_id) == [STARTS, STARTS + WEEK]
    assert await starts(database, new_id) == [
        STARTS + number * WEEK + DAY + 4 * HOUR for number in range(2, 6)
    ]
    assert [row["id"] for row in await rows(database, new_id)] == before[2:]
    assert [await answered(database, answer) for answer in answers] == [
        (before[1], event_id),
        (before[2], new_id),
        (before[4], new_id),
    ]
    assert [row["accepted"] for row in await rows(database, new_id)] == [1, 0, 1, 0]
    async with database.reading() as db:
        first, second = await stored.by_id(db, event_id), await stored.by_id(db, new_id)
    assert first is not None
    assert second is not None
    assert (first.title, first.version, first.recurrence) == (
        "Food drive",
        2,
        Recurrence("FREQ=WEEKLY;COUNT=2"),
    )
    assert (second.title, second.version, second.recurrence) == (
        "Food drive, evenings",
        1,
        Recurrence("FREQ=WEEKLY;COUNT=4"),
    )
    assert await actions(database, event_id, new_id) == [
        (event_id, "event.created", None),
        (event_id, "event.updated", "recurrence"),
        (new_id, "event.continued", "endsAt, startsAt, title"),
    ]


async def test_it_goes_on_with_its_hosts_its_alliances_and_its_picture(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, share_with=(cast.city_table,), **WEEKLY)
    async with database.writing() as db:
        await db.execute(event_rows.update().values(image_url="https://example.org/1.jpg"))
        (host,) = (await db.execute(select(event_hosts))).mappings()
        co_host = {**host, "id": "evh_of_the_shelter", "organization_id": cast.shelter}
        await db.execute(event_hosts.insert().values(**co_host | {"role": "CO_HOST"}))
    date_id = await date_at(database, event_id, STARTS + 3 * WEEK)
    new_id = await series.update_from(context(cast.anna), date_id, event_id, 1, {})
    hosts = select(
        event_hosts.c.organization_id, event_hosts.c.role, event_hosts.c.status,
        event_hosts.c.starts_at,
    ).where(event_hosts.c.event_id == new_id)  # fmt: skip
    shares = select(event_shares.c.alliance_id, event_shares.c.starts_at).where(
        event_shares.c.event_id == new_id
    )
    follows = select(event_rows.c.follows_id, event_rows.c.image_url).where(
        event_rows.c.id == new_id
    )
    async with database.reading() as db:
        at = STARTS + 3 * WEEK
        assert {tuple(row) for row in await db.execute(hosts)} == {
            (cast.pantry, "HOST", "ACCEPTED", at),
            (cast.shelter, "CO_HOST", "ACCEPTED", at),
        }
        assert [tuple(row) for row in await db.execute(shares)] == [(cast.city_table, at)]
        assert [tuple(row) for row in await db.execute(follows)] == [
            (event_id, "https://example.org/1.jpg")
        ]


async def test_from_the_first_date_on_is_all_of_it(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS)
    changes: EventChanges = {"title": "Feast"}
    assert await series.update_from(context(cast.anna), date_id, event_id, 1, changes) == event_id
    async with database.reading() as db:
        event = await stored.by_id(db, event_id)
    assert event is not None
    assert (event.title, event.version, event.recurrence) == ("Feast", 2, WEEKLY["recurrence"])


async def test_where_the_first_dates_were_left_out_the_next_is_the_first(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    without = Recurrence("FREQ=WEEKLY;COUNT=3", (), (STARTS,))
    event_id = await publish(context, cast.anna, recurrence=without, time_zone="UTC")
    date_id = await date_at(database, event_id, STARTS + WEEK)
    done = await series.update_from(context(cast.anna), date_id, event_id, 1, {"title": "Feast"})
    assert done == event_id
    assert await starts(database, event_id) == [STARTS + WEEK, STARTS + 2 * WEEK]
    assert await date_at(database, event_id, STARTS + WEEK) == date_id


async def test_what_differs_on_a_later_date_moves_along(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + 4 * WEEK)
    await series.update_date(context(cast.anna), date_id, 1, {"title": "Feast"})
    third = await date_at(database, event_id, STARTS + 3 * WEEK)
    new_id = await series.update_from(context(cast.anna), third, event_id, 2, {"title": "Drive"})
    assert [(row["id"] == date_id, row["title"]) for row in await rows(database, new_id)] == [
        (False, None),
        (True, "Feast"),
        (False, None),
    ]


async def test_from_a_date_on_it_may_take_place_just_once_more(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS + 4 * WEEK)
    date_id = await date_at(database, event_id, STARTS + 3 * WEEK)
    new_id = await series.update_from(
        context(cast.anna), date_id, event_id, 1, {"recurrence": None}
    )
    assert [(row["starts_at"], row["status"]) for row in await rows(database, new_id)] == [
        (STARTS + 3 * WEEK, "SCHEDULED"),
        (STARTS + 4 * WEEK, "CANCELLED"),
    ]


async def test_a_part_that_nobody_would_see_is_refused(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    doing = series.update_from(
        context(cast.anna), date_id, event_id, 1, {"visibility": Visibility.GROUP}
    )
    await refused(contents, doing, Invalid, ["group"])


async def test_a_change_on_what_was_changed_meanwhile_is_stale(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await events.update(context(cast.anna), event_id, 1, {"title": "Drive"})
    date_id = await date_at(database, event_id, STARTS + WEEK)
    for doing in (
        series.update_from(context(cast.anna), date_id, event_id, 1, {"title": "Feast"}),
        series.update_date(context(cast.anna), date_id, 1, {"title": "Feast"}),
    ):
        await refused(contents, doing, Stale, ["version"])


async def test_a_date_of_another_event_is_none_of_this_one(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    other_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, other_id, STARTS + WEEK)
    doing = series.update_from(context(cast.anna), date_id, event_id, 1, {"title": "Feast"})
    await refused(contents, doing, NotFound, ["occurrence"])


async def test_others_do_not_take_a_series_apart(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    date_id = await date_at(database, event_id, STARTS + WEEK)
    for changes in ({"title": "Feast"}, {}):
        doing = series.update_from(context(cast.sam), date_id, event_id, 1, changes)  # type: ignore[arg-type]
        await refused(contents, doing, Refused, ["id"])


async def test_of_two_who_take_it_apart_at_once_one_does(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    dates = [row["id"] for row in await rows(database, event_id)]
    done = await asyncio.gather(
        *(
            series.update_from(context(cast.anna), one, event_id, 1, {"title": "Feast"})
            for one in dates[2:4]
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Stale", "str"]
    (new_id,) = [one for one in done if isinstance(one, str)]
    left, gone = await rows(database, event_id), await rows(database, new_id)
    assert sorted(row["id"] for row in (*left, *gone)) == sorted(dates)


# ── the clocks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Indiana/Indianapolis", "Australia/Lord_Howe"]
)
async def test_a_weekly_six_o_clock_stays_so_whatever_part_of_it_is_changed(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, zone: str
) -> None:
    """Over both changes of the clocks, on either half of the earth."""
    here = ZoneInfo(zone)
    first = datetime(2027, 3, 2, 18, tzinfo=here)
    event_id = await publish(
        context,
        cast.anna,
        starts_at=first.astimezone(UTC),
        ends_at=(first + 2 * HOUR).astimezone(UTC),
        time_zone=zone,
        recurrence=Recurrence("FREQ=WEEKLY;COUNT=52"),
    )

    async def local(of: str) -> set[tuple[str, str]]:
        return {
            (
                f"{row['starts_at'].astimezone(here):%a %H:%M}",
                f"{row['ends_at'].astimezone(here):%H:%M}",
            )
            for row in await rows(database, of)
        }

    assert await local(event_id) == {("Tue 18:00", "20:00")}
    before = [row["id"] for row in await rows(database, event_id)]
    moved = datetime(2027, 3, 3, 19, tzinfo=here)
    all_of_it: EventChanges = {"starts_at": moved, "ends_at": moved + 2 * HOUR}
    await events.update(context(cast.anna), event_id, 1, all_of_it)
    assert await local(event_id) == {("Wed 19:00", "21:00")}
    assert [row["id"] for row in await rows(database, event_id)] == before
    new_id = await series.update_from(context(cast.anna), before[20], event_id, 2, {})
    assert await local(event_id) == await local(new_id) == {("Wed 19:00", "21:00")}
    assert [row["id"] for row in await rows(database, new_id)] == before[20:]
    back = datetime(2027, 7, 22, 18, tzinfo=here)
    rest: EventChanges = {"starts_at": back, "ends_at": back + 2 * HOUR}
    await events.update(context(cast.anna), new_id, 1, rest)
    assert await local(new_id) == {("Thu 18:00", "20:00")}
    assert [row["id"] for row in await rows(database, new_id)] == before[20:]
