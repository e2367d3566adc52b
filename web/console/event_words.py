"""What is set of an event, in words: for the page that shows it, for its form, and for a clash."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from languages import N_
from languages import gettext as _
from languages.dates import listed, number
from web.feeds.events import local
from web.feeds.words import lines_of
from web.pages import words
from web.pages.words import OF_ACCESS, day, language, repeats, time_of

OF_FIELD = {
    "title": N_("Title"),
    "summary": N_("In short"),
    "description": N_("At length"),
    "startsAt": N_("Starts"),
    "endsAt": N_("Ends"),
    "timeZone": N_("Time zone"),
    "allDay": N_("Whole days"),
    "recurrence": N_("Repeats"),
    "status": N_("Whether it takes place"),
    "attendanceMode": N_("How one takes part"),
    "place": N_("Place"),
    "onlineUrl": N_("Address online"),
    "accessibility": N_("For people with disabilities"),
    "causes": N_("Topics"),
    "languages": N_("Languages"),
    "isFree": N_("Cost"),
    "capacity": N_("How many fit"),
    "joinMode": N_("How one signs up"),
    "registrationUrl": N_("Where one signs up"),
    "contact": N_("Whom to ask"),
    "visibility": N_("Who sees it"),
    "translations": N_("Translations"),
    "image": N_("Picture"),
}
OF_VISIBILITY = {
    "PUBLIC": N_("Everybody; it stands in lists and searches"),
    "UNLISTED": N_("Whoever has its address; it stands in no list"),
    "ALLIANCE": N_("Members of the alliances it is shared with"),
    "ORGANIZATION": N_("Your organization, and those that host it with you"),
    "GROUP": N_("Members of its group, and your organization"),
    "PRIVATE": N_("Those who host it, and whoever is invited"),
}
OF_STATUS = {
    "SCHEDULED": N_("It takes place"),
    "TENTATIVE": N_("Not certain yet"),
    "POSTPONED": N_("Postponed, the new date is not known yet"),
    "RESCHEDULED": N_("Moved to another time"),
    "MOVED_ONLINE": N_("Moved online"),
    "CANCELLED": N_("Cancelled"),
}
OF_PUBLICATION = {
    "DRAFT": N_("Draft: only its hosts see it"),
    "PENDING_APPROVAL": N_("Waits for approval"),
    "PUBLISHED": N_("Published"),
    "ARCHIVED": N_("Kept for the record"),
    "REJECTED": N_("Not approved"),
}
OF_MODE = {
    "IN_PERSON": N_("At a place"),
    "ONLINE": N_("Online"),
    "HYBRID": N_("At a place or online"),
}
OF_JOINING = {
    "OPEN": N_("Whoever wants to"),
    "APPROVAL": N_("You approve each who signs up"),
    "INVITE": N_("By invitation"),
    "EXTERNAL": N_("Elsewhere, at an address that you give"),
    "NONE": N_("Nobody signs up; people just come"),
}
OF_PRECISION = {
    "PRECISE": N_("To the door"),
    "NEAR": N_("To about a kilometre, without the street"),
    "REGION": N_("The town or district alone"),
}
OF_REPEATING = {
    "once": N_("It takes place once"),
    "daily": N_("By the day"),
    "weekly": N_("By the week"),
    "weekday": N_("By the month, on the same weekday (like each second Saturday)"),
    "day": N_("By the month, on the same day (like each 14th)"),
    "kept": N_("As its rule says"),
}
OF_COST = {"": N_("Nobody said"), "yes": N_("It costs nothing"), "no": N_("It costs something")}
_NOTHING = N_("Nothing")


def in_words(name: str, value: Any, zone: str) -> Markup:
    """The value of a field, for somebody who reads; what people wrote is escaped, its lines kept."""
    if value is None or value in ("", [], {}):
        return Markup("{}").format(_(_NOTHING))
    said: Any = _SAID.get(name)
    if said is not None:
        return Markup("{}").format(said(value, zone))
    return Markup('<span class="words" lang="" dir="auto">{}</span>').format(value)


def _word(table: Mapping[Any, str]) -> Any:
    return lambda value, _zone: _(table[value])


def _moment(value: str, zone: str) -> Markup:
    at = local(value, zone)
    return words.put(_("%(day)s, %(time)s"), day=day(at.date()), time=time_of(at))


def _recurrence(value: Mapping[str, Any], _zone: str) -> str:
    rule = rule_in_words(value["rrule"])
    beside = len(value["dates"]), len(value["exceptions"])
    if not any(beside):
        return rule
    return _(
        "%(rule)s; dates besides: %(more)s, dates left out: %(fewer)s",
        rule=rule,
        more=number(beside[0]),
        fewer=number(beside[1]),
    )


def rule_in_words(rrule: str) -> str:
    return repeats(rrule) or rrule or _("On the dates given")


def rule_kept(filled: Mapping[str, str]) -> str:
    """The rule that the form keeps as it is."""
    found = re.search(r'"rrule": "([^"]*)"', filled.get("recurrence-kept", ""))
    return found[1] if found else ""


def _place(value: Mapping[str, Any], _zone: str) -> Markup:
    known: Any = value
    lines = Markup("<br>").join(lines_of(known))
    said = Markup('<span lang="" dir="auto">{}</span>').format(lines)
    if value.get("latitude") is not None:
        said += Markup('<br><bdi dir="ltr">{}, {}</bdi>').format(
            value["latitude"], value["longitude"]
        )
    return said + Markup('<br><span class="small">{}</span>').format(
        _(OF_PRECISION[value["precision"]])
    )


def _accessibility(value: Mapping[str, Any], _zone: str) -> Markup:
    own = [each for each in (value["notes"], *value["features"]) if each]
    said = Markup("{}").format(_(OF_ACCESS[value["status"]]))
    for each in own:
        said += Markup('<br><span lang="" dir="auto">{}</span>').format(each)
    return said


def _contact(value: Mapping[str, Any], _zone: str) -> Markup:
    return Markup("<br>").join(
        Markup('<bdi lang="">{}</bdi>').format(each) for each in value.values() if each
    )


def _translations(value: list[Mapping[str, Any]], _zone: str) -> Markup:
    return Markup("<br>").join(
        Markup('<b>{}</b>: <span class="words" lang="{}" dir="auto">{}</span>').format(
            language(one["language"]),
            one["language"],
            "\n".join(one[name] for name in ("title", "summary", "description") if one.get(name)),
        )
        for one in value
    )


_SAID: Mapping[str, Any] = {
    "startsAt": _moment,
    "endsAt": _moment,
    "allDay": lambda value, _zone: _("Yes") if value else _("No"),
    "recurrence": _recurrence,
    "status": _word(OF_STATUS),
    "attendanceMode": _word(OF_MODE),
    "place": _place,
    "accessibility": _accessibility,
    "causes": lambda value, _zone: listed([each.replace("-", " ") for each in value]),
    "languages": lambda value, _zone: listed([language(each) for each in value]),
    "isFree": _word({True: OF_COST["yes"], False: OF_COST["no"]}),
    "capacity": lambda value, _zone: number(value),
    "joinMode": _word(OF_JOINING),
    "contact": _contact,
    "visibility": _word(OF_VISIBILITY),
    "translations": _translations,
}
