"""Passkeys as rows: the public half of a key that a person's device keeps, and how it was used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.account_tables import accounts, passkeys
from storage.engine import Reading, Writing
from storage.tables import persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """`public_key` is a COSE_Key (RFC 9052 s7); `sign_count` what the authenticator counted at its
    last use, 0 where it does not count; `is_backed_up` that it outlives the device."""

    id: str
    credential_id: bytes
    person_id: str
    name: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A passkey with whose it is. `handle` is what their authenticator knows them by."""

    passkey: Passkey
    person_name: str
    handle: bytes


_COLUMNS = [passkeys.c[name] for name in Passkey.__slots__]


async def add(db: Writing, passkey: Passkey) -> bool:
    """Whether it was anew: one that is known stays whose it was."""
    values = {name: getattr(passkey, name) for name in Passkey.__slots__}
    adding = insert(passkeys).values({**values, "transports": list(passkey.transports)})
    return (await db.execute(adding.on_conflict_do_nothing())).rowcount > 0


async def handle_of(db: Reading, person_id: str) -> bytes | None:
    """None where there is no account, or it is closed."""
    handle: bytes | None = await db.scalar(
        select(accounts.c.handle).where(
            accounts.c.person_id == person_id, accounts.c.closed_at.is_(None)
        )
    )
    return handle


async def owned(db: Reading, credential_id: bytes) -> Owned | None:
    """None where nobody's open account has it."""
    found = await db.execute(
        select(*_COLUMNS, persons.c.display_name, accounts.c.handle)
        .join(accounts, accounts.c.person_id == passkeys.c.person_id)
        .join(persons, persons.c.id == passkeys.c.person_id)
        .where(passkeys.c.credential_id == credential_id, accounts.c.closed_at.is_(None))
    )
    row = found.one_or_none()
    if row is None:
        return None
    *of_passkey, name, handle = tuple(row)
    return Owned(_passkey(of_passkey), name, handle)


async def of_person(db: Reading, person_id: str) -> list[Passkey]:
    """The oldest first."""
    found = await db.execute(
        select(*_COLUMNS)
        .where(passkeys.c.person_id == person_id)
        .order_by(passkeys.c.created_at, passkeys.c.id)
    )
    return [_passkey(row) for row in found.all()]


async def note_used(
    db: Writing, credential_id: bytes, sign_count: int, *, is_backed_up: bool, at: datetime
) -> None:
    await db.execute(
        update(passkeys)
        .where(passkeys.c.credential_id == credential_id)
        .values(sign_count=sign_count, is_backed_up=is_backed_up, last_used_at=at)
    )


async def rename(db: Writing, person_id: str, passkey_id: str, name: str) -> bool:
    """Whether the person has such a one."""
    renamed = await db.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.person_id == person_id)
        .values(name=name)
    )
    return renamed.rowcount > 0


async def remove(db: Writing, person_id: str, passkey_id: str) -> bool:
    """Whether the person had such a one."""
    removed = await db.execute(
        delete(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.person_id == person_id)
    )
    return removed.rowcount > 0


def _passkey(row: Sequence[object]) -> Passkey:
    values = dict(zip(Passkey.__slots__, row, strict=True))
    return Passkey(**{**values, "transports": tuple(values["transports"])})  # type: ignore[arg-type]
