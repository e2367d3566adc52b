"""The console's rooms of people, alliances and operation, as staff see them on a phone and on a desk."""

from datetime import timedelta

from playwright.async_api import Page
from sqlalchemy import update

from domain.alliances import DecisionRule
from domain.events import JoinMode
from domain.sharing import JoinPolicy
from resolvers import agreements, check_in, group_memberships, memberships, proposals, rsvps
from resolvers.agreements import NewAgreement
from resolvers.proposals import NewProposal
from resolvers.rsvps import NewRsvp
from storage.tables import alliances
from tests.cast import publish, start_group
from tests.outside import MONDAY
from tests.pictures.looking import Studio, press

PANTRY, LIBRARY = "/console/river-city-pantry", "/console/northside-library"
NAMES = ("Vera Okonkwo", "Özlem Ak", "Ana María de los Ángeles Fernández Restrepo", "علي", "Zoe")


async def at_the_door(studio: Studio) -> str:
    """A soup evening that begins in half an hour: some come, one is there, one asks."""
    cast, context = studio.counter.cast, studio.context
    starts = MONDAY + timedelta(minutes=30)
    event_id = await publish(
        context,
        cast.anna,
        title="Soup evening",
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        join_mode=JoinMode.APPROVAL,
    )
    anna = context(cast.anna)
    ids = [
        await rsvps.answer(
            anna, NewRsvp(event_id=event_id, guest_name=name, additional_guests=number % 3)
        )
        for number, name in enumerate(NAMES)
    ]
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    assert ids[0] is not None
    await check_in.check_in(anna, ids[0], attended=True)
    return event_id


async def test_who_comes(studio: Studio) -> None:
    anna = studio.counter.anna
    here = f"{PANTRY}/events/{await at_the_door(studio)}"
    await studio.pictures("console-attendees", f"{here}/attendees", anna)
    await studio.pictures("console-attendee-add", f"{here}/attendees/add", anna)
    await studio.pictures("console-door", f"{here}/door", anna)
    await studio.pictures("console-door-arabic", f"{here}/door?lang=ar", anna)
    await anna.http.get(f"{here}/door?lang=en")

    async def typed(page: Page) -> None:
        await page.fill("[data-narrows]", "OZL")
        assert await page.locator(".door > li:visible").count() == 1

    await studio.pictures("console-door-narrowed", f"{here}/door", anna, typed)
    await studio.pictures("console-door-nobody", f"{here}/door?name=Bruno", anna)
    await studio.pictures("console-sheet", f"{here}/sheet", anna)
    await studio.pictures("console-sheet-return", f"{here}/sheet/return", anna)

    table = await anna.open(f"{here}/sheet.csv")
    assert table.status_code == 200

    async def ticked(page: Page) -> None:
        await page.fill(
            "#text", table.text.replace("\r\n,Zoe", "\r\nx,Zoe") + "x,Ali,2,,\r\nperhaps,Bo,1,,\r\n"
        )
        await press(page, "Show what would change")

    await studio.pictures("console-sheet-preview", f"{here}/sheet/return", anna, ticked)


async def test_alliances(studio: Studio) -> None:
    cast, context, anna = studio.counter.cast, studio.context, studio.counter.anna
    city = f"{PANTRY}/alliances/{cast.city_table}"
    async with studio.counter.desk.database.writing() as db:
        await db.execute(update(alliances).values(decision_rule=DecisionRule.CONSENT))
    question = NewProposal(
        alliance_id=cast.city_table,
        organization_id=cast.pantry,
        title="A summer market together",
        body="In June, on the square.\nEach of us brings a stall.",
        closes_at=MONDAY + timedelta(days=14),
    )
    proposal = await proposals.open_proposal(context(cast.anna), question)
    words = "We are kind to one another.\n\nWhat we learn of people stays with us."
    charter = NewAgreement(alliance_id=cast.city_table, title="Charter", body=words, required=False)
    agreement = await agreements.publish(context(cast.anna), charter)
    await memberships.invite(
        context(cast.anna), cast.city_table, cast.library, message="Come and join us!"
    )
    await studio.pictures("console-alliances", f"{PANTRY}/alliances", anna)
    await studio.pictures("console-alliance", city, anna)
    await studio.pictures("console-alliance-invite", f"{city}/invite?search=library", anna)
    await studio.pictures("console-alliance-edit", f"{city}/edit", anna)
    await studio.pictures("console-alliances-find", f"{PANTRY}/alliances/find", anna)
    await studio.pictures("console-agreement", f"{city}/agreements/{agreement}", anna)
    await studio.pictures("console-agreement-accept", f"{city}/agreements/{agreement}/accept", anna)
    await studio.pictures("console-agreement-new", f"{city}/agreements/new", anna)
    await studio.pictures("console-proposal", f"{city}/proposals/{proposal}", anna)
    await studio.pictures("console-proposal-new", f"{city}/proposals/new", anna)
    await anna.open(city)
    member = next(link for link in anna.links if "/members/" in link and "leave" not in link)
    await studio.pictures("console-alliance-member", member, anna)
    leave = next(link for link in anna.links if link.endswith("/leave"))
    await studio.pictures("console-alliance-leave", leave, anna)


async def test_groups(studio: Studio) -> None:
    cast, anna = studio.counter.cast, studio.counter.anna
    group_id = await start_group(
        studio.context,
        cast.anna,
        "west-side",
        purpose="Soup on Sundays",
        join_policy=JoinPolicy.BY_REQUEST,
    )
    await group_memberships.join(studio.context(cast.lee), group_id, "I cook.")
    await studio.pictures("console-groups", f"{PANTRY}/groups", anna)
    await studio.pictures("console-group", f"{PANTRY}/groups/{group_id}", anna)
    await studio.pictures("console-group-invite", f"{PANTRY}/groups/{group_id}/invite", anna)

    async def wrong(page: Page) -> None:
        await page.fill("#links", "nowhere")
        await press(page, "Save")

    await studio.pictures("console-group-edit", f"{PANTRY}/groups/{group_id}/edit", anna, wrong)


async def test_the_rest(studio: Studio) -> None:
    cast, anna = studio.counter.cast, studio.counter.anna
    event_id = await at_the_door(studio)
    other = await publish(
        studio.context,
        cast.anna,
        title="Soup evening!",
        starts_at=MONDAY + timedelta(minutes=30),
        ends_at=None,
    )
    for room in ("more", "organization", "history", "impact", "hubs", "duplicates", "imports"):
        await studio.pictures(f"console-{room}", f"{PANTRY}/{room}", anna)
    await studio.pictures("console-hubs-new", f"{PANTRY}/hubs/new", anna)
    like = f"{PANTRY}/events/{event_id}/like/{other}"
    await studio.pictures("console-side-by-side", like, anna)
