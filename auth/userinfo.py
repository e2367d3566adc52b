"""Who the person of a token is: OpenID Connect Core s5.3."""

from collections.abc import Mapping
from typing import Any, ClassVar

from auth.authenticate import viewer_of
from auth.desk import Desk
from auth.service import TokenService
from domain.errors import Problem, Unauthenticated
from storage import accounts


class NotAsked(Problem):
    """The person was not asked to be known to this app. RFC 6750 s3.1: insufficient_scope."""

    code: ClassVar[str] = "INSUFFICIENT_SCOPE"


async def of_bearer(
    service: TokenService, desk: Desk, headers: Mapping[str, str]
) -> Mapping[str, Any]:
    """Raises `Unauthenticated`, `NotAsked`."""
    viewer = await viewer_of(headers, service.verifier, desk.database)
    if viewer.is_nobody:
        raise Unauthenticated("Send the token as `Authorization: Bearer …`.")
    if viewer.person_id is None or "openid" not in viewer.scopes:
        raise NotAsked("This takes a token of a person, for the scope openid.")
    async with desk.database.reading(fresh=True) as db:
        account = await accounts.of_person(db, viewer.person_id)
    if account is None:
        raise Unauthenticated("The account of the token's person is closed.")
    claims = {"sub": account.person_id, "name": account.name, "locale": account.language}
    return {claim: value for claim, value in claims.items() if value is not None}
