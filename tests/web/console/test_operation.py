"""The rest of the console: the organization's own page, who did what, what came of it, other hubs,
events entered twice."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from resolvers import check_in, rsvps
from resolvers.rsvps import NewRsvp
from storage.tables import events, organizations
from tests.cast import publish
from tests.conftest import Contents
from tests.web.console.conftest import PANTRY, SHELTER, Staff
from tests.web.pages.reading import read

HOSTILE = "<script>alert(1)</script>\u202egnp"
ROOMS = ("more", "organization", "history", "impact", "hubs", "duplicates", "imports")


@pytest.mark.parametrize("room", ROOMS)
async def test_each_room_is_small_loads_nothing_else_and_is_no_strangers(
    staff: Staff, room: str
) -> None:
    page = await staff.anna.open(f"{PANTRY}/{room}")
    assert page.status_code == 200, page.text
    assert len(page.content) < 50_000
    assert len(read(page.text).loaded) == 1
    assert (await staff.lee.open(f"{PANTRY}/{room}")).status_code == 404


@pytest.mark.parametrize("room", ROOMS)
async def test_who_only_looks_finds_each_room_too(staff: Staff, room: str) -> None:
    bo = await staff.somebody("Bo", staff.cast.shelter, "VIEWER")
    page = await bo.open(f"{SHELTER}/{room}")
    assert page.status_code in (200, 403), page.text
    assert "</html>" in page.text


async def test_more_leads_to_every_room(staff: Staff) -> None:
    await staff.anna.open(f"{PANTRY}/more")
    for at in list(staff.anna.links):
        if at.startswith((PANTRY, "/account")):
            assert (await staff.anna.open(at)).status_code in (200, 303), at


# ── the organization's own page ──────────────────────────────────────────────────────────────


async def test_what_the_own_page_says_is_changed_and_nothing_else(
    staff: Staff, contents: Contents
) -> None:
    here = f"{PANTRY}/organization"
    await staff.anna.open(here)
    form = staff.anna.form(here)
    fields = {
        "summary": HOSTILE, "timeZone": "America/Indiana/Indianapolis", "visibility": "PUBLIC",
        "website": "https://pantry.example", "place-precision": "PRECISE", "place-country": "US",
        "language": "en",
    }  # fmt: skip
    async with staff.database.reading() as db:
        asked = select(organizations).where(organizations.c.id == staff.cast.pantry)
        before = (await db.execute(asked)).one()
    answer = await staff.anna.send(form, **fields)
    assert answer.status_code == 303, answer.text
    async with staff.database.reading() as db:
        after = (await db.execute(asked)).one()
    assert (after.summary, after.website) == (HOSTILE, "https://pantry.example")
    for kept in ("name", "slug", "languages", "time_zone", "place_locality", "contact_email"):
        assert getattr(after, kept) == getattr(before, kept), kept
    late = await staff.anna.send(form, **{**fields, "summary": "Too late"})
    assert late.status_code == 409
    assert "<script" not in late.text
    rows = await contents()
    await staff.anna.open(here)
    wrong = await staff.anna.send(staff.anna.form(here), **{**fields, "website": "nowhere"})
    assert wrong.status_code == 422
    assert 'id="website-problem"' in wrong.text
    assert await contents() == rows


async def test_an_editor_reads_the_own_page_and_changes_nothing(
    staff: Staff, contents: Contents
) -> None:
    here = f"{SHELTER}/organization"
    page = await staff.sam.open(here)
    assert "Its owners and admins may change" in page.text
    form = staff.sam.form("/account/sign-out")
    form.action = here
    before = await contents()
    refused = await staff.sam.send(form, name="Ours", version="1", timeZone="Europe/Berlin")
    assert refused.status_code == 422
    assert await contents() == before


# ── who did what ─────────────────────────────────────────────────────────────────────────────


async def test_who_did_what_is_told_narrowed_and_turned(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, title=HOSTILE)
    for number in range(52):
        guest = NewRsvp(event_id=event_id, guest_name=f"Guest {number}")
        await rsvps.answer(staff.context(staff.cast.anna), guest)
    page = await staff.anna.open(f"{PANTRY}/history")
    assert "<script" not in page.text
    assert "Anna" in page.text
    further = re.search(r'href="([^"]+after=[^"]+)"', page.text)
    assert further is not None
    first = page.text
    page = await staff.anna.open(further[1].replace("&amp;", "&"))
    assert page.text != first
    assert "Event: created" in first + page.text
    page = await staff.anna.open(f"{PANTRY}/history?subject={staff.cast.pantry}")
    assert "Event: created" not in page.text
    page = await staff.anna.open(f"{PANTRY}/history?from=2020-01-01&to=2020-12-31")
    assert "Nothing is on record for these days." in page.text
    for odd in ("from=x", "to=9999-99-99", "subject=none"):
        assert (await staff.anna.open(f"{PANTRY}/history?{odd}")).status_code == 200
    assert (await staff.anna.open(f"{PANTRY}/history?after=odd")).status_code == 400


# ── what came of it ──────────────────────────────────────────────────────────────────────────


async def test_what_came_of_it_is_drawn_and_told_in_a_table(staff: Staff) -> None:
    starts = staff.clock.now() - timedelta(hours=2)
    event_id = await publish(
        staff.context, staff.cast.anna, starts_at=starts, ends_at=starts + timedelta(hours=1)
    )
    for name in ("Vera", "Ali"):
        guest = NewRsvp(event_id=event_id, guest_name=name)
        answer_id = await rsvps.answer(staff.context(staff.cast.anna), guest)
        assert answer_id is not None
        await check_in.check_in(staff.context(staff.cast.anna), answer_id, attended=True)
    page = await staff.anna.open(f"{PANTRY}/impact")
    assert page.status_code == 200, page.text
    assert "2 people were at an event of yours." in page.text
    assert page.text.count("<rect") == 24
    assert "City Table" in page.text
    assert "style=" not in page.text
    page = await staff.anna.open(f"{PANTRY}/impact?to=2026-02")
    assert "0 people were at an event of yours." in page.text


# ── other hubs ───────────────────────────────────────────────────────────────────────────────


async def test_only_whoever_runs_the_hub_is_offered_to_work_with_another(
    staff: Staff, contents: Contents
) -> None:
    page = await staff.anna.open(f"{PANTRY}/hubs")
    assert "No other hub yet." in page.text
    assert f"{PANTRY}/hubs/new" not in page.text
    here = f"{PANTRY}/hubs/new"
    await staff.anna.open(here)
    form = staff.anna.form(here)
    before = await contents()
    refused = await staff.anna.send(form, url="https://hub.shelter.example")
    assert refused.status_code == 422
    assert await contents() == before
    staff.clock.forward(hours=1)
    assert (await staff.anna.open(here)).status_code == 303  # shows once more who she is


# ── entered twice ────────────────────────────────────────────────────────────────────────────


async def test_two_entries_are_looked_at_made_one_and_taken_apart(staff: Staff) -> None:
    one = await publish(staff.context, staff.cast.anna, title="Food drive")
    other = await publish(staff.context, staff.cast.anna, title="Food drive!")
    page = await staff.anna.open(f"{PANTRY}/duplicates")
    assert f"{PANTRY}/events/{one}/like/{other}" in staff.anna.links
    page = await staff.anna.open(f"{PANTRY}/events/{one}/like/{other}")
    assert page.text.count("≠") == 1
    here = f"{PANTRY}/events/{one}/merge/{other}"
    page = await staff.anna.open(here)
    assert "You can take it back" in page.text
    form = staff.anna.form(here)
    for _ in range(2):
        assert (await staff.anna.send(form)).status_code == 303
    async with staff.database.reading() as db:
        replaced = select(events.c.replaced_by_id).where(events.c.id == one)
        assert await db.scalar(replaced) == other
    here = f"{PANTRY}/events/{one}/unmerge"
    await staff.anna.open(here)
    assert (await staff.anna.send(staff.anna.form(here))).status_code == 303
    async with staff.database.reading() as db:
        assert await db.scalar(replaced) is None


async def test_another_organizations_events_are_not_made_one(
    staff: Staff, contents: Contents
) -> None:
    one = await publish(staff.context, staff.cast.anna)
    other = await publish(staff.context, staff.cast.lee)
    here = f"{SHELTER}/events/{one}/merge/{other}"
    await staff.sam.open(here)
    form = staff.sam.form(here)
    before = await contents()
    assert (await staff.sam.send(form)).status_code == 422
    assert await contents() == before
