"""What somebody here did to a thing of another hub and its owner has yet to hear: rows in order for
each hub, the first of which is told before all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.peering import DeliveryStatus
from storage.engine import Reading, Writing
from storage.peer_tables import deliveries

_WAITS = deliveries.c.status == DeliveryStatus.PENDING.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`id` is its key at the owner. `subject_id` is what it is about, as it is named here."""

    id: str
    hub_id: str
    organization_id: str
    person_id: str
    client_id: str | None
    request_id: str
    scopes: tuple[str, ...]
    document: str
    variables: Mapping[str, Any]
    subject_id: str
    attempts: int = 0


async def add(db: Writing, delivery: Delivery, now: datetime, next_at: datetime) -> None:
    """Once: the same again is the same delivery."""
    await db.execute(
        insert(deliveries)
        .values(
            id=delivery.id,
            hub_id=delivery.hub_id,
            organization_id=delivery.organization_id,
            person_id=delivery.person_id,
            client_id=delivery.client_id,
            request_id=delivery.request_id,
            scopes=list(delivery.scopes),
            document=delivery.document,
            variables=dict(delivery.variables),
            subject_id=delivery.subject_id,
            status=DeliveryStatus.PENDING.value,
            created_at=now,
            next_at=next_at,
        )
        .on_conflict_do_nothing()
    )


async def is_one_waiting(db: Reading, hub_id: str) -> bool:
    return bool(await db.scalar(select(exists().where(deliveries.c.hub_id == hub_id, _WAITS))))


async def hubs_due(db: Reading, now: datetime, limit: int) -> Sequence[str]:
    """The hubs whose first delivery is to be tried by now."""
    first = (
        select(func.min(deliveries.c.position).label("position"))
        .where(_WAITS)
        .group_by(deliveries.c.hub_id)
        .subquery()
    )
    found = await db.scalars(
        select(deliveries.c.hub_id)
        .join(first, first.c.position == deliveries.c.position)
        .where(deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at, deliveries.c.hub_id)
        .limit(limit)
    )
    return found.all()


async def first(db: Reading, hub_id: str, now: datetime) -> Delivery | None:
    """The one that is next, where it is to be tried by now."""
    row = (
        await db.execute(
            select(deliveries)
            .where(deliveries.c.hub_id == hub_id, _WAITS)
            .order_by(deliveries.c.position)
            .limit(1)
        )
    ).one_or_none()
    if row is None or row.next_at > now:
        return None
    return Delivery(
        id=row.id,
        hub_id=row.hub_id,
        organization_id=row.organization_id,
        person_id=row.person_id,
        client_id=row.client_id,
        request_id=row.request_id,
        scopes=tuple(row.scopes),
        document=row.document,
        variables=row.variables,
        subject_id=row.subject_id,
        attempts=row.attempts,
    )


async def settle(
    db: Writing,
    delivery_id: str,
    status: DeliveryStatus,
    now: datetime,
    *,
    answer: Any = None,
    why: str | None = None,
) -> bool:
    """Whether it was waiting until now. What was sent is not kept longer than it is needed."""
    settled = await db.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, _WAITS)
        .values(
            status=status.value,
            settled_at=now,
            attempts=deliveries.c.attempts + 1,
            last_error=why,
            answer=answer,
            document="",
            variables={},
        )
    )
    return settled.rowcount > 0


async def put_off(db: Writing, delivery_id: str, next_at: datetime, why: str) -> None:
    await db.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, _WAITS)
        .values(attempts=deliveries.c.attempts + 1, next_at=next_at, last_error=why)
    )


async def hasten(db: Writing, hub_id: str, now: datetime) -> None:
    """It is there again: what waits for it is tried at once."""
    await db.execute(
        update(deliveries)
        .where(deliveries.c.hub_id == hub_id, _WAITS)
        .values(next_at=func.least(deliveries.c.next_at, now))
    )


async def forget(db: Writing, until: datetime, limit: int) -> int:
    """Of what was settled by then, how many were taken away."""
    old = (
        select(deliveries.c.id)
        .where(deliveries.c.settled_at <= until)
        .order_by(deliveries.c.settled_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await db.execute(delete(deliveries).where(deliveries.c.id.in_(old)))).rowcount
