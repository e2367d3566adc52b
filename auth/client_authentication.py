"""How a client shows that it is the one, and what Authlib asks of it afterwards.

A request brings one way to show it, and the client is registered for one: they must be the same.
An unknown client, a wrong secret and another way than its own are answered alike (RFC 6749 s5.2).
"""

# pyright: reportIncompatibleMethodOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    ClientMixin,
    InvalidRequestError,
    InvalidScopeError,
    scope_to_list,
)
from sqlalchemy import Connection

from auth import scopes
from auth.adapter import NotRecognizedError, TokenRequest, sayable
from auth.client_ids import CLIENT_ID, may_sign
from auth.desk import digest_of
from domain.apps import AuthMethod
from storage import credentials
from storage.credentials import KnownClient

# Compared where there is no such client, so that it takes as long as where there is.
_NOBODYS = digest_of("nobody's secret")


class AskingClient(ClientMixin):  # type: ignore[misc]
    """A known client in the words Authlib asks."""

    def __init__(self, known: KnownClient) -> None:
        self.known = known

    def get_client_id(self) -> str:
        return self.known.client.id

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.known.client.grant_types

    def get_allowed_scope(self, scope: str | None) -> str:
        """What is asked for; where nothing is, those of the default that the client may have."""
        registered = set(self.known.client.scopes)
        asked = set(scope_to_list(scope) or ())
        if not asked:
            asked = registered & set(scopes.DEFAULT)
            if not asked:
                raise InvalidScopeError(
                    "Name the scopes: this client has none of the default ones."
                )
        beyond = sorted(asked - registered)
        if beyond:
            raise InvalidScopeError(
                f"This client is not registered for {sayable(' '.join(beyond))}: "
                "ask without, or have it registered anew."
            )
        return " ".join(scopes.in_order(asked))


class Asked(Protocol):
    """Who is asked about clients: the authorization server, within its transaction."""

    connection: Connection
    now: datetime


Way = Callable[[Asked, TokenRequest], KnownClient | None]


def is_one_of(secret: str, digests: Iterable[bytes]) -> bool:
    """Each is compared, so that the time says nothing of which one it was."""
    given = digest_of(secret)
    return sum(hmac.compare_digest(given, kept) for kept in digests) > 0


def authenticated(
    server: Asked, request: TokenRequest, methods: Iterable[AuthMethod]
) -> AskingClient:
    """The client that asks. Raises `NotRecognizedError`."""
    method = method_of(request)
    if method is None:
        raise NotRecognizedError(
            "Send the client's id and secret by HTTP Basic, or client_id where it has none."
        )
    known = WAYS[method](server, request)
    if known is None or known.client.auth_method is not method or method not in methods:
        raise NotRecognizedError
    if request.form.get("client_id", known.client.id) != known.client.id:
        raise InvalidRequestError("client_id is not the client that authenticated: leave it out.")
    return AskingClient(known)


def method_of(request: TokenRequest) -> AuthMethod | None:
    """The way that the request goes; the adapter has refused two at once."""
    if request.tries_to_authenticate:
        return AuthMethod.SECRET_BASIC
    if "client_assertion" in request.form:
        return AuthMethod.PRIVATE_KEY_JWT
    if "client_id" in request.form and "client_secret" not in request.form:
        return AuthMethod.NONE
    return None


def _by_secret(server: Asked, request: TokenRequest) -> KnownClient | None:
    given = request.credentials
    if given is None:
        return None
    known = _known(server, given.client_id)
    if known is None:
        is_one_of(given.secret, [_NOBODYS])
        return None
    return known if is_one_of(given.secret, known.digests) else None


def _by_name(server: Asked, request: TokenRequest) -> KnownClient | None:
    """A public client shows nothing: what it sends besides, a code or a token, is all there is."""
    return _known(server, request.form["client_id"])


def _by_signature(server: Asked, request: TokenRequest) -> KnownClient | None:
    """Checked before the transaction (`client_assertions.py`), but for whether it was sent before."""
    proven = request.proven
    if proven is None or not proven.is_first_use(server.connection):
        return None
    if not may_sign(proven.client_id):
        return None
    return credentials.known_client(server.connection, proven.client_id, server.now)


WAYS: Mapping[AuthMethod, Way] = {
    AuthMethod.SECRET_BASIC: _by_secret,
    AuthMethod.PRIVATE_KEY_JWT: _by_signature,
    AuthMethod.NONE: _by_name,
}
EVERY_METHOD = tuple(WAYS)
CONFIDENTIAL = tuple(method for method in WAYS if method is not AuthMethod.NONE)


def _known(server: Asked, client_id: str) -> KnownClient | None:
    if not CLIENT_ID.fullmatch(client_id):
        return None
    return credentials.known_client(server.connection, client_id, server.now)
