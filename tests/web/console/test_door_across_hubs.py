"""Staff of two organizations on two hubs at one door: names come live from the hub of the event, and
what each of them taps is done there."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.actors import BY_TIME, TeamRole
from domain.sharing import AttendeeSharing, HostEditing
from federation.delivering import Delivering
from resolvers import people
from resolvers.operating import operator_for
from resolvers.people import NewPerson
from storage.peer_tables import deliveries
from storage.tables import rsvps, team_members
from tests.federation.acting import contents
from tests.federation.conftest import neighbourhood
from tests.federation.neighbourhood import Neighbourhood
from tests.web.account.browsing import Browser, Form
from tests.web.console.two_hubs import TwoDoors, two_doors

__all__ = ["neighbourhood"]  # a fixture
SILENT = "The names cannot be shown just now."
# What acting for somebody leaves at the owner, whatever comes of it.
CREDENTIALS = (
    *("grants", "clients", "used_assertions", "persons"),
    *("audit_entries", "audit_concerned"),  # that their hub spoke for them
)


@pytest.fixture
async def doors(neighbourhood: Neighbourhood) -> AsyncIterator[TwoDoors]:
    async with two_doors(neighbourhood) as found:
        yield found


def buttons(page: httpx.Response, name: str, which: str = "here") -> list[str]:
    """The answers that the button beside that name is of."""
    lines = [each for each in page.text.split("<li>") if f">{name}<" in each]
    return [
        found[1] for each in lines if (found := re.search(rf'name="{which}" value="([^"]+)"', each))
    ]


def sent_from(browser: Browser) -> Form:
    """The form with the names, or the one for who is not on the list: they go to the same place."""
    assert browser.answer is not None
    page = browser.answer
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert token is not None
    assert once is not None
    action = page.url.raw_path.decode()
    return Form(action, "post", {"form_token": token[1], "once": once[1], "name": ""})


async def sends(browser: Browser, **fields: str) -> httpx.Response:
    """The page that comes of it."""
    sent = await browser.send(sent_from(browser), **fields)
    assert sent.status_code == 303, sent.text
    return await browser.open(sent.headers["location"])


async def test_both_check_people_in_and_each_sees_what_the_other_did(doors: TwoDoors) -> None:
    cast = doors.hubs.cast
    await doors.comes(cast.lee, doors.hubs.mosque)
    await doors.comes(cast.sam, doors.hubs.mosque)
    await doors.written_down("Vera")
    at_home = await contents(doors.hubs.b, "audit_entries", "audit_concerned", "sessions", "grants")

    page = await doors.mina.open(doors.elsewhere())
    assert "Vera" not in page.text
    assert "3 expected" in page.text
    (lee,) = buttons(page, "Lee")
    page = await sends(doors.mina, here=lee)
    assert "Checked in." in page.text
    assert "1 name is checked in" in page.text

    page = await doors.anna.open(doors.at_home())
    assert "1 here, 3 expected" in page.text
    assert buttons(page, "Lee", "undo") == [lee]
    (sam,), (vera,) = buttons(page, "Sam"), buttons(page, "Vera")
    await sends(doors.anna, here=sam)
    await doors.anna.open(doors.at_home())
    await sends(doors.anna, here=vera)

    page = await doors.mina.open(doors.elsewhere())
    assert "2 names are checked in" in page.text
    assert buttons(page, "Sam", "undo") == [sam]
    page = await sends(doors.mina, undo=sam)
    assert buttons(page, "Sam") == [sam]
    assert await doors.there() == {cast.lee_id: True, cast.sam_id: False, "Vera": True}
    # None of it is kept by the other hub but what is noted of a change.
    after = await contents(doors.hubs.b, "audit_entries", "audit_concerned", "sessions", "grants")
    beside = ("done_once", "hubs", "peerings", "mirror_channels")
    assert {name: rows for name, rows in after.items() if name not in beside} == {
        name: rows for name, rows in at_home.items() if name not in beside
    }


async def test_a_name_is_looked_for_at_the_hub_of_the_event(doors: TwoDoors) -> None:
    for viewer in (doors.hubs.cast.lee, doors.hubs.cast.sam):
        await doors.comes(viewer, doors.hubs.mosque)
    page = await doors.mina.open(doors.elsewhere() + "?name=le")
    assert (len(buttons(page, "Lee")), len(buttons(page, "Sam"))) == (1, 0)
    page = await doors.mina.open(doors.elsewhere("attendees") + "?name=le")
    assert ">Lee<" in page.text
    assert ">Sam<" not in page.text
    page = await doors.mina.open(doors.elsewhere("attendees") + "?state=CANCELLED")
    assert "Nobody of that name or answer." in page.text


async def test_who_walks_in_is_written_down_by_the_co_host_and_the_host_sees_it(
    doors: TwoDoors,
) -> None:
    await doors.written_down("Vera")
    await doors.mina.open(doors.elsewhere())
    page = await sends(doors.mina, new="Ali", guests="2")
    assert "Added to the list, and checked in." in page.text
    assert "Ali" not in page.text  # who has agreed to nothing
    page = await doors.anna.open(doors.at_home())
    assert len(buttons(page, "Ali", "undo")) == 1
    assert "3 here, 4 expected" in page.text
    # Whom the host expects by that name is not written down twice.
    await doors.mina.open(doors.elsewhere())
    await sends(doors.mina, new="vera", guests="0")
    assert await doors.there() == {"Vera": True, "Ali": True}
    async with doors.hubs.b.database.reading(fresh=True) as db:
        assert (await db.execute(select(rsvps.c.id))).all() == []


async def test_the_list_and_the_paper_have_the_names_that_the_partner_may_know(
    doors: TwoDoors,
) -> None:
    await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    await doors.written_down("Vera")
    for part in ("attendees", "sheet"):
        page = await doors.mina.open(doors.elsewhere(part))
        assert page.status_code == 200
        assert "Lee" in page.text
        assert "Vera" not in page.text
        assert "You see those who agreed" in page.text
    page = await doors.anna.open(doors.at_home("sheet"))
    assert "Vera" in page.text


@pytest.mark.parametrize(
    ("sharing", "editing"),
    [
        (AttendeeSharing.NONE, HostEditing.NONE),
        (AttendeeSharing.AGGREGATE_ONLY, HostEditing.DETAILS),
        (AttendeeSharing.REFERRED_ONLY, HostEditing.DETAILS),
    ],
)
async def test_a_co_host_without_the_right_sees_nobody(
    doors: TwoDoors, sharing: AttendeeSharing, editing: HostEditing
) -> None:
    await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    await doors.grants(sharing, editing)
    for part in ("door", "attendees", "sheet"):
        page = await doors.mina.open(doors.elsewhere(part))
        assert page.status_code == 200
        assert "Lee" not in page.text
        assert SILENT not in page.text
        assert "You see those who agreed" in page.text


async def test_a_co_host_that_may_change_nothing_checks_nobody_in(doors: TwoDoors) -> None:
    lee = await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    await doors.grants(AttendeeSharing.ALL_WITH_CONSENT, HostEditing.NONE)
    page = await doors.mina.open(doors.elsewhere())
    assert "Lee" in page.text
    assert buttons(page, "Lee") == []
    assert "Not on the list?" not in page.text
    before = await contents(doors.hubs.a, *CREDENTIALS)
    once = {"once": "x", "form_token": doors.mina.form("/account/sign-out").fields["form_token"]}
    for fields in ({"here": lee}, {"new": "Ali", "guests": "0"}):
        form = Form(doors.elsewhere(), "post", {**once, "name": ""})
        refused = await doors.mina.send(form, **fields)
        assert refused.status_code == 422, refused.text
        await doors.mina.open(doors.elsewhere())
    assert await contents(doors.hubs.a, *CREDENTIALS) == before


async def test_somebody_of_the_team_who_only_looks_sees_nobody(doors: TwoDoors) -> None:
    """Their role is the one that their own hub tells the owner."""
    await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    page = await doors.mina.open(doors.elsewhere())
    assert len(buttons(page, "Lee")) == 1
    other = await people.create(doors.hubs.at_b(operator_for()), NewPerson(display_name="Omar"))
    async with doors.hubs.b.database.writing() as db:
        await db.execute(
            team_members.update()
            .where(team_members.c.person_id == doors.hubs.mina_id)
            .values(role=TeamRole.VIEWER)
        )
        await db.execute(
            team_members.insert().values(
                id=doors.hubs.b.desk.named("tmb"),
                organization_id=doors.hubs.mosque,
                person_id=other,
                role=TeamRole.OWNER,
                since=doors.hubs.b.clock.now(),
            )
        )
    page = await doors.mina.open(doors.elsewhere())
    assert "Lee" not in page.text


# ── a hub that does not answer ───────────────────────────────────────────────────────────────────


async def test_a_hub_that_does_not_answer_is_said_so_and_never_looks_like_nobody(
    doors: TwoDoors,
) -> None:
    await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    doors.cut()
    for part in ("door", "attendees", "sheet"):
        page = await doors.mina.open(doors.elsewhere(part))
        assert page.status_code == 200
        assert SILENT in page.text
        assert "It does not mean that nobody comes." in page.text
        assert "Hub a.test" in page.text
        assert "Nobody is on" not in page.text
        assert "0 here" not in page.text
    doors.mended()
    page = await doors.mina.open(doors.elsewhere())
    assert SILENT not in page.text
    assert len(buttons(page, "Lee")) == 1


async def test_a_hub_that_refuses_the_names_is_not_taken_for_an_empty_list(
    doors: TwoDoors,
) -> None:
    await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    doors.hubs.a.roads.instead["https://a.test/oauth/token"] = lambda _: httpx.Response(
        400, json={"error": "invalid_grant"}
    )
    page = await doors.mina.open(doors.elsewhere())
    assert page.status_code == 200
    assert SILENT in page.text


async def test_what_is_tapped_while_the_hub_is_away_is_kept_and_done_once_it_answers(
    doors: TwoDoors,
) -> None:
    cast = doors.hubs.cast
    await doors.comes(cast.lee, doors.hubs.mosque)
    page = await doors.mina.open(doors.elsewhere())
    (lee,) = buttons(page, "Lee")
    doors.cut()
    page = await sends(doors.mina, here=lee)
    assert "Kept. The hub of this event is told as soon as it answers." in page.text
    assert SILENT in page.text
    page = await sends(doors.mina, new="Ali", guests="1")
    assert "Kept. The hub of this event is told as soon as it answers." in page.text
    assert await doors.there() == {cast.lee_id: None}
    doors.mended()
    other = doors.hubs.b
    delivering = Delivering(other.service.forwarding, other.service.chance)
    async with other.context(BY_TIME) as ctx:
        assert await delivering.deliver(ctx, other.clock.now(), 10) == 1
    assert await doors.there() == {cast.lee_id: True, "Ali": True}
    async with doors.hubs.b.database.reading(fresh=True) as db:
        assert set(await db.scalars(select(deliveries.c.status))) == {"DELIVERED"}
    page = await doors.mina.open(doors.elsewhere())
    assert buttons(page, "Lee", "undo") == [lee]


async def test_a_ticked_sheet_of_another_hubs_event_is_not_taken_in_here(doors: TwoDoors) -> None:
    await doors.written_down("Vera")
    table = await doors.anna.open(doors.at_home("sheet.csv"))
    ticked = table.text.replace("\r\n,Vera", "\r\nx,Vera") + "x,Ali,2,,\r\n"
    await doors.mina.open(doors.elsewhere("sheet/return"))
    form = doors.mina.form(doors.elsewhere("sheet/return"))
    before = [await contents(hub, *CREDENTIALS) for hub in (doors.hubs.a, doors.hubs.b)]
    for step in ("", "take-in"):
        answer = await doors.mina.send(form, text=ticked, do=step)
        assert answer.status_code == 403
        assert "kept by a.test" in answer.text
    after: list[Any] = [await contents(hub, *CREDENTIALS) for hub in (doors.hubs.a, doors.hubs.b)]
    assert after == before
