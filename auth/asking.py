"""Around every endpoint where an app asks and shows who it is: how often it may, and the part of its
showing that cannot be done within a transaction."""

from collections.abc import Awaitable, Callable

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]

from auth import client_assertions
from auth.adapter import TokenRequest
from auth.client_ids import CLIENT_ID, may_sign
from auth.desk import Desk
from auth.limits_of_tokens import ASKED, ASKED_FOR_PEOPLE
from auth.server import Answer
from auth.service import TokenService
from domain.apps import GrantType

# What a client asks of the authorization server, showing who it is.
Asking = Callable[[TokenService, Desk, TokenRequest], Awaitable[Answer]]


async def answered(
    service: TokenService, desk: Desk, endpoint: str, brought: TokenRequest, asking: Asking
) -> Answer:
    """What is answered, an error too. Raises `OAuth2Error` where it is asked too often."""
    client_id = _named(brought)
    # A device that asks for its person's answer is told how often it may (RFC 8628 s3.5).
    asked_by = brought.form.get("grant_type")
    if asked_by != GrantType.DEVICE_CODE:
        limit = ASKED_FOR_PEOPLE if asked_by == GrantType.JWT_BEARER else ASKED
        await service.limits.asks(desk, endpoint, client_id, limit)
    answer: Answer
    try:
        brought.proven = await service.assertions.proven(brought.form)
        if brought.proven is not None:
            brought.vouched = await service.vouching.read(brought.form, brought.proven.client_id)
        answer = await asking(service, desk, brought)
    except OAuth2Error as error:
        answer = error()
    status, body, _ = answer
    if status >= 400:
        await service.limits.failed(desk, endpoint, client_id, body)
    return answer


def _named(brought: TokenRequest) -> str:
    """The client that it says it is; empty for what can be no client."""
    if brought.credentials is not None:
        name = brought.credentials.client_id
    elif "client_assertion" in brought.form:
        name = client_assertions.said_by(brought.form["client_assertion"])
        return name if may_sign(name) else ""
    else:
        name = brought.form.get("client_id", "")
    return name if CLIENT_ID.fullmatch(name) else ""
