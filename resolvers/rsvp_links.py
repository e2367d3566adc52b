"""Making the links that a guest without an account is sent. `resolvers.guests` follows them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.rsvps import Gathering
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
    return f"{ctx.hub.url}{CONFIRM}?token={secret}"


async def to_cancel(ctx: Context, db: Writing, date: Gathering, rsvp_id: str) -> str:
    """Good for as long as one can still say so: until the date is over, where that is later."""
    secret = ctx.names.secret()
    now = ctx.clock.now()
    until = max(now + GOOD_FOR, date.over_at)
    await stored.add(db, secret, rsvp_id, Purpose.CANCEL, {}, now, until)
    return f"{ctx.hub.url}{CANCEL}?token={secret}"
