"""Between Starlette and what is asked of the authorization server: what comes in, checked; what goes out.

Authlib reads the first of a repeated parameter, and takes the first method of client
authentication that works. Both are refused here, before it looks.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import InvalidRequestError  # type: ignore[import-untyped]
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from auth.adapter import TokenRequest, sayable

MOST_BYTES = 16_384
MOST_FIELDS = 50
FORM = "application/x-www-form-urlencoded"
REPEATABLE = {"resource", "audience"}  # RFC 8707 s2, RFC 8693 s2.1


class TooLargeError(OAuth2Error):  # type: ignore[misc]
    error = "invalid_request"
    status_code = 413


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


async def json_request(request: Request) -> dict[str, Any]:
    """The object that was sent, or an `OAuth2Error` saying how it should have come."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or "content-encoding" in request.headers:
        raise InvalidRequestError("Send a JSON object, as application/json, not compressed.")
    body = await _body(request)
    try:
        read = json.loads(body.decode())
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise InvalidRequestError("The body is no JSON object in UTF-8.")
    return read


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
