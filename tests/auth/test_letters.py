"""Letters that sign somebody in: once, in the right browser, and telling a stranger nothing."""

import asyncio

import pytest
from sqlalchemy import delete, event, func, select, update

from auth import letters
from auth.desk import Desk
from auth.letters import Spent, WrongCode
from auth.passwords import Passwords
from auth.sessions import SignedIn
from auth.throttle import TooManyTries
from domain.errors import Invalid
from domain.hubs import LocalHub
from domain.ids import Names
from storage.account_tables import accounts, sessions, sign_in_addresses
from storage.engine import Database
from storage.tables import outgoing_mail
from tests.auth.signing_in import (
    ANNAS,
    DEVICE,
    ELSEWHERE,
    HERE,
    NOBODYS,
    PLACE,
    SAMS,
    Porch,
    code_in,
    let_in,
    mailbox,
    secret_in,
    wrong,
)
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock

MANY = 20


@pytest.fixture
async def porch(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Porch:
    desk = Desk(
        database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests", "192.0.2.1"
    )
    await let_in(desk, cast)
    return Porch(desk, cast, Passwords(chance))


async def send(porch: Porch, address: str = ANNAS, then: str | None = None) -> None:
    await letters.send(porch.desk, PLACE, HERE, address, DEVICE, then)


async def press(porch: Porch, letter: str, browser: str = HERE) -> tuple[SignedIn, str | None]:
    return await letters.sign_in_by_link(porch.desk, secret_in(letter), browser, DEVICE, None)


async def type_in(porch: Porch, code: str, browser: str = HERE) -> tuple[SignedIn, str | None]:
    return await letters.sign_in_by_code(porch.desk, browser, code, DEVICE, None)


async def test_the_link_signs_in_where_it_was_asked_for_and_leads_on(porch: Porch) -> None:
    await send(porch, "  Anna@Pantry.EXAMPLE ", "/account/connected")
    opened = await letters.open_link(porch.desk, secret_in(await porch.letter_to(ANNAS)), HERE)
    assert (opened.name, opened.address, opened.is_from_here) == ("Anna", ANNAS, True)
    signed_in, then = await press(porch, await porch.letter_to(ANNAS))
    assert signed_in.session.person_id == porch.cast.anna_id
    assert signed_in.session.methods == ("otp",)
    assert then == "/account/connected"


async def test_the_code_may_be_typed_as_it_comes(porch: Porch) -> None:
    await send(porch)
    digits = code_in(await porch.letter_to(ANNAS)).replace(" ", "")
    arabic = "".join(chr(0x0660 + int(each)) for each in digits)
    signed_in, _ = await type_in(porch, f" {arabic[:4]}-{arabic[4:]} ")
    assert signed_in.session.person_id == porch.cast.anna_id


async def test_what_was_used_once_is_used_up(porch: Porch, contents: Contents) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    await press(porch, letter)
    before = await contents()
    with pytest.raises(Spent):
        await letters.open_link(porch.desk, secret_in(letter), HERE)
    with pytest.raises(Spent):
        await press(porch, letter)
    with pytest.raises(WrongCode):
        await type_in(porch, code_in(letter))
    assert _without_throttles(await contents()) == _without_throttles(before)


async def test_looking_at_the_link_uses_nothing_up(porch: Porch) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    for _ in range(MANY):
        await letters.open_link(porch.desk, secret_in(letter), ELSEWHERE)
    assert (await press(porch, letter))[0].session.person_id == porch.cast.anna_id


async def test_a_letter_is_good_for_a_quarter_of_an_hour(
    porch: Porch, clock: StandingClock, contents: Contents
) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    clock.forward(minutes=15)
    before = await contents()
    with pytest.raises(Spent):
        await press(porch, letter)
    with pytest.raises(WrongCode):
        await type_in(porch, code_in(letter))
    assert _without_throttles(await contents()) == _without_throttles(before)


async def test_the_link_opened_elsewhere_says_so_and_leads_nowhere_else(porch: Porch) -> None:
    """A stranger asked for it: where it leads was for the stranger to say."""
    await send(porch, then="/account/apps")
    letter = await porch.letter_to(ANNAS)
    assert not (await letters.open_link(porch.desk, secret_in(letter), ELSEWHERE)).is_from_here
    signed_in, then = await press(porch, letter, ELSEWHERE)
    assert signed_in.session.person_id == porch.cast.anna_id
    assert then is None


async def test_the_code_signs_in_no_other_browser(porch: Porch, contents: Contents) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    before = await contents()
    with pytest.raises(WrongCode):
        await type_in(porch, code_in(letter), ELSEWHERE)
    assert _without_throttles(await contents()) == _without_throttles(before)
    await type_in(porch, code_in(letter))


async def test_five_wrong_codes_end_the_code_and_leave_the_link(porch: Porch) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    for _ in range(letters.MOST_WRONG_CODES):
        with pytest.raises(WrongCode):
            await type_in(porch, wrong(code_in(letter)))
    with pytest.raises(WrongCode):
        await type_in(porch, code_in(letter))
    assert (await press(porch, letter))[0].session.person_id == porch.cast.anna_id


async def test_four_wrong_codes_do_not(porch: Porch) -> None:
    await send(porch)
    code = code_in(await porch.letter_to(ANNAS))
    for _ in range(letters.MOST_WRONG_CODES - 1):
        with pytest.raises(WrongCode):
            await type_in(porch, wrong(code))
    assert (await type_in(porch, code))[0].session.person_id == porch.cast.anna_id


async def test_the_code_of_the_letter_before_still_works(porch: Porch) -> None:
    await send(porch)
    first = await porch.letter_to(ANNAS)
    await send(porch)
    assert await porch.letter_to(ANNAS) != first
    assert (await type_in(porch, code_in(first)))[0].session.person_id == porch.cast.anna_id


@pytest.mark.parametrize("by_code", [False, True])
async def test_of_twenty_who_use_a_letter_at_once_one_is_signed_in(
    porch: Porch, by_code: bool
) -> None:
    await send(porch)
    await send(porch)  # so that more than one row is held
    letter = await porch.letter_to(ANNAS)

    async def use(number: int) -> bool:
        desk = porch.desk_from(f"198.51.100.{number}")
        try:
            if by_code:
                await letters.sign_in_by_code(desk, HERE, code_in(letter), DEVICE, None)
            else:
                await letters.sign_in_by_link(desk, secret_in(letter), HERE, DEVICE, None)
        except (Spent, WrongCode):
            return False
        return True

    assert sum(await asyncio.gather(*(use(number) for number in range(MANY)))) == 1
    assert await _count(porch, select(func.count()).select_from(sessions)) == 1


async def test_of_twenty_wrong_codes_at_once_five_are_looked_at(porch: Porch) -> None:
    """Else twenty connections would be four times as many guesses."""
    await send(porch)
    code = code_in(await porch.letter_to(ANNAS))

    async def guess(number: int) -> None:
        desk = porch.desk_from(f"198.51.100.{number}")
        with pytest.raises(WrongCode):
            await letters.sign_in_by_code(desk, HERE, wrong(code), DEVICE, None)

    await asyncio.gather(*(guess(number) for number in range(MANY)))
    waiting = await letters.asked_for(porch.desk, HERE)
    assert waiting is not None
    assert waiting.failures == letters.MOST_WRONG_CODES


async def test_nobody_is_written_to_at_an_address_that_opens_nothing(porch: Porch) -> None:
    await send(porch, NOBODYS)
    assert await _count(porch, select(func.count()).select_from(outgoing_mail)) == 0
    waiting = await letters.asked_for(porch.desk, HERE)
    assert waiting is not None
    assert (waiting.address, waiting.person_id) == (NOBODYS, None)
    for _ in range(letters.MOST_WRONG_CODES):
        with pytest.raises(WrongCode):
            await type_in(porch, "0000 0000")


async def test_a_stranger_learns_nothing_from_the_work_that_is_done(porch: Porch) -> None:
    """The same statements in the same order, but for what is taken back at the end."""
    done: dict[str, list[str]] = {}
    for address in (ANNAS, NOBODYS):
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
        await send(porch, address)
        event.remove(engine, "before_cursor_execute", note)
    for statements in done.values():
        ends = [each for each in statements if each.endswith("SAVEPOINT sa_savepoint_1")]
        assert len(ends) == 2  # it is begun, and then kept or taken back
        statements.remove(ends[1])
    assert done[ANNAS] == done[NOBODYS]
    assert any("outgoing_mail" in each for each in done[NOBODYS])


async def test_a_letter_signs_nobody_in_after_its_address_was_removed(
    porch: Porch, contents: Contents
) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    async with porch.desk.database.writing() as db:
        await db.execute(delete(sign_in_addresses).where(sign_in_addresses.c.address == ANNAS))
        # By now it is Sam's.
        await db.execute(
            sign_in_addresses.insert().values(
                address=ANNAS, person_id=porch.cast.sam_id, confirmed_at=porch.desk.clock.now()
            )
        )
    before = await contents()
    with pytest.raises(Spent):
        await letters.open_link(porch.desk, secret_in(letter), HERE)
    with pytest.raises(Spent):
        await press(porch, letter)
    with pytest.raises(WrongCode):
        await type_in(porch, code_in(letter))
    assert _without_throttles(await contents()) == _without_throttles(before)


async def test_a_letter_opens_no_account_that_was_closed(porch: Porch) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    async with porch.desk.database.writing() as db:
        await db.execute(
            update(accounts)
            .where(accounts.c.person_id == porch.cast.anna_id)
            .values(closed_at=porch.desk.clock.now())
        )
    with pytest.raises(Spent):
        await press(porch, letter)
    await send(porch)
    assert len(await mailbox(porch.desk.database, ANNAS)) == 1
    assert await _count(porch, select(func.count()).select_from(sessions)) == 0


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "anna@", "@pantry.example", "a b@pantry.example", "anna@pantry.example\0",
     "anna@x\r\nBcc: all@pantry.example", "a@b@c", "a" * 300 + "@pantry.example", "a\u202e@x.example"],
)  # fmt: skip
async def test_what_is_no_address_is_told_so(porch: Porch, contents: Contents, typed: str) -> None:
    before = await contents()
    with pytest.raises(Invalid) as refused:
        await send(porch, typed)
    assert refused.value.field == ("address",)
    assert await contents() == before


async def test_two_texts_that_are_one_address_are_written_to_once_kept(porch: Porch) -> None:
    """U+212A, the Kelvin sign, is a k in lower case; the letter goes to the account's address."""
    async with porch.desk.database.writing() as db:
        await db.execute(
            sign_in_addresses.insert().values(
                address="mike@pantry.example",
                person_id=porch.cast.anna_id,
                confirmed_at=porch.desk.clock.now(),
            )
        )
    await send(porch, "mi\u212ae@pantry.example")
    assert len(await mailbox(porch.desk.database, "mike@pantry.example")) == 1
    assert await _count(porch, select(func.count()).select_from(outgoing_mail)) == 1


async def test_who_asks_for_many_letters_waits(porch: Porch, clock: StandingClock) -> None:
    for _ in range(5):
        await send(porch)
    with pytest.raises(TooManyTries) as refused:
        await send(porch)
    assert refused.value.wait_seconds <= 60
    assert len(await mailbox(porch.desk.database, ANNAS)) == 5
    await send(porch, SAMS)  # which is another address
    clock.forward(seconds=refused.value.wait_seconds)
    await send(porch)


async def test_a_flood_from_everywhere_leaves_a_letter_that_lets_its_reader_in(
    porch: Porch,
) -> None:
    """Strangers use up all letters to Anna, and spoil what they can of each; any link still works."""
    floods = [porch.desk_from(f"198.51.100.{number}") for number in range(MANY + 1)]
    for desk in floods[:MANY]:
        await letters.send(desk, PLACE, ELSEWHERE, ANNAS, DEVICE, None)
    with pytest.raises(TooManyTries):
        await letters.send(floods[MANY], PLACE, ELSEWHERE, ANNAS, DEVICE, None)
    letter = await porch.letter_to(ANNAS)
    for desk in floods[:8]:
        with pytest.raises(WrongCode):
            await letters.sign_in_by_code(desk, ELSEWHERE, wrong(code_in(letter)), DEVICE, None)
    assert (await press(porch, letter, HERE))[0].session.person_id == porch.cast.anna_id


async def test_a_letter_has_nobodys_words_but_ours(porch: Porch) -> None:
    await send(porch)
    letter = await porch.letter_to(ANNAS)
    assert "Anna" not in letter
    assert "Tell the code to nobody." in letter
    assert DEVICE in letter


def _without_throttles(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: each for name, each in rows.items() if name != "throttles"}


async def _count(porch: Porch, statement: object) -> int:
    async with porch.desk.database.reading() as db:
        return int(await db.scalar(statement) or 0)  # type: ignore[call-overload]
