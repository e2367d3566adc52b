"""An OpenID provider on this machine, over real sockets: honest, until it is told how to lie."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import MISSING, dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.outside import Clock

CLIENT_ID, SECRET = "convoke at the pantry", "s3cret: with % and +, as they come"
ANNA_THERE = "248289761001"
Fields = dict[str, Any]
Change = Callable[[Fields], object]
CLOSING = {"connection": "close"}  # so that no test leaves a connection open

EC = ECKey(ec.generate_private_key(ec.SECP256R1()), None)
ANOTHER_EC = ECKey(ec.generate_private_key(ec.SECP256R1()), None)
RSA = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
ED = OKPKey.import_key(ed25519.Ed25519PrivateKey.generate())
KEYS: dict[str, Any] = {"ES256": EC, "RS256": RSA, "PS256": RSA, "EdDSA": ED}


def nothing(_: Fields) -> None:
    """It says what it should."""


def published(key: Any, **more: str) -> Fields:
    return {**key.as_dict(private=False), "use": "sig", **more}


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(header: Fields, claims: Fields, key: Any) -> str:
    """RFC 7515 s5.1, with whatever stands in the header. joserfc would refuse to make most
    lies; a key of bytes is a secret (HS256)."""
    head, body = (base64url(json.dumps(part).encode()) for part in (header, claims))
    content = f"{head}.{body}"
    if header["alg"] == "none":
        return f"{content}."
    if isinstance(key, bytes):
        signature = hmac.digest(key, content.encode(), "sha256")
    else:
        signature = jws.JWSRegistry.algorithms[header["alg"]].sign(content.encode(), key)
    return f"{content}.{base64url(signature)}"


@dataclass
class Provider:
    """Each `Change` may alter what it was about to say; each `Response` is said in its place."""

    clock: Clock
    url: str = ""
    subject: str = ANNA_THERE
    algorithm: str = "ES256"
    key: Any = None
    names_itself: bool = True
    metadata: Change = nothing
    back: Change = nothing  # what the browser brings back
    header: Change = nothing
    claims: Change = nothing
    tokens: Change = nothing
    keys: Change = nothing
    userinfo: Change = nothing
    instead: dict[str, Response] = field(default_factory=dict)  # by path
    slow: set[str] = field(default_factory=set)
    shown: str = ""  # how the client showed its secret
    asked: list[str] = field(default_factory=list)  # paths
    codes: dict[str, Fields] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)  # until when it is slow

    def repent(self) -> None:
        """From now on it is honest."""
        for each in fields(self):
            if each.name not in {"clock", "url", "codes", "over"}:
                new = each.default_factory
                setattr(self, each.name, each.default if new is MISSING else new())

    def times(self, path: str) -> int:
        return self.asked.count(path)

    async def _described(self, _: Request) -> Response:
        said: Fields = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [*KEYS, "none", "HS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        self.metadata(said)
        return JSONResponse(said, headers=CLOSING)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        back: Fields = {"code": code, "state": asked["state"], "iss": self.url}
        if not self.names_itself:
            del back["iss"]
        self.back(back)
        where = f"{asked['redirect_uri']}?{urlencode(back, doseq=True)}"
        return RedirectResponse(where, 302, CLOSING)

    async def _token(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or base64url(digest) != asked["code_challenge"]
            or given["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400, CLOSING)
        _, _, pair = request.headers.get("authorization", "").partition(" ")
        if pair:
            self.shown = "in the header"
            known = [unquote_plus(part) for part in base64.b64decode(pair).decode().split(":")]
        else:
            self.shown = "in the body"
            known = [given.get("client_id", ""), given.get("client_secret", "")]
        if known != [CLIENT_ID, SECRET]:
            return JSONResponse({"error": "invalid_client"}, 401, CLOSING)
        now = int(self.clock.now().timestamp())
        claims: Fields = {
            "iss": self.url,
            "aud": asked["client_id"],
            "sub": self.subject,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "email": "anna@pantry.example",
        }
        if "max_age" in asked:
            claims["auth_time"] = now
        self.claims(claims)
        header: Fields = {"alg": self.algorithm, "kid": self.algorithm, "typ": "JWT"}
        self.header(header)
        key = self.key or KEYS[header["alg"]]
        said: Fields = {
            "access_token": "an access token",
            "token_type": "Bearer",
            "id_token": signed(header, claims, key),
        }
        self.tokens(said)
        return JSONResponse(said, headers=CLOSING)

    async def _jwks(self, _: Request) -> Response:
        said: Fields = {"keys": [published(KEYS[alg], kid=alg, alg=alg) for alg in KEYS]}
        self.keys(said)
        return JSONResponse(said, headers=CLOSING)

    async def _userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer an access token"
        said: Fields = {"sub": self.subject, "email": "anna@pantry.example"}
        self.userinfo(said)
        return JSONResponse(said, headers=CLOSING)

    def _route(self, path: str, answer: Callable[[Request], Any], *methods: str) -> Route:
        async def said(request: Request) -> Response:
            self.asked.append(path)
            if path in self.slow:
                await self.over.wait()
            return self.instead.get(path) or await answer(request)

        return Route(path, said, methods=list(methods or ("GET",)))

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                self._route("/.well-known/openid-configuration", self._described),
                self._route("/authorize", self._authorize),
                self._route("/token", self._token, "POST"),
                self._route("/jwks", self._jwks),
                self._route("/userinfo", self._userinfo),
            ]
        )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()


@asynccontextmanager
async def providing(clock: Clock) -> AsyncIterator[Provider]:
    """A provider that answers at `url`, until the end."""
    provider = Provider(clock)
    listening = socket.create_server(("127.0.0.1", 0))
    provider.url = f"http://localhost:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        provider.app, lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    await server.answers.wait()
    try:
        yield provider
    finally:
        provider.over.set()
        server.should_exit = True
        await serving
