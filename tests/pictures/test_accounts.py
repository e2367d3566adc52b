"""The pages on which people sign in, and look after their account and their team."""

import re

from playwright.async_api import Page

from storage import mail
from tests.pictures.looking import Studio, press
from tests.web.account.browsing import sign_in


async def test_signing_in(studio: Studio) -> None:
    async def asked(page: Page) -> None:
        await page.fill("#address", "anna@pantry.example")
        await press(page, "Send me a letter to sign in")

    async def password(page: Page) -> None:
        await page.fill("#address", "anna@pantry.example")
        await press(page, "Use a password instead")

    async def wrong(page: Page) -> None:
        await asked(page)
        await page.fill("#code", "12345678")
        await press(page, "Sign in")

    nobody = studio.counter.browser
    await studio.pictures("sign-in", "/account/sign-in", nobody)
    await studio.pictures("sign-in-letter", "/account/sign-in", nobody, asked)
    await studio.pictures("sign-in-wrong-code", "/account/sign-in", nobody, wrong)
    await studio.pictures("sign-in-password", "/account/sign-in", nobody, password)
    await studio.pictures("sign-in-again", "/account/sign-in?again=yes", studio.counter.anna)


async def test_an_account(studio: Studio) -> None:
    await sign_in(
        studio.counter.desk, await studio.counter.new_browser(), studio.counter.cast.anna_id, "Anna"
    )
    for name, path in (
        ("account", "/account"),
        ("sessions", "/account/sessions"),
        ("security", "/account/security"),
        ("security-address", "/account/security/addresses"),
        ("security-password", "/account/security/password"),
    ):
        await studio.pictures(name, path, studio.counter.anna)


async def test_one_more_address_to_sign_in_by(studio: Studio) -> None:
    """Its code on a page of its own, the link in its letter, and taking it away."""
    anna, new = studio.counter.anna, "anna@home.example"
    await anna.open("/account/security/addresses")
    await anna.send(anna.form("/account/security/addresses"), address=new)
    await studio.pictures("security-code", "/account/security/addresses/code", anna)
    link = await link_in_the_newest_letter(studio)
    await studio.pictures("security-confirm", link, anna)
    await anna.open(link)
    await anna.send(anna.form("/account/security/addresses/confirm"))

    async def asked(page: Page) -> None:
        line = page.get_by_role("listitem").filter(has_text=new)
        await line.get_by_role("button").click()
        await page.wait_for_load_state()

    await studio.pictures("security-remove-address", "/account/security", anna, asked)


async def test_a_team(studio: Studio) -> None:
    team = "/account/team/river-city-pantry"
    for name, path in (
        ("team", team),
        ("team-invite", f"{team}/invite"),
        ("team-leave", f"{team}/leave"),
        ("team-providers", f"{team}/providers"),
    ):
        await studio.pictures(name, path, studio.counter.anna)


async def link_in_the_newest_letter(studio: Studio) -> str:
    async with studio.counter.desk.database.reading(fresh=True) as db:
        (letter,) = await mail.newest(db, 1)
    found = re.search(r"http://hub\.test(/\S+)", letter.text)
    assert found is not None, letter.text
    return found[1]


async def test_the_links_in_letters(studio: Studio) -> None:
    anna, nobody = studio.counter.anna, studio.counter.browser
    await nobody.open("/account/sign-in")
    await nobody.send(nobody.form("/account/sign-in/letter"), address="anna@pantry.example")
    path = await link_in_the_newest_letter(studio)
    await studio.pictures("sign-in-link", path, nobody)
    elsewhere = await studio.counter.new_browser()
    await studio.pictures("sign-in-link-elsewhere", path, elsewhere)
    await studio.pictures("sign-in-link-spent", "/account/sign-in/link?letter=old", nobody)
    invite = "/account/team/river-city-pantry/invite"
    await anna.open(invite)
    await anna.send(anna.form(invite), address="mia@pantry.example", role="EDITOR")
    path = await link_in_the_newest_letter(studio)
    await studio.pictures("invitation", path, elsewhere)
    await studio.pictures("invitation-somebody", path, anna)
    await studio.pictures("team-invited", "/account/team/river-city-pantry", anna)
