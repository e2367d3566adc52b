"""From the credentials on a request to a `Viewer`: the only place where one is made."""

from collections.abc import Mapping
from typing import Any

from auth.tokens import Bearer, UnknownKey, Verifier
from domain.actors import NOBODY, Viewer
from domain.errors import Unauthenticated
from storage import standings
from storage.engine import Database, Reading


async def viewer_of(headers: Mapping[str, str], verifier: Verifier, database: Database) -> Viewer:
    """Nobody without credentials; `Unauthenticated` with bad ones, never nobody instead.

    `headers` may be Starlette's: one that is sent twice is refused.
    """
    bearer = await bearer_of(headers, verifier)
    if bearer is None:
        return NOBODY
    async with database.reading(fresh=True) as db:
        return await viewer_in(db, bearer)


async def bearer_of(headers: Mapping[str, str], verifier: Verifier) -> Bearer | None:
    """What the token on a request says; None without one."""
    credentials = _credentials(headers)
    if credentials is None:
        return None
    scheme, _, token = credentials.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the token as `Authorization: Bearer …`.")
    return await verified(verifier, token.strip())


async def verified(verifier: Verifier, token: str) -> Bearer:
    """What the token says, or `Unauthenticated`."""
    await verifier.ring.freshen()
    try:
        return verifier.verified(token)
    except UnknownKey:
        # Perhaps another process has turned the ring since we looked.
        if not await verifier.ring.look_again():
            raise
        return verifier.verified(token)


async def viewer_in(db: Reading, bearer: Bearer) -> Viewer:
    """Whoever holds that token, as they stand in this snapshot."""
    standing = await standings.of(
        db,
        grant_id=bearer.grant_id,
        client_id=bearer.client_id,
        organization_id=bearer.organization_id,
        person_id=bearer.person_id,
        jti=bearer.jti,
    )
    if standing is None:
        raise Unauthenticated("The token was revoked: its app or its person may no longer ask.")
    return Viewer(
        organization_id=bearer.organization_id,
        person_id=bearer.person_id,
        role=standing.role,
        client_id=bearer.client_id,
        scopes=bearer.scopes & standing.scopes,
        alliance_ids=standing.alliance_ids,
        group_ids=standing.group_ids,
        hub_id=bearer.hub_id,
        partner_ids=standing.partner_ids,
    )


def presumed(bearer: Bearer) -> Viewer:
    """Whom the token speaks for, before anybody has looked how they stand."""
    return Viewer(
        organization_id=bearer.organization_id,
        person_id=bearer.person_id,
        client_id=bearer.client_id,
        scopes=bearer.scopes,
        hub_id=bearer.hub_id,
    )


def token_parameters(bearer: Bearer) -> dict[str, Any]:
    """For a statement that looks itself whether the token still counts (`standings.stands`)."""
    return standings.token_parameters(
        grant_id=bearer.grant_id,
        client_id=bearer.client_id,
        organization_id=bearer.organization_id,
        person_id=bearer.person_id,
        jti=bearer.jti,
        scopes=bearer.scopes,
    )


def _credentials(headers: Mapping[str, str]) -> str | None:
    every = getattr(headers, "getlist", None)
    found: list[str] = (
        every("authorization")
        if every
        else [value for name, value in headers.items() if name.lower() == "authorization"]
    )
    if len(found) > 1:
        raise Unauthenticated("Send one Authorization header.")
    return found[0] if found else None
