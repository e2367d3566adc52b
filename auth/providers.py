"""An organization's own sign-in: set up by its team or the hub's operator, listed, and taken away.

How people come in by it is in `provider_sign_in.py`. What is set up here lets its keeper in as any
colleague who connected it: so only OWNER and ADMIN may, and it is in the record.
"""

from dataclasses import dataclass

from auth.desk import Desk
from auth.provider_directory import Directory
from auth.sealing import Sealer
from auth.throttle import Limit, count
from domain import sign_in_providers
from domain.actors import TeamRole
from domain.errors import Invalid, NotFound, Refused, Taken
from domain.sign_in_providers import MOST_OF_AN_ORGANIZATION, SignInProvider
from domain.words import say
from storage import credentials, teams
from storage import sign_in_providers as stored
from storage.engine import Reading, Writing
from storage.sessions import Session

CALLBACK = "/account/providers/{id}/callback"
MOST_LISTED = 500

# Each costs a request to a server of somebody's choice.
_ADDED = Limit("provider by organization", burst=10, seconds=60)


@dataclass(frozen=True, slots=True)
class Providers:
    """What signing in by a provider is done with, in one process of a hub."""

    base_url: str
    directory: Directory
    sealer: Sealer

    def callback(self, provider_id: str) -> str:
        """One for each provider, so that an answer of one is never taken for another's. It is what
        the provider must be told: the redirect URI."""
        return self.base_url + CALLBACK.format(id=provider_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProvider:
    name: str
    issuer: str
    client_id: str
    secret: str | None = None


async def add(
    providers: Providers, desk: Desk, session: Session, organization: str, new: NewProvider
) -> SignInProvider:
    """By OWNER or ADMIN of the organization of that slug. Raises `Problem`."""
    async with desk.database.reading(fresh=True) as db:
        organization_id = await _kept_by(db, session, organization)
    return await _add(providers, desk, organization_id, new, session)


async def add_as_operator(
    providers: Providers, desk: Desk, organization: str, new: NewProvider
) -> SignInProvider:
    async with desk.database.reading(fresh=True) as db:
        organization_id = await _called(db, organization)
    return await _add(providers, desk, organization_id, new, None)


async def remove(desk: Desk, session: Session, organization: str, provider_id: str) -> str:
    """Nobody signs in by it from now on; its name. Sessions that were begun stay: who should be
    out is taken out of the team."""
    async with desk.database.writing() as db:
        organization_id = await _kept_by(db, session, organization)
        return await _remove(desk, db, organization_id, provider_id, session.person_id)


async def remove_as_operator(desk: Desk, provider_id: str) -> str:
    async with desk.database.writing() as db:
        provider = await live(db, provider_id)
        return await _remove(desk, db, provider.organization_id, provider_id, None)


async def of_organization(desk: Desk, session: Session, organization: str) -> list[SignInProvider]:
    """For whoever may change them."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.of_organization(db, await _kept_by(db, session, organization))


async def offered(desk: Desk) -> list[SignInProvider]:
    """To whoever wants to sign in: all there are, by their organizations' names."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.every(db, MOST_LISTED)


async def live(db: Reading, provider_id: str) -> SignInProvider:
    provider = await stored.by_id(db, provider_id)
    if provider is None:
        raise NotFound("There is no such sign-in here, or not any more.", ("provider",))
    return provider


async def held(db: Writing, provider_id: str) -> SignInProvider:
    """Still trusted, and until the transaction ends."""
    await stored.is_held(db, provider_id)
    return await live(db, provider_id)


async def require_member(db: Writing, provider: SignInProvider, person_id: str) -> None:
    """An organization vouches for its own people, and for nobody else's."""
    if await stored.held_role(db, provider.organization_id, person_id) is None:
        raise Refused(
            say(
                "%(provider)s signs in the team of %(organization)s, and this account is not "
                "in it. Ask whoever looks after the team for an invitation, or sign in "
                "another way.",
                provider=provider.name,
                organization=provider.organization,
            )
        )


async def _add(
    providers: Providers,
    desk: Desk,
    organization_id: str,
    new: NewProvider,
    session: Session | None,
) -> SignInProvider:
    directory = providers.directory
    name = sign_in_providers.checked_name(new.name)
    issuer = sign_in_providers.checked_issuer(new.issuer, allow_loopback=directory.allow_loopback)
    client_id = sign_in_providers.checked_client_id(new.client_id)
    secret = sign_in_providers.checked_secret(new.secret)
    if session is not None:
        await count(desk, _ADDED, organization_id)
    directory.forget(issuer)
    metadata = await directory.metadata(issuer)
    metadata.auth_method(secret is not None)
    provider_id = desk.named("idp")
    sealed = None if secret is None else providers.sealer.seal(provider_id, secret.encode())
    person_id = None if session is None else session.person_id
    async with desk.database.writing() as db:
        await stored.hold_organization(db, organization_id)
        if person_id is not None:  # they may have left while the provider was asked
            _require_keeper(await stored.held_role(db, organization_id, person_id))
        there = await stored.of_organization(db, organization_id)
        if len(there) >= MOST_OF_AN_ORGANIZATION:
            raise Invalid(
                say("An organization has at most %(most)s of these.", most=MOST_OF_AN_ORGANIZATION)
            )
        if any((each.issuer, each.client_id) == (issuer, client_id) for each in there):
            raise Taken("This sign-in is set up already. Remove it first, to change it.")
        provider = SignInProvider(
            id=provider_id,
            organization_id=organization_id,
            organization="",
            name=name,
            issuer=issuer,
            client_id=client_id,
            secret=sealed,
            created_at=desk.clock.now(),
        )
        await stored.add(db, provider)
        await desk.note(
            db,
            "provider.added",
            organization_id=organization_id,
            person_id=person_id,
            detail=provider_id,
        )
        return await live(db, provider_id)


async def _remove(
    desk: Desk, db: Writing, organization_id: str, provider_id: str, person_id: str | None
) -> str:
    name = await stored.remove(db, organization_id, provider_id, desk.clock.now())
    if name is None:
        raise NotFound("There is no such sign-in here, or not any more.", ("provider",))
    await desk.note(
        db,
        "provider.removed",
        organization_id=organization_id,
        person_id=person_id,
        detail=provider_id,
    )
    return name


async def _called(db: Reading, organization: str) -> str:
    found = await credentials.organization_called(db, organization)
    if found is None:
        raise NotFound(
            say("This hub has no organization %(organization)s.", organization=organization),
            ("organization",),
        )
    return found


async def _kept_by(db: Reading, session: Session, organization: str) -> str:
    """The organization's id. Whoever is not in its team learns nothing of it."""
    found = await credentials.organization_called(db, organization)
    role = None if found is None else await teams.role_of(db, found, session.person_id)
    if found is None or role is None:
        raise NotFound("You are in no team of that name.", ("organization",))
    _require_keeper(role)
    return found


def _require_keeper(role: TeamRole | None) -> None:
    if not sign_in_providers.may_keep(role):
        raise Refused("Only an OWNER or ADMIN of the team looks after its sign-in.")
