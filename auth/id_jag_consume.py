"""A peer hub asks for one of its people: its ID-JAG for a token of this hub, RFC 7523 s2.1.

The hub that asks shows that it is the one (`private_key_jwt`), and what it brings must be signed by
the ring with which it vouches for people: two keys, neither of which does alone. It is believed of
its own people and its own organizations, and of nobody else's. The token is like any other of five
minutes, and is looked at like any other by each request: the peering, what that organization stands
in, and the role that its hub told of last, as they are then.

`Vouching.read` checks what takes no transaction, before one is begun: keys may have to be fetched.
What it refuses is told after the client is known to be the one (`PeersPersonGrant`).
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.drafts.id_jag import IDJAGGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidGrantError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from joserfc import jws
from joserfc.errors import JoseError

from auth import id_jag_reading, scopes
from auth.adapter import TokenRequest, sayable
from auth.client_authentication import AskingClient
from auth.desk import Desk
from auth.id_jag_reading import Said
from auth.jwt_reading import LEEWAY_SECONDS
from auth.keys_elsewhere import KeysElsewhere
from auth.tokens import LIVES_SECONDS, Issuer
from domain.apps import AuthMethod, RegisteredBy
from domain.outside import Clock
from storage import credentials, peers, peers_people, used_assertions
from storage.engine import Database, Writing
from storage.peers import Peer
from storage.peers_people import Visit

if TYPE_CHECKING:
    from auth.server import Server

GRANT_TYPE: str = IDJAGGrant.GRANT_TYPE

# For a hub's people to act here, the hub must be a peer, and its keys those that somebody agreed to.
_NOT_NOW = (
    "The people of that hub may not act here now: its peering is not active, or has new keys."
)


class Vouching:
    """What hubs say of their people, read and its signature checked."""

    def __init__(
        self, issuer: Issuer, database: Database, clock: Clock, elsewhere: KeysElsewhere
    ) -> None:
        self._issuer = issuer
        self._database = database
        self._clock = clock
        self._elsewhere = elsewhere

    async def read(self, form: Mapping[str, str], client_id: str) -> Said | OAuth2Error | None:
        """`client_id` has shown by its key that it is the one: no key is fetched for a stranger.
        None where nothing is brought."""
        assertion = form.get("assertion")
        if form.get("grant_type") != GRANT_TYPE or not assertion:
            return None
        try:
            return await self._believed(assertion, client_id)
        except OAuth2Error as refused:
            return refused

    async def _believed(self, assertion: str, client_id: str) -> Said:
        async with self._database.reading(fresh=True) as db:
            peer = await db.run_sync(lambda connection: peers.by_client_id(connection, client_id))
        if peer is None or not peer.vouches:
            raise InvalidGrantError(_NOT_NOW)
        now = self._clock.now().timestamp()
        said = id_jag_reading.read(assertion, self._issuer, peer.issuer, client_id, now)
        if not await self._is_signed(said, peer):
            id_jag_reading.refuse(
                "it is not signed by a key with which that hub vouches for people"
            )
        return said

    async def _is_signed(self, said: Said, peer: Peer) -> bool:
        # New keys count in the company of one that somebody here agreed to, and not without.
        key = await self._elsewhere.key(
            peer.jwks_uri, said.kid, said.algorithm, known=frozenset(peer.thumbprints)
        )
        if key is None:
            return False
        try:
            # A registry knows the algorithms it is given, and no other.
            registry = jws.JWSRegistry(algorithms=[said.algorithm])
            jws.deserialize_compact(said.token, key, registry=registry)
        except (JoseError, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Delegated:
    """A token was given, to be noted."""

    said: Said
    hub_id: str
    jti: str

    async def note(self, db: Writing, desk: Desk) -> None:
        await desk.note(
            db,
            "token.delegated",
            organization_id=self.said.organization_id,
            client_id=self.said.client_id,
            person_id=self.said.person_id,
            hub_id=self.hub_id,
            detail=f"assertion {self.said.jti}, token {self.jti}",
        )


class PeersPersonGrant(IDJAGGrant):  # type: ignore[misc]
    """Authlib asks in its order: the client, the assertion, that it is the client's, that it is new,
    the scopes, the person, and whether they may."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[AuthMethod]] = [AuthMethod.PRIVATE_KEY_JWT]
    request: TokenRequest
    server: "Server"

    def validate_token_request(self) -> None:
        super().validate_token_request()
        beyond = sorted(set(str(self.request.scope).split()) - self._given())
        if beyond:
            raise InvalidScopeError(
                f"{sayable(' '.join(beyond))} is for organizations that stand in an alliance with "
                "one of this hub, or are host of an event here."
            )

    def _process_assertion_claims(self, assertion: str) -> Mapping[str, Any]:
        """By now the client has shown that it is the one."""
        said = self.request.vouched
        if isinstance(said, OAuth2Error):
            raise said
        if not isinstance(said, Said):
            raise UnauthorizedClientError(_FOR_PEERS)
        return {
            "iss": said.issuer,
            "sub": said.person_id,
            "client_id": said.client_id,
            "jti": said.jti,
            "scope": " ".join(sorted(said.scopes)),
        }

    def check_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        until = datetime.fromtimestamp(self._said.expires_at, UTC) + timedelta(
            seconds=LEEWAY_SECONDS
        )
        return used_assertions.use(self.server.connection, f"id-jag:{claims['iss']}", jti, until)

    def authenticate_user(self, subject: str) -> Said:
        """Of the hub that says so, and for an organization of it."""
        said, peer = self._said, self._peer()
        if subject.partition("@")[2] != peer.authority:
            id_jag_reading.refuse("its sub is a person of the hub that signs, and of no other")
        if said.organization_id.partition("@")[2] != peer.authority or not peers_people.is_of(
            self.server.connection, said.organization_id, peer.hub_id
        ):
            id_jag_reading.refuse("its org is an organization of that hub, known to this one")
        return said

    def check_id_jag_permission(self, client: AskingClient, user: Said, asked: list[str]) -> bool:
        """Each scope is one that may be given so at all; those by agreement, where there is one."""
        if client.known.client.registered_by is not RegisteredBy.PEER:
            raise UnauthorizedClientError(_FOR_PEERS)
        never = sorted(set(asked) - set(scopes.FOR_PEERS_PEOPLE))
        if never:
            raise InvalidScopeError(
                f"There is no {sayable(' '.join(never))} for people of another hub."
            )
        if not asked:
            raise InvalidScopeError("Name the scopes that are asked for.")
        return True

    def create_token_response(self) -> tuple[int, Mapping[str, Any], Any]:
        """The token, and who it is for as their hub says. No refresh token: their hub is asked
        again, and decides again."""
        server, said, peer = self.server, self._said, self._peer()
        authenticated_at = said.authenticated_at
        grant_id = peers_people.keep(
            server.connection,
            Visit(
                hub_id=peer.hub_id,
                client_id=said.client_id,
                person_id=said.person_id,
                organization_id=said.organization_id,
                display_name=said.display_name,
                role=said.role,
                scopes=scopes.in_order(self._given()),
                authenticated_at=None
                if authenticated_at is None
                else datetime.fromtimestamp(authenticated_at, UTC),
                methods=said.methods,
            ),
            server.desk.named("grant"),
            server.now,
        )
        scope = " ".join(scopes.in_order(str(self.request.scope).split()))
        access_token = server.service.mint.token(
            client_id=said.client_id,
            organization_id=said.organization_id,
            grant_id=grant_id,
            scopes=scope.split(),
            person_id=said.person_id,
            hub_id=peer.hub_id,
            more={
                "act": {"sub": said.client_id},
                "home": {"iss": said.issuer, "sub": said.person_id},
            },
        )
        client: AskingClient = self.request.client
        credentials.note_use(server.connection, client.known.client, server.now)
        server.delegated.append(Delegated(said, peer.hub_id, _jti_of(access_token)))
        token = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": LIVES_SECONDS,
            "scope": scope,
        }
        return 200, token, self.TOKEN_RESPONSE_HEADER

    # ── as it stands in this transaction ─────────────────────────────────────────────────────────

    @property
    def _said(self) -> Said:
        said = self.request.vouched
        if not isinstance(said, Said):
            raise TypeError("An assertion is used before it was read.")
        return said

    def _peer(self) -> Peer:
        peer = peers.by_client_id(self.server.connection, self._said.client_id)
        if peer is None or not peer.vouches:
            raise InvalidGrantError(_NOT_NOW)
        return peer

    def _given(self) -> frozenset[str]:
        """What its people may be given today, for that organization."""
        works_together = peers_people.works_with_ours(
            self.server.connection, self._said.organization_id
        )
        return frozenset(
            scopes.FOR_PEERS_PEOPLE if works_together else scopes.FOR_PEERS_PEOPLE_UNASKED
        )


_FOR_PEERS = "This way is for peer hubs, that sign who they are and who asks."


def _jti_of(token: str) -> str:
    part = token.split(".")[1]
    return str(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["jti"])
