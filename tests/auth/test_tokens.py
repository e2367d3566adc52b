"""What a hub believes of a token: its own, for it, now, and nothing that only looks so."""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from auth.keys import KeyRing
from auth.sealing import Sealer
from auth.tokens import LIVES_SECONDS, MOST_REMEMBERED, Bearer, Issuer, Mint, UnknownKey, Verifier
from domain.errors import Unauthenticated
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.auth.conftest import SECRET
from tests.conftest import TEMPLATE
from tests.outside import SeededChance, StandingClock

ORGANIZATION = "org_01JD0000000000000000000000@hub.test"
PERSON = "prs_01JD0000000000000000000000@hub.test"


@pytest.fixture(scope="module")
def ring(postgres: EmbeddedPostgres, new_name: Callable[[], str]) -> KeyRing:
    """One for all: nothing here writes, and reading a token asks no database."""

    async def opened() -> KeyRing:
        name = new_name()
        postgres.create_database(name, template=TEMPLATE)
        database = Database(postgres.url(name))
        sealer = Sealer(SECRET, SeededChance())
        ring = await KeyRing.opened(database, sealer, StandingClock(), SeededChance())
        await database.close()
        return ring

    return asyncio.run(opened())


@dataclass(frozen=True, slots=True)
class Service:
    issuer: Issuer
    ring: KeyRing
    mint: Mint
    verifier: Verifier


@pytest.fixture
def service(ring: KeyRing, clock: StandingClock, chance: SeededChance) -> Service:
    issuer = Issuer("http://hub.test")
    return Service(issuer, ring, Mint(issuer, ring, clock, chance), Verifier(issuer, ring, clock))


def minted(service: Service, **changed: Any) -> str:
    given: dict[str, Any] = {
        "client_id": "app_1",
        "organization_id": ORGANIZATION,
        "grant_id": "grant_1",
        "scopes": ["events:read"],
    }
    return service.mint.token(**given | changed)


def claims(service: Service, **changed: Any) -> dict[str, Any]:
    """Those of a good token, with some changed; None leaves one out."""
    payload = minted(service).split(".")[1]
    good: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(
    service: Service,
    content: object,
    header: Mapping[str, Any] | None = None,
    key: ECKey | None = None,
) -> str:
    """By the hub's own key unless told otherwise: what is refused is refused for what it says."""
    key = key or service.ring.signing_key
    every = {"alg": "ES256", "typ": "at+jwt", "kid": service.ring.signing_key.kid, **(header or {})}
    every = {name: value for name, value in every.items() if value is not None}
    body = f"{encoded(every)}.{encoded(content)}"
    # By hand: no library signs a header as wrong as some here. RFC 7518 s3.4.
    assert key.private_key is not None
    r, s = decode_dss_signature(key.private_key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{body}.{base64_of(r.to_bytes(32) + s.to_bytes(32))}"


def encoded(content: object) -> str:
    return base64_of(json.dumps(content).encode())


def base64_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def refusal_of(service: Service, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        service.verifier.verified(token)
    return caught.value.message


def test_a_token_comes_back_as_what_it_was_made_for(service: Service, clock: StandingClock) -> None:
    token = minted(service, person_id=PERSON, scopes=["events:write", "events:read"])
    bearer = service.verifier.verified(token)
    assert bearer == Bearer(
        subject=PERSON,
        client_id="app_1",
        organization_id=ORGANIZATION,
        grant_id="grant_1",
        scopes=frozenset({"events:read", "events:write"}),
        jti=bearer.jti,
        expires_at=int(clock.now().timestamp()) + LIVES_SECONDS,
        kid=service.ring.signing_key.kid or "",
    )
    assert bearer.person_id == PERSON
    assert service.verifier.verified(minted(service)).person_id is None


def test_a_token_is_good_for_five_minutes_and_not_a_second_more(
    service: Service, clock: StandingClock
) -> None:
    used, unused = minted(service), minted(service)
    clock.forward(seconds=LIVES_SECONDS - 1)
    service.verifier.verified(used)
    clock.forward(seconds=1)
    assert "expired" in refusal_of(service, used)
    assert "expired" in refusal_of(service, unused)


def test_a_token_of_another_process_whose_clock_is_a_little_ahead_is_good(
    service: Service, clock: StandingClock
) -> None:
    clock.forward(seconds=30)
    near = minted(service)
    clock.forward(seconds=1)
    far = minted(service)
    clock.forward(seconds=-31)
    assert service.verifier.verified(near).client_id == "app_1"
    assert "times" in refusal_of(service, far)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://other.test"},
        {"iss": "http://hub.test/"},
        {"iss": "HTTP://hub.test"},
        {"iss": "http://someone@hub.test"},
        {"iss": None},
        {"iss": ["http://hub.test"]},
        {"aud": "http://other.test/graphql"},
        {"aud": "http://hub.test"},
        {"aud": "http://hub.test/graphql/"},
        {"aud": ["http://hub.test/graphql", "http://other.test/graphql"]},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"client_id": None},
        {"client_id": ["app_1"]},
        {"org": None},
        {"gid": None},
        {"jti": None},
        {"scope": None},
        {"scope": ["events:read"]},
        {"exp": None},
        {"exp": "2090000000"},
        {"exp": True},
        {"exp": 1e400},
        {"exp": 9_999_999_999},
        {"iat": None},
        {"iat": 0},
        {"iat": 9_999_999_999},
        {"cnf": {"jkt": "thumbprint"}},
    ],
)
def test_a_token_we_signed_for_something_else_is_refused(
    service: Service, changed: dict[str, Any]
) -> None:
    service.verifier.verified(signed(service, claims(service)))
    refusal_of(service, signed(service, claims(service, **changed)))


@pytest.mark.parametrize("content", [[], None, 1, "text", [{"iss": "http://hub.test"}]])
def test_claims_that_are_no_object_are_refused(service: Service, content: object) -> None:
    refusal_of(service, signed(service, content))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "oauth-id-jag+jwt"},
        {"typ": "client-authentication+jwt"},
        {"typ": "logout+jwt"},
        {"typ": ["at+jwt"]},
        {"kid": None},
        {"jku": "https://evil.test/keys"},
        {"x5u": "https://evil.test/certificate"},
        {"jwk": {"kty": "EC"}},
        {"x5c": ["certificate"]},
        {"made_up": True},
    ],
)
def test_another_type_of_jwt_or_a_header_with_more_is_refused(
    service: Service, header: dict[str, Any]
) -> None:
    assert "no access token" in refusal_of(service, signed(service, claims(service), header))


def test_a_key_that_came_with_the_token_is_not_used(service: Service) -> None:
    own = ECKey.generate_key("P-256", {"alg": "ES256"})
    for kid in (service.ring.signing_key.kid, own.thumbprint()):
        header = {"jwk": own.as_dict(private=False), "kid": kid}
        refusal_of(service, signed(service, claims(service), header, own))


def test_a_strangers_key_is_refused_under_its_own_name_and_under_ours(
    service: Service,
) -> None:
    own = ECKey.generate_key("P-256", {"alg": "ES256"})
    assert "signature" in refusal_of(service, signed(service, claims(service), {}, own))
    with pytest.raises(UnknownKey):
        service.verifier.verified(signed(service, claims(service), {"kid": own.thumbprint()}, own))


@pytest.mark.parametrize("kid", [1, ["a"], {}, True, "", "\x00", "a" * 2000])
def test_a_kid_that_is_no_name_is_refused(service: Service, kid: object) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    refusal_of(service, f"{encoded(header)}.{encoded(claims(service))}.{'A' * 86}")


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "HS256", "RS256", "ES384", "EdDSA"])
def test_no_other_algorithm_is_believed(service: Service, algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": service.ring.signing_key.kid}
    body = f"{encoded(header)}.{encoded(claims(service))}"
    for signature in ("", "AAAA", minted(service).split(".")[2]):
        assert "no access token" in refusal_of(service, f"{body}.{signature}")


def test_our_public_key_is_no_password(service: Service) -> None:
    """HS256 with the public key as its secret: RFC 8725 s2.1."""
    published = service.ring.public_key(service.ring.signing_key.kid or "")
    assert published is not None
    for secret in (published.as_pem(private=False), json.dumps(published.as_dict()).encode()):
        header = {"alg": "HS256", "typ": "at+jwt", "kid": service.ring.signing_key.kid}
        text = json.dumps(claims(service))
        forged = jws.serialize_compact(
            header, text, OctKey.import_key(base64.b64encode(secret)), algorithms=["HS256"]
        )
        refusal_of(service, forged)


def test_a_token_changed_anywhere_is_refused(service: Service) -> None:
    good = minted(service)
    head, payload, signature = good.split(".")
    more = encoded(claims(service, scope="events:read events:write"))
    changed = [
        f"{head}.{more}.{signature}",
        f"{head}.{payload}.{'A' * 86}",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}",
        f"{head}.{payload}.{signature}AAAA",
        f"{head}.{payload}",
        f"{good}.{good}",
    ]
    for token in changed:
        refusal_of(service, token)
    assert service.verifier.verified(good).client_id == "app_1"


@pytest.mark.parametrize(
    "token",
    [
        *["", ".", "..", "...", "a.b.c", "é.é.é", "\udc80.a.b", "W10.W10.W10", "bnVsbA.e30.AA"],
        *["A" * 5000, "e30.e30." + "A" * 5000, base64_of(b"[" * 2500) + ".e30.AA"],
    ],
)
def test_what_is_no_token_at_all_is_refused_and_breaks_nothing(
    service: Service, token: str
) -> None:
    refusal_of(service, token)


def test_a_token_of_another_hub_is_no_token_here(
    service: Service, clock: StandingClock, chance: SeededChance
) -> None:
    """Even where two hubs came to share a key, a token is for one of them."""
    elsewhere = Issuer("http://other.test")
    token = minted_by(Mint(elsewhere, service.ring, clock, chance))
    assert "another hub" in refusal_of(service, token)


def minted_by(mint: Mint) -> str:
    return mint.token(
        client_id="app_1", organization_id=ORGANIZATION, grant_id="grant_1", scopes=[]
    )


def test_what_is_remembered_is_bounded(service: Service, clock: StandingClock) -> None:
    first = minted(service)
    service.verifier.verified(first)
    remembered = service.verifier._remembered
    bearer = remembered[next(iter(remembered))]
    for number in range(MOST_REMEMBERED):
        remembered[number.to_bytes(32)] = bearer
        if len(remembered) > MOST_REMEMBERED:
            remembered.popitem(last=False)
    service.verifier.verified(minted(service))
    assert len(remembered) == MOST_REMEMBERED
    assert service.verifier.verified(first) == bearer
