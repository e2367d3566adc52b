"""What letters say of a date: how it stands, when it is, and what is otherwise than its reader knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.events import EventStatus
from domain.news_of_dates import Differs, Standing, differences
from domain.rsvps import CANCELLED, REFUSED, RsvpStatus
from languages import N_, dates
from languages import gettext as _

OF_STATUS = {
    EventStatus.SCHEDULED: N_("takes place"),
    EventStatus.TENTATIVE: N_("not certain yet"),
    EventStatus.POSTPONED: N_("postponed; the new date is not known yet"),
    EventStatus.RESCHEDULED: N_("takes place at another time"),
    EventStatus.MOVED_ONLINE: N_("takes place online"),
    EventStatus.CANCELLED: N_("called off"),
}
NOT_COMING = {
    CANCELLED: N_("You are not expected any more"),
    REFUSED: N_("The host does not expect you"),
    RsvpStatus.DECLINED: N_("You are not expected any more"),
    RsvpStatus.NEEDS_ACTION: N_("You are not expected any more"),
}


def changes(standing: Standing) -> Iterator[tuple[str, str, str]]:
    """What it is of, how it was, how it is."""
    told = standing.told
    if told is None:
        return
    for each in differences(standing):
        match each:
            case Differs.STATUS:
                before, now = _(OF_STATUS[told.date_status]), _(OF_STATUS[standing.date_status])
                yield _("State"), before, now
            case Differs.TITLE:
                yield _("Title"), told.title, standing.title
            case Differs.TIME:
                yield _("When"), when(standing, told.starts_at, told.ends_at), when_of(standing)
            case Differs.PLACE:
                yield _("Where"), told.place or _("not known"), standing.place or _("not known yet")
            case Differs.ONLINE:
                offline = _("not online")
                yield _("Online"), told.online_url or offline, standing.online_url or offline


def when_of(standing: Standing) -> str:
    return when(standing, standing.starts_at, standing.ends_at)


def when(standing: Standing, starts_at: datetime, ends_at: datetime | None) -> str:
    """On the clocks of the place, which are named: `Saturday, 6 March 2027, 09:00 to 11:00
    (America/New_York)`."""
    zone = ZoneInfo(standing.time_zone)
    starts = starts_at.astimezone(zone)
    day = dates.weekday_and_day(starts)
    if standing.all_day:
        last = (ends_at - timedelta(seconds=1)).astimezone(zone) if ends_at else starts
        return day if last.date() <= starts.date() else _from_to(day, dates.weekday_and_day(last))
    if ends_at is None:
        said = _at(day, dates.clock(starts))
    elif (ends := ends_at.astimezone(zone)).date() == starts.date():
        said = _at(day, _from_to(dates.clock(starts), dates.clock(ends)))
    else:
        until = _at(dates.weekday_and_day(ends), dates.clock(ends))
        said = _from_to(_at(day, dates.clock(starts)), until)
    return f"{said} ({standing.time_zone})"


def _at(day: str, time: str) -> str:
    return _("%(day)s, %(time)s", day=day, time=time)


def _from_to(first: str, last: str) -> str:
    return _("%(first)s to %(last)s", first=first, last=last)
