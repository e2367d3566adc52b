"""Passkeys as a browser has them: Chromium with an authenticator of its own, at a hub on this machine.

http://localhost is a secure context (Secure Contexts s3.1), as no other address without TLS is.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import CDPSession, Page, expect

from auth import accounts, sessions
from auth.desk import Desk
from auth.sealing import HubSecret
from auth.sessions import Method
from domain.ids import Names
from storage.engine import Database
from tests.outside import SeededChance, StandingClock
from tests.pictures.chromium import Chromium
from tests.pictures.looking import DESK, HIGH, PHONE, SCHEMES
from web.app import create_app
from web.service import Service
from web.serving import configured
from web.settings import read_settings

SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
FAULTS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter((each) => each.impact !== 'minor')
  .map((each) => [each.impact, each.id, each.nodes.map((node) => node.html.slice(0, 200))])"""
INSIDE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class House:
    """A hub at `url`, where Anna is signed in by what `cookie` holds."""

    chromium: Chromium
    url: str
    cookie: str

    async def visit(self, at: Callable[[Page], Awaitable[None]], *, scripts: bool = True) -> None:
        """Anna's browser. What its console says of errors is one."""

        async def watched(page: Page) -> None:
            said: list[str] = []
            page.on("console", lambda each: said.append(each.text) if is_trouble(each) else None)
            page.on("pageerror", lambda each: said.append(str(each)))
            await page.context.add_cookies(
                [{"name": "convoke", "value": self.cookie, "url": self.url}]
            )
            await at(page)
            assert said == []

        await self.chromium.look(watched, scripts=scripts)


def is_trouble(said: Any) -> bool:
    return said.type == "error" and "favicon" not in said.location.get("url", "")


@pytest.fixture
async def house(
    chromium: Chromium,
    listening: socket.socket,
    database: Database,
    clock: StandingClock,
    chance: SeededChance,
) -> AsyncIterator[House]:
    url = f"http://localhost:{listening.getsockname()[1]}"
    settings = replace(read_settings({"CONVOKE_HUB_NAME": "River City"}), base_url=url)
    service = await Service.opened(settings, database, SECRET, clock, chance)
    names = Names(service.hub.authority, clock, chance)
    desk = Desk(database, names, clock, chance, "req_of_tests", "192.0.2.1")
    async with database.writing() as db:
        anna = await accounts.new_person(desk, db, "Anna")
        await accounts.confirm_address(desk, db, anna.person_id, "anna@pantry.example")
        begun = await sessions.begin(desk, db, anna.person_id, "Anna", [Method.LETTER], "Chrome")
    server = uvicorn.Server(configured(create_app(service), settings.limits))
    running = asyncio.create_task(server.serve(sockets=[listening.dup()]))
    try:
        yield House(chromium, url, begun.secret)
    finally:
        server.should_exit = True
        await running


async def authenticator(page: Page, *, beside_names: bool = False) -> tuple[CDPSession, str]:
    """The browser's own, and its name. Where it may answer `beside_names`, it does so at once."""
    if not beside_names:
        await page.add_init_script(
            "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
        )
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": INSIDE})
    return session, made["authenticatorId"]


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def test_one_is_added_signs_in_and_shows_it_again(house: House) -> None:
    async def at(page: Page) -> None:
        await authenticator(page)
        await page.goto(f"{house.url}/account/security")
        await page.get_by_role("link", name="Add a passkey").click()
        await page.fill("#name", "My laptop")
        await press(page, "Add a passkey")
        await page.wait_for_url(f"{house.url}/account/security")
        await expect(page.get_by_text("My laptop")).to_be_visible()
        await expect(page.get_by_text("never used")).to_be_visible()

        await press(page, "Sign out")
        await page.wait_for_url(f"{house.url}/account/sign-in")
        await press(page, "Sign in with a passkey")
        await page.wait_for_url(f"{house.url}/account")
        await expect(page.get_by_role("heading", name="Anna")).to_be_visible()

        await page.goto(f"{house.url}/account/sign-in?again=yes&next=/account/sessions")
        await press(page, "Show it with your passkey")
        await page.wait_for_url(f"{house.url}/account/sessions")
        await expect(page.get_by_text("Signed in by passkey")).to_be_visible()

    await house.visit(at)


async def test_one_may_be_picked_where_a_name_is_typed(house: House) -> None:
    async def at(page: Page) -> None:
        await authenticator(page, beside_names=True)
        await page.goto(f"{house.url}/account/security/passkeys")
        await press(page, "Add a passkey")
        await page.wait_for_url(f"{house.url}/account/security")
        await press(page, "Sign out")
        await page.wait_for_url(f"{house.url}/account")
        await expect(page.get_by_role("heading", name="Anna")).to_be_visible()

    await house.visit(at)


async def test_a_device_has_one_for_an_account_and_says_so(house: House) -> None:
    async def at(page: Page) -> None:
        session, name = await authenticator(page)
        await page.goto(f"{house.url}/account/security/passkeys")
        await press(page, "Add a passkey")
        await page.wait_for_url(f"{house.url}/account/security")
        await page.goto(f"{house.url}/account/security/passkeys")
        await press(page, "Add a passkey")
        said = "This device has a passkey for your account already."
        await expect(page.get_by_role("alert").get_by_text(said)).to_be_visible()
        kept = await session.send("WebAuthn.getCredentials", {"authenticatorId": name})
        assert len(kept["credentials"]) == 1
        assert kept["credentials"][0]["isResidentCredential"] is True

    await house.visit(at)


async def test_whoever_is_not_verified_is_told_and_not_signed_in(house: House) -> None:
    async def at(page: Page) -> None:
        session, name = await authenticator(page)
        await page.goto(f"{house.url}/account/security/passkeys")
        await press(page, "Add a passkey")
        await page.wait_for_url(f"{house.url}/account/security")
        await press(page, "Sign out")
        await page.wait_for_url(f"{house.url}/account/sign-in")
        given = {"authenticatorId": name, "isUserVerified": False}
        await session.send("WebAuthn.setUserVerified", given)
        await press(page, "Sign in with a passkey")
        await expect(page.get_by_text("No passkey was used.")).to_be_visible()
        await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()
        await page.goto(f"{house.url}/account/security")
        assert page.url.startswith(f"{house.url}/account/sign-in")

    await house.visit(at)


async def test_without_scripts_the_other_ways_are_there(house: House) -> None:
    async def at(page: Page) -> None:
        await page.goto(f"{house.url}/account/security/passkeys")
        await expect(page.get_by_text("A passkey takes a newer browser")).to_be_visible()
        await expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
        await page.goto(f"{house.url}/account")
        await press(page, "Sign out")
        await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        await expect(page.get_by_role("button", name="Send me a letter")).to_be_visible()

    await house.visit(at, scripts=False)


async def test_its_pages_are_good_to_look_at(
    house: House, axe: str, request: pytest.FixtureRequest
) -> None:
    """As the others, but at an address where there are passkeys."""
    kept, wrong = request.config.getoption("--screenshots"), dict[str, Any]()

    async def at(page: Page) -> None:
        async def look(name: str) -> None:
            await page.evaluate(axe)
            for width in (PHONE, DESK):
                await page.set_viewport_size({"width": width, "height": HIGH})
                for scheme in SCHEMES:
                    await page.emulate_media(color_scheme=scheme)
                    seen = f"passkeys-{name}-{width}-{scheme}"
                    if kept is not None:
                        await page.screenshot(path=Path(kept) / f"{seen}.png", full_page=True)
                    if faults := await page.evaluate(FAULTS):
                        wrong[seen] = faults

        await authenticator(page)
        await page.goto(f"{house.url}/account/security/passkeys")
        await look("add")
        await press(page, "Add a passkey")
        await page.wait_for_url(f"{house.url}/account/security")
        await look("some")
        await page.goto(f"{house.url}/account/security/passkeys")
        await press(page, "Add a passkey")
        await expect(page.get_by_role("alert")).to_be_visible()
        await look("add-again")
        await page.goto(f"{house.url}/account/security")
        await page.get_by_role("link", name="Rename or remove").click()
        await look("one")
        await page.get_by_role("link", name="Remove it").click()
        await look("remove")
        await page.goto(f"{house.url}/account/sign-in?again=yes")
        await look("show-again")
        await press(page, "Sign out")
        await page.wait_for_url(f"{house.url}/account/sign-in")
        await look("sign-in")

    await house.visit(at)
    assert wrong == {}
