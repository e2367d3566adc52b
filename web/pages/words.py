"""Dates, languages, rules and people's own words as a page says them. English, for now."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from domain.recurrence_rule import Frequency, parsed
from web.feeds.told import Place
from web.feeds.words import is_exact, joined
from web.pages.languages import LANGUAGES

_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_AFTER = ".,;:!?)]}»\u201d\u2019"  # what ends a sentence, not an address
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WHICH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_UNITS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
OF_ACCESS = {
    "ACCESSIBLE": "Accessible for people with disabilities",
    "PARTLY": "Partly accessible for people with disabilities",
    "NOT_ACCESSIBLE": "Not accessible for people with disabilities",
    "NOT_SURE": "Not known. Ask the hosts before you come.",
}
OF_JOINING = {
    "OPEN": "Open to everybody",
    "APPROVAL": "After asking the hosts",
    "INVITE": "By invitation",
    "EXTERNAL": "Sign up elsewhere",
    "BY_REQUEST": "On request",
    "INVITE_ONLY": "By invitation",
}
OF_KIND = {
    "CHAPTER": "Chapter",
    "LOCAL": "Local group",
    "WORKING_GROUP": "Working group",
    "TEAM": "Team",
    "CAMPAIGN": "Campaign",
    "OTHER": "Group",
    "COALITION": "Coalition",
    "NETWORK": "Network",
    "PARTNERSHIP": "Partnership",
}
OF_ROLE = {
    "HOST": "host",
    "CO_HOST": "co-host",
    "SPONSOR": "sponsor",
    "PROMOTER": "promotes it",
    "CONVENER": "convener",
    "STEWARD": "steward",
    "OBSERVER": "observer",
}


OF_DECIDING = {
    "CONVENER": "Its convener decides.",
    "MAJORITY": "By the majority of those who vote.",
    "CONSENT": "By consent: what nobody objects to.",
    "UNANIMITY": "All together, or not at all.",
}
OF_SHARED_EVENTS = {
    "PUBLIC": "An event shared with the alliance is for everybody to see.",
    "UNLISTED": "An event shared with the alliance is for whoever has its address.",
    "ALLIANCE": "An event shared with the alliance is for its members to see.",
}
OF_EDITING = {
    "NONE": "Who co-hosts an event changes nothing of it: only its host does.",
    "DETAILS": "Who co-hosts an event may change its words and details, and its host the rest.",
    "ALL": "Who co-hosts an event may change everything of it.",
}
OF_ATTENDEES = {
    "NONE": "Co-hosts learn nothing of who comes.",
    "AGGREGATE_ONLY": "Co-hosts learn how many come, and not who.",
    "REFERRED_ONLY": "Co-hosts learn who comes of those they brought, if they agreed.",
    "ALL_WITH_CONSENT": "Co-hosts learn who comes of those who agreed to it.",
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


def language(tag: str) -> str:
    """Its own name; the tag, where that is not known here."""
    known = LANGUAGES.get(tag) or LANGUAGES.get(tag.split("-")[0])
    return tag if known is None else known if tag in LANGUAGES else f"{known} ({tag})"


def when(starts: datetime, ends: datetime | None, *, all_day: bool) -> Markup:
    """`starts` and `ends` on the clocks of the place."""
    if all_day:
        last = (ends - timedelta(seconds=1)).date() if ends else starts.date()
        return day(starts.date()) + (" to " + day(last) if last > starts.date() else "")
    begins = day(starts.date()) + ", " + time_of(starts)
    if ends is None:
        return begins
    # A night that ends in the small hours is one evening to those who go.
    is_one_evening = ends - starts < timedelta(hours=24) and ends.hour < 6
    if ends.date() == starts.date() or is_one_evening:
        hours = Markup('<span class="hours">{0} to {1}</span>').format(
            time_of(starts), time_of(ends)
        )
        return day(starts.date()) + ", " + hours
    return begins + " to " + day(ends.date()) + ", " + time_of(ends)


def day(at: date) -> Markup:
    return Markup('<time datetime="{0}">{1}</time>').format(
        at.isoformat(), f"{DAYS[at.weekday()]}, {at.day} {at:%B %Y}"
    )


def brief(at: date) -> str:
    return f"{DAYS[at.weekday()][:3]} {at.day}"


def hours(starts: datetime, ends: datetime | None, *, all_day: bool) -> Markup:
    """As they stand in a list under their day."""
    if all_day:
        return Markup("All day")
    if ends is None or ends - starts >= timedelta(hours=24):
        return time_of(starts)
    return Markup("<span>{0}</span> <span>to {1}</span>").format(time_of(starts), time_of(ends))


def time_of(at: datetime) -> Markup:
    return Markup('<time datetime="{0}">{1}</time>').format(at.isoformat(), f"{at:%H:%M}")


def clocks(at: datetime) -> str:
    """Whose time it is: `Time of America/New_York (UTC-05:00)`."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    name = at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else ""
    return f"Time of {name} (UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"


def repeats(rrule: str) -> str | None:
    """The rule in words, where it is one that has short ones."""
    if not rrule:
        return None
    rule = parsed(rrule)
    if rule.months or rule.positions or rule.month_days or rule.week_numbers or rule.year_days:
        return None
    unit = _UNITS[rule.frequency]
    often = f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"
    days = [
        f"the {_WHICH[which]} {DAYS[day]}" if which else DAYS[day]
        for which, day in sorted(rule.weekdays, key=lambda each: each[1])
        if which in _WHICH or not which
    ]
    if len(days) < len(rule.weekdays):
        return None
    return f"Repeats {often}" + (f" on {joined(days)}" if days else "")


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
