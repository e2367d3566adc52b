"""An app shows who it is by signing. What anybody but the app can send is refused, and changes nothing."""

import asyncio
import hmac
import json
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from auth import app_keys
from auth.client_assertions import TYPE
from auth.keys_elsewhere import KeysElsewhere
from domain.errors import Invalid, Refused
from storage.credential_tables import clients, used_assertions
from tests.auth.people import Office, basic_of
from tests.auth.signing import Signer, made_key, part, public, signature, signer
from tests.outside import StandingClock


async def kept(office: Office) -> list[Any]:
    """What a token leaves behind: when the app was used, and the names of assertions."""
    async with office.town.database.reading() as db:
        used = list(await db.scalars(select(clients.c.last_used_at)))
        names = list(await db.scalars(select(used_assertions.c.jti)))
    return [used, names]


async def refused(office: Office, answer: httpx.Response) -> str:
    """Why; and nothing was kept."""
    body = answer.json()
    assert (answer.status_code, body["error"]) == (401, "invalid_client"), answer.text
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert await kept(office) == [[None] * await clients_there(office), []]
    said: str = body["error_description"]
    return said


async def clients_there(office: Office) -> int:
    async with office.town.database.reading() as db:
        return await db.scalar(select(func.count()).select_from(clients)) or 0


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "RS256", "PS256"])
async def test_an_app_that_signs_gets_its_token(office: Office, algorithm: str) -> None:
    app = await signer(office, algorithm)
    answer = await app.ask(app.assertion(), scope="events:read")
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "events:read"
    bearer = office.service.verifier.verified(answer.json()["access_token"])
    assert (bearer.client_id, bearer.organization_id) == (app.client_id, office.town.pantry)


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
async def test_its_type_may_be_named(office: Office, typ: str) -> None:
    app = await signer(office)
    assert (await app.ask(app.assertion({"typ": typ}))).status_code == 200


async def test_the_only_key_need_not_be_named_and_the_audience_may_be_a_list_of_one(
    office: Office,
) -> None:
    app = await signer(office, kid=None)
    answer = await app.ask(app.assertion(aud=[office.service.issuer.url]))
    assert answer.status_code == 200, answer.text


async def test_clocks_need_not_agree_to_the_second(office: Office) -> None:
    app, now = await signer(office), int(office.desk.clock.now().timestamp())
    for iat, exp in ((now + 30, now + 330), (now - 299, now + 1)):
        assert (await app.ask(app.assertion(iat=iat, exp=exp))).status_code == 200
    without_iat = app.assertion(iat=None, exp=now + 300)
    assert (await app.ask(without_iat)).status_code == 200


CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"aud": "http://other.test"}, "aud is http://hub.test alone"),
    ({"aud": "http://hub.test/"}, "aud is"),
    ({"aud": "http://hub.test/oauth/token"}, "aud is"),
    ({"aud": ["http://hub.test", "http://other.test"]}, "aud is"),
    ({"aud": []}, "aud is"),
    ({"aud": None}, "aud is"),
    ({"iss": "app_other"}, "iss and its sub"),
    ({"sub": "app_other"}, "iss and its sub"),
    ({"sub": 1, "iss": 1}, "iss and its sub"),
    ({"jti": None}, "jti"),
    ({"jti": ""}, "jti"),
    ({"jti": "a\0b"}, "jti"),
    ({"jti": "a" * 257}, "jti"),
    ({"jti": ["a"]}, "jti"),
    ({"exp": None}, "exp is a time"),
    ({"exp": "1900000000"}, "exp is a time"),
    ({"exp": True}, "exp is a time"),
    ({"exp": float("inf")}, "exp is a time"),
    ({"exp": 10**400}, "exp is a time"),
]


async def test_a_claim_that_is_not_as_it_should_be_is_refused_by_name(
    office: Office, clock: StandingClock
) -> None:
    app = await signer(office)
    for changed, says in CLAIMS:
        clock.forward(seconds=10)
        assert says in await refused(office, await app.ask(app.assertion(**changed))), changed


TIMES = [
    (-60, 0, "expired"),
    (-600, -300, "expired"),
    (0, 301, "300 seconds"),
    (-1, 300, "300 seconds"),
    (31, 60, "future"),
    (0, 315_360_000, "300 seconds"),
]


async def test_one_of_another_time_is_refused(office: Office) -> None:
    app, now = await signer(office), int(office.desk.clock.now().timestamp())
    for iat, exp, says in TIMES:
        answer = await app.ask(app.assertion(iat=now + iat, exp=now + exp))
        assert says in await refused(office, answer), (iat, exp)


async def test_one_that_is_not_good_yet_is_refused(office: Office) -> None:
    app, now = await signer(office), int(office.desk.clock.now().timestamp())
    assert "future" in await refused(office, await app.ask(app.assertion(nbf=now + 31)))


HEADERS: list[dict[str, Any]] = [
    {"typ": "at+jwt"},
    {"typ": "oauth-id-jag+jwt"},
    {"typ": "dpop+jwt"},
    {"typ": 1},
    {"alg": "HS256"},
    {"alg": "ES384"},
    {"alg": "EdDSA"},
    {"kid": 1},
    {"kid": "two"},
    {"jwk": {"kty": "EC"}},
    {"jku": "https://evil.example/keys"},
    {"x5u": "https://evil.example/cert"},
    {"x5c": ["MIIB"]},
    {"crit": ["exp"]},
    {"b64": False},
    {"zip": "DEF"},
]


async def test_a_header_that_would_change_who_signed_is_refused(
    office: Office, clock: StandingClock
) -> None:
    app = await signer(office)
    for header in HEADERS:
        clock.forward(seconds=10)
        text = f"{part(app.header(**header))}.{part(app.claims())}"
        await refused(office, await app.ask(f"{text}.{signature(text, 'ES256', app.key)}"))


async def test_without_a_signature_nobody_is_believed(office: Office) -> None:
    app = await signer(office)
    unsigned = f"{part({'alg': 'none', 'kid': 'one'})}.{part(app.claims())}."
    assert "alg" in await refused(office, await app.ask(unsigned))
    whole = app.assertion()
    await refused(office, await app.ask(whole.rpartition(".")[0] + "."))
    other = app.assertion(jti="another")
    exchanged = f"{whole.rpartition('.')[0]}.{other.rpartition('.')[2]}"
    await refused(office, await app.ask(exchanged))


async def test_the_public_key_is_no_secret_to_sign_with(office: Office) -> None:
    """HS256 with the bytes of the RSA key that everybody knows."""
    app = await signer(office, "RS256")
    assert isinstance(app.key, RSAKey)
    for known in (app.key.as_pem(private=False), json.dumps(public(app.key)).encode()):
        text = f"{part(app.header(alg='HS256'))}.{part(app.claims())}"
        forged = part(hmac.digest(known, text.encode(), "sha256"))
        assert "alg" in await refused(office, await app.ask(f"{text}.{forged}"))


async def test_another_key_under_the_same_name_is_not_the_apps(office: Office) -> None:
    app = await signer(office)
    forged = Signer(office, app.client_id, made_key())
    said = await refused(office, await forged.ask(forged.assertion()))
    brought = forged.assertion({"jwk": public(forged.key)["keys"][0]})
    assert "no jwk" in await refused(office, await forged.ask(brought))
    stranger = Signer(office, "app_of_nobody", made_key())
    assert await refused(office, await stranger.ask(stranger.assertion())) == said, "told apart"


async def test_one_app_cannot_sign_for_another(office: Office) -> None:
    one, two = await signer(office), await signer(office)
    await refused(office, await one.ask(Signer(office, two.client_id, one.key).assertion()))
    mismatched = await one.ask(one.assertion(), client_id=two.client_id)
    assert "client_id" in await refused(office, mismatched)


async def test_a_signature_is_no_way_in_for_an_app_with_a_secret(office: Office) -> None:
    app = Signer(office, office.app.client.id, made_key())
    await refused(office, await app.ask(app.assertion()))


async def test_an_app_that_signs_has_no_other_way_in(office: Office) -> None:
    app = await signer(office)
    await refused(office, await office.ask(basic=basic_of(app.client_id, "")))
    by_name = {"grant_type": "client_credentials", "client_id": app.client_id}
    await refused(office, await office.http.post("/oauth/token", data=by_name))


NO_ASSERTIONS: list[dict[str, str | None]] = [
    {"client_assertion_type": None},
    {"client_assertion_type": TYPE + "x"},
    {"client_assertion": None},
    {"client_assertion": "ey"},
    {"client_assertion": "a.b.c"},
    {"client_assertion": "\u00e9.b.c"},
    {"client_assertion": f"{'a' * 9_000}.b.c"},
    {"client_assertion": f"{part([1])}.{part([1])}.c"},
    {"client_assertion": f"{part(b'[' * 5_000)}.b.c"},
    {"client_assertion": f"{part({'alg': ['ES256']})}.{part({})}.c"},
    {"client_assertion": f"{part(b'{}')}.{part(b'not json')}.c"},
]


async def test_what_is_no_assertion_is_refused(office: Office) -> None:
    app = await signer(office)
    for fields in NO_ASSERTIONS:
        await refused(office, await app.ask(app.assertion(), **fields))


async def test_a_claim_that_stands_twice_is_refused(office: Office) -> None:
    app = await signer(office)
    twice = b'{"aud":"http://hub.test",' + json.dumps(app.claims()).encode()[1:]
    text = f"{part(app.header())}.{part(twice)}"
    assert "no signed JWT" in await refused(
        office, await app.ask(f"{text}.{signature(text, 'ES256', app.key)}")
    )


async def test_an_assertion_is_believed_once(office: Office) -> None:
    app = await signer(office)
    assertion = app.assertion()
    assert (await app.ask(assertion)).status_code == 200
    before = await kept(office)
    for _ in range(2):
        again = await app.ask(assertion)
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert await kept(office) == before
    async with office.town.database.reading() as db:
        until = (await db.scalars(select(used_assertions.c.expires_at))).one()
    assert (until - office.desk.clock.now()).total_seconds() == 90, "as long as it could be sent"


async def test_two_apps_may_choose_one_name_for_theirs(office: Office) -> None:
    one, two = await signer(office), await signer(office)
    for app in (one, two):
        assert (await app.ask(app.assertion(jti="mine"))).status_code == 200


async def test_one_that_asked_for_too_much_is_spent_too(office: Office) -> None:
    app = await signer(office)
    assertion = app.assertion()
    answer = await app.ask(assertion, scope="events:publish")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert (await app.ask(assertion)).status_code == 401


async def test_a_revoked_app_signs_in_vain(office: Office) -> None:
    app = await signer(office)
    await office.desk.revoke(app.client_id)
    await refused(office, await app.ask(app.assertion()))


async def test_keys_are_changed_at_once_and_several_go_together(office: Office) -> None:
    app = await signer(office)
    new = Signer(office, app.client_id, made_key("RS256", "two"), "RS256", app.sent)
    await office.desk.change_keys(app.client_id, public(app.key, new.key))
    for each in (app, new):
        assert (await each.ask(each.assertion())).status_code == 200
    await office.desk.change_keys(app.client_id, public(new.key))
    assert (await new.ask(new.assertion())).status_code == 200
    assert (await app.ask(app.assertion())).status_code == 401


# ── keys at an address of the app's own ──────────────────────────────────────────────────────────


class Elsewhere:
    """A server that publishes keys, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: bytes | None = b"{}"
        self.was_asked = asyncio.Event()
        self.holds = asyncio.Event()
        self.holds.set()

    async def fetch(self, url: str, most_bytes: int) -> bytes:
        self.asked.append(url)
        self.was_asked.set()
        await self.holds.wait()
        if self.said is None:
            raise Refused("It does not answer.")
        assert len(self.said) <= most_bytes
        return self.said


def published(*keys: Any) -> bytes:
    return json.dumps(public(*keys)).encode()


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def keys(elsewhere: Elsewhere, clock: StandingClock) -> KeysElsewhere:
    return KeysElsewhere(elsewhere.fetch, clock)


URL = "https://keys.example/jwks"


async def test_keys_elsewhere_are_fetched_once_and_kept(
    elsewhere: Elsewhere, keys: KeysElsewhere
) -> None:
    elsewhere.said = published(made_key())
    for _ in range(5):
        assert await keys.key(URL, "one", "ES256") is not None
    assert elsewhere.asked == [URL]


async def test_a_storm_of_unknown_names_fetches_no_more_than_twice(
    elsewhere: Elsewhere, keys: KeysElsewhere, clock: StandingClock
) -> None:
    elsewhere.said = published(made_key())
    assert await keys.key(URL, "one", "ES256") is not None
    clock.forward(minutes=2)
    await asyncio.gather(*(keys.key(URL, f"invented-{n}", "ES256") for n in range(200)))
    assert len(elsewhere.asked) == 2
    assert await keys.key(URL, "one", "ES256") is not None
    assert len(elsewhere.asked) == 2


async def test_many_at_once_wait_for_one_fetch(elsewhere: Elsewhere, keys: KeysElsewhere) -> None:
    elsewhere.said = published(made_key())
    elsewhere.holds.clear()
    asking = [asyncio.create_task(keys.key(URL, "one", "ES256")) for _ in range(20)]
    await elsewhere.was_asked.wait()
    elsewhere.holds.set()
    assert all(await asyncio.gather(*asking))
    assert len(elsewhere.asked) == 1


async def test_a_new_key_is_known_after_a_minute_and_one_taken_back_is_not(
    elsewhere: Elsewhere, keys: KeysElsewhere, clock: StandingClock
) -> None:
    old, new = made_key(), made_key(kid="two")
    elsewhere.said = published(old)
    assert await keys.key(URL, "one", "ES256") is not None
    elsewhere.said = published(new)
    assert await keys.key(URL, "two", "ES256") is None, "asked a moment ago"
    clock.forward(minutes=1)
    assert await keys.key(URL, "two", "ES256") is not None
    assert await keys.key(URL, "one", "ES256") is None


async def test_keys_are_believed_for_an_hour_while_their_server_is_silent(
    elsewhere: Elsewhere, keys: KeysElsewhere, clock: StandingClock
) -> None:
    elsewhere.said = published(made_key())
    assert await keys.key(URL, "one", "ES256") is not None
    elsewhere.said = None
    clock.forward(minutes=59)
    assert await keys.key(URL, "one", "ES256") is not None
    clock.forward(minutes=1)
    assert await keys.key(URL, "one", "ES256") is None


async def test_a_server_that_was_away_for_a_moment_is_asked_again_soon_and_not_at_once(
    elsewhere: Elsewhere, keys: KeysElsewhere, clock: StandingClock
) -> None:
    elsewhere.said = None
    for _ in range(3):
        assert await keys.key(URL, "one", "ES256") is None
    assert elsewhere.asked == [URL]
    elsewhere.said = published(made_key())
    clock.forward(seconds=5)
    assert await keys.key(URL, "one", "ES256") is not None
    assert elsewhere.asked == [URL, URL]


@pytest.mark.parametrize(
    "said",
    [None, b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1, null]}', b"[" * 60_000, b"\xff"],
)
async def test_what_is_no_set_of_keys_is_no_key(
    elsewhere: Elsewhere, keys: KeysElsewhere, said: bytes | None
) -> None:
    elsewhere.said = said
    assert await keys.key(URL, "one", "ES256") is None


async def test_two_keys_of_one_name_are_none(elsewhere: Elsewhere, keys: KeysElsewhere) -> None:
    elsewhere.said = published(made_key(), made_key())
    assert await keys.key(URL, "one", "ES256") is None


@pytest.mark.parametrize(
    "changed",
    [{"use": "enc"}, {"alg": "ES384"}, {"key_ops": ["sign"]}, {"x": "AAAA"}, {"crv": "P-384"}],
)
async def test_a_key_for_something_else_signs_nothing(
    elsewhere: Elsewhere, keys: KeysElsewhere, changed: dict[str, Any]
) -> None:
    one = public(made_key())["keys"][0] | changed
    elsewhere.said = json.dumps({"keys": [one]}).encode()
    assert await keys.key(URL, "one", "ES256") is None


# ── keys that are registered ─────────────────────────────────────────────────────────────────────


def small_rsa() -> dict[str, Any]:
    return {"kty": "RSA", "e": "AQAB", "n": part((1 << 1_023 | 1).to_bytes(128))}


def slow_rsa() -> dict[str, Any]:
    key = public(made_key("RS256"))["keys"][0]
    return {**key, "e": key["n"]}


@pytest.mark.parametrize(
    ("jwks", "says"),
    [
        (None, "RFC 7517"),
        ([], "RFC 7517"),
        ({"keys": []}, "1 to 20"),
        ({"keys": "one"}, "RFC 7517"),
        ({"keys": [public(made_key())["keys"][0]] * 21}, "1 to 20"),
        ({"keys": [1]}, "kty"),
        ({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "kty"),
        ({"keys": [{"kty": ["EC"]}]}, "kty"),
        ({"keys": [dict(made_key().as_dict(private=True))]}, "private key"),
        ({"keys": [dict(made_key("RS256").as_dict(private=True))]}, "private key"),
        (public(made_key(kid=None), made_key(kid="two")), "kid"),
        (public(made_key(), made_key()), "kid"),
        ({"keys": [public(made_key())["keys"][0] | {"kid": "a b"}]}, "kid"),
        ({"keys": [public(made_key())["keys"][0] | {"x": "AAAA"}]}, "public one"),
        ({"keys": [public(made_key())["keys"][0] | {"use": "enc"}]}, "public one"),
        ({"keys": [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]}, "public one"),
        ({"keys": [small_rsa()]}, "2,048"),
        ({"keys": [slow_rsa()]}, "2,048"),
    ],
)
def test_keys_that_are_no_good_are_not_registered(jwks: object, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        app_keys.checked(jwks)


async def test_an_app_keeps_its_keys_where_others_will_not_do(office: Office) -> None:
    app = await signer(office)
    for wish in (
        office.desk.change_keys(app.client_id, {"keys": []}),
        office.desk.change_keys(office.app.client.id, public(made_key())),
        office.desk.rotate(app.client_id),
    ):
        with pytest.raises(Invalid):
            await wish
    assert (await app.ask(app.assertion())).status_code == 200


async def test_of_a_key_only_what_is_public_is_kept(office: Office) -> None:
    app = await signer(office)
    one = public(app.key)["keys"][0] | {"x5u": "https://evil.example", "note": "mine"}
    changed = await office.desk.change_keys(app.client_id, {"keys": [one], "more": 1})
    assert changed.jwks == public(app.key)
