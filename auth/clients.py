"""Apps of organizations: registered, given a new secret, revoked, listed. For the command line.

Each is one transaction, with its line in the audit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from auth import scopes
from auth.desk import Desk, digest_of
from domain import texts
from domain.errors import Invalid, NotFound
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
class Apps(Desk):
    """Where wishes about apps are carried out, and written down."""

    async def register(
        self, organization: str, name: str, wanted: Iterable[str] = scopes.DEFAULT
    ) -> WithSecret:
        """A client of the organization of that slug, for these scopes."""
        checked = _checked_scopes(wanted)
        line = texts.line(name, ("name",))
        now = self.clock.now()
        secret = self.secret(SECRET_PREFIX)
        async with self.database.writing() as db:
            client = Client(
                id=self.named("app"),
                organization_id=await _organization(db, organization),
                name=line,
                scopes=checked,
                created_at=now,
            )
            await credentials.add_client(db, client, digest_of(secret))
            grant = Grant(
                id=self.named("grant"),
                client_id=client.id,
                organization_id=client.organization_id,
                person_id=None,
                scopes=checked,
                created_at=now,
            )
            await credentials.add_grant(db, grant)
            await self._note(db, "client.register", client, " ".join(checked))
        return WithSecret(client, secret)

    async def rotate(self, client_id: str, overlap: timedelta = OVERLAP) -> WithSecret:
        """A new secret; the one in use goes on for the overlap, so that nothing stops."""
        if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
            most = LONGEST_OVERLAP // timedelta(hours=1)
            raise Invalid(f"The overlap is from 0 to {most} hours.", ("overlap",))
        now = self.clock.now()
        secret = self.secret(SECRET_PREFIX)
        async with self.database.writing() as db:
            client = await _locked(db, client_id)
            if client.revoked_at is not None:
                raise Invalid(f"{client_id} is revoked: register another app.", ("client",))
            await credentials.let_secrets_end(db, client_id, now, now + overlap)
            await credentials.add_secret(db, client_id, digest_of(secret), now)
            await self._note(db, "client.rotate", client, f"overlap {overlap}")
        return WithSecret(client, secret)

    async def revoke(self, client_id: str) -> Client:
        """It gets no more tokens, and those it holds end at once. Twice is as good as once."""
        async with self.database.writing() as db:
            client = await _locked(db, client_id)
            if client.revoked_at is None:
                await credentials.revoke_client(db, client_id, self.clock.now())
                await self._note(db, "client.revoke", client)
                client = await _locked(db, client_id)
        return client

    async def list_of(self, organization: str | None = None) -> list[Client]:
        """Those of the organization of that slug, or all; the newest first, revoked ones too."""
        async with self.database.reading(fresh=True) as db:
            owner = None if organization is None else await _organization(db, organization)
            return await credentials.clients_of(db, owner)

    async def _note(
        self, db: Writing, action: str, client: Client, detail: str | None = None
    ) -> None:
        await self.note(
            db,
            action,
            organization_id=client.organization_id,
            client_id=client.id,
            detail=detail,
        )


def _checked_scopes(wanted: Iterable[str]) -> tuple[str, ...]:
    given = list(wanted)
    unknown = scopes.unknown(given)
    if unknown:
        raise Invalid(
            f"There is no scope {', '.join(unknown)}. There are: {', '.join(scopes.FOR_MACHINES)}.",
            ("scope",),
        )
    beyond = sorted(set(given) - set(scopes.FOR_MACHINES))
    if beyond:
        raise Invalid(
            f"An app that acts without a person may not have {', '.join(beyond)}.", ("scope",)
        )
    if not given:
        raise Invalid("Name at least one scope.", ("scope",))
    return scopes.in_order(given)


async def _organization(db: Reading, slug: str) -> str:
    found = await credentials.organization_called(db, slug)
    if found is None:
        raise NotFound(f"This hub has no organization {slug}.", ("organization",))
    return found


async def _locked(db: Writing, client_id: str) -> Client:
    client = await credentials.lock_client(db, client_id)
    if client is None:
        raise NotFound(f"There is no app {client_id}: ./convoke client list.", ("client",))
    return client
