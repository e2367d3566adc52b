"""Passkeys: what an honest authenticator answers is taken once, and nothing else is at all."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from sqlalchemy import event, func, select, update

from auth import accounts, passkeys, sessions
from auth.desk import Desk
from auth.passkey_answers import RelyingParty, WrongPasskey
from auth.passkeys import LASTS, MOST, Copied
from auth.passwords import Passwords
from auth.sessions import FRESH, SignedIn
from auth.throttle import TooManyTries
from domain.errors import Invalid, NotFound, Refused
from domain.hubs import LocalHub
from domain.ids import Names
from storage import accounts as stored_accounts
from storage.account_tables import accounts as accounts_table
from storage.account_tables import ceremonies
from storage.account_tables import passkeys as passkeys_table
from storage.account_tables import sessions as sessions_table
from storage.engine import Database
from storage.passkeys import Passkey
from storage.sessions import Session
from storage.tables import audit_entries
from tests.auth.authenticator import BE, BS, HONEST, UP, UV, Authenticator, Manner, written
from tests.auth.signing_in import (
    ANNAS,
    DEVICE,
    ELSEWHERE,
    HERE,
    PLACE,
    Porch,
    let_in,
    mailbox,
)
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock

PARTY = RelyingParty.of("http://hub.test", "River City")
TOO_LATE = LASTS.total_seconds()


@pytest.fixture
async def porch(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Porch:
    desk = Desk(
        database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests", "192.0.2.1"
    )
    await let_in(desk, cast)
    return Porch(desk, cast, Passwords(chance))


async def session_of(porch: Porch, person_id: str, name: str) -> Session:
    async with porch.desk.database.writing() as db:
        begun = await sessions.begin(
            porch.desk, db, person_id, name, [sessions.Method.LETTER], DEVICE
        )
    return begun.session


async def add(
    porch: Porch, session: Session, device: Authenticator, manner: Manner | None = None
) -> None:
    asked = await passkeys.ask_to_add(porch.desk, PARTY, HERE, session)
    await send_new(porch, session, device.create(asked, manner))


async def send_new(
    porch: Porch, session: Session, answer: str, browser: str = HERE, name: str = "My phone"
) -> None:
    await passkeys.add(porch.desk, PARTY, PLACE, browser, session, name, answer)


@pytest.fixture
async def device(porch: Porch) -> Authenticator:
    """Anna's phone, with a passkey."""
    made = Authenticator()
    await add(porch, await session_of(porch, porch.cast.anna_id, "Anna"), made)
    return made


async def ask(porch: Porch, session: Session | None = None, browser: str = HERE) -> str:
    asked = await passkeys.ask(porch.desk, PARTY, browser, session)
    assert asked is not None
    return asked


async def sign_in(
    porch: Porch, answer: str, session: Session | None = None, browser: str = HERE
) -> SignedIn:
    return await passkeys.sign_in(porch.desk, PARTY, browser, answer, DEVICE, session)


async def refuse(tried: Awaitable[object], why: str) -> None:
    try:
        await tried
    except WrongPasskey:
        return
    raise AssertionError(f"this was taken: {why}")


async def passkey_of_anna(porch: Porch) -> Passkey:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    (only,) = await passkeys.of_person(porch.desk, session)
    return only


async def actions(porch: Porch) -> list[str]:
    async with porch.desk.database.reading() as db:
        found = await db.scalars(select(audit_entries.c.action))
        return [each for each in found.all() if "passkey" in each]


# ── honest ones ──────────────────────────────────────────────────────────────────────────────────


async def test_a_passkey_signs_in_whoever_added_it(porch: Porch, device: Authenticator) -> None:
    asked = json.loads(await ask(porch))
    assert (asked["rpId"], asked["userVerification"]) == ("hub.test", "required")
    assert asked["allowCredentials"] == []
    signed_in = await sign_in(porch, device.get(json.dumps(asked)))
    assert signed_in.session.person_id == porch.cast.anna_id
    assert signed_in.session.methods == ("pop",)
    assert sessions.is_fresh(porch.desk, signed_in.session)
    used = await passkey_of_anna(porch)
    assert (used.last_used_at, used.sign_count) == (porch.desk.clock.now(), 2)


async def test_what_is_asked_for_a_new_one_tells_nothing_of_the_person_but_to_themselves(
    porch: Porch, device: Authenticator
) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    asked = json.loads(await passkeys.ask_to_add(porch.desk, PARTY, HERE, session))
    async with porch.desk.database.reading() as db:
        handle = await db.scalar(
            select(accounts_table.c.handle).where(accounts_table.c.person_id == session.person_id)
        )
    assert handle is not None
    assert asked["rp"] == {"name": "River City", "id": "hub.test"}
    assert asked["user"] == {"id": written(handle), "name": ANNAS, "displayName": "Anna"}
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-8, -7, -257]
    (known,) = asked["excludeCredentials"]
    assert known["id"] == written(device.kept[0].credential_id)
    assert known["transports"] == ["internal", "hybrid"]


async def test_one_that_does_not_count_may_be_used_again_and_again(porch: Porch) -> None:
    device = Authenticator(counts=False)
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    await add(porch, session, device, Manner(flags=HONEST | BE))
    assert not (await passkey_of_anna(porch)).is_backed_up
    for _ in range(2):
        answer = device.get(await ask(porch), Manner(flags=HONEST | BE | BS))
        assert (await sign_in(porch, answer)).session.person_id == porch.cast.anna_id
    used = await passkey_of_anna(porch)
    assert (used.sign_count, used.is_backed_up) == (0, True)


async def test_its_owner_is_told_of_one_that_is_added(porch: Porch, device: Authenticator) -> None:
    (letter,) = await mailbox(porch.desk.database, ANNAS)
    assert "A passkey was added to it." in letter
    assert await actions(porch) == ["account.passkey_added"]


# ── signing in: what is refused ──────────────────────────────────────────────────────────────────

TAMPERED = {
    "another site's page": Manner(origin="https://hub.example"),
    "another port": Manner(origin="http://hub.test:8000"),
    "https where it is http": Manner(origin="https://hub.test"),
    "another site's passkey": Manner(rp_id="evil.test"),
    "a part of our host": Manner(rp_id="test"),
    "a frame of another site": Manner(client_data={"crossOrigin": True}),
    "nobody verified": Manner(flags=UP),
    "nobody there": Manner(flags=UV),
    "neither": Manner(flags=0),
    "kept safe, which it cannot be": Manner(flags=HONEST | BS),
    "an answer to another question": Manner(kind="webauthn.create"),
    "a question of its own": Manner(challenge=written(b"x" * 43)),
    "no question": Manner(challenge="AA"),
    "a question of other bytes": Manner(challenge=written(b"\xff" * 43)),
    "a question that is no text": Manner(client_data={"challenge": 7}),
    "no signature": Manner(response={"signature": ""}),
    "another signature": Manner(response={"signature": written(b"0" * 70)}),
    "data cut off": Manner(response={"authenticatorData": written(b"0" * 36)}),
    "data that goes on": Manner(response={"authenticatorData": written(b"\xff" * 200)}),
    "no client data": Manner(response={"clientDataJSON": ""}),
    "client data that are a list": Manner(response={"clientDataJSON": written(b"[]")}),
    "client data without end": Manner(response={"clientDataJSON": written(b"[" * 30_000)}),
    "client data beyond ASCII": Manner(response={"clientDataJSON": written(b"\xff\xfe")}),
    "nobody's": Manner(handle=b"x" * 64),
    "an empty handle": Manner(response={"userHandle": ""}),
    "no handle": Manner(response={"userHandle": None}),
    "a handle that is a number": Manner(response={"userHandle": 5}),
    "two names": Manner(whole={"rawId": written(b"y" * 32)}),
    "a passkey nobody has": Manner(whole={"rawId": "eXl5", "id": "eXl5"}),
    "a name that is a list": Manner(whole={"rawId": [], "id": []}),
    "another kind": Manner(whole={"type": "password"}),
    "no response": Manner(whole={"response": "x"}),
}


async def test_what_is_not_honest_signs_nobody_in(
    porch: Porch, device: Authenticator, clock: StandingClock, contents: Contents
) -> None:
    for name, manner in TAMPERED.items():
        clock.forward(seconds=10)
        asked = await ask(porch)
        answer, before = device.get(asked, manner), await contents()
        await refuse(sign_in(porch, answer), name)
        assert await contents() == before, name
        # It was that, and nothing else: the same question is answered honestly.
        signed_in = await sign_in(porch, device.get(asked))
        assert signed_in.session.methods == ("pop",), name


async def test_what_is_no_answer_is_none(porch: Porch, contents: Contents) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    before = await contents()
    deep = "[" * 60_000, '{"id":' * 9_000
    for answer in ("", "null", "[]", "7", '"', "{}", "\ud800", "NaN", *deep):
        await refuse(sign_in(porch, answer), answer[:20])
        await refuse(send_new(porch, session, answer), answer[:20])
    assert await contents() == before


async def test_an_answer_counts_only_in_the_browser_that_was_asked(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    answer = device.get(await ask(porch, browser=ELSEWHERE))
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before
    signed_in = await sign_in(porch, answer, browser=ELSEWHERE)
    assert signed_in.session.methods == ("pop",)


async def test_an_answer_counts_once(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    answer = device.get(await ask(porch))
    await sign_in(porch, answer)
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before


async def test_an_answer_counts_for_five_minutes(
    porch: Porch, device: Authenticator, clock: StandingClock, contents: Contents
) -> None:
    answer = device.get(await ask(porch))
    clock.forward(seconds=TOO_LATE)
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before
    answer = device.get(await ask(porch))
    clock.forward(seconds=TOO_LATE - 1)
    signed_in = await sign_in(porch, answer)
    assert signed_in.session.methods == ("pop",)


async def test_a_question_for_a_new_passkey_is_none_to_sign_in_by(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    challenge = json.loads(await passkeys.ask_to_add(porch.desk, PARTY, HERE, session))["challenge"]
    answer = device.get(await ask(porch), Manner(challenge=challenge))
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer, session)
    assert await contents() == before


async def test_a_copy_is_refused_and_written_down(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    copy = device.copied()
    await sign_in(porch, device.get(await ask(porch)))
    asked = await ask(porch)
    before = await contents()
    with pytest.raises(Copied):
        await sign_in(porch, copy.get(asked))
    after = await contents()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"audit_entries", "ceremonies"}
    assert (await actions(porch)).count("account.passkey_copied") == 1
    with pytest.raises(WrongPasskey):  # and the question is answered
        await sign_in(porch, copy.get(asked))


async def test_one_that_counted_must_go_on_counting(porch: Porch, device: Authenticator) -> None:
    await sign_in(porch, device.get(await ask(porch), Manner(count=5)))
    for count in (0, 1, 5):
        answer = device.get(await ask(porch), Manner(count=count))
        with pytest.raises(Copied):
            await sign_in(porch, answer)
    assert (await passkey_of_anna(porch)).sign_count == 5


async def test_a_false_signature_with_a_low_count_is_no_word_about_the_passkey(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    """A stranger who knows its id cannot have it suspected."""
    answer = device.get(
        await ask(porch), Manner(count=0, response={"signature": written(b"0" * 70)})
    )
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before


async def test_of_twenty_at_once_with_one_answer_one_signs_in(
    porch: Porch, device: Authenticator
) -> None:
    answer = device.get(await ask(porch))
    before = await session_count(porch)
    tries = await asyncio.gather(
        *(sign_in(porch, answer) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(each, SignedIn) for each in tries) == 1
    assert sum(isinstance(each, WrongPasskey) for each in tries) == 19
    assert await session_count(porch) == before + 1


async def test_of_many_answers_with_one_count_one_signs_in(
    porch: Porch, device: Authenticator
) -> None:
    """Each to a question of its own: copies, at the same moment."""
    asked = [await ask(porch) for _ in range(8)]
    answers = [device.get(each, Manner(count=9)) for each in asked]
    tries = await asyncio.gather(
        *(sign_in(porch, answer) for answer in answers), return_exceptions=True
    )
    assert sum(isinstance(each, SignedIn) for each in tries) == 1
    assert sum(isinstance(each, Copied) for each in tries) == 7


async def session_count(porch: Porch) -> int:
    async with porch.desk.database.reading() as db:
        return await db.scalar(select(func.count()).select_from(sessions_table)) or 0


async def test_a_stranger_learns_nothing_from_the_work_that_is_done(
    porch: Porch, device: Authenticator
) -> None:
    """The same statements for a passkey of nobody's as for a wrong signature."""
    done: list[list[str]] = []
    for manner in (TAMPERED["another signature"], TAMPERED["a passkey nobody has"]):
        answer = device.get(await ask(porch), manner)
        statements: list[str] = []
        done.append(statements)

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
        with pytest.raises(WrongPasskey) as refused:
            await sign_in(porch, answer)
        event.remove(engine, "before_cursor_execute", note)
        assert refused.value.message == WrongPasskey().message
    assert done[0] == done[1]
    assert len(done[0]) > 3


async def test_whoever_tries_too_often_waits(porch: Porch, device: Authenticator) -> None:
    for number in range(30):
        await refuse(sign_in(porch, "{}"), f"{number}")
    with pytest.raises(TooManyTries) as often:
        await sign_in(porch, "{}")
    assert 0 < often.value.wait_seconds <= 60
    elsewhere = porch.desk_from("192.0.2.2")
    answer = device.get(await ask(porch))
    signed_in = await passkeys.sign_in(elsewhere, PARTY, HERE, answer, DEVICE, None)
    assert signed_in.session.methods == ("pop",)


async def test_a_closed_account_is_opened_by_none(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    answer = device.get(await ask(porch))
    async with porch.desk.database.writing() as db:
        await db.execute(update(accounts_table).values(closed_at=porch.desk.clock.now()))
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before


# ── showing it again ─────────────────────────────────────────────────────────────────────────────


async def test_whoever_is_signed_in_shows_it_with_one_of_their_own(
    porch: Porch, device: Authenticator, clock: StandingClock
) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    clock.forward(seconds=FRESH.total_seconds() + 1)
    assert not sessions.is_fresh(porch.desk, session)
    asked = await ask(porch, session)
    (allowed,) = json.loads(asked)["allowCredentials"]
    assert allowed["id"] == written(device.kept[0].credential_id)
    # Of a key that somebody plugs in, the answer may leave out whose it is (s5.2.2).
    answer = device.get(asked, Manner(response={"userHandle": None}))
    signed_in = await sign_in(porch, answer, session)
    assert signed_in.session.id != session.id
    assert sessions.is_fresh(porch.desk, signed_in.session)
    lasting = await sessions.of_person(porch.desk, signed_in.session)
    assert session.id not in {each.id for each in lasting}


async def test_whoever_has_none_is_not_asked(porch: Porch, device: Authenticator) -> None:
    session = await session_of(porch, porch.cast.sam_id, "Sam")
    assert await passkeys.ask(porch.desk, PARTY, HERE, session) is None


async def test_nobody_elses_passkey_shows_it(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    sam = await session_of(porch, porch.cast.sam_id, "Sam")
    sams = Authenticator()
    await add(porch, sam, sams)
    asked = await ask(porch, sam)
    by_anna, by_sam = device.get(asked, which=0), sams.get(asked)
    anna = await session_of(porch, porch.cast.anna_id, "Anna")
    before = await contents()
    for answer, session in ((by_anna, sam), (by_anna, anna), (by_sam, anna), (by_sam, None)):
        with pytest.raises(WrongPasskey):
            await sign_in(porch, answer, session)
    assert await contents() == before
    assert (await sign_in(porch, by_sam, sam)).session.person_id == porch.cast.sam_id


# ── adding one ───────────────────────────────────────────────────────────────────────────────────


def rsa_key(bits: int) -> dict[int, object]:
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {1: 3, 3: -257, -1: numbers.n.to_bytes(bits // 8), -2: b"\x01\x00\x01"}


def off_the_curve() -> dict[int, object]:
    return {1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32}


def p384() -> dict[int, object]:
    point = generate_private_key(SECP384R1()).public_key().public_numbers()
    return {1: 2, 3: -7, -1: 2, -2: point.x.to_bytes(48), -3: point.y.to_bytes(48)}


FALSELY_MADE: dict[str, Callable[[], Manner]] = {
    "another site's page": lambda: Manner(origin="https://hub.example"),
    "another site's passkey": lambda: Manner(rp_id="evil.test"),
    "a frame of another site": lambda: Manner(client_data={"crossOrigin": True}),
    "nobody verified": lambda: Manner(flags=UP),
    "nobody there": lambda: Manner(flags=UV),
    "kept safe, which it cannot be": lambda: Manner(flags=HONEST | BS),
    "an answer to another question": lambda: Manner(kind="webauthn.get"),
    "a question of its own": lambda: Manner(challenge=written(b"x" * 43)),
    "a form we know nothing of": lambda: Manner(attestation={"fmt": "new"}),
    "a form we do not ask for": lambda: Manner(attestation={"fmt": "android-safetynet"}),
    "a form that is a list": lambda: Manner(attestation={"fmt": ["none"]}),
    "something in nothing": lambda: Manner(attestation={"attStmt": {"sig": b"x"}}),
    "signed by itself, falsely": lambda: Manner(
        attestation={"fmt": "packed", "attStmt": {"alg": -7, "sig": b"0" * 70}}
    ),
    "signed by what is no certificate": lambda: Manner(
        attestation={"fmt": "packed", "attStmt": {"alg": -7, "sig": b"0", "x5c": [b"0"]}}
    ),
    "no data": lambda: Manner(attestation={"authData": b""}),
    "data that are a number": lambda: Manner(attestation={"authData": 7}),
    "huge CBOR": lambda: Manner(response={"attestationObject": written(b"\x81" * 30_000)}),
    "CBOR that says it is huge": lambda: Manner(
        response={"attestationObject": written(b"\x5b" + b"\x7f" * 8)}
    ),
    "a map that says it is huge": lambda: Manner(
        response={"attestationObject": written(b"\xbb" + b"\x7f" * 8)}
    ),
    "garbage": lambda: Manner(response={"attestationObject": written(b"\xff\x00garbage")}),
    "no map": lambda: Manner(response={"attestationObject": written(cbor2.dumps([1]))}),
    "a key of 1990": lambda: Manner(public_key=b"\x04"),
    "no key": lambda: Manner(public_key={}),
    "a key that is text": lambda: Manner(public_key="key"),
    "a key off its curve": lambda: Manner(public_key=off_the_curve()),
    "a key on another curve": lambda: Manner(public_key=p384()),
    "a short key": lambda: Manner(public_key=rsa_key(1_024)),
    "a long key": lambda: Manner(
        public_key={1: 3, 3: -257, -1: b"\xff" * 5_000, -2: b"\x01\x00\x01"}
    ),
    "a key of another kind than it says": lambda: Manner(public_key={**rsa_key(2_048), 3: -7}),
    "an algorithm we did not offer": lambda: Manner(public_key={**rsa_key(2_048), 3: -65_535}),
    "another name than its own": lambda: Manner(attested_id=b"z" * 32),
    "no name": lambda: Manner(attested_id=b"", whole={"id": "", "rawId": ""}),
}


async def test_what_is_not_honestly_made_opens_nothing(
    porch: Porch, clock: StandingClock, contents: Contents
) -> None:
    for name, manner in FALSELY_MADE.items():
        clock.forward(minutes=1)
        session = await session_of(porch, porch.cast.anna_id, "Anna")
        asked = await passkeys.ask_to_add(porch.desk, PARTY, HERE, session)
        answer, before = Authenticator().create(asked, manner()), await contents()
        await refuse(send_new(porch, session, answer), name)
        assert await contents() == before, name


async def test_a_name_is_neither_to_be_guessed_nor_endless(
    porch: Porch, contents: Contents
) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    asked = await passkeys.ask_to_add(porch.desk, PARTY, HERE, session)
    before = await contents()
    for id_bytes in (8, 15, 1_024):
        answer = Authenticator().create(asked, id_bytes=id_bytes)
        await refuse(send_new(porch, session, answer), f"{id_bytes}")
    assert await contents() == before
    await send_new(porch, session, Authenticator().create(asked, id_bytes=16))


async def test_one_made_for_somebody_else_or_elsewhere_is_not_added(
    porch: Porch, contents: Contents
) -> None:
    anna = await session_of(porch, porch.cast.anna_id, "Anna")
    sam = await session_of(porch, porch.cast.sam_id, "Sam")
    device = Authenticator()
    answer = device.create(await passkeys.ask_to_add(porch.desk, PARTY, HERE, anna))
    before = await contents()
    with pytest.raises(WrongPasskey):
        await send_new(porch, sam, answer)
    with pytest.raises(WrongPasskey):
        await send_new(porch, anna, answer, browser=ELSEWHERE)
    assert await contents() == before
    await send_new(porch, anna, answer)
    before = await contents()
    with pytest.raises(WrongPasskey):  # once
        await send_new(porch, anna, answer)
    assert await contents() == before


async def test_one_that_is_known_stays_whose_it_was(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    """Sam's authenticator makes one with the name of Anna's."""
    sam = await session_of(porch, porch.cast.sam_id, "Sam")
    asked = await passkeys.ask_to_add(porch.desk, PARTY, HERE, sam)
    annas = device.kept[0].credential_id
    name = {"id": written(annas), "rawId": written(annas)}
    answer = Authenticator().create(asked, Manner(attested_id=annas, whole=name))
    before = await contents()
    with pytest.raises(Refused, match="known here already"):
        await send_new(porch, sam, answer)
    assert await contents() == before
    signed_in = await sign_in(porch, device.get(await ask(porch)))
    assert signed_in.session.person_id == porch.cast.anna_id


async def test_it_takes_a_fresh_session_a_name_and_some_room(
    porch: Porch, clock: StandingClock, contents: Contents
) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    answer = Authenticator().create(await passkeys.ask_to_add(porch.desk, PARTY, HERE, session))
    before = await contents()
    for name in ("", " ", "x" * 61):
        with pytest.raises(Invalid) as invalid:
            await send_new(porch, session, answer, name=name)
        assert invalid.value.field == ("name",)
    stale = replace(session, authenticated_at=clock.now() - FRESH - timedelta(seconds=1))
    with pytest.raises(Refused):
        await send_new(porch, stale, answer)
    with pytest.raises(Refused):
        await passkeys.ask_to_add(porch.desk, PARTY, HERE, stale)
    assert await contents() == before
    for _ in range(MOST - 1):
        clock.forward(seconds=25)
        await add(porch, session, Authenticator())
    asked = [await passkeys.ask_to_add(porch.desk, PARTY, HERE, session) for _ in range(2)]
    first, second = (Authenticator().create(each) for each in asked)
    await send_new(porch, session, first)
    with pytest.raises(Refused, match="at most 20"):
        await passkeys.ask_to_add(porch.desk, PARTY, HERE, session)
    with pytest.raises(Refused, match="at most 20"):
        await send_new(porch, session, second)


# ── a person's own ───────────────────────────────────────────────────────────────────────────────


async def test_a_passkey_has_the_name_that_its_owner_gives_it(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    passkey = await passkey_of_anna(porch)
    anna = await session_of(porch, porch.cast.anna_id, "Anna")
    await passkeys.rename(porch.desk, anna, passkey.id, " The  key ring ")
    assert (await passkeys.one(porch.desk, anna, passkey.id)).name == "The key ring"
    sam = await session_of(porch, porch.cast.sam_id, "Sam")
    before = await contents()
    with pytest.raises(NotFound):
        await passkeys.rename(porch.desk, sam, passkey.id, "Mine")
    with pytest.raises(NotFound):
        await passkeys.one(porch.desk, sam, passkey.id)
    with pytest.raises(NotFound):
        await passkeys.remove(porch.desk, PLACE, sam, passkey.id)
    assert await contents() == before


async def test_one_that_is_removed_signs_nobody_in_and_all_others_are_signed_out(
    porch: Porch, device: Authenticator, clock: StandingClock, contents: Contents
) -> None:
    clock.forward(seconds=1)
    passkey = await passkey_of_anna(porch)
    other = (await sign_in(porch, device.get(await ask(porch)))).session
    here = await session_of(porch, porch.cast.anna_id, "Anna")
    await passkeys.remove(porch.desk, PLACE, here, passkey.id)
    assert [each.id for each in await sessions.of_person(porch.desk, other)] == [here.id]
    assert "A passkey was removed from it." in await porch.letter_to(ANNAS)
    answer = device.get(await ask(porch))
    before = await contents()
    with pytest.raises(WrongPasskey):
        await sign_in(porch, answer)
    assert await contents() == before


async def test_the_last_way_in_stays(
    porch: Porch, device: Authenticator, contents: Contents
) -> None:
    passkey = await passkey_of_anna(porch)
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    async with porch.desk.database.writing() as db:
        await stored_accounts.remove_address(db, porch.cast.anna_id, ANNAS)
        assert (await accounts.ways_in(db, porch.cast.anna_id)).count == 1
    before = await contents()
    with pytest.raises(Refused, match="only way into your account"):
        await passkeys.remove(porch.desk, PLACE, session, passkey.id)
    assert await contents() == before


async def test_of_two_last_ones_removed_at_once_one_stays(porch: Porch) -> None:
    session = await session_of(porch, porch.cast.anna_id, "Anna")
    for _ in range(2):
        await add(porch, session, Authenticator())
    async with porch.desk.database.writing() as db:
        await stored_accounts.remove_address(db, porch.cast.anna_id, ANNAS)
    own = await passkeys.of_person(porch.desk, session)
    tries = await asyncio.gather(
        *(passkeys.remove(porch.desk, PLACE, session, each.id) for each in own),
        return_exceptions=True,
    )
    assert sum(each is None for each in tries) == 1
    assert sum(isinstance(each, Refused) for each in tries) == 1
    assert len(await passkeys.of_person(porch.desk, session)) == 1


async def test_a_session_begun_while_its_passkey_is_removed_does_not_last(
    porch: Porch, device: Authenticator
) -> None:
    passkey = await passkey_of_anna(porch)
    here = await session_of(porch, porch.cast.anna_id, "Anna")
    answers = [device.get(await ask(porch), Manner(count=10 + n)) for n in range(6)]
    tries = await asyncio.gather(
        *(sign_in(porch, answer) for answer in answers[:3]),
        passkeys.remove(porch.desk, PLACE, here, passkey.id),
        *(sign_in(porch, answer) for answer in answers[3:]),
        return_exceptions=True,
    )
    assert tries[3] is None
    assert all(isinstance(each, SignedIn | WrongPasskey | Copied | None) for each in tries)
    assert [each.id for each in await sessions.of_person(porch.desk, here)] == [here.id]


async def test_of_what_is_asked_only_a_digest_is_kept(porch: Porch) -> None:
    challenge = json.loads(await ask(porch))["challenge"]
    async with porch.desk.database.reading() as db:
        (row,) = (await db.execute(select(ceremonies))).mappings().all()
        (count,) = (await db.scalars(select(func.count()).select_from(passkeys_table))).all()
    assert challenge not in str(dict(row))
    assert (row["kind"], row["person_id"], count) == ("SIGN_IN_PASSKEY", None, 0)
