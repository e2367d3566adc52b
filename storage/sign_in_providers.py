"""Organizations' own sign-in providers, and who their people are there, as rows.

(issuer, subject) is who somebody is at a provider; an address there is nobody's name here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as adding_once

from domain.actors import TeamRole
from domain.sign_in_providers import SignInProvider
from storage.account_tables import (
    accounts,
    ceremonies,
    external_identities,
    sessions,
    sign_in_providers,
)
from storage.engine import Reading, Writing
from storage.tables import organizations, persons, team_members


@dataclass(frozen=True, slots=True)
class Known:
    """Whose an identity is, and by which provider it was connected."""

    person_id: str
    name: str
    provider_id: str
    account_is_open: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """A person's sign-in at a provider, as they see it."""

    provider_id: str
    provider: str
    organization: str
    issuer: str
    created_at: datetime
    last_used_at: datetime | None
    is_alive: bool  # the provider is still trusted, and the person in its organization's team


_PROVIDERS = (
    select(
        sign_in_providers.c.id,
        sign_in_providers.c.organization_id,
        organizations.c.name.label("organization"),
        sign_in_providers.c.name,
        sign_in_providers.c.issuer,
        sign_in_providers.c.client_id,
        sign_in_providers.c.sealed_client_secret.label("secret"),
        sign_in_providers.c.created_at,
    )
    .join(organizations, organizations.c.id == sign_in_providers.c.organization_id)
    .where(sign_in_providers.c.removed_at.is_(None))
    .order_by(organizations.c.name, sign_in_providers.c.name, sign_in_providers.c.id)
)


async def add(db: Writing, provider: SignInProvider) -> None:
    await db.execute(
        insert(sign_in_providers).values(
            id=provider.id,
            organization_id=provider.organization_id,
            name=provider.name,
            issuer=provider.issuer,
            client_id=provider.client_id,
            sealed_client_secret=provider.secret,
            created_at=provider.created_at,
        )
    )


async def of_organization(db: Reading, organization_id: str) -> list[SignInProvider]:
    found = await db.execute(
        _PROVIDERS.where(sign_in_providers.c.organization_id == organization_id)
    )
    return [SignInProvider(**row) for row in found.mappings().all()]


async def every(db: Reading, most: int) -> list[SignInProvider]:
    """By their organizations' names."""
    found = await db.execute(_PROVIDERS.limit(most))
    return [SignInProvider(**row) for row in found.mappings().all()]


async def of_teams_of(db: Reading, person_id: str) -> list[SignInProvider]:
    """Those of the organizations in whose teams the person is."""
    theirs = select(team_members.c.organization_id).where(team_members.c.person_id == person_id)
    found = await db.execute(_PROVIDERS.where(sign_in_providers.c.organization_id.in_(theirs)))
    return [SignInProvider(**row) for row in found.mappings().all()]


async def other_teams(db: Reading, person_id: str, but: str) -> list[str]:
    """The names of the other organizations in whose teams the person is."""
    found = await db.scalars(
        select(organizations.c.name)
        .join(team_members, team_members.c.organization_id == organizations.c.id)
        .where(team_members.c.person_id == person_id, organizations.c.id != but)
        .order_by(organizations.c.name, organizations.c.id)
    )
    return list(found.all())


async def by_id(db: Reading, provider_id: str) -> SignInProvider | None:
    """None for one that was removed."""
    found = await db.execute(_PROVIDERS.where(sign_in_providers.c.id == provider_id))
    row = found.mappings().one_or_none()
    return None if row is None else SignInProvider(**row)


async def of_ids(db: Reading, provider_ids: Sequence[str]) -> list[SignInProvider]:
    found = await db.execute(_PROVIDERS.where(sign_in_providers.c.id.in_(provider_ids)))
    return [SignInProvider(**row) for row in found.mappings().all()]


async def is_held(db: Writing, provider_id: str) -> bool:
    """Whether it is still trusted; it stays so until the end of the transaction."""
    found = await db.scalar(
        select(sign_in_providers.c.id)
        .where(sign_in_providers.c.id == provider_id, sign_in_providers.c.removed_at.is_(None))
        .with_for_update(read=True)
    )
    return found is not None


async def held_role(db: Writing, organization_id: str, person_id: str) -> TeamRole | None:
    """Their role in the team, where nobody takes them out of it before the transaction ends."""
    role = await db.scalar(
        select(team_members.c.role)
        .where(
            team_members.c.organization_id == organization_id,
            team_members.c.person_id == person_id,
        )
        .with_for_update(read=True)
    )
    return None if role is None else TeamRole(role)


async def hold_organization(db: Writing, organization_id: str) -> None:
    """So that two who add a provider at once are counted one after the other."""
    await db.execute(
        select(organizations.c.id).where(organizations.c.id == organization_id).with_for_update()
    )


async def remove(db: Writing, organization_id: str, provider_id: str, at: datetime) -> str | None:
    """Its name, where the organization had it. Identities by it stay, and open nothing."""
    removed = await db.scalars(
        update(sign_in_providers)
        .where(
            sign_in_providers.c.id == provider_id,
            sign_in_providers.c.organization_id == organization_id,
            sign_in_providers.c.removed_at.is_(None),
        )
        # Whoever reads the table later finds no secret that was given up.
        .values(removed_at=at, sealed_client_secret=None)
        .returning(sign_in_providers.c.name)
    )
    return removed.one_or_none()


# ── identities ───────────────────────────────────────────────────────────────────────────────────


async def identity(db: Reading, issuer: str, subject: str) -> Known | None:
    found = await db.execute(
        select(
            external_identities.c.person_id,
            persons.c.display_name,
            external_identities.c.provider_id,
            accounts.c.closed_at.is_(None),
        )
        .join(accounts, accounts.c.person_id == external_identities.c.person_id)
        .join(persons, persons.c.id == external_identities.c.person_id)
        .where(external_identities.c.issuer == issuer, external_identities.c.subject == subject)
    )
    row = found.one_or_none()
    return None if row is None else Known(*row)


async def connect(
    db: Writing, issuer: str, subject: str, person_id: str, provider_id: str, at: datetime
) -> bool:
    """Whether it is theirs now. It stays with whoever had it; theirs may come by another provider
    of the same issuer than before."""
    connecting = adding_once(external_identities).values(
        issuer=issuer, subject=subject, person_id=person_id, provider_id=provider_id, created_at=at
    )
    connected = await db.execute(
        connecting.on_conflict_do_update(
            index_elements=[external_identities.c.issuer, external_identities.c.subject],
            set_={"provider_id": connecting.excluded.provider_id},
            where=external_identities.c.person_id == connecting.excluded.person_id,
        )
    )
    return connected.rowcount > 0


async def note_used(db: Writing, issuer: str, subject: str, at: datetime) -> None:
    await db.execute(
        update(external_identities)
        .where(external_identities.c.issuer == issuer, external_identities.c.subject == subject)
        .values(last_used_at=at)
    )


async def of_person(db: Reading, person_id: str) -> list[Connected]:
    """The newest first, dead ones too."""
    member = and_(
        team_members.c.organization_id == sign_in_providers.c.organization_id,
        team_members.c.person_id == external_identities.c.person_id,
    )
    is_alive = and_(sign_in_providers.c.removed_at.is_(None), team_members.c.id.is_not(None))
    found = await db.execute(
        select(
            external_identities.c.provider_id,
            sign_in_providers.c.name,
            organizations.c.name,
            external_identities.c.issuer,
            func.min(external_identities.c.created_at),
            func.max(external_identities.c.last_used_at),
            func.bool_or(is_alive),
        )
        .join(sign_in_providers, sign_in_providers.c.id == external_identities.c.provider_id)
        .join(organizations, organizations.c.id == sign_in_providers.c.organization_id)
        .outerjoin(team_members, member)
        .where(external_identities.c.person_id == person_id)
        .group_by(
            external_identities.c.provider_id,
            sign_in_providers.c.name,
            organizations.c.name,
            external_identities.c.issuer,
        )
        .order_by(func.min(external_identities.c.created_at).desc())
    )
    return [Connected(*row) for row in found.all()]


async def begun_here(
    db: Reading, kind: str, visit: bytes, now: datetime
) -> list[tuple[bytes, Mapping[str, Any]]]:
    """What was begun in this browser and may still be finished, the newest first: what names it,
    and what is known of it."""
    found = await db.execute(
        select(ceremonies.c.digest, ceremonies.c.details)
        .where(
            ceremonies.c.visit == visit,
            ceremonies.c.kind == kind,
            ceremonies.c.used_at.is_(None),
            ceremonies.c.expires_at > now,
        )
        .order_by(ceremonies.c.created_at.desc(), ceremonies.c.digest)
        .limit(10)
    )
    return [(row[0], row[1]) for row in found.all()]


async def disconnect(db: Writing, person_id: str, provider_id: str) -> int:
    """How many identities of theirs came by it."""
    gone = await db.execute(
        delete(external_identities).where(
            external_identities.c.person_id == person_id,
            external_identities.c.provider_id == provider_id,
        )
    )
    return gone.rowcount


async def set_authenticated_at(db: Writing, session_id: str, at: datetime) -> None:
    """When they showed the provider who they are, which may be long before they came here."""
    await db.execute(
        update(sessions).where(sessions.c.id == session_id).values(authenticated_at=at)
    )
