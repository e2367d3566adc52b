"""What a client says in graphql-transport-ws, read strictly, and what it is told.

The protocol: github.com/enisdenjo/graphql-ws, PROTOCOL.md. A message that is none of it ends the
connection with 4400 and the reason.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from schema.subscribing import Errors

PROTOCOL = "graphql-transport-ws"
LONGEST_ID = 128

GOING_AWAY = 1012  # the client is to come again
TRY_AGAIN_LATER = 1013
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
EXPIRED = 4403  # the client is to come again with another token
NO_SUCH_PROTOCOL = 4406
INIT_TIMEOUT = 4408
ID_IN_USE = 4409
TOO_MANY_INITS = 4429

ACKNOWLEDGED = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'


class Close(Exception):  # noqa: N818 - told to the client, no error of ours
    """The connection is closed with this code and these words, of at most 123 bytes (RFC 6455
    s5.5)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:123].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Init:
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ping: ...


@dataclass(frozen=True, slots=True)
class Pong: ...


@dataclass(frozen=True, slots=True)
class Subscribe:
    id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Complete:
    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def read(text: str | None) -> Message:
    """The message, or `Close` saying what is wrong with it."""
    if text is None:
        raise Close(BAD_REQUEST, "Messages are sent as text, not as bytes.")
    try:
        given: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Close(BAD_REQUEST, "A message is one JSON object.") from None
    if not isinstance(given, dict):
        raise Close(BAD_REQUEST, "A message is one JSON object.")
    match given.get("type"):
        case "connection_init":
            return Init(_payload(given) or {})
        case "ping":
            _payload(given)
            return Ping()
        case "pong":
            _payload(given)
            return Pong()
        case "subscribe":
            payload = _payload(given)
            if payload is None:
                raise Close(BAD_REQUEST, "subscribe has a payload: an object with a query.")
            return Subscribe(_id(given), payload)
        case "complete":
            return Complete(_id(given))
        case _:
            raise Close(
                BAD_REQUEST,
                "type is connection_init, subscribe, complete, ping or pong.",
            )


def token_of(payload: dict[str, Any]) -> str | None:
    """What stands in connection_init as the header would: `{"authorization": "Bearer …"}`. Clients
    write it with a capital letter, too."""
    found = [value for name, value in payload.items() if name.lower() == "authorization"]
    if len(found) > 1 or not all(isinstance(each, str) and each.isascii() for each in found):
        raise Close(
            UNAUTHORIZED, "Send one token: as `authorization`, a text: Bearer and the token."
        )
    return found[0] if found else None


def next_of(identifier: str, body: bytes) -> str:
    return f'{{"id":{_quoted(identifier)},"type":"next","payload":{body.decode()}}}'


def error_of(identifier: str, errors: Errors) -> str:
    return (
        f'{{"id":{_quoted(identifier)},"type":"error","payload":{orjson.dumps(errors).decode()}}}'
    )


def complete_of(identifier: str) -> str:
    return f'{{"id":{_quoted(identifier)},"type":"complete"}}'


def _quoted(identifier: str) -> str:
    return orjson.dumps(identifier).decode()


def _payload(given: dict[str, Any]) -> dict[str, Any] | None:
    payload = given.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Close(BAD_REQUEST, "payload is an object.")
    return payload


def _id(given: dict[str, Any]) -> str:
    identifier = given.get("id")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= LONGEST_ID:
        raise Close(BAD_REQUEST, f"id is a text of 1 to {LONGEST_ID} characters.")
    return identifier
