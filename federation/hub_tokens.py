"""This hub as a client of its peers: it signs who it is, and gets tokens to read with.

RFC 6749 s4.4 with RFC 7523 s2.2. The keys are a ring of their own (`auth.keys.Purpose.CLIENT`), so
that whoever could ask as this hub could still vouch for none of its people.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from joserfc import jws

from auth import client_assertions
from auth.keys import ALGORITHM, KeyRing
from domain.errors import Problem
from domain.outside import Chance, Clock
from domain.peering import PeeringStatus
from federation.client import Fetched, OutgoingClient
from storage.peers import Peer

ASSERTION_LIVES_SECONDS = 60
RENEWED_BEFORE_SECONDS = 30
LONGEST_SECONDS = 3_600  # a token that is said to live longer is asked for anew all the same
MOST_BYTES = 16_384
MOST_CHARACTERS = 4_096
WayOut = Callable[[], OutgoingClient]
_FORM = "application/x-www-form-urlencoded"
_JSON = frozenset({"application/json"})
_ASKED = (PeeringStatus.PROPOSED, PeeringStatus.ACTIVE)


class PeerRefused(Problem):
    """The peer answered, and gave no token: it has not agreed, or no longer, or knows other keys."""

    code: ClassVar[str] = "PEER_REFUSED"


@dataclass(slots=True)
class _Kept:
    token: str = ""
    until: float = 0.0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class HubTokens:
    """One process's. `client_id` is this hub's, as its peers know it."""

    def __init__(
        self, client_id: str, ring: KeyRing, outgoing: WayOut, clock: Clock, chance: Chance
    ) -> None:
        self.client_id = client_id
        self._ring = ring
        self._outgoing = outgoing
        self._clock = clock
        self._chance = chance
        self._kept: dict[tuple[str, str], _Kept] = {}

    async def token(self, peer: Peer, scopes: Iterable[str]) -> str:
        """Of this hub, at that peer, for these scopes. Raises `PeerRefused`, or `FetchProblem`
        where it cannot be asked; what was kept of a token is asked for again 30 s before its end."""
        if peer.we_agreed_at is None or peer.status not in _ASKED:
            # To ask is to say that we agreed (`resolvers/peering.py`).
            raise PeerRefused(f"Nobody here agreed to work with {peer.name}, or no longer.")
        scope = " ".join(sorted(set(scopes)))
        kept = self._kept.setdefault((peer.client_id, scope), _Kept())
        async with kept.one_at_a_time:
            if kept.until <= self._clock.now().timestamp():
                kept.token, lives = await self._asked(peer, scope)
                kept.until = self._clock.now().timestamp() + lives - RENEWED_BEFORE_SECONDS
            return kept.token

    def forget(self, peer: Peer) -> None:
        """What it gave is no good any more, as it says."""
        for (client_id, _), kept in self._kept.items():
            if client_id == peer.client_id:
                kept.until = 0.0

    async def assertion(self, peer: Peer) -> str:
        """That it is this hub which asks: for that peer alone, once, and for a minute."""
        await self._ring.freshen()
        now, key = int(self._clock.now().timestamp()), self._ring.signing_key
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": peer.issuer,
            "iat": now,
            "exp": now + ASSERTION_LIVES_SECONDS,
            "jti": base64.urlsafe_b64encode(self._chance.token_bytes(16)).rstrip(b"=").decode(),
        }
        header = {"alg": ALGORITHM, "typ": "client-authentication+jwt", "kid": key.kid}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[ALGORITHM])

    async def asked(self, peer: Peer, fields: Iterable[tuple[str, str]]) -> tuple[str, int]:
        """The token that its token endpoint gives for these fields, and for how many seconds."""
        form = [
            *fields,
            ("resource", peer.graphql_url),
            ("client_assertion_type", client_assertions.TYPE),
            ("client_assertion", await self.assertion(peer)),
        ]
        client: OutgoingClient = self._outgoing()
        answer = await client.post(
            peer.token_endpoint,
            body=urlencode(form).encode(),
            content_type=_FORM,
            accept="application/json",
            max_bytes=MOST_BYTES,
            media_types=_JSON,
        )
        return _read(peer, answer)

    async def _asked(self, peer: Peer, scope: str) -> tuple[str, int]:
        return await self.asked(peer, [("grant_type", "client_credentials"), ("scope", scope)])


def _read(peer: Peer, answer: Fetched) -> tuple[str, int]:
    """RFC 6749 s5.1, s5.2."""
    try:
        said: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PeerRefused(
            f"{peer.name} answered {answer.status}, and with nothing that is a token."
        )
    if answer.status != 200:
        why = said.get("error_description") or said.get("error")
        words = sayable(why) if isinstance(why, str) else "without a reason"
        raise PeerRefused(f"{peer.name} gave no token: {words}")
    token, lives = said.get("access_token"), said.get("expires_in")
    is_token = isinstance(token, str) and 0 < len(token) <= MOST_CHARACTERS and _is_plain(token)
    if not is_token or str(said.get("token_type")).lower() != "bearer":
        raise PeerRefused(f"{peer.name} answered with no bearer token.")
    if type(lives) is not int or lives <= 0:
        raise PeerRefused(f"{peer.name} does not say how long its token lives.")
    return str(token), min(lives, LONGEST_SECONDS)


def _is_plain(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token


def sayable(text: str) -> str:
    """Another hub's words, for a page and a terminal of ours: short, and in letters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])
