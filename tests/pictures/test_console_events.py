"""The console's events and co-hosting, as staff see them."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from domain.recurrence import Recurrence
from domain.sharing import HostEditing
from resolvers import co_hosting, events
from resolvers.co_hosting import Wish
from tests.cast import STARTS, publish
from tests.pictures.looking import Studio, press
from tests.web.account.browsing import Browser, sign_in

PANTRY, SHELTER = "/console/river-city-pantry", "/console/harbor-shelter"
WEEKLY = Recurrence("FREQ=WEEKLY;BYDAY=SA")


async def series(studio: Studio, **given: Any) -> str:
    """Each Saturday, with the Shelter as co-host that may change it."""
    cast, make = studio.counter.cast, studio.context
    words: dict[str, Any] = {
        "title": "Soup evening",
        "summary": "Soup, bread and company.",
        "description": "Everybody is welcome.\n\nhttps://soup.example",
        "share_with": (cast.city_table,),
        "capacity": 40,
        "causes": ("food-justice", "housing"),
        "languages": ("en", "es"),
        "recurrence": WEEKLY,
        "translations": {"es": {"title": "Noche de sopa"}},
    }
    event_id = await publish(make, cast.anna, **{**words, **given})
    wish = Wish(event_id=event_id, organization_id=cast.shelter, may_edit=HostEditing.ALL)
    place = await co_hosting.ask(make(cast.anna), wish)
    await co_hosting.respond(make(cast.sam), place, True)
    return event_id


async def sam(studio: Studio) -> Browser:
    browser = await studio.counter.new_browser()
    await sign_in(studio.counter.desk, browser, studio.counter.cast.sam_id, "Sam")
    return browser


async def test_the_week_and_the_lists(studio: Studio) -> None:
    await series(studio)
    await publish(studio.context, studio.counter.cast.anna, title="A thought", publish=False)
    anna = studio.counter.anna
    await studio.pictures("console-week", PANTRY, anna)
    await studio.pictures("console-events", f"{PANTRY}/events", anna)
    await studio.pictures("console-drafts", f"{PANTRY}/events?show=drafts", anna)
    await studio.pictures("console-home", "/account", anna)


async def test_an_event_and_what_is_done_with_it(studio: Studio) -> None:
    event_id = await series(studio)
    anna, here = studio.counter.anna, f"{PANTRY}/events/{event_id}"
    for name in ("edit", "cancel", "share", "hosts", "handover", "history", "dates"):
        await studio.pictures(f"console-event-{name}", f"{here}/{name}", anna)
    await studio.pictures("console-event", here, anna)
    await studio.pictures("console-event-ar", f"{here}?lang=ar", anna)
    draft = await publish(studio.context, studio.counter.cast.anna, publish=False)
    await studio.pictures("console-draft", f"{PANTRY}/events/{draft}", anna)
    await studio.pictures("console-publish", f"{PANTRY}/events/{draft}/publish", anna)
    past = await publish(
        studio.context,
        studio.counter.cast.anna,
        starts_at=STARTS - timedelta(days=7),
        ends_at=None,
    )
    await studio.pictures("console-report", f"{PANTRY}/events/{past}/report", anna)


async def test_one_date(studio: Studio) -> None:
    event_id = await series(studio)
    anna, here = studio.counter.anna, f"{PANTRY}/events/{event_id}"
    await anna.open(f"{here}/dates")
    date = next(each for each in anna.links if "/dates/" in each)
    await studio.pictures("console-date", date, anna)
    for name in ("edit", "onward", "off"):
        await studio.pictures(f"console-date-{name}", f"{date}/{name}", anna)


async def test_a_new_event_and_what_is_wrong_with_it(studio: Studio) -> None:
    async def wrong(page: Page) -> None:
        await page.fill("#startsAt-time", "18:00")
        await page.fill("#capacity", "many")
        await press(page, "Save as a draft")

    new = f"{PANTRY}/events/new"
    await studio.pictures("console-new", new, studio.counter.anna)
    await studio.pictures("console-new-wrong", new, studio.counter.anna, wrong)


async def test_a_clash(studio: Studio) -> None:
    event_id = await series(studio)
    anna, edit = studio.counter.anna, f"{PANTRY}/events/{event_id}/edit"
    await anna.open(edit)
    before = anna.form(edit).fields
    changes: Any = {"title": "Soup and bread", "capacity": 60}
    version = int(before["version"])
    await events.update(studio.context(studio.counter.cast.sam), event_id, version, changes)
    then = {name: before[name] for name in ("version", "was", "since", "title", "capacity")}

    async def clash(page: Page) -> None:
        """Anna had the form open since before Sam's change."""
        for name, value in {**then, "title": "Soup for all", "summary": "Come hungry."}.items():
            await page.eval_on_selector(
                f"[name={name}]", "(field, value) => { field.value = value }", value
            )
        await press(page, "Save the changes")

    await studio.pictures("console-clash", edit, anna, clash)


async def test_co_hosting(studio: Studio) -> None:
    cast, make = studio.counter.cast, studio.context
    await series(studio)
    event_id = await publish(make, cast.anna, title="Barn dance")
    wish = Wish(event_id=event_id, organization_id=cast.shelter, message="Shall we do this again?")
    place = await co_hosting.ask(make(cast.anna), wish)
    sams = await sam(studio)
    await studio.pictures("console-cohosting", f"{SHELTER}/cohosting", sams)
    await studio.pictures("console-place", f"{SHELTER}/cohosting/{place}", sams)
    await studio.pictures("console-event-asked", f"{SHELTER}/events/{event_id}", sams)
    anna, invite = studio.counter.anna, f"{PANTRY}/events/{event_id}/hosts/invite"
    await studio.pictures("console-sent", f"{PANTRY}/cohosting/{place}", anna)
    await studio.pictures("console-find-host", f"{invite}?search=library", anna)
    await studio.pictures("console-invite", f"{invite}?organization={cast.library}", anna)
