"""Dates, languages, rules and people's own words as a page says them, in the language spoken now."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

import languages
from domain.recurrence_rule import Frequency, parsed
from languages import N_, dates, names, ngettext
from languages import gettext as _
from web.feeds.told import Named, Place
from web.feeds.words import is_exact
from web.speaking import kept

_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_AFTER = ".,;:!?)]}»\u201d\u2019"  # what ends a sentence, not an address
OF_ACCESS = {
    "ACCESSIBLE": N_("Accessible for people with disabilities"),
    "PARTLY": N_("Partly accessible for people with disabilities"),
    "NOT_ACCESSIBLE": N_("Not accessible for people with disabilities"),
    "NOT_SURE": N_("Not known. Ask the hosts before you come."),
}
OF_JOINING = {
    "OPEN": N_("Open to everybody"),
    "APPROVAL": N_("After asking the hosts"),
    "INVITE": N_("By invitation"),
    "EXTERNAL": N_("Sign up elsewhere"),
    "BY_REQUEST": N_("On request"),
    "INVITE_ONLY": N_("By invitation"),
}
OF_KIND = {
    "CHAPTER": N_("Chapter"),
    "LOCAL": N_("Local group"),
    "WORKING_GROUP": N_("Working group"),
    "TEAM": N_("Team"),
    "CAMPAIGN": N_("Campaign"),
    "OTHER": N_("Group"),
    "COALITION": N_("Coalition of organizations"),
    "NETWORK": N_("Network of organizations"),
    "PARTNERSHIP": N_("Partnership of organizations"),
}
OF_ALLIANCE_STATUS = {
    "FORMING": N_("still forming"),
    "DORMANT": N_("at rest"),
    "DISSOLVED": N_("ended"),
}
OF_ROLE = {
    "HOST": N_("host"),
    "CO_HOST": N_("co-host"),
    "SPONSOR": N_("sponsor"),
    "PROMOTER": N_("promotes it"),
    "CONVENER": N_("convener"),
    "STEWARD": N_("steward"),
    "OBSERVER": N_("observer"),
}


OF_DECIDING = {
    "CONVENER": N_("Its convener decides."),
    "MAJORITY": N_("By the majority of those who vote."),
    "CONSENT": N_("By consent: what nobody objects to."),
    "UNANIMITY": N_("All together, or not at all."),
}
OF_SHARED_EVENTS = {
    "PUBLIC": N_("An event shared with the alliance is for everybody to see."),
    "UNLISTED": N_("An event shared with the alliance is for whoever has its address."),
    "ALLIANCE": N_("An event shared with the alliance is for its members to see."),
}
OF_EDITING = {
    "NONE": N_("Who co-hosts an event changes nothing of it: only its host does."),
    "DETAILS": N_("Who co-hosts an event may change its words and details, and its host the rest."),
    "ALL": N_("Who co-hosts an event may change everything of it."),
}
OF_ATTENDEES = {
    "NONE": N_("Co-hosts learn nothing of who comes."),
    "AGGREGATE_ONLY": N_("Co-hosts learn how many come, and not who."),
    "REFERRED_ONLY": N_("Co-hosts learn who comes of those they brought, if they agreed."),
    "ALL_WITH_CONSENT": N_("Co-hosts learn who comes of those who agreed to it."),
}


def linked(text: str) -> Markup:
    """Plain text, escaped, with its web addresses to click on. CSS keeps its lines."""
    parts: list[str] = []
    seen = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        parts += (escape(text[seen : found.start()]), _link(address))
        seen = found.start() + len(address)
    return Markup("").join([*parts, escape(text[seen:])])


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="nofollow noopener">{0}</a>').format(address)


def named(thing: Named) -> Markup:
    """By its name, which may be in any language, with a link to its page."""
    link = Markup('<a href="{0}" lang="" dir="auto">{1}</a>')
    return link.format(kept(thing["url"]), thing["name"])


def listed(words: Iterable[str]) -> Markup:
    """`a, b and c`. The signs between them come from the language and are no HTML."""
    return Markup(dates.listed([escape(each) for each in words]))  # noqa: S704


def bold(words: Iterable[str]) -> Markup:
    return listed(Markup('<b lang="" dir="auto">{0}</b>').format(each) for each in words)


def language(tag: str) -> str:
    """Its own name; the tag, where that is not known here."""
    return names.own_name(tag)


def is_other(tag: str | None) -> bool:
    """Words of that language are not in the one that is spoken now."""
    return bool(tag) and tag != languages.current() and primary(tag) != languages.current()


def primary(tag: str | None) -> str:
    return (tag or "").split("-")[0]


def when(starts: datetime, ends: datetime | None, *, all_day: bool) -> Markup:
    """`starts` and `ends` on the clocks of the place."""
    first = day(starts.date())
    if all_day:
        last = (ends - timedelta(seconds=1)).date() if ends else starts.date()
        return _from_to(first, day(last)) if last > starts.date() else first
    begins = _day_and_time(first, time_of(starts))
    if ends is None:
        return begins
    # A night that ends in the small hours is one evening to those who go.
    is_one_evening = ends - starts < timedelta(hours=24) and ends.hour < 6
    if ends.date() == starts.date() or is_one_evening:
        both = _from_to(time_of(starts), time_of(ends))
        return _day_and_time(first, Markup('<span class="hours">{0}</span>').format(both))
    return _from_to(begins, _day_and_time(day(ends.date()), time_of(ends)))


def _from_to(first: Markup, last: Markup) -> Markup:
    return put(_("%(first)s to %(last)s"), first=first, last=last)


def _day_and_time(day: Markup, time: Markup) -> Markup:
    return put(_("%(day)s, %(time)s"), day=day, time=time)


def put(said: str, **values: object) -> Markup:
    """Values into a text of a catalogue, which is a piece of the page as in templates."""
    return Markup(said) % {name: escape(value) for name, value in values.items()}  # noqa: S704


def day(at: date) -> Markup:
    return Markup('<time datetime="{0}">{1}</time>').format(
        at.isoformat(), dates.weekday_and_day(at)
    )


def hours(starts: datetime, ends: datetime | None, *, all_day: bool) -> Markup:
    """As they stand in a list under their day."""
    if all_day:
        return Markup(_("All day"))  # noqa: S704
    if ends is None or ends - starts >= timedelta(hours=24):
        return time_of(starts)
    until = put(_("to %(last)s"), last=time_of(ends))
    return Markup("<span>{0}</span> <span>{1}</span>").format(time_of(starts), until)


def time_of(at: datetime) -> Markup:
    return Markup('<time datetime="{0}">{1}</time>').format(at.isoformat(), dates.clock(at))


def date_of(day: str) -> Markup:
    """Of a date as the contract tells it."""
    return Markup('<time datetime="{0}">{1}</time>').format(day, dates.day(date.fromisoformat(day)))


def moment(at: datetime) -> Markup:
    said = _("%(day)s, %(time)s", day=dates.day(at.date()), time=dates.clock(at))
    return Markup('<time datetime="{0}">{1}</time>').format(at.isoformat(), said)


def clocks(at: datetime) -> Markup:
    """Whose time it is: `Time of America/New_York (UTC-05:00)`."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    zone = at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else ""
    offset = f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    name = Markup('<bdi dir="ltr">{0} <span class="hours">({1})</span></bdi>').format(zone, offset)
    return put(_("Time of %(zone)s"), zone=name)


def repeats(rrule: str) -> str | None:
    """The rule in words, where it is one that has short ones."""
    if not rrule:
        return None
    rule = parsed(rrule)
    if rule.months or rule.positions or rule.month_days or rule.week_numbers or rule.year_days:
        return None
    on = sorted(rule.weekdays, key=lambda each: each[1])
    days = [_weekday(which, day) for which, day in on if not which or which in _WHICH]
    if len(days) < len(rule.weekdays):
        return None
    often = _often(rule.frequency, rule.interval)
    return _("%(often)s on %(days)s", often=often, days=dates.listed(days)) if days else often


def _often(frequency: Frequency, every: int) -> str:
    match frequency:
        case Frequency.DAILY:
            return ngettext("Repeats every day", "Repeats every %(num)s days", every)
        case Frequency.WEEKLY:
            return ngettext("Repeats every week", "Repeats every %(num)s weeks", every)
        case Frequency.MONTHLY:
            return ngettext("Repeats every month", "Repeats every %(num)s months", every)
        case Frequency.YEARLY:
            return ngettext("Repeats every year", "Repeats every %(num)s years", every)


_WHICH = {
    1: N_("the first %(day)s"),
    2: N_("the second %(day)s"),
    3: N_("the third %(day)s"),
    4: N_("the fourth %(day)s"),
    5: N_("the fifth %(day)s"),
    -1: N_("the last %(day)s"),
}


def _weekday(which: int, number: int) -> str:
    day = dates.weekday(number)
    return _(_WHICH[which], day=day) if which else day


def map_of(place: Place) -> str | None:
    """An address of OpenStreetMap, where the place is known exactly."""
    if not is_exact(place):
        return None
    at = f"{place['latitude']:.5f}", f"{place['longitude']:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=17/{at[0]}/{at[1]}"


def way_to(place: Place) -> str | None:
    """Where directions to it are had, from wherever one is."""
    if not is_exact(place):
        return None
    return (
        f"https://www.openstreetmap.org/directions?to={place['latitude']:.5f}"
        f"%2C{place['longitude']:.5f}"
    )


def geo_of(place: Place) -> str | None:
    """For the maps that somebody's phone has (RFC 5870)."""
    if not is_exact(place):
        return None
    return f"geo:{place['latitude']:.5f},{place['longitude']:.5f}"


def shortened(text: str, most: int = 200) -> str:
    """On one line, for those who show a page without opening it."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
