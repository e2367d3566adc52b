"""No more letters about one organization: by a link in any of them, without an account.

Whoever has the link may follow it, and take it back by the same link. Letters about others come as
before, and so do answers to what one does oneself.
"""

from dataclasses import dataclass

from domain import mail_wishes
from domain.errors import NotFound
from domain.mail_wishes import Stop
from languages import gettext as _
from resolvers.context import Context
from storage import mail_wishes as stored
from storage import organizations
from storage.engine import Reading


@dataclass(frozen=True, slots=True)
class About:
    """What a link is about."""

    organization: str
    is_stopped: bool


async def look(ctx: Context, token: str) -> About:
    """Nothing is changed: mail programs open links to look at them. Raises `NotFound`."""
    async with ctx.database.reading(fresh=True) as db:
        stop = await _opened(db, token)
        refused = await stored.refused(db, [stop.reader])
        return About(await _name(db, stop), stop in refused)


async def stop(ctx: Context, token: str) -> About:
    """Done twice it is done once. Raises `NotFound`."""
    async with ctx.writing() as db:
        wish = await _opened(db, token)
        await stored.refuse(db, wish, ctx.clock.now())
        return About(await _name(db, wish), is_stopped=True)


async def resume(ctx: Context, token: str) -> About:
    """Raises `NotFound`."""
    async with ctx.writing() as db:
        wish = await _opened(db, token)
        await stored.allow(db, wish)
        return About(await _name(db, wish), is_stopped=False)


async def _opened(db: Reading, token: str) -> Stop:
    key = await stored.key(db)
    found = mail_wishes.opened(key, token) if key is not None else None
    if found is None:
        raise NotFound("This link is not whole. Open it from the letter, or copy all of it.")
    return found


async def _name(db: Reading, stop: Stop) -> str:
    organization = await organizations.by_id(db, stop.organization_id)
    return organization.name if organization else _("an organization that is not here any more")
