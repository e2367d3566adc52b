"""Apps that ask people to let them in: one of the Shelter's, and one that nobody vouches for."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from auth import scopes
from auth.desk import Desk
from domain.apps import AuthMethod, GrantType, RegisteredBy
from storage import credentials
from storage.credentials import Client
from tests.cast import Cast

CALLBACK = "https://map.example/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-it-is"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
READING = "openid events:read"
EVERYTHING = (
    "openid offline_access organizations:read groups:read events:read alliances:read contacts:read "
    "attendance:read attendance:write groups:write events:write events:publish events:hosts "
    "alliances:write alliances:agree"
)


async def food_map(desk: Desk, cast: Cast, **different: object) -> Client:
    """The Shelter's app, which shows food on a map."""
    known = Client(
        id="app_food_map",
        organization_id=cast.shelter,
        name="Food Map",
        scopes=scopes.in_order(EVERYTHING.split()),
        created_at=desk.clock.now(),
        registered_by=RegisteredBy.TEAM,
        grant_types=(
            GrantType.AUTHORIZATION_CODE,
            GrantType.REFRESH_TOKEN,
            GrantType.DEVICE_CODE,
        ),
        auth_method=AuthMethod.NONE,
        redirect_uris=(CALLBACK,),
    )
    client = replace(known, **different)  # type: ignore[arg-type]
    async with desk.database.writing() as db:
        await credentials.add_client(db, client)
    return client


async def stranger(desk: Desk, cast: Cast, **different: object) -> Client:
    """It registered itself, under any name it liked."""
    return await food_map(
        desk,
        cast,
        **{
            "id": "app_stranger",
            "organization_id": None,
            "name": "Free Calendar Plus",
            "registered_by": RegisteredBy.ITSELF,
            **different,
        },
    )


def asking(client: Client, scope: str = READING, **more: str) -> str:
    """Where the app sends a browser."""
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "s-1",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
        **more,
    }
    return f"/oauth/authorize?{urlencode({name: value for name, value in query.items() if value})}"


def told(location: str) -> tuple[str, dict[str, str]]:
    """Where the browser was sent, and what the app is told there."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))
