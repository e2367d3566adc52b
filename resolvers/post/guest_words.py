"""What guests without an account are told: plain text, with the words of the event in it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.letter_texts import line
from domain.rsvps import (
    ACCEPTED,
    DECLINED,
    PENDING,
    TENTATIVE,
    WAITLISTED,
    Gathering,
    RsvpStatus,
    Wish,
)
from languages import N_, dates, ngettext
from languages import gettext as _

STANDS = {
    ACCEPTED: N_("You are expected"),
    TENTATIVE: N_("You may come; no place is kept for you"),
    DECLINED: N_("You are not expected"),
    PENDING: N_("The host has yet to say whether you can come"),
    WAITLISTED: N_(
        "All places are taken; you are in line, and will be written to when one is free"
    ),
    RsvpStatus.CANCELLED: N_("You are not expected"),
    RsvpStatus.REFUSED: N_("The host does not expect you"),
}
_WISHES = {
    ACCEPTED: N_("You wish to come to %(date)s, hosted by %(host)s."),
    TENTATIVE: N_("You wish perhaps to come to %(date)s, hosted by %(host)s."),
    DECLINED: N_("You wish not to come to %(date)s, hosted by %(host)s."),
}


def when(date: Gathering) -> str:
    return on_clocks(date.starts_at, date.time_zone, all_day=date.all_day)


def on_clocks(starts_at: datetime, time_zone: str, *, all_day: bool) -> str:
    """`Saturday, 6 March 2027, 09:00`"""
    at = starts_at.astimezone(ZoneInfo(time_zone))
    day = dates.weekday_and_day(at)
    return day if all_day else _("%(day)s, %(time)s", day=day, time=dates.clock(at))


def title_and_date(date: Gathering) -> str:
    """`“Food drive” on Saturday, 6 March 2027, 09:00`"""
    return _("“%(title)s” on %(date)s", title=line(date.title), date=when(date))


def stands(status: RsvpStatus, date: Gathering) -> str:
    return _("%(standing)s: %(date)s.", standing=_(STANDS[status]), date=title_and_date(date))


def wished(wish: Wish, date: Gathering) -> str:
    """What a guest is asked whether it is so."""
    said = _(_WISHES[wish.status], date=title_and_date(date), host=line(date.host_name))
    if wish.status is DECLINED or not wish.additional_guests:
        return said
    guests = ngettext(
        "%(num)s guest comes with you.", "%(num)s guests come with you.", wish.additional_guests
    )
    return f"{said} {guests}"


def to_confirm(date: Gathering, wish: Wish, agreed_with: list[str], link: str, days: int) -> str:
    """Nothing in it was written by whoever asked but the guests' number: a letter to a stranger's
    address must carry nobody else's words."""
    paragraphs = [_("Somebody, most likely you, gave this address to say:"), wished(wish, date)]
    if agreed_with:
        partners = dates.listed([line(each) for each in agreed_with])
        shared = _("Your name and address will be given to %(partners)s too.", partners=partners)
        paragraphs.append(shared)
    asked = ngettext(
        "Is that so? Confirm it here, within %(num)s day:",
        "Is that so? Confirm it here, within %(num)s days:",
        days,
    )
    paragraphs.append(f"{asked}\n{link}")
    paragraphs.append(_("If it was not you, do nothing: your address is used for nothing else."))
    return "\n\n".join(paragraphs) + "\n"
