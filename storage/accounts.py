"""Accounts and what opens them, as rows. Sessions are in `sessions.py`, letters in `ceremonies.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.account_tables import (
    accounts,
    external_identities,
    passkeys,
    sign_in_addresses,
    sign_in_providers,
)
from storage.engine import Reading, Writing
from storage.tables import organizations, persons, team_members


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    person_id: str
    name: str
    language: str | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """What opens an account. A password opens nothing without an address beside it."""

    addresses: tuple[str, ...]
    has_password: bool
    passkeys: int
    providers: int  # identities at providers that are still trusted

    @property
    def count(self) -> int:
        """Each of these is enough by itself, and only the person takes it away. An identity at a
        provider ends with what the organization trusts, so it is nobody's last way in."""
        return len(self.addresses) + self.passkeys


@dataclass(frozen=True, slots=True)
class Membership:
    """An organization in whose team somebody is."""

    slug: str
    name: str
    role: str


_ACCOUNTS: Select[str, str, str | None] = (
    select(accounts.c.person_id, persons.c.display_name, persons.c.preferred_language)
    .join(persons, persons.c.id == accounts.c.person_id)
    .where(accounts.c.closed_at.is_(None))
)


async def open_one(db: Writing, person_id: str, handle: bytes, at: datetime) -> bool:
    """Whether the person had none yet."""
    opening = insert(accounts).values(person_id=person_id, handle=handle, created_at=at)
    return (await db.execute(opening.on_conflict_do_nothing())).rowcount > 0


async def of_person(db: Reading, person_id: str) -> Account | None:
    return await _found(db, _ACCOUNTS.where(accounts.c.person_id == person_id))


async def of_address(db: Reading, address: str) -> Account | None:
    """Whoever has shown to read it."""
    return await _found(
        db,
        _ACCOUNTS.join(
            sign_in_addresses, sign_in_addresses.c.person_id == accounts.c.person_id
        ).where(sign_in_addresses.c.address == address),
    )


async def _found(db: Reading, statement: Select[str, str, str | None]) -> Account | None:
    row = (await db.execute(statement)).one_or_none()
    return None if row is None else Account(row[0], row[1], row[2])


async def hold(db: Writing, person_id: str) -> None:
    """Until the end of the transaction nobody else changes what opens this account."""
    await db.execute(
        select(accounts.c.person_id).where(accounts.c.person_id == person_id).with_for_update()
    )


async def ways_in(db: Reading, person_id: str) -> WaysIn:
    keys = select(func.count()).where(passkeys.c.person_id == accounts.c.person_id)
    identities = (
        select(func.count())
        .select_from(external_identities)
        .join(
            sign_in_providers,
            and_(
                sign_in_providers.c.id == external_identities.c.provider_id,
                sign_in_providers.c.removed_at.is_(None),
            ),
        )
        .where(external_identities.c.person_id == accounts.c.person_id)
    )
    row = (
        await db.execute(
            select(
                accounts.c.password_hash.is_not(None),
                keys.scalar_subquery(),
                identities.scalar_subquery(),
            ).where(accounts.c.person_id == person_id, accounts.c.closed_at.is_(None))
        )
    ).one_or_none()
    has_password, key_count, identity_count = (False, 0, 0) if row is None else row
    return WaysIn(
        addresses=tuple(await addresses_of(db, person_id)),
        has_password=has_password,
        passkeys=key_count,
        providers=identity_count,
    )


async def addresses_of(db: Reading, person_id: str) -> Sequence[str]:
    """The oldest first."""
    found = await db.scalars(
        select(sign_in_addresses.c.address)
        .where(sign_in_addresses.c.person_id == person_id)
        .order_by(sign_in_addresses.c.confirmed_at, sign_in_addresses.c.address)
    )
    return found.all()


async def add_address(db: Writing, person_id: str, address: str, at: datetime) -> str:
    """Whose the address is afterwards: it stays with whoever had it."""
    adding = insert(sign_in_addresses).values(address=address, person_id=person_id, confirmed_at=at)
    # Setting it to what it is locks the row, so that what is returned is so.
    owner = await db.scalar(
        adding.on_conflict_do_update(
            index_elements=[sign_in_addresses.c.address],
            set_={"confirmed_at": sign_in_addresses.c.confirmed_at},
        ).returning(sign_in_addresses.c.person_id)
    )
    return str(owner)


async def remove_address(db: Writing, person_id: str, address: str) -> bool:
    """Whether it was theirs."""
    removed = await db.execute(
        delete(sign_in_addresses).where(
            sign_in_addresses.c.address == address, sign_in_addresses.c.person_id == person_id
        )
    )
    return removed.rowcount > 0


# ── passwords ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Locked:
    """An account that a password opens."""

    account: Account
    password_hash: str


async def password_of_address(db: Reading, address: str) -> Locked | None:
    row = (
        await db.execute(
            _ACCOUNTS.add_columns(accounts.c.password_hash)
            .join(sign_in_addresses, sign_in_addresses.c.person_id == accounts.c.person_id)
            .where(sign_in_addresses.c.address == address, accounts.c.password_hash.is_not(None))
        )
    ).one_or_none()
    return None if row is None else Locked(Account(row[0], row[1], row[2]), row[3])


async def keep_password(
    db: Writing, person_id: str, hashed: str | None, changed_at: datetime | None = None
) -> None:
    """None is no password. Without a time it is the same one, kept in another way."""
    changes: dict[str, object] = {"password_hash": hashed}
    if changed_at is not None:
        changes["password_changed_at"] = changed_at
    await db.execute(update(accounts).where(accounts.c.person_id == person_id).values(changes))


# ── what a person sees of themselves ─────────────────────────────────────────────────────────────


async def memberships_of(db: Reading, person_id: str) -> list[Membership]:
    """By the organizations' names."""
    found = await db.execute(
        select(organizations.c.slug, organizations.c.name, team_members.c.role)
        .join(team_members, team_members.c.organization_id == organizations.c.id)
        .where(team_members.c.person_id == person_id)
        .order_by(organizations.c.name, organizations.c.id)
    )
    return [Membership(*row) for row in found.all()]


async def change_person(
    db: Writing, person_id: str, display_name: str, language: str | None
) -> None:
    await db.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(display_name=display_name, preferred_language=language)
    )
