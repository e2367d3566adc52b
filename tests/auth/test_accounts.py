"""Accounts: whose an address is, and what opens an account."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from auth import accounts
from auth.desk import Desk
from auth.passwords import Passwords
from domain.errors import Invalid, Taken
from domain.hubs import LocalHub
from domain.ids import Names
from storage import account_tables as tables
from storage.account_tables import accounts as accounts_table
from storage.engine import Database
from tests.auth.signing_in import ANNAS, NOBODYS, SAMS, Porch, let_in
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock


@pytest.fixture
async def porch(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Porch:
    desk = Desk(database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests")
    await let_in(desk, cast)
    return Porch(desk, cast, Passwords(chance))


async def test_an_account_is_opened_once_and_kept(porch: Porch) -> None:
    async def open_it() -> None:
        async with porch.desk.database.writing() as db:
            await accounts.open_account(porch.desk, db, porch.cast.lee_id)

    await asyncio.gather(*(open_it() for _ in range(10)))
    async with porch.desk.database.reading() as db:
        handle = select(accounts_table.c.handle).where(
            accounts_table.c.person_id == porch.cast.lee_id
        )
        kept = (await db.scalars(handle)).one()
    await open_it()
    async with porch.desk.database.reading() as db:
        assert (await db.scalars(handle)).one() == kept
    assert len(kept) == 64


async def test_somebody_new_has_an_account_and_no_way_in_yet(porch: Porch) -> None:
    async with porch.desk.database.writing() as db:
        account = await accounts.new_person(porch.desk, db, "  Noor  Haddad ", "ar")
        assert (account.name, account.language) == ("Noor Haddad", "ar")
        assert (await accounts.ways_in(db, account.person_id)).count == 0
        await accounts.confirm_address(porch.desk, db, account.person_id, NOBODYS)
        assert await accounts.person_of_address(db, NOBODYS) == account
        assert (await accounts.ways_in(db, account.person_id)).count == 1


async def test_a_name_that_says_nothing_makes_nobody(porch: Porch, contents: Contents) -> None:
    before = await contents()
    with pytest.raises(Invalid):
        async with porch.desk.database.writing() as db:
            await accounts.new_person(porch.desk, db, "   ")
    assert await contents() == before


async def test_an_address_stays_with_whom_it_is(porch: Porch, contents: Contents) -> None:
    before = await contents()
    with pytest.raises(Taken):
        async with porch.desk.database.writing() as db:
            await accounts.confirm_address(porch.desk, db, porch.cast.anna_id, SAMS)
    assert await contents() == before


async def test_of_many_who_confirm_one_address_one_has_it(porch: Porch) -> None:
    async def confirm(person_id: str) -> bool:
        try:
            async with porch.desk.database.writing() as db:
                await accounts.confirm_address(porch.desk, db, person_id, NOBODYS)
        except Taken:
            return False
        return True

    people = [porch.cast.anna_id, porch.cast.sam_id] * 10
    outcomes = await asyncio.gather(*(confirm(person_id) for person_id in people))
    async with porch.desk.database.reading() as db:
        owner = await accounts.person_of_address(db, NOBODYS)
        count = await db.scalar(
            select(func.count())
            .select_from(tables.sign_in_addresses)
            .where(tables.sign_in_addresses.c.address == NOBODYS)
        )
    assert owner is not None
    assert count == 1
    assert outcomes == [person_id == owner.person_id for person_id in people]


async def test_a_closed_account_is_found_by_nothing(porch: Porch) -> None:
    async with porch.desk.database.writing() as db:
        await db.execute(update(accounts_table).values(closed_at=porch.desk.clock.now()))
        assert await accounts.person_of_address(db, ANNAS) is None


async def test_a_password_is_no_way_in_by_itself(porch: Porch) -> None:
    await porch.give_password(porch.cast.anna_id, "lamp river seven coat")
    async with porch.desk.database.reading() as db:
        ways = await accounts.ways_in(db, porch.cast.anna_id)
    assert (ways.addresses, ways.has_password, ways.count) == ((ANNAS,), True, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna@Pantry.Example\n", ANNAS),
        ("BJÖRN@exa\u0308mple.org", "björn@exämple.org"),
        ("mi\u212ae@x.example", "mike@x.example"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert accounts.address_of(typed) == kept
