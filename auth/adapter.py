"""Between Starlette and Authlib's authorization server: what comes in, checked; what goes out.

Authlib reads the first of a repeated parameter, and takes the first method of client
authentication that works. Both are refused here, before it looks.
"""

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
)
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MOST_BYTES = 16_384
MOST_FIELDS = 50
FORM = "application/x-www-form-urlencoded"
REPEATABLE = {"resource", "audience"}  # RFC 8707 s2, RFC 8693 s2.1

# RFC 6749 s5.2: what an error_description may hold.
_UNSAID = re.compile(r"[^\x20\x21\x23-\x5B\x5D-\x7E]")


class TooLargeError(OAuth2Error):  # type: ignore[misc]
    error = "invalid_request"
    status_code = 413


class NotRecognizedError(InvalidClientError):  # type: ignore[misc]
    """The same for an unknown client and a wrong secret, so that neither can be told apart."""

    def __init__(self, description: str = "Unknown client, or not its secret.") -> None:
        super().__init__(description=description, status_code=401)

    def get_headers(self) -> list[tuple[str, str]]:
        plain: list[tuple[str, str]] = OAuth2Error.get_headers(self)
        return [*plain, ("WWW-Authenticate", 'Basic realm="Convoke", charset="UTF-8"')]


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

    def __init__(self, headers: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> None:
        # Authlib wants https of an address that it then does not use here; whether plain http
        # will do (on this machine only) is decided with the hub's settings.
        super().__init__("POST", "https://this.hub/oauth/token", headers=headers)
        self.payload = self._form = Form(fields)
        self.tries_to_authenticate = "authorization" in headers
        self.credentials = basic_credentials(headers)

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


async def token_request(request: Request) -> TokenRequest:
    """The request, or an `OAuth2Error` saying how it should have come."""
    if request.url.query:
        raise InvalidRequestError("Send the parameters in the body, and none in the address.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM or "content-encoding" in request.headers:
        raise InvalidRequestError(f"Send the parameters as {FORM}, not compressed.")
    try:
        fields = parse_qsl(
            (await _body(request)).decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise InvalidRequestError(f"The body is not {FORM} in UTF-8.") from None
    _refuse_repeated(fields)
    _refuse_two_ways_to_authenticate(request, {name for name, _ in fields})
    return TokenRequest(request.headers, fields)


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


def response(status: int, body: object, headers: Sequence[tuple[str, str]]) -> Response:
    answer = Response(json.dumps(body), status_code=status)
    for name, value in headers:
        answer.headers[name] = value
    answer.headers["Cache-Control"] = "no-store"  # RFC 6749 s5.1, errors too
    return answer


def refusal(error: OAuth2Error) -> Response:
    return response(*error())


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise TooLargeError(f"The body has more than {MOST_BYTES} bytes.")
    except ClientDisconnect:
        raise InvalidRequestError("The body did not arrive whole.") from None
    return bytes(body)


def _refuse_repeated(fields: Sequence[tuple[str, str]]) -> None:
    """RFC 6749 s3.2."""
    names = [name for name, _ in fields if name not in REPEATABLE]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequestError(f"Send {sayable(name)} once.")


def _refuse_two_ways_to_authenticate(request: Request, names: set[str]) -> None:
    """RFC 6749 s2.3."""
    headers = request.headers.getlist("authorization")
    if len(headers) + len(names & {"client_secret", "client_assertion"}) > 1:
        raise InvalidRequestError("Authenticate the client in one way, and once.")
