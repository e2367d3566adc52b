"""A token of another hub for one of our people: this hub vouches for them, the other one decides.

An ID-JAG (`auth/id_jag_issue.py`), sent with a client assertion, for a token of five minutes that
speaks for that one person and organization. It is kept in memory for whoever acts again soon.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from auth import scopes as known_scopes
from auth.id_jag_consume import GRANT_TYPE
from auth.id_jag_issue import Audience, Person, issued
from auth.service import TokenService
from domain.actors import Viewer
from domain.errors import Refused
from domain.outside import Chance, Clock
from domain.words import say
from federation.hub_tokens import RENEWED_BEFORE_SECONDS, HubTokens
from storage import vouching
from storage.engine import Database
from storage.peers import Peer

MOST_KEPT = 2_000

_Name = tuple[str, str, str, str, str]


@dataclass(slots=True)
class _Kept:
    token: str = ""
    until: float = 0.0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Delegation:
    """One process's."""

    def __init__(
        self,
        database: Database,
        tokens: TokenService,
        hub_tokens: HubTokens,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._hub_tokens = hub_tokens
        self._clock = clock
        self._chance = chance
        self._kept: OrderedDict[_Name, _Kept] = OrderedDict()

    async def token(self, viewer: Viewer, peer: Peer, scopes: Iterable[str]) -> str:
        """Of that peer, for the viewer, with these scopes and no other. Raises `Refused` where this
        hub itself does not let them, `PeerRefused` where the other one does not, and `FetchProblem`
        where it cannot be asked. Waits for the network: no transaction may be open."""
        asked = known_scopes.in_order(scopes)
        person = await self.require(viewer, asked)
        scope = " ".join(asked)
        name = (peer.hub_id, person.id, person.organization_id, person.role.value, scope)
        kept = self._kept.setdefault(name, _Kept())
        self._kept.move_to_end(name)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        async with kept.one_at_a_time:
            if kept.until <= self._clock.now().timestamp():
                kept.token, lives = await self._asked(peer, person, asked)
                kept.until = self._clock.now().timestamp() + lives - RENEWED_BEFORE_SECONDS
            return kept.token

    def forget(self, peer: Peer) -> None:
        """What that peer gave is no good any more, as it says."""
        for name, kept in self._kept.items():
            if name[0] == peer.hub_id:
                kept.until = 0.0

    async def require(self, viewer: Viewer, scopes: Iterable[str]) -> Person:
        """Whom this hub vouches for: one of its own, for an organization of its own, in the team of
        which they stand by now, with what they let their app do. Raises `Refused`."""
        if viewer.person_id is None or viewer.organization_id is None:
            raise Refused(
                "Only a person acts at another hub: an app by itself is not known there. Sign in, "
                "and do it as somebody of the organization's team."
            )
        if viewer.hub_id is not None:
            raise Refused("Only their own hub speaks for a person: ask there.")
        beyond = sorted(set(scopes) - viewer.scopes)
        if beyond:
            raise Refused(
                say(
                    "This token was not granted %(beyond)s: ask for one with it.",
                    beyond=", ".join(beyond),
                )
            )
        async with self._database.reading(fresh=True) as db:
            known = await vouching.known(db, viewer)
        if known is None:
            raise Refused(
                "This hub vouches for people in the teams of its own organizations alone."
            )
        return Person(
            id=viewer.person_id,
            display_name=known.display_name,
            organization_id=viewer.organization_id,
            role=known.role,
            authenticated_at=known.authenticated_at,
            methods=known.methods,
        )

    async def _asked(self, peer: Peer, person: Person, scopes: tuple[str, ...]) -> tuple[str, int]:
        await self._tokens.ring.freshen()
        to = Audience(
            issuer=peer.issuer,
            resource=peer.graphql_url,
            client_id=self._hub_tokens.client_id,
        )
        assertion = issued(self._tokens.mint, self._chance, person, to, scopes)
        return await self._hub_tokens.asked(
            peer,
            [
                ("grant_type", GRANT_TYPE),
                ("assertion", assertion),
                ("scope", " ".join(scopes)),
            ],
        )
