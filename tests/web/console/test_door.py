"""The door: checking people in on a phone, undoing it, and who was not on the list; and on paper."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from domain.sharing import HostEditing
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import event_hosts
from storage.tables import rsvps as rows
from tests.cast import publish
from tests.conftest import Contents
from tests.web.account.browsing import Browser, Form
from tests.web.console.conftest import PANTRY, SHELTER, Staff


async def came(database: Database) -> dict[str, tuple[bool | None, int]]:
    async with database.reading() as db:
        return {
            row.guest_name: (row.attended, row.additional_guests)
            for row in await db.execute(select(rows))
        }


async def drive(staff: Staff, *names: str) -> str:
    """An event of the Pantry's with these guests, half an hour before it begins."""
    starts = staff.clock.now() + timedelta(minutes=30)
    event_id = await publish(
        staff.context, staff.cast.anna, starts_at=starts, ends_at=starts + timedelta(hours=3)
    )
    for name in names:
        guest = NewRsvp(event_id=event_id, guest_name=name)
        await rsvps.answer(staff.context(staff.cast.anna), guest)
    return event_id


def at(event_id: str, part: str = "door", home: str = PANTRY) -> str:
    return f"{home}/events/{event_id}/{part}"


def list_of(browser: Browser, event_id: str, home: str = PANTRY) -> Form:
    """The form with the names, of those that go to the door."""
    assert browser.answer is not None
    form = browser.form(at(event_id, home=home))
    assert form.method == "post" or "date" in form.fields
    for button in re.findall(r'name="(here|undo)" value="([^"]+)"', browser.answer.text):
        form.buttons.append(button)
    form.method = "post"
    token = re.search(r'name="form_token" value="([^"]+)"', browser.answer.text)
    once = re.search(r'name="once" value="([^"]+)"', browser.answer.text)
    assert token is not None
    assert once is not None
    form.fields = {"form_token": token[1], "once": once[1], "name": form.fields.get("name", "")}
    return form


async def tap(browser: Browser, event_id: str, name: str, button: str = "here") -> httpx.Response:
    """The button beside the name."""
    assert browser.answer is not None
    line = next(each for each in browser.answer.text.split("<li>") if f">{name}<" in each)
    found = re.search(rf'name="{button}" value="([^"]+)"', line)
    assert found is not None, line
    return await browser.send(list_of(browser, event_id), **{button: found[1]})


async def test_people_are_checked_in_and_it_is_undone(staff: Staff) -> None:
    event_id = await drive(staff, "Vera", "Özlem")
    page = await staff.anna.open(at(event_id))
    assert "0 here, 2 expected" in page.text
    assert len(page.content) < 12_000
    answer = await tap(staff.anna, event_id, "Vera")
    assert answer.status_code == 303
    page = await staff.anna.open(answer.headers["location"])
    assert "Checked in." in page.text
    assert "1 here, 2 expected" in page.text
    assert "1 name is checked in" in page.text
    assert await came(staff.database) == {"Vera": (True, 0), "Özlem": (None, 0)}
    answer = await tap(staff.anna, event_id, "Vera", "undo")
    assert await came(staff.database) == {"Vera": (False, 0), "Özlem": (None, 0)}
    page = await staff.anna.open(answer.headers["location"])
    assert "0 here, 2 expected" in page.text


async def test_a_name_is_found_by_a_part_and_the_search_stays_after_a_tap(staff: Staff) -> None:
    event_id = await drive(staff, "Vera", "Özlem")
    page = await staff.anna.open(at(event_id) + "?name=ozl")
    assert "Özlem" in page.text
    assert "Vera" not in page.text
    answer = await tap(staff.anna, event_id, "Özlem")
    assert "name=" not in answer.headers["location"] or "ozl" in answer.headers["location"]
    page = await staff.anna.open(at(event_id) + "?name=Nobody")
    assert "Nobody on the list is called" in page.text


async def test_somebody_who_is_not_on_the_list_is_added_and_checked_in_once(staff: Staff) -> None:
    event_id = await drive(staff)
    await staff.anna.open(at(event_id))
    form = list_of(staff.anna, event_id)
    await staff.anna.send(form, new="Ali", guests="3")
    answer = await staff.anna.send(form, new="Ali", guests="3")
    assert answer.status_code == 303, answer.text
    assert await came(staff.database) == {"Ali": (True, 3)}
    async with staff.database.reading() as db:
        assert len((await db.execute(select(rows.c.id))).all()) == 1
    page = await staff.anna.open(answer.headers["location"])
    assert "Added to the list, and checked in." in page.text
    assert "4 here, 4 expected" in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"new": ""}, "new"), ({"new": "Ali", "guests": "x"}, "guests")],
)
async def test_a_walk_in_that_cannot_be_written_down_is_said_beside_the_field(
    staff: Staff, contents: Contents, fields: dict[str, str], said: str
) -> None:
    event_id = await drive(staff)
    await staff.anna.open(at(event_id))
    form = list_of(staff.anna, event_id)
    before = await contents()
    answer = await staff.anna.send(form, **fields)
    assert answer.status_code == 422
    assert f'id="{said}-problem"' in answer.text
    assert await contents() == before


async def test_before_the_door_opens_the_page_says_when_and_nobody_is_checked_in(
    staff: Staff, contents: Contents
) -> None:
    event_id = await drive(staff, "Vera")
    page = await staff.anna.open(at(event_id))
    found = re.search(r'name="here" value="([^"]+)"', page.text)
    assert found is not None
    staff.clock.forward(hours=-2)
    form = list_of(staff.anna, event_id)
    before = await contents()
    refused = await staff.anna.send(form, here=found[1])
    assert refused.status_code == 422
    assert "People are checked in from one hour before the start" in refused.text
    assert await contents() == before
    page = await staff.anna.open(at(event_id))
    assert "You can check people in from" in page.text
    assert 'name="here"' not in page.text


async def test_who_works_elsewhere_checks_nobody_in(staff: Staff, contents: Contents) -> None:
    event_id = await drive(staff, "Vera")
    page = await staff.anna.open(at(event_id))
    found = re.search(r'name="here" value="([^"]+)"', page.text)
    assert found is not None
    await staff.sam.open(at(event_id, home=SHELTER))
    form = list_of(staff.anna, event_id)
    own = staff.sam.form("/account/sign-out").fields["form_token"]
    form.action, form.fields["form_token"] = at(event_id, home=SHELTER), own
    before = await contents()
    assert (await staff.sam.send(form, here=found[1])).status_code == 422
    assert (await staff.lee.open(at(event_id))).status_code == 404
    form.action = at(event_id)
    assert (await staff.anna.send(form, here=found[1])).status_code == 403
    assert await contents() == before


async def test_a_co_host_checks_in_whom_it_may_know(staff: Staff) -> None:
    event_id = await drive(staff, "Vera")
    operator = staff.context(operator_for(staff.cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event_id, staff.cast.shelter)
    async with staff.database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.role == "CO_HOST")
            .values(attendee_sharing="ALL_WITH_CONSENT", may_edit=HostEditing.DETAILS)
        )
    agreed = NewRsvp(event_id=event_id, consent_to=(staff.cast.shelter,))
    await rsvps.answer(staff.context(staff.cast.lee), agreed)
    page = await staff.sam.open(at(event_id, home=SHELTER))
    assert "Vera" not in page.text
    assert "Not on the list?" in page.text
    found = re.search(r'name="here" value="([^"]+)"', page.text)
    assert found is not None
    sent = await staff.sam.send(list_of(staff.sam, event_id, SHELTER), here=found[1])
    assert sent.status_code == 303
    async with staff.database.reading() as db:
        assert await db.scalar(select(rows.c.attended).where(rows.c.id == found[1])) is True


# ── on paper ─────────────────────────────────────────────────────────────────────────────────


async def test_the_sheet_is_printed_downloaded_ticked_and_brought_back(
    staff: Staff, contents: Contents
) -> None:
    event_id = await drive(staff, "Vera", "=HYPERLINK(1)")
    page = await staff.anna.open(at(event_id, "sheet"))
    assert "Vera" in page.text
    table = await staff.anna.open(at(event_id, "sheet.csv"))
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"].startswith('attachment; filename="attendees-')
    assert "'=HYPERLINK(1)" in table.text
    ticked = table.text.replace("\r\n,Vera", "\r\nx,Vera") + "x,Ali,2,,\r\nperhaps,Bo,1,,\r\n"
    await staff.anna.open(at(event_id, "sheet/return"))
    form = staff.anna.form(at(event_id, "sheet/return"))
    before = await contents()
    page = await staff.anna.send(form, text=ticked)
    assert page.status_code == 200, page.text
    assert "Nothing was changed yet." in page.text
    assert re.search(r"<td><bdi lang=\"\">Ali</bdi></td><td>new on the list", page.text)
    assert "1 line needs a look" in page.text
    assert await contents() == before
    done = await staff.anna.send(staff.anna.form(at(event_id, "sheet/return")), do="take-in")
    assert "1 answer was brought up to date." in done.text
    assert "1 name is new on the list." in done.text
    once_more = await staff.anna.send(form, text=ticked, do="take-in")
    assert "2 lines said what was known." in once_more.text
    assert await came(staff.database) == {
        "Vera": (True, 0), "=HYPERLINK(1)": (None, 0), "Ali": (True, 1),
    }  # fmt: skip


async def test_a_file_is_taken_as_browsers_send_it(staff: Staff) -> None:
    event_id = await drive(staff, "Vera")
    table = await staff.anna.open(at(event_id, "sheet.csv"))
    await staff.anna.open(at(event_id, "sheet/return"))
    form = staff.anna.form(at(event_id, "sheet/return"))
    for sent, said, status in (
        (table.content.replace(b"\r\n,Vera", b"\r\nx,Vera"), "was there", 200),
        ("Zoë".encode("latin-1"), "not in UTF-8", 422),
        (b"no sheet", "This is no sheet of attendees", 422),
    ):
        fields = {name: each for name, each in form.fields.items() if name != "file"}
        answer = await staff.anna.http.post(
            form.action, data=fields, files={"file": ("sheet.csv", sent, "text/csv")}
        )
        assert answer.status_code == status, answer.text
        assert said in answer.text


async def test_a_sheet_of_another_event_and_another_team_changes_nothing(
    staff: Staff, contents: Contents
) -> None:
    event_id, other = await drive(staff, "Vera"), await drive(staff, "Zoe")
    table = (await staff.anna.open(at(other, "sheet.csv"))).text.replace("\r\n,Zoe", "\r\nx,Zoe")
    await staff.anna.open(at(event_id, "sheet/return"))
    form = staff.anna.form(at(event_id, "sheet/return"))
    assert (await staff.sam.open(at(event_id, "sheet", SHELTER))).status_code == 403
    before = await contents()
    assert (await staff.anna.send(form, text=table, do="take-in")).status_code == 404
    assert (await staff.lee.open(at(event_id, "sheet"))).status_code == 404
    await staff.sam.open(at(event_id, "sheet/return", SHELTER))
    form = staff.sam.form(at(event_id, "sheet/return", SHELTER))
    table = (await staff.anna.open(at(event_id, "sheet.csv"))).text
    assert (await staff.sam.send(form, text=table, do="take-in")).status_code == 403
    assert await contents() == before
