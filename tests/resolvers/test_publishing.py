"""Publishing a draft, calling an event off, and sharing it with alliances."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping, select, update

from domain import policy
from domain.actors import TeamRole, Viewer
from domain.errors import Invalid, InvalidTransition, NotFound, Problem, Refused, Stale
from domain.events import EventStatus, PublicationStatus
from domain.recurrence import Recurrence
from domain.sharing import HostEditing, Visibility
from resolvers import alliances, co_hosting, events, publishing
from resolvers.alliances import NewAlliance
from resolvers.co_hosting import Wish
from resolvers.operating import operator_for
from storage import reach
from storage.engine import Database
from storage.tables import audit_entries, occurrences
from storage.tables import events as rows
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock

WEEK = timedelta(days=7)


async def row_of(database: Database, event_id: str) -> RowMapping:
    async with database.reading() as db:
        found = await db.execute(select(rows).where(rows.c.id == event_id))
        return found.mappings().one()


async def dates_of(database: Database, event_id: str) -> list[tuple[datetime, str]]:
    async with database.reading() as db:
        date = occurrences.c
        found = await db.execute(
            select(date.starts_at, date.status)
            .where(date.event_id == event_id)
            .order_by(date.starts_at)
        )
        return [(row[0], row[1]) for row in found]


async def noted(database: Database, event_id: str) -> Sequence[str]:
    async with database.reading() as db:
        entry = audit_entries.c
        return (
            await db.scalars(
                select(entry.action).where(entry.subject_id == event_id).order_by(entry.action)
            )
        ).all()


async def seen_by(database: Database, viewer: Viewer, event_id: str) -> bool:
    async with database.reading() as db:
        thing = await reach.event(db, event_id)
    return thing is not None and policy.sees(viewer, thing)


async def refused(
    contents: Contents, problem: type[Problem], work: Awaitable[object], match: str | None = None
) -> Problem:
    before = await contents()
    with pytest.raises(problem, match=match) as told:
        await work
    assert await contents() == before
    return told.value


# ── publishing ───────────────────────────────────────────────────────────────────────────────────


async def test_a_draft_is_published_and_everybody_sees_it(
    context: MakeContext, cast: Cast, database: Database, contents: Contents, clock: StandingClock
) -> None:
    draft = await publish(context, cast.anna, publish=False)
    assert not await seen_by(database, Viewer(), draft)
    clock.forward(hours=1)
    assert await publishing.publish(context(cast.anna), draft, 1) == draft
    row = await row_of(database, draft)
    assert (row["publication_status"], row["version"]) == ("PUBLISHED", 2)
    assert row["updated_at"] == clock.now()
    assert await seen_by(database, Viewer(), draft)
    assert await noted(database, draft) == ["event.created", "event.published"]
    # Whoever sends it again, because no answer came, changes nothing.
    before = await contents()
    assert await publishing.publish(context(cast.anna), draft, 1) == draft
    assert await contents() == before


async def test_a_draft_that_somebody_changed_meanwhile_is_read_again(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    draft = await publish(context, cast.anna, publish=False)
    await events.update(context(cast.pantry_app), draft, 1, {"title": "Blanket drive"})
    await refused(contents, Stale, publishing.publish(context(cast.anna), draft, 1))


@pytest.mark.parametrize("status", [PublicationStatus.PENDING_APPROVAL, PublicationStatus.REJECTED])
async def test_the_host_approves_by_publishing(
    context: MakeContext, cast: Cast, database: Database, status: PublicationStatus
) -> None:
    draft = await publish(context, cast.anna, publish=False)
    async with database.writing() as db:
        await db.execute(update(rows).values(publication_status=status))
    await publishing.publish(context(cast.anna), draft, 1)
    assert (await row_of(database, draft))["publication_status"] == "PUBLISHED"


async def test_what_is_kept_for_the_record_is_not_published_again(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    async with database.writing() as db:
        await db.execute(update(rows).values(publication_status=PublicationStatus.ARCHIVED))
    await refused(contents, InvalidTransition, publishing.publish(context(cast.anna), event_id, 1))


async def test_a_draft_no_longer_fit_for_its_alliance_stays_one(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    operator = context(operator_for(cast.pantry))
    await alliances.update(operator, cast.city_table, 2, {"visibility": Visibility.ALLIANCE})
    draft = await publish(
        context,
        cast.anna,
        publish=False,
        visibility=Visibility.ALLIANCE,
        share_with=(cast.city_table,),
    )
    async with context(cast.anna).writing() as db:
        await db.execute(update(rows).values(visibility=Visibility.PUBLIC))
    problem = await refused(contents, Invalid, publishing.publish(context(cast.anna), draft, 1))
    assert problem.field == ("event",)


@pytest.mark.parametrize("act", ["publish", "cancel", "share", "unshare"])
async def test_only_the_staff_of_the_host_publish_cancel_and_share(
    context: MakeContext, cast: Cast, contents: Contents, act: str
) -> None:
    """Not those who may change everything else, and not who only looks."""
    event_id = await publish(context, cast.anna)
    private = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    wish = Wish(event_id=event_id, organization_id=cast.shelter, may_edit=HostEditing.ALL)
    place_id = await co_hosting.ask(context(cast.anna), wish)
    await co_hosting.respond(context(cast.sam), place_id, True)

    def acts(viewer: Viewer, thing_id: str) -> Awaitable[str]:
        ctx = context(viewer)
        match act:
            case "publish":
                return publishing.publish(ctx, thing_id, 1)
            case "cancel":
                return publishing.cancel(ctx, thing_id, 1, "Rain.")
            case "share":
                return publishing.share(ctx, thing_id, [cast.city_table])
            case _:
                return publishing.unshare(ctx, thing_id, [cast.city_table])

    looker = replace(cast.anna, role=TeamRole.VIEWER)
    for viewer in (cast.sam, cast.lee, looker, Viewer()):
        problem = await refused(contents, Refused, acts(viewer, event_id))
        assert problem.field == ("event",)
    for viewer in (cast.sam, Viewer()):
        await refused(contents, NotFound, acts(viewer, private))
        await refused(contents, NotFound, acts(viewer, f"evt_{'0' * 26}@hub.test"))


# ── calling off ──────────────────────────────────────────────────────────────────────────────────


async def test_an_event_is_called_off_where_everybody_saw_it(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    await publishing.cancel(context(cast.anna), event_id, 1, " The hall is flooded. ")
    row = await row_of(database, event_id)
    assert (row["status"], row["cancellation_reason"]) == ("CANCELLED", "The hall is flooded.")
    assert (row["publication_status"], row["version"]) == ("PUBLISHED", 2)
    assert await dates_of(database, event_id) == [(STARTS, "CANCELLED")]
    assert await noted(database, event_id) == ["event.cancelled", "event.created"]
    # Once more, as it was said or with nothing said, it stands as it is.
    before = await contents()
    for again in ("The hall is flooded.", None):
        assert await publishing.cancel(context(cast.anna), event_id, 1, again) == event_id
    assert await contents() == before
    another = publishing.cancel(context(cast.anna), event_id, 2, "Too few cooks.")
    await refused(contents, InvalidTransition, another, "cancelled already")


async def test_every_date_that_is_not_over_is_called_off(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    series = await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY;COUNT=4"))
    starts = [date for date, _ in await dates_of(database, series)]
    assert len(starts) == 4
    async with database.writing() as db:  # of one date it was said alone that it is not certain
        await db.execute(
            update(occurrences)
            .where(occurrences.c.starts_at == starts[3])
            .values(status=EventStatus.TENTATIVE, overrides=["status"])
        )
    clock.at = starts[1] + timedelta(hours=1)  # in the middle of the second date
    await publishing.cancel(context(cast.anna), series, 1)
    assert [status for _, status in await dates_of(database, series)] == [
        "SCHEDULED",
        "CANCELLED",
        "CANCELLED",
        "CANCELLED",
    ]
    # Whoever corrects its words later brings none of them back.
    await events.update(context(cast.anna), series, 2, {"title": "Called off: food drive"})
    assert [status for _, status in await dates_of(database, series)][1:] == ["CANCELLED"] * 3


async def test_a_whole_day_is_not_over_before_its_evening(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    midnight = STARTS.replace(hour=5)  # in Indianapolis
    days: dict[str, Any] = {"starts_at": midnight, "ends_at": None, "all_day": True}
    series = await publish(context, cast.anna, **days, recurrence=Recurrence("FREQ=WEEKLY;COUNT=2"))
    clock.at = midnight + timedelta(hours=20)
    await publishing.cancel(context(cast.anna), series, 1)
    assert [status for _, status in await dates_of(database, series)] == ["CANCELLED"] * 2


async def test_an_event_that_takes_place_after_all_has_no_reason_any_more(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    await publishing.cancel(context(cast.anna), event_id, 1, "Rain.")
    back = {"status": EventStatus.RESCHEDULED, "starts_at": STARTS + WEEK, "ends_at": ENDS + WEEK}
    await events.update(context(cast.anna), event_id, 2, back)  # type: ignore[arg-type]
    assert (await row_of(database, event_id))["cancellation_reason"] is None
    assert await dates_of(database, event_id) == [(STARTS + WEEK, "RESCHEDULED")]
    await publishing.cancel(context(cast.anna), event_id, 3, "Rain again.")
    assert (await row_of(database, event_id))["cancellation_reason"] == "Rain again."


async def test_an_event_that_somebody_changed_meanwhile_is_not_called_off_blindly(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    await events.update(context(cast.pantry_app), event_id, 1, {"title": "Blanket drive"})
    await refused(contents, Stale, publishing.cancel(context(cast.anna), event_id, 1, "Rain."))


async def test_two_who_call_it_off_at_once_do_it_once(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    cancelling = [publishing.cancel(context(cast.anna), event_id, 1, "Rain.") for _ in range(6)]
    assert await asyncio.gather(*cancelling) == [event_id] * 6
    assert await noted(database, event_id) == ["event.cancelled", "event.created"]
    assert (await row_of(database, event_id))["version"] == 2


async def test_the_reason_is_short(context: MakeContext, cast: Cast, contents: Contents) -> None:
    event_id = await publish(context, cast.anna)
    long = publishing.cancel(context(cast.anna), event_id, 1, "x" * 1001)
    assert (await refused(contents, Invalid, long)).field == ("reason",)


# ── sharing ──────────────────────────────────────────────────────────────────────────────────────


async def test_an_event_is_shared_with_an_alliance_and_taken_back(
    context: MakeContext, cast: Cast, database: Database, contents: Contents, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, visibility=Visibility.ALLIANCE)
    assert not await seen_by(database, cast.sam, event_id)
    clock.forward(hours=1)
    await publishing.share(context(cast.anna), event_id, [cast.city_table])
    assert await seen_by(database, cast.sam, event_id)
    assert (await row_of(database, event_id))["updated_at"] == clock.now()
    before = await contents()
    await publishing.share(context(cast.anna), event_id, [cast.city_table])
    await publishing.share(context(cast.anna), event_id, [])
    assert await contents() == before
    await publishing.unshare(context(cast.anna), event_id, [cast.city_table])
    assert not await seen_by(database, cast.sam, event_id)
    before = await contents()
    await publishing.unshare(context(cast.anna), event_id, [cast.city_table, "aln_nobody"])
    assert await contents() == before
    assert await noted(database, event_id) == ["event.created", "event.shared", "event.unshared"]


async def test_an_event_is_shared_only_where_its_host_stands(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    libraries = await alliances.create(
        context(operator_for(cast.library)),
        NewAlliance(convener_id=cast.library, slug="libraries", name="Libraries", purpose="Read."),
    )
    event_id = await publish(context, cast.anna)
    for unknown in (libraries, f"aln_{'0' * 26}@hub.test"):
        sharing = publishing.share(context(cast.anna), event_id, [cast.city_table, unknown])
        problem = await refused(contents, Refused, sharing, "join first")
        assert problem.field == ("alliances",)


async def test_what_is_for_fewer_is_not_shared(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    sharing = publishing.share(context(cast.anna), event_id, [cast.city_table])
    assert (await refused(contents, Invalid, sharing)).field == ("alliances",)


async def test_an_event_is_taken_back_from_an_alliance_that_its_host_has_left(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, share_with=(cast.city_table,))
    async with context(cast.anna).writing() as db:
        await db.exec_driver_sql("update alliance_members set status = 'LEFT'")
    await publishing.unshare(context(cast.anna), event_id, [cast.city_table])
    async with database.reading() as db:
        thing = await reach.event(db, event_id)
    assert thing is not None
    assert thing.shared_with == frozenset()
