"""The keys that sign what the hub says, in a ring that turns without anybody noticing.

NEXT is published before it is used, ACTIVE signs, RETIRED is published until what it signed is
over: whoever looked at the published keys some time ago still knows the one in use. The ring is
rows shared by every process of the hub, each of which looks again once a minute, and at once (but
at most every few seconds) when it meets a key it does not know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from auth.sealing import Sealer
from domain.outside import Chance, Clock
from storage import credentials
from storage.credentials import KeyRow
from storage.engine import Database, Writing

ALGORITHM = "ES256"

LOOKED_AT_EVERY = timedelta(minutes=1)
LOOKED_AT_AGAIN_AFTER = timedelta(seconds=5)
TURNS_AFTER = timedelta(days=30)
# Longer than any token lives, and than anybody should keep a copy of the published keys.
PUBLISHED_AFTER_USE = timedelta(hours=1)

_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Purpose(StrEnum):
    """What a ring signs. Another purpose has keys of its own, so that a leak of one is one."""

    TOKENS = "tokens"
    CLIENT = "client"  # that it is this hub which asks another one


class Slot(StrEnum):
    NEXT = "NEXT"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True)
class _Ring:
    signing: ECKey
    published: Mapping[str, ECKey]
    jwks: Mapping[str, Any]
    looked_at: datetime


class KeyRing:
    """One process's copy of a ring, made by `KeyRing.opened`."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        chance: Chance,
        purpose: Purpose = Purpose.TOKENS,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._chance = chance
        self._purpose = purpose
        self._now: _Ring | None = None

    @classmethod
    async def opened(
        cls,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        chance: Chance,
        purpose: Purpose = Purpose.TOKENS,
    ) -> "KeyRing":
        """Ready for use: the first process of a new hub makes the keys."""
        ring = cls(database, sealer, clock, chance, purpose)
        await ring.look()
        return ring

    @property
    def _held(self) -> _Ring:
        if self._now is None:
            raise RuntimeError("A key ring is opened before it is used.")
        return self._now

    @property
    def signing_key(self) -> ECKey:
        """With its kid, so that a signature names its key."""
        return self._held.signing

    @property
    def jwks(self) -> Mapping[str, Any]:
        """The public halves, RFC 7517 s5."""
        return self._held.jwks

    def public_key(self, kid: str) -> ECKey | None:
        return self._held.published.get(kid)

    async def freshen(self) -> None:
        """Look again where the last look is a minute old: called before the keys are used."""
        if self._now is None or self._clock.now() - self._now.looked_at >= LOOKED_AT_EVERY:
            await self.look()

    async def look_again(self) -> bool:
        """Look because of an unknown key; False where that was done a moment ago, so that a
        stream of invented names costs nothing."""
        if self._clock.now() - self._held.looked_at < LOOKED_AT_AGAIN_AFTER:
            return False
        await self.look()
        return True

    async def look(self) -> None:
        """Take the ring as its rows have it; make it, or turn it, where that is due."""
        now = self._clock.now()
        if self._now is not None:  # whoever else asks meanwhile goes on with what is here
            held = self._now
            self._now = _Ring(held.signing, held.published, held.jwks, now)
        async with self._database.reading(fresh=True) as db:
            rows = await credentials.keys_of(db, self._purpose)
        if not rows or _is_due(rows, now):
            await self.turn(only_if_due=True)
            async with self._database.reading(fresh=True) as db:
                rows = await credentials.keys_of(db, self._purpose)
        self._take(rows, now)

    async def turn(self, *, only_if_due: bool = False) -> None:
        """The next key signs from now on, and another becomes the next one."""
        now = self._clock.now()
        async with self._database.writing() as db:
            await credentials.lock_ring(db, self._purpose)
            rows = await credentials.keys_of(db, self._purpose)
            if not rows:
                await credentials.add_keys(db, [self._made(Slot.ACTIVE), self._made(Slot.NEXT)])
            elif _is_due(rows, now) or not only_if_due:
                await self._turn(db, rows, now)

    async def _turn(self, db: Writing, rows: Sequence[KeyRow], now: datetime) -> None:
        for slot in (Slot.ACTIVE, Slot.NEXT):
            # With another secret than theirs, what is added would be shut to everybody else.
            self._opened(_in(slot, rows))
        over = [
            row.kid
            for row in rows
            if row.retired_at is not None and row.retired_at + PUBLISHED_AFTER_USE <= now
        ]
        await credentials.forget_keys(db, over)
        await credentials.move_key(db, _in(Slot.ACTIVE, rows).kid, Slot.RETIRED, now)
        await credentials.move_key(db, _in(Slot.NEXT, rows).kid, Slot.ACTIVE)
        await credentials.add_keys(db, [self._made(Slot.NEXT)])

    async def renew(self) -> None:
        """Throw all of it away and begin again: a key leaked, or the hub's secret is lost.

        Every token ends with this: here at once, in other processes within a minute.
        """
        async with self._database.writing() as db:
            await credentials.lock_ring(db, self._purpose)
            rows = await credentials.keys_of(db, self._purpose)
            await credentials.forget_keys(db, [row.kid for row in rows])
            await credentials.add_keys(db, [self._made(Slot.ACTIVE), self._made(Slot.NEXT)])
        await self.look()

    def _made(self, slot: Slot) -> KeyRow:
        # FIPS 186-5 A.2.1: 64 bits more than needed, so that the remainder favours no number.
        number = int.from_bytes(self._chance.token_bytes(40)) % (_ORDER_OF_P256 - 1) + 1
        key = _named(ECKey(ec.derive_private_key(number, ec.SECP256R1()), None))
        kid = key.kid or ""
        return KeyRow(
            kid=kid,
            purpose=self._purpose,
            slot=slot,
            public_jwk=dict(key.as_dict(private=False)),
            sealed_private_jwk=self._sealer.seal(
                kid, json.dumps(key.as_dict(private=True)).encode()
            ),
            created_at=self._clock.now(),
        )

    def _take(self, rows: Sequence[KeyRow], now: datetime) -> None:
        published = [
            row for row in rows if not row.retired_at or row.retired_at + PUBLISHED_AFTER_USE > now
        ]
        self._now = _Ring(
            signing=self._opened(_in(Slot.ACTIVE, rows)),
            published={row.kid: ECKey.import_key(dict(row.public_jwk)) for row in published},
            jwks={"keys": [dict(row.public_jwk) for row in published]},
            looked_at=now,
        )

    def _opened(self, row: KeyRow) -> ECKey:
        return ECKey.import_key(json.loads(self._sealer.open(row.kid, row.sealed_private_jwk)))


def _named(key: ECKey) -> ECKey:
    """With its use, and its RFC 7638 thumbprint for a kid: never the name of another key."""
    about = {"use": "sig", "alg": ALGORITHM, "kid": key.thumbprint()}
    return ECKey.import_key({**key.as_dict(private=True), **about})


def _in(slot: Slot, rows: Sequence[KeyRow]) -> KeyRow:
    return next(row for row in rows if row.slot == slot)


def _is_due(rows: Sequence[KeyRow], now: datetime) -> bool:
    """A next key is made whenever the ring turns, so its age is how long the active one signs."""
    return now - _in(Slot.NEXT, rows).created_at >= TURNS_AFTER
