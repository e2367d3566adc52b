"""Everything about identity that one hub process holds, put together once at its start."""

from dataclasses import dataclass
from typing import Self

from auth.client_assertions import ClientAssertions
from auth.keys import KeyRing
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
    mint: Mint
    verifier: Verifier
    assertions: ClientAssertions
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
        issuer = Issuer(base_url)
        ring = await KeyRing.opened(database, Sealer(secret, chance), clock, chance)
        return cls(
            issuer=issuer,
            hub_name=hub_name,
            database=database,
            clock=clock,
            ring=ring,
            mint=Mint(issuer, ring, clock, chance),
            verifier=Verifier(issuer, ring, clock),
            assertions=ClientAssertions(issuer, database, clock, KeysElsewhere(fetch, clock)),
            limits=TokenLimits(),
        )
