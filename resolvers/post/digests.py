"""A letter each week of what an organization is going to do, to whoever chose to have it.

One letter for each organization, so that it can be ended for that one alone. Where nothing is to come
there is none.
"""

from datetime import datetime, timedelta

from domain.events import EventStatus
from languages import gettext as _
from languages import ngettext, speaking
from resolvers.context import Context
from resolvers.post.date_words import OF_STATUS
from resolvers.post.guest_words import on_clocks
from resolvers.post.writing import Content, Link, Section, pen
from storage import digests, mail
from storage.digests import Coming, Wanted

AHEAD = timedelta(days=14)
MOST = 30


async def write(ctx: Context, now: datetime, limit: int) -> int:
    """How many were due."""
    async with ctx.writing() as db:
        due = await digests.take(db, now, limit)
        hand = await pen(ctx, db, {each.address for each in due})
        posted = []
        for each in due:
            if hand.is_refused(each.address, each.organization_id):
                continue
            coming = await digests.coming(db, each.organization_id, now, now + AHEAD, MOST)
            if coming:
                with speaking(each.language):
                    posted.append(hand.letter(each.address, _content(ctx, each, coming)))
        await mail.post(db, ctx.names, posted, now)
    return len(due)


def _content(ctx: Context, wanted: Wanted, coming: list[Coming]) -> Content:
    page = f"{ctx.hub.url}/organizations/{wanted.organization_id}"
    return Content(
        subject=_("%(organization)s: what is to come", organization=wanted.organization),
        says=[
            ngettext(
                "%(organization)s, in the next %(num)s day:",
                "%(organization)s, in the next %(num)s days:",
                AHEAD.days,
                organization=wanted.organization,
            )
        ],
        organization_id=wanted.organization_id,
        organization=wanted.organization,
        because=_("You get this because you chose to have it each week."),
        sections=[_section(ctx, each) for each in coming],
        links=[Link(_("All of it") if len(coming) < MOST else _("All of it, and more"), page)],
    )


def _section(ctx: Context, date: Coming) -> Section:
    at = on_clocks(date.starts_at, date.time_zone, all_day=date.all_day)
    rows = [at if date.all_day else f"{at} ({date.time_zone})"]
    if date.place:
        rows.append(date.place)
    if date.status is not EventStatus.SCHEDULED:
        rows.append(_(OF_STATUS[date.status]).capitalize())
    return Section(date.title, rows, f"{ctx.hub.url}/events/{date.event_id}")
