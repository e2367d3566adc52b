"""Passwords: compared beside the loop, a few at once, and telling a stranger nothing."""

import asyncio
import time
from datetime import datetime
from itertools import pairwise

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select, update

from auth import passwords, sessions
from auth.desk import Desk
from auth.passwords import Passwords, WrongPassword
from auth.sessions import SignedIn
from auth.throttle import TooManyTries
from domain.errors import Busy, Invalid, NotFound, Problem, Refused
from domain.hubs import LocalHub
from domain.ids import Names
from storage import accounts as stored
from storage.account_tables import accounts, sign_in_addresses
from storage.account_tables import sessions as sessions_table
from storage.engine import Database
from tests.auth.signing_in import (
    ANNAS,
    DEVICE,
    GOOD,
    NOBODYS,
    PLACE,
    SAMS,
    Porch,
    let_in,
    mailbox,
)
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock


@pytest.fixture
async def porch(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Porch:
    """Anna has a password."""
    desk = Desk(
        database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests", "192.0.2.1"
    )
    await let_in(desk, cast)
    porch = Porch(desk, cast, Passwords(chance))
    await porch.give_password(cast.anna_id, GOOD)
    return porch


async def sign_in(
    porch: Porch, address: str = ANNAS, password: str = GOOD, desk: Desk | None = None
) -> SignedIn:
    return await passwords.sign_in(
        desk or porch.desk, porch.passwords, address, password, DEVICE, None
    )


async def test_the_right_password_signs_in(porch: Porch) -> None:
    signed_in = await sign_in(porch, " Anna@pantry.example")
    assert signed_in.session.person_id == porch.cast.anna_id
    assert signed_in.session.methods == ("pwd",)


@pytest.mark.parametrize(
    ("address", "password"), [(ANNAS, GOOD + "s"), (ANNAS, ""), (SAMS, GOOD), (NOBODYS, GOOD)]
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    porch: Porch, contents: Contents, address: str, password: str
) -> None:
    """A wrong password, an account without one, no account."""
    before = await contents()
    with pytest.raises(WrongPassword) as refused:
        await sign_in(porch, address, password)
    assert refused.value.message == WrongPassword().message
    after = await contents()
    assert {**after, "throttles": []} == {**before, "throttles": []}


async def test_a_stranger_learns_nothing_from_the_work_that_is_done(
    porch: Porch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, and one password compared, whoever is asked for."""
    done: dict[str, list[str]] = {}
    compared: list[str] = []
    verify = PasswordHasher.verify

    def noted(self: PasswordHasher, hashed: str, password: bytes) -> bool:
        compared.append(hashed.rpartition("$")[0].rpartition("$")[0])
        return verify(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    for address in (ANNAS, SAMS, NOBODYS):
        statements = done[address] = []

        def note(
            connection: object,
            cursor: object,
            statement: str,
            *_: object,
            to: list[str] = statements,
        ) -> None:
            to.append(statement)

        engine = porch.desk.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        with pytest.raises(WrongPassword):
            await sign_in(porch, address, "another lamp, another river")
        event.remove(engine, "before_cursor_execute", note)
    assert done[ANNAS] == done[SAMS] == done[NOBODYS]
    assert len(compared) == 3
    assert len(set(compared)) == 1  # of the same cost


async def test_who_types_wrong_passwords_waits_longer_and_longer(
    porch: Porch, clock: StandingClock
) -> None:
    tried: list[datetime] = []
    for _ in range(120):
        try:
            with pytest.raises(WrongPassword):
                await sign_in(porch, password="no such lamp")
        except TooManyTries as often:
            clock.forward(seconds=often.wait_seconds)  # as told, and no longer
        else:
            tried.append(clock.now())
    gaps = [(after - before).total_seconds() for before, after in pairwise(tried)]
    assert max(gaps[:4]) == 0
    assert gaps[6] == 15
    assert gaps[25] == 120
    assert gaps[55] == 900


async def test_the_right_password_waits_too(porch: Porch) -> None:
    """Else the wait would say whether it is the right one."""
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await sign_in(porch, password="no such lamp")
    with pytest.raises(TooManyTries):
        await sign_in(porch)
    with pytest.raises(TooManyTries):
        await sign_in(porch, password="no such lamp")


async def test_wrong_tries_elsewhere_do_not_shut_anna_out(porch: Porch) -> None:
    for number in range(9):
        stranger = porch.desk_from(f"198.51.100.{number}")
        for _ in range(5):
            with pytest.raises(WrongPassword):
                await sign_in(porch, password="no such lamp", desk=stranger)
    assert (await sign_in(porch)).session.person_id == porch.cast.anna_id


async def test_one_stranger_does_not_try_everybody(porch: Porch) -> None:
    refused = 0
    for number in range(40):
        try:
            with pytest.raises(WrongPassword):
                await sign_in(porch, f"person{number}@pantry.example", "no such lamp")
        except TooManyTries:
            refused += 1
    assert refused == 10


async def test_a_password_is_kept_as_argon2id_wants_it(porch: Porch) -> None:
    async with porch.desk.database.reading() as db:
        kept = await stored.password_of_address(db, ANNAS)
    assert kept is not None
    assert kept.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await porch.passwords.hashed(GOOD) != kept.password_hash  # salted


async def test_a_password_of_weaker_days_is_kept_anew_when_it_is_used(porch: Porch) -> None:
    weak = PasswordHasher(1, 8, 1).hash(GOOD)
    async with porch.desk.database.writing() as db:
        await stored.keep_password(db, porch.cast.anna_id, weak)
    with pytest.raises(WrongPassword):
        await sign_in(porch, password="no such lamp")
    assert await _hash_of_anna(porch) == weak
    await sign_in(porch)
    assert (await _hash_of_anna(porch)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await sign_in(porch)


async def test_a_password_that_changes_while_it_is_compared_signs_nobody_in(
    porch: Porch, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = Passwords.matches

    async def changed(self: Passwords, password: str, hashed: str | None) -> bool:
        is_right = await matches(self, password, hashed)
        await porch.give_password(porch.cast.anna_id, "some other words altogether")
        return is_right

    monkeypatch.setattr(Passwords, "matches", changed)
    with pytest.raises(WrongPassword):
        await sign_in(porch)
    assert await _count_sessions(porch) == 0


async def test_no_more_are_compared_at_once_than_there_is_room_for(chance: SeededChance) -> None:
    few = Passwords(chance, at_once=1, most_waiting=2)
    outcomes = await asyncio.gather(
        *(few.hashed(f"{GOOD} {number}") for number in range(10)), return_exceptions=True
    )
    assert sum(isinstance(each, str) for each in outcomes) == 3
    assert sum(isinstance(each, Busy) for each in outcomes) == 7
    assert await few.hashed(GOOD)  # and there is room again


async def test_who_goes_away_leaves_no_room_before_the_work_is_done(chance: SeededChance) -> None:
    few = Passwords(chance, at_once=1, most_waiting=0)
    leaving = asyncio.create_task(few.hashed(GOOD))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    with pytest.raises(Busy):
        await few.hashed(GOOD)


async def test_the_loop_goes_on_while_passwords_are_compared(porch: Porch) -> None:
    comparing = asyncio.gather(*(porch.passwords.hashed(GOOD) for _ in range(4)))
    began, turns = time.monotonic(), 0
    while not comparing.done():
        await asyncio.sleep(0)
        turns += 1
    took = time.monotonic() - began
    await comparing
    assert turns > 100, (turns, took)


async def test_a_new_password_ends_all_other_sessions_and_is_told(porch: Porch) -> None:
    here, elsewhere = await porch.session_of_anna(), await porch.session_of_anna()
    await passwords.set_one(porch.desk, porch.passwords, PLACE, here, "coat seven river lamp")
    remaining = await sessions.of_person(porch.desk, here)
    assert [each.id for each in remaining] == [here.id]
    assert elsewhere.id != here.id
    assert len(await mailbox(porch.desk.database, ANNAS)) == 1
    with pytest.raises(WrongPassword):
        await sign_in(porch)
    await sign_in(porch, password="coat seven river lamp")


async def test_a_password_that_will_not_do_changes_nothing(
    porch: Porch, contents: Contents
) -> None:
    here = await porch.session_of_anna()
    await porch.session_of_anna()
    before = await contents()
    for typed in ("short", "anna@pantry.example", "password1234"):
        with pytest.raises(Invalid):
            await passwords.set_one(porch.desk, porch.passwords, PLACE, here, typed)
    after = await contents()
    assert {**after, "throttles": []} == {**before, "throttles": []}


async def test_a_session_of_a_while_ago_changes_no_password(
    porch: Porch, clock: StandingClock, contents: Contents
) -> None:
    here = await porch.session_of_anna()
    clock.forward(minutes=11)
    before = await contents()
    with pytest.raises(Refused):
        await passwords.set_one(porch.desk, porch.passwords, PLACE, here, "coat seven river lamp")
    with pytest.raises(Refused):
        await passwords.remove(porch.desk, PLACE, here)
    assert await contents() == before


async def test_a_password_beside_no_address_is_none(porch: Porch) -> None:
    here = await porch.session_of_anna()
    async with porch.desk.database.writing() as db:
        await db.execute(
            sign_in_addresses.delete().where(sign_in_addresses.c.person_id == porch.cast.anna_id)
        )
    with pytest.raises(Refused, match="Add an address first"):
        await passwords.set_one(porch.desk, porch.passwords, PLACE, here, "coat seven river lamp")


async def test_a_password_is_removed_once(porch: Porch) -> None:
    here = await porch.session_of_anna()

    async def remove() -> Problem | None:
        try:
            await passwords.remove(porch.desk, PLACE, here)
        except NotFound as problem:
            return problem
        return None

    outcomes = await asyncio.gather(*(remove() for _ in range(5)))
    assert outcomes.count(None) == 1
    with pytest.raises(WrongPassword):
        await sign_in(porch)


async def test_a_closed_account_has_no_password(porch: Porch) -> None:
    async with porch.desk.database.writing() as db:
        await db.execute(update(accounts).values(closed_at=porch.desk.clock.now()))
    with pytest.raises(WrongPassword):
        await sign_in(porch)
    assert await _count_sessions(porch) == 0


async def test_signing_in_ends_the_session_that_was_there(porch: Porch) -> None:
    """What was fixed before is worth nothing after."""
    before = await porch.session_of_anna()
    signed_in = await passwords.sign_in(porch.desk, porch.passwords, ANNAS, GOOD, DEVICE, before)
    remaining = await sessions.of_person(porch.desk, signed_in.session)
    assert [each.id for each in remaining] == [signed_in.session.id]
    assert signed_in.session.id != before.id


async def _hash_of_anna(porch: Porch) -> str:
    async with porch.desk.database.reading() as db:
        return str(
            await db.scalar(
                select(accounts.c.password_hash).where(accounts.c.person_id == porch.cast.anna_id)
            )
        )


async def _count_sessions(porch: Porch) -> int:
    async with porch.desk.database.reading() as db:
        return int(await db.scalar(select(func.count()).select_from(sessions_table)) or 0)
