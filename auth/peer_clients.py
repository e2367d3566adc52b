"""A peer hub as a client of this one: registered when somebody here agrees, ended with the peering.

It asks by itself, as a machine that speaks for no organization, for what its mirror needs
(oauth.md, "a peer hub as a machine"). It is registered while this hub agrees and at no other time:
that it gets a token is how it learns that we agreed.
"""

from datetime import datetime

from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.ids import Names
from storage import peer_clients
from storage.credentials import Client, Grant
from storage.engine import Writing
from storage.peers import Peer

# What a hub may ask for by itself, in the order of the table of scopes.
SCOPES = (
    "organizations:read",
    "groups:read",
    "events:read",
    "alliances:read",
    "federation:sync",
)
# And by which ways: as itself, and with what it signed for one of its people (RFC 7523).
GRANT_TYPES = (GrantType.CLIENT_CREDENTIALS, GrantType.JWT_BEARER)


async def register(db: Writing, names: Names, peer: Peer, now: datetime) -> None:
    """Known from now on, by the address of its keys as it stands in the peering. Registered anew it
    has an authorization of its own: no token from before counts again."""
    client = Client(
        id=peer.client_id,
        organization_id=None,
        name=peer.name,
        scopes=SCOPES,
        created_at=now,
        registered_by=RegisteredBy.PEER,
        grant_types=GRANT_TYPES,
        auth_method=AuthMethod.PRIVATE_KEY_JWT,
        jwks_uri=peer.client_jwks_uri,
        client_uri=peer.url,
    )
    grant = Grant(
        id=f"grant_{names.secret()}",
        client_id=client.id,
        organization_id=None,
        person_id=None,
        scopes=SCOPES,
        created_at=now,
        hub_id=peer.hub_id,
    )
    await peer_clients.keep(db, client, grant)


async def end(db: Writing, peer: Peer, now: datetime) -> None:
    """It gets no more tokens, and those it and its people hold end at once."""
    await peer_clients.end(db, peer.client_id, now)
