"""Letters to those who answered to a date: how it stands, once for each thing that is new to them.

`write` is asked by whoever settles an answer of a guest, and by `line` for all others. What it finds
to tell, and what they know afterwards, is kept in one transaction (`domain.news_of_dates`).
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime

from domain import letter_texts, news_of_dates
from domain.news_of_dates import ANSWERS_THEM, IN_CALENDAR, News, Standing, Told
from languages import N_, speaking
from languages import gettext as _
from resolvers import rsvp_links
from resolvers.context import Context
from resolvers.post import date_words, itip
from resolvers.post.date_words import NOT_COMING
from resolvers.post.guest_words import STANDS, on_clocks
from resolvers.post.writing import Change, Content, Fact, Link, Pen, pen
from storage import letters_due, mail, rsvp_letters
from storage import rsvps as stored
from storage.engine import Writing

_SUBJECTS = {
    News.ANSWERED: N_("Your answer"),
    News.PLACE_FREE: N_("A place is free"),
    News.CHANGED: N_("Changed"),
    News.CALLED_OFF: N_("Called off"),
    News.NOT_COMING: N_("Your answer"),
    News.REMINDER: N_("Tomorrow"),
}


async def write(
    ctx: Context, db: Writing, rsvp_ids: Collection[str], *, offered: bool = False
) -> int:
    """To each of whom there is news. Whose answer is being changed just now is looked at again
    afterwards. `offered`: they waited, and were given a place. How many letters there were."""
    now = ctx.clock.now()
    found = await rsvp_letters.standings(db, rsvp_ids)
    held = {each.rsvp_id for each in found}
    missing = set(rsvp_ids) - held
    if missing:
        there = await rsvp_letters.existing(db, missing)
        await letters_due.put_off(db, there)
    due = []
    for standing in found:
        news = news_of_dates.news(standing, now)
        if offered and news is News.ANSWERED:
            news = News.PLACE_FREE  # nobody had come to tell them yet that they wait
        if news is not None:
            due.append((standing, news))
    return await post(ctx, db, due, now)


async def remind(ctx: Context, now: datetime, limit: int) -> int:
    """A day before; whoever answered later than that has it in mind."""
    async with ctx.writing() as db:
        if not await letters_due.is_one_at_a_time(db):
            return 0
        before = news_of_dates.REMINDED_BEFORE
        found = await rsvp_letters.to_remind(db, now, before, limit)
        due = [(each, News.REMINDER) for each in found]
        await post(ctx, db, due, now)
    return len(due)


Keep = Callable[[Writing, str, Told, datetime], Awaitable[None]]


async def post(
    ctx: Context,
    db: Writing,
    due: Iterable[tuple[Standing, News]],
    now: datetime,
    keep: Keep = rsvp_letters.keep,
) -> int:
    """`keep` writes down what they know by now."""
    due = [(each, news) for each, news in due if each.address]
    if not due:
        return 0
    hand = await pen(ctx, db, {each.address for each, _ in due})
    posted = []
    for standing, news in due:
        with speaking(standing.language) as language:
            known = news_of_dates.known(
                standing,
                sequence=news_of_dates.next_sequence(standing),
                reminded=news is News.REMINDER,
                language=language,
            )
            await keep(db, standing.rsvp_id, known, now)
            if news not in ANSWERS_THEM and hand.is_refused(standing.address, standing.host_id):
                continue
            posted.append(await _letter(ctx, db, hand, standing, news, now))
    await mail.post(db, ctx.names, posted, now)
    return len(posted)


async def _letter(
    ctx: Context, db: Writing, hand: Pen, standing: Standing, news: News, now: datetime
) -> mail.Letter:
    page = f"{ctx.hub.url}/events/{standing.event_id}"
    known = news_of_dates.known(standing, sequence=news_of_dates.next_sequence(standing))
    host = f"{ctx.hub.url}/organizations/{standing.host_id}"
    has_entry = _has_entry(standing)
    calendar = itip.calendar_of(standing, known, now, page, host) if has_entry else None
    links = [Link(_("The event"), page)]
    if standing.is_guest and news not in {News.CALLED_OFF, News.NOT_COMING}:
        links.append(Link(_(_CANCEL), await _to_cancel(ctx, db, standing)))
    content = Content(
        subject=_subject(standing, news),
        says=_says(standing, news),
        organization_id=standing.host_id,
        organization=standing.host_name,
        because=_("You get this because you answered to this event."),
        facts=_facts(standing),
        changes=_changes(standing, news),
        quoted=standing.why_cancelled if news is News.CALLED_OFF else None,
        quoted_of=_("%(name)s writes:", name=standing.host_name),
        links=links,
        calendar=calendar,
    )
    return hand.letter(standing.address, content)


def _has_entry(standing: Standing) -> bool:
    """Who is expected gets one, and whoever got one is told of its end."""
    if standing.status in IN_CALENDAR:
        return True
    return standing.told is not None and standing.told.status in IN_CALENDAR


_CANCEL = N_("Should you not come after all, please say so here")


async def _to_cancel(ctx: Context, db: Writing, standing: Standing) -> str:
    date = await stored.date(db, standing.event_id, standing.occurrence_id)
    if date is None:
        raise RuntimeError("An answer has a date: a foreign key says so.")
    return await rsvp_links.to_cancel(ctx, db, date, standing.rsvp_id)


def _subject(standing: Standing, news: News) -> str:
    return letter_texts.subject(_(_SUBJECTS[news]), standing.title)


def _says(standing: Standing, news: News) -> list[str]:
    match news:
        case News.ANSWERED:
            said = _(STANDS[standing.status])
        case News.PLACE_FREE:
            said = _("A place has become free, and it is yours")
        case News.CHANGED:
            said = _("Something has changed")
        case News.CALLED_OFF:
            said = _("This does not take place")
        case News.NOT_COMING:
            said = _(NOT_COMING[standing.status])
        case News.REMINDER:
            said = _("You said that you would come")
    about = {"title": standing.title, "day": _date(standing), "host": standing.host_name}
    return [_("%(said)s: “%(title)s” on %(day)s, hosted by %(host)s.", said=said, **about)]


def _date(standing: Standing) -> str:
    return on_clocks(standing.starts_at, standing.time_zone, all_day=standing.all_day)


def _facts(standing: Standing) -> list[Fact]:
    facts = [Fact(_("When"), date_words.when_of(standing))]
    if standing.place:
        facts.append(Fact(_("Where"), standing.place))
    online = letter_texts.web_address(standing.online_url)
    if online and standing.status in IN_CALENDAR and not standing.is_called_off:
        facts.append(Fact(_("Online"), online, online))
    return facts


def _changes(standing: Standing, news: News) -> list[Change]:
    if news is not News.CHANGED:
        return []
    return [Change(*each) for each in date_words.changes(standing)]
