"""Telling somebody that what opens their account was changed, at every address of the account."""

from auth import sign_in_words
from auth.desk import Desk
from auth.letters import Place
from languages import speaking
from storage import accounts, mail
from storage.engine import Writing
from storage.mail import Letter


async def tell(
    desk: Desk, db: Writing, place: Place, person_id: str, change: str, also: str | None = None
) -> None:
    """In the transaction of the change, which is a text of the catalogue. `place.page` is where ways
    in are seen; `also` is an address that was theirs until now."""
    account = await accounts.of_person(db, person_id)
    with speaking(account.language if account else None):
        subject, text = sign_in_words.has_changed(place.site, change, place.page)
    addresses = [*await accounts.addresses_of(db, person_id), *([also] if also else [])]
    letters = [Letter(address, subject, text) for address in addresses]
    await mail.post(db, desk.names, letters, desk.clock.now())
