"""./convoke attendees: the list at the door on paper, and back."""

import asyncio
import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from domain.actors import NOBODY
from domain.errors import Invalid, NotFound, Refused
from resolvers import attendee_sheets, events, rsvps
from resolvers.attendee_sheets import Ticked
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import rsvps as rows
from tests.cast import STARTS, Cast, MakeContext, food_drive, publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.commands.conftest import Terminal
from web.attendee_sheet import read, written
from web.commands._operating import operating

HERE = ("there", "name", "party", "note")


async def signed_up(context: MakeContext, cast: Cast, event_id: str) -> None:
    """Lee with a guest, and one who is called like a formula."""
    new = NewRsvp(event_id=event_id, additional_guests=1)
    await rsvps.answer(context(cast.lee), new)
    named = NewRsvp(event_id=event_id, guest_name="=HYPERLINK(1)")
    await rsvps.answer(context(cast.pantry_app), named)


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def ticked(text: str, ticks: dict[str, str], *more: list[str]) -> str:
    """The sheet as it comes back, from a spreadsheet that writes semicolons."""
    lines = cells(text)
    for line in lines[2:]:
        line[0] = ticks.get(line[1], "")
    out = StringIO()
    csv.writer(out, delimiter=";").writerows([*lines, *more])
    return out.getvalue()


async def came(database: Database) -> dict[str | None, tuple[bool | None, int]]:
    async with database.reading() as db:
        found = await db.execute(rows.select())
        return {
            row.guest_name or row.person_id: (row.attended, row.additional_guests) for row in found
        }


async def test_a_sheet_goes_out_and_comes_back_and_twice_is_once(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    contents: Contents,
) -> None:
    event_id = await publish(context, cast.anna, capacity=10)
    await signed_up(context, cast, event_id)
    sheet = await attendee_sheets.sheet(context(cast.anna), event_id)
    printed = written(sheet)
    assert [line[:4] for line in cells(printed)][:4] == [
        ["Food drive, Saturday, 6 March 2027, 09:00"],
        list(HERE),
        ["", "'=HYPERLINK(1)", "1", ""],
        ["", "Lee", "2", ""],
    ]
    back = read(
        ticked(printed, {"'=HYPERLINK(1)": "no", "Lee": "X"}, ["x", "Old Tom", "3", "", ""])
    )
    assert back.problems == ()
    before = await contents()
    early = await attendee_sheets.take_in(
        context(cast.anna), event_id, back.occurrence_id, back.ticked
    )
    assert [said for _, said in early.problems] == [
        "People are checked in from one hour before the start; come back then."
    ] * 3
    assert await contents() == before
    clock.at = STARTS + timedelta(days=2)  # typed in on Monday
    done = await attendee_sheets.take_in(
        context(cast.anna), event_id, back.occurrence_id, back.ticked
    )
    assert (done.checked_in, done.walked_in, done.as_before, done.problems) == (2, 1, 0, [])
    assert await came(database) == {
        cast.lee_id: (True, 1),
        "=HYPERLINK(1)": (False, 0),
        "Old Tom": (True, 2),
    }
    after = await contents()
    again = await attendee_sheets.take_in(
        context(cast.anna), event_id, back.occurrence_id, back.ticked
    )
    assert (again.checked_in, again.walked_in, again.as_before) == (0, 0, 3)
    assert await contents() == after


async def test_a_line_that_cannot_be_done_keeps_no_other_from_it(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna)
    other = await publish(context, cast.anna)
    await signed_up(context, cast, event_id)
    elsewhere = await rsvps.answer(context(cast.lee), NewRsvp(event_id=other))
    printed = written(await attendee_sheets.sheet(context(cast.anna), event_id))
    clock.at = STARTS
    back = read(
        ticked(
            printed,
            {"Lee": "maybe", "'=HYPERLINK(1)": "ja"},
            ["", "Kim", "", "", ""],
            ["x", "Bo", "many", "", ""],
            ["x", "", "", "", ""],
            ["x", "Lee", "", "", str(elsewhere)],
            ["x", "Mo", "", "", ""],
        )
    )
    assert [said.partition(":")[0] for _, said in back.problems] == [
        "'maybe'",
        "Kim",
        "'many'",
        "There is a tick, and no name.",
    ]
    done = await attendee_sheets.take_in(
        context(cast.anna), event_id, back.occurrence_id, back.ticked
    )
    assert [said for _, said in done.problems] == ["This answer is not to the date of this sheet."]
    assert (done.checked_in, done.walked_in) == (1, 1)
    assert (await came(database))["=HYPERLINK(1)"] == (True, 0)


async def test_the_list_is_for_the_hosts_staff_alone(
    context: MakeContext, cast: Cast, contents: Contents, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna)
    await signed_up(context, cast, event_id)
    sheet = await attendee_sheets.sheet(context(cast.anna), event_id)
    before = await contents()
    clock.at = STARTS
    for stranger in (NOBODY, cast.library_app, cast.sam):
        with pytest.raises(Refused):
            await attendee_sheets.sheet(context(stranger), event_id)
        tried = [Ticked(3, "Kim", True), Ticked(4, "Lee", True, sheet.lines[0].rsvp_id)]
        done = await attendee_sheets.take_in(
            context(stranger), event_id, sheet.date.occurrence_id, tried
        )
        assert len(done.problems) == 2
    with pytest.raises(NotFound):
        await attendee_sheets.sheet(context(cast.anna), "evt_1")
    assert await contents() == before


def test_what_is_no_sheet_is_refused() -> None:
    for text in ("", "there,name\nx,Kim\n", "a,b,c,d,e\n"):
        with pytest.raises(Invalid, match="no sheet of attendees"):
            read(text)


def test_the_operator_prints_a_sheet_and_reads_it_back(town: Terminal, tmp_path: Path) -> None:
    async def held_now() -> str:
        async with operating(None) as operator:
            host = await operator.organization_called("pantry")
            now = operator.clock.now()
            times = {"starts_at": now, "ends_at": now + timedelta(hours=2)}
            async with operator.context(host) as ctx:
                event_id = await events.create(ctx, food_drive(host, **times))
                new = NewRsvp(event_id=event_id, guest_name="Mei")
                await rsvps.answer(ctx, new)
            return event_id

    event_id = asyncio.run(held_now())
    printed = town.done("attendees", "sheet", event_id)
    file = tmp_path / "sheet.csv"
    file.write_text(ticked(printed, {"Mei": "x"}, ["x", "Tom", "", "", ""]), encoding="utf-8")
    assert town.done("attendees", "check-in", str(file)) == (
        "1 checked in, 1 walked in, 0 as before.\n"
    )
    assert town.json("attendees", "check-in", str(file)) == {
        "checkedIn": 0,
        "walkedIn": 0,
        "asBefore": 2,
        "problems": [],
    }
    file.write_text(ticked(printed, {"Mei": "?"}), encoding="utf-8")
    code, out, _ = town.run("attendees", "check-in", str(file))
    assert (code, out.splitlines()[1][:13]) == (1, "line 3: '?': ")
    assert town.run("attendees", "sheet", "evt_1")[0] == 1
    assert "cannot be read" in town.run("attendees", "check-in", str(tmp_path / "none"))[2]
