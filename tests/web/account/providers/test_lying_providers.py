"""A provider that lies, in every way one can: refused each time, and nothing changed."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from auth.provider_outgoing import ProviderProblem
from federation.client import OutgoingSettings
from tests.auth.lying_provider import (
    ANOTHER_EC,
    CLOSING,
    EC,
    KEYS,
    RSA,
    SECRET,
    Fields,
    Provider,
    base64url,
    providing,
    published,
)
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.conftest import Counter
from tests.web.account.providers.pantry import Pantry, is_signed_in, set_up, whose

IMPATIENT = OutgoingSettings(allow_loopback=True, connect_seconds=1.0, total_seconds=3.0)
PASSING = {"ceremonies", "throttles"}  # that somebody tried may be known
Lie = Callable[[Provider], object]


async def test_an_honest_one_is_believed(pantry: Pantry) -> None:
    browser = pantry.counter.browser
    answer = await pantry.sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await whose(browser) == "Anna"


async def test_each_signature_on_our_list_is_believed(pantry: Pantry) -> None:
    for algorithm in KEYS:
        pantry.there.algorithm = algorithm
        browser = await pantry.counter.new_browser()
        await pantry.sign_in(browser)
        assert await whose(browser) == "Anna", algorithm


def says(name: str, value: object) -> Lie:
    return lambda there: setattr(there, "claims", lambda said: said.update({name: value}))


def leaves_out(name: str) -> Lie:
    return lambda there: setattr(there, "claims", lambda said: said.pop(name))


def in_the_header(**header: object) -> Lie:
    return lambda there: setattr(there, "header", lambda said: said.update(header))


def brings_back(change: Callable[[Fields], object]) -> Lie:
    return lambda there: setattr(there, "back", change)


def with_tokens(change: Callable[[Fields], object]) -> Lie:
    return lambda there: setattr(there, "tokens", change)


def answers(path: str, response: Callable[[], Response]) -> Lie:
    return lambda there: there.instead.__setitem__(path, response())


def publishes(*keys: Fields) -> Lie:
    return lambda there: setattr(there, "keys", lambda said: said.update(keys=list(keys)))


def signs_with(key: object, alg: str) -> Lie:
    def lie(there: Provider) -> None:
        there.key, there.algorithm = key, alg
        there.header = lambda said: said.update(kid="ES256")

    return lie


def at(**time: float) -> Callable[[Provider], int]:
    return lambda there: int((there.clock.now() + timedelta(**time)).timestamp())


def timed(**times: Callable[[Provider], int]) -> Lie:
    def lie(there: Provider) -> None:
        there.claims = lambda said: said.update({k: when(there) for k, when in times.items()})

    return lie


def huge() -> Response:
    return JSONResponse({"filling": "x" * 300_000}, headers=CLOSING)


def page() -> Response:
    return HTMLResponse("<h1>Welcome to the hotel</h1>", headers=CLOSING)


def elsewhere() -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data", 307, CLOSING)


def not_json() -> Response:
    return Response('{"a": NaN}', 200, CLOSING, "application/json")


def too_deep() -> Response:
    return Response("[" * 50_000, 200, CLOSING, "application/json")


def twice() -> Response:
    return Response('{"keys": [], "keys": []}', 200, CLOSING, "application/json")


def says_of_itself(**said: object) -> Lie:
    return lambda there: setattr(there, "metadata", lambda given: given.update(said))


def of_somebody_else(there: Provider) -> None:
    there.claims = lambda said: said.pop("email")
    there.userinfo = lambda said: said.update(sub="somebody else")


def userinfo_elsewhere(there: Provider) -> None:
    there.claims = lambda said: said.pop("email")
    there.instead["/userinfo"] = elsewhere()


MALFORMED_EC = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "ES256"}
THE_KEY = published(EC, kid="ES256")
SMALL_RSA = {
    "kty": "RSA",
    "n": base64url(b"\x00" * 200 + b"\xff" * 100),
    "e": "AQAB",
    "kid": "RS256",
}

LIES: dict[str, dict[str, Lie]] = {
    "of the signature": {
        "not signed": in_the_header(alg="none"),
        "not signed, in capitals": lambda there: setattr(
            there,
            "tokens",
            lambda said: said.update(id_token=said["id_token"].rpartition(".")[0] + "."),
        ),
        "signed with the public key": signs_with(EC.as_pem(private=False), "HS256"),
        "signed with the client's secret": signs_with(SECRET.encode(), "HS256"),
        "signed with another key": signs_with(ANOTHER_EC, "ES256"),
        "signed by another algorithm than the key is for": signs_with(RSA, "RS256"),
        "brings its key": in_the_header(jwk=published(ANOTHER_EC)),
        "says where its key is": in_the_header(jku="https://evil.example/jwks"),
        "says where its certificate is": in_the_header(x5u="https://evil.example/cert"),
        "asks for something unknown": in_the_header(crit=["b64"], b64=False),
        "names a key nobody has": in_the_header(kid="invented"),
        "names a key by a number": in_the_header(kid=1),
        "is an access token": in_the_header(typ="at+jwt"),
        "is a logout token": in_the_header(typ="logout+jwt"),
    },
    "of the claims": {
        "wrong issuer": says("iss", "https://accounts.google.com"),
        "issuer with a slash": lambda there: setattr(
            there, "claims", lambda said: said.update(iss=said["iss"] + "/")
        ),
        "no issuer": leaves_out("iss"),
        "for somebody else": says("aud", "another app"),
        "for nobody": says("aud", []),
        "for several, and not made for us": says("aud", ["another app", "convoke at the pantry"]),
        "made for somebody else": says("azp", "another app"),
        "for an object": says("aud", {"convoke at the pantry": True}),
        "another nonce": says("nonce", "another"),
        "no nonce": leaves_out("nonce"),
        "a nonce that is a number": says("nonce", 1),
        "nobody": leaves_out("sub"),
        "nobody, by an empty name": says("sub", ""),
        "nobody, by a number": says("sub", 248289761001),
        "a name that is too long": says("sub", "x" * 256),
        "a name with a zero": says("sub", "a\x00b"),
        "expired": timed(iat=at(minutes=-10), exp=at(minutes=-2)),
        "no expiry": leaves_out("exp"),
        "an expiry that is a text": says("exp", "9999999999"),
        "an endless expiry": says("exp", float("inf")),
        "expires before it was made": timed(exp=at(seconds=-1)),
        "of the future": timed(iat=at(minutes=2), exp=at(minutes=9)),
        "older than the question": timed(iat=at(minutes=-3)),
        "no time": leaves_out("iat"),
        "a time that is true": says("iat", True),
        "not good yet": timed(nbf=at(minutes=2)),
        "belongs to another access token": says("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
        "a hash that is no text": says("at_hash", 1),
    },
    "in answer to the code": {
        "no ID token": with_tokens(lambda said: said.pop("id_token")),
        "an ID token that is nothing": with_tokens(lambda said: said.update(id_token=None)),
        "an ID token of two parts": with_tokens(lambda said: said.update(id_token="a.b")),
        "a huge ID token": with_tokens(lambda said: said.update(id_token="a." * 15_000)),
        "an ID token in other letters": with_tokens(lambda said: said.update(id_token="ä.b.c")),
        "no access token": with_tokens(lambda said: said.pop("access_token")),
        "a token that must be proved": with_tokens(lambda said: said.update(token_type="DPoP")),
        "the token endpoint has a page": answers("/token", page),
        "the token endpoint is huge": answers("/token", huge),
        "the token endpoint has no JSON": answers("/token", not_json),
        "the token endpoint is deep": answers("/token", too_deep),
        "the token endpoint sends on": answers("/token", elsewhere),
        "the token endpoint is inside": says_of_itself(token_endpoint="https://169.254.169.254/t"),
        "the token endpoint refuses": answers(
            "/token", lambda: JSONResponse({"error": "invalid_client"}, 401, CLOSING)
        ),
    },
    "by the browser": {
        "does not say whose answer it is": brings_back(lambda back: back.pop("iss")),
        "says it is somebody else's answer": brings_back(
            lambda back: back.update(iss="https://e.test")
        ),
        "says it twice": brings_back(lambda back: back.update(iss=[back["iss"], back["iss"]])),
        "another state": brings_back(lambda back: back.update(state="another")),
        "no state": brings_back(lambda back: back.pop("state")),
        "no code": brings_back(lambda back: back.pop("code")),
        "another code": brings_back(lambda back: back.update(code="invented")),
        "says no": brings_back(lambda back: back.update(error="access_denied")),
    },
    "of its keys": {
        "keys: huge": answers("/jwks", huge),
        "keys: a page": answers("/jwks", page),
        "keys: elsewhere": answers("/jwks", elsewhere),
        "keys: not JSON": answers("/jwks", not_json),
        "keys: said twice": answers("/jwks", twice),
        "keys: inside": says_of_itself(jwks_uri="https://10.0.0.1/jwks"),
        "keys: none": publishes(),
        "keys: two of one name": publishes(THE_KEY, published(ANOTHER_EC, kid="ES256")),
        "keys: for encryption": publishes({**THE_KEY, "use": "enc"}),
        "keys: for nothing": publishes({**THE_KEY, "key_ops": ["encrypt"]}),
        "keys: for another algorithm": publishes({**THE_KEY, "alg": "ES384"}),
        "keys: private": publishes({**THE_KEY, "d": EC.as_dict(private=True)["d"]}),
        "keys: symmetric": publishes({"kty": "oct", "k": "AAAA", "kid": "ES256"}),
        "keys: no point of the curve": publishes(MALFORMED_EC),
        "keys: too small": publishes(SMALL_RSA),
        "keys: too many": publishes(*[{**THE_KEY, "kid": f"{n}"} for n in range(101)]),
        "keys: no objects": lambda there: setattr(
            there, "keys", lambda said: said.update(keys=["a"])
        ),
    },
    "of the person": {
        "userinfo of somebody else": of_somebody_else,
        "userinfo elsewhere": userinfo_elsewhere,
    },
}


@pytest.mark.parametrize("about", LIES)
async def test_every_lie_is_refused_and_nothing_changes(
    pantry: Pantry, contents: Contents, clock: StandingClock, about: str
) -> None:
    for name, lie in LIES[about].items():
        await anew(pantry, clock)
        lie(pantry.there)
        before, browser = await contents(), await pantry.counter.new_browser()
        answer = await pantry.sign_in(browser)
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert not is_signed_in(browser), name
        assert changed(before, await contents()) <= PASSING, name
    await anew(pantry, clock)
    await pantry.sign_in(pantry.counter.browser)
    assert await whose(pantry.counter.browser) == "Anna"


async def anew(pantry: Pantry, clock: StandingClock) -> None:
    """Honest, and asked again for everything."""
    pantry.there.repent()
    clock.forward(hours=2)


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    """The tables."""
    return {table for table in after if after[table] != before[table]}


LIES_OF_ITSELF: dict[str, Lie] = {
    "of another issuer": says_of_itself(issuer="https://accounts.google.com"),
    "of the same issuer with a slash": lambda there: setattr(
        there, "metadata", lambda said: said.update(issuer=said["issuer"] + "/")
    ),
    "without an issuer": lambda there: setattr(there, "metadata", lambda said: said.pop("issuer")),
    "a page": answers("/.well-known/openid-configuration", page),
    "huge": answers("/.well-known/openid-configuration", huge),
    "elsewhere": answers("/.well-known/openid-configuration", elsewhere),
    "not there": answers("/.well-known/openid-configuration", lambda: Response("", 404, CLOSING)),
    "not JSON": answers("/.well-known/openid-configuration", not_json),
    "too deep": answers("/.well-known/openid-configuration", too_deep),
    "no token endpoint": lambda there: setattr(
        there, "metadata", lambda said: said.pop("token_endpoint")
    ),
    "keys without https": says_of_itself(jwks_uri="http://keys.example/jwks"),
    "a door without https": says_of_itself(authorization_endpoint="http://door.example/"),
    "a door that is a script": says_of_itself(authorization_endpoint="javascript:alert(1)"),
    "a door that is a list": says_of_itself(authorization_endpoint=["https://door.example/"]),
    "a door with somebody's name": says_of_itself(
        authorization_endpoint="https://pantry.example@evil.example/"
    ),
    "a door with a mark": says_of_itself(authorization_endpoint='https://evil.example/">'),
    "only the implicit flow": says_of_itself(response_types_supported=["id_token"]),
    "only signatures with a secret": says_of_itself(
        id_token_signing_alg_values_supported=["HS256", "none"]
    ),
    "only plain proof keys": says_of_itself(code_challenge_methods_supported=["plain"]),
    "no way to show the secret": says_of_itself(
        token_endpoint_auth_methods_supported=["private_key_jwt"]
    ),
    "words that are no list": says_of_itself(scopes_supported="openid"),
}


async def test_one_that_lies_of_itself_is_not_set_up(
    counter: Counter, clock: StandingClock, contents: Contents
) -> None:
    before = await contents()
    async with providing(clock) as there:
        for name, lie in LIES_OF_ITSELF.items():
            there.repent()
            lie(there)
            with pytest.raises(ProviderProblem):
                await set_up(counter, there)
            assert changed(before, await contents()) == set(), name


async def test_one_that_begins_to_lie_of_itself_is_not_gone_to(
    pantry: Pantry, clock: StandingClock, contents: Contents
) -> None:
    for name, lie in LIES_OF_ITSELF.items():
        await anew(pantry, clock)
        lie(pantry.there)
        before, browser = await contents(), await pantry.counter.new_browser()
        answer = await pantry.go(browser)
        if name == "no way to show the secret":  # which is shown on the way back
            answer = await pantry.come_back(browser, await pantry.let_in(browser))
        assert answer.status_code == 400, (name, answer.text)
        assert changed(before, await contents()) <= PASSING, name


@pytest.mark.parametrize("patience", [IMPATIENT])
async def test_one_that_is_slow_is_not_waited_for(
    pantry: Pantry, contents: Contents, clock: StandingClock
) -> None:
    for path in ("/.well-known/openid-configuration", "/token", "/jwks"):
        await anew(pantry, clock)
        pantry.there.slow.add(path)
        before, browser = await contents(), await pantry.counter.new_browser()
        answer = await pantry.go(browser)
        if answer.status_code == 200:
            answer = await pantry.come_back(browser, await pantry.let_in(browser))
        assert answer.status_code == 400, (path, answer.text)
        assert changed(before, await contents()) <= PASSING, path


async def test_a_storm_of_invented_keys_makes_two_requests_at_most(pantry: Pantry) -> None:
    pantry.there.header = lambda said: said.update(kid=f"invented {len(pantry.there.asked)}")
    for _ in range(12):
        answer: httpx.Response = await pantry.sign_in(await pantry.counter.new_browser())
        assert answer.status_code == 400
    assert pantry.there.times("/jwks") <= 2
    assert pantry.there.times("/.well-known/openid-configuration") == 1


async def test_keys_that_cannot_be_used_are_not_asked_for_again_at_once(pantry: Pantry) -> None:
    publishes()(pantry.there)
    for _ in range(5):
        await pantry.sign_in(pantry.counter.browser)
    assert pantry.there.times("/jwks") == 1


async def test_a_key_that_was_made_since_is_found(pantry: Pantry, clock: StandingClock) -> None:
    await pantry.sign_in(pantry.counter.browser)
    new = ECKey.generate_key("P-256")
    pantry.there.key = new
    pantry.there.header = lambda said: said.update(kid="new")
    pantry.there.keys = lambda said: said["keys"].append(published(new, kid="new"))
    clock.forward(minutes=1)
    browser = await pantry.counter.new_browser()
    await pantry.sign_in(browser)
    assert await whose(browser) == "Anna"
    assert pantry.there.times("/jwks") == 2
