"""Apps of organizations: registered, given new secrets or keys, revoked, listed. By the operator.

Each is one transaction, with its line in the audit. What people of a team may do is in
`team_apps.py`, what an app may be in `app_wishes.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from auth import app_keys, app_wishes, scopes
from auth.app_wishes import Wish
from auth.desk import Desk, digest_of
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.errors import Invalid, NotFound
from domain.words import say
from storage import credentials
from storage.credentials import Client, Grant
from storage.engine import Reading, Writing

SECRET_PREFIX = "cvk_secret_"  # noqa: S105  # so that scanners of leaked secrets know one of ours
OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A client with its new secret, which is shown this once and kept nowhere."""

    client: Client
    secret: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; its secret, where it has one, is shown this once and kept nowhere."""

    client: Client
    secret: str | None


@dataclass(frozen=True, slots=True)
class Apps(Desk):
    """Where an operator's wishes about apps are carried out, and written down."""

    async def register(
        self, organization: str, name: str, wanted: Iterable[str] = scopes.DEFAULT
    ) -> WithSecret:
        """A machine of the organization of that slug, with a secret."""
        made = await self.register_app(organization, Wish(name=name, scopes=tuple(wanted)))
        if made.secret is None:
            raise RuntimeError("A machine was registered without a secret.")
        return WithSecret(made.client, made.secret)

    async def register_app(self, organization: str, wish: Wish) -> Registered:
        """A client of the organization of that slug."""
        checked = app_wishes.checked(wish, RegisteredBy.OPERATOR)
        async with self.database.writing() as db:
            organization_id = await _organization(db, organization)
            return await add(self, db, checked, RegisteredBy.OPERATOR, organization_id)

    async def rotate(self, client_id: str, overlap: timedelta = OVERLAP) -> WithSecret:
        """A new secret; the one in use goes on for the overlap, so that nothing stops."""
        async with self.database.writing() as db:
            return await rotate(self, db, await _locked(db, client_id), overlap)

    async def change_keys(self, client_id: str, jwks: object) -> Client:
        """Other keys, from now on, for an app that signs. To change without a stop, give the old
        and the new ones first."""
        async with self.database.writing() as db:
            return await change_keys(self, db, await _locked(db, client_id), jwks)

    async def revoke(self, client_id: str) -> Client:
        """It gets no more tokens, and those it holds end at once. Twice is as good as once."""
        async with self.database.writing() as db:
            return await revoke(self, db, await _locked(db, client_id))

    async def list_of(self, organization: str | None = None) -> list[Client]:
        """Those of the organization of that slug, or all; the newest first, revoked ones too."""
        async with self.database.reading(fresh=True) as db:
            owner = None if organization is None else await _organization(db, organization)
            return await credentials.clients_of(db, owner)


# ── within a transaction, whoever asks ───────────────────────────────────────────────────────────


async def add(
    desk: Desk,
    db: Writing,
    checked: app_wishes.Checked,
    registered_by: RegisteredBy,
    organization_id: str,
    person_id: str | None = None,
) -> Registered:
    """`person_id` is who of the team registers it."""
    has_secret = checked.auth_method is AuthMethod.SECRET_BASIC
    secret = desk.secret(SECRET_PREFIX) if has_secret else None
    client = Client(
        id=desk.named("app"),
        organization_id=organization_id,
        name=checked.name,
        scopes=checked.scopes,
        created_at=desk.clock.now(),
        registered_by=registered_by,
        person_id=person_id,
        grant_types=checked.grant_types,
        auth_method=checked.auth_method,
        redirect_uris=checked.redirect_uris,
        jwks=checked.jwks,
    )
    await credentials.add_client(db, client, None if secret is None else digest_of(secret))
    if GrantType.CLIENT_CREDENTIALS in client.grant_types:
        machines = Grant(
            id=desk.named("grant"),
            client_id=client.id,
            organization_id=organization_id,
            person_id=None,
            scopes=client.scopes,
            created_at=client.created_at,
        )
        await credentials.add_grant(db, machines)
    await _note(desk, db, "client.register", client, person_id, " ".join(client.scopes))
    return Registered(client, secret)


async def rotate(
    desk: Desk, db: Writing, client: Client, overlap: timedelta, person_id: str | None = None
) -> WithSecret:
    """The client is locked."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        most = LONGEST_OVERLAP // timedelta(hours=1)
        raise Invalid(say("The overlap is from 0 to %(most)s hours.", most=most), ("overlap",))
    _require_in_use(client)
    if client.auth_method is not AuthMethod.SECRET_BASIC:
        raise Invalid(
            say("%(client)s has no secret that could be changed.", client=client.name), ("client",)
        )
    now, secret = desk.clock.now(), desk.secret(SECRET_PREFIX)
    await credentials.let_secrets_end(db, client.id, now, now + overlap)
    await credentials.add_secret(db, client.id, digest_of(secret), now)
    await _note(desk, db, "client.rotate", client, person_id, f"overlap {overlap}")
    return WithSecret(client, secret)


async def change_keys(
    desk: Desk, db: Writing, client: Client, jwks: object, person_id: str | None = None
) -> Client:
    """The client is locked."""
    checked = app_keys.checked(jwks)
    _require_in_use(client)
    if client.auth_method is not AuthMethod.PRIVATE_KEY_JWT or client.jwks is None:
        raise Invalid(
            say("%(client)s has no keys here that could be changed.", client=client.name),
            ("client",),
        )
    await credentials.change_keys(db, client.id, checked)
    kids = " ".join(str(key.get("kid", "-")) for key in checked["keys"])
    await _note(desk, db, "client.change_keys", client, person_id, kids)
    return await _locked(db, client.id)


async def revoke(desk: Desk, db: Writing, client: Client, person_id: str | None = None) -> Client:
    """The client is locked."""
    if client.revoked_at is not None:
        return client
    await credentials.revoke_client(db, client.id, desk.clock.now())
    await _note(desk, db, "client.revoke", client, person_id)
    return await _locked(db, client.id)


def _require_in_use(client: Client) -> None:
    if client.revoked_at is not None:
        raise Invalid(say("%(id)s is revoked: register another app.", id=client.id), ("client",))


async def _note(
    desk: Desk,
    db: Writing,
    action: str,
    client: Client,
    person_id: str | None,
    detail: str | None = None,
) -> None:
    await desk.note(
        db,
        action,
        organization_id=client.organization_id,
        client_id=client.id,
        person_id=person_id,
        detail=detail,
    )


async def _organization(db: Reading, slug: str) -> str:
    found = await credentials.organization_called(db, slug)
    if found is None:
        raise NotFound(say("This hub has no organization %(slug)s.", slug=slug), ("organization",))
    return found


async def _locked(db: Writing, client_id: str) -> Client:
    client = await credentials.lock_client(db, client_id)
    if client is None:
        raise NotFound(
            say("There is no app %(client_id)s: ./convoke client list.", client_id=client_id),
            ("client",),
        )
    return client
