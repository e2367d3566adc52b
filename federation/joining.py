"""To stand in an alliance of another hub, or on an event there: written down here before its owner hears
of it.

The owner's hub says who the members of its alliance are, and the things that members share are shown to
them; and who hosts its event. So that no hub can make an organization of ours a member, or a host, by
its word alone, the mirror believes it only where somebody here joined. What the owner refuses is taken
back.
"""

from dataclasses import dataclass

from resolvers.context import Context
from resolvers.elsewhere import Errand
from storage import joined
from storage.engine import Reading, Writing


@dataclass(slots=True)
class Joining:
    """Of one errand. Without things it joins none, and leaves none."""

    thing_ids: tuple[str, ...] = ()
    organization_id: str = ""
    is_new: bool = False
    is_leaving: bool = False

    @classmethod
    async def begun(cls, ctx: Context, errand: Errand) -> "Joining":
        organization_id = ctx.viewer.organization_id
        if organization_id is None or errand.change not in _JOINING | _LEAVING:
            return cls()
        async with ctx.database.reading(fresh=True) as db:
            things = await _things(db, errand, organization_id)
        if not things:
            return cls()
        if errand.change in _LEAVING:
            return cls(things, organization_id, is_leaving=True)
        # In a transaction of its own, not under the request's Idempotency-Key: whoever sends it again
        # is to reach the owner again, who then says the same.
        async with ctx.database.writing() as db:
            is_new = await joined.add(
                db, things[0], organization_id, ctx.viewer.person_id, ctx.clock.now()
            )
        return cls(things[:1], organization_id, is_new=is_new)

    async def taken_back(self, ctx: Context) -> None:
        """The owner did not do it."""
        if self.is_new:
            async with ctx.database.writing() as db:
                await joined.remove(db, self.thing_ids, self.organization_id)

    async def ended(self, ctx: Context, db: Writing) -> None:
        """The owner did it."""
        if self.is_leaving:
            await joined.remove(db, self.thing_ids, self.organization_id)


_JOINING = frozenset(
    {
        "requestToJoinAlliance",
        "respondToAllianceMembership",
        "acceptAgreement",
        "inviteEventHost",
        "respondToEventHost",
    }
)
_LEAVING = frozenset({"leaveAlliance", "withdrawEventHost"})
_ANSWERS = frozenset({"respondToAllianceMembership", "respondToEventHost"})


async def _things(db: Reading, errand: Errand, organization_id: str) -> tuple[str, ...]:
    """What the organization joins by it, or leaves."""
    given, thing_id = errand.arguments, errand.thing_id
    if errand.change in _ANSWERS and not given.get("accept"):
        return ()
    match errand.change:
        case "respondToEventHost" | "withdrawEventHost":
            place = await joined.event_of_place(db, thing_id)
            if place is None:  # not mirrored yet, perhaps; of whom it is, its owner knows
                return (thing_id,)
            return (place[0], thing_id) if place[1] == organization_id else ()
        case "leaveAlliance" | "respondToAllianceMembership":
            membership = await joined.alliance_of_membership(db, thing_id)
            if membership is None or membership[1] != organization_id:
                return ()
            return membership[:1]
    if given.get("organization") != organization_id:
        return ()
    if errand.change != "acceptAgreement":
        return (thing_id,)
    alliance_id = await joined.alliance_of_agreement(db, thing_id)
    return (alliance_id,) if alliance_id is not None else ()
