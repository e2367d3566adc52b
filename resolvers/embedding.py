"""Which other sites may show an organization's dates in a frame: its owners and admins say."""

from collections.abc import Collection

from domain import embedding, policy
from domain.errors import Stale
from resolvers.audit import note
from resolvers.context import Context
from storage import embedding as stored
from storage import reach


async def sites_of(ctx: Context, organization_id: str) -> tuple[str, ...]:
    """No secret: every answer to an embed names them, so that browsers know."""
    return await stored.sites_of(await ctx.snapshot(), organization_id)


async def allow(
    ctx: Context,
    organization_id: str,
    sites: Collection[str],
    seen: Collection[str],
    *,
    allow_loopback: bool = False,
) -> None:
    """These and no others; `seen` are those that whoever changes them knew of. Raises `Invalid`,
    `Refused`, and `Stale` where somebody changed them meanwhile."""
    wanted = set(embedding.sites(sites, allow_loopback=allow_loopback))
    async with ctx.writing() as db:
        thing = await reach.organization(db, organization_id, lock=True)
        policy.require_organization_edit(ctx.viewer, thing)
        before = set(await stored.sites_of(db, organization_id))
        if before == wanted:
            return
        if before != set(seen):
            raise Stale(
                "Somebody changed the sites since you looked. What stands now is in the form: "
                "change that.",
                embedding.FIELD,
            )
        await stored.refuse(db, organization_id, before - wanted)
        await stored.allow(db, organization_id, wanted - before, ctx.clock.now())
        await note(ctx, db, "organization.embedding_changed", organization_id, ("allowed_sites",))
