"""A calendar taken in by the console: what would be done is shown first, and problems by entry."""

import httpx
import pytest
from sqlalchemy import select

from storage.tables import events
from tests.conftest import Contents
from tests.web.account.browsing import Browser, Form
from tests.web.console.conftest import PANTRY, SHELTER, Staff

HERE = f"{PANTRY}/imports"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:one@tests
DTSTAMP:20270101T000000Z
DTSTART:20270320T150000Z
DTEND:20270320T160000Z
SUMMARY:Soup <script>alert(1)</script>
END:VEVENT
BEGIN:VEVENT
UID:two@tests
DTSTAMP:20270101T000000Z
SUMMARY:No date at all
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


async def titles(staff: Staff) -> list[str]:
    async with staff.database.reading() as db:
        return list(await db.scalars(select(events.c.title)))


async def chosen(
    browser: Browser, form: Form, body: bytes, name: str = "events.ics", **more: str
) -> httpx.Response:
    """The form as a browser sends it with a file."""
    fields = {key: value for key, value in form.fields.items() if key != "file"} | more
    browser.answer = await browser.http.post(
        form.action, data=fields, files={"file": (name, body, "text/calendar")}
    )
    return browser.answer


async def test_a_file_is_looked_at_and_then_taken_in_once(staff: Staff, contents: Contents) -> None:
    await staff.anna.open(HERE)
    form = staff.anna.form(HERE)
    before = await contents()
    page = await chosen(staff.anna, form, CALENDAR.encode(), alliance=staff.cast.city_table)
    assert page.status_code == 200, page.text
    assert "Nothing was changed yet." in page.text
    assert "new: 1" in page.text
    assert "1 entry needs a look" in page.text
    assert "No date at all" in page.text
    assert "<script" not in page.text
    assert await contents() == before
    sure = staff.anna.form(HERE)
    sure.fields |= {"text": CALENDAR, "alliance": staff.cast.city_table, "do": "import"}
    done = await staff.anna.send(sure)
    assert "<h1>Imported</h1>" in done.text
    assert await titles(staff) == ["Soup <script>alert(1)</script>"]
    again = await staff.anna.send(sure)
    assert again.status_code == 200
    assert len(await titles(staff)) == 1
    told = await staff.asked(
        "query ($id: ID!) { alliance(id: $id) { events { nodes { title } } } }",
        id=staff.cast.city_table,
    )
    assert len(told["alliance"]["events"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("fields", "body", "said"),
    [
        ({}, b"", "file"),
        ({}, b"no calendar", "file"),
        ({}, b"x" * 1_000_001, "file"),
        ({"address": "ftp://pantry.example/x"}, b"", "address"),
        ({"address": "https://anna:secret@pantry.example/x"}, b"", "address"),
        ({"address": "https://127.0.0.1/events.ics"}, b"", "file"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field(
    staff: Staff, contents: Contents, fields: dict[str, str], body: bytes, said: str
) -> None:
    await staff.anna.open(HERE)
    form = staff.anna.form(HERE)
    before = await contents()
    answer = await chosen(staff.anna, form, body, **fields)
    assert answer.status_code == 422, answer.text
    assert f'id="{said}-problem"' in answer.text
    assert await contents() == before


async def test_whoever_only_looks_imports_nothing(staff: Staff, contents: Contents) -> None:
    bo = await staff.somebody("Bo", staff.cast.shelter, "VIEWER")
    here = f"{SHELTER}/imports"
    page = await bo.open(here)
    assert "imported by those who work on the events" in page.text
    form = bo.form("/account/sign-out")
    form.action = here
    before = await contents()
    refused = await chosen(bo, form, CALENDAR.encode(), do="import")
    assert refused.status_code == 422
    form.fields["form_token"] = "forged"
    assert (await chosen(bo, form, CALENDAR.encode(), do="import")).status_code == 403
    assert await contents() == before
    assert await titles(staff) == []
