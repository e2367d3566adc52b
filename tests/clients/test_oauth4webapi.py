"""oauth4webapi, which checks one answer at a time, at every endpoint; and from the GraphQL address on."""

import pytest

from tests.clients.conftest import Tells
from tests.clients.told import (
    ADDRESS,
    BODY,
    NO_CLIENT,
    NO_GRANT,
    NO_SCOPE,
    NO_TARGET,
    NO_TOKEN,
    Given,
    Refusal,
    Told,
)

SCOPE = ["events:read", "offline_access", "openid", "organizations:read"]
WEBSITES = ("website", "signer")  # one shows a secret, one signs
MACHINES = ("a secret", "ES256", "Ed25519")
CODES = ["authorization_code", "refresh_token"]

GIVEN: dict[str, Given] = {
    "resource: asked with a bad token": lambda told: {
        "scheme": "bearer",
        "parameters": {
            "error": "invalid_token",
            "resource_metadata": f"{told.issuer}/.well-known/oauth-protected-resource/graphql",
        },
    },
    "resource: found by its address": lambda _: True,
    "resource: its server": lambda told: [f"{told.issuer}/graphql"],
    "discovery: oidc": lambda _: True,
    "registration: a website": lambda _: {
        "auth": "client_secret_basic",
        "grants": CODES,
        "scope": SCOPE,
    },
    "registration: a website that signs": lambda _: {
        "auth": "private_key_jwt",
        "grants": CODES,
        "scope": SCOPE,
    },
    "registration: a screen": lambda _: {
        "auth": "none",
        "grants": ["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "scope": ["alliances:read", "events:read", "groups:read", *SCOPE[1:]],
    },
    "device: codes": lambda told: {"page": f"{told.issuer}/device", "interval": 5, "seconds": 600},
    "device: she allows it": lambda _: {"status": 303, "to": "/device/done"},
    "device: tokens": lambda told: {"scope": SCOPE, "sub": told.anna_id},
    "device: a server would accept it": lambda told: told.anna_id,
    "device: refreshed": lambda _: "tokens",
    "device: she does not allow it": lambda _: {"status": 303, "to": "/device/denied"},
}
OF_A_WEBSITE: dict[str, Given] = {
    "the answer": lambda _: ["code", "iss", "state"],
    "tokens": lambda _: {"scope": SCOPE, "seconds": 300},
    "the ID token": lambda told: {
        "sub": told.anna_id,
        "at_hash": True,
        "auth_time": True,
        "nonce": True,
    },
    "userinfo": lambda told: {"sub": told.anna_id, "name": "Anna"},
    "a server would accept it": lambda told: {
        "sub": told.anna_id,
        "is_its_own": True,
        "scope": SCOPE,
        "seconds": 300,
    },
    "introspection": lambda _: True,
    "refreshed": lambda told: {"another": True, "sub": told.anna_id, "auth_time": True},
    "introspection after that": lambda _: {"active": False},
    "revocation of an access token": lambda _: None,
    "revocation of a refresh token": lambda _: None,
}
OF_A_MACHINE: dict[str, Given] = {
    "tokens": lambda _: {"scope": "events:read", "refresh": False, "id": False},
    "a server would accept it": lambda _: True,
    "introspection": lambda _: True,
    "revocation": lambda _: None,
}
REFUSED: dict[str, Refusal] = {
    "registration: for itself": (BODY, 400, "invalid_client_metadata"),
    "registration: no address": (BODY, 400, "invalid_redirect_uri"),
    "asking: the person says no": (ADDRESS, None, "access_denied"),
    "asking: a scope that there is not": (ADDRESS, None, "invalid_scope"),
    "asking: another way to answer": (ADDRESS, None, "unsupported_response_type"),
    "asking: as a request object": (ADDRESS, None, "request_not_supported"),
    "device: nobody has answered": (BODY, 400, "authorization_pending"),
    "device: asked too soon": (BODY, 400, "slow_down"),
    "device: once more": NO_GRANT,
    "device: told so": (BODY, 400, "access_denied"),
    "device: no code of ours": NO_GRANT,
    "machine: a wrong secret": NO_CLIENT,
    "machine: its secret in the body": NO_CLIENT,
    "machine: nothing but its name": NO_CLIENT,
}
REFUSED_TO_A_WEBSITE: dict[str, Refusal] = {
    "a wrong verifier": NO_GRANT,
    "refreshed for another resource": NO_TARGET,
    "one that is spent": NO_GRANT,
    "the family has ended": NO_GRANT,
    "a query after that": NO_TOKEN,
    "userinfo after that": NO_TOKEN,
    "a query with it": NO_TOKEN,
    "refreshing with it": NO_GRANT,
}
REFUSED_TO_A_MACHINE: dict[str, Refusal] = {
    "another resource": NO_TARGET,
    "what no machine may": NO_SCOPE,
    "revoked": NO_TOKEN,
}
ELSEWHERE = "a server elsewhere would not"

GIVEN |= {f"{app}: {step}": of for app in WEBSITES for step, of in OF_A_WEBSITE.items()}
GIVEN |= {f"machine: {step} by {way}": of for way in MACHINES for step, of in OF_A_MACHINE.items()}
REFUSED |= {f"{app}: {step}": of for app in WEBSITES for step, of in REFUSED_TO_A_WEBSITE.items()}
REFUSED |= {
    f"machine: {step} by {way}": of for way in MACHINES for step, of in REFUSED_TO_A_MACHINE.items()
}
QUERIES = {
    **{f"{app}: a query": (SCOPE, {"displayName": "Anna"}) for app in (*WEBSITES, "device")},
    **{f"machine: a query by {way}": (["events:read"], None) for way in MACHINES},
}


@pytest.fixture(scope="module")
def told(tells: Tells) -> Told:
    return tells("oauth4webapi.mjs")


@pytest.mark.parametrize("step", GIVEN)
def test_it_gets_what_it_asks_for(told: Told, step: str) -> None:
    assert told.of(step) == GIVEN[step](told)


@pytest.mark.parametrize("step", REFUSED)
def test_it_understands_how_it_is_refused(told: Told, step: str) -> None:
    assert told.refusal(step) == REFUSED[step]


@pytest.mark.parametrize("app", WEBSITES)
def test_a_server_elsewhere_would_not_take_the_token(told: Told, app: str) -> None:
    error = told.error(f"{app}: {ELSEWHERE}")
    assert error["code"] == "OAUTH_JWT_CLAIM_COMPARISON_FAILED"
    assert error["message"] == 'unexpected JWT "aud" (audience) claim value'


@pytest.mark.parametrize("step", QUERIES)
def test_every_kind_of_token_asks_the_graph(told: Told, step: str) -> None:
    answer = told.of(step)
    assert "errors" not in answer
    viewer = answer["data"]["viewer"]
    assert (sorted(viewer["scopes"]), viewer["person"]) == QUERIES[step]


def test_the_graph_says_whose_tokens_it_takes(told: Told) -> None:
    known = told.of("resource: what the challenge names")
    assert known["resource"] == f"{told.issuer}/graphql"
    assert known["authorization_servers"] == [told.issuer]
    assert known["bearer_methods_supported"] == ["header"]


def test_the_hub_says_what_it_can_do_and_nothing_else(told: Told) -> None:
    """Each endpoint named was asked by a client in this run, or led a person to their answer."""
    known = told.of("discovery: oauth2")
    assert known["issuer"] == told.issuer
    endpoints = {name for name in known if name.endswith(("_endpoint", "_uri"))}
    assert endpoints == {
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "device_authorization_endpoint",
        "registration_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    }
    assert all(known[name].startswith(f"{told.issuer}/oauth/") for name in endpoints)
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert known["authorization_response_iss_parameter_supported"] is True


def test_every_step_is_looked_at_and_none_is_missing(told: Told) -> None:
    alone = {"discovery: oauth2", "resource: what the challenge names"}
    elsewhere = {f"{app}: {ELSEWHERE}" for app in WEBSITES}
    assert set(told.steps) == {*GIVEN, *REFUSED, *QUERIES, *elsewhere, *alone}
    assert told.is_finished
    assert told.errors == ""
