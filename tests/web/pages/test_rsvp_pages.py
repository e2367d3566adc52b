"""Guests without an account: what they are sent, and what following a link does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from domain.actors import NOBODY, Viewer
from domain.errors import Invalid, Refused
from domain.events import JoinMode
from domain.rsvps import RsvpStatus
from domain.sharing import Visibility
from resolvers import rsvps
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import event_hosts, outgoing_mail, rsvp_consents, rsvp_links
from storage.tables import rsvps as rows
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import MONDAY, StandingClock
from tests.web.visiting import Visit

MEI: dict[str, Any] = {"guest_name": "Mei", "guest_email": "mei@people.example"}


async def asks(context: MakeContext, event_id: str, viewer: Viewer = NOBODY, **given: Any) -> None:
    """Whoever signs a guest up is told the same, whatever is known of the address."""
    ctx = context(viewer)
    assert isinstance(ctx.clock, StandingClock)
    ctx.clock.forward(seconds=1)  # so that what is sent is in order
    told = await rsvps.answer(ctx, NewRsvp(event_id=event_id, **(MEI | given)))
    assert told is None


async def letters(database: Database) -> list[str]:
    async with database.reading() as db:
        found = await db.execute(select(outgoing_mail).order_by(outgoing_mail.c.id))
        return [f"{row.to}\n{row.subject}\n{row.text}" for row in found]


async def links(database: Database, kind: str = "confirm") -> list[str]:
    text = "\n".join(await letters(database))
    return re.findall(rf"http://hub\.test(/rsvp/{kind}\?token=[\w-]{{43}})", text)


async def answers(database: Database) -> list[tuple[str, str, int]]:
    async with database.reading() as db:
        found = await db.execute(select(rows).order_by(rows.c.created_at, rows.c.id))
        return [(row.guest_name, row.status, row.additional_guests) for row in found]


async def pressed(visit: Visit, link: str) -> Any:
    address, _, token = link.partition("?token=")
    visit.clock.forward(seconds=1)
    return await visit.http.post(address, data={"token": token})


async def test_a_guest_comes_once_the_link_in_their_mail_was_followed(
    context: MakeContext, cast: Cast, database: Database, visit: Visit, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna, title="Soup <b>", capacity=3)
    await asks(context, event_id, additional_guests=2)
    assert await answers(database) == [("Mei", "NEEDS_ACTION", 0)]
    (letter,) = await letters(database)
    assert letter.startswith("mei@people.example\nPlease confirm: Soup <b>\n")
    assert "Mei" not in letter.partition("\n")[2], "nobody is written another one's words"
    (link,) = await links(database)
    before = await contents()
    for _ in range(2):  # as mail programs do
        page = await visit.http.get(link)
        assert page.status_code == 200
        assert "Soup &lt;b&gt;" in page.text
        assert "2 guests come with you." in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert (await visit.http.head(link)).status_code == 200
    assert await contents() == before
    done = await pressed(visit, link)
    assert done.status_code == 200
    assert "You are expected" in done.text
    assert await answers(database) == [("Mei", "ACCEPTED", 2)]
    again = await contents()
    assert (await pressed(visit, link)).status_code == 404
    assert (await visit.http.get(link)).status_code == 404
    assert await contents() == again


async def test_a_guest_takes_it_back_by_a_link_of_their_own_and_the_next_one_comes(
    context: MakeContext, cast: Cast, database: Database, visit: Visit
) -> None:
    event_id = await publish(context, cast.anna, capacity=1)
    await asks(context, event_id)
    await pressed(visit, (await links(database))[0])
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    await asks(context, event_id, guest_name="Bo", guest_email="bo@people.example")
    waiting = await pressed(visit, (await links(database))[1])
    assert "you are in line" in waiting.text
    (cancel, *_) = await links(database, "cancel")
    page = await visit.http.get(cancel)
    assert "You would not be expected any more" in page.text
    assert (await pressed(visit, cancel)).status_code == 200
    async with database.reading() as db:
        found = await db.execute(select(rows.c.person_id, rows.c.guest_name, rows.c.status))
        standing = {row.person_id or row.guest_name: row.status for row in found}
    assert standing == {"Mei": "CANCELLED", cast.lee_id: "ACCEPTED", "Bo": "WAITLISTED"}
    # Lee, who has an address, is written to; and so is Bo when Lee cancels, with a link.
    assert (await letters(database))[-1].startswith(
        "lee@northside-library.example\nA place is free"
    )
    mine = select(rows.c.id).where(rows.c.person_id == cast.lee_id)
    async with database.reading() as db:
        lees = (await db.execute(mine)).scalar_one()
    visit.clock.forward(seconds=1)
    await rsvps.cancel(context(cast.lee), lees)
    assert (await letters(database))[-1].startswith("bo@people.example\nA place is free")
    assert (await pressed(visit, (await links(database, "cancel"))[-1])).status_code == 200


async def test_the_same_address_is_one_answer_and_nothing_changes_without_its_word(
    context: MakeContext, cast: Cast, database: Database, visit: Visit
) -> None:
    event_id = await publish(context, cast.anna)
    await asks(context, event_id)
    await pressed(visit, (await links(database))[0])
    # Somebody else gives the same address, with other words and a wish of their own.
    await asks(
        context,
        event_id,
        guest_name="Mallory",
        guest_email="MEI@people.example",
        status=RsvpStatus.DECLINED,
    )
    assert await answers(database) == [("Mei", "ACCEPTED", 0)]
    await pressed(visit, (await links(database))[1])
    assert [status for _, status, _ in await answers(database)] == ["DECLINED"]


async def test_an_address_is_written_to_five_times_a_day_and_nobody_is_told(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    other = await publish(context, cast.anna)
    for number in range(5):
        await asks(context, (event_id, other)[number % 2])
    before = await contents()
    for _ in range(3):
        await asks(context, event_id)
    assert await contents() == before
    assert len(await letters(database)) == 5
    clock.forward(days=1)
    await asks(context, event_id)
    assert len(await letters(database)) == 6


async def test_a_link_is_good_for_seven_days_and_no_other_is_good_at_all(
    context: MakeContext,
    cast: Cast,
    database: Database,
    visit: Visit,
    clock: StandingClock,
    contents: Contents,
) -> None:
    event_id = await publish(
        context, cast.anna, starts_at=MONDAY + timedelta(days=30), ends_at=None
    )
    await asks(context, event_id)
    (link,) = await links(database)
    async with database.reading() as db:
        kept = (await db.execute(select(rsvp_links.c.digest))).scalar_one()
    assert link.partition("=")[2].encode() not in kept
    before = await contents()
    clock.forward(days=7)
    wrong = [
        link,
        "/rsvp/confirm?token=",
        "/rsvp/confirm",
        f"{link[:-1]}_",
        f"{link}\x00"[:-1] + "%00",
    ]
    wrong.append(link.replace("confirm", "cancel"))
    for each in wrong:
        assert (await visit.http.get(each)).status_code == 404
        assert (await pressed(visit, each)).status_code == 404
    assert (await visit.http.post("/rsvp/confirm", content=b"x" * 5_000)).status_code == 404
    assert await contents() == before


async def test_what_is_no_longer_possible_is_said_on_the_page(
    context: MakeContext, cast: Cast, database: Database, visit: Visit, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, starts_at=MONDAY + timedelta(days=1), ends_at=None)
    await asks(context, event_id)
    clock.forward(days=2)
    page = await pressed(visit, (await links(database))[0])
    assert page.status_code == 409
    assert "This date is over" in page.text
    assert await answers(database) == [("Mei", "NEEDS_ACTION", 0)]


async def test_a_guest_agrees_by_the_link_and_not_before(
    context: MakeContext, cast: Cast, database: Database, visit: Visit
) -> None:
    event_id = await publish(context, cast.anna)
    async with database.writing() as db:
        hosting = await db.execute(select(event_hosts).where(event_hosts.c.event_id == event_id))
        place = dict(hosting.mappings().one())
        shelters = {"id": "evh_2", "organization_id": cast.shelter, "role": "CO_HOST"}
        await db.execute(insert(event_hosts).values(place | shelters))
    await asks(context, event_id, consent_to=(cast.shelter,))
    agreed = select(rsvp_consents.c.organization_id)
    async with database.reading() as db:
        assert list(await db.scalars(agreed)) == []
    (link,) = await links(database)
    assert "given to Harbor Shelter too" in (await visit.http.get(link)).text
    await pressed(visit, link)
    async with database.reading() as db:
        assert list(await db.scalars(agreed)) == [cast.shelter]


async def test_the_hosts_write_down_who_has_no_address(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    new = NewRsvp(event_id=event_id, guest_name="Old Tom")
    assert await rsvps.answer(context(cast.pantry_app), new)
    assert await answers(database) == [("Old Tom", "ACCEPTED", 0)]
    before = await contents()
    for stranger in (NOBODY, cast.library_app, cast.lee):
        with pytest.raises(Invalid, match="Give an address"):
            await rsvps.answer(context(stranger), new)
    vouched = NewRsvp(event_id=event_id, guest_name="Tom", consent_to=(cast.pantry,))
    with pytest.raises(Refused, match="agrees for somebody else"):
        await rsvps.answer(context(cast.anna), vouched)
    bad = NewRsvp(event_id=event_id, guest_name="Tom", guest_email="tom")
    with pytest.raises(Invalid, match="email address"):
        await rsvps.answer(context(NOBODY), bad)
    assert await contents() == before


async def test_only_the_host_signs_guests_up_for_what_is_not_public(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    among_allies = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    invited = await publish(context, cast.anna, join_mode=JoinMode.INVITE)
    before = await contents()
    with pytest.raises(Refused, match="shared with"):
        await asks(context, among_allies, cast.sam)
    with pytest.raises(Refused, match="invitation"):
        await asks(context, invited)
    assert await contents() == before
    await asks(context, among_allies, cast.anna)
    await asks(context, invited, cast.anna)
    assert len(await letters(database)) == 2
