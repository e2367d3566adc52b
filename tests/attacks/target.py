"""The hub that is attacked: it listens on this machine as `./convoke serve` does, on PostgreSQL.

It goes by the name hub.test. `Wire` finds it where it listens, and asks it by that name, as a
request does that came through a proxy.
"""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from auth.app_wishes import Wish
from storage.credentials import Client
from tests.auth.people import Office, bearer
from tests.auth.signing import Signer, made_key, public
from tests.cast import Cast
from tests.conftest import Contents
from tests.web.account.apps_of_people import VERIFIER, asking, food_map, told
from tests.web.account.browsing import Browser
from tests.web.account.conftest import Counter
from web.app import create_app
from web.service import Service
from web.serving import Announced, configured

ISSUER, RESOURCE = "http://hub.test", "http://hub.test/graphql"
CALLBACK = "https://map.example/callback"
AT_ONCE = 20
MACHINES = ("organizations:read", "events:read", "events:write")
WHO = "{ viewer { client person { id } organization { id } } }"


class Wire(httpx.AsyncHTTPTransport):
    def __init__(self, port: int, local_address: str | None = None) -> None:
        super().__init__(local_address=local_address)
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        sent = httpx.Request(
            request.method,
            there,
            headers=request.headers,  # with the Host that was asked for
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(sent)


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[int]:
    """The port on which it listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ready = asyncio.Event()
        config = configured(create_app(service), service.settings.limits)
        server = Announced(config, ready.set)
        running = asyncio.create_task(server.serve(sockets=[taken]))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
            yield taken.getsockname()[1]
        finally:
            server.should_exit = True
            await running


@dataclass(frozen=True)
class Target:
    """`office` has the Pantry's machine; `counter` the people and their browsers. It is answered by
    two workers, each with connections of its own: `http` and `other` each reach one of them."""

    counter: Counter
    office: Office
    http: httpx.AsyncClient
    other: httpx.AsyncClient
    port: int
    opened: AsyncExitStack
    contents: Contents

    @property
    def cast(self) -> Cast:
        return self.counter.cast

    @property
    def anna(self) -> Browser:
        return self.counter.anna

    async def browser(self, local_address: str | None = None) -> Browser:
        """One in which nobody is signed in; from another address of the network, where told."""
        http = httpx.AsyncClient(transport=Wire(self.port, local_address), base_url=ISSUER)
        return Browser(await self.opened.enter_async_context(http))

    async def asks(self, token: str, document: str = WHO, **variables: Any) -> httpx.Response:
        body = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=bearer(token))

    async def is_good(self, token: str) -> bool:
        answer = await self.asks(token)
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200

    async def machine_token(self) -> str:
        return await self.office.token("organizations:read events:read")

    async def posted(
        self, fields: Mapping[str, str], path: str = "/oauth/token", **headers: str
    ) -> httpx.Response:
        return await self.http.post(path, data=fields, headers=headers)

    async def signer(self, algorithm: str = "ES256") -> Signer:
        """A machine of the Pantry that signs with a key of its own."""
        key = made_key(algorithm)
        wish = Wish(name="Signs", scopes=("events:read",), jwks=public(key))
        made = await self.office.desk.register_app("river-city-pantry", wish)
        return Signer(self.office, made.client.id, key, algorithm)

    async def app(self, **different: object) -> Client:
        """Food Map of the Shelter, which people let in; it has no secret."""
        return await food_map(self.counter.desk, self.cast, **different)

    async def code(self, app: Client, scope: str = "openid events:read", **more: str) -> str:
        """Anna lets it in, on the page."""
        page = await self.anna.open(asking(app, scope, **more))
        assert page.status_code == 200, page.text
        answer = await self.anna.send(self.anna.form("/oauth/consent"), answer="allow")
        return told(answer.headers["location"])[1]["code"]

    def redeeming(self, app: Client, code: str, **changed: str) -> dict[str, str]:
        """What the app sends; an empty field is left out."""
        fields = {
            "grant_type": "authorization_code",
            "client_id": app.id,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changed,
        }
        return {name: value for name, value in fields.items() if value}

    async def tokens(self, app: Client, scope: str = "openid events:read") -> dict[str, Any]:
        code = await self.code(app, scope)
        answer = await self.posted(self.redeeming(app, code))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def at_once(self, fields: Mapping[str, str]) -> list[httpx.Response]:
        """The same, twenty times at once, half of them to each worker."""
        return await asyncio.gather(
            *(
                (self.http, self.other)[number % 2].post("/oauth/token", data=fields)
                for number in range(AT_ONCE)
            )
        )


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its header and its claims."""
    header, claims = (
        json.loads(base64.urlsafe_b64decode(each + "==")) for each in token.split(".")[:2]
    )
    return header, claims


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """How it is refused, as RFC 6749 s5.2 has it; never with a token."""
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert not body.keys() & {"access_token", "refresh_token", "id_token"}
    return answer.status_code, body["error"]


def refused_by_graphql(answer: httpx.Response) -> str:
    """Why a token is not believed; nothing was answered with it."""
    body = answer.json()
    assert answer.status_code == 401, answer.text
    assert body.get("data") is None
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    said: str = error["message"]
    return said
