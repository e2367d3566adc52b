"""Signing in by an organization's own provider: there, and back.

An account is known by (issuer, subject), and never by an address: whoever can have a provider say
an address would otherwise be everybody. What becomes of a sign-in that is connected with no account
is in `provider_identities.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from auth import providers, sessions
from auth.desk import Desk, digest_of
from auth.provider_exchange import Answer, Question, exchanged
from auth.provider_identities import Browser, Waiting, let_wait
from auth.provider_metadata import Metadata
from auth.provider_outgoing import ProviderProblem
from auth.provider_tokens import Claims
from auth.providers import Providers
from auth.sealing import SecretProblem
from auth.sessions import FRESH, Method, SignedIn
from auth.throttle import Limit, count
from domain.errors import Refused, Taken
from domain.sign_in_providers import SignInProvider
from storage import ceremonies
from storage import sign_in_providers as stored
from storage.ceremonies import Ceremony
from storage.engine import Writing
from storage.sign_in_providers import Known

LASTS = timedelta(minutes=10)
_ON_THE_WAY = "provider"

_BEGUN = Limit("provider by address", burst=30, seconds=4)
_BACK = Limit("provider's answer by address", burst=30, seconds=4)


class Purpose(StrEnum):
    """Why somebody goes to a provider. AGAIN: to show once more who they are."""

    SIGN_IN = "SIGN_IN"
    CONNECT = "CONNECT"
    AGAIN = "AGAIN"


@dataclass(frozen=True, slots=True)
class Way:
    """Where to send the person, and to whom."""

    address: str
    provider: SignInProvider


@dataclass(frozen=True, slots=True)
class CameIn:
    """They are signed in, and go on to `then`."""

    signed_in: SignedIn
    then: str


async def begin(
    given: Providers,
    desk: Desk,
    browser: Browser,
    provider_id: str,
    purpose: Purpose = Purpose.SIGN_IN,
    then: str = "",
) -> Way:
    """The way to the provider, for this browser, once. Raises `Problem`."""
    await count(desk, _BEGUN, desk.address)
    async with desk.database.reading(fresh=True) as db:
        provider = await providers.live(db, provider_id)
    metadata = await given.directory.metadata(provider.issuer)
    state, now = desk.secret(), desk.clock.now()
    if purpose is not Purpose.SIGN_IN and browser.session is None:
        raise Refused("Sign in first.")
    ceremony = Ceremony(
        digest=digest_of(state),
        kind=_ON_THE_WAY,
        visit=digest_of(browser.secret),
        person_id=browser.session.person_id if browser.session else None,
        details={"provider": provider.id, "purpose": purpose.value, "then": then[:2_000]},
        created_at=now,
        expires_at=now + LASTS,
    )
    async with desk.database.writing() as db:
        await ceremonies.begin(db, ceremony)
    question = _question(given, provider, browser, state, purpose)
    return Way(question.address(metadata), provider)


async def come_back(
    given: Providers,
    desk: Desk,
    browser: Browser,
    provider_id: str,
    fields: Sequence[tuple[str, str]],
) -> CameIn | Waiting:
    """What becomes of the person who came from the provider. Raises `Problem`, having changed
    nothing but that this way is over."""
    await count(desk, _BACK, desk.address)
    answer = Answer.read(fields)
    begun = await _finished(desk, browser, answer.state, provider_id)
    async with desk.database.reading(fresh=True) as db:
        provider = await providers.live(db, provider_id)
    purpose = Purpose(begun.details["purpose"])
    metadata = await given.directory.metadata(provider.issuer)
    claims = await _claims(given, desk, metadata, provider, browser, begun, purpose, answer)
    async with desk.database.writing() as db:
        return await _settled(desk, db, provider, claims, browser, begun, purpose)


# ── beneath ──────────────────────────────────────────────────────────────────────────────────────


async def _finished(desk: Desk, browser: Browser, state: str, provider_id: str) -> Ceremony:
    """The way that ends here: begun in this browser, to this provider, and not yet come back."""
    digest, visit = digest_of(state), digest_of(browser.secret)
    async with desk.database.writing() as db:
        begun = await ceremonies.finish(db, _ON_THE_WAY, digest, desk.clock.now(), visit)
    if begun is None or begun.details["provider"] != provider_id:
        raise Refused(
            "This sign-in was begun in another browser, is over, or is finished already. Begin again."
        )
    return begun


async def _claims(
    given: Providers,
    desk: Desk,
    metadata: Metadata,
    provider: SignInProvider,
    browser: Browser,
    begun: Ceremony,
    purpose: Purpose,
    answer: Answer,
) -> Claims:
    code = answer.require_code(metadata)
    secret = None
    try:
        if provider.secret is not None:
            secret = given.sealer.open(provider.id, provider.secret).decode()
    except SecretProblem as problem:
        raise ProviderProblem(
            "This hub can no longer read the secret it had of the provider. Whoever looks after your "
            "organization's sign-in removes it and sets it up anew."
        ) from problem
    question = _question(given, provider, browser, answer.state, purpose)
    return await exchanged(
        given.directory, metadata, question, code, secret, begun.created_at, desk.clock.now()
    )


def _question(
    given: Providers, provider: SignInProvider, browser: Browser, state: str, purpose: Purpose
) -> Question:
    return Question(
        client_id=provider.client_id,
        redirect_uri=given.callback(provider.id),
        browser=browser.secret,
        state=state,
        again=purpose is Purpose.AGAIN,
    )


async def _settled(
    desk: Desk,
    db: Writing,
    provider: SignInProvider,
    claims: Claims,
    browser: Browser,
    begun: Ceremony,
    purpose: Purpose,
) -> CameIn | Waiting:
    await providers.held(db, provider.id)
    known = await stored.identity(db, provider.issuer, claims.subject)
    if known is not None and not known.account_is_open:
        raise Refused("This account is closed.")
    if known is None or known.provider_id != provider.id:
        if purpose is Purpose.AGAIN:
            raise _somebody_else()
        return await let_wait(desk, db, provider, claims, browser, str(begun.details["then"]))
    asker = browser.session
    if purpose is not Purpose.SIGN_IN and (asker is None or asker.person_id != begun.person_id):
        raise Refused("You have signed out meanwhile. Begin again.")
    if purpose is Purpose.AGAIN and known.person_id != begun.person_id:
        raise _somebody_else()
    if purpose is Purpose.CONNECT and known.person_id != begun.person_id:
        raise Taken("This sign-in is connected with another account, and stays so.")
    await providers.require_member(db, provider, known.person_id)
    return await _signed_in(desk, db, provider, claims, known, browser, str(begun.details["then"]))


async def _signed_in(
    desk: Desk,
    db: Writing,
    provider: SignInProvider,
    claims: Claims,
    known: Known,
    browser: Browser,
    then: str,
) -> CameIn:
    signed_in = await sessions.begin(
        desk,
        db,
        known.person_id,
        known.name,
        [Method.PROVIDER],
        browser.device,
        instead_of=browser.session,
    )
    # A provider that knew them already asked for nothing: that is no fresh session.
    at = _authenticated_at(claims, desk.clock.now())
    await stored.set_authenticated_at(db, signed_in.session.id, at)
    await stored.note_used(db, provider.issuer, claims.subject, desk.clock.now())
    session = replace(signed_in.session, authenticated_at=at)
    return CameIn(SignedIn(session, signed_in.secret), then)


def _authenticated_at(claims: Claims, now: datetime) -> datetime:
    if claims.authenticated_at is None:
        return now - FRESH - timedelta(seconds=1)
    return min(now, datetime.fromtimestamp(claims.authenticated_at, UTC))


def _somebody_else() -> Refused:
    return Refused("That is not the sign-in of whoever is signed in here. Nothing was changed.")
