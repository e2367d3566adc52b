"""What the hub says about how to get a token: true, complete, and nothing that is not served."""

from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc8414 import (  # type: ignore[import-untyped]
    AuthorizationServerMetadata,
)
from authlib.oidc.discovery import OpenIDProviderMetadata  # type: ignore[import-untyped]

from auth.authorizing import AUTHORIZE
from auth.scopes import BUILT_IN_ONLY, FOR_PEOPLE, SCOPES
from tests.auth.letting_in import Doorstep
from tests.auth.people import Office

SERVER = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


async def read(office: Office, path: str) -> httpx.Response:
    answer = await office.http.get(path, headers={"host": "evil.test"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    return answer


async def said_by(office: Office, path: str = SERVER) -> dict[str, Any]:
    said: dict[str, Any] = (await read(office, path)).json()
    return said


async def test_the_server_says_what_it_serves_and_no_more(office: Office) -> None:
    said = await said_by(office)
    assert said == said | {
        "issuer": "http://hub.test",
        "authorization_endpoint": "http://hub.test/oauth/authorize",
        "token_endpoint": "http://hub.test/oauth/token",
        "scopes_supported": list(FOR_PEOPLE),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "client_credentials",
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "private_key_jwt",
            "none",
        ],
        "introspection_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "private_key_jwt",
        ],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "request_uri_parameter_supported": False,
        "protected_resources": ["http://hub.test/graphql"],
    }


async def test_both_addresses_say_the_same(office: Office) -> None:
    assert await said_by(office, OPENID) == await said_by(office, SERVER)


@pytest.mark.parametrize(
    ("path", "standard"),
    [(SERVER, AuthorizationServerMetadata), (OPENID, OpenIDProviderMetadata)],
)
async def test_the_metadata_is_sound_by_the_standard(
    office: Office, path: str, standard: Any
) -> None:
    """But that RS256, which OpenID Connect Discovery s3 wants of everybody, is not offered."""
    said = (await read(office, path)).text
    in_production = said.replace("http://hub.test", "https://hub.test")
    metadata = standard(httpx.Response(200, text=in_production).json())
    signing = metadata["id_token_signing_alg_values_supported"]
    metadata["id_token_signing_alg_values_supported"] = [*signing, "RS256"]
    metadata.validate()


async def test_every_address_announced_is_served(office: Office) -> None:
    said = await said_by(office)
    announced = {name: url for name, url in said.items() if name.endswith(("_endpoint", "_uri"))}
    assert announced.pop("authorization_endpoint").endswith(AUTHORIZE), "a page, served elsewhere"
    assert (await office.http.get(announced.pop("jwks_uri"))).status_code == 200
    assert (await office.http.get(announced.pop("userinfo_endpoint"))).status_code == 401
    for url in announced.values():
        assert (await office.http.get(url)).status_code == 405
        assert (await office.http.post(url)).status_code in {400, 401}


async def test_every_scope_announced_can_be_had(doorstep: Doorstep) -> None:
    said = await said_by(doorstep.office)
    asked = set(said["scopes_supported"])
    assert asked == SCOPES.keys() - {"federation:sync"}
    wanted = sorted(asked - BUILT_IN_ONLY)  # those are for parts of the hub
    client = await doorstep.another("everything", scopes=tuple(wanted))
    tokens = await doorstep.tokens(client, scope=" ".join(wanted))
    assert set(tokens["scope"].split()) == set(wanted)


async def test_every_claim_announced_is_made(doorstep: Doorstep) -> None:
    announced = set((await said_by(doorstep.office))["claims_supported"])
    assert announced == {
        *("iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "nonce", "at_hash"),
        *("name", "locale"),
    }


async def test_the_resource_says_who_issues_its_tokens_in_both_places(office: Office) -> None:
    expected = {
        "resource": "http://hub.test/graphql",
        "resource_name": "Hub of tests",
        "authorization_servers": ["http://hub.test"],
        "scopes_supported": list(FOR_PEOPLE),
        "bearer_methods_supported": ["header"],
    }
    for path in ("", "/graphql"):
        answer = await read(office, f"/.well-known/oauth-protected-resource{path}")
        assert answer.json() == expected


async def test_the_published_keys_are_those_that_sign(office: Office) -> None:
    answer = await read(office, "/oauth/jwks")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert answer.json() == office.service.ring.jwks
    assert office.service.ring.signing_key.kid in {key["kid"] for key in answer.json()["keys"]}
    await office.service.ring.renew()
    assert (await read(office, "/oauth/jwks")).json() == office.service.ring.jwks != answer.json()
