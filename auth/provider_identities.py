"""A person's sign-ins at providers: connected with their account, used, and ended by them.

A sign-in that is connected with no account waits a while in the browser it came to, until its person
has shown in another way who they are, and says yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auth import accounts, providers
from auth.desk import Desk, digest_of
from auth.provider_tokens import Claims
from domain.errors import Invalid, NotFound, Taken
from domain.sign_in_providers import SignInProvider
from storage import ceremonies
from storage import sign_in_providers as stored
from storage.ceremonies import Ceremony
from storage.engine import Writing
from storage.sessions import Session
from storage.sign_in_providers import Connected

WAITS = timedelta(minutes=30)  # time to find a letter, and come back
_WAITING = "identity"


@dataclass(frozen=True, slots=True)
class Browser:
    """`secret` is what the visit's cookie holds, `device` what it is in words."""

    secret: str
    device: str
    session: Session | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """They are somebody at the provider, connected with no account here. `handle` finds it again,
    in this browser alone; `called` is what the provider calls them."""

    handle: str
    provider: SignInProvider
    called: str
    then: str


async def waiting(desk: Desk, browser: Browser, handle: str) -> Waiting:
    """The sign-in that waits in this browser, left as it is. Raises `NotFound`."""
    for each in await waiting_here(desk, browser):
        if each.handle == handle:
            return each
    raise _over()


async def waiting_here(desk: Desk, browser: Browser) -> list[Waiting]:
    """All that wait in this browser, the newest first."""
    visit, now = digest_of(browser.secret), desk.clock.now()
    async with desk.database.reading(fresh=True) as db:
        found = await stored.begun_here(db, _WAITING, visit, now)
        live = {
            each.id: each for each in await stored.of_ids(db, [d["provider"] for _, d in found])
        }
    return [
        _waiting(digest, live[details["provider"]], details)
        for digest, details in found
        if details["provider"] in live
    ]


async def connect(desk: Desk, browser: Browser, handle: str, session: Session) -> str:
    """Whoever is signed in says that the sign-in that waits is theirs; where they wanted to go.
    Ask for a fresh session before. Raises `Problem`."""
    async with desk.database.writing() as db:
        return await connect_in(desk, db, browser, handle, session.person_id)


async def connect_in(desk: Desk, db: Writing, browser: Browser, handle: str, person_id: str) -> str:
    """The same in the transaction in which somebody comes into a team with a new account."""
    found = await ceremonies.finish(
        db, _WAITING, _digest(handle), desk.clock.now(), digest_of(browser.secret)
    )
    if found is None:
        raise _over()
    provider = await providers.held(db, found.details["provider"])
    await providers.require_member(db, provider, person_id)
    issuer, subject = provider.issuer, found.details["subject"]
    now = desk.clock.now()
    if not await stored.connect(db, issuer, subject, person_id, provider.id, now):
        raise Taken(
            "This sign-in is connected with another account. Sign in by it, or disconnect it there."
        )
    await desk.note(
        db,
        "identity.connected",
        organization_id=provider.organization_id,
        person_id=person_id,
        detail=provider.id,
    )
    return str(found.details["then"])


async def disconnect(desk: Desk, session: Session, provider_id: str) -> None:
    """Raises `Problem`, also where nothing else would open the account."""
    async with desk.database.writing() as db:
        await accounts.hold(db, session.person_id)
        if not await stored.disconnect(db, session.person_id, provider_id):
            raise NotFound("This sign-in is not connected with your account.", ("provider",))
        left = await accounts.ways_in(db, session.person_id)
        if not left.count + left.providers:
            raise Invalid("It is your only way in. Add a passkey or an address first.")
        await desk.note(
            db, "identity.disconnected", person_id=session.person_id, detail=provider_id
        )


async def of_person(desk: Desk, session: Session) -> tuple[list[Connected], list[SignInProvider]]:
    """Those connected with the account, and all that could be: of the person's own teams."""
    async with desk.database.reading(fresh=True) as db:
        connected = await stored.of_person(db, session.person_id)
        return connected, await stored.of_teams_of(db, session.person_id)


async def others_opened(desk: Desk, session: Session, provider: SignInProvider) -> list[str]:
    """The other organizations in whose name a person can act, and so whoever the provider says is
    that person: to be told before they connect it."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.other_teams(db, session.person_id, provider.organization_id)


async def let_wait(
    desk: Desk,
    db: Writing,
    provider: SignInProvider,
    claims: Claims,
    browser: Browser,
    then: str,
) -> Waiting:
    digest, now = digest_of(desk.secret()), desk.clock.now()
    details = {
        "provider": provider.id,
        "subject": claims.subject,
        "called": claims.called,
        "then": then,
    }
    ceremony = Ceremony(
        digest=digest,
        kind=_WAITING,
        visit=digest_of(browser.secret),
        details=details,
        created_at=now,
        expires_at=now + WAITS,
    )
    await ceremonies.begin(db, ceremony)
    return _waiting(digest, provider, details)


def _waiting(digest: bytes, provider: SignInProvider, details: Mapping[str, Any]) -> Waiting:
    return Waiting(digest.hex(), provider, str(details["called"]), str(details["then"]))


def _digest(handle: str) -> bytes:
    try:
        return bytes.fromhex(handle)
    except ValueError:
        raise _over() from None


def _over() -> NotFound:
    return NotFound("This sign-in has waited too long, or is finished. Begin again.", ("waiting",))
