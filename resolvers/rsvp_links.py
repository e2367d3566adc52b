"""Making the links that a guest without an account is sent. `resolvers.guests` follows them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.rsvps import Gathering
from languages import SOURCE, current
from resolvers.context import Context
from storage import rsvp_links as stored
from storage.engine import Writing
from storage.rsvp_links import Purpose

GOOD_FOR = timedelta(days=7)
CONFIRM, CANCEL = "/rsvp/confirm", "/rsvp/cancel"


async def to_confirm(ctx: Context, db: Writing, rsvp_id: str, wish: Mapping[str, Any]) -> str:
    secret = ctx.names.secret()
    now = ctx.clock.now()
    await stored.add(db, secret, rsvp_id, Purpose.CONFIRM, wish, now, now + GOOD_FOR)
    return _link(ctx, CONFIRM, secret)


async def to_cancel(ctx: Context, db: Writing, date: Gathering, rsvp_id: str) -> str:
    """Good for as long as one can still say so: until the date is over, where that is later."""
    secret = ctx.names.secret()
    now = ctx.clock.now()
    until = max(now + GOOD_FOR, date.over_at)
    await stored.add(db, secret, rsvp_id, Purpose.CANCEL, {}, now, until)
    return _link(ctx, CANCEL, secret)


def _link(ctx: Context, path: str, secret: str) -> str:
    """To the page in the language of the letter that it stands in."""
    spoken = "" if current() == SOURCE else f"&lang={current()}"
    return f"{ctx.hub.url}{path}?token={secret}{spoken}"
