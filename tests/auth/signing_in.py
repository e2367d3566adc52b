"""What tests of signing in have in common: Anna, Sam and Lee with accounts, and their mailboxes."""

import re
from dataclasses import dataclass, replace

from sqlalchemy import select

from auth import accounts, sessions
from auth.desk import Desk
from auth.letters import Place
from auth.passwords import Passwords
from auth.sessions import Method
from storage import accounts as stored
from storage.engine import Database
from storage.sessions import Session
from storage.tables import outgoing_mail
from tests.cast import Cast

PLACE = Place("River City", "http://hub.test/letter")
HERE, ELSEWHERE = "a" * 43, "b" * 43  # secrets of two browsers
DEVICE = "Firefox on Linux"
ANNAS, SAMS = "anna@pantry.example", "sam@shelter.example"
NOBODYS = "nobody@nowhere.example"
GOOD = "lamp river seven coat"

_LINK = re.compile(r"^http://\S+$", re.MULTILINE)
_CODE = re.compile(r"^(\d{4} \d{4})$", re.MULTILINE)


async def mailbox(database: Database, address: str) -> list[str]:
    """The letters to it, the oldest first."""
    async with database.reading() as db:
        found = await db.scalars(
            select(outgoing_mail.c.text)
            .where(outgoing_mail.c.to == address)
            .order_by(outgoing_mail.c.created_at, outgoing_mail.c.id)
        )
        return list(found.all())


def link_in(letter: str) -> str:
    (link,) = _LINK.findall(letter)
    return str(link)


def secret_in(letter: str) -> str:
    return link_in(letter).partition("=")[2]


def code_in(letter: str) -> str:
    (code,) = _CODE.findall(letter)
    return str(code)


def wrong(code: str) -> str:
    """As many digits, and another number."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@dataclass(frozen=True)
class Porch:
    """`desk` is asked from one address; `desk_from` from another."""

    desk: Desk
    cast: Cast
    passwords: Passwords

    def desk_from(self, address: str) -> Desk:
        return replace(self.desk, address=address)

    async def letter_to(self, address: str) -> str:
        """The newest."""
        return (await mailbox(self.desk.database, address))[-1]

    async def session_of_anna(self) -> Session:
        async with self.desk.database.writing() as db:
            begun = await sessions.begin(
                self.desk, db, self.cast.anna_id, "Anna", [Method.PASSKEY], DEVICE
            )
        return begun.session

    async def give_password(self, person_id: str, password: str) -> None:
        hashed = await self.passwords.hashed(password)
        async with self.desk.database.writing() as db:
            await stored.keep_password(db, person_id, hashed, self.desk.clock.now())


async def let_in(desk: Desk, cast: Cast) -> None:
    """Anna and Sam have accounts, each with an address; Lee has none."""
    async with desk.database.writing() as db:
        for person_id, address in ((cast.anna_id, ANNAS), (cast.sam_id, SAMS)):
            await accounts.open_account(desk, db, person_id)
            await accounts.confirm_address(desk, db, person_id, address)
