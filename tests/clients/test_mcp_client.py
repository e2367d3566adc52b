"""A client that others wrote brings what a peer hub says of its person: Cross-App Access, as the TypeScript
SDK of the Model Context Protocol has it. The peer here is a set of keys, and an address to have them at.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import app_keys
from auth.id_jag_issue import TYPE
from auth.peer_clients import register
from auth.tokens import Issuer
from domain.hubs import SOFTWARE
from domain.ids import Kind, Names
from domain.peering import PeeringStatus
from storage import peers
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.peers import Peer
from storage.tables import organizations
from tests.auth.listening import listening
from tests.clients.conftest import HERE, LONGEST_SECONDS, SECRET, Later
from tests.conftest import TEMPLATE
from tests.federation.vouching import signed
from tests.npm import NODE
from web.app import create_app
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import read_settings

HOME = "b.test"


class Home:
    """The hub of the person, as far as another meets it."""

    def __init__(self, url: str, names: Names) -> None:
        self.vouching, self.asking = _key("vouches"), _key("asks")
        self.hub_id, self.person = names.new(Kind.HUB), names.new(Kind.PERSON)
        self.organization = names.new(Kind.ORGANIZATION)
        self.url, self.client = url, f"{url}/.well-known/convoke/client"

    def as_peer(self, at: Any) -> Peer:
        return Peer(
            hub_id=self.hub_id,
            authority=HOME,
            url=self.url,
            name="Hub of Sam",
            software=SOFTWARE,
            status=PeeringStatus.ACTIVE,
            since=at,
            we_agreed_at=at,
            they_agreed_at=at,
            suspended_why=None,
            graphql_url=f"{self.url}/graphql",
            issuer=self.url,
            token_endpoint=f"{self.url}/oauth/token",
            client_id=self.client,
            poke_url=None,
            schema_version="1",
            most_a_page=100,
            jwks_uri=f"{self.url}/vouching",
            client_jwks_uri=f"{self.url}/asking",
            thumbprints=tuple(app_keys.thumbprints(_public(self.vouching))),
            client_thumbprints=tuple(app_keys.thumbprints(_public(self.asking))),
            keys_replaced_at=None,
            looked_at=at,
            last_synced_at=None,
            faults=0,
            last_error=None,
            last_error_at=None,
        )

    def assertion(self, to: Issuer, now: int, jti: str, **different: Any) -> str:
        claims = {
            "iss": self.url,
            "sub": self.person,
            "aud": to.url,
            "client_id": self.client,
            "resource": to.resource,
            "scope": "events:read organizations:read",
            "org": self.organization,
            "role": "EDITOR",
            "name": "Sam",
            "iat": now,
            "exp": now + 120,
            "jti": jti,
        }
        return signed(claims | different, self.vouching, {"typ": TYPE})


@pytest.fixture(scope="module")
def told(postgres: EmbeddedPostgres, installed: Path) -> dict[str, Any]:
    """Its steps, and what the hub knows of who they were about."""
    postgres.create_database("test_of_mcp", template=TEMPLATE)
    try:
        return asyncio.run(_told(postgres.url("test_of_mcp"), installed))
    finally:
        postgres.drop_database("test_of_mcp")


def test_it_gets_a_token_for_the_person(told: dict[str, Any]) -> None:
    assert told["a token"]["told"] == {
        "token_type": "Bearer",
        "scope": "events:read",
        "expires_in": 300,
        "refresh": False,
        "asked": {"audience": told["issuer"].url, "resource": told["issuer"].resource},
    }
    assert told["who it is for"]["told"] == {
        "person": {"id": told["home"].person},
        "organization": {"id": told["home"].organization},
    }


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("brought again", "already been used"),
        ("for another hub", "its aud is"),
        ("by another key", "Unknown client"),
    ],
)
def test_it_hears_why_not(told: dict[str, Any], step: str, why: str) -> None:
    assert why in told[step]["error"]["message"]


async def _told(database_url: str, installed: Path) -> dict[str, Any]:
    clock, chance = SystemClock(), SystemChance()
    database, hub = Database(database_url), Later()
    keys, elsewhere = Later(), Names(HOME, clock, chance)
    try:
        async with listening(hub) as url, listening(keys) as home_url:
            settings = replace(
                read_settings({"CONVOKE_HUB_NAME": "River City"}), base_url=url, allow_loopback=True
            )
            service = await Service.opened(settings, database, SECRET, clock, chance)
            hub.app = create_app(service)
            home = Home(home_url, elsewhere)
            keys.app = Starlette(
                routes=[
                    Route("/vouching", _published(home.vouching)),
                    Route("/asking", _published(home.asking)),
                ]
            )
            await _known(service, home)
            issuer, now = service.tokens.issuer, int(clock.now().timestamp())
            given = {
                "issuer": issuer.url,
                "resource": issuer.resource,
                "client": home.client,
                "key": home.asking.as_dict(private=True),
                "other": _key("asks").as_dict(private=True),
                "assertions": {
                    "good": home.assertion(issuer, now, "one"),
                    "second": home.assertion(issuer, now, "two"),
                    "elsewhere": home.assertion(issuer, now, "three", aud="https://c.test"),
                },
            }
            steps = await _steps(installed, given)
            return {**steps, "issuer": issuer, "home": home}
    finally:
        await database.close()


async def _known(service: Service, home: Home) -> None:
    """The two hubs are peers, and the person's organization is known."""
    now = service.clock.now()
    names = Names(service.hub.authority, service.clock, service.chance)
    async with service.database.writing() as db:
        await peers.keep(db, home.as_peer(now), now)
        await register(db, names, home.as_peer(now), now)
        await db.execute(
            insert(organizations).values(
                id=home.organization,
                hub_id=home.hub_id,
                visibility="PUBLIC",
                version=1,
                created_at=now,
                updated_at=now,
                slug="shelter",
                name="Shelter",
                time_zone="Europe/Paris",
            )
        )


async def _steps(installed: Path, given: dict[str, Any]) -> dict[str, Any]:
    program = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / "mcp-client.mjs"),
        str(installed),
        json.dumps(given),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            out, errors = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1:] == [{"finished": True}], (lines, errors.decode())
    return {line["step"]: line for line in lines[:-1]}


def _key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


def _public(key: ECKey) -> dict[str, Any]:
    return {"keys": [dict(key.as_dict(private=False))]}


def _published(key: ECKey) -> Any:
    async def keys(_request: Request) -> Response:
        return JSONResponse(_public(key))

    return keys
