"""What the headers of another server's answer say: when to come back, and what to ask by next time."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

MOST_RETRY_AFTER_SECONDS = 3_600
_VALIDATOR = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,498}[\x21-\x7e])?", re.ASCII)


def validator(value: str | None) -> str | None:
    """An ETag or Last-Modified to send back one day: a line of plain letters, or none."""
    return value if value is not None and _VALIDATOR.fullmatch(value) else None


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """RFC 9110 s10.2.3: seconds, or a date, which is reckoned from the other server's own clock."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return min(int(value), MOST_RETRY_AFTER_SECONDS)
    until, now = _http_date(value), _http_date(headers.get("date", ""))
    if until is None or now is None or (until.tzinfo is None) != (now.tzinfo is None):
        return None
    return min(max(0, int((until - now).total_seconds())), MOST_RETRY_AFTER_SECONDS)


def _http_date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        return None
