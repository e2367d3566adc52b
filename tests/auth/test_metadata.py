"""What the hub says about how to get a token: true, complete, and nothing that is not served."""

import httpx
from authlib.oauth2.rfc8414 import (  # type: ignore[import-untyped]
    AuthorizationServerMetadata,
)

from auth.scopes import FOR_MACHINES
from tests.auth.people import Office


async def read(office: Office, path: str) -> httpx.Response:
    answer = await office.http.get(path, headers={"host": "evil.test"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    return answer


async def test_the_server_says_what_it_serves_and_no_more(office: Office) -> None:
    said = (await read(office, "/.well-known/oauth-authorization-server")).json()
    assert said == {
        "issuer": "http://hub.test",
        "token_endpoint": "http://hub.test/oauth/token",
        "jwks_uri": "http://hub.test/oauth/jwks",
        "scopes_supported": list(FOR_MACHINES),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "protected_resources": ["http://hub.test/graphql"],
    }


async def test_the_server_metadata_is_sound_by_rfc_8414(office: Office) -> None:
    said = (await read(office, "/.well-known/oauth-authorization-server")).text
    in_production = said.replace("http://hub.test", "https://hub.test")
    metadata = AuthorizationServerMetadata(httpx.Response(200, text=in_production).json())
    metadata["response_types_supported"] = ["none"]  # Authlib wants one; RFC 8414 a list
    metadata["authorization_endpoint"] = "https://hub.test/none"
    metadata.validate()


async def test_every_address_announced_is_served(office: Office) -> None:
    said = (await read(office, "/.well-known/oauth-authorization-server")).json()
    assert (await office.http.get(said["jwks_uri"])).status_code == 200
    assert (await office.http.get(said["token_endpoint"])).status_code == 405


async def test_every_scope_announced_can_be_had(office: Office) -> None:
    said = (await read(office, "/.well-known/oauth-authorization-server")).json()
    app = await office.desk.register("pantry", "Everything", said["scopes_supported"])
    assert list(app.client.scopes) == said["scopes_supported"]


async def test_the_resource_says_who_issues_its_tokens_in_both_places(office: Office) -> None:
    expected = {
        "resource": "http://hub.test/graphql",
        "resource_name": "Hub of tests",
        "authorization_servers": ["http://hub.test"],
        "scopes_supported": list(FOR_MACHINES),
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
