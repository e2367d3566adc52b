"""Everything about identity that one hub process holds, put together once at its start."""

from dataclasses import dataclass
from typing import Self

from auth.client_assertions import ClientAssertions
from auth.id_jag_consume import Vouching
from auth.keys import KeyRing, Purpose
from auth.keys_elsewhere import Fetch, KeysElsewhere, fetch_nothing
from auth.limits_of_tokens import TokenLimits
from auth.sealing import HubSecret, Sealer
from auth.tokens import Issuer, Mint, Verifier
from domain.outside import Chance, Clock
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class TokenService:
    """`verifier` is for `auth.authenticate.viewer_of`; the whole of it for `auth.routes`."""

    issuer: Issuer
    hub_name: str
    database: Database
    clock: Clock
    ring: KeyRing
    client_ring: KeyRing
    mint: Mint
    verifier: Verifier
    keys_elsewhere: KeysElsewhere
    assertions: ClientAssertions
    vouching: Vouching
    limits: TokenLimits

    @classmethod
    async def opened(
        cls,
        *,
        base_url: str,
        hub_name: str,
        database: Database,
        secret: HubSecret,
        clock: Clock,
        chance: Chance,
        fetch: Fetch = fetch_nothing,
    ) -> Self:
        """Reads the signing keys, or makes the first ones. Raises `SecretProblem`."""
        issuer, sealer = Issuer(base_url), Sealer(secret, chance)
        ring = await KeyRing.opened(database, sealer, clock, chance)
        client_ring = await KeyRing.opened(database, sealer, clock, chance, Purpose.CLIENT)
        keys_elsewhere = KeysElsewhere(fetch, clock)
        return cls(
            issuer=issuer,
            hub_name=hub_name,
            database=database,
            clock=clock,
            ring=ring,
            client_ring=client_ring,
            mint=Mint(issuer, ring, clock, chance),
            verifier=Verifier(issuer, ring, clock),
            keys_elsewhere=keys_elsewhere,
            assertions=ClientAssertions(issuer, database, clock, keys_elsewhere),
            vouching=Vouching(issuer, database, clock, keys_elsewhere),
            limits=TokenLimits(),
        )
