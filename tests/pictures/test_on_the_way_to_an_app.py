"""Chromium itself, held to the policies of our pages, is sent to apps, and shows us in no frame."""

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import uvicorn
from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from schema.limits import Limits
from tests.pictures.chromium import HUB
from tests.pictures.looking import Studio, press
from tests.web.account.apps_of_people import CALLBACK, asking, food_map, told
from web.serving import configured

PASSWORD = "many words of no song at all"
MACHINE = "http://127.0.0.1"  # Anna's own


class Program:
    """A program on Anna's machine that waits for its code, a site it belongs to, and a page that
    shows others in a frame."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"{MACHINE}:{port}"

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/callback", self._callback),
                Route("/elsewhere", self._elsewhere),
                Route("/framing", self._framing),
            ]
        )

    async def _callback(self, request: Request) -> Response:
        return HTMLResponse("<title>Back</title><link rel=icon href=data:,>")

    async def _elsewhere(self, request: Request) -> Response:
        return RedirectResponse(f"http://localhost:{self.port}/callback?{request.url.query}")

    async def _framing(self, request: Request) -> Response:
        return HTMLResponse(f"<iframe src='{HUB}{request.query_params['of']}'></iframe>")


@pytest.fixture
async def program(studio: Studio) -> AsyncIterator[Program]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Program(listening.getsockname()[1])
        server = uvicorn.Server(configured(made.app, Limits()))
        running = asyncio.create_task(server.serve(sockets=[listening.dup()]))
        try:
            yield made
        finally:
            server.should_exit = True
            await running


async def leads_to(
    studio: Studio, path: str, address: str, *, button: str | None = "Allow", scripts: bool = True
) -> str:
    """The address that the browser asks for there, once the button is pressed."""

    async def at(page: Page) -> str:
        await page.goto(HUB + path)
        async with page.expect_request(lambda asked: asked.url.startswith(address)) as found:
            if button is not None:
                await page.get_by_role("button", name=button, exact=True).click(no_wait_after=True)
        return (await found.value).url

    return await studio.chromium.look(at, dict(studio.counter.anna.http.cookies), scripts=scripts)


@pytest.mark.parametrize("scripts", [True, False])
async def test_chromium_goes_to_a_site_with_the_code(studio: Studio, scripts: bool) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)
    address = await leads_to(studio, asking(app), CALLBACK, scripts=scripts)
    assert told(address)[1].keys() == {"code", "state", "iss"}


async def test_chromium_goes_to_a_site_with_a_no(studio: Studio) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)
    address = await leads_to(studio, asking(app), CALLBACK, button="Not now")
    assert told(address)[1]["error"] == "access_denied"


async def test_chromium_opens_the_app_of_a_scheme(studio: Studio) -> None:
    uri = "org.map.app:/back"
    app = await food_map(studio.counter.desk, studio.counter.cast, redirect_uris=(uri,))
    address = await leads_to(studio, asking(app, redirect_uri=uri), uri)
    assert told(address)[1].keys() == {"code", "state", "iss"}


async def test_chromium_goes_to_a_program_of_the_machine(studio: Studio, program: Program) -> None:
    app = await food_map(
        studio.counter.desk, studio.counter.cast, redirect_uris=(f"{MACHINE}/callback",)
    )
    uri = f"{program.url}/callback"
    assert "code=" in await leads_to(studio, asking(app, redirect_uri=uri), uri)


async def test_an_address_that_is_not_allowed_is_one_chromium_does_not_go_to(
    studio: Studio, program: Program
) -> None:
    """So the tests above would fail without the policy of the page: a form's policy holds for all
    that follows on it, here for another host to which the program sends the browser on."""
    app = await food_map(
        studio.counter.desk, studio.counter.cast, redirect_uris=(f"{MACHINE}/elsewhere",)
    )
    said: list[str] = []

    async def at(page: Page) -> str:
        async with page.expect_console_message() as message:
            await page.goto(HUB + asking(app, redirect_uri=f"{program.url}/elsewhere"))
            await page.get_by_role("button", name="Allow", exact=True).click(no_wait_after=True)
        said.append((await message.value).text)
        return page.url

    end = await studio.chromium.look(at, dict(studio.counter.anna.http.cookies))
    assert end.startswith(f"{HUB}/oauth/authorize")
    assert "form-action 'self'" in said[0]


async def test_after_the_form_of_signing_in_chromium_goes_to_the_app(studio: Studio) -> None:
    """An app that was let in before is not asked about again: the form leads there by itself."""
    anna = studio.counter.anna
    app = await food_map(studio.counter.desk, studio.counter.cast)
    await anna.open(asking(app))
    await anna.send(anna.form("/oauth/consent"), answer="allow")
    await set_password(studio)

    async def at(page: Page) -> str:
        await page.goto(HUB + asking(app))
        await page.fill("#address", "anna@pantry.example")
        await press(page, "Use a password instead")
        await page.fill("#password", PASSWORD)
        async with page.expect_request(lambda asked: asked.url.startswith(CALLBACK)) as found:
            await page.get_by_role("button", name="Sign in", exact=True).click(no_wait_after=True)
        return (await found.value).url

    address = await studio.chromium.look(at)
    assert told(address)[1].keys() == {"code", "state", "iss"}


async def test_chromium_shows_no_page_of_ours_in_a_frame(studio: Studio, program: Program) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)

    async def framed(page: Page, path: str) -> str:
        await page.goto(f"{program.url}/framing?of={quote(path, safe='')}")
        await page.wait_for_load_state("networkidle")
        return await page.frames[1].content()

    for path in (asking(app), "/device", "/account/connected", "/account/sign-in"):

        async def at(page: Page, path: str = path) -> str:
            return await framed(page, path)

        content = await studio.chromium.look(at, dict(studio.counter.anna.http.cookies))
        assert "<form" not in content, path
        assert "River City" not in content, path


async def set_password(studio: Studio) -> None:
    anna, path = studio.counter.anna, "/account/security/password"
    await anna.open(path)
    form = anna.form(path)
    typed = {name: PASSWORD for name, value in form.fields.items() if value == ""}
    done = await anna.send(form, **typed)
    assert done.status_code == 303, done.text
