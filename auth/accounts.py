"""Accounts: who may sign in, at which addresses, and what opens an account.

An account is a person's. An address belongs to at most one of them, and only to somebody who has
shown to read it; it is never a reason to join two accounts. How they show who they are is in
`letters.py`, `passwords.py`, `passkeys.py` and `provider_sign_in.py`; which addresses they have, in
`sign_in_addresses.py`.
"""

import unicodedata
from dataclasses import dataclass

from auth.desk import Desk
from domain import people
from domain.errors import Invalid, NotFound, Taken
from domain.ids import Kind
from domain.people import Person
from storage import accounts as stored
from storage import people as stored_people
from storage.accounts import Account as Account  # by this name for whoever signs people in
from storage.accounts import Membership as Membership
from storage.accounts import WaysIn as WaysIn
from storage.engine import Reading, Writing
from storage.sessions import Session

_LONGEST_ADDRESS = 254  # RFC 5321 s4.5.3.1.3, without its brackets
HANDLE_BYTES = 64


def address_of(typed: str, field: tuple[str, ...] = ("address",)) -> str:
    """The address as it is kept, compared and written to; or `Invalid`.

    Letters always go to this form and never to what was typed: two texts that are one here (a
    Kelvin sign and a k) must not be two mailboxes.
    """
    address = unicodedata.normalize("NFC", typed.strip()).lower()
    if not address.isprintable() or len(address) > _LONGEST_ADDRESS:
        raise Invalid("An email address looks like anna@pantry.example.", field)
    return people.email_address(address, field)


async def open_account(desk: Desk, db: Writing, person_id: str) -> None:
    """The person may sign in from now on, once they have an address or a passkey. Whoever has an
    account keeps it as it is."""
    people.require_at_home(person_id, desk.names.authority, ("person",))
    if await stored.open_one(
        db, person_id, desk.chance.token_bytes(HANDLE_BYTES), desk.clock.now()
    ):
        await desk.note(db, "account.opened", person_id=person_id)


async def new_person(
    desk: Desk, db: Writing, display_name: str, language: str | None = None
) -> Account:
    """Somebody this hub did not know yet, with an account. Raises `Invalid`."""
    person = people.checked(
        Person(
            id=desk.names.new(Kind.PERSON), display_name=display_name, preferred_language=language
        )
    )
    await stored_people.add(db, person, desk.clock.now())
    await open_account(desk, db, person.id)
    return Account(person.id, person.display_name, person.preferred_language)


async def person_of_address(db: Reading, address: str) -> Account | None:
    """Whoever a letter to it signs in. `address` as `address_of` gives it."""
    return await stored.of_address(db, address)


async def confirm_address(desk: Desk, db: Writing, person_id: str, address: str) -> None:
    """They have shown to read it. Raises `Taken` where it opens another account: that one keeps it.

    Tell only somebody who reads the address that it is taken.
    """
    owner = await stored.add_address(db, person_id, address, desk.clock.now())
    if owner != person_id:
        raise Taken("This address opens another account. Nothing was changed.", ("address",))
    await desk.note(db, "account.address_added", person_id=person_id)


async def hold(db: Writing, person_id: str) -> None:
    """Until the end of the transaction nobody changes what opens this account. Hold it before
    looking whether something still opens it: whoever takes that away ends sessions by it too."""
    await stored.hold(db, person_id)


async def ways_in(db: Reading, person_id: str) -> WaysIn:
    return await stored.ways_in(db, person_id)


async def ways_of(desk: Desk, session: Session) -> WaysIn:
    """What opens the account of whoever has this session."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.ways_in(db, session.person_id)


async def ways_in_to_change(db: Writing, person_id: str) -> WaysIn:
    """The same, and nobody else changes them until the end of the transaction: ask before one is
    taken away, so that two taken away at once do not leave none."""
    await hold(db, person_id)
    return await stored.ways_in(db, person_id)


# ── what a person sees and says of themselves ────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Profile:
    """`teams` by the organizations' names."""

    name: str
    language: str | None
    teams: tuple[Membership, ...]


async def profile_of(desk: Desk, session: Session) -> Profile:
    async with desk.database.reading(fresh=True) as db:
        account = await stored.of_person(db, session.person_id)
        teams = await stored.memberships_of(db, session.person_id)
    if account is None:
        raise NotFound("This account is closed.")
    return Profile(account.name, account.language, tuple(teams))


async def change_profile(desk: Desk, session: Session, name: str, language: str | None) -> None:
    """Raises `Invalid` naming the field."""
    person = people.checked(
        Person(id=session.person_id, display_name=name, preferred_language=language)
    )
    async with desk.database.writing() as db:
        await stored.change_person(db, person.id, person.display_name, person.preferred_language)
        await desk.note(db, "person.changed", person_id=person.id)
