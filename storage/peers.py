"""Peers: the other hubs that this one knows, and how it stands with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.hubs import LocalHub
from domain.peering import PeeringStatus
from storage.engine import Reading, Writing
from storage.peer_tables import peerings
from storage.tables import hubs


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A hub that we know, with where it is asked; `peerings` in `storage.peer_tables` says more."""

    hub_id: str
    authority: str
    url: str
    name: str
    software: str
    status: PeeringStatus
    since: datetime
    we_agreed_at: datetime | None
    they_agreed_at: datetime | None
    suspended_why: str | None
    graphql_url: str
    issuer: str
    token_endpoint: str
    client_id: str
    poke_url: str | None
    schema_version: str
    most_a_page: int
    jwks_uri: str
    client_jwks_uri: str
    thumbprints: tuple[str, ...]
    client_thumbprints: tuple[str, ...]
    keys_replaced_at: datetime | None
    looked_at: datetime
    last_synced_at: datetime | None
    faults: int
    last_error: str | None
    last_error_at: datetime | None

    @property
    def is_active(self) -> bool:
        return self.status is PeeringStatus.ACTIVE

    @property
    def vouches(self) -> bool:
        """Its people may act here: it is a peer, and shows keys that we know."""
        return self.is_active and self.keys_replaced_at is None


_OF_HUB = ("authority", "url", "name", "software")
_PEERS = select(
    peerings,
    hubs.c.authority,
    hubs.c.url,
    hubs.c.name,
    hubs.c.software,
).join(hubs, hubs.c.id == peerings.c.hub_id)


def _peer(row: Row[Any]) -> Peer:
    told = dict(row._mapping)
    told["status"] = PeeringStatus(told["status"])
    told["thumbprints"] = tuple(told["thumbprints"])
    told["client_thumbprints"] = tuple(told["client_thumbprints"])
    return Peer(**told)


async def _one(db: Reading, asked: Select[Any]) -> Peer | None:
    row = (await db.execute(asked)).one_or_none()
    return _peer(row) if row is not None else None


async def all_of(db: Reading, *statuses: PeeringStatus) -> Sequence[Peer]:
    """Those that stand so, or all, in the order of their names."""
    asked = _PEERS.order_by(hubs.c.name, hubs.c.id)
    if statuses:
        asked = asked.where(peerings.c.status.in_([each.value for each in statuses]))
    return [_peer(row) for row in await db.execute(asked)]


async def by_hub(db: Reading, hub_id: str) -> Peer | None:
    return await _one(db, _PEERS.where(peerings.c.hub_id == hub_id))


async def by_authority(db: Reading, authority: str) -> Peer | None:
    """Whose ids end so."""
    return await _one(db, _PEERS.where(hubs.c.authority == authority))


async def by_issuer(db: Reading, issuer: str) -> Peer | None:
    return await _one(db, _PEERS.where(peerings.c.issuer == issuer))


def by_client_id(connection: Connection, client_id: str, *, lock: bool = False) -> Peer | None:
    """While the authorization server answers."""
    asked = _PEERS.where(peerings.c.client_id == client_id)
    if lock:
        asked = asked.with_for_update(of=peerings)
    row = connection.execute(asked).one_or_none()
    return _peer(row) if row is not None else None


async def keep(db: Writing, peer: Peer, at: datetime) -> None:
    """As it is now, known before or not. The hub behind an id and its authority never change."""
    of_hub = {name: getattr(peer, name) for name in _OF_HUB}
    await db.execute(
        insert(hubs)
        .values(id=peer.hub_id, is_local=False, created_at=at, **of_hub)
        .on_conflict_do_update(
            index_elements=["id"],
            set_={"url": peer.url, "name": peer.name, "software": peer.software},
        )
    )
    stands: dict[str, Any] = {
        column.name: getattr(peer, column.name) for column in peerings.c if column.name != "hub_id"
    }
    stands["status"] = peer.status.value
    stands["thumbprints"] = list(peer.thumbprints)
    stands["client_thumbprints"] = list(peer.client_thumbprints)
    await db.execute(
        insert(peerings)
        .values(hub_id=peer.hub_id, **stands)
        .on_conflict_do_update(index_elements=["hub_id"], set_=stands)
    )


async def lock(db: Writing, hub_id: str) -> Peer | None:
    """To change how it stands."""
    return await _one(db, _PEERS.where(peerings.c.hub_id == hub_id).with_for_update(of=peerings))


async def note_synced(db: Writing, hub_id: str, at: datetime) -> None:
    """Everything that it had published by then is here."""
    await db.execute(
        update(peerings)
        .where(peerings.c.hub_id == hub_id)
        .values(
            last_synced_at=func.greatest(peerings.c.last_synced_at, at), faults=0, last_error=None
        )
    )


async def note_fault(db: Writing, hub_id: str, why: str, at: datetime) -> int:
    """What it did wrong, or that it did not answer; how many times in a row by now."""
    faults = await db.scalar(
        update(peerings)
        .where(peerings.c.hub_id == hub_id)
        .values(faults=peerings.c.faults + 1, last_error=why, last_error_at=at)
        .returning(peerings.c.faults)
    )
    return int(faults or 0)


def is_ours(identifier: str, hub: LocalHub) -> bool:
    """By the authority that stands in every id."""
    return identifier.partition("@")[2] == hub.authority
