"""The scalars of the contract: what each accepts, and the clear refusal it gives otherwise."""

import re
from datetime import UTC, date, datetime
from typing import Any, NewType
from zoneinfo import ZoneInfo

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain import texts
from domain.errors import BadInput, Invalid

URL = NewType("URL", str)
EmailAddress = NewType("EmailAddress", str)
Locale = NewType("Locale", str)
TimeZone = NewType("TimeZone", str)

# RFC 3339 s5.6; seconds may be left out, as in the forms browsers send.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
# RFC 5322 has more; what people really have fits this (WHATWG HTML s4.10.5.1.5).
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?",
    re.ASCII,
)


# Until then some countries' clocks were minutes and seconds apart from Greenwich, which RFC 3339
# cannot say. PostgreSQL's `convoke_moment` is the twin.
_WHOLE_MINUTES_SINCE = datetime(1972, 2, 1, tzinfo=UTC)


def in_whole_minutes(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment by the zone's clock; by UTC's where the zone's offset was no whole minute."""
    return at.astimezone(zone) if at >= _WHOLE_MINUTES_SINCE else at


def _written(at: datetime) -> str:
    """Seconds as far as they go: 18:00:00, 18:00:00.5, as PostgreSQL writes them."""
    whole = at.replace(microsecond=0).isoformat()
    if not at.microsecond:
        return whole
    return f"{whole[:19]}.{at.microsecond:06}".rstrip("0") + whole[19:]


def _read_datetime(value: Any) -> datetime:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise BadInput(
            "A DateTime is RFC 3339 with an offset, like 2026-11-20T18:00:00+01:00 or …Z."
        )
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{value} is no moment that exists.") from None


def _read_date(value: Any) -> date:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadInput("A Date is written like 2026-11-20.")


def _read_url(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("A URL is text that begins with https:// or http://.")
    return str(_checked(texts.web_address, value, "url"))


def _read_email(value: Any) -> str:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        raise BadInput("An EmailAddress looks like anna@pantry.example.")
    return value


def _read_locale(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("A Locale is a language tag (BCP 47), like en or pt-BR.")
    return str(_checked(texts.language, value, "language"))


def _read_time_zone(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("A TimeZone is an IANA name, like Europe/Berlin.")
    return str(_checked(texts.time_zone, value, "timeZone"))


def _checked(rule: Any, value: str, field: str) -> Any:
    try:
        return rule(value, (field,))
    except Invalid as refusal:
        raise BadInput(refusal.message) from None


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment: RFC 3339 with an offset. What an event says of its times is given in the event's own time zone; other moments in UTC.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_written,
        parse_value=_read_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day without a time: 2026-11-20.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=lambda value: value.isoformat(),
        parse_value=_read_date,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="A web address that begins with https:// or http://.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
        serialize=str,
        parse_value=_read_url,
    ),
    EmailAddress: strawberry.scalar(
        name="EmailAddress",
        description="An e-mail address: anna@pantry.example.",
        specified_by_url="https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address",
        serialize=str,
        parse_value=_read_email,
    ),
    Locale: strawberry.scalar(
        name="Locale",
        description="A language tag (BCP 47): en, pt-BR, ar.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc5646",
        serialize=str,
        parse_value=_read_locale,
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="A time zone by its IANA name: Europe/Berlin, America/Chicago.",
        specified_by_url="https://www.iana.org/time-zones",
        serialize=str,
        parse_value=_read_time_zone,
    ),
}
