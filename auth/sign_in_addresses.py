"""The addresses that open somebody's account: another one is added by a letter to it, one is removed.

The letter only counts for whoever asked for it: it is confirmed in a session of theirs. Otherwise a
stranger's address could be led into one's own account, and the stranger after it.
"""

from auth import accounts, letters, sessions, sign_in_words, throttle
from auth.desk import Desk, digest_of
from auth.letters import MINUTES, Place, Spent, WrongCode
from auth.notices import tell
from auth.throttle import Limit
from domain.errors import Invalid, NotFound, Refused
from domain.words import say
from languages import N_, speaking
from storage import accounts as stored
from storage import ceremonies, mail
from storage.ceremonies import Ceremony
from storage.engine import Writing
from storage.mail import Letter
from storage.sessions import Session

CONFIRM = "CONFIRM_ADDRESS"
MOST = 10

_BY_PERSON = Limit("addresses by person", burst=5, seconds=600)
_TRIES = Limit("codes by person", burst=20, seconds=30)


async def ask_for(desk: Desk, place: Place, session: Session, browser: str, typed: str) -> None:
    """A letter to the address. Whether it opens another account only the letter says.

    Raises `Invalid`, `Refused`.
    """
    sessions.require_fresh(desk, session)
    address = accounts.address_of(typed)
    await throttle.count(desk, _BY_PERSON, session.person_id)
    await letters.throttle_letters(desk, address)
    secret, code = desk.secret(), letters.new_code(desk)
    async with desk.database.writing() as db:
        own = await stored.addresses_of(db, session.person_id)
        if address in own:
            raise Invalid("This address opens your account already.", ("address",))
        if len(own) >= MOST:
            raise Refused(
                say("An account has at most %(most)s addresses.", most=MOST), ("address",)
            )
        owner = await accounts.person_of_address(db, address)
        if owner is None:
            subject, text = sign_in_words.to_confirm(place.site, place.link(secret), code, MINUTES)
        else:
            with speaking(owner.language):
                subject, text = sign_in_words.is_taken(place.site)
        await ceremonies.begin(
            db,
            letters.begun(desk, CONFIRM, secret, browser, code, address, session.person_id),
        )
        await mail.post(db, desk.names, [Letter(address, subject, text)], desk.clock.now())
        await desk.note(db, "account.address_letter_sent", person_id=session.person_id)


async def asked_for(desk: Desk, session: Session, browser: str) -> str | None:
    """The address that a letter was sent to last, from this browser, if it may still come."""
    async with desk.database.reading(fresh=True) as db:
        found = await ceremonies.newest(db, CONFIRM, digest_of(browser), desk.clock.now())
    return None if found is None or found.person_id != session.person_id else found.address


async def open_link(desk: Desk, session: Session, secret: str) -> str:
    """The address that the button adds. Raises `Spent`, also where another person asked for it."""
    async with desk.database.reading(fresh=True) as db:
        ceremony = await ceremonies.look_at(db, CONFIRM, digest_of(secret), desk.clock.now())
    if ceremony is None or ceremony.person_id != session.person_id or not ceremony.address:
        raise Spent
    return ceremony.address


async def confirm_by_link(desk: Desk, place: Place, session: Session, secret: str) -> None:
    """Raises `Spent`, `Taken`."""
    await throttle.count(desk, _TRIES, session.person_id)
    async with desk.database.writing() as db:
        ceremony = await ceremonies.finish(db, CONFIRM, digest_of(secret), desk.clock.now())
        if ceremony is None or not await _is_confirmed(desk, db, place, session, ceremony):
            raise Spent


async def confirm_by_code(
    desk: Desk, place: Place, session: Session, browser: str, typed: str
) -> None:
    """Raises `WrongCode`, after having counted it; `Taken`."""
    await throttle.count(desk, _TRIES, session.person_id)
    async with desk.database.writing() as db:
        ceremony = await letters.by_code(desk, db, CONFIRM, browser, typed)
        if ceremony is not None:
            if await _is_confirmed(desk, db, place, session, ceremony):
                return
            raise WrongCode
    raise WrongCode


async def remove(desk: Desk, place: Place, session: Session, address: str) -> None:
    """It opens the account no more. All other sessions end. Raises `Refused` for the last way in."""
    sessions.require_fresh(desk, session)
    async with desk.database.writing() as db:
        ways = await accounts.ways_in_to_change(db, session.person_id)
        if address not in ways.addresses:
            raise NotFound("This address does not open your account.", ("address",))
        if ways.count <= 1:
            raise Refused(
                "This address is the only way into your account. Add another way before you remove "
                "it.",
                ("address",),
            )
        await stored.remove_address(db, session.person_id, address)
        if len(ways.addresses) == 1:  # a password would have nothing to be typed beside
            await stored.keep_password(db, session.person_id, None, desk.clock.now())
        await sessions.end_all_but(desk, db, session)
        change = N_("An address was removed from it.")
        await tell(desk, db, place, session.person_id, change, also=address)
        await desk.note(db, "account.address_removed", person_id=session.person_id)


async def _is_confirmed(
    desk: Desk, db: Writing, place: Place, session: Session, ceremony: Ceremony
) -> bool:
    if ceremony.person_id != session.person_id or not ceremony.address:
        return False
    await accounts.hold(db, session.person_id)
    # Told before it is added: whoever had the account until now learns of it.
    await tell(desk, db, place, session.person_id, N_("An address was added to it."))
    await accounts.confirm_address(desk, db, session.person_id, ceremony.address)
    return True
