"""Passkeys: signing in by one, adding one, and taking one away.

A question (its challenge) is for one browser, for five minutes, and answered once. To sign in,
nothing is typed: the passkey says whose it is. Whoever is signed in shows it again with one of their
own. One that counts backwards was copied: it is refused, and that is written down. What browsers are
asked and answer is in `passkey_answers.py`.
"""

from datetime import timedelta

from auth import accounts, sessions, throttle
from auth.desk import Desk, digest_of
from auth.letters import Place
from auth.notices import tell
from auth.passkey_answers import (
    MINUTES,
    Assertion,
    Creation,
    RelyingParty,
    Shown,
    WrongPasskey,
    to_create,
    to_get,
)
from auth.sessions import Method, SignedIn
from auth.throttle import Limit
from domain import texts
from domain.errors import NotFound, Refused
from domain.words import say
from languages import N_
from storage import accounts as stored_accounts
from storage import ceremonies
from storage import passkeys as stored
from storage.ceremonies import Ceremony
from storage.engine import Writing
from storage.passkeys import Passkey
from storage.sessions import Session

LASTS = timedelta(minutes=MINUTES)
MOST = 20
LONGEST_NAME = 60
SIGN_IN, ADD = "SIGN_IN_PASSKEY", "ADD_PASSKEY"

_ASKED = Limit("passkeys asked for by client", burst=60, seconds=2)
_TRIES = Limit("passkeys by client", burst=30, seconds=5)
_CHANGES = Limit("passkey changes by person", burst=30, seconds=20)

# The point that all of P-256 is made from (FIPS 186-5), as a COSE_Key: an answer by a passkey that
# nobody has is compared too.
_NOBODYS = bytes.fromhex(
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


class Copied(Refused):
    """The signature is right, and what the authenticator counts is not (WebAuthn s6.1.1)."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This passkey was used elsewhere since, as if it had been copied. It "
                "was not taken. Sign in another way, remove it, and add another."
            ),
            ("passkey",),
        )


# ── signing in ───────────────────────────────────────────────────────────────────────────────────


async def ask(desk: Desk, party: RelyingParty, browser: str, session: Session | None) -> str | None:
    """What to ask the browser, in JSON; None where whoever is signed in has no passkey.

    `browser` is the secret of the visit's cookie. Raises `TooManyTries`.
    """
    own: list[Passkey] = []
    if session is not None:
        own = await of_person(desk, session)
        if not own:
            return None
    await throttle.count(desk, _ASKED, desk.address)
    async with desk.database.writing() as db:
        challenge = await _begun(desk, db, SIGN_IN, browser, session)
    return to_get(party, challenge, own)


async def sign_in(
    desk: Desk,
    party: RelyingParty,
    browser: str,
    answer: str,
    device: str,
    instead_of: Session | None,
) -> SignedIn:
    """Raises `WrongPasskey`; `Copied`, after having noted it."""
    await throttle.count(desk, _TRIES, desk.address)
    given = Assertion.read(answer)
    async with desk.database.writing() as db:
        signed_in = await _signed_in(desk, db, party, browser, given, device, instead_of)
    if signed_in is None:
        raise Copied
    return signed_in


async def _signed_in(
    desk: Desk,
    db: Writing,
    party: RelyingParty,
    browser: str,
    given: Assertion,
    device: str,
    instead_of: Session | None,
) -> SignedIn | None:
    now = desk.clock.now()
    begun = await ceremonies.finish(
        db, SIGN_IN, digest_of(given.challenge), now, digest_of(browser)
    )
    if begun is None:
        raise WrongPasskey
    found = await stored.owned(db, given.credential_id)
    await accounts.hold(db, found.passkey.person_id if found else "")
    # Looked at again: it may have been used, or removed, while another transaction had the account.
    found = await stored.owned(db, given.credential_id)
    shown = given.verified(party, found.passkey.public_key if found else _NOBODYS)
    if found is None or given.handle not in (found.handle, None):
        raise WrongPasskey
    passkey = found.passkey
    if begun.person_id is None:
        if given.handle is None:  # s7.2 step 6: nobody said before who they are
            raise WrongPasskey
    elif instead_of is None or not begun.person_id == instead_of.person_id == passkey.person_id:
        raise WrongPasskey
    if _was_copied(passkey, shown):
        await desk.note(
            db, "account.passkey_copied", person_id=passkey.person_id, detail=passkey.id
        )
        return None
    await stored.note_used(
        db, passkey.credential_id, shown.sign_count, is_backed_up=shown.is_backed_up, at=now
    )
    return await sessions.begin(
        desk, db, passkey.person_id, found.person_name, [Method.PASSKEY], device, instead_of
    )


def _was_copied(passkey: Passkey, shown: Shown) -> bool:
    """WebAuthn s7.2 step 22. Passkeys that are on many devices do not count, and say 0."""
    counts = shown.sign_count > 0 or passkey.sign_count > 0
    return counts and shown.sign_count <= passkey.sign_count


# ── those of a person ────────────────────────────────────────────────────────────────────────────


async def of_person(desk: Desk, session: Session) -> list[Passkey]:
    """The oldest first."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.of_person(db, session.person_id)


async def one(desk: Desk, session: Session, passkey_id: str) -> Passkey:
    """Raises `NotFound` for anybody else's."""
    for each in await of_person(desk, session):
        if each.id == passkey_id:
            return each
    raise _not_theirs()


async def ask_to_add(desk: Desk, party: RelyingParty, browser: str, session: Session) -> str:
    """What to ask the browser, in JSON. Raises `Refused`, `TooManyTries`."""
    sessions.require_fresh(desk, session)
    await throttle.count(desk, _CHANGES, session.person_id)
    async with desk.database.writing() as db:
        own = await stored.of_person(db, session.person_id)
        _require_room(own)
        handle = await stored.handle_of(db, session.person_id)
        if handle is None:
            raise NotFound("This account is closed.")
        addresses = await stored_accounts.addresses_of(db, session.person_id)
        challenge = await _begun(desk, db, ADD, browser, session)
    named = addresses[0] if addresses else session.person_name
    return to_create(party, challenge, handle, (named, session.person_name), own)


async def add(
    desk: Desk,
    party: RelyingParty,
    place: Place,
    browser: str,
    session: Session,
    name: str,
    answer: str,
) -> None:
    """It opens the account from now on. Raises `Invalid`, `WrongPasskey`, `Refused`."""
    sessions.require_fresh(desk, session)
    await throttle.count(desk, _CHANGES, session.person_id)
    name = _name(name)
    given = Creation.read(answer)
    made = given.verified(party)
    now = desk.clock.now()
    async with desk.database.writing() as db:
        begun = await ceremonies.finish(
            db, ADD, digest_of(given.challenge), now, digest_of(browser)
        )
        if begun is None or begun.person_id != session.person_id:
            raise WrongPasskey
        await accounts.hold(db, session.person_id)
        _require_room(await stored.of_person(db, session.person_id))
        passkey = Passkey(
            id=desk.named("pky"),
            credential_id=made.credential_id,
            person_id=session.person_id,
            name=name,
            public_key=made.public_key,
            sign_count=made.shown.sign_count,
            transports=made.transports,
            is_backed_up=made.shown.is_backed_up,
            created_at=now,
        )
        if not await stored.add(db, passkey):
            raise Refused("This passkey is known here already. Make another.", ("passkey",))
        await tell(desk, db, place, session.person_id, N_("A passkey was added to it."))
        await desk.note(db, "account.passkey_added", person_id=session.person_id, detail=passkey.id)


async def rename(desk: Desk, session: Session, passkey_id: str, name: str) -> None:
    """Raises `Invalid`, `NotFound`."""
    sessions.require_fresh(desk, session)
    name = _name(name)
    async with desk.database.writing() as db:
        if not await stored.rename(db, session.person_id, passkey_id, name):
            raise _not_theirs()
        await desk.note(
            db, "account.passkey_renamed", person_id=session.person_id, detail=passkey_id
        )


async def remove(desk: Desk, place: Place, session: Session, passkey_id: str) -> None:
    """It opens the account no more. All other sessions end. Raises `NotFound`; `Refused` for the
    last way in."""
    sessions.require_fresh(desk, session)
    async with desk.database.writing() as db:
        ways = await accounts.ways_in_to_change(db, session.person_id)
        if not await stored.remove(db, session.person_id, passkey_id):
            raise _not_theirs()
        if ways.count <= 1:
            raise Refused(
                "This passkey is the only way into your account. Add another way before you remove "
                "it.",
                ("passkey",),
            )
        await sessions.end_all_but(desk, db, session)
        await tell(desk, db, place, session.person_id, N_("A passkey was removed from it."))
        await desk.note(
            db, "account.passkey_removed", person_id=session.person_id, detail=passkey_id
        )


# ── beneath ──────────────────────────────────────────────────────────────────────────────────────


async def _begun(desk: Desk, db: Writing, kind: str, browser: str, session: Session | None) -> str:
    """The challenge: 32 bytes of chance, in 43 letters."""
    challenge, now = desk.secret(), desk.clock.now()
    await ceremonies.begin(
        db,
        Ceremony(
            digest=digest_of(challenge),
            kind=kind,
            visit=digest_of(browser),
            person_id=None if session is None else session.person_id,
            created_at=now,
            expires_at=now + LASTS,
        ),
    )
    return challenge


def _name(typed: str) -> str:
    return texts.line(typed, ("name",), LONGEST_NAME)


def _require_room(own: list[Passkey]) -> None:
    if len(own) >= MOST:
        raise Refused(
            say("An account has at most %(most)s passkeys. Remove one first.", most=MOST),
            ("passkey",),
        )


def _not_theirs() -> NotFound:
    return NotFound("There is no such passkey of yours.", ("passkey",))
