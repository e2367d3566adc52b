"""Where a browser may be sent with a code or an error: exactly where the app said when it was registered.

RFC 6749 s3.1.2, RFC 9700 s2.1: the addresses are compared character by character, never parsed and
compared. The port of one on the person's own machine is the exception, because an app there takes
whichever is free (RFC 8252 s7.3).
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode, urlsplit

# `localhost` too: RFC 8252 s8.3 advises against it, and many apps use nothing else.
_LOOPBACK = re.compile(
    r"(?P<before>http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?(?P<after>/[!-~]*)?",
    re.ASCII,
)


def is_registered(address: str, registered: Iterable[str]) -> bool:
    known = set(registered)
    if address in known:
        return True
    asked = _without_port(address)
    return asked is not None and asked in {_without_port(one) for one in known}


def is_of_this_device(address: str) -> bool:
    """A page on the person's own machine, or an app there: any program may stand behind it."""
    return not address.startswith("https://")


def host_of(address: str) -> str:
    """What a person is told of it: the host, or the scheme that opens an app."""
    parts = urlsplit(address)
    return parts.hostname or f"{parts.scheme}:"


def with_answer(address: str, answer: Sequence[tuple[str, str | None]]) -> str:
    """With these behind what its query has already; those that are None are left out."""
    query = urlencode(
        [(name, value) for name, value in answer if value is not None], errors="replace"
    )
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _without_port(address: str) -> tuple[str, str] | None:
    shape = _LOOPBACK.fullmatch(address)
    if shape is None or "#" in address:
        return None
    return shape["before"], shape["after"] or ""
