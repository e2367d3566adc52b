"""What the pages of identity say of times and roles."""

from datetime import datetime, timedelta

from auth.team_words import NAMES
from domain.actors import TeamRole
from languages import dates, ngettext
from languages import gettext as _

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def day(at: datetime) -> str:
    return dates.day(at)


def ago(at: datetime | None, now: datetime) -> str:
    """As long ago as anybody cares about: nobody's time zone is known here."""
    if at is None:
        return _("never")
    passed = now - at
    if passed < _HOUR:
        return _("within the last hour")
    if passed < _DAY:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", passed // _HOUR)
    if passed < 30 * _DAY:
        return ngettext("%(num)s day ago", "%(num)s days ago", passed // _DAY)
    return _("on %(day)s", day=day(at))


def used(at: datetime | None, now: datetime) -> str:
    return _("never used") if at is None else _("last used %(ago)s", ago=ago(at, now))


def role(name: str) -> str:
    return _(NAMES[TeamRole(name)])
