"""Attacks on a machine that signs: its assertions forged, sent again, and meant for others."""

import hmac
import json
from collections import Counter

from joserfc.jwk import ECKey, RSAKey

from auth.client_assertions import TYPE
from storage.credential_tables import used_assertions
from tests.attacks.target import ISSUER, RESOURCE, Target, error_of
from tests.auth.signing import Signer, made_key, part, public, signature


async def refused(target: Target, signer: Signer, assertion: str) -> None:
    before = await target.contents()
    target.office.desk.clock.forward(seconds=10)  # type: ignore[attr-defined]
    assert error_of(await signer.ask(assertion)) == (401, "invalid_client")
    assert await target.contents() == before


async def test_an_assertion_is_for_this_hub_alone(target: Target) -> None:
    """What was sent to another server is not sent on to us; nor what is meant for one like us."""
    app = await target.signer()
    for audience in (
        "https://other.example",
        [ISSUER, "https://other.example"],
        f"{ISSUER}/oauth/token",
        RESOURCE,
        f"{ISSUER}/",
        "HTTP://hub.test",
        "http://HUB.test",
        "http://anna@hub.test",
        "http://hub.test:80",
        "http://hub.test.evil.example",
    ):
        await refused(target, app, app.assertion(aud=audience))
    assert (await app.ask(app.assertion())).status_code == 200


async def test_no_other_kind_of_jwt_is_taken_for_an_assertion(target: Target) -> None:
    """Type confusion: an access token, an ID token, and an assertion that goes by their types."""
    app = await target.signer()
    tokens = await target.tokens(await target.app())
    for jwt in (await target.machine_token(), tokens["access_token"], tokens["id_token"]):
        await refused(target, app, jwt)
    for kind in ("at+jwt", "application/at+jwt", "oauth-id-jag+jwt", "dpop+jwt", "logout+jwt"):
        await refused(target, app, app.assertion({"typ": kind}))
    answer = await app.ask(app.assertion({"typ": "client-authentication+jwt"}))
    assert answer.status_code == 200


async def test_no_key_that_an_assertion_brings_along_is_believed(target: Target) -> None:
    app = await target.signer()
    forger = Signer(target.office, app.client_id, made_key(kid="one"))
    (brought,) = public(forger.key)["keys"]
    for named in ({}, {"kid": "another"}, {"kid": None}):
        await refused(target, forger, forger.assertion(named))
    for more in (
        {"jwk": brought},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
    ):
        for signed_by in (forger, app):  # nothing of the kind stands there, whoever signed it
            await refused(target, signed_by, signed_by.assertion(more))
    assert (await app.ask(app.assertion())).status_code == 200


async def test_no_other_algorithm_signs_an_assertion(target: Target) -> None:
    app = await target.signer("RS256")
    for algorithm in ("none", "None", ""):
        text = f"{part(app.header(alg=algorithm))}.{part(app.claims())}"
        for end in ("", app.assertion().rpartition(".")[2]):
            await refused(target, app, f"{text}.{end}")
    assert isinstance(app.key, RSAKey)
    for password in (app.key.as_pem(private=False), json.dumps(public(app.key)).encode()):
        text = f"{part(app.header(alg='HS256'))}.{part(app.claims())}"
        forged = part(hmac.digest(password, text.encode(), "sha256"))
        await refused(target, app, f"{text}.{forged}")
    curves = await target.signer()
    for curve, algorithm in (("P-384", "ES384"), ("P-521", "ES512")):
        key = ECKey.generate_key(curve)
        for named in (algorithm, "ES256"):
            text = f"{part(curves.header(alg=named))}.{part(curves.claims())}"
            await refused(target, curves, f"{text}.{signature(text, algorithm, key)}")
    for honest in (app, curves):
        assert (await honest.ask(honest.assertion())).status_code == 200


async def test_an_assertion_that_is_sent_again_is_refused(target: Target) -> None:
    app = await target.signer()
    assertion = app.assertion()
    assert (await app.ask(assertion)).status_code == 200
    await refused(target, app, assertion)
    await refused(target, app, app.assertion(jti="assertion-1", scope="events:read"))


async def test_of_twenty_uses_of_an_assertion_at_once_one_is_believed(target: Target) -> None:
    app = await target.signer()
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": app.assertion(),
    }
    answers = await target.at_once(fields)
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1
    assert counted.keys() <= {200, 401, 429}, counted
    assert len((await target.contents())[used_assertions.name]) == 1


async def test_one_machine_does_not_sign_for_another(target: Target) -> None:
    one, two = await target.signer(), await target.signer()
    await refused(target, one, Signer(target.office, two.client_id, one.key).assertion())
    machine = target.office.app.client.id
    await refused(target, one, Signer(target.office, machine, one.key).assertion())
    for app in (one, two):
        assert (await app.ask(app.assertion())).status_code == 200
