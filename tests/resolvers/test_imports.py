"""Importing the Pantry's calendar: what comes in, what follows, and what is left alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.errors import Invalid, NotFound, Problem, Refused, Taken
from domain.events import AttendanceMode, EventStatus, JoinMode
from domain.identifiers import Identifier
from domain.importing import Outcome
from domain.places import Place, PlacePrecision
from domain.sharing import Visibility
from resolvers import alliances, events, imports, organizations
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage import events as stored
from storage.tables import event_hosts, event_shares, identifiers, import_items, import_sources
from storage.tables import events as rows
from tests.cast import publish, start_group
from tests.conftest import Contents
from tests.outside import MONDAY, StandingClock
from tests.resolvers.importing import EVENTS, PANTRY, Desk, counts, told, without

DRIVE, BOARD, KITCHEN = "drive@pantry.example", "board@pantry.example", "kitchen@pantry.example"


async def test_what_the_calendar_says_is_what_the_event_says(desk: Desk) -> None:
    await desk.take_in()
    drive = await desk.event_of(DRIVE)
    assert (drive.title, drive.organization_id) == ("Food drive", desk.cast.pantry)
    assert drive.description == "Bring a can & a friend.\n\nDoors at two."
    assert drive.starts_at == datetime(2027, 3, 6, 19, tzinfo=UTC)
    assert drive.ends_at == datetime(2027, 3, 6, 22, tzinfo=UTC)
    assert drive.time_zone == "America/Indiana/Indianapolis"
    assert drive.place == Place(name="Town Hall")
    assert drive.causes == ("food", "food-justice")
    assert (drive.join_mode, drive.registration_url) == (
        JoinMode.EXTERNAL,
        "https://pantry.example/drive",
    )
    assert drive.attendance_mode is AttendanceMode.IN_PERSON
    assert (drive.status, drive.visibility) == (EventStatus.SCHEDULED, Visibility.PUBLIC)
    assert (await desk.event_of(BOARD)).join_mode is JoinMode.NONE


async def test_every_entry_is_there_or_listed_with_why(desk: Desk) -> None:
    report = await desk.take_in()
    assert counts(report) == {Outcome.CREATE: EVENTS - 1, Outcome.DROPPED: 1}
    (dropped,) = [one for one in report.entries if one.outcome is Outcome.DROPPED]
    assert (dropped.uid, dropped.reason) == ("undated@pantry.example", "NO_START")
    assert dropped.message is not None
    assert "DTSTART" in dropped.message


async def test_an_imported_event_is_as_whole_as_one_made_by_hand(desk: Desk) -> None:
    await desk.take_in()
    drive = await desk.event_of(DRIVE)
    hosts = select(event_hosts.c.organization_id, event_hosts.c.role, event_hosts.c.status)
    names = select(identifiers.c.system, identifiers.c.value)
    async with desk.database.reading() as db:
        hosted = await db.execute(hosts.where(event_hosts.c.event_id == drive.id))
        assert [tuple(row) for row in hosted] == [(desk.cast.pantry, "HOST", "ACCEPTED")]
        named = await db.execute(names.where(identifiers.c.subject_id == drive.id))
        assert [tuple(row) for row in named] == [("ical", DRIVE)]
    assert [date.starts_at for date in await desk.dates_of(drive.id)] == [drive.starts_at]
    assert await desk.audited(drive.id) == [("event.created", None)]


async def test_it_is_found_by_its_words_in_the_language_of_its_organization(desk: Desk) -> None:
    by_hand = await publish(
        desk.context,
        desk.cast.anna,
        title="Food drive",
        description="Bring a can & a friend.\n\nDoors at two.",
        place=Place(name="Town Hall"),
        causes=("food", "food-justice"),
    )
    await desk.take_in()
    drive = await desk.event_of(DRIVE)
    matches = rows.c.search.op("@@")(func.convoke_query("drives can friends"))
    async with desk.database.reading() as db:
        assert set(await db.scalars(select(rows.c.id).where(matches))) == {by_hand, drive.id}
        documents = select(rows.c.search, rows.c.language).where(rows.c.id.in_([by_hand, drive.id]))
        assert len({tuple(row) for row in await db.execute(documents)}) == 1


async def test_the_same_file_again_changes_nothing_at_all(
    desk: Desk, clock: StandingClock, contents: Contents
) -> None:
    await desk.take_in()
    before = await contents()
    clock.forward(hours=1)
    report = await desk.take_in()
    assert counts(report) == {Outcome.UNCHANGED: EVENTS - 1, Outcome.DROPPED: 1}
    after = await contents()
    # When the source was last read is the one thing that is new.
    assert before.pop("import_sources") != after.pop("import_sources")
    assert after == before


async def test_a_file_taken_in_whole_is_known_again(desk: Desk) -> None:
    whole = without(PANTRY, "Someday")
    await desk.take_in(whole)
    wanted, ctx = desk.wanted(), desk.context(operator_for(desk.cast.pantry))
    source = await imports.source_of(ctx, wanted)
    assert source is not None
    digest = (source.checksum or "").partition(":")[2]
    assert imports.is_as_before(source, wanted, digest)
    assert imports.is_as_before(source, wanted, None)  # its server says: not modified
    assert not imports.is_as_before(source, wanted, "another")
    for otherwise in (
        desk.wanted(visibility=Visibility.UNLISTED),
        desk.wanted(share_with=(desk.cast.city_table,)),
        desk.wanted(time_zone="Europe/Berlin"),
    ):
        assert not imports.is_as_before(source, otherwise, digest)
    assert (await imports.unchanged(ctx, source)).counts[Outcome.UNCHANGED] == EVENTS - 1


async def test_new_stamps_on_an_old_entry_are_no_news(desk: Desk, contents: Contents) -> None:
    await desk.take_in()
    before = await contents()
    stamped = PANTRY.replace("DTSTAMP:20270201T120000Z", "DTSTAMP:20270301T090000Z\nSEQUENCE:7")
    assert counts(await desk.take_in(stamped))[Outcome.UNCHANGED] == EVENTS - 1
    assert (await contents())["events"] == before["events"]


async def test_an_event_follows_its_source_and_keeps_its_id(
    desk: Desk, clock: StandingClock
) -> None:
    await desk.take_in()
    before = await desk.event_of(DRIVE)
    clock.forward(days=1)
    renamed = PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Spring drive").replace(
        "LOCATION:Town Hall\n", ""
    )
    one = told(await desk.take_in(renamed), "Spring drive")
    assert (one.outcome, one.changed, one.kept) == (Outcome.UPDATE, ("place", "title"), ())
    after = await desk.event_of(DRIVE)
    assert (after.id, after.title, after.place) == (before.id, "Spring drive", None)
    assert (after.version, after.updated_at) == (2, MONDAY + timedelta(days=1))
    assert await desk.audited(after.id) == [
        ("event.created", None),
        ("event.updated", "place, title"),
    ]
    assert (await desk.event_of(BOARD)).version == 1


async def test_what_left_the_source_stays_and_is_told(desk: Desk, clock: StandingClock) -> None:
    await desk.take_in()
    before = await desk.event_of(DRIVE)
    gone = without(PANTRY, "Food drive")
    one = told(await desk.take_in(gone), "Food drive")
    assert (one.outcome, one.event_id) == (Outcome.VANISHED, before.id)
    assert "cancel it here" in (one.message or "")
    assert await desk.event_of(DRIVE) == before
    clock.forward(days=1)
    again = told(await desk.take_in(gone), "Food drive")
    assert again.message == "Not in the source since 2027-03-01."
    back = told(await desk.take_in(), "Food drive")
    assert (back.outcome, back.message) == (Outcome.UNCHANGED, "It is in the calendar again.")
    missing = select(import_items.c.uid).where(import_items.c.missing_since.is_not(None))
    async with desk.database.reading() as db:
        assert (await db.scalars(missing)).all() == []
    assert await desk.event_of(DRIVE) == before


async def test_that_a_calendar_drops_what_is_over_is_no_news(
    desk: Desk, clock: StandingClock
) -> None:
    await desk.take_in()
    clock.forward(days=7)  # the drive was on Saturday
    report = await desk.take_in(without(PANTRY, "Food drive"))
    assert Outcome.VANISHED not in counts(report)


async def test_an_entry_that_cannot_be_read_any_more_has_not_vanished(desk: Desk) -> None:
    await desk.take_in()
    broken = PANTRY.replace(":20270306T140000", ":20270306T990000")
    report = await desk.take_in(broken)
    assert counts(report) == {Outcome.UNCHANGED: EVENTS - 2, Outcome.DROPPED: 2}
    assert (await desk.event_of(DRIVE)).status is EventStatus.SCHEDULED


async def test_a_cancelled_entry_cancels_its_event(desk: Desk) -> None:
    await desk.take_in()
    await desk.take_in(PANTRY.replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    drive = await desk.event_of(DRIVE)
    assert drive.status is EventStatus.CANCELLED
    assert [date.status for date in await desk.dates_of(drive.id)] == ["CANCELLED"]


async def test_an_entry_that_is_no_sound_event_is_listed_and_the_rest_comes_in(desk: Desk) -> None:
    await desk.take_in()
    wrong = PANTRY.replace("SUMMARY:Board meeting", "SUMMARY:Board").replace(
        "20270310T190000", "19270310T190000"
    )
    report = await desk.take_in(wrong.replace("SUMMARY:Seed swap", "SUMMARY:Seeds"))
    one = told(report, "Board")
    assert (one.outcome, one.reason) == (Outcome.DROPPED, "INVALID")
    assert one.message == "Years from 1970 to 2200, please."
    assert (await desk.event_of(BOARD)).title == "Board meeting"
    assert (await desk.event_of("orphan@pantry.example", "20270312T170000Z")).title == "Seeds"
    ctx = desk.context(operator_for(desk.cast.pantry))
    source = await imports.source_of(ctx, desk.wanted())
    assert source is not None
    assert source.checksum is None  # so the file is read again, and this is told again


# ── who may see them ─────────────────────────────────────────────────────────────────────────


async def _shares(desk: Desk, event_id: str) -> list[str]:
    shared = select(event_shares.c.alliance_id).where(event_shares.c.event_id == event_id)
    async with desk.database.reading() as db:
        return list(await db.scalars(shared))


async def test_private_entries_are_private_and_never_shared(desk: Desk) -> None:
    await desk.take_in(visibility=Visibility.ALLIANCE, share_with=(desk.cast.city_table,))
    board, drive = await desk.event_of(BOARD), await desk.event_of(DRIVE)
    assert (board.visibility, await _shares(desk, board.id)) == (Visibility.PRIVATE, [])
    assert (drive.visibility, await _shares(desk, drive.id)) == (
        Visibility.ALLIANCE,
        [desk.cast.city_table],
    )


async def test_what_becomes_private_is_withdrawn_and_shared_again_when_it_is_not(
    desk: Desk,
) -> None:
    wishes: dict[str, Any] = {"share_with": (desk.cast.city_table,)}
    await desk.take_in(**wishes)
    secret = PANTRY.replace("STATUS:CONFIRMED", "CLASS:PRIVATE")
    one = told(await desk.take_in(secret, **wishes), "Food drive")
    assert one.changed == ("shareWith", "visibility")
    drive = await desk.event_of(DRIVE)
    assert (drive.visibility, await _shares(desk, drive.id)) == (Visibility.PRIVATE, [])
    await desk.take_in(**wishes)
    drive = await desk.event_of(DRIVE)
    assert drive.visibility is Visibility.PUBLIC
    assert await _shares(desk, drive.id) == [desk.cast.city_table]


async def test_a_later_run_shares_what_was_there_and_none_takes_it_back(desk: Desk) -> None:
    await desk.take_in()
    report = await desk.take_in(share_with=(desk.cast.city_table,))
    assert told(report, "Food drive").changed == ("shareWith",)
    drive = await desk.event_of(DRIVE)
    assert (drive.version, await _shares(desk, drive.id)) == (2, [desk.cast.city_table])
    assert told(await desk.take_in(), "Food drive").outcome is Outcome.UNCHANGED
    assert await _shares(desk, drive.id) == [desk.cast.city_table]
    assert (await desk.event_of(DRIVE)).version == 2


async def test_what_was_taken_back_from_an_alliance_is_not_shared_again(desk: Desk) -> None:
    city = (desk.cast.city_table,)
    await desk.take_in(share_with=city)
    drive = await desk.event_of(DRIVE)
    async with desk.database.writing() as db:
        await stored.withdraw(db, drive.id)
    await desk.take_in(PANTRY.replace("Town Hall", "Market"), share_with=city)
    assert ((await desk.event_of(DRIVE)).version, await _shares(desk, drive.id)) == (2, [])


async def test_a_source_is_never_shown_more_widely_than_before_unless_told(desk: Desk) -> None:
    await desk.take_in(without(PANTRY, "Food drive"), visibility=Visibility.UNLISTED)
    await desk.take_in()
    assert (await desk.event_of(DRIVE)).visibility is Visibility.UNLISTED
    await desk.take_in(visibility=Visibility.PUBLIC)
    assert (await desk.event_of(DRIVE)).visibility is Visibility.PUBLIC


async def test_new_events_belong_to_the_group_that_is_named(desk: Desk) -> None:
    group = await start_group(desk.context, desk.cast.anna, "cooks")
    await desk.take_in(group_id=group, visibility=Visibility.GROUP)
    drive = await desk.event_of(DRIVE)
    assert (drive.group_id, drive.visibility) == (group, Visibility.GROUP)


async def test_what_the_organization_may_not_do_is_refused_before_anything_is_written(
    desk: Desk, contents: Contents
) -> None:
    theirs = await start_group(desk.context, desk.cast.sam, "nights")
    guarded = await alliances.create(
        desk.context(operator_for(desk.cast.pantry)),
        NewAlliance(
            convener_id=desk.cast.pantry,
            slug="guarded",
            name="Guarded",
            purpose="Among us.",
            visibility=Visibility.PRIVATE,
        ),
    )
    before = await contents()
    city = (desk.cast.city_table,)
    refused: list[tuple[type[Problem], dict[str, Any]]] = [
        (Refused, {"organization_id": desk.cast.library, "share_with": city}),
        (Invalid, {"visibility": Visibility.PRIVATE, "share_with": city}),
        (Invalid, {"share_with": (guarded,)}),
        (Invalid, {"group_id": theirs}),
    ]
    for expected, given in refused:
        with pytest.raises(expected):
            await desk.take_in(**given)
        with pytest.raises(expected):
            await desk.preview(**given)
    assert await contents() == before


@pytest.mark.parametrize("name", ["sam", "library_app"])
async def test_nobody_imports_in_anothers_name(desk: Desk, contents: Contents, name: str) -> None:
    before = await contents()
    ctx = desk.context(getattr(desk.cast, name))
    file = imports.File("digest")
    with pytest.raises((Refused, NotFound)):
        await imports.run(ctx, desk.wanted(), desk.read(), file)
    with pytest.raises((Refused, NotFound)):
        await imports.take_turn(ctx, desk.wanted(), counted=True)
    assert await contents() == before


# ── the same event from elsewhere ────────────────────────────────────────────────────────────


async def test_one_uid_is_one_event_whichever_file_brings_it(desk: Desk) -> None:
    await desk.take_in()
    before = await desk.event_of(DRIVE)
    report = await desk.take_in(location="april.ics")
    one = told(report, "Food drive")
    assert (one.outcome, one.event_id) == (Outcome.UNCHANGED, before.id)
    assert "follows this calendar too" in (one.message or "")
    assert await desk.event_of(DRIVE) == before
    moved = PANTRY.replace("LOCATION:Town Hall", "LOCATION:Market Square")
    assert told(await desk.take_in(moved, location="april.ics"), "Food drive").changed == ("place",)
    # The first file says nothing new, so it does not take the event back.
    assert told(await desk.take_in(), "Food drive").outcome is Outcome.UNCHANGED
    assert (await desk.event_of(DRIVE)).place == Place(name="Market Square")
    assert Outcome.CREATE not in counts(report)


async def test_what_another_calendar_still_has_has_not_vanished(desk: Desk) -> None:
    await desk.take_in()
    await desk.take_in(location="april.ics")
    gone = without(PANTRY, "Food drive")
    assert Outcome.VANISHED not in counts(await desk.take_in(gone))
    report = await desk.take_in(gone, location="april.ics")
    assert told(report, "Food drive").outcome is Outcome.VANISHED
    assert (await desk.event_of(DRIVE)).status is EventStatus.SCHEDULED


async def test_each_organization_has_its_own_events(desk: Desk) -> None:
    await desk.take_in()
    report = await desk.take_in(organization_id=desk.cast.library)
    assert counts(report)[Outcome.CREATE] == EVENTS - 1


async def test_an_event_made_by_hand_under_that_uid_is_followed_and_its_words_stay(
    desk: Desk,
) -> None:
    by_hand = await publish(
        desk.context, desk.cast.anna, identifiers=(Identifier("ical", DRIVE),), title="Our drive"
    )
    one = told(await desk.take_in(), "Food drive")
    assert (one.outcome, one.event_id) == (Outcome.KEEP, by_hand)
    assert "title" in one.kept
    assert (await desk.event_of(DRIVE)).title == "Our drive"


async def test_a_name_that_is_not_an_event_s_is_listed(desk: Desk) -> None:
    named_so = await organizations.create(
        desk.context(operator_for()),
        NewOrganization(
            slug="drivers",
            name="Drivers",
            time_zone="UTC",
            identifiers=(Identifier("ical", DRIVE),),
        ),
    )
    one = told(await desk.take_in(organization_id=named_so), "Food drive")
    assert (one.outcome, one.reason) == (Outcome.DROPPED, Taken.code)
    assert DRIVE in (one.message or "")


async def test_what_may_be_the_same_event_is_pointed_out(desk: Desk) -> None:
    by_hand = await publish(
        desk.context,
        desk.cast.anna,
        title="FOOD drive",
        starts_at=datetime(2027, 3, 6, 19, tzinfo=UTC),
        ends_at=None,
    )
    await publish(desk.context, desk.cast.anna, title="Food drive")  # at another hour
    for report in (await desk.preview(), await desk.take_in()):
        assert told(report, "Food drive").possible_duplicate_of == (by_hand,)
        assert told(report, "Board meeting").possible_duplicate_of == ()


async def test_two_entries_of_one_calendar_are_two_events_to_its_owner(desk: Desk) -> None:
    await desk.take_in()
    twin = PANTRY.replace("UID:board@", "UID:drive-east@").replace("CLASS:CONFIDENTIAL\n", "")
    twin = twin.replace("Board meeting", "Food drive").replace("20270310T190000", "20270306T140000")
    report = await desk.take_in(twin)
    (new,) = [one for one in report.entries if one.outcome is Outcome.CREATE]
    assert (new.title, new.possible_duplicate_of) == ("Food drive", ())


# ── previews, turns, and what breaks off ─────────────────────────────────────────────────────


async def test_a_preview_tells_what_a_run_would_do_and_writes_nothing(
    desk: Desk, contents: Contents
) -> None:
    empty = await contents()
    first = await desk.preview()
    assert {one.event_id for one in first.entries} == {None}  # what is not made has no id
    assert await contents() == empty
    assert counts(await desk.take_in()) == counts(first)
    drive = await desk.event_of(DRIVE)
    await events.update(desk.context(desk.cast.anna), drive.id, 1, {"title": "Anna's drive"})
    changed = without(
        PANTRY.replace("SUMMARY:Food drive", "SUMMARY:Big drive").replace("Kitchen", "Hall"),
        "Board meeting",
    )
    before = await contents()
    preview = await desk.preview(changed)
    assert await contents() == before
    assert (await desk.take_in(changed)).entries == preview.entries
    assert counts(preview) == {
        Outcome.UPDATE: 1,
        Outcome.KEEP: 1,
        Outcome.UNCHANGED: 3,
        Outcome.VANISHED: 1,
        Outcome.DROPPED: 1,
    }


async def test_an_address_has_four_turns_an_hour(desk: Desk, clock: StandingClock) -> None:
    wanted = desk.wanted(location="https://pantry.example/events.ics")
    ctx = desk.context(operator_for(desk.cast.pantry))
    for _ in range(4):
        await imports.take_turn(ctx, wanted, counted=False)
        await imports.take_turn(ctx, wanted, counted=True)
        clock.forward(minutes=10)
    for counted in (True, False):
        with pytest.raises(Problem, match="The next time may be at 10:00 UTC") as refusal:
            await imports.take_turn(ctx, wanted, counted=counted)
        assert refusal.value.code == "RATE_LIMITED"
    other = desk.wanted(location="https://pantry.example/other.ics")
    await imports.take_turn(ctx, other, counted=True)
    clock.forward(minutes=20)
    await imports.take_turn(ctx, wanted, counted=True)


async def test_a_preview_of_an_address_leaves_no_trace(desk: Desk, contents: Contents) -> None:
    before = await contents()
    ctx = desk.context(operator_for(desk.cast.pantry))
    await imports.take_turn(ctx, desk.wanted(location="https://x.example/"), counted=False)
    assert await contents() == before


async def test_what_breaks_off_leaves_whole_entries_and_a_new_run_takes_in_the_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class UnpluggedError(Exception):
        pass

    def unplug(done: int) -> None:
        raise UnpluggedError

    monkeypatch.setattr(imports, "BATCH", 2)
    calendar = desk.read(without(PANTRY, "Someday"))
    ctx = desk.context(operator_for(desk.cast.pantry))
    file = imports.File("digest")
    nothing = desk.read("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    await imports.run(ctx, desk.wanted(), nothing, imports.File("of nothing"))
    with pytest.raises(UnpluggedError):
        await imports.run(ctx, desk.wanted(), calendar, file, unplug)
    source = await imports.source_of(ctx, desk.wanted())
    assert source is not None
    for digest in ("digest", "of nothing"):
        assert not imports.is_as_before(source, desk.wanted(), digest)
    steps: list[int] = []
    report = await imports.run(ctx, desk.wanted(), calendar, file, steps.append)
    assert counts(report) == {Outcome.CREATE: 2, Outcome.UNCHANGED: 4}
    assert steps == [4, 6]  # entries with one UID stay together
    source = await imports.source_of(ctx, desk.wanted())
    assert imports.is_as_before(source, desk.wanted(), "digest")
    async with desk.database.reading() as db:
        assert len((await db.execute(select(import_sources.c.id))).all()) == 1


async def test_two_runs_at_once_make_each_event_once(desk: Desk) -> None:
    reports = await asyncio.gather(*(desk.take_in(location=f"{n}.ics") for n in range(4)))
    assert sorted(counts(report).get(Outcome.CREATE, 0) for report in reports) == [0, 0, 0, 6]


async def test_an_operator_says_where_entries_without_a_position_are(desk: Desk) -> None:
    await desk.take_in(position=(39.17, -86.53))
    drive = await desk.event_of(DRIVE)
    assert drive.place == Place(
        name="Town Hall",
        latitude=39.17,
        longitude=-86.53,
        precision=PlacePrecision.NEAR,
    )
    again = await desk.take_in(position=(39.17, -86.53))
    assert set(counts(again)) == {Outcome.UNCHANGED, Outcome.DROPPED}
    moved = await desk.take_in(position=(39.2, -86.5))
    assert counts(moved)[Outcome.UPDATE] > 0
