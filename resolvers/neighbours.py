"""What is asked of other hubs while the use cases of peering run: said here, done in `federation`."""

from typing import Protocol

from domain.peering import HubFacts
from storage.peers import Peer


class Neighbours(Protocol):
    """Whoever goes out to other hubs. Each call goes over the network, so none is made within a
    transaction; each raises `Problem` where the hub cannot be asked."""

    async def look(self, url: str) -> HubFacts:
        """What the hub at that address says of itself, fetched and checked."""
        ...

    async def tell(self, facts: HubFacts) -> None:
        """That it should look at us: its admins then find our proposal."""
        ...

    async def has_agreed(self, peer: Peer) -> bool:
        """Whether it gives us a token, which it does once somebody there agreed."""
        ...
