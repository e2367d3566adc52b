"""How often tokens, codes and registrations may be asked for: which limits stand where.

By an app at its address, and by an address alone; nobody is counted by what others may say of them
too, so that no app can be shut out by somebody who knows its id. Who asks now and then costs the
database nothing: only what is beyond a trickle, and what fails, is counted there, for all processes
(`throttle.py`).

A refusal is 429 with Retry-After. As OAuth has no word for it, its `error` is
`temporarily_unavailable` (RFC 6749 s4.1.2.1), which clients take for no final answer.
"""

# pyright: reportIncompatibleMethodOverride=false

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]

from auth.desk import Desk
from auth.throttle import Limit, TooManyTries, count

# Sixty at once, and one a second: a token is good for five minutes.
ASKED = Limit("asked by app and address", 60, 1.0)
# A peer hub asks for each of its people who acts here.
ASKED_FOR_PEOPLE = Limit("asked for people by app and address", 600, 0.1)
# Beyond these, in one process, an app's asking is counted by all. (Eight processes let 80 more pass.)
_TRICKLE = Limit("", 10, 6.0)

FAILED = Limit("failed by app and address", 10, 10.0)
FAILED_BY_ADDRESS = Limit("failed by address", 60, 2.0)
AUTHORIZATIONS = Limit("authorizations by address", 60, 1.0)
DEVICES = Limit("devices by address", 20, 10.0)
REGISTRATIONS = Limit("registrations by address", 10, 60.0)
CODES_BY_ADDRESS = Limit("device codes by address", 40, 15.0)
CODES_BY_PERSON = Limit("device codes by person", 20, 20.0)

MOST_REMEMBERED = 10_000

# A device asks again and again, and is told how often (RFC 8628 s3.5).
_NO_FAILURE = {"authorization_pending", "slow_down"}


class TooOftenError(OAuth2Error):  # type: ignore[misc]
    """RFC 6585 s4, in the words of OAuth."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, often: TooManyTries) -> None:
        super().__init__(description=often.message)
        self.wait_seconds = often.wait_seconds

    def get_headers(self) -> list[tuple[str, str]]:
        plain: list[tuple[str, str]] = super().get_headers()
        return [*plain, ("Retry-After", str(self.wait_seconds))]


@dataclass(slots=True)
class _Level:
    level: float
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """One process's."""

    _trickles: OrderedDict[tuple[str, str, str], _Level] = field(default_factory=OrderedDict)

    async def asks(self, desk: Desk, endpoint: str, client_id: str, limit: Limit = ASKED) -> None:
        """One more request in the name of that app. Raises `TooOftenError`."""
        if self._is_more_than_a_trickle(desk, endpoint, client_id):
            await _count(desk, limit, f"{endpoint} {client_id} {desk.address}")

    async def failed(
        self, desk: Desk, endpoint: str, client_id: str, body: Mapping[str, Any]
    ) -> None:
        """It was answered with an error. Raises `TooOftenError`, to be told instead of it: an app
        that shows who it is gets its token, whatever others try in its name."""
        if body.get("error") not in _NO_FAILURE:
            await _count(desk, FAILED, f"{endpoint} {client_id} {desk.address}")
            await by_address(desk, FAILED_BY_ADDRESS)

    def _is_more_than_a_trickle(self, desk: Desk, endpoint: str, client_id: str) -> bool:
        now, key = desk.clock.now(), (endpoint, client_id, desk.address)
        known = self._trickles.setdefault(key, _Level(0.0, now))
        self._trickles.move_to_end(key)
        if len(self._trickles) > MOST_REMEMBERED:
            self._trickles.popitem(last=False)
        passed = max(0.0, (now - known.at).total_seconds())
        known.level = max(0.0, known.level - passed / _TRICKLE.seconds) + 1
        known.at = now
        if known.level <= _TRICKLE.burst:
            return False
        known.level = float(_TRICKLE.burst)
        return True


async def by_address(desk: Desk, limit: Limit) -> None:
    """One more try from there. Raises `TooOftenError`."""
    if desk.address:
        await _count(desk, limit, desk.address)


async def _count(desk: Desk, limit: Limit, by: str) -> None:
    try:
        await count(desk, limit, by)
    except TooManyTries as often:
        raise TooOftenError(often) from None
