"""Somebody chooses which organizations write to them each week."""

from sqlalchemy import select

from domain.actors import BY_TIME
from resolvers import rsvps
from resolvers.post import digests
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.post_tables import digests as wanted
from tests.cast import Cast, MakeContext, publish
from tests.mailbox import Mailbox
from tests.outside import StandingClock
from tests.web.account.browsing import sign_in
from tests.web.account.conftest import Counter

PAGE = "/account/letters"


async def test_somebody_is_written_each_week_by_whom_they_chose_until_they_end_it(
    counter: Counter, context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    mailbox = Mailbox(context, database, clock)
    event_id = await publish(context, cast.anna)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    await mailbox.turn()
    browser = await counter.new_browser()
    await sign_in(counter.desk, browser, cast.lee_id, "Lee")
    page = await browser.open(PAGE)
    assert "River City Pantry" in page.text
    assert "Northside Library" in page.text
    assert "Harbor Shelter" not in page.text
    await browser.send(browser.form(PAGE), **{f"weekly-{cast.pantry}": "on"})
    await digests.write(context(BY_TIME), clock.now(), 10)
    subject = "River City Pantry: what is to come"
    (letter,) = [each for each in await mailbox.all() if each.subject == subject]
    # Ended by the link in it, though still chosen; and chosen again.
    await counter.browser.http.post((letter.stop_url or "").removeprefix("http://hub.test"))
    async with database.writing() as db:
        await db.execute(wanted.update().values(due_at=clock.now()))
    count = len(await mailbox.all())
    await digests.write(context(BY_TIME), clock.now(), 10)
    assert len(await mailbox.all()) == count
    page = await browser.open(PAGE)
    assert "you ended its letters" in page.text
    await browser.send(browser.form(PAGE), **{f"weekly-{cast.pantry}": "on"})
    async with database.writing() as db:
        await db.execute(wanted.update().values(due_at=clock.now()))
    await digests.write(context(BY_TIME), clock.now(), 10)
    assert len(await mailbox.all()) == count + 1
    await browser.open(PAGE)
    form = browser.form(PAGE)
    del form.fields[f"weekly-{cast.pantry}"]
    await browser.send(form)
    async with database.reading() as db:
        assert (await db.execute(select(wanted))).all() == []


async def test_nobody_chooses_what_they_have_nothing_to_do_with(
    counter: Counter, cast: Cast, database: Database
) -> None:
    browser = await counter.new_browser()
    await sign_in(counter.desk, browser, cast.lee_id, "Lee")
    await browser.open(PAGE)
    await browser.send(browser.form(PAGE), **{f"weekly-{cast.shelter}": "on", "weekly-x": "on"})
    async with database.reading() as db:
        assert (await db.execute(select(wanted))).all() == []
