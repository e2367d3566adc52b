"""What another hub says of itself is read strictly. A lie is refused by name, and nothing is kept."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
import pytest

from auth.keys import Purpose
from domain.errors import Problem
from federation.addresses import FetchProblem
from federation.documents import DocumentsProblem
from resolvers import peering_steps
from tests.auth.signing import made_key, public
from tests.federation.neighbourhood import Contents, Neighbour, Neighbourhood, as_known

A = "https://a.test"
HUB = f"{A}/.well-known/convoke"
SERVER = f"{A}/.well-known/oauth-authorization-server"
RESOURCE = f"{A}/.well-known/oauth-protected-resource/graphql"
CLIENT = f"{A}/.well-known/convoke/client"
CLIENT_KEYS = f"{A}/.well-known/convoke/client-keys"
KEYS = f"{A}/oauth/jwks"


def answering(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[..., httpx.Response]:
    """With that, whoever asks."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"content-type": "application/json", **(headers or {})}

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=usual, stream=Body(content))

    return answer


class Body(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


def changed(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A member that is None is left out."""
    return lambda said: {k: v for k, v in {**said, **values}.items() if v is not None}


ULID = "01JD8X5V0M7Q2K3B4N6P8R9S1T"

# Which document is a lie, what is wrong with it, and what of the refusal names it.
LIES: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    (HUB, changed(url="https://other.test"), "url is not https://a.test"),
    (HUB, changed(url="https://a.test/"), "url is not"),
    (HUB, changed(url="https://A.test"), "url is not"),
    (HUB, changed(url="http://a.test"), "url is not"),
    (HUB, changed(hub=f"hub_{ULID}@other.test"), "id of another hub than a.test"),
    (HUB, changed(hub=f"hub_{ULID}@b.test"), "id of another hub than a.test"),
    (HUB, changed(hub=f"org_{ULID}@a.test"), "no hub's id"),
    (HUB, changed(hub="hub_1@a.test"), "no hub's id"),
    (HUB, changed(hub=None), "no hub's id"),
    (HUB, changed(hub=["hub"]), "no hub's id"),
    (HUB, changed(issuer="https://other.test"), "issuer is not"),
    (HUB, changed(issuer="https://a.test/"), "issuer is not"),
    (HUB, changed(issuer="https://A.test"), "issuer is not"),
    (HUB, changed(issuer="https://a.test@other.test"), "issuer is not"),
    (HUB, changed(token_endpoint="https://other.test/oauth/token"), "token_endpoint is an address"),
    (
        HUB,
        changed(token_endpoint="https://a.test.other.test/token"),
        "token_endpoint is an address",
    ),
    (
        HUB,
        changed(token_endpoint="https://a.test@other.test/token"),
        "token_endpoint is an address",
    ),
    (HUB, changed(token_endpoint="https://a.test/../token"), "token_endpoint is a plain"),
    (HUB, changed(token_endpoint="https://a.test/token?to=b"), "token_endpoint is a plain"),
    (HUB, changed(graphql_endpoint="http://169.254.169.254/graphql"), "graphql_endpoint"),
    (HUB, changed(graphql_endpoint="https://a.test//graphql"), "graphql_endpoint is a plain"),
    (HUB, changed(jwks_uri="https://other.test/keys"), "jwks_uri"),
    (HUB, changed(client_jwks_uri="https://other.test/keys"), "client_jwks_uri"),
    (
        HUB,
        changed(client_metadata_url="https://b.test/.well-known/convoke/client"),
        "client_metadata",
    ),
    (HUB, changed(client_metadata_url="https://a.test/other"), "client_metadata_url"),
    (HUB, changed(poke_endpoint="http://localhost/"), "poke_endpoint"),
    (HUB, changed(proposals_endpoint=None), "proposals_endpoint"),
    (HUB, changed(name=""), "name is a text"),
    (HUB, changed(name="a" * 201), "name is a text"),
    (HUB, changed(name="Pantry\x1b[2J"), "cannot be shown"),
    (HUB, changed(name="Pantry\u202e"), "cannot be shown"),
    (HUB, changed(name=7), "name is a text"),
    (HUB, changed(software="convoke 0.1\n"), "software"),
    (HUB, changed(schema_version="2"), "schema_version is 2"),
    (HUB, changed(schema_version=1), "schema_version"),
    (HUB, changed(limits=None), "limits"),
    (HUB, changed(limits={"page": 0, "poll_seconds": 30, "retention_days": 90}), "page"),
    (HUB, changed(limits={"page": True, "poll_seconds": 30, "retention_days": 90}), "page"),
    (HUB, changed(limits={"page": 10, "poll_seconds": -1, "retention_days": 90}), "poll_seconds"),
    (
        HUB,
        changed(limits={"page": 10, "poll_seconds": 30, "retention_days": 1e9}),
        "retention_days",
    ),
    (SERVER, changed(issuer="https://b.test"), "server metadata: issuer"),
    (SERVER, changed(issuer="https://a.test/"), "server metadata: issuer"),
    (
        SERVER,
        changed(token_endpoint="https://b.test/oauth/token"),
        "server metadata: token_endpoint",
    ),
    (SERVER, changed(jwks_uri="https://b.test/oauth/jwks"), "server metadata: jwks_uri"),
    (SERVER, changed(grant_types_supported=["authorization_code"]), "grant_types_supported"),
    (SERVER, changed(grant_types_supported="client_credentials"), "grant_types_supported"),
    (
        SERVER,
        changed(token_endpoint_auth_methods_supported=["none"]),
        "token_endpoint_auth_methods_supported",
    ),
    (RESOURCE, changed(resource="https://b.test/graphql"), "resource metadata: resource"),
    (RESOURCE, changed(authorization_servers=["https://b.test"]), "authorization_servers"),
    (
        RESOURCE,
        changed(authorization_servers=["https://a.test", "https://b.test"]),
        "authorization_servers",
    ),
    (CLIENT, changed(client_id="https://b.test/.well-known/convoke/client"), "client_id is not"),
    (CLIENT, changed(client_id="https://a.test/.well-known/convoke/client/"), "client_id is not"),
    (CLIENT, changed(jwks_uri="https://b.test/.well-known/convoke/client-keys"), "jwks_uri is not"),
    (CLIENT, changed(token_endpoint_auth_method="none"), "token_endpoint_auth_method"),
    (CLIENT, changed(client_secret="secret"), "client_secret has no place"),
    (CLIENT, changed(jwks=public(made_key())), "jwks has no place"),
    (CLIENT, changed(grant_types=["authorization_code"]), "grant_types"),
    (KEYS, lambda _: {"keys": []}, "its keys: jwks"),
    (KEYS, lambda _: {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "its keys: jwks"),
    (KEYS, lambda _: {"keys": [dict(made_key().as_dict(private=True))]}, "private key"),
    (KEYS, lambda _: public(made_key(), made_key()), "a kid of its own"),
    (CLIENT_KEYS, lambda _: {"keys": "none"}, "its keys as a client: jwks"),
    (CLIENT_KEYS, lambda _: {}, "its keys as a client: jwks"),
]


async def refused(b: Neighbour, says: str, url: str = A) -> None:
    """By whoever would propose to it, by who it proposes to itself; nothing is kept by either."""
    before = await Contents(b)()
    with pytest.raises((DocumentsProblem, FetchProblem)) as told:
        await peering_steps.propose(b.operator, url)
    assert says in told.value.message, told.value.message
    answer = await b.http.post("/federation/proposals", json={"url": url})
    assert (answer.status_code, answer.content) == (202, b"{}")
    assert await Contents(b)() == before


async def test_every_lie_is_refused_by_name_and_nothing_is_kept(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        for address, lie, says in LIES:
            b.clock.forward(minutes=10)  # so that no limit is met
            b.roads.instead.clear()
            said = (await a.http.get(address)).json()
            b.roads.instead[address] = answering(lie(said))
            await refused(b, says)
        b.roads.instead.clear()
        assert (await b.service.abroad.look(A)).hub_id == a.hub_id


async def test_an_answer_that_is_no_document_is_refused(neighbourhood: Neighbourhood) -> None:
    broken: list[tuple[Callable[..., httpx.Response], str]] = [
        (answering(b"<html>", headers={"content-type": "text/html"}), "text/html"),
        (answering({}, 404), "answered 404"),
        (answering({}, 302, {"location": "https://other.test/"}), "sends us on"),
        (answering(b"[]"), "no JSON object"),
        (answering(b"{"), "no JSON object"),
        (answering(b'{"url": "https://a.test", "url": "https://b.test"}'), "no JSON object"),
        (answering(b"[" * 60_000), "no JSON object"),
        (answering(b'{"a": "' + b"a" * 70_000 + b'"}'), "larger than"),
        (answering({}, headers={"content-encoding": "gzip"}), "compressed"),
    ]
    async with neighbourhood("a.test", "b.test") as (_, b):
        for answer, says in broken:
            b.clock.forward(minutes=10)
            b.roads.instead[HUB] = answer
            await refused(b, says)


async def test_one_key_in_both_rings_is_refused(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        b.roads.instead[CLIENT_KEYS] = answering((await a.http.get(KEYS)).json())
        await refused(b, "The same key")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.test",
        "https://a.test/path",
        "https://a.test?x=1",
        "https://a.test#x",
        "https://user:password@a.test",
        "https://user@a.test",
        "https://a.test:443",
        "https://a.test:0",
        "https://a.test:65536",
        "https://a..test",
        "https://a.test\\@b.test",
        "https://a_b.test",
        "https://bücher.test",
        "ftp://a.test",
        "file:///etc/passwd",
        "https://",
        "",
        "https://a.test\nb",
        "https://b.test",
        "http://localhost:8000",
    ],
)
async def test_an_address_that_no_hub_has_is_never_asked(
    neighbourhood: Neighbourhood, url: str
) -> None:
    async with neighbourhood("b.test") as (b,):
        with pytest.raises(DocumentsProblem):
            await b.service.abroad.look(url)
        assert b.roads.asked == []


async def test_a_hub_that_says_to_be_another_we_know_is_refused(
    neighbourhood: Neighbourhood,
) -> None:
    """Set up anew at the same address, it has an id of its own: its old things are not its own."""
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peering_steps.propose(b.operator, A)
        said = (await a.http.get(HUB)).json()
        b.roads.instead[HUB] = answering({**said, "hub": f"hub_{ULID}@a.test"})
        before = await Contents(b)()
        with pytest.raises(Problem, match="another hub"):
            await peering_steps.propose(b.operator, A)
        assert await Contents(b)() == before


async def test_the_documents_say_what_they_should(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        facts = await b.service.abroad.look("A.test/")
        known = as_known(a)
        for name in (
            "hub_id",
            "authority",
            "url",
            "issuer",
            "client_id",
            "graphql_url",
            "poke_url",
        ):
            assert getattr(facts, name) == getattr(known, name)
        assert (facts.thumbprints, facts.client_thumbprints) == (
            known.thumbprints,
            known.client_thumbprints,
        )
        assert {Purpose.TOKENS, Purpose.CLIENT} == set(Purpose)
