"""A device asks, again and again, whether somebody has answered for it: RFC 8628 s3.4 and s3.5.

How it got its code is in `device_endpoint.py`, the person's side in `device.py`.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc8628 import (  # type: ignore[import-untyped]
    AuthorizationPendingError,
    DeviceCodeGrant,
    ExpiredTokenError,
    SlowDownError,
)

from auth.adapter import TokenRequest
from auth.client_authentication import EVERY_METHOD
from auth.desk import digest_of
from auth.holders import Holder, require_standing
from domain.apps import GrantType
from storage import authorizations, device_codes
from storage.device_codes import DeviceCode

if TYPE_CHECKING:
    from auth.server import Server

# RFC 8628 s3.5: for this request and all that follow.
SLOWER_BY_SECONDS = 5
# A device that waits exactly as long as it was told is now and then a moment early on the way.
_EARLY = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class AnsweredDevice:
    """In the words Authlib asks."""

    digest: bytes
    holder: Holder

    def get_scope(self) -> str:
        return " ".join(self.holder.grant.scopes)


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD
    request: TokenRequest
    server: "Server"

    def validate_token_request(self) -> None:
        device_code = self.request.form.get("device_code")
        if device_code is None:
            raise InvalidRequestError("Send device_code.")
        client: Any = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(GrantType.DEVICE_CODE):
            raise UnauthorizedClientError("This client is not registered for device codes.")
        # Locked, so that of several who ask at once one gets the token.
        code = device_codes.lock(self.server.connection, digest_of(device_code))
        if code is None or code.client_id != client.get_client_id() or code.used_at is not None:
            raise InvalidGrantError("The device code is unknown or spent: begin anew.")
        holder = self._answered(code)
        self.request.client, self.request.user = client, holder
        self.request.credential = AnsweredDevice(code.digest, holder)

    def create_token_response(self) -> Any:
        answered: Any = self.request.credential
        if not device_codes.spend(self.server.connection, answered.digest, self.server.now):
            raise RuntimeError("A device code was spent by somebody else while it was locked.")
        return super().create_token_response()

    def _answered(self, code: DeviceCode) -> Holder:
        """Whoever said yes; else an `OAuth2Error` of RFC 8628 s3.5."""
        if code.expires_at <= self.server.now:
            raise ExpiredTokenError("Nobody answered in time: begin anew.")
        if code.is_denied:
            raise AccessDeniedError("The person did not allow it.")
        if code.grant_id is None:
            raise self._not_yet(code)
        held = authorizations.lock(self.server.connection, code.grant_id)
        require_standing(held)
        return Holder(held.grant)

    def _not_yet(self, code: DeviceCode) -> OAuth2Error:
        now, interval = self.server.now, timedelta(seconds=code.interval_seconds)
        too_soon = code.asked_at is not None and now - code.asked_at < interval - _EARLY
        seconds = code.interval_seconds + (SLOWER_BY_SECONDS if too_soon else 0)
        device_codes.note_asked(self.server.connection, code.digest, now, seconds)
        if too_soon:
            return SlowDownError(f"Ask every {seconds} seconds, and no sooner.")
        return AuthorizationPendingError("Nobody has answered yet.")
