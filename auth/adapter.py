"""What is asked, in the words of Authlib's authorization server, and how it is refused.

How it comes in and goes out by HTTP is in `wire.py`.
"""

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_plus

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidClientError,
    OAuth2Payload,
    OAuth2Request,
)
from sqlalchemy import Connection

# RFC 6749 s5.2: what an error_description may hold.
_UNSAID = re.compile(r"[^\x20\x21\x23-\x5B\x5D-\x7E]")


class NotRecognizedError(InvalidClientError):  # type: ignore[misc]
    """The same for an unknown client and a wrong secret, so that neither can be told apart."""

    def __init__(self, description: str = "Unknown client, or not its secret.") -> None:
        super().__init__(description=description, status_code=401)

    def get_headers(self) -> list[tuple[str, str]]:
        plain: list[tuple[str, str]] = OAuth2Error.get_headers(self)
        return [*plain, ("WWW-Authenticate", 'Basic realm="Convoke", charset="UTF-8"')]


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """RFC 8707 s2."""

    error = "invalid_target"


class Proof(Protocol):
    """That the client signed an assertion, checked before the transaction."""

    @property
    def client_id(self) -> str: ...

    def is_first_use(self, connection: Connection) -> bool: ...


def sayable(text: str) -> str:
    """Words of the caller, fit for an error_description."""
    cut = text if len(text) <= 100 else text[:99] + "~"
    return _UNSAID.sub("?", cut)


class Form(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._every: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in fields:
            if value:  # RFC 6749 s3.2: without a value, as if it were not there
                self._every[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._every.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._every


class TokenRequest(OAuth2Request):  # type: ignore[misc]
    """What Authlib's grants read. No address of it comes from a header."""

    client: Any  # what a grant has found: an `AskingClient`, a code, a `Holder`
    authorization_code: Any
    user: Any

    def __init__(self, headers: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> None:
        # Authlib wants https of an address that it then does not use here; whether plain http
        # will do (on this machine only) is decided with the hub's settings.
        super().__init__("POST", "https://this.hub/oauth/token", headers=headers)
        self.payload = self._form = Form(fields)
        self.tries_to_authenticate = "authorization" in headers
        self.credentials = basic_credentials(headers)
        self.proven: Proof | None = None
        # What a peer hub says of one of its people, or why it is not believed; read like `proven`.
        self.vouched: object = None

    @property
    def form(self) -> dict[str, str]:
        return self._form.data

    @property
    def resources(self) -> list[str]:
        return self._form.datalist.get("resource", [])


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    client_id: str
    secret: str


def basic_credentials(headers: Mapping[str, str]) -> BasicCredentials | None:
    """RFC 7617, with the id and the secret form-encoded inside (RFC 6749 s2.3.1).

    Authlib's own answers 500 to what is not UTF-8.
    """
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, separator, secret = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    return BasicCredentials(unquote_plus(client_id), unquote_plus(secret)) if separator else None
