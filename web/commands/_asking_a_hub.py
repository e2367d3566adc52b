"""What commands send to a running hub's authorization server, and how they read what it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from auth import addresses
from domain.errors import Refused
from federation.client import OutgoingClient

MOST_BYTES = 64 * 1024  # of an answer: a token has some hundreds


class NoToken(Refused):
    """`error` is the hub's own word for why (RFC 6749 s5.2, RFC 8628 s3.5)."""

    def __init__(self, message: str, error: str = "") -> None:
        super().__init__(message)
        self.error = error


@dataclass(frozen=True, slots=True)
class Hub:
    """`url` is the hub's address, without a slash at its end."""

    client: OutgoingClient
    url: str

    async def asked(
        self, path: str, fields: Mapping[str, str], authorization: str | None = None
    ) -> dict[str, Any]:
        """The hub's answer; else `NoToken`, in the hub's own words. Empty fields are left out."""
        fetched = await self.client.post(
            f"{self.url}{path}",
            body=urlencode({name: value for name, value in fields.items() if value}).encode(),
            content_type="application/x-www-form-urlencoded",
            accept="application/json",
            max_bytes=MOST_BYTES,
            headers={} if authorization is None else {"authorization": authorization},
        )
        answer = _object(fetched.body)
        if fetched.status == 200 and answer is not None:
            return answer
        said_why = answer or {}
        error = said_why.get("error")
        why = said_why.get("error_description") or error
        if not isinstance(why, str) or not isinstance(error, str | None):
            raise self.is_no_hub(f"it answered {fetched.status} without saying why")
        raise NoToken(f"{self.url} gives no token: {said(why)}", error or "")

    async def token(
        self, fields: Mapping[str, str], authorization: str | None = None
    ) -> dict[str, Any]:
        answer = await self.asked(addresses.TOKEN, fields, authorization)
        if not isinstance(answer.get("access_token"), str):
            raise self.is_no_hub("it answered 200 without a token")
        return answer

    async def given_back(self, client_id: str, refresh_token: str) -> None:
        """RFC 7009: everything that was allowed with it ends."""
        fields = {"client_id": client_id, "token": refresh_token}
        await self.asked(addresses.REVOKE, fields)

    def is_no_hub(self, why: str) -> Refused:
        return Refused(f"{self.url} is no hub: {why}.")


def said(text: str) -> str:
    """A stranger's words go to the terminal as text, and no control sequence among them."""
    return "".join(letter for letter in text[:500] if letter.isprintable())


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
