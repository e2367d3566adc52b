"""Clients that others wrote, run as programs of Node.js against a hub that listens on this machine.

A program tells what came of each of its steps, a line of JSON for each; what takes a person (the
consent page, the device page) it asks for, and gets it done in a browser in which Anna is signed in.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from auth import sessions
from auth.app_wishes import Wish
from auth.clients import Apps
from auth.sealing import HubSecret
from auth.sessions import Method
from domain.ids import Names
from storage.account_tables import accounts
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.auth.listening import listening
from tests.auth.people import Town
from tests.auth.signing import made_key, public
from tests.clients.told import Told
from tests.conftest import TEMPLATE
from tests.npm import NODE, fetched
from tests.web.account.browsing import Browser
from web.app import create_app
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import read_settings

HERE = Path(__file__).parent
SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
MACHINE_SCOPES = ("organizations:read", "events:read", "events:write")
LONGEST_SECONDS = 120


@pytest.fixture(scope="session")
def installed() -> Path:
    """Where the clients are; fetched where they are not yet, or not those of the lock file."""
    return fetched(HERE, "clients")


Tells = Callable[[str], Told]


@pytest.fixture(scope="session")
def tells(postgres: EmbeddedPostgres, new_name: Callable[[], str], installed: Path) -> Tells:
    """`tells("oauth4webapi.mjs")`: that program, against a hub of its own."""

    def run(script: str) -> Told:
        name = new_name()
        postgres.create_database(name, template=TEMPLATE)
        try:
            return asyncio.run(_told_by(script, installed, postgres.url(name)))
        finally:
            postgres.drop_database(name)

    return run


class Later:
    """An application that is made when it is known where it listens."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def _told_by(script: str, installed: Path, database_url: str) -> Told:
    database, later = Database(database_url), Later()
    clock, chance = SystemClock(), SystemChance()
    try:
        async with listening(later) as url:
            settings = replace(read_settings({"CONVOKE_HUB_NAME": "River City"}), base_url=url)
            service = await Service.opened(settings, database, SECRET, clock, chance)
            later.app = create_app(service)
            names = Names(service.hub.authority, clock, chance)
            desk = Apps(database, names, clock, chance, "req_of_the_operator")
            town = Town(database, service.hub, names, clock.now(), "", "")
            anna_id = await town.person("Anna", team=await town.organization("pantry"))
            machines = await _machines(desk)
            given = {"issuer": url, "resource": f"{url}/graphql", **machines}
            person = await _signed_in(desk, anna_id)
            program = await _started(script, installed, given)
            told = Told({}, "", False, url, anna_id, machines["machine"]["id"])
            await _followed(program, told, person)
    finally:
        await database.close()
    return told


async def _machines(desk: Apps) -> dict[str, Any]:
    """A machine with a secret, one for each kind of key, and a key that none of them has."""
    known = await desk.register("pantry", "Pantry website", MACHINE_SCOPES)
    signers = []
    for algorithm in ("ES256", "Ed25519"):
        key = made_key(algorithm)
        wish = Wish(name=f"Signs by {algorithm}", scopes=MACHINE_SCOPES, jwks=public(key))
        made = await desk.register_app("pantry", wish)
        private = dict(key.as_dict(private=True))
        signers.append({"id": made.client.id, "algorithm": algorithm, "private": private})
    other = made_key(kid="other")
    return {
        "machine": {"id": known.client.id, "secret": known.secret},
        "signers": signers,
        "signing": {
            "private": dict(other.as_dict(private=True)),
            "public": dict(other.as_dict(private=False)),
        },
    }


async def _signed_in(desk: Apps, person_id: str) -> str:
    """The cookie of somebody who showed who they are a moment ago."""
    async with desk.database.writing() as db:
        await db.execute(
            accounts.insert().values(
                person_id=person_id,
                handle=desk.chance.token_bytes(64),
                created_at=desk.clock.now(),
            )
        )
        begun = await sessions.begin(
            desk, db, person_id, "Anna", [Method.PASSKEY], "Firefox on Linux"
        )
    return begun.secret


async def _started(
    script: str, installed: Path, given: dict[str, Any]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / script),
        str(installed),
        json.dumps(given),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _followed(program: asyncio.subprocess.Process, told: Told, cookie: str) -> None:
    """Writes down every step that it tells, and what it writes besides."""
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stderr is not None
    wrote = asyncio.create_task(program.stderr.read())
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            async for text in program.stdout:
                line = json.loads(text)
                if "ask" in line:
                    answer = await _done_by_a_person(line, told.issuer, cookie)
                    program.stdin.write(json.dumps(answer).encode() + b"\n")
                elif "step" in line:
                    assert line["step"] not in told.steps, f"told twice: {line}"
                    told.steps[line["step"]] = line
                else:
                    told.is_finished = line["finished"]
            await program.wait()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
        program.stdin.close()
        told.errors = (await wrote).decode()


async def _done_by_a_person(asked: dict[str, Any], url: str, cookie: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=url) as http:
        browser = Browser(http)
        if asked.get("who") != "nobody":
            http.cookies.set("convoke", cookie, domain="127.0.0.1")
        if asked["ask"] == "device":
            return await _device_answered(browser, asked["user_code"], asked["answer"])
        return await _app_answered(browser, asked["address"], asked["answer"], url)


async def _app_answered(browser: Browser, address: str, answer: str, url: str) -> dict[str, Any]:
    """Where the browser is sent, by whatever pages; no longer followed once it leaves the hub."""
    assert address.startswith(f"{url}/oauth/authorize?")
    told = await browser.open(address.removeprefix(url))
    if told.status_code == 200:
        told = await browser.send(browser.form("/oauth/consent"), answer=answer)
    location = told.headers.get("location")
    if location is None or urlsplit(location).netloc in {"", urlsplit(url).netloc}:
        return {"status": told.status_code}
    return {"location": location}


async def _device_answered(browser: Browser, user_code: str, answer: str) -> dict[str, Any]:
    await browser.open(f"/device?user_code={user_code}")
    await browser.send(browser.form("/device"))
    told = await browser.send(browser.form("/device/answer"), answer=answer)
    return {"status": told.status_code, "to": told.headers.get("location")}
