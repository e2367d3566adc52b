"""Anna of the Pantry lets apps in: the Shelter's website, which has a secret, and a phone app, which has none."""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import insert

from auth import authorizing
from auth.authorizing import AuthorizationRefused, AuthorizationRequest
from auth.desk import digest_of
from domain.apps import AuthMethod, GrantType, RegisteredBy
from storage import credentials
from storage.account_tables import accounts, sessions
from storage.credentials import Client
from storage.sessions import Session
from tests.auth.people import Office, basic_of

VERIFIER = "a-verifier-of-the-tests-that-nobody-else-could-guess"
CALLBACK = "https://shelter.example/signed-in"
PHONE = "org.shelter.phone:/signed-in"
FOR_PEOPLE = (
    "openid",
    "offline_access",
    "events:read",
    "events:write",
    "attendance:read",
    "alliances:agree",
)
Parameters = list[tuple[str, str]]


def secret_of(client_id: str) -> str:
    return f"cvk_secret_of_{client_id}"


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Doorstep:
    """The office, with Anna of the Pantry and Sam of the Shelter signed in, and the two apps."""

    office: Office
    website: Client
    phone: Client
    anna: Session
    sam: Session
    http: httpx.AsyncClient

    @property
    def pantry(self) -> str:
        return self.office.town.pantry

    def parameters(self, client: Client | None = None, **changed: str | None) -> Parameters:
        """What an app sends to the authorization endpoint; None leaves a parameter out."""
        client = client or self.website
        usual: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect_uris[0],
            "scope": "openid offline_access events:read events:write",
            "state": "the state & more",
            "nonce": "n-0S6_WzA2Mj",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return [(name, value) for name, value in {**usual, **changed}.items() if value is not None]

    async def read(
        self, client: Client | None = None, **changed: str | None
    ) -> AuthorizationRequest:
        return await self.read_raw(self.parameters(client, **changed))

    async def read_raw(self, parameters: Parameters) -> AuthorizationRequest:
        return await authorizing.read(self.office.service, self.office.desk, parameters)

    async def refused(self, client: Client | None = None, **changed: str | None) -> dict[str, str]:
        """What the app is told; empty where it is told nothing."""
        try:
            await self.read(client, **changed)
        except AuthorizationRefused as refused:
            return answer_in(refused.redirect_to) if refused.redirect_to else {}
        raise AssertionError(f"not refused: {changed}")

    async def allowed(
        self,
        client: Client | None = None,
        *,
        by: Session | None = None,
        team: str | None = None,
        ticked: tuple[str, ...] | None = None,
        **changed: str | None,
    ) -> str:
        """Where Anna's browser is sent when she says yes."""
        asked = await self.read(client, **changed)
        return await authorizing.allow(
            self.office.service,
            self.office.desk,
            asked,
            by or self.anna,
            team or self.pantry,
            asked.scopes if ticked is None else ticked,
        )

    async def code(self, client: Client | None = None, **changed: Any) -> str:
        return answer_in(await self.allowed(client, **changed))["code"]

    async def redeem(
        self, code: str, client: Client | None = None, **changed: str
    ) -> httpx.Response:
        client = client or self.website
        return await self.ask(
            client,
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": client.redirect_uris[0],
                "code_verifier": VERIFIER,
                **changed,
            },
        )

    async def refresh(
        self, refresh_token: str, client: Client | None = None, **changed: str
    ) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, **changed}
        return await self.ask(client or self.website, **fields)

    async def ask(
        self, client: Client, path: str = "/oauth/token", **fields: str
    ) -> httpx.Response:
        """As that app: with its secret, or with its name alone."""
        if client.auth_method is AuthMethod.NONE:
            return await self.http.post(path, data={"client_id": client.id, **fields})
        headers = {"authorization": basic_of(client.id, secret_of(client.id))}
        return await self.http.post(path, data=fields, headers=headers)

    async def tokens(self, client: Client | None = None, **changed: Any) -> dict[str, Any]:
        answer = await self.redeem(await self.code(client, **changed), client)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def known(self, client: Client) -> Client:
        """The client, written down."""
        has_secret = client.auth_method is AuthMethod.SECRET_BASIC
        digest = digest_of(secret_of(client.id)) if has_secret else None
        async with self.office.town.database.writing() as db:
            await credentials.add_client(db, client, digest)
        return client

    async def another(self, name: str, **changed: Any) -> Client:
        """One more client like the website, but for what is changed."""
        return await self.known(replace(self.website, id=f"app_{name}", name=name, **changed))


def website(office: Office) -> Client:
    return Client(
        id="app_website",
        organization_id=office.town.shelter,
        name="Shelter website",
        scopes=FOR_PEOPLE,
        created_at=office.town.now,
        grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
        redirect_uris=(CALLBACK,),
    )


def phone(office: Office) -> Client:
    return replace(
        website(office),
        id="app_phone",
        name="Shelter on the phone",
        registered_by=RegisteredBy.ITSELF,
        organization_id=None,
        auth_method=AuthMethod.NONE,
        redirect_uris=(PHONE, "http://127.0.0.1/signed-in"),
    )


async def signed_in(office: Office, name: str, team: str) -> Session:
    """Somebody of that team, who showed who they are a moment ago."""
    person = await office.town.person(name, team=team)
    now = office.town.now
    session = Session(
        id=f"ses_{name.lower()}",
        person_id=person,
        person_name=name,
        created_at=now,
        last_seen_at=now,
        authenticated_at=now,
        methods=("pop",),
        device="Firefox on Linux",
    )
    async with office.town.database.writing() as db:
        await db.execute(
            insert(accounts).values(person_id=person, handle=name.encode() * 8, created_at=now)
        )
        await db.execute(
            insert(sessions).values(
                digest=digest_of(name),
                id=session.id,
                person_id=person,
                created_at=now,
                last_seen_at=now,
                authenticated_at=now,
                methods=["pop"],
                device=session.device,
            )
        )
    return session


def answer_in(address: str) -> dict[str, str]:
    """What the query tells the app, each once."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), address
    return dict(pairs)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """How it is refused; whatever is refused is refused as RFC 6749 s5.2 has it."""
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert not body.keys() & {"access_token", "refresh_token", "id_token"}
    return answer.status_code, body["error"]
