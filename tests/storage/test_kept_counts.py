"""Who comes to a date and who is in a group is counted by the database, whoever writes, and how."""

import asyncio
from typing import Any

import orjson
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import MembershipStatus
from resolvers import events, groups
from resolvers.operating import operator_for
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage import migrating
from storage.engine import Database, Reading
from storage.tables import group_members, persons, rsvps
from storage.tables import groups as groups_table
from storage.tables import occurrences as dates
from tests.cast import Cast, MakeContext, publish, start_group
from tests.conftest import Contents
from tests.outside import MONDAY
from tests.storage.counted import (
    ACCEPTED,
    ANSWERS,
    MEMBERS,
    MEMBERSHIPS,
    Rows,
    Step,
    Values,
    agreed,
    answer,
    examples,
    member,
    undone,
)

MANY = 20


async def kept(database: Database, counting: Any = ACCEPTED) -> dict[str, int]:
    async with database.reading() as db:
        return await agreed(db, counting)


async def write(database: Database, *statements: Any) -> None:
    async with database.writing() as db:
        for statement in statements:
            await db.execute(statement)


# What there is to count for.


@pytest.fixture
async def saturdays(context: MakeContext, cast: Cast, database: Database) -> list[str]:
    """The dates of a series of four."""
    await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY;COUNT=4"))
    async with database.reading() as db:
        return list(await db.scalars(select(dates.c.id).order_by(dates.c.id)))


@pytest.fixture
async def crews(context: MakeContext, cast: Cast) -> list[str]:
    """Groups of the Pantry."""
    return [await start_group(context, cast.anna, f"crew-{number}") for number in range(3)]


@pytest.fixture
async def crowd(database: Database) -> list[str]:
    """People who are in nothing yet."""
    known = [f"prs_{number}" for number in range(50)]
    about = {"display_name": "Kim", "created_at": MONDAY}
    await write(database, insert(persons).values([{"id": one, **about} for one in known]))
    return known


# Whatever is done, in any order.


@examples(ANSWERS)
async def test_who_comes_is_counted_whatever_is_done_to_answers(
    database: Database, saturdays: list[str], taken: list[Step]
) -> None:
    rows = Rows(rsvps, "occurrence_id", saturdays)
    async with undone(database) as db:
        for step, how in taken:
            await rows.take(db, step, how)
            await agreed(db, ACCEPTED)


@examples(MEMBERSHIPS)
async def test_members_are_counted_whatever_is_done_to_memberships(
    database: Database, crews: list[str], crowd: list[str], taken: list[Step]
) -> None:
    rows = Rows(group_members, "group_id", crews, crowd)
    async with undone(database) as db:
        for step, how in taken:
            await rows.take(db, step, how)
            await agreed(db, MEMBERS)


# Single things.


async def test_a_thousand_answers_in_one_statement_are_counted_by_one_change_of_each_date(
    database: Database, saturdays: list[str]
) -> None:
    bulk = text(
        "insert into rsvps (id, event_id, occurrence_id, guest_name, status, additional_guests,"
        " created_at, updated_at)"
        " select 'rsv_' || d.id || n, d.event_id, d.id, 'Kim', 'ACCEPTED', n % 3, now(), now()"
        " from occurrences d, generate_series(1, 300) n"
    )
    async with database.writing() as db:
        before = await changes_of_dates(db)
        await db.execute(bulk)
        assert await changes_of_dates(db) - before == len(saturdays)
    assert await kept(database) == dict.fromkeys(saturdays, 600)


async def test_what_changes_nothing_that_counts_touches_no_date(
    database: Database, saturdays: list[str]
) -> None:
    await write(database, insert(rsvps).values([answer(saturdays[0]), answer(saturdays[1])]))
    async with database.writing() as db:
        before = await changes_of_dates(db)
        await db.execute(update(rsvps).values(attended=True, checked_in_at=MONDAY))
        await db.execute(insert(rsvps).values(answer(saturdays[0], status="DECLINED")))
        assert await changes_of_dates(db) == before
    found = await kept(database)
    assert [found[date] for date in saturdays] == [1, 1, 0, 0]


async def changes_of_dates(db: Reading) -> int:
    """How many this connection has made, with those that PostgreSQL has not gathered yet."""
    told = "select n_tup_upd from pg_stat_xact_user_tables where relname = 'occurrences'"
    return int(await db.scalar(text(told)) or 0)


async def test_a_date_that_goes_had_no_answers_and_the_others_keep_their_counts(
    database: Database, saturdays: list[str]
) -> None:
    first, second, *_ = saturdays
    await write(database, insert(rsvps).values([answer(second), answer(second)]))
    await write(database, delete(dates).where(dates.c.id == first))
    with pytest.raises(IntegrityError):
        await write(database, delete(dates).where(dates.c.id == second))
    found = await kept(database)
    assert first not in found
    assert found[second] == 2


async def test_an_event_that_moves_keeps_its_count(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    (date,) = await kept(database)
    await write(database, insert(rsvps).values([answer(date), answer(date, additional_guests=1)]))
    await events.update(context(cast.anna), event_id, 1, {"starts_at": MONDAY, "ends_at": None})
    assert await kept(database) == {date: 3}


async def test_a_copy_of_a_row_begins_with_nobody(database: Database, saturdays: list[str]) -> None:
    await write(database, insert(rsvps).values([answer(saturdays[0]), answer(saturdays[0])]))
    copy = text(
        "insert into occurrences select (jsonb_populate_record(d, jsonb_build_object("
        "'id', 'occ_copy', 'recurrence_id', now()))).* from occurrences d where d.id = :id"
    )
    await write(database, copy.bindparams(id=saturdays[0]))
    found = await kept(database)
    assert (found[saturdays[0]], found["occ_copy"]) == (2, 0)


async def test_members_who_come_and_go_do_not_make_a_group_another_version(
    context: MakeContext, cast: Cast, database: Database, crews: list[str]
) -> None:
    same = [column for column in groups_table.c if column.name != "member_count"]
    one = groups_table.c.id == crews[0]
    async with database.reading() as db:
        before = (await db.execute(select(*same).where(one))).one()
    operator = operator_for(cast.pantry)
    await groups.add_member(context(operator), crews[0], cast.anna_id)
    await groups.add_member(context(operator), crews[0], cast.sam_id)
    assert await kept(database, MEMBERS) == dict.fromkeys(crews, 0) | {crews[0]: 2}
    async with database.reading() as db:
        assert (await db.execute(select(*same).where(one))).one() == before
    # Whoever saw it before they came may change it.
    await groups.update(context(cast.anna), crews[0], 1, {"name": "Night crew"})
    assert (await kept(database, MEMBERS))[crews[0]] == 2


async def test_a_person_answers_once_to_a_date_until_that_answer_is_over(
    cast: Cast, database: Database, saturdays: list[str], contents: Contents
) -> None:
    first = answer(saturdays[0], person_id=cast.lee_id)
    await write(database, insert(rsvps).values(first))
    before = await contents()
    for again in (RsvpStatus.ACCEPTED, RsvpStatus.WAITLISTED):
        more = answer(saturdays[0], person_id=cast.lee_id, status=again)
        with pytest.raises(IntegrityError, match="rsvps_one_under_way_ix"):
            await write(database, insert(rsvps).values(more))
    assert await contents() == before
    await write(
        database,
        update(rsvps).values(status=RsvpStatus.CANCELLED),
        insert(rsvps).values(answer(saturdays[0], person_id=cast.lee_id, additional_guests=1)),
        insert(rsvps).values(answer(saturdays[1], person_id=cast.lee_id)),
    )
    found = await kept(database)
    assert [found[date] for date in saturdays] == [2, 1, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"guest_name": None}, "rsvps_a_person_or_a_guest_check"),
        ({"person_id": "prs_0", "guest_name": "Kim"}, "rsvps_a_person_or_a_guest_check"),
        ({"person_id": "prs_0", "guest_email": "k@pantry.example"}, "an_address_is_a_guests"),
        ({"additional_guests": -1}, "rsvps_guests_are_not_negative_check"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_not_kept(
    database: Database,
    saturdays: list[str],
    crowd: list[str],
    contents: Contents,
    wrong: Values,
    rule: str,
) -> None:
    before = await contents()
    with pytest.raises(IntegrityError, match=rule):
        await write(database, insert(rsvps).values(answer(saturdays[0], **wrong)))
    assert await contents() == before
    assert crowd[0] == "prs_0"


# Many at once.


async def test_of_two_who_answer_at_once_the_second_waits_and_both_are_counted(
    database: Database, saturdays: list[str]
) -> None:
    date = saturdays[0]
    waiting = text("select count(*) from pg_locks where not granted")
    async with database.engine.connect() as first, asyncio.timeout(10):
        await first.execute(insert(rsvps).values(answer(date, additional_guests=1)))
        second = asyncio.create_task(write(database, insert(rsvps).values(answer(date))))
        while await first.scalar(waiting) != 1:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
        await first.commit()
        await second
    assert (await kept(database))[date] == 3


async def test_of_many_who_come_change_and_go_at_once_none_is_lost(
    database: Database, saturdays: list[str]
) -> None:
    there = [answer(date, additional_guests=1) for date in saturdays for _ in range(MANY)]
    await write(database, insert(rsvps).values(there))
    mine = [rsvps.c.id == one["id"] for one in there]
    await asyncio.gather(
        *(
            write(
                database,
                update(rsvps).where(mine[number]).values(status=RsvpStatus.CANCELLED),
                insert(rsvps).values(answer(saturdays[0], additional_guests=2)),
            )
            for number in range(MANY)
        ),
        *(write(database, delete(rsvps).where(one)) for one in mine[MANY : 2 * MANY]),
        *(
            write(database, update(rsvps).where(one).values(occurrence_id=saturdays[3]))
            for one in mine[2 * MANY : 3 * MANY]
        ),
    )
    found = await kept(database)
    assert [found[date] for date in saturdays] == [3 * MANY, 0, 0, 4 * MANY]


async def test_of_many_who_join_and_leave_at_once_none_is_lost(
    database: Database, crews: list[str], crowd: list[str]
) -> None:
    there = [member(crews[0], person) for person in crowd[:MANY]]
    await write(database, insert(group_members).values(there))
    await asyncio.gather(
        *(
            write(
                database,
                update(group_members)
                .where(group_members.c.id == one["id"])
                .values(status=MembershipStatus.LEFT),
            )
            for one in there
        ),
        *(
            write(database, insert(group_members).values(member(crews[0], person)))
            for person in crowd[MANY : 2 * MANY + 5]
        ),
    )
    assert (await kept(database, MEMBERS))[crews[0]] == MANY + 5


async def test_those_who_answer_to_many_dates_at_once_wait_in_one_order(
    database: Database, saturdays: list[str]
) -> None:
    """Whoever waits for the first date has taken none of those after it from somebody else."""
    taking = select(dates.c.id).with_for_update(key_share=True)
    first, *others = saturdays
    waiting = text("select count(*) from pg_locks where not granted")
    bulk = insert(rsvps).values([answer(date) for date in reversed(saturdays)])
    async with database.engine.connect() as holder, asyncio.timeout(10):
        await holder.execute(taking.where(dates.c.id == first))
        behind = asyncio.create_task(write(database, bulk))
        while await holder.scalar(waiting) != 1:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
        free = taking.with_for_update(key_share=True, nowait=True).where(dates.c.id.in_(others))
        assert len((await holder.scalars(free)).all()) == len(others)
        await holder.rollback()
        await behind
    assert await kept(database) == dict.fromkeys(saturdays, 1)


# Coming to these tables, and what is shown of them.


async def test_those_who_were_members_before_there_was_a_count_are_counted(
    context: MakeContext, cast: Cast, database: Database, crews: list[str], crowd: list[str]
) -> None:
    scripts = ScriptDirectory.from_config(migrating.configured())
    before = scripts.get_revision("0006").down_revision
    assert isinstance(before, str)
    joined = [member(crews[0], person) for person in crowd[:7]]
    left = [member(crews[1], person, status="LEFT") for person in crowd[:3]]
    await write(database, insert(group_members).values([*joined, *left, member(crews[1], "prs_9")]))
    await migrating.downgrade(database, before)
    await migrating.upgrade(database)
    found = Database(database.url)
    assert await kept(found, MEMBERS) == dict(zip(crews, (7, 1, 0), strict=True))
    await groups.add_member(context(operator_for(cast.pantry)), crews[2], cast.anna_id)
    assert (await kept(found, MEMBERS))[crews[2]] == 1
    await found.close()


BY_PLAN = Operations(graphql_schema, Limits())
BY_CORE = Operations(graphql_schema, Limits(), planned=False)
PLACES_LEFT = "query ($id: ID!) { event(id: $id) { capacity remainingCapacity } }"
MEMBERS_OF = "query ($id: ID!) { group(id: $id) { memberCount } }"


async def shown(context: MakeContext, document: str, identifier: str) -> Any:
    """To nobody, by one statement and by graphql-core."""
    bodies = []
    for operations in (BY_PLAN, BY_CORE):
        prepared = operations.prepare(Asked(document, variables={"id": identifier}))
        assert isinstance(prepared, Prepared)
        answered = await operations.run(prepared, context(), "req")
        assert answered.planned == (operations is BY_PLAN)
        bodies.append(answered.body)
    assert bodies[0] == bodies[1]
    return orjson.loads(bodies[0])["data"]


@pytest.mark.parametrize(
    ("event", "given", "left"),
    [
        ({"capacity": 5}, [], 5),
        ({"capacity": 5}, [{}, {"additional_guests": 1}], 2),
        ({"capacity": 5}, [{"status": status} for status in RsvpStatus], 4),
        ({"capacity": 5}, [{"additional_guests": 4}], 0),
        ({"capacity": 5}, [{"additional_guests": 7}], 0),
        ({}, [{}, {}], None),
        ({"capacity": 5, "recurrence": Recurrence("FREQ=WEEKLY;COUNT=2")}, [{}], None),
    ],
)
async def test_everybody_learns_how_many_places_are_left(
    context: MakeContext,
    cast: Cast,
    database: Database,
    event: Values,
    given: list[Values],
    left: int | None,
) -> None:
    other = await publish(context, cast.sam, capacity=3)
    event_id = await publish(context, cast.anna, **event)
    async with database.reading() as db:
        mine = select(dates.c.id).where(dates.c.event_id == event_id).order_by(dates.c.id)
        date = (await db.scalars(mine)).all()[0]
    for one in given:
        await write(database, insert(rsvps).values(answer(date, **one)))
    of_it = {"capacity": event.get("capacity"), "remainingCapacity": left}
    assert await shown(context, PLACES_LEFT, event_id) == {"event": of_it}
    of_other = {"capacity": 3, "remainingCapacity": 3}
    assert await shown(context, PLACES_LEFT, other) == {"event": of_other}


async def test_everybody_learns_how_many_members_a_group_has(
    context: MakeContext, database: Database, crews: list[str], crowd: list[str]
) -> None:
    joined = [member(crews[0], person) for person in crowd[:4]]
    asked = [member(crews[0], person, status="REQUESTED") for person in crowd[4:6]]
    await write(database, insert(group_members).values([*joined, *asked]))
    counts = [await shown(context, MEMBERS_OF, crew) for crew in crews]
    assert [found["group"]["memberCount"] for found in counts] == [4, 0, 0]
