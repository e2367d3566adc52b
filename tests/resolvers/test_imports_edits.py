"""Anna edits an imported event: her words stay, and the rest goes on following the calendar."""

from datetime import UTC, datetime

from domain.errors import Invalid
from domain.events import EventStatus, JoinMode
from domain.importing import Outcome
from domain.places import Place
from domain.sharing import Visibility
from resolvers import events
from resolvers.events import EventChanges
from tests.resolvers.importing import PANTRY, Desk, told

DRIVE = "drive@pantry.example"
HOUR_LATER = PANTRY.replace("20270306T140000", "20270306T150000")


async def edit(desk: Desk, changes: EventChanges) -> None:
    drive = await desk.event_of(DRIVE)
    await events.update(desk.context(desk.cast.anna), drive.id, drive.version, changes)


async def test_anna_s_title_stays_and_the_place_follows(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"title": "Anna's drive"})
    changed = PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Drive").replace("Town Hall", "Market")
    one = told(await desk.take_in(changed), "Drive")
    assert (one.outcome, one.changed, one.kept) == (Outcome.UPDATE, ("place",), ("title",))
    drive = await desk.event_of(DRIVE)
    assert (drive.title, drive.place, drive.version) == ("Anna's drive", Place(name="Market"), 3)


async def test_where_only_her_fields_changed_nothing_is_written_and_it_is_told(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"title": "Anna's drive"})
    before = await desk.event_of(DRIVE)
    renamed = PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Drive")
    one = told(await desk.take_in(renamed), "Drive")
    assert (one.outcome, one.changed, one.kept) == (Outcome.KEEP, (), ("title",))
    assert await desk.event_of(DRIVE) == before


async def test_her_edit_stays_over_many_runs(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"title": "Anna's drive"})
    for name in ("One", "Two", "Food drive", "Three"):
        await desk.take_in(PANTRY.replace("SUMMARY:Food drive", f"SUMMARY:{name}"))
        assert (await desk.event_of(DRIVE)).title == "Anna's drive"


async def test_where_the_source_comes_to_say_the_same_it_is_followed_again(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"title": "Big drive"})
    one = told(
        await desk.take_in(PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Big drive")), "Big drive"
    )
    assert (one.outcome, one.kept) == (Outcome.UNCHANGED, ())
    await desk.take_in(PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Bigger drive"))
    assert (await desk.event_of(DRIVE)).title == "Bigger drive"


async def test_what_she_emptied_stays_empty(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"description": None, "place": None})
    changed = PANTRY.replace("Bring a can", "Bring two cans").replace("Town Hall", "Market")
    assert told(await desk.take_in(changed), "Food drive").kept == ("description", "place")
    drive = await desk.event_of(DRIVE)
    assert (drive.description, drive.place) == (None, None)


async def test_what_the_source_cannot_say_is_hers_anyway(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"summary": "Bring a can.", "capacity": 40})
    await desk.take_in(PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Drive"))
    drive = await desk.event_of(DRIVE)
    assert (drive.title, drive.summary, drive.capacity) == ("Drive", "Bring a can.", 40)


async def test_who_moves_an_event_answers_for_all_its_times(desk: Desk) -> None:
    """Its old end with her new start would be no time at all."""
    await desk.take_in()
    hers = datetime(2027, 3, 7, 19, tzinfo=UTC)
    await edit(desk, {"starts_at": hers, "ends_at": None})
    one = told(await desk.take_in(HOUR_LATER.replace("Town Hall", "Market")), "Food drive")
    assert (one.changed, one.kept) == (("place",), ("endsAt", "startsAt"))
    drive = await desk.event_of(DRIVE)
    assert (drive.starts_at, drive.ends_at) == (hers, None)


async def test_who_changes_how_one_signs_up_answers_for_where(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"join_mode": JoinMode.APPROVAL})
    moved = PANTRY.replace("URL:https://pantry.example/drive", "URL:https://pantry.example/spring")
    assert told(await desk.take_in(moved), "Food drive").kept == ("joinMode", "registrationUrl")
    assert (await desk.event_of(DRIVE)).join_mode is JoinMode.APPROVAL


async def test_a_cancellation_that_is_news_counts_whatever_she_had_set(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"status": EventStatus.MOVED_ONLINE})
    await desk.take_in(PANTRY.replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    assert (await desk.event_of(DRIVE)).status is EventStatus.CANCELLED


async def test_who_holds_a_cancelled_event_all_the_same_is_not_overruled(desk: Desk) -> None:
    await desk.take_in()
    cancelled = PANTRY.replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
    await desk.take_in(cancelled)
    await edit(desk, {"status": EventStatus.SCHEDULED})
    one = told(await desk.take_in(cancelled.replace("Town Hall", "Market")), "Food drive")
    assert one.kept == ("status",)
    assert (await desk.event_of(DRIVE)).status is EventStatus.SCHEDULED


async def test_what_she_took_out_of_sight_is_not_shown_again(desk: Desk) -> None:
    await desk.take_in()
    await edit(desk, {"visibility": Visibility.ORGANIZATION})
    report = await desk.take_in(
        PANTRY.replace("Town Hall", "Market"), share_with=(desk.cast.city_table,)
    )
    assert told(report, "Food drive").kept == ("visibility",)
    assert (await desk.event_of(DRIVE)).visibility is Visibility.ORGANIZATION


async def test_what_would_make_no_sense_together_is_listed_and_left_as_it_is(desk: Desk) -> None:
    await desk.take_in()
    before = await desk.event_of(DRIVE)
    report = await desk.take_in(visibility=Visibility.GROUP)
    one = told(report, "Food drive")
    assert (one.outcome, one.reason) == (Outcome.DROPPED, Invalid.code)
    assert await desk.event_of(DRIVE) == before
