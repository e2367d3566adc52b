"""Who comes: answers, places, the waiting line, and the host's word."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from domain.actors import NOBODY, TeamRole, Viewer
from domain.errors import Invalid, InvalidTransition, NotFound, Refused, Unauthenticated
from domain.events import EventStatus, JoinMode
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import Visibility
from resolvers import events, rsvps
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import audit_entries, occurrences, persons, team_members
from storage.tables import rsvps as rows
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import MONDAY, StandingClock

Row = dict[str, Any]


@pytest.fixture
async def neighbours(database: Database, cast: Cast) -> list[Viewer]:
    """Two hundred people of the Library's team, each through an app of their own."""
    ids = [f"prs_{number:026}@hub.test" for number in range(200)]
    async with database.writing() as db:
        about = {"display_name": "Kim", "created_at": MONDAY}
        await db.execute(insert(persons), [{"id": one, **about} for one in ids])
        place = {"organization_id": cast.library, "role": "VIEWER", "since": MONDAY}
        await db.execute(
            insert(team_members),
            [{"id": f"tmb_{one[4:]}", "person_id": one, **place} for one in ids],
        )
    return [replace(cast.lee, person_id=one, role=TeamRole.VIEWER) for one in ids]


async def answers(database: Database) -> list[Row]:
    """In line first, in its order; then by id."""
    async with database.reading() as db:
        found = await db.execute(select(rows).order_by(rows.c.in_line, rows.c.id))
        return [dict(row) for row in found.mappings()]


async def accepted(database: Database) -> list[int]:
    async with database.reading() as db:
        return list(await db.scalars(select(occurrences.c.accepted)))


async def status_of(database: Database, rsvp_id: str | None) -> str:
    async with database.reading() as db:
        return str(await db.scalar(select(rows.c.status).where(rows.c.id == rsvp_id)))


def comes(event_id: str, **given: Any) -> NewRsvp:
    return NewRsvp(event_id=event_id, **given)


async def answer(context: MakeContext, viewer: Viewer, event_id: str, **given: Any) -> str:
    made = await rsvps.answer(context(viewer), comes(event_id, **given))
    assert made is not None
    return made


async def at_once(acts: list[Callable[[], Awaitable[Any]]]) -> list[Any]:
    return list(await asyncio.gather(*(act() for act in acts)))


async def twenty_at_a_time(acts: list[Callable[[], Awaitable[Any]]]) -> list[Any]:
    turns = asyncio.Semaphore(20)

    async def one(act: Callable[[], Awaitable[Any]]) -> Any:
        async with turns:
            return await act()

    return list(await asyncio.gather(*(one(act) for act in acts)))


async def test_of_two_hundred_at_once_fifty_come_and_the_rest_wait_in_order(
    context: MakeContext, cast: Cast, database: Database, neighbours: list[Viewer]
) -> None:
    event_id = await publish(context, cast.anna, capacity=50)

    def coming(viewer: Viewer) -> Callable[[], Awaitable[str]]:
        return lambda: answer(context, viewer, event_id)

    made = await twenty_at_a_time([coming(one) for one in neighbours])
    assert len(set(made)) == 200
    found = await answers(database)
    assert [row["status"] for row in found].count("ACCEPTED") == 50
    line = [row for row in found if row["status"] == "WAITLISTED"]
    assert [row["in_line"] for row in line] == list(range(1, 151))
    assert await accepted(database) == [50]

    # Ten cancel, at once: the first ten in line come, and nobody else.
    going = [row for row in found if row["status"] == "ACCEPTED"][:10]
    people = {one.person_id: one for one in neighbours}

    def cancelling(row: Row) -> Callable[[], Awaitable[str]]:
        return lambda: rsvps.cancel(context(people[row["person_id"]]), row["id"])

    await twenty_at_a_time([cancelling(row) for row in going])
    after = {row["id"]: row["status"] for row in await answers(database)}
    assert [after[row["id"]] for row in line] == ["ACCEPTED"] * 10 + ["WAITLISTED"] * 140
    assert [after[row["id"]] for row in going] == ["CANCELLED"] * 10
    assert await accepted(database) == [50]


async def test_more_places_are_offered_to_those_who_wait(
    context: MakeContext, cast: Cast, database: Database, neighbours: list[Viewer]
) -> None:
    event_id = await publish(context, cast.anna, capacity=1)
    made = [await answer(context, one, event_id) for one in neighbours[:6]]
    await events.update(context(cast.anna), event_id, 1, {"capacity": 3})
    assert [await status_of(database, one) for one in made] == [
        *["ACCEPTED"] * 3,
        *["WAITLISTED"] * 3,
    ]
    await events.update(context(cast.anna), event_id, 2, {"capacity": None})
    assert [await status_of(database, one) for one in made] == ["ACCEPTED"] * 6
    offered = select(audit_entries.c.person_id).where(audit_entries.c.action == "rsvp.offered")
    async with database.reading() as db:
        assert list(await db.scalars(offered)) == [None] * 5


async def test_nobody_is_lost_where_places_are_raised_while_people_answer_and_cancel(
    context: MakeContext, cast: Cast, database: Database, neighbours: list[Viewer]
) -> None:
    event_id = await publish(context, cast.anna, capacity=5)
    first = [await answer(context, one, event_id) for one in neighbours[:10]]

    async def raising() -> None:
        for version in range(1, 6):
            capacity = 5 + 2 * version
            await events.update(context(cast.anna), event_id, version, {"capacity": capacity})

    def coming(one: Viewer) -> Callable[[], Awaitable[Any]]:
        return lambda: answer(context, one, event_id)

    def cancelling(one: Viewer, made: str) -> Callable[[], Awaitable[Any]]:
        return lambda: rsvps.cancel(context(one), made)

    acts = [raising, *(coming(one) for one in neighbours[10:30])]
    acts += [cancelling(one, made) for one, made in zip(neighbours[:5], first, strict=False)]
    await twenty_at_a_time(acts)
    found = [row["status"] for row in await answers(database)]
    assert found.count("CANCELLED") == 5
    assert found.count("ACCEPTED") == 15
    assert found.count("WAITLISTED") == 10
    assert await accepted(database) == [15]


async def test_a_large_party_lets_the_next_pass_and_is_asked_first_again(
    context: MakeContext, cast: Cast, database: Database, neighbours: list[Viewer]
) -> None:
    event_id = await publish(context, cast.anna, capacity=3)
    there = [await answer(context, one, event_id) for one in neighbours[:3]]
    family = await answer(context, neighbours[3], event_id, additional_guests=1)
    alone = await answer(context, neighbours[4], event_id)
    await rsvps.cancel(context(neighbours[0]), there[0])
    assert await status_of(database, family) == "WAITLISTED"
    assert await status_of(database, alone) == "ACCEPTED"
    later = await answer(context, neighbours[5], event_id)
    for one, made in zip(neighbours[1:3], there[1:], strict=True):
        await rsvps.cancel(context(one), made)
    # The first place that became free was the later one's: the family did not fit. Of the second
    # one they had no use either, until there were two.
    assert await status_of(database, later) == "ACCEPTED"
    assert await status_of(database, family) == "WAITLISTED"
    await rsvps.cancel(context(neighbours[4]), alone)
    assert await status_of(database, family) == "ACCEPTED"
    assert await accepted(database) == [3]


async def test_answering_again_changes_the_answer(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, capacity=3)
    made = await answer(context, cast.lee, event_id)
    before = await answers(database)
    assert await answer(context, cast.lee, event_id) == made
    assert await answers(database) == before
    for status, guests, counted in (("ACCEPTED", 2, 3), ("TENTATIVE", 0, 0), ("DECLINED", 0, 0)):
        given = {"status": RsvpStatus(status), "additional_guests": guests}
        assert await answer(context, cast.lee, event_id, **given) == made
        assert await status_of(database, made) == status
        assert await accepted(database) == [counted]
    assert await answer(context, cast.lee, event_id) == made
    assert len(await answers(database)) == 1


async def test_who_has_a_place_keeps_it_where_more_guests_do_not_fit(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, capacity=3)
    await answer(context, cast.lee, event_id)
    await answer(context, cast.sam, event_id)
    before = await contents()
    with pytest.raises(Invalid, match="1 more places are free") as refused:
        await answer(context, cast.lee, event_id, additional_guests=2)
    assert refused.value.field == ("additionalGuests",)
    with pytest.raises(Invalid, match="3 places in all"):
        await answer(context, cast.lee, event_id, additional_guests=3)
    assert await contents() == before


async def test_a_person_answers_once_however_often_they_click(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, capacity=3)
    made = await at_once([lambda: answer(context, cast.lee, event_id)] * 10)
    assert len(set(made)) == 1
    assert await accepted(database) == [1]


async def test_who_cancelled_may_answer_anew(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    made = await answer(context, cast.lee, event_id)
    assert await rsvps.cancel(context(cast.lee), made) == made
    before = await answers(database)
    assert await rsvps.cancel(context(cast.lee), made) == made
    assert await answers(database) == before
    again = await answer(context, cast.lee, event_id)
    assert again != made
    assert [await status_of(database, one) for one in (made, again)] == ["CANCELLED", "ACCEPTED"]


async def test_an_answer_is_to_one_date_the_next_where_none_is_named(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    weekly = Recurrence("FREQ=WEEKLY;COUNT=3")
    event_id = await publish(context, cast.anna, recurrence=weekly, capacity=1)
    async with database.reading() as db:
        dates = list(await db.scalars(select(occurrences.c.id).order_by(occurrences.c.starts_at)))
    await answer(context, cast.lee, event_id)
    await answer(context, cast.sam, event_id, occurrence_id=dates[2])
    clock.at = STARTS + timedelta(hours=1)  # it has begun, and is not over
    await answer(context, cast.sam, event_id)
    clock.at = ENDS
    await answer(context, cast.sam, event_id)
    found = {
        (row["person_id"], row["occurrence_id"]): row["status"] for row in await answers(database)
    }
    assert found == {
        (cast.lee_id, dates[0]): "ACCEPTED",
        (cast.sam_id, dates[2]): "ACCEPTED",
        (cast.sam_id, dates[0]): "WAITLISTED",
        (cast.sam_id, dates[1]): "ACCEPTED",
    }


async def test_nobody_answers_to_what_is_over_called_off_or_not_published(
    context: MakeContext, cast: Cast, contents: Contents, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna)
    other = await publish(context, cast.anna)
    draft = await publish(context, cast.anna, publish=False)
    await events.update(context(cast.anna), event_id, 1, {"status": EventStatus.CANCELLED})
    before = await contents()
    with pytest.raises(Invalid, match="called off"):
        await answer(context, cast.lee, event_id)
    with pytest.raises(Invalid, match="not published"):
        await answer(context, cast.anna, draft)
    with pytest.raises(NotFound):
        await answer(context, cast.lee, draft)
    with pytest.raises(NotFound, match="no such date"):
        await answer(context, cast.lee, other, occurrence_id="occ_1")
    clock.at = ENDS
    with pytest.raises(Invalid, match="over"):
        await answer(context, cast.lee, other)
    assert await contents() == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"join_mode": JoinMode.NONE}, "just come"),
        (
            {"join_mode": JoinMode.EXTERNAL, "registration_url": "https://tickets.example"},
            "https://tickets.example",
        ),
        ({"join_mode": JoinMode.INVITE}, "by invitation"),
    ],
)
async def test_where_one_does_not_sign_up_here_one_is_told_the_way(
    context: MakeContext, cast: Cast, contents: Contents, given: dict[str, Any], said: str
) -> None:
    event_id = await publish(context, cast.anna, **given)
    before = await contents()
    with pytest.raises(Refused, match=said):
        await answer(context, cast.lee, event_id)
    assert await contents() == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"status": RsvpStatus.WAITLISTED}, "status"),
        ({"status": RsvpStatus.NEEDS_ACTION}, "status"),
        ({"additional_guests": -1}, "additionalGuests"),
        ({"additional_guests": 51}, "additionalGuests"),
        ({"consent_to": ("org_1",)}, "consentTo"),
        ({"referred_by_id": "org_1"}, "referredBy"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_field(
    context: MakeContext, cast: Cast, contents: Contents, given: dict[str, Any], field: str
) -> None:
    event_id = await publish(context, cast.anna)
    before = await contents()
    with pytest.raises(Invalid) as refused:
        await answer(context, cast.lee, event_id, **given)
    assert refused.value.field == (field,)
    assert await contents() == before


async def test_an_app_has_no_answer_and_nobody_has_none_either(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    before = await contents()
    with pytest.raises(Invalid, match="guestName"):
        await answer(context, cast.library_app, event_id)
    with pytest.raises(Unauthenticated):
        await answer(context, NOBODY, event_id)
    assert await contents() == before


async def test_the_host_lets_people_in_as_far_as_there_are_places(
    context: MakeContext, cast: Cast, database: Database, neighbours: list[Viewer]
) -> None:
    event_id = await publish(context, cast.anna, join_mode=JoinMode.APPROVAL, capacity=1)
    asking = [await answer(context, one, event_id) for one in neighbours[:3]]
    assert [await status_of(database, one) for one in asking] == ["PENDING_APPROVAL"] * 3
    for one in (asking[2], asking[0]):
        await rsvps.respond(context(cast.anna), one, accept=True)
        before = await answers(database)
        await rsvps.respond(context(cast.anna), one, accept=True)
        assert await answers(database) == before
    await rsvps.respond(context(cast.anna), asking[1], accept=False)
    assert [await status_of(database, one) for one in asking] == [
        "WAITLISTED",
        "REFUSED",
        "ACCEPTED",
    ]
    # Refused is refused, until the host thinks better of it.
    with pytest.raises(Refused, match="ask them"):
        await answer(context, neighbours[1], event_id)
    await rsvps.respond(context(cast.anna), asking[2], accept=False)
    assert await status_of(database, asking[0]) == "ACCEPTED"


async def test_others_may_neither_let_people_in_nor_cancel_for_them(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, join_mode=JoinMode.APPROVAL)
    made = await answer(context, cast.lee, event_id)
    before = await contents()
    for stranger in (NOBODY, cast.sam, cast.shelter_app):
        with pytest.raises(NotFound):
            await rsvps.respond(context(stranger), made, accept=True)
        with pytest.raises(NotFound):
            await rsvps.cancel(context(stranger), made)
    with pytest.raises(Refused, match="host's event staff"):
        await rsvps.respond(context(cast.lee), made, accept=True)
    onlooker = replace(cast.anna, role=TeamRole.VIEWER)
    with pytest.raises(NotFound):
        await rsvps.respond(context(onlooker), made, accept=True)
    assert await contents() == before


async def test_the_host_cancels_too_and_what_is_over_is_not_refused(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    made = await answer(context, cast.lee, event_id)
    await rsvps.cancel(context(cast.pantry_app), made)
    assert await status_of(database, made) == "CANCELLED"
    before = await contents()
    with pytest.raises(InvalidTransition):
        await rsvps.respond(context(cast.anna), made, accept=False)
    assert await contents() == before


async def test_what_one_does_not_see_one_does_not_answer_to(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    before = await contents()
    with pytest.raises(NotFound):
        await answer(context, cast.lee, event_id)
    assert await contents() == before
