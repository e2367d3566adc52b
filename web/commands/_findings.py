"""What `./convoke doctor` says of a hub beside others and beside time: each a look, and a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from auth.keys import Purpose
from auth.sealing import FILE as SECRET_FILE
from auth.sealing import HubSecret, Sealer, SecretProblem, given_secret, kept_secret
from storage import credentials, hubs, operating
from storage.engine import Database
from storage.leases import is_held
from storage.operating import Peer
from web.mailing import tried
from web.outside import SystemChance
from web.settings import Settings
from web.worker import LEASE

MOST_APART = timedelta(seconds=5)  # of our clock and the database's: tokens live for minutes
BACKUP_OLD = timedelta(days=2)
PEER_OVERDUE = timedelta(hours=1)
DELIVERY_OVERDUE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or what to do."""

    name: str
    well: bool
    says: str


async def clock(database: Database, now: datetime) -> Finding:
    async with database.reading() as db:
        theirs: datetime = await db.scalar(text("select clock_timestamp()"))
    apart = abs(theirs - now)
    says = f"{apart.total_seconds():.1f} seconds from the database's"
    if apart <= MOST_APART:
        return Finding("clock", True, says)
    return Finding("clock", False, f"{says}: set both by NTP")


async def secret(database: Database, settings: Settings) -> Finding:
    """Whether it opens what was sealed with it."""
    where = "CONVOKE_SECRET_KEY" if settings.secret_key else str(settings.data / SECRET_FILE)
    async with database.reading() as db:
        keys = [key for purpose in Purpose for key in await credentials.keys_of(db, purpose)]
    if not keys:
        return Finding("secret", True, f"nothing is sealed with {where} yet")
    try:
        given = _given(settings)
        if given is None:
            says = f"{where} is missing: put it back, or run ./convoke keys renew"
            return Finding("secret", False, says)
        sealer = Sealer(given, SystemChance())
        for key in keys:
            sealer.open(key.kid, key.sealed_private_jwk)
    except SecretProblem as problem:
        return Finding("secret", False, problem.message)
    return Finding("secret", True, f"{where} fits")


def _given(settings: Settings) -> HubSecret | None:
    if settings.secret_key is not None:
        return given_secret(settings.secret_key)
    if settings.database_url is not None or not (settings.data / SECRET_FILE).exists():
        return None
    return kept_secret(settings.data, SystemChance())


async def worker(database: Database) -> Finding:
    """That nobody is at work is a matter of whether the hub should run now: told, and no problem."""
    async with database.reading(fresh=True) as db:
        is_at_work = await is_held(db, LEASE)
    if is_at_work:
        return Finding("worker", True, "at work")
    return Finding("worker", True, "nobody is at work: ./convoke serve is, or ./convoke worker")


async def mail_server(database: Database, settings: Settings) -> Finding | None:
    """None where none is named."""
    if settings.mail_server is None:
        return None
    async with database.reading() as db:
        hub = await hubs.local(db)
    if hub is None:
        return None
    name = f"{settings.mail_server.host}:{settings.mail_server.port}"
    said = await tried(settings.mail_server, hub)
    if said is None:
        return Finding("mail server", True, f"{name} lets us in")
    return Finding("mail server", False, f"{name} does not: {said}. See CONVOKE_SMTP_URL")


async def backup(database: Database, now: datetime) -> Finding:
    async with database.reading() as db:
        last = await operating.last_backup(db)
    if last is None:
        return Finding("backup", True, "none was taken with ./convoke backup")
    says = f"{ago(now - last.at)} ago, {last.rows:,} rows"
    return Finding("backup", True, says if now - last.at <= BACKUP_OLD else f"{says}: take another")


async def peers(database: Database, now: datetime) -> Sequence[Finding]:
    async with database.reading() as db:
        found = await operating.peers(db)
    return [_of_peer(peer, now) for peer in found]


def _of_peer(peer: Peer, now: datetime) -> Finding:
    name = f"peer {peer.authority}"
    troubles = list(_troubles(peer, now))
    synced = f"read {ago(now - peer.synced_at)} ago" if peer.synced_at else "never read"
    says = f"{peer.status.lower()}, {synced}"
    if peer.deliveries:
        says += f", {peer.deliveries} changes wait to be told"
    if peer.refused:
        says += f", {peer.refused} records not believed (the last: {peer.reason})"
    return Finding(name, not troubles, "; ".join([says, *troubles]))


def _troubles(peer: Peer, now: datetime) -> Iterator[str]:
    if peer.status != "ACTIVE":
        return
    if now - (peer.synced_at or peer.since) > PEER_OVERDUE:
        yield f"it is not read: {peer.last_error or 'see ./convoke serve, or ./convoke worker'}"
    elif peer.faults:
        yield f"{peer.faults} faults in a row: {peer.last_error or 'the log tells why'}"
    if peer.oldest_at is not None and now - peer.oldest_at > DELIVERY_OVERDUE:
        yield f"the oldest change has waited for {ago(now - peer.oldest_at)}"


def ago(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
