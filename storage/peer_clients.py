"""Peer hubs as clients of this one, as rows: kept with their one authorization, and ended."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, update
from sqlalchemy.dialects.postgresql import insert

from domain.peering import PeeringStatus
from storage import credentials
from storage.credential_tables import clients, grants
from storage.credentials import Client, Grant
from storage.engine import Writing
from storage.peer_tables import peerings
from storage.peers import Peer, by_client_id


async def keep(db: Writing, client: Client, grant: Grant) -> None:
    """Also where it was known before: then as if it had not been."""
    adding = insert(clients).values(credentials.row_of(client))
    changed = {name: adding.excluded[name] for name in ("name", "scopes", "jwks_uri", "created_at")}
    kinds = {name: adding.excluded[name] for name in ("grant_types", "client_uri")}
    await db.execute(
        adding.on_conflict_do_update(
            index_elements=[clients.c.id], set_={**changed, **kinds, "revoked_at": None}
        )
    )
    await db.execute(delete(grants).where(_its_own(client.id)))
    await credentials.add_grant(db, grant)


async def end(db: Writing, client_id: str, at: datetime) -> None:
    """With every authorization of its people. Its own goes, so that another can take its place."""
    await credentials.revoke_client(db, client_id, at)
    await db.execute(delete(grants).where(_its_own(client_id)))


def lock_asking(connection: Connection, client_id: str) -> Peer | None:
    """The peer that asks for a token, while the authorization server answers."""
    return by_client_id(connection, client_id, lock=True)


def note_agreed(connection: Connection, peer: Peer, at: datetime) -> bool:
    """That it asked, which it does because it agreed. Whether the peering begins with it."""
    begun = connection.execute(
        update(peerings)
        .where(
            peerings.c.hub_id == peer.hub_id,
            peerings.c.status == PeeringStatus.PROPOSED.value,
            peerings.c.we_agreed_at.is_not(None),
        )
        .values(they_agreed_at=at, status=PeeringStatus.ACTIVE.value, since=at)
    )
    return begun.rowcount > 0


def _its_own(client_id: str) -> ColumnElement[bool]:
    return and_(grants.c.client_id == client_id, grants.c.person_id.is_(None))
