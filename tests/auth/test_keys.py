"""The ring of signing keys: how it turns, how processes share it, and how it lies at rest."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from auth.keys import KeyRing, Purpose, Slot
from auth.sealing import HubSecret, Sealer, SecretProblem
from auth.service import TokenService
from domain.errors import Unauthenticated
from domain.outside import Chance
from storage.credential_tables import signing_keys
from storage.engine import Database, Reading
from tests.auth.conftest import SECRET
from tests.outside import SeededChance, StandingClock


class CountedDatabase(Database):
    """Says how often somebody looked."""

    looks = 0

    def reading(self, *, fresh: bool = False) -> AbstractAsyncContextManager[Reading]:  # type: ignore[override]
        self.looks += 1
        return super().reading(fresh=fresh)


async def slots(database: Database) -> dict[str, str]:
    """Of the ring that signs tokens."""
    of_ring = select(signing_keys.c.kid, signing_keys.c.slot).where(
        signing_keys.c.purpose == Purpose.TOKENS
    )
    async with database.reading() as db:
        found = await db.execute(of_ring)
        return {row.kid: row.slot for row in found}


async def another(database: Database, clock: StandingClock, chance: Chance) -> KeyRing:
    """The ring as another process of the same hub has it."""
    return await KeyRing.opened(database, Sealer(SECRET, chance), clock, chance)


def kids(ring: KeyRing) -> set[str]:
    return {key["kid"] for key in ring.jwks["keys"]}


async def test_a_new_hub_has_a_key_that_signs_and_the_next_one_published(
    service: TokenService, database: Database
) -> None:
    held = await slots(database)
    assert sorted(held.values()) == [Slot.ACTIVE, Slot.NEXT]
    assert kids(service.ring) == set(held)
    assert held[service.ring.signing_key.kid or ""] == Slot.ACTIVE


async def test_only_public_halves_are_published_each_under_its_thumbprint(
    service: TokenService,
) -> None:
    for key in service.ring.jwks["keys"]:
        assert sorted(key) == ["alg", "crv", "kid", "kty", "use", "x", "y"]
        assert (key["alg"], key["use"]) == ("ES256", "sig")
        assert key["kid"] == ECKey.import_key(key).thumbprint()


async def test_processes_that_start_together_share_one_ring(
    database: Database, clock: StandingClock
) -> None:
    rings = await asyncio.gather(
        *(another(database, clock, SeededChance(f"process {number}")) for number in range(5))
    )
    assert len(await slots(database)) == 2
    assert len({ring.signing_key.kid for ring in rings}) == 1


async def test_turning_makes_the_next_key_sign_and_keeps_the_old_one_published(
    service: TokenService, database: Database
) -> None:
    ring = service.ring
    old, before = ring.signing_key.kid or "", kids(ring)
    await ring.turn()
    await ring.look()
    assert ring.signing_key.kid in before - {old}, "it was published before it signs"
    assert old in kids(ring)
    assert len(kids(ring)) == 3
    assert sorted((await slots(database)).values()) == [Slot.ACTIVE, Slot.NEXT, Slot.RETIRED]


async def test_a_process_that_has_not_looked_yet_believes_what_the_next_key_signs(
    service: TokenService, database: Database, clock: StandingClock, chance: SeededChance
) -> None:
    elsewhere = await another(database, clock, chance)
    await elsewhere.turn()
    await elsewhere.look()
    assert service.ring.public_key(elsewhere.signing_key.kid or "") is not None


async def test_an_old_key_is_published_for_an_hour_after_use(
    service: TokenService, clock: StandingClock, database: Database
) -> None:
    ring = service.ring
    old = ring.signing_key.kid or ""
    await ring.turn()
    clock.forward(minutes=59)
    await ring.freshen()
    assert ring.public_key(old) is not None
    clock.forward(minutes=1)
    await ring.freshen()
    assert ring.public_key(old) is None
    assert old not in kids(ring)
    await ring.turn()
    assert old not in await slots(database)


async def test_a_ring_turns_by_itself_after_thirty_days_and_once(
    service: TokenService, database: Database, clock: StandingClock, chance: SeededChance
) -> None:
    elsewhere = await another(database, clock, chance)
    old = service.ring.signing_key.kid
    clock.forward(days=30, seconds=-1)
    await service.ring.freshen()
    assert service.ring.signing_key.kid == old
    clock.forward(seconds=60)
    await asyncio.gather(service.ring.freshen(), elsewhere.freshen())
    assert service.ring.signing_key.kid == elsewhere.signing_key.kid != old
    assert len(await slots(database)) == 3


async def test_the_ring_is_looked_at_once_a_minute(
    database_url: str, clock: StandingClock, chance: SeededChance
) -> None:
    database = CountedDatabase(database_url)
    ring = await another(database, clock, chance)
    database.looks = 0
    clock.forward(seconds=59)
    await ring.freshen()
    assert database.looks == 0
    clock.forward(seconds=1)
    await asyncio.gather(*(ring.freshen() for _ in range(10)))
    assert database.looks == 1
    await database.close()


async def test_invented_key_names_cost_one_look_each_five_seconds(
    database_url: str, clock: StandingClock, chance: SeededChance
) -> None:
    database = CountedDatabase(database_url)
    ring = await another(database, clock, chance)
    database.looks = 0
    assert await ring.look_again() is False
    clock.forward(seconds=5)
    assert await asyncio.gather(*(ring.look_again() for _ in range(10))) == [True] + [False] * 9
    assert database.looks == 1
    await database.close()


async def test_private_keys_are_sealed_in_the_database(
    service: TokenService, database: Database, chance: SeededChance
) -> None:
    async with database.reading() as db:
        rows = (await db.execute(select(signing_keys))).all()
    for row in rows:
        assert b'"d"' not in row.sealed_private_jwk
        opened = json.loads(Sealer(SECRET, chance).open(row.kid, row.sealed_private_jwk))
        assert ECKey.import_key(opened).is_private
        with pytest.raises(SecretProblem):
            Sealer(SECRET, chance).open("another name", row.sealed_private_jwk)


async def test_another_secret_is_refused_with_the_way_out_and_that_way_works(
    service: TokenService, database: Database, clock: StandingClock, chance: SeededChance
) -> None:
    other = Sealer(HubSecret(b"another secret, also of thirty-two bytes"), chance)
    before = await slots(database)
    with pytest.raises(SecretProblem, match="keys renew"):
        await KeyRing.opened(database, other, clock, chance)
    with pytest.raises(SecretProblem, match="keys renew"):
        await KeyRing(database, other, clock, chance).turn()
    clock.forward(days=30)
    with pytest.raises(SecretProblem, match="keys renew"):
        await KeyRing.opened(database, other, clock, chance)
    assert await slots(database) == before, "nothing is thrown away or added unasked"
    await KeyRing(database, other, clock, chance).renew()
    ring = await KeyRing.opened(database, other, clock, chance)
    assert kids(ring).isdisjoint(before)


async def test_a_remembered_token_ends_with_its_key(service: TokenService) -> None:
    token = service.mint.token(
        client_id="app_1", organization_id="org_1", grant_id="grant_1", scopes=[]
    )
    assert service.verifier.verified(token).client_id == "app_1"
    await service.ring.renew()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            service.verifier.verified(token)
