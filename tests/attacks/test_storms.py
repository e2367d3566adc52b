"""A storm of assertions with keys nobody knows: whose keys are at an address is asked there twice at most."""

import asyncio

import pytest
from sqlalchemy import null, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage.credential_tables import clients
from tests.attacks.target import Target
from tests.auth.listening import listening
from tests.auth.signing import Signer, made_key, public


@pytest.fixture
def environment() -> dict[str, str]:
    """The keys are on this machine, as in development."""
    return {"CONVOKE_HUB_NAME": "River City", "CONVOKE_ALLOW_LOOPBACK": "yes"}


async def test_a_storm_of_unknown_keys_asks_their_server_twice_at_most(target: Target) -> None:
    app, asked = await target.signer(), 0

    async def keys(_request: Request) -> Response:
        nonlocal asked
        asked += 1
        return JSONResponse(public(app.key), headers={"connection": "close"})

    async with listening(Starlette(routes=[Route("/keys", keys)])) as url:
        async with target.counter.desk.database.writing() as db:
            ours = clients.c.id == app.client_id
            await db.execute(
                update(clients).where(ours).values(jwks=null(), jwks_uri=f"{url}/keys")
            )
        assert (await app.ask(app.assertion())).status_code == 200
        assert asked == 1
        forger = Signer(target.office, app.client_id, made_key(kid="unknown"), sent=app.sent)
        before = await target.contents()
        for _ in range(2):  # a minute passes, and the storm goes on
            target.office.desk.clock.forward(seconds=60)  # type: ignore[attr-defined]
            storm = (forger.ask(forger.assertion({"kid": f"new {n}"})) for n in range(20))
            answers = await asyncio.gather(*storm)
            assert {answer.status_code for answer in answers} <= {401, 429}
            assert asked <= 3, "one more for each minute"
        assert await target.contents() == before
        assert (await app.ask(app.assertion())).status_code == 200
        assert asked <= 3
