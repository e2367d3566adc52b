"""Signing in by a letter: a link to open and a code to type, for whoever reads the address.

- The answer is the same for every address, and so is the work: what would be written for an
  account is written for any address, and taken back where there is none.
- The link signs in the browser in which it is opened, never the one in which it was asked for. So a
  letter that a stranger asked for lets no stranger in. Opening it is not enough either: programs that
  look at links in letters would use it up. Somebody must press the button.
- The code signs in only the browser in which the letter was asked for.
- Whichever is used first ends both. Five wrong codes end the code, and leave the link, which nobody
  can guess: else a stranger could ask for letters and spoil each one.
"""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from auth import accounts, sessions, sign_in_words, throttle
from auth.desk import Desk, digest_of
from auth.sessions import Method, SignedIn
from auth.throttle import Limit
from domain.errors import NotFound, Refused
from domain.words import say
from languages import speaking
from storage import ceremonies, mail
from storage.ceremonies import Ceremony
from storage.engine import Writing
from storage.mail import Letter
from storage.sessions import Session

LASTS = timedelta(minutes=15)
MINUTES = int(LASTS.total_seconds()) // 60
CODE_DIGITS = 8
MOST_WRONG_CODES = 5
SIGN_IN = "SIGN_IN_LETTER"

_BY_CLIENT = Limit("letters by client", burst=20, seconds=30)
# Who is refused a letter because others ask for too many finds theirs in the mailbox: each link
# there signs in whoever opens it.
_BY_ADDRESS = Limit("letters by address", burst=20, seconds=300)
_BY_BOTH = Limit("letters by client and address", burst=5, seconds=60)
_LINKS = Limit("links by client", burst=30, seconds=10)
_CODES = Limit("codes by client", burst=20, seconds=30)


class Spent(NotFound):
    """The letter signs nobody in any more, or never did."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This letter was used already, or is older than %(minutes)s minutes. Ask for "
                "another.",
                minutes=MINUTES,
            )
        )


class WrongCode(Refused):
    """No letter that was asked for in this browser has this code; or there were too many tries."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This is not the code, or it is too old. After %(most)s wrong ones, open the "
                "link in the letter, or ask for another.",
                most=MOST_WRONG_CODES,
            ),
            ("code",),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """This hub, as a letter names it, and the page that its link opens."""

    site: str
    page: str

    def link(self, secret: str) -> str:
        return f"{self.page}?letter={secret}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter that waits for the button: whom it signs in, and whether it was asked for here."""

    person_id: str
    name: str
    address: str
    is_from_here: bool


async def send(
    desk: Desk, place: Place, browser: str, typed: str, device: str, then: str | None
) -> None:
    """A letter, where the address opens an account. Raises `Invalid` for what is no address.

    `browser` is the secret of the visit's cookie, `then` where to go afterwards.
    """
    address = accounts.address_of(typed)
    await throttle_letters(desk, address)
    secret, code = desk.secret(), new_code(desk)
    async with desk.database.writing() as db:
        account = await accounts.person_of_address(db, address)
        with speaking(account.language if account else None):
            subject, text = sign_in_words.to_sign_in(
                place.site, place.link(secret), code, device, MINUTES
            )
        person_id = None if account is None else account.person_id
        await ceremonies.begin(
            db, begun(desk, SIGN_IN, secret, browser, code, address, person_id, then)
        )
        async with db.begin_nested() as writing:
            await mail.post(db, desk.names, [Letter(address, subject, text)], desk.clock.now())
            await desk.note(db, "sign_in.letter_sent", person_id=person_id)
            if account is None:
                await writing.rollback()


async def open_link(desk: Desk, secret: str, browser: str) -> Opened:
    """What the button will do; nothing is used up. Raises `Spent`."""
    async with desk.database.reading(fresh=True) as db:
        ceremony = await ceremonies.look_at(db, SIGN_IN, digest_of(secret), desk.clock.now())
        if ceremony is None or ceremony.address is None:
            raise Spent
        account = await accounts.person_of_address(db, ceremony.address)
    if account is None or account.person_id != ceremony.person_id:
        raise Spent
    is_from_here = ceremony.visit == digest_of(browser)
    return Opened(account.person_id, account.name, ceremony.address, is_from_here)


async def sign_in_by_link(
    desk: Desk, secret: str, browser: str, device: str, instead_of: Session | None
) -> tuple[SignedIn, str | None]:
    """The button was pressed. Where to go on is told only where it was asked for. Raises `Spent`."""
    await throttle.count(desk, _LINKS, desk.address)
    async with desk.database.writing() as db:
        now = desk.clock.now()
        ceremony = await ceremonies.finish(db, SIGN_IN, digest_of(secret), now)
        if ceremony is None:
            raise Spent
        signed_in = await _signed_in(desk, db, ceremony, device, instead_of)
    return signed_in, then_of(ceremony) if ceremony.visit == digest_of(browser) else None


async def sign_in_by_code(
    desk: Desk, browser: str, typed: str, device: str, instead_of: Session | None
) -> tuple[SignedIn, str | None]:
    """Raises `WrongCode`, after having counted it."""
    await throttle.count(desk, _CODES, desk.address)
    async with desk.database.writing() as db:
        ceremony = await by_code(desk, db, SIGN_IN, browser, typed)
        if ceremony is not None:
            try:
                signed_in = await _signed_in(desk, db, ceremony, device, instead_of)
            except Spent:
                raise WrongCode from None
            return signed_in, then_of(ceremony)
    raise WrongCode


async def asked_for(desk: Desk, browser: str) -> Ceremony | None:
    """The letter that was asked for last in this browser, if it may still come."""
    async with desk.database.reading(fresh=True) as db:
        return await ceremonies.newest(db, SIGN_IN, digest_of(browser), desk.clock.now())


# ── for every kind of letter with a link and a code ──────────────────────────────────────────────


async def throttle_letters(desk: Desk, address: str) -> None:
    """Raises `TooManyTries`."""
    await throttle.count(desk, _BY_CLIENT, desk.address)
    await throttle.count(desk, _BY_BOTH, f"{desk.address}\0{address}")
    await throttle.count(desk, _BY_ADDRESS, address)


def new_code(desk: Desk) -> str:
    number = int.from_bytes(desk.chance.token_bytes(16)) % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}}"


def begun(
    desk: Desk,
    kind: str,
    secret: str,
    browser: str,
    code: str,
    address: str,
    person_id: str | None,
    then: str | None = None,
) -> Ceremony:
    now = desk.clock.now()
    return Ceremony(
        digest=digest_of(secret),
        kind=kind,
        visit=digest_of(browser),
        person_id=person_id,
        address=address,
        code_digest=_digest_of_code(browser, code),
        details={} if then is None else {"then": then},
        created_at=now,
        expires_at=now + LASTS,
    )


async def by_code(desk: Desk, db: Writing, kind: str, browser: str, typed: str) -> Ceremony | None:
    """The one of this browser that has the code, finished. Otherwise the try counts against all of
    them, if the transaction is kept."""
    now = desk.clock.now()
    given = _digest_of_code(browser, _digits(typed))
    held = await ceremonies.held_with_codes(db, kind, digest_of(browser), now, MOST_WRONG_CODES)
    right = [each for each in held if compare_digest(each.code_digest or b"", given)]
    if not right:
        await ceremonies.count_failure(db, [each.digest for each in held])
        return None
    return await ceremonies.finish(db, kind, right[0].digest, now)


def then_of(ceremony: Ceremony) -> str | None:
    then = ceremony.details.get("then")
    return then if isinstance(then, str) else None


def _digits(typed: str) -> str:
    """Those of every script, without what stands between them."""
    return "".join(str(int(each)) for each in typed[:100] if each.isdecimal())


def _digest_of_code(browser: str, code: str) -> bytes:
    """With the browser's secret: eight digits by themselves would be found out from their digest."""
    return digest_of(f"{browser}\0{code}")


async def _signed_in(
    desk: Desk, db: Writing, ceremony: Ceremony, device: str, instead_of: Session | None
) -> SignedIn:
    """Raises `Spent` where the address opens another account by now, or none."""
    if ceremony.address is None or ceremony.person_id is None:
        raise Spent
    await accounts.hold(db, ceremony.person_id)
    account = await accounts.person_of_address(db, ceremony.address)
    if account is None or account.person_id != ceremony.person_id:
        raise Spent
    return await sessions.begin(
        desk, db, account.person_id, account.name, [Method.LETTER], device, instead_of
    )
