"""Signing in by a password, for those who cannot use anything else.

Hashing takes memory and time on purpose: it runs beside the loop, a few at once, and whoever comes
when too many wait is told so. Who types a wrong password waits longer and longer; nobody is shut
out for good, and a letter works all the while. An address that opens nothing, and an account
without a password, take the same answer and the same work as a wrong password.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from auth import accounts, sessions, throttle
from auth.desk import Desk
from auth.letters import Place
from auth.notices import tell
from auth.sessions import Method, SignedIn
from auth.throttle import Limit
from domain import passwords as rules
from domain.errors import Busy, NotFound, Refused
from domain.outside import Chance
from domain.words import say
from languages import N_
from storage import accounts as stored
from storage.sessions import Session

# OWASP, "Password Storage": of its equals the one that takes the least memory.
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
_SALT_BYTES = 16
AT_ONCE = 2
MOST_WAITING = 16

# One after another, each slower: some tries at once, then one in a quarter of a minute, in two
# minutes, in a quarter of an hour.
_BY_BOTH = (
    Limit("password by client and address, first", burst=5, seconds=15),
    Limit("password by client and address, then", burst=15, seconds=120),
    Limit("password by client and address, at last", burst=40, seconds=900),
)
_BY_CLIENT = Limit("password by client", burst=30, seconds=20)
_BY_ADDRESS = Limit("password by address", burst=50, seconds=300)
_CHANGES = Limit("password changes by person", burst=10, seconds=60)


class WrongPassword(Refused):
    """The same where there is no such account, and where it has no password."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This address and this password do not go together. A letter signs you "
                "in without one."
            ),
            ("password",),
        )


class Passwords:
    """Where passwords are hashed and compared: `at_once` at work, `most_waiting` in line, no more."""

    def __init__(
        self, chance: Chance, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING
    ) -> None:
        self._chance = chance
        self._hasher = PasswordHasher(_PASSES, _MEMORY_KIB, _LANES, salt_len=_SALT_BYTES)
        self._threads = ThreadPoolExecutor(at_once, "passwords")  # begins none yet
        self._places = at_once + most_waiting
        self._here = 0
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """As Argon2id writes it down, with what it was made by. Raises `Busy`."""
        return await self._worked(password, None)

    async def matches(self, password: str, hashed: str | None) -> bool:
        """With None it takes as long, and never does. Raises `Busy`."""
        if self._nobodys is None:
            self._nobodys = await self.hashed("nobody's")
        answer = await self._worked(password, hashed or self._nobodys)
        return bool(answer) and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """It was made when something else was asked of it."""
        return self._hasher.check_needs_rehash(hashed)

    async def _worked(self, password: str, hashed: str | None) -> str:
        if self._here >= self._places:
            raise Busy("Many people are signing in just now. Try again in a moment.")
        self._here += 1
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._work, password.encode(), hashed)
        work.add_done_callback(self._leave)
        # It takes its place until it is done, also where nobody waits for it any more.
        return await asyncio.shield(work)

    def _leave(self, work: asyncio.Future[str]) -> None:
        self._here -= 1

    def _work(self, password: bytes, hashed: str | None) -> str:
        if hashed is None:
            return self._hasher.hash(password, salt=self._chance.token_bytes(_SALT_BYTES))
        try:
            self._hasher.verify(hashed, password)
        except VerifyMismatchError:
            return ""
        return hashed


async def sign_in(
    desk: Desk,
    passwords: Passwords,
    typed: str,
    password: str,
    device: str,
    instead_of: Session | None,
) -> SignedIn:
    """`typed` is an address. Raises `WrongPassword`, `TooManyTries`, `Busy`."""
    address = accounts.address_of(typed)
    await _count(desk, address)
    async with desk.database.reading(fresh=True) as db:
        locked = await stored.password_of_address(db, address)
    given = rules.prepared(password)
    seen = None if locked is None else locked.password_hash
    if not await passwords.matches(given, seen) or locked is None or seen is None:
        raise WrongPassword
    person_id = locked.account.person_id
    kept = await passwords.hashed(given) if passwords.is_outdated(seen) else seen
    async with desk.database.writing() as db:
        await accounts.hold(db, person_id)
        if await stored.password_of_address(db, address) != locked:
            raise WrongPassword  # changed, or the address removed, while it was compared
        if kept != seen:
            await stored.keep_password(db, person_id, kept)
        return await sessions.begin(
            desk, db, person_id, locked.account.name, [Method.PASSWORD], device, instead_of
        )


async def set_one(
    desk: Desk, passwords: Passwords, place: Place, session: Session, password: str
) -> None:
    """The person's password from now on. All other sessions end. Raises `Invalid`, `Refused`."""
    sessions.require_fresh(desk, session)
    await throttle.count(desk, _CHANGES, session.person_id)
    async with desk.database.reading(fresh=True) as db:
        addresses = await stored.addresses_of(db, session.person_id)
    if not addresses:
        raise Refused("A password is typed beside an address. Add an address first.", ("password",))
    about = (session.person_name, place.site, *addresses)
    hashed = await passwords.hashed(rules.checked(password, about))
    async with desk.database.writing() as db:
        await accounts.hold(db, session.person_id)
        await stored.keep_password(db, session.person_id, hashed, desk.clock.now())
        await sessions.end_all_but(desk, db, session)
        await tell(desk, db, place, session.person_id, N_("A password was set for it."))
        await desk.note(db, "account.password_set", person_id=session.person_id)


async def remove(desk: Desk, place: Place, session: Session) -> None:
    """A password opens the account no more. All other sessions end. Raises `Refused`, `NotFound`."""
    sessions.require_fresh(desk, session)
    async with desk.database.writing() as db:
        ways = await accounts.ways_in_to_change(db, session.person_id)
        if not ways.has_password:
            raise NotFound("There is no password to remove.", ("password",))
        await stored.keep_password(db, session.person_id, None, desk.clock.now())
        await sessions.end_all_but(desk, db, session)
        await tell(desk, db, place, session.person_id, N_("Its password was removed."))
        await desk.note(db, "account.password_removed", person_id=session.person_id)


async def _count(desk: Desk, address: str) -> None:
    await throttle.count(desk, _BY_CLIENT, desk.address)
    for limit in _BY_BOTH:
        await throttle.count(desk, limit, f"{desk.address}\0{address}")
    await throttle.count(desk, _BY_ADDRESS, address)
