"""The tester as a hub: the documents of one, an empty feed, and a note of everything it is asked.

It gives a token to the hub that is tested and to nobody else. What it is asked wrongly is noted, to
be told by a check, and answered all the same.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jws
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import addresses, app_keys, client_assertions, peer_clients
from domain.peering import POLL_SECONDS, RETENTION_DAYS, SCHEMA_VERSION
from web.conformance.identity import Identity, public

NAME = "Conformance tester"
SOFTWARE = "convoke-conformance/1"
PAGE = 50  # so that a reader who asks for more is seen
MOST_BYTES = 131_072
_KEYS = "application/jwk-set+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of the tester's feed, by whoever asked."""

    channel: str
    after: str | None
    first: object
    is_posted_json: bool
    was_resync: bool = False


@dataclass
class SmallHub:
    """`theirs` is the issuer and client id of the hub that is tested, and its keys as a client."""

    identity: Identity
    their_client_id: str = ""
    their_keys: Mapping[str, Any] = field(default_factory=dict)
    documents_read: set[str] = field(default_factory=set)
    pages: list[Asked] = field(default_factory=list)
    asked_without: int = 0  # a token that the tester gave
    wrong_assertions: list[str] = field(default_factory=list)
    tokens_given: set[str] = field(default_factory=set)
    resync: set[str] = field(default_factory=set)  # channels that are answered so, once each
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _jtis: set[str] = field(default_factory=set)

    @property
    def documents(self) -> Mapping[str, dict[str, Any]]:
        """By their paths; each with a member that nobody knows, which is to be passed over."""
        url, identity = self.identity.url, self.identity
        resource = url + addresses.RESOURCE
        server = {
            "issuer": url,
            "token_endpoint": url + addresses.TOKEN,
            "jwks_uri": url + addresses.JWKS,
        }
        keys_as_client = url + addresses.CLIENT_KEYS
        documents: dict[str, dict[str, Any]] = {
            addresses.HUB: {
                **server,
                "hub": identity.hub_id,
                "name": NAME,
                "software": SOFTWARE,
                "url": url,
                "schema_version": SCHEMA_VERSION,
                "graphql_endpoint": resource,
                "client_metadata_url": identity.client_id,
                "client_jwks_uri": keys_as_client,
                "poke_endpoint": url + addresses.POKE,
                "proposals_endpoint": url + addresses.PROPOSALS,
                "limits": {
                    "page": PAGE,
                    "poll_seconds": POLL_SECONDS,
                    "retention_days": RETENTION_DAYS,
                },
            },
            addresses.SERVER_METADATA: {
                **server,
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "response_types_supported": [],
            },
            addresses.RESOURCE_METADATA + addresses.RESOURCE: {
                "resource": resource,
                "authorization_servers": [url],
            },
            addresses.CLIENT_METADATA: {
                "client_id": identity.client_id,
                "client_name": NAME,
                "client_uri": url,
                "grant_types": [str(grant) for grant in peer_clients.GRANT_TYPES],
                "response_types": [],
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks_uri": keys_as_client,
                "scope": " ".join(peer_clients.SCOPES),
            },
            addresses.JWKS: {"keys": [public(identity.people)]},
            addresses.CLIENT_KEYS: {"keys": [public(identity.asking)]},
        }
        return {path: {**said, "of_another_time": True} for path, said in documents.items()}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                *(Route(path, self._document, methods=["GET"]) for path in self.documents),
                Route(addresses.PROPOSALS, self._proposed, methods=["POST"]),
                Route(addresses.POKE, self._poked, methods=["POST"]),
                Route(addresses.TOKEN, self._token, methods=["POST"]),
                Route(addresses.RESOURCE, self._graphql, methods=["POST"]),
            ]
        )

    # ── what it answers ──────────────────────────────────────────────────────────────────────────

    async def _document(self, request: Request) -> Response:
        path = request.url.path
        await self._note(self.documents_read.add, path)
        media = _KEYS if path in {addresses.JWKS, addresses.CLIENT_KEYS} else None
        return JSONResponse(self.documents[path], media_type=media)

    async def _proposed(self, _request: Request) -> Response:
        return JSONResponse({}, 202)

    async def _poked(self, _request: Request) -> Response:
        """What moved there is read by the checks, when they come to it."""
        return Response(status_code=202)

    async def _token(self, request: Request) -> Response:
        fields = dict(parse_qsl((await _body(request)).decode("utf-8", "replace")))
        kind, assertion = fields.get("client_assertion_type"), fields.get("client_assertion", "")
        is_theirs, wrong = self._read(assertion)
        if kind != client_assertions.TYPE:
            wrong = [*wrong, "client_assertion_type is another"]
        if not is_theirs:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.wrong_assertions += wrong
        token = self.identity.name()
        await self._note(self.tokens_given.add, token)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": 300}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    async def _graphql(self, request: Request) -> Response:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        if shown not in self.tokens_given:
            self.asked_without += 1  # perhaps with a token of the last run: it gets another
            return JSONResponse(_error("UNAUTHENTICATED"), 401, {"WWW-Authenticate": "Bearer"})
        is_json = request.headers.get("content-type", "").startswith("application/json")
        asked = _variables(await _body(request))
        pages = [self._asked(*each, is_json) for each in _places(asked)]
        for page in pages:
            await self._note(self.pages.append, page)
        if any(page.was_resync for page in pages):
            self.resync -= {page.channel for page in pages}
            return JSONResponse(_error("RESYNC"))
        ends = [{"hasNextPage": False, "endCursor": cursor_of(page.channel)} for page in pages]
        if "channel0" in asked:
            glanced = {f"of{index}": {"pageInfo": end} for index, end in enumerate(ends)}
            return JSONResponse({"data": glanced})
        return JSONResponse({"data": {"changes": {"edges": [], "pageInfo": ends[0]}}})

    def _asked(self, channel: object, after: Any, first: Any, is_json: bool) -> "Asked":
        channel = channel or "public"
        return Asked(
            channel if isinstance(channel, str) else "",
            after,
            first,
            is_json,
            was_resync=after is not None and channel in self.resync,
        )

    # ── what is noted ────────────────────────────────────────────────────────────────────────────

    async def _note(self, keep: Any, what: object) -> None:
        async with self.came:
            keep(what)
            self.came.notify_all()

    def _read(self, assertion: str) -> tuple[bool, list[str]]:
        """Whether the hub that is tested signed it, and what about it is not as the page says."""
        try:
            header, claims = (_part(assertion, number) for number in (0, 1))
            key = app_keys.chosen(self.their_keys, header.get("kid"), str(header.get("alg")))
            if key is None:
                return False, []
            registry = jws.JWSRegistry(algorithms=[str(header["alg"])])
            jws.deserialize_compact(assertion, key, registry=registry)
        except (JoseError, ValueError, IndexError):
            return False, []
        now, jti = self.identity.clock.now().timestamp(), claims.get("jti")
        issued, expires = claims.get("iat", now), claims.get("exp", 0)
        lies = {
            "its iss and sub are not the hub's client id": {claims.get("iss"), claims.get("sub")}
            != {self.their_client_id},
            f"its aud is not {self.identity.url} alone": claims.get("aud")
            not in (self.identity.url, [self.identity.url]),
            "it is good for more than 300 seconds": not 0 < expires - issued <= 300,
            "it has expired": expires <= now,
            "its jti is none, or was used before": not isinstance(jti, str) or jti in self._jtis,
            "its header has more than alg, typ and kid": not header.keys() <= {"alg", "typ", "kid"},
        }
        self._jtis.add(str(jti))
        return True, [says for says, is_so in lies.items() if is_so]


def cursor_of(channel: str) -> str:
    return base64.urlsafe_b64encode(f"the tester's place in {channel}".encode()).decode()


def _error(code: str) -> dict[str, Any]:
    return {"errors": [{"message": "See the code.", "extensions": {"code": code}}]}


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])


def _variables(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    variables = read.get("variables") if isinstance(read, dict) else None
    return variables if isinstance(variables, dict) else {}


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(read, dict):
        raise ValueError("no object")
    return read


def _places(asked: Mapping[str, Any]) -> list[tuple[Any, Any, Any]]:
    """Channel, place and how many: of one page, or of each channel that is glanced at."""
    if "channel0" not in asked:
        return [(asked.get("channel"), asked.get("after"), asked.get("first"))]
    numbers = range(len(asked))
    channels = [each for each in numbers if f"channel{each}" in asked]
    return [(asked[f"channel{each}"], asked.get(f"after{each}"), 0) for each in channels]
