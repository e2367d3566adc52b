"""openid-client, through every way to get a token: what it checks by itself, and what it raises."""

import pytest

from tests.clients.conftest import HERE, Tells
from tests.clients.told import (
    ADDRESS,
    BODY,
    CHALLENGE,
    NO_CLIENT,
    NO_GRANT,
    NO_SCOPE,
    NO_TARGET,
    NO_TOKEN,
    PROGRAM,
    Given,
    Refusal,
    Told,
)

SCOPE = ["events:read", "groups:read", "offline_access", "openid"]
ANNA = {"displayName": "Anna"}
REGISTERED = {"client_id": "string", "id_token_signed_response_alg": "ES256"}

GIVEN: dict[str, Given] = {
    "discovery: oidc": lambda told: {"issuer": told.issuer, "pkce": True},
    "discovery: oauth2": lambda told: {"issuer": told.issuer, "pkce": True},
    "discovery: both say the same": lambda _: True,
    "code: the browser comes back": lambda told: {
        "to": "http://127.0.0.1:4999/signed-in",
        "iss": told.issuer,
        "names": ["code", "iss", "state"],
    },
    "code: tokens": lambda _: {"type": "bearer", "seconds": 300, "scope": SCOPE, "refresh": True},
    "code: userinfo": lambda told: {"sub": told.anna_id, "name": "Anna"},
    "introspection: a refresh token": lambda told: {
        "active": True,
        "sub": told.anna_id,
        "scope": SCOPE,
    },
    "introspection: no token": lambda _: {"active": False},
    "refresh: for less": lambda told: {
        "scope": ["events:read", "openid"],
        "sub": told.anna_id,
        "another": True,
    },
    "refresh: for all again": lambda _: {"scope": SCOPE},
    "replay: tokens": lambda _: "tokens",
    "revocation: an access token": lambda _: None,
    "revocation: it is told": lambda _: {"active": False},
    "revocation: the app may go on": lambda _: "tokens",
    "revocation: a refresh token": lambda _: None,
    "revocation: what is no token": lambda _: None,
    "asking: to be sent elsewhere": lambda _: {"status": 400},
    "phone: another port of the same device": lambda told: {
        "scope": ["events:read", "openid"],
        "refresh": False,
        "sub": told.anna_id,
    },
    "signer: tokens": lambda told: {"scope": ["events:read", "openid"], "sub": told.anna_id},
    "signer: introspection": lambda _: True,
    "signer: revocation": lambda _: None,
    "device: codes": lambda told: {
        "letters": len("BCDF-GHJK"),
        "page": f"{told.issuer}/device",
        "brings_code": True,
        "interval": 5,
    },
    "device: she allows it": lambda _: {"status": 303, "to": "/device/done"},
    "device: tokens": lambda told: {"scope": SCOPE, "sub": told.anna_id, "refresh": True},
    "device: refreshed": lambda _: SCOPE,
    "device: she does not allow it": lambda _: {"status": 303, "to": "/device/denied"},
    "machine: tokens by a secret": lambda _: {
        "type": "bearer",
        "scope": "events:read",
        "refresh": False,
        "id": False,
    },
    "machine: introspection": lambda _: {"active": True, "is_its_own": True},
    "machine: revocation": lambda _: None,
    "machine: tokens by ES256": lambda _: "events:read",
    "machine: tokens by Ed25519": lambda _: "events:read",
    "machine: introspection by ES256": lambda _: True,
    "machine: introspection by Ed25519": lambda _: True,
    "machine: revocation by ES256": lambda _: None,
    "machine: revocation by Ed25519": lambda _: None,
}
REFUSED: dict[str, Refusal] = {
    "registration: an address with a fragment": (BODY, 400, "invalid_redirect_uri"),
    "registration: a scope for the hub's own parts": (BODY, 400, "invalid_client_metadata"),
    "code: a wrong verifier": NO_GRANT,
    "code: another redirect_uri": NO_GRANT,
    "code: another app": NO_GRANT,
    "introspection: by an app without a secret": NO_CLIENT,
    "refresh: for more": NO_SCOPE,
    "refresh: one that is spent": NO_GRANT,
    "refresh: the last of a family that ended": NO_GRANT,
    "refresh: a query with a token of that family": NO_TOKEN,
    "replay: the code once more": NO_GRANT,
    "replay: a query with what it gave": NO_TOKEN,
    "revocation: it opens nothing": NO_TOKEN,
    "revocation: nor userinfo": NO_TOKEN,
    "revocation: by another app": NO_GRANT,
    "revocation: no more refreshing": NO_GRANT,
    "revocation: no more asking": NO_TOKEN,
    "asking: the person says no": (ADDRESS, None, "access_denied"),
    "asking: a scope that there is not": (ADDRESS, None, "invalid_scope"),
    "asking: a scope it is not registered for": (ADDRESS, None, "invalid_scope"),
    "asking: for another resource": (ADDRESS, None, "invalid_target"),
    "asking: without a challenge": (ADDRESS, None, "invalid_request"),
    "asking: with a plain challenge": (ADDRESS, None, "invalid_request"),
    "asking: nobody is signed in, and nobody may be asked": (ADDRESS, None, "login_required"),
    "asking: she let it in, and still may not be passed over": (ADDRESS, None, "consent_required"),
    "device: told so": (BODY, 400, "access_denied"),
    "device: a scope that there is not": NO_SCOPE,
    "machine: it is nobody, to userinfo": (CHALLENGE, 403, "insufficient_scope"),
    "machine: revoked": NO_TOKEN,
    "machine: for another resource": NO_TARGET,
    "machine: a scope that there is not": NO_SCOPE,
    "machine: a scope it is not registered for": NO_SCOPE,
    "machine: a way there is not": (BODY, 400, "unsupported_grant_type"),
    "machine: a wrong secret": NO_CLIENT,
    "machine: its secret in the body": NO_CLIENT,
    "machine: a website is none": (BODY, 400, "unauthorized_client"),
    "machine: revoked by ES256": NO_TOKEN,
    "machine: revoked by Ed25519": NO_TOKEN,
    "machine: another's key by ES256": NO_CLIENT,
    "machine: another's key by Ed25519": NO_CLIENT,
}
# What the library itself would not have, whatever the hub says.
NOT_BELIEVED = {
    "code: an answer of another issuer": 'unexpected "iss" (issuer) response parameter value',
    "code: an answer that names no issuer": 'response parameter "iss" (issuer) missing',
    "code: userinfo of somebody else": 'unexpected "response" body "sub" property value',
}
QUERIES = {
    "code: a query": (SCOPE, ANNA),
    "refresh: a query": (["events:read", "openid"], ANNA),
    "phone: a query": (["events:read", "openid"], ANNA),
    "device: a query": (SCOPE, ANNA),
    "machine: a query": (["events:read"], None),
    "machine: a query by ES256": (["events:read"], None),
    "machine: a query by Ed25519": (["events:read"], None),
}
APPS = {
    "a website": ("client_secret_basic", True, ["authorization_code", "refresh_token"], SCOPE),
    "an app without a secret": ("none", False, ["authorization_code"], SCOPE),
    "a website that signs": ("private_key_jwt", False, ["authorization_code"], SCOPE),
    "a screen": (
        "none",
        False,
        ["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        ["alliances:read", *SCOPE, "organizations:read"],
    ),
}


@pytest.fixture(scope="module")
def told(tells: Tells) -> Told:
    return tells("openid-client.mjs")


@pytest.mark.parametrize("step", GIVEN)
def test_it_gets_what_it_asks_for(told: Told, step: str) -> None:
    assert told.of(step) == GIVEN[step](told)


@pytest.mark.parametrize("step", REFUSED)
def test_it_understands_how_it_is_refused(told: Told, step: str) -> None:
    assert told.refusal(step) == REFUSED[step]


@pytest.mark.parametrize("step", NOT_BELIEVED)
def test_it_sees_what_is_wrong_with_an_answer(told: Told, step: str) -> None:
    error = told.error(step)
    assert (error["type"], error["cause"]) == (PROGRAM, NOT_BELIEVED[step])


@pytest.mark.parametrize("step", QUERIES)
def test_every_kind_of_token_asks_the_graph(told: Told, step: str) -> None:
    answer = told.of(step)
    assert "errors" not in answer
    viewer = answer["data"]["viewer"]
    assert (sorted(viewer["scopes"]), viewer["person"]) == QUERIES[step]


@pytest.mark.parametrize("app", APPS)
def test_an_app_registers_itself(told: Told, app: str) -> None:
    made = told.of(f"registration: {app}")
    grants, scope = sorted(made["grant_types"]), sorted(made["scope"].split())
    method = made["token_endpoint_auth_method"]
    assert (method, made["has_secret"], grants, scope) == APPS[app]
    assert made.items() >= REGISTERED.items()


def test_the_id_token_says_who_and_when_and_goes_with_its_access_token(told: Told) -> None:
    claims = told.of("code: the ID token")
    assert claims.pop("aud").startswith("app_")
    assert claims == {
        "sub": told.anna_id,
        "is_for_it": True,
        "at_hash": True,
        "auth_time": True,
        "amr": ["pop"],
    }


def test_a_token_is_told_of_to_its_app(told: Told) -> None:
    said = told.of("introspection: an access token")
    assert said.pop("client_id").startswith("app_")
    assert said.pop("org").startswith("org_")
    # Of the moment it was made, which may be a second before that of the ID token.
    assert said.pop("exp") in {299, 300}
    assert said == {
        "active": True,
        "token_type": "Bearer",
        "scope": SCOPE,
        "sub": told.anna_id,
        "aud": f"{told.issuer}/graphql",
        "iss": told.issuer,
        "jti": "string",
    }


def test_whoever_may_not_ask_is_told_where_tokens_are_had(told: Told) -> None:
    challenge = told.error("revocation: it opens nothing")["challenge"]
    metadata = f"{told.issuer}/.well-known/oauth-protected-resource/graphql"
    assert challenge["scheme"] == "bearer"
    assert challenge["parameters"]["resource_metadata"] == metadata


def test_every_step_is_looked_at_and_none_is_missing(told: Told) -> None:
    alone = {"code: the ID token", "introspection: an access token"}
    registrations = {f"registration: {app}" for app in APPS}
    known = {*GIVEN, *REFUSED, *NOT_BELIEVED, *QUERIES, *registrations, *alone}
    assert set(told.steps) == known
    assert told.is_finished
    assert told.errors == ""


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (HERE / "package-lock.json").read_text("utf-8")
