"""Somebody's own calendar under a secret address: what they go to, and what their teams hold."""

from datetime import timedelta

import icalendar
from sqlalchemy import select, update

from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import events, publishing, rsvps
from resolvers.rsvps import NewRsvp
from storage.account_tables import accounts
from storage.engine import Database
from storage.post_tables import calendar_keys
from storage.tables import audit_entries, occurrences, team_members
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter

PAGE = "/account/calendar"


async def address_of(browser: Browser) -> str:
    """Makes one, or makes it anew."""
    await browser.open(PAGE)
    page = await browser.send(browser.form(PAGE))
    assert page.status_code == 200
    return page.text.split('readonly value="http://hub.test')[1].split('"')[0]


async def read(browser: Browser, address: str) -> dict[str, icalendar.Event]:
    answer = await browser.http.get(address)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert [error for each in calendar.walk() for error in each.errors] == []
    return {str(each["SUMMARY"]): each for each in calendar.events}


async def lee(counter: Counter) -> Browser:
    browser = await counter.new_browser()
    await sign_in(counter.desk, browser, counter.cast.lee_id, "Lee")
    return browser


async def test_what_somebody_answered_and_what_their_team_holds_is_in_it(
    counter: Counter, context: MakeContext, cast: Cast
) -> None:
    drive = await publish(context, cast.anna)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=drive))
    await publish(context, cast.lee, title="Reading")
    await publish(context, cast.lee, title="For us", visibility=Visibility.ORGANIZATION)
    await publish(context, cast.sam, title="Of others")
    browser = await lee(counter)
    entries = await read(counter.browser, await address_of(browser))
    assert set(entries) == {"Food drive", "Reading", "For us"}
    assert entries["Food drive"].start == STARTS
    assert entries["Food drive"]["UID"] == drive
    assert "You said that you come." in str(entries["Food drive"]["DESCRIPTION"])
    assert (entries["Food drive"]["TRANSP"], entries["Reading"]["TRANSP"]) == (
        "OPAQUE",
        "TRANSPARENT",
    )


async def test_of_a_series_only_the_date_that_somebody_goes_to_is_in_it(
    counter: Counter, context: MakeContext, cast: Cast, database: Database
) -> None:
    weekly = await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY;COUNT=4"))
    async with database.reading() as db:
        dates = list(await db.scalars(select(occurrences.c.id).order_by(occurrences.c.starts_at)))
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=weekly, occurrence_id=dates[2]))
    address = await address_of(await lee(counter))
    entries = await read(counter.browser, address)
    assert entries["Food drive"].start == STARTS + timedelta(weeks=2, hours=-1)  # summer time began
    assert entries["Food drive"]["UID"] == dates[2]


async def test_a_change_and_a_cancellation_reach_it_by_a_higher_sequence(
    counter: Counter, context: MakeContext, cast: Cast
) -> None:
    drive = await publish(context, cast.anna)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=drive))
    address = await address_of(await lee(counter))
    first = await counter.browser.http.get(address)
    tag = {"if-none-match": first.headers["etag"]}
    assert (await counter.browser.http.get(address, headers=tag)).status_code == 304
    await events.update(context(cast.anna), drive, 1, {"title": "Food fair"})
    assert (await counter.browser.http.get(address, headers=tag)).status_code == 200
    assert (await read(counter.browser, address))["Food fair"]["SEQUENCE"] == 2
    await publishing.cancel(context(cast.anna), drive, 2)
    entry = (await read(counter.browser, address))["Food fair"]
    assert (entry["SEQUENCE"], entry["STATUS"]) == (3, "CANCELLED")


async def test_a_new_address_ends_the_one_before(counter: Counter) -> None:
    browser = await lee(counter)
    first = await address_of(browser)
    second = await address_of(browser)
    assert first != second
    assert (await counter.browser.http.get(first)).status_code == 404
    assert await read(counter.browser, second) == {}
    page = await browser.open(PAGE)
    assert second not in page.text
    await browser.send(browser.form(f"{PAGE}/end"))
    assert (await counter.browser.http.get(second)).status_code == 404


async def test_only_a_digest_of_it_is_kept_and_nothing_of_it_is_noted(
    counter: Counter, database: Database
) -> None:
    address = await address_of(await lee(counter))
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    async with database.reading() as db:
        kept = (await db.execute(select(calendar_keys))).one()
        noted = (await db.execute(select(audit_entries))).mappings().all()
    assert secret.encode() not in kept.digest
    assert secret not in repr(noted)
    assert [row["action"] for row in noted][-1] == "calendar.address_made"


async def test_it_ends_with_the_account_and_with_the_place_in_the_team(
    counter: Counter, context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    await publish(context, cast.lee, title="Reading")
    address = await address_of(await lee(counter))
    assert set(await read(counter.browser, address)) == {"Reading"}
    async with database.writing() as db:
        await db.execute(team_members.delete().where(team_members.c.person_id == cast.lee_id))
    assert set(await read(counter.browser, address)) == set()
    async with database.writing() as db:
        await db.execute(update(accounts).values(closed_at=clock.now()))
    assert (await counter.browser.http.get(address)).status_code == 404


async def test_nobody_has_one_who_is_not_signed_in_and_no_other_site_makes_one(
    counter: Counter, database: Database
) -> None:
    assert (await counter.browser.open(PAGE)).status_code == 303
    browser = await lee(counter)
    await browser.open(PAGE)
    form = browser.form(PAGE)
    form.fields["form_token"] = "x"
    assert (await browser.send(form)).status_code == 403
    async with database.reading() as db:
        assert (await db.execute(select(calendar_keys))).all() == []
    for secret in ("x", "x" * 5_000, "%00", "é"):
        assert (await counter.browser.http.get(f"/calendar/{secret}.ics")).status_code == 404
