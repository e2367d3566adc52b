"""What the pages of identity say of times and roles."""

from datetime import datetime, timedelta

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def ago(at: datetime | None, now: datetime) -> str:
    """As long ago as anybody cares about: nobody's time zone is known here."""
    if at is None:
        return "never"
    passed = now - at
    if passed < _HOUR:
        return "within the last hour"
    if passed < _DAY:
        return _counted(passed // _HOUR, "hour")
    if passed < 30 * _DAY:
        return _counted(passed // _DAY, "day")
    return f"on {day(at)}"


def used(at: datetime | None, now: datetime) -> str:
    return "never used" if at is None else f"last used {ago(at, now)}"


def role(name: str) -> str:
    return name.replace("_", " ").lower()


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
