"""What somebody typed into a form, read as the contract's values.

What cannot be read is said of its field, in words that say what would be. What may stand in a field
is the contract's to say; here is only how a day, a number or an address is written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import BadInput
from domain.texts import PAGE, available_zones
from languages import gettext as _
from languages.dates import number as spoken_number
from schema.scalars import SCALARS, URL, EmailAddress, Locale
from web.forms import Form

# No calendar is kept farther back, or planned farther ahead.
FIRST_YEAR, LAST_YEAR = 1970, 2200
_YEARS = {"first": str(FIRST_YEAR), "last": str(LAST_YEAR)}
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """A form, and what is wrong with it: by the name of the field, as `fields.html` shows it."""

    form: Form
    problems: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, said: str) -> None:
        self.problems.setdefault(name, said)

    def text(self, name: str) -> str | None:
        """None where nothing is there. Browsers end lines as telegraphs did (HTML s4.10.22.4)."""
        text = self.form.get(name, "").replace("\r\n", "\n").strip()
        if len(text) > PAGE:
            self.wrong(
                name,
                _("At most %(most)s letters fit here. Shorten it.", most=spoken_number(PAGE)),
            )
        return text or None

    def chosen(self, name: str, among: tuple[str, ...], default: str) -> str:
        """One of these words; what is none of them was not sent by a form of ours."""
        word = self.form.get(name, default)
        return word if word in among else default

    def is_ticked(self, name: str) -> bool:
        return bool(self.form.get(name))

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            self.wrong(name, _("Write a number, in figures: 40."))
            return None
        return int(text)

    def degrees(self, name: str) -> float | None:
        text = self.text(name)
        if text is None:
            return None
        if not _DEGREES.fullmatch(text):
            self.wrong(name, _("Write degrees as a number: 39.1653 or -86.5264."))
            return None
        return float(text.replace(",", "."))

    def day(self, name: str) -> date | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.wrong(name, _("Write the day like this: 2027-03-06."))
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.wrong(name, _("Choose a day from %(first)s to %(last)s.", **_YEARS))
            return None
        return day

    def clock(self, name: str) -> time | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            # Browsers send seconds where a time has some; an offset is no part of a clock.
            return time.fromisoformat(text).replace(tzinfo=None, microsecond=0)
        except ValueError:
            self.wrong(name, _("Write the time like this: 18:30."))
            return None

    def zone(self, name: str) -> ZoneInfo | None:
        text = self.text(name)
        if text not in available_zones():
            self.wrong(
                name,
                _("Choose the time zone of the place: one like Europe/Berlin or America/Chicago."),
            )
            return None
        return ZoneInfo(text)

    def web_address(self, name: str) -> str | None:
        return self._scalar(
            name, URL, lambda: _("A web address begins with https:// and has no spaces.")
        )

    def mail_address(self, name: str) -> str | None:
        return self._scalar(
            name, EmailAddress, lambda: _("An e-mail address looks like anna@pantry.example.")
        )

    def language(self, name: str) -> str | None:
        return self._scalar(name, Locale, lambda: _("Choose a language from the list."))

    def _scalar(self, name: str, kind: object, said: Callable[[], str]) -> str | None:
        text = self.text(name)
        read: Any = SCALARS[kind].parse_value
        try:
            return None if text is None else str(read(text))
        except BadInput:
            self.wrong(name, said())
            return text


def moment(day: date, clock: time, zone: ZoneInfo) -> str:
    """As the contract writes one. A clock time that happens twice is the first of the two."""
    return datetime.combine(day, clock, zone).isoformat()
