"""Time zones to read an event in: one in each part of the world, where no script can ask the clock."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from markupsafe import Markup

from languages.names import city
from web.pages.words import when

# From west to east; whoever knows the name of another writes it behind `?zone=`.
OFFERED = (
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Mexico_City",
    "America/Chicago",
    "America/New_York",
    "America/Bogota",
    "America/Halifax",
    "America/Santiago",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Africa/Lagos",
    "Europe/Berlin",
    "Africa/Cairo",
    "Europe/Athens",
    "Africa/Nairobi",
    "Asia/Baghdad",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Jakarta",
    "Asia/Manila",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Pacific/Auckland",
)


def known(name: str | None) -> str | None:
    """The zone, where there is one of that name."""
    return name if name and name in available_timezones() else None


def there(starts: datetime, ends: datetime | None, zone: str) -> Markup:
    """The same moments on the clocks of that zone."""
    clock = ZoneInfo(zone)
    return when(starts.astimezone(clock), ends.astimezone(clock) if ends else None, all_day=False)


def offered() -> list[tuple[str, str]]:
    """Each with what it is called."""
    return [(name, city(name)) for name in OFFERED]
