"""What each provider says of itself and its keys, asked for seldom and kept for an hour.

One for a process, for as many providers as are in use. Nobody who comes to a hub can make it ask
often: what is known is not asked again, a failure is remembered for a moment, and a key that nobody
knows is looked for once in a while.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auth import provider_keys, provider_metadata
from auth.provider_keys import Keys, SigningKey
from auth.provider_metadata import Metadata
from auth.provider_outgoing import Outgoing, ProviderProblem, asked
from auth.provider_tokens import Unopened
from domain.outside import Clock
from domain.words import say

KEPT_FOR = timedelta(hours=1)
FAILURE_IS_KEPT_FOR = timedelta(seconds=10)
KEYS_LOOKED_AT_AGAIN_AFTER = timedelta(seconds=30)
MOST_ISSUERS = 200


@dataclass(slots=True)
class _Known:
    """Of one issuer. The lock lets one of many that need the same ask for it, and the rest wait."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    metadata: tuple[datetime, Metadata] | None = None
    keys: tuple[datetime, Keys] | None = None
    failed: tuple[datetime, str] | None = None


class Directory:
    """`outgoing` gives the guarded client of this process."""

    def __init__(
        self, outgoing: Callable[[], Outgoing], clock: Clock, *, allow_loopback: bool
    ) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self.allow_loopback = allow_loopback
        self._issuers: OrderedDict[str, _Known] = OrderedDict()

    @property
    def outgoing(self) -> Outgoing:
        return self._outgoing()

    async def metadata(self, issuer: str) -> Metadata:
        """Raises `ProviderProblem`."""
        known = self._known(issuer)
        async with known.lock:
            held = known.metadata
            if held is None or self._clock.now() - held[0] >= KEPT_FOR:
                held = known.metadata = await self._ask_metadata(known, issuer)
                known.keys = None  # their address may be another one now
            return held[1]

    async def key(self, metadata: Metadata, token: Unopened) -> SigningKey:
        """The key that the token names. Raises `ProviderProblem` where the provider has no such."""
        known = self._known(metadata.issuer)
        async with known.lock:
            held = known.keys
            if held is None or self._clock.now() - held[0] >= KEPT_FOR:
                held = known.keys = await self._ask_keys(known, metadata)
            found = held[1].named(token.kid)
            if found is None and self._clock.now() - held[0] >= KEYS_LOOKED_AT_AGAIN_AFTER:
                # It may have made a new key; whoever invents names learns that no faster.
                held = known.keys = await self._ask_keys(known, metadata)
                found = held[1].named(token.kid)
        if found is None:
            raise ProviderProblem(
                say(
                    "The provider's keys: the one that is said to have signed is not among them. Where "
                    "the provider has just changed its keys, try again in a minute.",
                )
            )
        return found

    def forget(self, issuer: str) -> None:
        """So that whoever adds it is told what it says now."""
        self._issuers.pop(issuer, None)

    def _known(self, issuer: str) -> _Known:
        known = self._issuers.setdefault(issuer, _Known())
        self._issuers.move_to_end(issuer)
        while len(self._issuers) > MOST_ISSUERS:
            self._issuers.popitem(last=False)
        return known

    async def _ask_metadata(self, known: _Known, issuer: str) -> tuple[datetime, Metadata]:
        with self._remembering(known):
            said = await asked(
                self.outgoing,
                provider_metadata.address_of(issuer),
                provider_metadata.MOST_BYTES,
                what=provider_metadata.WHAT,
            )
            found = provider_metadata.checked(issuer, said, allow_loopback=self.allow_loopback)
        return self._clock.now(), found

    async def _ask_keys(self, known: _Known, metadata: Metadata) -> tuple[datetime, Keys]:
        with self._remembering(known):
            said = await asked(
                self.outgoing,
                metadata.jwks_uri,
                provider_keys.MOST_BYTES,
                what=provider_keys.WHAT,
                media_types=provider_keys.MEDIA_TYPES,
            )
            found = provider_keys.read(said)
        return self._clock.now(), found

    @contextmanager
    def _remembering(self, known: _Known) -> Iterator[None]:
        """Whoever comes a moment after a failure hears of that one, and nobody is asked again."""
        now = self._clock.now()
        if known.failed is not None and now - known.failed[0] < FAILURE_IS_KEPT_FOR:
            raise ProviderProblem(known.failed[1])
        try:
            yield
        except ProviderProblem as problem:
            known.failed = (self._clock.now(), problem.message)
            raise
        known.failed = None
