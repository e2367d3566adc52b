"""Attacks that would have the hub ask what stands behind its own firewall: it connects to nobody there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import null, update

from storage.credential_tables import clients
from tests.attacks.target import CALLBACK, Target, error_of
from tests.auth.signing import Signer
from tests.web.account.apps_of_people import asking

PROVIDERS = "/account/team/river-city-pantry/providers"


@dataclass
class Inside:
    """Something on the hub's own machine that nobody should reach through it."""

    port: int
    reached: int = 0

    def addresses(self) -> Iterator[str]:
        for host in (
            "127.0.0.1",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0.0.0.0",  # noqa: S104  # an address to be refused
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "hub.example@127.0.0.1",
        ):
            yield f"https://{host}:{self.port}"
        yield f"http://127.0.0.1:{self.port}"
        yield "https://169.254.169.254/latest/meta-data"
        yield "https://10.0.0.1"
        yield "https://[fd00::1]"
        yield "https://[64:ff9b::7f00:1]"
        yield "file:///etc/passwd"
        yield f"gopher://127.0.0.1:{self.port}"


@asynccontextmanager
async def inside() -> AsyncIterator[Inside]:
    found = Inside(0)

    async def meet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.reached += 1
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


async def keys_at(target: Target, signer: Signer, address: str) -> None:
    """Written down for the app, as if nobody had looked at it before."""
    async with target.counter.desk.database.writing() as db:
        ours = clients.c.id == signer.client_id
        await db.execute(update(clients).where(ours).values(jwks=null(), jwks_uri=address))


async def test_keys_are_fetched_from_nobody_inside(target: Target) -> None:
    """jwks_uri: the last door, whatever came to stand in the row."""
    app = await target.signer()
    async with inside() as there:
        for address in there.addresses():
            await keys_at(target, app, f"{address}/keys")
            before = await target.contents()
            target.office.desk.clock.forward(seconds=10)  # type: ignore[attr-defined]
            answer = await app.ask(app.assertion())
            assert error_of(answer) == (401, "invalid_client"), address
            assert await target.contents() == before
        assert there.reached == 0
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        assert await reader.read() == b""
        writer.close()
        assert there.reached == 1, "else nobody would have been counted"


async def test_a_sign_in_provider_inside_is_not_asked(target: Target) -> None:
    async with inside() as there:
        for address in there.addresses():
            target.office.desk.clock.forward(seconds=30)  # type: ignore[attr-defined]
            await target.anna.open(PROVIDERS)
            form = target.anna.form(PROVIDERS)
            before = await target.contents()
            answer = await target.anna.send(
                form, name="Ours", issuer=address, clientId="convoke", clientSecret="secret"
            )
            assert answer.status_code in {400, 422}, (address, answer.text)
            assert await target.contents() == before, address
        assert there.reached == 0


async def test_no_address_that_a_stranger_registers_is_fetched(target: Target) -> None:
    """logo_uri and the like: they are not shown, nor looked at."""
    async with inside() as there:
        for number, address in enumerate(there.addresses()):
            target.office.desk.clock.forward(minutes=3)  # type: ignore[attr-defined]
            names = ("logo_uri", "client_uri", "policy_uri", "tos_uri", "sector_identifier_uri")
            wish = {"client_name": f"Free {number}", "redirect_uris": [CALLBACK]}
            more = dict.fromkeys(names, f"{address}/picture.png")
            answer = await target.http.post("/oauth/register", json={**wish, **more})
            if answer.status_code == 201:
                assert "logo_uri" not in answer.json(), address
            else:
                assert (answer.status_code, answer.json()["error"]) == (
                    400,
                    "invalid_client_metadata",
                ), address
            before = await target.contents()
            keys = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": f"{address}/keys"}
            answer = await target.http.post("/oauth/register", json={**wish, **keys})
            assert answer.status_code in {201, 400}, answer.text
            if answer.status_code == 400:
                assert await target.contents() == before
        assert there.reached == 0
    page = await target.anna.open(asking(await target.app()))
    assert page.status_code == 200
    assert "<img" not in page.text


@pytest.mark.parametrize("parameter", ["request_uri", "request", "registration"])
async def test_no_request_is_fetched_from_where_an_app_says(target: Target, parameter: str) -> None:
    """OpenID Connect Core s6: it would be fetched for anybody who sends a link."""
    app = await target.app()
    async with inside() as there:
        before = await target.contents()
        answer = await target.anna.open(
            asking(app, **{parameter: f"http://127.0.0.1:{there.port}/request"})
        )
        assert f"error={parameter}_not_supported" in answer.headers["location"]
        assert there.reached == 0
        assert await target.contents() == before
