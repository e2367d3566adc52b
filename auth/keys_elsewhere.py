"""Public keys that an app publishes at an address of its own, fetched and kept for a while.

A key that is not among those kept may be new: they are fetched again, but not twice in a while,
however many unknown names are thrown at us, and by one request at a time. Nothing is fetched within
a transaction, and nothing but through the hub's one guarded door out, which is handed in.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key

from auth import app_keys
from domain.errors import Problem, Refused
from domain.outside import Clock

# GET, of at most that many bytes; raises a `Problem` where there is nothing to be had.
Fetch = Callable[[str, int], Awaitable[bytes]]

FETCHED_AFTER = timedelta(minutes=10)
ASKED_AGAIN_AFTER = timedelta(minutes=1)
# Where nothing was to be had: whoever was away for a moment is not unknown for a minute.
FAILED_AGAIN_AFTER = timedelta(seconds=5)
# A key that was taken back is believed no longer than this, even where its address is silent.
LONGEST = timedelta(hours=1)
MOST_BYTES = 64_000
MOST_REMEMBERED = 1_000

_NOTHING: Mapping[str, Any] = {"keys": []}


async def fetch_nothing(_url: str, _most_bytes: int) -> bytes:
    """For whoever has no way out: keys elsewhere are unknown."""
    raise Refused("Nothing is fetched from other servers here.")


@dataclass(slots=True)
class _Address:
    jwks: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    fetched_at: datetime | None = None
    asked_at: datetime | None = None
    has_failed: bool = False
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeysElsewhere:
    """One process's copy of them all."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: OrderedDict[str, _Address] = OrderedDict()

    async def key(
        self, url: str, kid: str | None, algorithm: str, *, known: frozenset[str] | None = None
    ) -> Key | None:
        """`known` are thumbprints (RFC 7638): of a set that has none of those keys, no key is
        taken. Whoever replaced all of them at once is perhaps somebody else."""
        address = self._address(url)
        if not self._is_older(address.fetched_at, FETCHED_AFTER):
            found = _chosen(address.jwks, kid, algorithm, known)
            if found is not None:
                return found
        async with address.one_at_a_time:
            pause = FAILED_AGAIN_AFTER if address.has_failed else ASKED_AGAIN_AFTER
            if self._is_older(address.asked_at, pause):
                await self._look(url, address)
        if self._is_older(address.fetched_at, LONGEST):
            return None
        return _chosen(address.jwks, kid, algorithm, known)

    def _address(self, url: str) -> _Address:
        address = self._known.setdefault(url, _Address())
        self._known.move_to_end(url)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return address

    async def _look(self, url: str, address: _Address) -> None:
        address.asked_at = self._clock.now()
        address.has_failed = True  # also where whoever asks gives up meanwhile
        try:
            read = json.loads(await self._fetch(url, MOST_BYTES))
        except (Problem, ValueError, RecursionError):
            return  # those kept go on for a while: their server may be away for a moment
        if isinstance(read, dict):
            address.jwks, address.fetched_at = read, self._clock.now()
            address.has_failed = False

    def _is_older(self, at: datetime | None, than: timedelta) -> bool:
        return at is None or self._clock.now() - at >= than


def _chosen(
    jwks: Mapping[str, Any], kid: str | None, algorithm: str, known: frozenset[str] | None
) -> Key | None:
    if known is not None and known.isdisjoint(app_keys.thumbprints(jwks)):
        return None
    return app_keys.chosen(jwks, kid, algorithm)
