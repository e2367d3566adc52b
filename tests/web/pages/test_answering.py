"""Saying on an event's page that one comes, without an account."""

from typing import Any

from sqlalchemy import select, update

from domain.events import EventStatus, JoinMode
from domain.recurrence import Recurrence
from domain.sharing import AttendeeSharing, Visibility
from resolvers import co_hosting
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import event_hosts, outgoing_mail, rsvps
from tests.cast import publish
from tests.conftest import Contents
from tests.web.pages.reading import read
from tests.web.visiting import Visit

MEI = {"name": "Mei", "email": "mei@people.example", "guests": "2", "status": "ACCEPTED"}


async def sent(visit: Visit, event_id: str, _headers: Any = None, **given: Any) -> Any:
    path = f"/events/{event_id}/rsvp"
    return await visit.http.post(path, data={**MEI, **given}, headers=_headers)


async def standing(database: Database) -> list[tuple[str, str, int]]:
    async with database.reading() as db:
        found = await db.execute(select(rsvps).order_by(rsvps.c.id))
        return [(row.guest_name, row.status, row.additional_guests) for row in found]


async def letters(database: Database) -> list[str]:
    async with database.reading() as db:
        return list(await db.scalars(select(outgoing_mail.c.text).order_by(outgoing_mail.c.id)))


async def test_a_visitor_says_that_they_come_and_follows_the_link_in_their_mail(
    visit: Visit, database: Database
) -> None:
    event_id = await publish(visit.context, visit.cast.anna, title="Soup", capacity=9)
    page = read(await visit.page(f"/events/{event_id}"))
    assert ("form", "action", f"/events/{event_id}/rsvp") in page.attributes
    assert "River City Pantry hosts this and sees your name and address. Nobody else" in page.words
    answer = await sent(visit, event_id)
    assert answer.status_code == 303
    after = read(await visit.page(answer.headers["location"]))
    assert "Look into your mail" in after.words
    assert "mei@" not in after.words
    (letter,) = await letters(database)
    link = next(word for word in letter.split() if "/rsvp/confirm?token=" in word)
    assert await standing(database) == [("Mei", "NEEDS_ACTION", 0)]
    token = link.partition("token=")[2]
    await visit.http.post("/rsvp/confirm", data={"token": token})
    assert await standing(database) == [("Mei", "ACCEPTED", 2)]


async def test_the_same_is_said_whatever_is_known_of_the_address(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    first = await sent(visit, event_id)
    for _ in range(6):
        again = await sent(visit, event_id)
        assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])


async def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(
    visit: Visit, contents: Contents
) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    before = await contents()
    answer = await sent(visit, event_id, name=" ", email="mei", guests="many", status="TENTATIVE")
    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    page = read(answer.text)
    assert page.words.startswith("Not sent yet: Food drive")
    for said in ("Write your name", "Write your email address", "as a number"):
        assert page.words.count(said) == 2  # above the form, and beside the field
    assert ("input", "value", "many") in page.attributes
    assert ("input", "aria-describedby", "rsvp-email-hint rsvp-email-problem") in page.attributes
    assert "#rsvp-email" in page.links
    assert await contents() == before


async def test_what_the_hub_refuses_is_said_on_the_form(visit: Visit, contents: Contents) -> None:
    event_id = await publish(visit.context, visit.cast.anna, capacity=2)
    before = await contents()
    answer = await sent(visit, event_id, guests="2")
    assert answer.status_code == 422
    assert "There are 2 places in all; bring fewer guests." in read(answer.text).words
    answer = await sent(visit, event_id, guests="0", consent=visit.cast.library)
    assert "no accepted host of this event" in read(answer.text).words
    assert await contents() == before


async def test_somebody_agrees_for_each_organization_by_itself(
    visit: Visit, database: Database
) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    ctx = visit.context(operator_for(visit.cast.pantry))
    async with ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, event_id, visit.cast.shelter)
    unasked = read(await visit.page(f"/events/{event_id}"))
    assert "may have my name" not in unasked.words  # numbers are all that it is told
    async with database.writing() as db:
        named = {"attendee_sharing": AttendeeSharing.ALL_WITH_CONSENT}
        shelters = event_hosts.c.organization_id == visit.cast.shelter
        await db.execute(update(event_hosts).where(shelters).values(named))
    page = read(await visit.page(f"/events/{event_id}"))
    assert (
        "Harbor Shelter may have my name and how to reach me from River City Pantry" in page.words
    )
    assert ("input", "value", visit.cast.shelter) in page.attributes
    assert ("input", "checked", None) in page.attributes  # how sure one is
    boxes = [each for each in page.attributes if each == ("input", "type", "checkbox")]
    assert len(boxes) == 1
    await sent(visit, event_id, consent=visit.cast.shelter)
    (letter,) = await letters(database)
    assert "Harbor Shelter" in letter


async def test_of_a_series_one_chooses_the_date(visit: Visit, database: Database) -> None:
    series = Recurrence("FREQ=WEEKLY;COUNT=3")
    event_id = await publish(visit.context, visit.cast.anna, recurrence=series)
    page = read(await visit.page(f"/events/{event_id}"))
    dates = [value for tag, name, value in page.attributes if (tag, name) == ("option", "value")]
    chosen = [each for each in dates if each and each.startswith("occ_")]
    assert len(chosen) == 3
    assert (await sent(visit, event_id, date=chosen[2])).status_code == 303
    async with database.reading() as db:
        assert list(await db.scalars(select(rsvps.c.occurrence_id))) == [chosen[2]]


async def test_where_nobody_signs_up_there_is_no_form(visit: Visit, contents: Contents) -> None:
    events = [
        await publish(visit.context, visit.cast.anna, join_mode=JoinMode.NONE),
        await publish(visit.context, visit.cast.anna, join_mode=JoinMode.INVITE),
        await publish(visit.context, visit.cast.anna, status=EventStatus.CANCELLED),
    ]
    before = await contents()
    for event_id in events:
        page = read(await visit.page(f"/events/{event_id}"))
        assert "form" not in {tag for tag, name, value in page.attributes if value == "post"}
        assert "Nobody can sign up here now." in await visit.page(f"/events/{event_id}/rsvp")
        assert (await sent(visit, event_id)).status_code == 422
    assert await contents() == before


async def test_an_event_nobody_may_see_has_no_form_to_send(
    visit: Visit, contents: Contents
) -> None:
    event_id = await publish(visit.context, visit.cast.anna, visibility=Visibility.PRIVATE)
    before = await contents()
    assert (await visit.get(f"/events/{event_id}/rsvp")).status_code == 404
    assert (await sent(visit, event_id)).status_code == 404
    assert await contents() == before


async def test_no_other_site_sends_the_form_for_its_visitors(
    visit: Visit, contents: Contents
) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    before = await contents()
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = await sent(visit, event_id, headers)
        assert answer.status_code == 400
        assert "This form came from another site." in read(answer.text).words
    assert (await visit.http.post(f"/events/{event_id}/rsvp", content=b"\xff=1")).status_code == 400
    long = b"name=" + b"x" * 20_000
    assert (await visit.http.post(f"/events/{event_id}/rsvp", content=long)).status_code == 400
    assert await contents() == before
    same = {"origin": "http://hub.test", "sec-fetch-site": "same-origin"}
    assert (await sent(visit, event_id, same)).status_code == 303
