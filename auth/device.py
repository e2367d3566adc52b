"""Devices without a keyboard, and the command line: they show a code, and a person answers elsewhere.

RFC 8628. Here is the person's side, for `web/account/device.py`; the device's is in
`device_grant.py`. Whoever tries codes that they were not shown finds nothing: the codes are many,
live ten minutes, and tries are counted (RFC 8628 s5.1).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from auth import authorizing, limits_of_tokens, throttle
from auth.desk import Desk
from domain.apps import RegisteredBy
from domain.errors import NotFound
from domain.outside import Chance
from storage import device_codes
from storage.credentials import Client
from storage.sessions import Session

# RFC 8628 s6.1: no vowels, so that no word comes out, and nothing that looks like a digit.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LETTERS = 8

_BETWEEN = re.compile(r"[\s\-_.\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that waits for a person's answer. `user_code` is as the device shows it."""

    user_code: str
    client: Client
    scopes: tuple[str, ...]
    expires_at: datetime

    @property
    def is_unverified(self) -> bool:
        """The app registered itself: nobody this hub knows vouches for it."""
        return self.client.registered_by is RegisteredBy.ITSELF


def drawn(chance: Chance) -> str:
    """A code for a person to type, each as likely as any other."""
    fair = 256 - 256 % len(ALPHABET)  # of a byte: beyond, the first letters would come oftener
    code = ""
    while len(code) < LETTERS:
        code += "".join(
            ALPHABET[byte % len(ALPHABET)] for byte in chance.token_bytes(16) if byte < fair
        )
    return code[:LETTERS]


def shown(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


async def waiting(desk: Desk, typed: str, session: Session | None = None) -> Waiting:
    """The device that shows that code, however it is typed. Raises `NotFound`, the same for a code
    that never was, is over or was answered; and `TooManyTries`."""
    await _count(desk, session)
    code = _read(typed)
    async with desk.database.reading(fresh=True) as db:
        found = await device_codes.waiting(db, code, desk.clock.now())
    if found is None:
        raise _nothing_waits()
    client, asked, until = found
    return Waiting(shown(code), client, asked, until)


async def allow(
    desk: Desk, session: Session, typed: str, organization_id: str, ticked: Collection[str]
) -> Waiting:
    """The device gets its token. `ticked` are the scopes that are given, of those asked for.

    Raises `NotFound` as `waiting` does, and what `authorizing.add_grant` does.
    """
    asked = await waiting(desk, typed, session)
    given = authorizing.given_scopes(asked.scopes, ticked)
    code = _read(typed)
    async with desk.database.writing() as db:
        # Held first: of two who answer at once, one does.
        if await device_codes.hold(db, code, desk.clock.now()) != asked.client.id:
            raise _nothing_waits()
        grant = await authorizing.add_grant(desk, db, asked.client, session, organization_id, given)
        await device_codes.answer(db, code, grant.id)
    return asked


async def deny(desk: Desk, session: Session, typed: str) -> Waiting:
    """The device is told no."""
    asked = await waiting(desk, typed, session)
    code = _read(typed)
    async with desk.database.writing() as db:
        if await device_codes.hold(db, code, desk.clock.now()) is None:
            raise _nothing_waits()
        await device_codes.answer(db, code, None)
        await desk.note(db, "device.denied", client_id=asked.client.id, person_id=session.person_id)
    return asked


def _read(typed: str) -> str:
    """Forgiving about case, spaces and dashes; empty for what can be no code."""
    code = _BETWEEN.sub("", typed[:100]).upper()
    return code if len(code) == LETTERS and set(code) <= set(ALPHABET) else ""


async def _count(desk: Desk, session: Session | None) -> None:
    if desk.address:
        await throttle.count(desk, limits_of_tokens.CODES_BY_ADDRESS, desk.address)
    if session is not None:
        await throttle.count(desk, limits_of_tokens.CODES_BY_PERSON, session.person_id)


def _nothing_waits() -> NotFound:
    return NotFound(
        "No device waits with this code. Look at its screen once more: a code is good for ten "
        "minutes, and for one answer.",
        ("user_code",),
    )
