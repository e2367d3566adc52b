"""What a hub notes of its own running, beside its duties: that it can write, and its last backup.

Both stand among the duties (`storage/duties.py`), as things done from time to time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from storage.duties import Kept, keep, kept
from storage.engine import Reading, Writing

PROBE = "readiness"
BACKUP = "backup"
OURS = frozenset({PROBE, BACKUP})


@dataclass(frozen=True, slots=True)
class LastBackup:
    at: datetime
    rows: int


async def note_backup(db: Writing, rows: int, now: datetime) -> None:
    await keep(db, Kept(BACKUP, now, now, rows, 0, ""))


async def probe(db: Writing, now: datetime) -> None:
    """A row that is really written, so that a disk that takes none, or a server that went over to
    reading alone, is met here first."""
    await keep(db, Kept(PROBE, now, now, 0, 0, ""))


async def revision(db: Reading) -> str:
    """Of the tables, as Alembic names it; "" where there are none."""
    return await db.scalar(text("select max(version_num) from alembic_version")) or ""


async def last_backup(db: Reading) -> LastBackup | None:
    row = (
        await db.execute(
            text("select ran_at, done from duties where name = :name"), {"name": BACKUP}
        )
    ).one_or_none()
    return None if row is None else LastBackup(row.ran_at, row.done)


@dataclass(frozen=True, slots=True)
class Peer:
    """How it stands with another hub, in figures; `since` when it is a peer."""

    authority: str
    status: str
    since: datetime
    synced_at: datetime | None
    faults: int
    last_error: str | None
    deliveries: int
    oldest_at: datetime | None
    refused: int
    reason: str | None  # the latest of why something of it was not believed


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the hub as a whole. `feeds` is by kind of channel the sum of the last numbers."""

    feeds: Mapping[str, int]
    mail: int
    mail_since: datetime | None
    duties: Sequence[Kept]
    backup_at: datetime | None
    peers: Sequence[Peer]


_FEEDS = """
select kind, sum(greatest(compacted_to, head)) as head from (
  select case when f.channel = 'public' then 'public' when f.channel like 'hub\\_%' then 'hub'
      else 'alliance' end as kind, f.compacted_to,
    (select e.seq from feed_entries e where e.channel = f.channel order by e.seq desc limit 1)
      as head
  from feeds f) counted
group by kind order by kind
"""
_MAIL = """
select count(*) as waiting, min(created_at) as since from outgoing_mail
where sent_at is null and failed_at is null
"""
_PEERS = """
select h.authority, p.status, p.since, p.last_synced_at as synced_at, p.faults, p.last_error,
  coalesce(d.waiting, 0) as deliveries, d.oldest_at, coalesce(r.refused, 0) as refused, r.reason
from peerings p join hubs h on h.id = p.hub_id
left join lateral (select count(*) as waiting, min(created_at) as oldest_at from deliveries
  where hub_id = p.hub_id and status = 'PENDING') d on true
left join lateral (select sum(times)::int as refused,
    (array_agg(reason order by last_at desc))[1] as reason
  from mirror_refusals where hub_id = p.hub_id) r on true
where p.status <> 'ENDED'
order by h.authority
"""


async def standing(db: Reading) -> Standing:
    feeds = (await db.execute(text(_FEEDS))).all()
    mail = (await db.execute(text(_MAIL))).one()
    noted = await kept(db)
    backup = noted.get(BACKUP)
    return Standing(
        feeds={row.kind: int(row.head or 0) for row in feeds},
        mail=mail.waiting,
        mail_since=mail.since,
        duties=[duty for name, duty in noted.items() if name not in OURS],
        backup_at=backup.ran_at if backup else None,
        peers=await peers(db),
    )


async def peers(db: Reading) -> Sequence[Peer]:
    return [Peer(**row) for row in (await db.execute(text(_PEERS))).mappings()]
