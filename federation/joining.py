"""To stand in an alliance of another hub: written down here before its owner hears of it.

The alliance's hub says who its members are, and the things that members share are shown to them. So
that no hub can make an organization of ours a member by its word alone, the mirror believes it only
where somebody here joined. What the owner refuses is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resolvers.context import Context
from resolvers.elsewhere import Errand
from storage import joined
from storage.engine import Reading, Writing


@dataclass(slots=True)
class Joining:
    """Of one errand. Without an alliance it joins none, and leaves none."""

    alliance_id: str | None = None
    organization_id: str = ""
    is_new: bool = False
    is_leaving: bool = False

    @classmethod
    async def begun(cls, ctx: Context, errand: Errand) -> "Joining":
        organization_id = ctx.viewer.organization_id
        if errand.change not in _JOINING and errand.change != LEAVING:
            return cls()
        async with ctx.database.reading(fresh=True) as db:
            alliance_id = await _alliance(db, errand, organization_id or "")
        if alliance_id is None or organization_id is None:
            return cls()
        if errand.change == LEAVING:
            return cls(alliance_id, organization_id, is_leaving=True)
        # In a transaction of its own, not under the request's Idempotency-Key: whoever sends it again
        # is to reach the owner again, who then says the same.
        async with ctx.database.writing() as db:
            is_new = await joined.add(
                db, alliance_id, organization_id, ctx.viewer.person_id, ctx.clock.now()
            )
        return cls(alliance_id, organization_id, is_new=is_new)

    async def taken_back(self, ctx: Context) -> None:
        """The owner did not do it."""
        if self.alliance_id is not None and self.is_new:
            async with ctx.database.writing() as db:
                await joined.remove(db, self.alliance_id, self.organization_id)

    async def ended(self, ctx: Context, db: Writing) -> None:
        """The owner did it."""
        if self.alliance_id is not None and self.is_leaving:
            await joined.remove(db, self.alliance_id, self.organization_id)


LEAVING = "leaveAlliance"
_JOINING = {"requestToJoinAlliance", "respondToAllianceMembership", "acceptAgreement"}


async def _alliance(db: Reading, errand: Errand, organization_id: str) -> str | None:
    """The alliance that the organization joins or leaves by it."""
    given: Mapping[str, Any] = errand.arguments
    match errand.change:
        case "requestToJoinAlliance":
            return errand.thing_id if given.get("organization") == organization_id else None
        case "acceptAgreement":
            if given.get("organization") != organization_id:
                return None
            return await joined.alliance_of_agreement(db, errand.thing_id)
        case "respondToAllianceMembership" if not given.get("accept"):
            return None
    place = await joined.alliance_of_membership(db, errand.thing_id)
    return place[0] if place is not None and place[1] == organization_id else None
